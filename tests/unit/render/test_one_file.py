"""The one-file map as text: hostile names stay data, and the same rows give the same file."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo_risk import catalogue
from geo_risk.errors import StoreError, Text
from geo_risk.render.one_file import MapLayer, one_file_map
from geo_risk.render.palette import css, palette_json
from geo_risk.vocabulary import GRADES

HOSTILE = [
    "{{ 7*7 }}<img src=x onerror=alert(1)>",
    "{% raw %}{% endraw %}{# x #}",
    "</script><script>alert(1)</script><!--",
    "\u2028\u2029\\u007b\"'`${x}",
    "{{ cycler.__init__.__globals__.os.getpid() }}",
]


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    (tmp_path / "leaflet.js").write_text("/*</script>*/window.L={};//# sourceMappingURL=x.map")
    (tmp_path / "leaflet.css").write_text(
        ".a{color:red;background-image: url(images/layers.png);width:1px}"
        "\n.v{behavior: url(#default#VML);}"
    )
    return tmp_path


def hostile_row(number: int, text: str, **values: Any) -> dict[str, Any]:
    texts = {
        field.name: text
        for field in catalogue.layer("enterprises").fields
        if field.type in ("text", "tags", "credit_code")
    }
    reasons = json.dumps([{"code": text, "zh": text, "en": text, "clause": text, "inputs": {}}])
    point = shapely.to_wkb(shapely.Point(118.65, 24.73))
    identity = {"id": text or str(number), "level": "point", "grade": "red", "geom": point}
    return {**texts, **identity, "reasons": reasons, **values}


def page(vendor: Path, rows: list[dict[str, Any]], layer: str = "enterprises", **more: Any) -> str:
    text = Text(HOSTILE[0], HOSTILE[0])
    layers = [MapLayer(catalogue.layer(layer), rows)]
    options: dict[str, Any] = {"title": text, "notice": text, "lang": "zh", **more}
    return one_file_map(layers, vendor=vendor, **options)


class Reader(HTMLParser):
    """Counts the elements of a page and keeps the text of the data literal."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.data = ""
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside = ("id", "data") in attrs

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.data += data


def read(text: str) -> tuple[list[str], dict[str, Any]]:
    reader = Reader()
    reader.feed(text)
    return reader.tags, dict(json.loads(reader.data))


def test_hostile_text_changes_nothing_but_the_literal(vendor: Path) -> None:
    calm = page(vendor, [hostile_row(i, f"企业{i}") for i in range(len(HOSTILE))])
    wild = page(vendor, [hostile_row(i, text) for i, text in enumerate(HOSTILE)])
    assert read(wild)[0] == read(calm)[0]
    assert read(wild)[1]["layers"][0]["names"] == HOSTILE
    assert read(wild)[1]["layers"][0]["reasons"]["values"][0] == [f"{HOSTILE[0]} [{HOSTILE[0]}]"]
    without = re.compile(r'<script type="application/json" id="data">[^<]*</script>')
    assert without.sub("", wild) == without.sub("", calm)


def test_a_second_pass_through_jinja_changes_nothing_in_the_literal(vendor: Path) -> None:
    import jinja2

    text = page(vendor, [hostile_row(i, name) for i, name in enumerate(HOSTILE)])
    literal = re.search(r'id="data">([^<]*)</script>', text)
    assert literal
    assert jinja2.Template(literal[1]).render() == literal[1]


def test_nothing_in_the_file_points_outside(vendor: Path) -> None:
    text = page(vendor, [])
    assert "url(" not in text
    assert "sourceMappingURL" not in text
    assert "default-src 'none'" in text
    assert not re.search(r"<(link|img|iframe|script[^>]*src)", text)
    assert ".a{color:red;width:1px}" in text


def test_the_same_rows_give_the_same_file(vendor: Path) -> None:
    rows = [hostile_row(i, f"企业{i}") for i in range(5)]
    assert page(vendor, rows) == page(vendor, rows)


def test_contacts_never_reach_the_file_unasked(vendor: Path) -> None:
    row = hostile_row(1, "企业", phone="13812345678", responsible="张三", credit_code="91350581X")
    text = page(vendor, [row])
    assert "13812345678" not in text
    assert "张三" not in text
    assert "91350581X" in text
    assert "91350581X" not in page(vendor, [row], access=("public",))


def test_exact_places_of_hazard_sources_never_reach_the_file_unasked(vendor: Path) -> None:
    row = hostile_row(1, "储罐", geom=shapely.to_wkb(shapely.Point(118.654321, 24.734567)))
    text = page(vendor, [row], "hazard_sources")
    assert "118.654" not in text
    assert read(text)[1]["layers"][0]["places"] == [118.65, 24.73]
    exact = page(vendor, [row], "hazard_sources", access=("public", "internal", "restricted"))
    assert read(exact)[1]["layers"][0]["places"] == [118.654321, 24.734567]


def test_the_page_speaks_the_language_asked_for(vendor: Path) -> None:
    row = hostile_row(1, "企业", scale="small")
    for lang, word in (("zh", "小型"), ("en", "Small")):
        layer = read(page(vendor, [row], lang=lang))[1]["layers"][0]
        scale = next(column for column in layer["columns"] if column["name"] == "scale")
        assert scale["values"] == [word]
        assert layer["title"] == catalogue.layer("enterprises").title[lang]  # type: ignore[index]


def test_a_missing_library_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        page(tmp_path, [])
    assert error.value.code == "leaflet_missing"
    assert "leaflet" in error.value.where


def test_every_grade_is_in_the_palette_with_shape_and_letter() -> None:
    table = json.loads(palette_json())
    assert [g["grade"] for g in table["grades"]] == [str(grade) for grade in GRADES]
    assert len({g["shape"] for g in table["grades"]}) == len(GRADES)
    assert set(table["base"]["light"]) == set(table["base"]["dark"])
    assert "--grade-red: #a50f15;" in css()


def test_a_town_is_filled_by_its_index_and_badged_by_its_worst(vendor: Path) -> None:
    area = shapely.to_wkb(shapely.box(118.6, 24.7, 118.7, 24.8))
    layer = read(page(vendor, [hostile_row(1, "镇", geom=area, fill="yellow")], "towns"))[1]
    found = layer["layers"][0]
    assert (found["fills"]["values"], found["grades"]["values"]) == (["yellow"], ["red"])
    assert [kind for _, kind, _ in found["shapes"]] == ["area"]
