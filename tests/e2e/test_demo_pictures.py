"""The demo city as its mayor would see it: pictures in both languages, dark, and on a phone.

The pictures land in GEO_RISK_PICTURES where that is set (`make pictures` sets it to docs/images),
else in a temporary folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely

from geo_risk.services import demo, exports, stores
from geo_risk.store import Query
from tests.e2e.pixels import pixels
from tests.e2e.serving import serving

pytestmark = pytest.mark.browser
VIEWS = {
    "map-zh": ("?lang=zh", 1440, 900, "light"),
    "map-en": ("?lang=en", 1440, 900, "light"),
    "map-dark": ("?lang=zh", 1440, 900, "dark"),
    "phone-zh": ("?lang=zh", 390, 844, "light"),
}
HOUSE = (0xE6, 0xE4, 0xDF)
GRADE_COLOURS = {(0xA5, 0x0F, 0x15), (0xF5, 0x7C, 0x00), (0xFF, 0xE9, 0x5C), (0x2B, 0x6C, 0xB8)}


@pytest.fixture(scope="module")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.gpkg"
    demo.build(str(path))
    return path


@pytest.fixture(scope="module")
def demo_url(demo_store: Path) -> Iterator[str]:
    with serving(str(demo_store)) as url:
        yield url


def _folder(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("GEO_RISK_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _painted(page, png: bytes) -> set[tuple[int, int, int]]:
    """Which grade colours a picture holds, read by the browser itself."""
    import base64

    pixels = page.evaluate(
        """async data => {
          const bitmap = await createImageBitmap(await (await fetch(data)).blob());
          const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
          const context = canvas.getContext('2d');
          context.drawImage(bitmap, 0, 0);
          const raw = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
          const seen = new Set();
          for (let i = 0; i < raw.length; i += 4) seen.add(`${raw[i]},${raw[i+1]},${raw[i+2]}`);
          return [...seen];
        }""",
        "data:image/png;base64," + base64.b64encode(png).decode(),
    )
    return {tuple(map(int, pixel.split(","))) for pixel in pixels} & GRADE_COLOURS


@pytest.mark.parametrize("name", VIEWS)
def test_the_demo_map_is_painted_in_its_four_colours(
    chromium, demo_url: str, tmp_path: Path, name: str
) -> None:
    query, width, height, scheme = VIEWS[name]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(demo_url + query)
    page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
    page.wait_for_timeout(1500)
    png = page.screenshot(path=_folder(tmp_path) / f"{name}.png")
    blank = chromium.new_page()
    assert _painted(blank, png) == GRADE_COLOURS
    blank.close()
    context.close()


@pytest.mark.parametrize(
    ("name", "lang", "plan", "said"),
    [
        (
            "plan-cameras-zh",
            "zh",
            "cameras",
            ["在生成路网上的方法演示", "各镇，等级高的在前", "圆圈"],
        ),
        ("plan-centres-en", "en", "centres", ["method demonstration on generated roads", "Proof"]),
    ],
)
def test_the_demo_shows_each_plan_with_its_curve_and_its_proof(
    chromium, demo_url: str, tmp_path: Path, name: str, lang: str, plan: str, said: list[str]
) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 1000}, reduced_motion="reduce")
    page.goto(f"{demo_url}?lang={lang}#plans=all")
    page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
    page.locator(f"[data-plan^={plan}]").click()
    page.wait_for_selector("#card .curve")
    card = page.locator("#card").inner_text()
    assert all(text in card for text in said)
    assert page.locator("#card .proof").inner_text()
    page.locator("[data-close=plans]").click()
    page.wait_for_timeout(2500)
    page.screenshot(path=_folder(tmp_path) / f"{name}.png")
    page.close()


def test_the_one_file_map_of_the_demo(chromium, demo_store: Path, tmp_path: Path) -> None:
    store = stores.open_store(str(demo_store))
    out = tmp_path / "shishi.html"
    assert exports.one_file_page(store, out) > 1000
    store.close()
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(out.as_uri())
    page.wait_for_function("document.querySelector('.legend .total')?.textContent")
    page.screenshot(path=_folder(tmp_path) / "one-file-map.png")
    assert requests == [out.as_uri()]
    page.close()


@pytest.mark.parametrize(
    ("lang", "at", "grade", "said"),
    [
        ("zh", "hazard_sources/WX003", "yellow", ["重大危险源级别", "三级"]),
        ("en", "hazard_sources/WX003", "yellow", ["Level of major hazard source", "Level 3"]),
        ("zh", "risk_points/FX0126", "yellow", ["登记等级", "低(蓝)，与计算不一致"]),
    ],
)
def test_the_card_tells_level_and_declared_grade_apart_from_the_colour(
    chromium, demo_url: str, lang: str, at: str, grade: str, said: list[str]
) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{demo_url}?lang={lang}#at={at}")
    page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
    page.wait_for_selector("#card:not([hidden]) .apart")
    assert page.locator("#card .badge").get_attribute("data-grade") == grade
    assert all(text in page.locator("#card .apart").inner_text() for text in said)
    page.close()


def test_houses_are_grey_ground_when_near_and_a_click_falls_through_them(
    chromium, demo_store: Path, demo_url: str
) -> None:
    store = stores.open_store(str(demo_store))
    wkb = [row["geom"] for row in store.features(Query("buildings"))]
    marked = [row["geom"] for row in store.features(Query("enterprises"))]
    store.close()
    houses, marks = shapely.from_wkb(wkb), shapely.STRtree(shapely.from_wkb(marked))
    alone = houses[shapely.distance(houses, marks.geometries[marks.nearest(houses)]).argmax()]
    at = f"{alone.centroid.y:.6f}/{alone.centroid.x:.6f}"
    asked: dict[int, list[str]] = {}
    for zoom in (13, 18):
        page = chromium.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        tiles = asked.setdefault(zoom, [])
        page.on("request", lambda request, seen=tiles: seen.append(request.url))
        page.goto(f"{demo_url}?lang=zh#view={zoom}/{at}")
        page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
        page.wait_for_timeout(2000)
        if zoom == 18:
            drawn = pixels(page, HOUSE)
            box = page.locator("#map").bounding_box()
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_selector("#card:not([hidden])")
            assert "建筑" not in page.locator("#card .drawer-head").inner_text()
            page.locator("#card button.icon").first.click()
            page.locator("[data-layer=buildings]").uncheck()
            page.wait_for_timeout(1000)
            assert pixels(page, HOUSE) < drawn / 10
        page.close()
    assert drawn > 1000
    ours = {zoom: sum("/buildings/tiles/" in url for url in urls) for zoom, urls in asked.items()}
    assert ours[13] == 0
    assert ours[18] > 0
