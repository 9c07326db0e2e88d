"""Importing: again, without a datum, with conditions, hostile names, another grading profile."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import shapely

from geo_risk.datums import geodesic_distance_m
from geo_risk.errors import GeoRiskError, UsageError
from geo_risk.export.geojson import STORE_FIELDS
from geo_risk.resources import shipped
from geo_risk.services import exports, features, grading, imports, roll_ups
from geo_risk.services.reading import ReadingOptions
from geo_risk.store import Query, Store, open_store
from tests.shared_data import shared_data
from tests.unit.services.conftest import Demo

HOSTILE = "{{ 7*7 }}<img src=x onerror=alert(1)>"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(tmp_path / "city.gpkg"), create=True)
    yield opened
    opened.close()


def _csv(folder: Path, *rows: str, header: str = "编号,名称,经度,纬度,L,E,C") -> Path:
    path = folder / "rows.csv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def _versions(store: Store, layer: str) -> dict[str, tuple[int, str]]:
    return {row["id"]: (row["version"], row["batch"]) for row in store.features(Query(layer))}


def _export(store: Store, layer: str, folder: Path) -> bytes:
    path = folder / "export.geojson"
    exports.export(store, layer, path, omit=("version", "batch", "updated_at"))
    return path.read_bytes()


def test_the_same_file_again_changes_nothing(own_shishi: Store) -> None:
    folder = shipped("data") / "demo" / "shishi"
    for name, layer in (("enterprises.xlsx", "enterprises"), ("risk_points.csv", "risk_points")):
        before, states = _versions(own_shishi, layer), own_shishi.layer_states()
        report = imports.import_file(own_shishi, folder / name, layer, "gcj02")
        assert report.changed == 0
        assert report.stored == len(before)
        assert _versions(own_shishi, layer) == before
        assert own_shishi.layer_states() == states
        open_rows = [r for r in own_shishi.rows("review") if r["state"] == "open"]
        assert len([r for r in open_rows if r["layer"] == layer]) == report.unplaced


def test_undoing_an_import_restores_its_layer_and_the_grades_above(
    own_shishi: Store, tmp_path: Path
) -> None:
    layers = ("risk_points", "enterprises", "towns", "villages", "city")
    before = {layer: _export(own_shishi, layer, tmp_path) for layer in layers}
    owner = next(own_shishi.features(Query("enterprises", grades=("blue",), limit=1)))
    point = shapely.from_wkb(owner["geom"]).centroid
    path = _csv(
        tmp_path,
        f"NEW1,示例新增,{point.x},{point.y},10,10,100,{owner['id']}",
        header="编号,名称,经度,纬度,L,E,C,所属企业编号",
    )
    report = imports.import_file(own_shishi, path, "risk_points", "wgs84")
    assert report.stored == 1
    after = own_shishi.feature("enterprises", owner["id"])
    assert after is not None
    assert after["grade"] == "red", "the enterprise is graded by its new risk point at once"
    assert report.batch
    imports.undo(own_shishi, report.batch)
    assert {layer: _export(own_shishi, layer, tmp_path) for layer in layers} == before


def test_a_chosen_profile_stays(own_shishi: Store) -> None:
    told = grading.grade(own_shishi, "risk_points", "lec_ge")
    assert told["profiles"] == {"risk_points": "lec_ge"}
    assert told["graded"] == sum(n for g, n in told["by_grade"].items() if g != "no_data")
    versions = _versions(own_shishi, "risk_points")
    path = shipped("data") / "demo" / "shishi" / "risk_points.csv"
    assert imports.import_file(own_shishi, path, "risk_points", "gcj02").changed == 0
    assert _versions(own_shishi, "risk_points") == versions
    profiles = own_shishi.count_by(Query("risk_points"), "profile")
    assert profiles.keys() == {("lec_ge",)}


def test_undoing_a_grading_brings_its_profile_back(own_shishi: Store, tmp_path: Path) -> None:
    before = _export(own_shishi, "risk_points", tmp_path)
    batch = grading.grade(own_shishi, "risk_points", "lec_ge")["batch"]
    undone = imports.undo(own_shishi, batch)["batch"]
    assert _export(own_shishi, "risk_points", tmp_path) == before
    path = shipped("data") / "demo" / "shishi" / "risk_points.csv"
    assert imports.import_file(own_shishi, path, "risk_points", "gcj02").changed == 0
    assert _export(own_shishi, "risk_points", tmp_path) == before
    imports.undo(own_shishi, undone)
    assert imports.import_file(own_shishi, path, "risk_points", "gcj02").changed == 0
    assert own_shishi.count_by(Query("risk_points"), "profile").keys() == {("lec_ge",)}


@pytest.mark.parametrize("datum", [None, "", "mars2000", "EPSG:999999"])
def test_no_or_unknown_datum_is_refused(store: Store, tmp_path: Path, datum: str | None) -> None:
    path = _csv(tmp_path, "A,示例,118.65,24.73,1,1,1")
    with pytest.raises(UsageError) as caught:
        imports.import_file(store, path, "risk_points", datum)
    assert caught.value.exit_code == 2
    assert all(caught.value.fix.values())
    assert imports.batches(store) == []


def test_dehua_is_where_it_is_in_both_datums(store: Store) -> None:
    def centre(datum: str, file: Path) -> tuple[float, float]:
        only = ReadingOptions(where=("name=德化县",))
        report = imports.import_file(store, file, "surroundings", datum, only)
        assert report.stored == 1
        row = next(store.features(Query("surroundings", name="德化")))
        assert row["datum_in"] == datum
        point = shapely.from_wkb(row["geom"]).centroid
        imports.undo(store, str(report.batch))
        return point.x, point.y

    gcj = shared_data("shishi/quanzhou_counties_gcj02.geojson")
    true = [p for p in gcj.parent.glob("*cgcs2000*") if p.suffix == ".geojson"]
    if not true:
        pytest.skip("no CGCS2000 counties in the shared data")
    first, second = centre("gcj02", gcj), centre("cgcs2000", true[0])
    assert geodesic_distance_m(*first, *second)[0] < 150
    undeclared = centre("wgs84", gcj)
    assert geodesic_distance_m(*undeclared, *second)[0] > 300


def test_helsinki_comes_in_as_two_layers(store: Store) -> None:
    path = shared_data("helsinki_osm/pois.geojson")
    pois = json.loads(path.read_text("utf-8"))["features"]
    assert len(pois) == 1939
    wanted = {
        "targets": {"kindergarten", "clinic", "doctors"},
        "enterprises": {"restaurant", "fuel"},
    }
    for layer, values in wanted.items():
        only = ReadingOptions(where=(f"amenity={','.join(sorted(values))}",))
        report = imports.import_file(store, path, layer, "wgs84", only)
        chosen = [f for f in pois if f["properties"]["amenity"] in values]
        assert report.rows == len(chosen) > 0
        assert report.filtered == len(pois) - len(chosen)
        assert report.rows == report.stored + report.rejected + report.unplaced
        assert store.count(Query(layer)) == report.stored > 0
    everything = imports.import_file(store, path, "enterprises", "wgs84")
    assert everything.rows == len(pois)
    assert everything.rows == everything.stored + everything.rejected + everything.unplaced
    assert everything.stored > 1000
    assert store.count_grades(Query("enterprises")).keys() == {"no_data"}


def test_a_dry_run_reports_the_same_and_stores_nothing(store: Store, tmp_path: Path) -> None:
    path = _csv(tmp_path, "A,示例,118.65,24.73,3,6,15", "B,,118.65,24.73,3,6,15")
    dry = imports.import_file(store, path, "risk_points", "wgs84", dry_run=True)
    assert dry.batch is None
    assert store.count(Query("risk_points")) == 0
    assert imports.batches(store) == []
    wet = imports.import_file(store, path, "risk_points", "wgs84")
    same = {k: v for k, v in wet.as_json().items() if k not in ("batch", "changed")}
    assert {k: v for k, v in dry.as_json().items() if k not in ("batch", "changed")} == same
    assert (wet.stored, wet.rejected, wet.complete) == (1, 1, False)


def test_a_hostile_name_comes_back_literally(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [["编号", "名称", "经度", "纬度"], ["H", HOSTILE, "118.65", "24.73"]]
        csv.writer(file).writerows(rows)
    imports.import_file(store, path, "enterprises", "wgs84")
    assert features.item(store, "enterprises", "H")["properties"]["name"] == HOSTILE
    assert features.search(store, "{{ 7*7")[0]["name"] == HOSTILE
    out = {kind: tmp_path / f"out.{kind}" for kind in ("geojson", "csv", "xlsx")}
    for target in out.values():
        assert exports.export(store, "enterprises", target) == 1
    body = json.loads(out["geojson"].read_text("utf-8"))
    assert body["features"][0]["properties"]["name"] == HOSTILE
    table = list(csv.reader(io.StringIO(out["csv"].read_text("utf-8-sig"))))
    assert HOSTILE in table[-1]
    book = openpyxl.load_workbook(out["xlsx"])
    values = [c.value for row in book.active.iter_rows() for c in row]
    book.close()
    assert HOSTILE in values


def test_a_store_that_cannot_take_the_batch_takes_none_of_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _csv(tmp_path, "A,示例,118.65,24.73,3,6,15")

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(imports, "refresh_roll_ups", fail)
    with pytest.raises((OSError, GeoRiskError)):
        imports.import_file(store, path, "risk_points", "wgs84")
    assert store.count(Query("risk_points")) == 0
    assert imports.batches(store) == []


def test_an_export_as_of_before_an_import_shows_the_grades_of_then(
    own_shishi: Store, tmp_path: Path
) -> None:
    before = [area["counts"] for area in roll_ups.rollup(own_shishi, "town")["areas"]]
    moment = max(row["at"] for row in imports.batches(own_shishi))
    exports.export(own_shishi, "enterprises", tmp_path / "now.geojson", omit=STORE_FIELDS)
    batch = next(b for b in imports.batches(own_shishi) if b["layer"] == "risk_points")
    time.sleep(0.005)
    imports.undo(own_shishi, batch["id"])
    exports.export(
        own_shishi, "enterprises", tmp_path / "then.geojson", omit=STORE_FIELDS, as_of=moment
    )
    exports.export(own_shishi, "enterprises", tmp_path / "after.geojson", omit=STORE_FIELDS)
    assert (tmp_path / "then.geojson").read_bytes() == (tmp_path / "now.geojson").read_bytes()
    assert (tmp_path / "after.geojson").read_bytes() != (tmp_path / "now.geojson").read_bytes()
    then = [area["counts"] for area in roll_ups.rollup(own_shishi, "town", as_of=moment)["areas"]]
    assert then == before


def test_what_was_declared_is_kept_beside_what_was_converted(shishi: Demo) -> None:
    rows = [row for row in shishi.store.features(Query("enterprises")) if row["position_in"]]
    points = [row for row in rows if row["position_in"][0].isdigit()]
    shapes = [row for row in rows if row["position_in"].startswith("POLYGON")]
    assert points
    assert len(shapes) > 100
    for row in (points[0], shapes[0]):
        assert row["datum_in"] == "gcj02"
        text = row["position_in"]
        given = (
            shapely.from_wkt(text)
            if text[0] == "P"
            else shapely.Point(*map(float, text.split(",")))
        )
        moved = geodesic_distance_m(
            given.centroid.x,
            given.centroid.y,
            shapely.from_wkb(row["geom"]).centroid.x,
            shapely.from_wkb(row["geom"]).centroid.y,
        )
        assert 550 < float(moved[0] if hasattr(moved, "__len__") else moved) < 570
