"""People counted in the register go into the grade, and follow the register."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geo_risk.errors import ConflictError
from geo_risk.services import explaining, grading, imports, verifying, what_if
from geo_risk.services.imports import import_file
from geo_risk.store import Store, open_store

LAT_M = 1 / 110_780.0
ROOT = Path(__file__).parents[3]


def square(lon: float, lat: float, half_deg: float = 0.0005) -> list[list[list[float]]]:
    west, east, south, north = lon - half_deg, lon + half_deg, lat - half_deg, lat + half_deg
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def write(path: Path, *features: tuple[dict[str, Any], dict[str, Any]]) -> Path:
    body = [
        {"type": "Feature", "geometry": shape, "properties": facts} for shape, facts in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": body}), "utf-8")
    return path


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(tmp_path / "city.gpkg"), create=True)
    plant = {"type": "Polygon", "coordinates": square(118.65, 24.73)}
    file = write(tmp_path / "e.geojson", (plant, {"code": "E1", "name": "示例厂"}))
    import_file(opened, file, "enterprises", "wgs84")
    hazard = {"code": "W1", "name": "氨罐", "enterprise_id": "E1", "substances": "氨:20"}
    given = {**hazard, "code": "W2", "name": "另一罐", "exposed_people": 5}
    file = write(
        tmp_path / "h.geojson", (point(118.65, 24.73), hazard), (point(118.65, 24.73), given)
    )
    import_file(opened, file, "hazard_sources", "wgs84")
    yield opened
    opened.close()


def residents(store: Store, folder: Path, *people: int) -> str:
    at = [(118.65, 24.7305 + 0.0005 + 300 * LAT_M + i * 1e-5) for i in range(len(people))]
    file = write(
        folder / "p.geojson",
        *((point(*spot), {"code": f"P{i}", "name": f"居民点{i}", "people": n})
          for i, (spot, n) in enumerate(zip(at, people, strict=True))),
    )  # fmt: skip
    batch = import_file(store, file, "population", "wgs84").batch
    assert batch is not None
    return batch


def grade(store: Store, key: str = "W1") -> tuple[Any, ...]:
    told = explaining.explain(store, "hazard_sources", key)
    result = told["basis"]["result"]
    return told["grade"], told["level"], result["alpha"], result["exposed"]


def test_without_residents_the_people_are_still_needed(store: Store) -> None:
    assert grade(store) == ("no_data", None, None, None)
    told = explaining.explain(store, "hazard_sources", "W1")
    assert told["reasons"][-1]["code"] == "exposed_needed"
    assert told["constitutes"] == "true"
    assert grade(store, "W2") == ("yellow", "四级", "1", "5")


def test_residents_that_come_later_give_the_level_with_their_source(
    store: Store, tmp_path: Path
) -> None:
    batch = residents(store, tmp_path, 40, 20)
    assert grade(store) == ("yellow", "四级", "1.5", "60")
    told = explaining.explain(store, "hazard_sources", "W1")
    assert told["basis"]["result"]["exposed_source"] == "counted"
    assert told["basis"]["inputs"]["exposed_counted"]["count"] == 60
    alpha = next(r for r in told["reasons"] if r["code"] == "gb18218_alpha")
    assert "60 人" in alpha["zh"] and "居住人口 2 处" in alpha["zh"]
    feature = store.feature("hazard_sources", "W1")
    assert feature is not None
    assert feature["exposed_people"] is None, "the register's own field is not overwritten"
    assert grade(store, "W2") == ("yellow", "四级", "1", "5"), "a stated number stands"
    versions = [one["batch"] for one in explaining.snapshots(store, "hazard_sources", "W1")]
    assert len(versions) == 2 and versions[-1] == batch
    report = verifying.verify(store)
    assert report["same"] == report["checked"]


def test_the_count_follows_the_register_and_undo_brings_it_back(
    store: Store, tmp_path: Path
) -> None:
    first = residents(store, tmp_path, 40, 20)
    second = residents(store, tmp_path, 400, 20)
    assert grade(store)[2:] == ("2", "420")
    imports.undo(store, second)
    assert grade(store)[2:] == ("1.5", "60")
    imports.undo(store, first)
    assert grade(store) == ("no_data", None, None, None)
    report = verifying.verify(store)
    assert report["same"] == report["checked"]


def test_the_same_files_again_change_nothing(store: Store, tmp_path: Path) -> None:
    residents(store, tmp_path, 40, 20)
    before = len(explaining.snapshots(store, "hazard_sources", "W1"))
    report = import_file(store, tmp_path / "h.geojson", "hazard_sources", "wgs84")
    assert report.changed == 0
    residents(store, tmp_path, 40, 20)
    assert len(explaining.snapshots(store, "hazard_sources", "W1")) == before


def test_a_register_that_was_counted_can_be_undone_before_a_later_one(
    store: Store, tmp_path: Path
) -> None:
    first = residents(store, tmp_path, 40, 20)
    school = {"code": "T1", "name": "示例小学", "kind": "school", "people": 300}
    file = write(tmp_path / "t.geojson", (point(118.65, 24.7335), school))
    import_file(store, file, "targets", "wgs84")
    assert grade(store)[2:] == ("2", "360")
    imports.undo(store, first)
    assert grade(store) == ("yellow", "四级", "2", "300"), "300 suffice for the last class of α"
    hazards = next(b["id"] for b in imports.batches(store) if b["layer"] == "hazard_sources")
    imports.undo(store, hazards)
    assert store.feature("hazard_sources", "W1") is None


def test_what_an_undo_brings_back_is_graded_by_the_profile_that_holds_now(
    store: Store, tmp_path: Path
) -> None:
    head = "编号,名称,经度,纬度,L,E,C\n"
    file = tmp_path / "r.csv"
    file.write_text(head + "R1,示例甲,118.65,24.73,10,1,7\n", "utf-8")
    import_file(store, file, "risk_points", "wgs84")
    file.write_text(head + "R1,示例甲,118.65,24.73,10,6,40\n", "utf-8")
    second = import_file(store, file, "risk_points", "wgs84").batch
    chosen = grading.grade(store, "risk_points", "lec_ge")["batch"]
    assert second is not None
    imports.undo(store, second)
    assert (store.feature("risk_points", "R1") or {})["grade"] == "yellow", "D = 70 by lec_ge"
    later = grading.grade(store, "risk_points", "lec_controls")["batch"]
    with pytest.raises(ConflictError, match=later):
        imports.undo(store, chosen)
    imports.undo(store, later)
    undone = imports.undo(store, chosen)
    assert undone["features"] == 1
    assert (store.feature("risk_points", "R1") or {})["grade"] == "blue"
    imports.undo(store, undone["batch"])
    assert (store.feature("risk_points", "R1") or {})["grade"] == "yellow", "the undo is undone"
    report = verifying.verify(store)
    assert report["same"] == report["checked"]


def test_a_city_layer_of_hazard_sources_without_people_does_not_break_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "layers"
    folder.mkdir()
    text = (ROOT / "layers" / "hazard_sources.toml").read_text("utf-8")
    head, _, rest = text.partition('[[field]]\nname = "exposed_people"')
    assert rest
    text = head.replace('id = "hazard_sources"', 'id = "tanks"').replace("重大危险源", "储罐")
    (folder / "tanks.toml").write_text(text, "utf-8")
    monkeypatch.setenv("GEO_RISK_LAYERS_DIR", str(folder))
    opened = open_store(str(tmp_path / "tanks.gpkg"), create=True)
    tank = {"code": "T1", "name": "储罐", "substances": "氨:20"}
    import_file(
        opened, write(tmp_path / "t.geojson", (point(118.65, 24.73), tank)), "tanks", "wgs84"
    )
    residents(opened, tmp_path, 400)
    assert (opened.feature("tanks", "T1") or {})["grade"] == "yellow"
    opened.close()


def test_a_stated_number_stands_but_a_higher_count_is_told(store: Store, tmp_path: Path) -> None:
    residents(store, tmp_path, 40, 20)
    told = explaining.explain(store, "hazard_sources", "W2")
    assert told["basis"]["result"]["alpha"] == "1"
    doubt = next(r for r in told["reasons"] if r["code"] == "exposed_more_counted")
    assert "登记填写 5 人" in doubt["zh"] and "共 60 人" in doubt["zh"]
    assert doubt["inputs"] == {"stated": "5", "counted": "60"}
    residents(store, tmp_path, 20, 5)
    told = explaining.explain(store, "hazard_sources", "W2")
    assert "exposed_more_counted" not in [r["code"] for r in told["reasons"]], "α is the same"
    assert "exposed_counted" not in told["basis"]["inputs"]


def test_people_are_moved_only_from_a_number_that_is_sure(store: Store, tmp_path: Path) -> None:
    hazard = {"code": "W9", "name": "氯罐", "substances": "氯:60"}
    file = write(tmp_path / "w9.geojson", (point(118.66, 24.73), hazard))
    import_file(store, file, "hazard_sources", "wgs84")
    home = {"code": "P9", "name": "居民", "people": 150}
    near = write(tmp_path / "near.geojson", (point(118.66, 24.732), home))
    report = import_file(store, near, "population", "wgs84")
    assert any("重新分级" in remark["zh"] for remark in report.remarks)
    assert grade(store, "W9")[2:] == ("2", "150"), "at least 150 suffice for α = 2"
    kinds = [c["kind"] for c in what_if.what_if(store, "hazard_sources", "W9")["changes"]]
    assert kinds == ["tonnes"], "of “at least 150” nobody knows how many have to move"
