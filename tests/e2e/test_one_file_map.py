"""What a user sees on opening the one-file map from a USB stick: everything, and no request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo_risk import catalogue
from geo_risk.errors import Text
from geo_risk.render.one_file import MapLayer, one_file_map

pytestmark = pytest.mark.browser
VENDOR = Path(__file__).parents[2] / "web" / "geo_risk_web" / "static" / "vendor" / "leaflet"
HOSTILE = [
    "{{ 7*7 }}<img src=x onerror=alert(1)>",
    "{% raw %}</script><script>alert(2)</script>",
    "{# 注释 #} & \u2028 ${1+1} \\u007b",
]
TOWNS = {
    "凤里街道": (118.652, 24.738), "湖滨街道": (118.636, 24.728), "灵秀镇": (118.635, 24.752),
    "宝盖镇": (118.665, 24.715), "蚶江镇": (118.675, 24.79), "祥芝镇": (118.725, 24.77),
    "鸿山镇": (118.735, 24.73), "锦尚镇": (118.722, 24.703), "永宁镇": (118.695, 24.675),
}  # fmt: skip
GRADES = ["red", "orange", "yellow", "blue", "no_data"]
NOTICE = Text("演示数据：企业为模拟生成", "Demo data: the enterprises are synthetic")


def row(layer: str, number: int, name: str, geometry: Any, **values: Any) -> dict[str, Any]:
    return {
        "id": f"{layer}-{number}", "name": name, "version": 1, "batch": "b1", "source": "s",
        "source_key": f"k{number}", "datum_in": "wgs84", "position_in": None, "level": "point",
        "updated_at": "2026-11-23T00:00:00Z", "uncertainty_m": 5.0,
        "geom": None if geometry is None else shapely.to_wkb(geometry), **values,
    }  # fmt: skip


def town_shapes() -> tuple[Any, list[Any]]:
    centres = shapely.MultiPoint(list(TOWNS.values()))
    city = shapely.buffer(shapely.convex_hull(centres), 0.025, quad_segs=6)
    cells = shapely.get_parts(shapely.voronoi_polygons(centres, extend_to=city))
    ordered = [next(c for c in cells if c.contains(shapely.Point(p))) for p in TOWNS.values()]
    return city, [shapely.intersection(cell, city) for cell in ordered]


def enterprises(n: int, names: list[str]) -> list[dict[str, Any]]:
    city, _ = town_shapes()
    random = np.random.default_rng(20)
    places = np.array(list(TOWNS.values()))[random.integers(0, 9, n)]
    places = places + random.normal(0, 0.011, (n, 2))
    rows = []
    for i in range(n):
        point = shapely.Point(places[i])
        point = point if city.contains(point) else city.centroid
        grade = GRADES[min(4, int(random.choice(5, p=[0.03, 0.12, 0.35, 0.42, 0.08])))]
        reasons = [
            {"code": "lec", "zh": f"D = L 3 × E 6 × C 15 = {i % 400}",
             "en": f"D = L 3 × E 6 × C 15 = {i % 400}", "clause": "LEC", "inputs": {}},
        ]  # fmt: skip
        rows.append(
            row(
                "enterprises", i, names[i] if i < len(names) else f"锦尚某某染整有限公司{i}号",
                point, grade=grade, score=270.0, profile="p", reasons=json.dumps(reasons),
                address=names[0] if i == 0 else f"石狮市锦尚镇工业区东路{i}号", town="350581106",
                people=i, synthetic=True, scale="small", phone="13800000000",
            )
        )  # fmt: skip
    return rows


def demo_layers(n: int = 400) -> list[MapLayer]:
    city, cells = town_shapes()
    towns = [
        row(
            "towns",
            i,
            name,
            cell,
            code=f"35058110{i}",
            grade=GRADES[i % 5],
            score=None,
            profile="",
            reasons="[]",
        )
        for i, (name, cell) in enumerate(zip(TOWNS, cells, strict=True))
    ]
    whole = row("city", 0, "石狮市", city, grade="orange", score=None, profile="", reasons="[]")
    line = shapely.LineString([(118.63, 24.75), (118.66, 24.73), (118.70, 24.71), (118.73, 24.70)])
    cross = shapely.LineString([(118.64, 24.69), (118.665, 24.73), (118.69, 24.80)])
    roads = [row("roads", 0, "石永路", line), row("roads", 1, "石锦路", cross)]
    plant = shapely.box(118.716, 24.699, 118.719, 24.7015)
    made = enterprises(n, HOSTILE)
    made.append(row("enterprises", n, "未定位企业", None, grade="blue", reasons="[]"))
    made[5]["geom"] = shapely.to_wkb(plant)
    layers = {"city": [whole], "towns": towns, "roads": roads, "enterprises": made}
    return [MapLayer(catalogue.layer(name), rows) for name, rows in layers.items()]


def page_text(lang: Any, layers: list[MapLayer]) -> str:
    if not VENDOR.is_dir():
        pytest.skip("Leaflet is not installed: npm ci in web/")
    title = Text("石狮市安全风险一张图", "Shishi safety risk map")
    return one_file_map(layers, title=title, notice=NOTICE, lang=lang, vendor=VENDOR)


class Opened:
    """A page opened from a file, with every request, dialog and error it made."""

    def __init__(self, browser: Any, path: Path, width: int = 1280, height: int = 800) -> None:
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.errors: list[str] = []
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.set_default_timeout(10_000)
        self.page.goto(path.as_uri())
        assert not self.errors, self.errors
        self.page.wait_for_function("document.querySelector('.legend .total')?.textContent")

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def quiet(self) -> bool:
        return len(self.requests) == 1 and not self.dialogs and not self.errors


@pytest.fixture(scope="module")
def zh_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "石狮.html"
    path.write_text(page_text("zh", demo_layers()), "utf-8")
    return path


def card_of(opened: Opened, words: str) -> Any:
    opened.page.fill("input[type=search]", words)
    opened.page.keyboard.press("Enter")
    return opened.page.locator(".card")


def test_the_file_opens_alone_and_asks_for_nothing(chromium: Any, zh_file: Path) -> None:
    opened = Opened(chromium, zh_file)
    opened.page.keyboard.press("Tab")
    opened.page.mouse.wheel(0, -300)
    opened.page.wait_for_timeout(300)
    assert opened.requests == [zh_file.as_uri()]
    assert opened.errors == []
    assert opened.page.title() == "石狮市安全风险一张图"
    assert opened.page.locator("footer .notice").text_content() == NOTICE["zh"]
    assert opened.page.evaluate("document.documentElement.lang") == "zh-CN"


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_hostile_name_is_shown_as_it_is(chromium: Any, zh_file: Path, number: int) -> None:
    opened = Opened(chromium, zh_file)
    card = card_of(opened, f"enterprises-{number}")
    assert card.locator(".name").text_content() == HOSTILE[number]
    if number == 0:
        assert HOSTILE[0] in card.locator("dl").text_content()
    assert opened.page.locator("main img").count() == 0
    assert opened.quiet()


def painted(opened: Opened, colour: tuple[int, int, int]) -> int:
    """How many points of the map's canvas have exactly this colour."""
    return int(
        opened.page.evaluate(
            """([r, g, b]) => { const c = document.querySelector("canvas");
            const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
            let n = 0; for (let i = 0; i < d.length; i += 4)
              if (d[i] === r && d[i+1] === g && d[i+2] === b) n++; return n; }""",
            list(colour),
        )
    )


