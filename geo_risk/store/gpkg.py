"""A live GeoPackage through stdlib sqlite3: connections, spatial functions, metadata, R-trees."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from geo_risk.catalogue import LayerSpec

from .geometry import SRID, gpkg_box, gpkg_intersects
from .schema import Schema

_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)
_METADATA = """
CREATE TABLE IF NOT EXISTS gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
  description TEXT);
CREATE TABLE IF NOT EXISTS gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE IF NOT EXISTS gpkg_geometry_columns (table_name TEXT NOT NULL,
  column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT,
  extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""
_SRS_ROWS = (
    ("Undefined cartesian SRS", -1, "NONE", -1, "undefined", None),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined", None),
    ("WGS 84 geodetic", SRID, "EPSG", SRID, _WGS84, None),
)
# The trigger texts are those of the GeoPackage specification (annex F.3), for column geom.
_TRIGGERS = """
CREATE TRIGGER "rtree_{t}_geom_insert" AFTER INSERT ON "{t}"
  WHEN (new."geom" NOT NULL AND NOT ST_IsEmpty(NEW."geom"))
BEGIN INSERT OR REPLACE INTO "rtree_{t}_geom" VALUES (NEW."fid", ST_MinX(NEW."geom"),
  ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")); END;
CREATE TRIGGER "rtree_{t}_geom_update1" AFTER UPDATE OF "geom" ON "{t}"
  WHEN OLD."fid" = NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom"))
BEGIN INSERT OR REPLACE INTO "rtree_{t}_geom" VALUES (NEW."fid", ST_MinX(NEW."geom"),
  ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")); END;
CREATE TRIGGER "rtree_{t}_geom_update2" AFTER UPDATE OF "geom" ON "{t}"
  WHEN OLD."fid" = NEW."fid" AND (NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom"))
BEGIN DELETE FROM "rtree_{t}_geom" WHERE id = OLD."fid"; END;
CREATE TRIGGER "rtree_{t}_geom_update3" AFTER UPDATE ON "{t}"
  WHEN OLD."fid" != NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom"))
BEGIN DELETE FROM "rtree_{t}_geom" WHERE id = OLD."fid";
  INSERT OR REPLACE INTO "rtree_{t}_geom" VALUES (NEW."fid", ST_MinX(NEW."geom"),
  ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")); END;
CREATE TRIGGER "rtree_{t}_geom_update4" AFTER UPDATE ON "{t}"
  WHEN OLD."fid" != NEW."fid" AND (NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom"))
BEGIN DELETE FROM "rtree_{t}_geom" WHERE id IN (OLD."fid", NEW."fid"); END;
CREATE TRIGGER "rtree_{t}_geom_delete" AFTER DELETE ON "{t}" WHEN old."geom" NOT NULL
BEGIN DELETE FROM "rtree_{t}_geom" WHERE id = OLD."fid"; END;
"""
_PROGRESS_STEPS = 20_000


def _side(index: int) -> Any:
    def bound(blob: bytes | None) -> float | None:
        box = None if blob is None else gpkg_box(blob)
        return None if box is None else box[index]

    return bound


def _register_functions(connection: sqlite3.Connection) -> None:
    for name, index in (("ST_MinX", 0), ("ST_MaxX", 1), ("ST_MinY", 2), ("ST_MaxY", 3)):
        connection.create_function(name, 1, _side(index), deterministic=True)
    connection.create_function(
        "ST_IsEmpty",
        1,
        lambda blob: int(blob is None or gpkg_box(blob) is None),
        deterministic=True,
    )
    connection.create_function("geo_risk_intersects", 5, gpkg_intersects, deterministic=True)


def _prepare(connection: sqlite3.Connection, *, writer: bool) -> None:
    connection.isolation_level = None
    _register_functions(connection)
    connection.execute("PRAGMA trusted_schema = ON" if writer else "PRAGMA query_only = ON")
    # FULL: with NORMAL, writes already acknowledged were not yet synced to the disk.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")


def sqlite_engine(path: Path, *, writer: bool, wait_seconds: float, query_seconds: int) -> Engine:
    """An engine on a GeoPackage: writers begin IMMEDIATE, readers are time-limited."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": wait_seconds, "check_same_thread": False},
        pool_size=1 if writer else 8,
        max_overflow=0 if writer else 8,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, record: Any) -> None:
        _prepare(connection, writer=writer)
        if not writer:
            limit = {"at": float("inf")}
            record.info["limit"] = limit
            connection.set_progress_handler(
                lambda: int(time.monotonic() > limit["at"]), _PROGRESS_STEPS
            )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    if not writer:

        @event.listens_for(engine, "before_cursor_execute")
        def _limit(connection: Connection, *_: Any) -> None:
            connection.info["limit"]["at"] = time.monotonic() + query_seconds

    return engine


def create_file(path: Path) -> None:
    """An empty GeoPackage in WAL mode; an existing one is left as it is."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA application_id = 0x47504B47")
        connection.execute("PRAGMA user_version = 10300")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_METADATA)
        connection.executemany(
            "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", _SRS_ROWS
        )
        connection.commit()
    finally:
        connection.close()


def register_layer(connection: Connection, layer: LayerSpec) -> None:
    """Tell other programs of a new layer table and give it its R-tree; once per layer."""
    known = connection.exec_driver_sql(
        "SELECT 1 FROM gpkg_contents WHERE table_name = ?", (layer.id,)
    ).first()
    if known:
        return
    connection.exec_driver_sql(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)"
        " VALUES (?, 'features', ?, ?, ?)",
        (layer.id, layer.title["zh"], layer.note["zh"], SRID),
    )
    connection.exec_driver_sql(
        "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)",
        (layer.id, "POINT" if layer.geometry == ("point",) else "GEOMETRY", SRID),
    )
    connection.exec_driver_sql(
        "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index',"
        " 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        (layer.id,),
    )
    connection.exec_driver_sql(
        f'CREATE VIRTUAL TABLE "rtree_{layer.id}_geom" USING rtree(id, minx, maxx, miny, maxy)'
    )
    for statement in _TRIGGERS.format(t=layer.id).split("END;"):
        if statement.strip():
            connection.exec_driver_sql(statement + "END")


def touch_layer(connection: Connection, layer_id: str) -> None:
    """Bring a changed layer's extent and date in gpkg_contents up to date."""
    box = connection.exec_driver_sql(
        f'SELECT min(minx), min(miny), max(maxx), max(maxy) FROM "rtree_{layer_id}_geom"'  # noqa: S608 (id is checked by the catalogue)
    ).one()
    connection.exec_driver_sql(
        "UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ','now'),"
        " min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?",
        (*box, layer_id),
    )


def create_tables(connection: Connection, schema: Schema) -> None:
    """All tables that are not there yet."""
    schema.metadata.create_all(connection)
    for layer in schema.specs.values():
        register_layer(connection, layer)
