"""People counted in the register go into the grade, and follow the register."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geo_risk.services import explaining, imports, verifying
from geo_risk.services.imports import import_file
from geo_risk.store import Store, open_store

LAT_M = 1 / 110_780.0


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