def test_the_legend_counts_and_filters(chromium: Any, zh_file: Path) -> None:
    opened = Opened(chromium, zh_file)
    yellow = (0xFF, 0xE9, 0x5C)
    opened.page.locator("[data-layer=towns]").uncheck()
    rows = enterprises(400, HOSTILE)
    counts = {g: sum(r["grade"] == g for r in rows) for g in GRADES}
    button = opened.page.locator("[data-grade=yellow]")
    assert button.locator(".count").text_content() == str(counts["yellow"])
    before = painted(opened, yellow)
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert before > 1000
    assert painted(opened, yellow) == 0
    assert f"显示 {401 - counts['yellow']} / 401" in opened.page.locator(".total").text_content()
    button.click()
    assert painted(opened, yellow) == before


def test_search_finds_a_name_and_opens_its_card_with_the_reasons(
    chromium: Any, zh_file: Path
) -> None:
    opened = Opened(chromium, zh_file)
    card = card_of(opened, "染整有限公司77号")
    assert card.locator(".name").text_content() == "锦尚某某染整有限公司77号"
    assert "D = L 3 × E 6 × C 15 = 77 [LEC]" in card.locator(".why").text_content()
    assert "小型" in card.locator("dl").text_content()
    assert "鸿山镇" in card.locator("dl").text_content()
    opened.page.keyboard.press("Escape")
    assert card.is_hidden()
    assert "未定位" in (card_of(opened, "未定位企业").text_content() or "")


def test_a_click_on_a_mark_opens_its_card(chromium: Any, zh_file: Path) -> None:
    opened = Opened(chromium, zh_file)
    card_of(opened, "染整有限公司77号")
    opened.page.keyboard.press("Escape")
    box = opened.page.locator("main").bounding_box()
    opened.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert opened.page.locator(".card .name").text_content().startswith("锦尚某某染整")


def test_a_layer_is_switched_off(chromium: Any, zh_file: Path) -> None:
    opened = Opened(chromium, zh_file)
    opened.page.locator("[data-layer=enterprises]").uncheck()
    assert opened.page.locator(".total").text_content() == "显示 0 / 0 项"
    assert opened.page.locator(".label").count() == len(TOWNS)


@pytest.mark.parametrize(("lang", "width"), [("zh", 390), ("en", 390), ("en", 1280)])
def test_nothing_sticks_out_on_a_phone_or_a_desk(
    chromium: Any, tmp_path: Path, lang: str, width: int
) -> None:
    path = tmp_path / f"{lang}.html"
    path.write_text(page_text(lang, demo_layers()), "utf-8")
    opened = Opened(chromium, path, width, 844 if width < 500 else 800)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    names = opened.page.locator(".legend button").all_text_contents()
    assert ("Considerable" if lang == "en" else "较大") in names[1]
    card = card_of(opened, "染整有限公司77号")
    box = card.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert opened.quiet()


def test_ten_thousand_points_stay_small_and_open_fast(chromium: Any, tmp_path: Path) -> None:
    spec = catalogue.layer("enterprises")
    path = tmp_path / "many.html"
    path.write_text(page_text("zh", [MapLayer(spec, enterprises(10_000, HOSTILE))]), "utf-8")
    assert path.stat().st_size < 4_000_000
    opened = Opened(chromium, path)
    assert opened.page.evaluate("performance.now()") < 8_000
    assert "/ 10000" in opened.page.locator(".total").text_content()
