"""A city adds a layer by one file; a file that breaks the rules is refused by name, key and fix."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from geo_risk import catalogue
from geo_risk.errors import CatalogueError, NotFoundError
from geo_risk.services import explaining, imports
from geo_risk.store import Query, open_store

ELEVATORS = """
id = "elevators"
title = { zh = "电梯", en = "Elevators" }
geometry = ["point"]
fields = ["code", "name", "address", "town"]
order = 45

[[field]]
name = "maker"
type = "text"
label = { zh = "制造单位", en = "Maker" }
synonyms = ["制造单位", "maker"]

[[field]]
name = "floors"
type = "integer"
label = { zh = "层数", en = "Floors" }
synonyms = ["层数"]
minimum = 1
"""


def _folder(tmp_path: Path, text: str = ELEVATORS, file: str = "elevators.toml") -> Path:
    folder = tmp_path / "layers"
    folder.mkdir(exist_ok=True)
    (folder / file).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "key", "fix"),
    [
        ("order = 45", "ordr = 45", "ordr", "order"),
        ("order = 45", 'order = "45"', "order", "100"),
        ("order = 45", "shown = 1", "shown", "True"),
        ("order = 45", 'grader = "guess"', "grader", "lec"),
        ("order = 45", 'placement = "somehow"', "placement", "optional"),
        ("order = 45", 'position_access = "all"', "position_access", "public"),
        ("order = 45", 'parent = "houses"', "parent", "enterprises"),
        ("order = 45", 'key_fields = ["serial"]', "fields", "maker"),
        ('id = "elevators"', 'id = "lifts"', "id", "elevators"),
        ('geometry = ["point"]', 'geometry = ["circle"]', "geometry", "outline"),
        ('"address", "town"]', '"adress", "town"]', "fields", "address"),
        ('"code", "name"', '"code", "code", "name"', "fields", ""),
        ('"code", "name", ', '"code", ', "fields", ""),
        ('title = { zh = "电梯", en = "Elevators" }', 'title = "电梯"', "title", "zh"),
        ('title = { zh = "电梯", en = "Elevators" }', "", "title", "title"),
        ('name = "floors"', 'name = "version"', "field version.name", ""),
        ('name = "floors"', 'name = "Floors; --"', "field Floors; --.name", ""),
        ('type = "integer"', 'type = "float"', "field floors.type", "integer"),
        ('type = "integer"', 'type = "enum"', "field floors.choices", "choices"),
        ("minimum = 1", "minimun = 1", "field floors.minimun", "minimum"),
        ("minimum = 1", 'access = "secret"', "field floors.access", "restricted"),
        ("order = 45", "order = ", "TOML", ""),
    ],
)
def test_a_broken_layer_file_is_refused(
    tmp_path: Path, old: str, new: str, key: str, fix: str
) -> None:
    assert old in ELEVATORS
    folder = _folder(tmp_path, ELEVATORS.replace(old, new, 1))
    with pytest.raises(CatalogueError) as caught:
        catalogue.read_layers([catalogue.shipped("layers"), folder])
    error = caught.value
    assert error.where == f"elevators.toml: {key}"
    assert error.code == "layer_invalid"
    for lang in ("zh", "en"):
        assert error.message[lang]
        assert error.fix[lang]
    assert fix in error.fix["en"]


def test_a_layer_declared_twice_is_refused(tmp_path: Path) -> None:
    text = ELEVATORS.replace("elevators", "roads")
    folder = _folder(tmp_path, text, "roads.toml")
    with pytest.raises(CatalogueError) as caught:
        catalogue.read_layers([catalogue.shipped("layers"), folder])
    assert caught.value.got == "roads"
    assert "roads.toml" in caught.value.where


def test_the_shipped_layers_are_those_of_the_demo() -> None:
    known = catalogue.layers()
    wanted = [
        "enterprises",
        "hazard_sources",
        "risk_points",
        "hidden_dangers",
        "targets",
        "facilities",
        "cameras",
        "addresses",
        "villages",
        "towns",
        "city",
    ]
    assert set(wanted) <= set(known)
    assert [spec.order for spec in known.values()] == sorted(s.order for s in known.values())
    for spec in known.values():
        assert all(spec.title.values())
        assert spec.fields
        for field in spec.fields:
            assert re.search("[一-鿿]", field.label["zh"]), (spec.id, field.name)
            assert field.label["en"].isascii(), (spec.id, field.name)
    for layer in ("enterprises", "hazard_sources", "targets"):
        assert {"point", "outline"} <= set(known[layer].geometry)
    with pytest.raises(NotFoundError):
        catalogue.layer("elevators")


def test_a_city_adds_a_layer_by_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, rows = str(tmp_path / "city.gpkg"), tmp_path / "电梯.csv"
    rows.write_text(
        "编号,名称,经度,纬度,制造单位,层数\n"
        "DT1,示例一号梯,118.65,24.73,某厂,18\n"
        "DT2,示例二号梯,118.66,24.74,某厂,0\n",
        "utf-8",
    )
    open_store(target, create=True).close()
    monkeypatch.setenv("GEO_RISK_LAYERS_DIR", str(_folder(tmp_path)))
    store = open_store(target)
    report = imports.import_file(store, rows, "elevators", "wgs84")
    assert (report.rows, report.stored, report.rejected) == (2, 1, 1)
    assert report.rejects[0].field == "floors"
    box = (118.6, 24.7, 118.7, 24.8)
    found = list(store.features(Query("elevators", bbox=box)))
    assert [(row["id"], row["maker"], row["floors"]) for row in found] == [("DT1", "某厂", 18)]
    assert explaining.explain(store, "elevators", "DT1")["reasons"] == []
    store.close()

    more = ELEVATORS + '\n[[field]]\nname = "load_kg"\ntype = "number"\n'
    more += 'label = { zh = "载重", en = "Load" }\nsynonyms = ["载重"]\nunit = "kg"\n'
    second = tmp_path / "second"
    second.mkdir()
    monkeypatch.setenv("GEO_RISK_LAYERS_DIR", str(_folder(second, more)))
    rows.write_text("编号,名称,经度,纬度,载重\nDT3,示例三号梯,118.65,24.73,1050.5\n", "utf-8")
    store = open_store(target)
    imports.import_file(store, rows, "elevators", "wgs84")
    loads = {row["id"]: row["load_kg"] for row in store.features(Query("elevators"))}
    assert loads == {"DT1": None, "DT3": 1050.5}
    store.close()
