"""What only a GeoPackage must do: be one for other programs, use its index, refuse other files."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyogrio
import pytest
import shapely
from sqlalchemy import update

from geo_risk.errors import NotFoundError, StoreError
from geo_risk.services import imports
from geo_risk.store import Query, Store, open_store
from geo_risk.store.query import statement
from tests.store.records import LAYER, put, record, undo


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "city.gpkg"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = open_store(str(path), create=True)
    yield opened
    opened.close()


def _rtree(store: Store, layer: str = LAYER) -> dict[int, tuple[float, ...]]:
    with store.reading() as connection:
        rows = connection.exec_driver_sql(f'SELECT * FROM "rtree_{layer}_geom"')
        return {row[0]: tuple(row[1:]) for row in rows}


def _boxes(store: Store, layer: str = LAYER) -> dict[int, tuple[float, ...]]:
    rows = store.columns(Query(layer), ("fid", "geom"))
    return {fid: shapely.from_wkb(wkb).bounds for fid, wkb in rows if wkb is not None}


def test_a_box_is_searched_through_the_index(store: Store) -> None:
    query = Query(LAYER, bbox=(118.6, 24.7, 118.7, 24.8), limit=100)
    asked = statement(store.schema.layers[LAYER], query, store.dialect)
    with store.reading() as connection:
        sql = asked.compile(connection, compile_kwargs={"literal_binds": True})
        plan = [r[3] for r in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    text = "\n".join(plan)
    assert f"SCAN rtree_{LAYER}_geom VIRTUAL TABLE INDEX 2:" in text, text
    assert f"SEARCH {LAYER} USING INTEGER PRIMARY KEY (rowid=?)" in text, text
    assert not any(line == f"SCAN {LAYER}" or f"SCAN {LAYER} USING" in line for line in plan), text


def test_the_index_keeps_step_with_every_change(store: Store) -> None:
    put(store, record("A"), record("B", 118.7), record("C", None))
    moved = put(store, record("A", 118.61), record("B", None), record("C", 118.62))
    undo(store, moved)
    undo(store, put(store, record("D"), record("A", None)))
    tree, boxes = _rtree(store), _boxes(store)
    assert tree.keys() == boxes.keys()
    assert len(tree) == 2
    for fid, (minx, maxx, miny, maxy) in tree.items():
        west, south, east, north = boxes[fid]
        assert west - 1e-4 < minx <= west
        assert east <= maxx < east + 1e-4
        assert south - 1e-4 < miny <= south
        assert north <= maxy < north + 1e-4


def test_gdal_reads_every_layer_while_the_store_is_open(store: Store, path: Path) -> None:
    put(store, record("A", grade="red"), record("B", None))
    square = shapely.to_wkb(shapely.box(118.6, 24.7, 118.7, 24.8))
    put(store, {"id": "E", "name": "轮廓", "geom": square}, record("P"), layer="enterprises")
    listed = dict(pyogrio.list_layers(path))
    assert set(store.schema.specs) <= set(listed)
    for layer in store.schema.specs:
        info = pyogrio.read_info(path, layer=layer)
        assert info["crs"] == "EPSG:4326"
        assert info["features"] == store.count(Query(layer))
    meta, _, geometry, fields = pyogrio.raw.read(path, layer=LAYER, columns=["id", "grade"])
    assert [str(value) for value in fields[list(meta["fields"]).index("id")]] == ["A", "B"]
    assert shapely.from_wkb(geometry[0]).equals_exact(shapely.Point(118.65, 24.73))
    _, _, shapes, _ = pyogrio.raw.read(
        path, layer="enterprises", bbox=(118.61, 24.71, 118.62, 24.72)
    )
    assert [shapely.from_wkb(shape).geom_type for shape in shapes] == ["Polygon"]
    assert store.check() == []


def test_other_programs_see_a_valid_geopackage(store: Store, path: Path) -> None:
    put(store, record("A"), record("B", 118.7, 24.8))
    store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        box = connection.execute(
            "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", (LAYER,)
        ).fetchone()
    connection.close()
    assert box == pytest.approx((118.65, 24.73, 118.7, 24.8), abs=1e-4)


def _foreign(kind: str, path: Path) -> None:
    if kind == "text":
        path.write_text("编号,名称\n1,某厂\n", "utf-8")
    elif kind == "empty":
        path.touch()
    elif kind == "geopackage":
        points = shapely.to_wkb(shapely.points([[118.6, 24.7], [118.7, 24.8]]))
        pyogrio.raw.write(
            path,
            points,
            [],
            [],
            layer="parks",
            geometry_type="Point",
            crs="EPSG:4326",
            driver="GPKG",
        )
    else:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE enterprises (fid INTEGER PRIMARY KEY, name TEXT)")
        connection.execute("INSERT INTO enterprises (name) VALUES ('某厂')")
        connection.commit()
        connection.close()


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("kind", ["text", "empty", "geopackage", "sqlite"])
def test_a_foreign_file_is_refused_and_left_as_it_is(path: Path, kind: str, create: bool) -> None:
    _foreign(kind, path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(StoreError) as caught:
        open_store(str(path), create=create)
    assert caught.value.code == "store_unusable"
    assert caught.value.where == str(path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_store_of_another_version_is_refused(store: Store, path: Path) -> None:
    with store.writing() as connection:
        store.set_meta(connection, "schema_version", "99")
    store.close()
    with pytest.raises(StoreError) as caught:
        open_store(str(path))
    assert "99" in str(caught.value.got)


def test_what_is_not_there_is_said_and_not_made(path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        open_store(str(path))
    assert caught.value.code == "store_missing"
    with pytest.raises(StoreError):
        open_store(str(path.parent / "no" / "folder" / "city.gpkg"), create=True)
    assert list(path.parent.iterdir()) == []


def test_an_interrupted_first_opening_is_no_obstacle(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("geo_risk.store.gpkg.register_layer", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            open_store(str(path), create=True)
    assert not path.exists(), "a half-made store must never stand in the store's place"
    open_store(str(path), create=True).close()
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_store_that_hashed_otherwise_is_hashed_anew_and_an_import_changes_nothing(
    tmp_path: Path,
) -> None:
    target, file = str(tmp_path / "old.gpkg"), tmp_path / "r.csv"
    file.write_text("编号,名称,经度,纬度,L,E,C\nR1,示例,118.65,24.73,3,6,15\n", "utf-8")
    store = open_store(target, create=True)
    first = imports.import_file(store, file, "risk_points", "wgs84").batch
    with store.writing() as connection:
        for table in (store.schema.layers["risk_points"], store.schema.histories["risk_points"]):
            connection.execute(update(table).values(digest="of an earlier program"))
        store.set_meta(connection, "digests", "1")
    store.close()
    store = open_store(target)
    assert imports.import_file(store, file, "risk_points", "wgs84").changed == 0
    assert first is not None
    imports.undo(store, first)
    assert store.count(Query("risk_points")) == 0
    store.close()
