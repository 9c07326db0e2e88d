"""The store: a live GeoPackage or PostGIS behind one set of calls."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, FromClause, bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from geo_risk import settings
from geo_risk.catalogue import LayerSpec, layer
from geo_risk.errors import StoreError, Text
from geo_risk.vocabulary import GRADES

from . import gpkg, postgis
from .batch import Batch, Record
from .query import Query, as_of, statement, where
from .schema import Schema

STREAM_ROWS = 2000
Engines = tuple[Engine, Engine, Engine]
"""For reading, for batches, and for notes."""


class Store:
    """Reads in parallel, writes one batch at a time. Made by `open_store`."""

    def __init__(self, target: str, engines: Engines, schema: Schema) -> None:
        self.target = target
        self.reader, self.writer, self.noter = engines
        self.schema = schema
        self.dialect = self.reader.dialect.name

    def close(self) -> None:
        """Give all connections back."""
        self.reader.dispose()
        self.writer.dispose()
        self.noter.dispose()

    def spec(self, layer_id: str) -> LayerSpec:
        """A layer of this store; `NotFoundError` otherwise."""
        return layer(layer_id, self.schema.specs)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read transaction: one consistent view; a query over its time limit is an error."""
        with self.reader.connect() as connection:
            try:
                yield connection
            except DBAPIError as error:
                raise _read_error(error) from error

    def source(self, layer_id: str, moment: str = "") -> FromClause:
        """Where a layer's rows are read: its table, or its history as of a moment."""
        spec = self.spec(layer_id)
        if moment:
            return as_of(self.schema.histories[spec.id], moment)
        return self.schema.layers[spec.id]

    def features(self, query: Query) -> Iterator[Record]:
        """The features of a query, ordered by id, read piece by piece."""
        table = self.source(query.layer, query.as_of)
        left, piece, after = query.limit, query, None
        with self.reading() as connection:
            while left is None or left > 0:
                size = STREAM_ROWS if left is None else min(STREAM_ROWS, left)
                select_piece = statement(
                    table, replace(piece, limit=size), self.dialect, after=after
                )
                rows = connection.execute(select_piece).mappings().all()
                yield from map(dict, rows)
                if len(rows) < size:
                    return
                after, piece = rows[-1]["id"], replace(piece, offset=0)
                left = None if left is None else left - size

    def columns(self, query: Query, names: Sequence[str]) -> list[tuple[Any, ...]]:
        """Some columns of the features of a query, as tuples."""
        table = self.source(query.layer, query.as_of)
        with self.reading() as connection:
            result = connection.execute(statement(table, query, self.dialect, tuple(names)))
            return [tuple(row) for row in result]

    def feature(self, layer_id: str, feature_id: str) -> Record | None:
        """One feature or None."""
        return next(self.features(Query(layer_id, ids=(feature_id,), limit=1)), None)

    def count(self, query: Query) -> int:
        """How many features a query finds, its limit and offset aside."""
        table = self.source(query.layer, query.as_of)
        with self.reading() as connection:
            conditions = where(table, query, self.dialect)
            return int(
                connection.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
            )

    def count_by(self, query: Query, *names: str) -> dict[tuple[Any, ...], int]:
        """How many features a query finds for each value of some columns."""
        table = self.source(query.layer, query.as_of)
        columns = [table.c[name] for name in names]
        with self.reading() as connection:
            conditions = where(table, query, self.dialect)
            rows = connection.execute(
                select(*columns, func.count()).where(*conditions).group_by(*columns)
            )
            return {tuple(row[:-1]): int(row[-1]) for row in rows}

    def count_grades(self, query: Query) -> dict[str, int]:
        """How many features of each grade a query finds; ungraded layers give none."""
        if not self.spec(query.layer).graded:
            return {}
        found = {key[0] or "no_data": n for key, n in self.count_by(query, "grade").items()}
        return {str(grade): found[grade] for grade in GRADES if grade in found}

    def extent(self, layer_id: str) -> tuple[float, float, float, float] | None:
        """West, south, east, north of a layer, or None when nothing of it is placed."""
        with self.reading() as connection:
            if self.dialect == "sqlite":
                sql = "SELECT min(minx), min(miny), max(maxx), max(maxy) FROM"
                row = connection.exec_driver_sql(f'{sql} "rtree_{self.spec(layer_id).id}_geom"')
            else:
                sql = "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM"
                row = connection.exec_driver_sql(
                    f'{sql} (SELECT ST_Extent(geom) AS b FROM "{self.spec(layer_id).id}") AS q'  # noqa: S608 (id is checked by spec)
                )
            west, south, east, north = row.one()
        return None if west is None else (west, south, east, north)

    def layer_states(self) -> dict[str, int]:
        """A number per layer that rises with each change of it."""
        states = self.schema.states
        with self.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(select(states))}

    def layer_state(self, layer_id: str) -> int:
        """One layer's number; 0 when it was never written."""
        return self.layer_states().get(layer_id, 0)

    def rows(self, name: str) -> list[Record]:
        """All rows of one of the store's own tables: batches, review or gazetteer."""
        table = self.schema.metadata.tables[name]
        key = "at" if name == "batches" else next(iter(table.primary_key.columns)).name
        with self.reading() as connection:
            order = [table.c[key], *([table.c.id] if name == "batches" else [])]
            return [dict(r) for r in connection.execute(select(table).order_by(*order)).mappings()]

    def meta(self, key: str, connection: Connection | None = None) -> str | None:
        """A value kept with the store, such as a layer's grading profile.

        Through `connection` inside a write transaction, which sees what it has written itself.
        """
        if connection is None:
            with self.reading() as reading:
                return self.meta(key, reading)
        table = self.schema.meta
        value = connection.scalar(select(table.c.value).where(table.c.key == key))
        return None if value is None else str(value)

    @contextmanager
    def batch(self, kind: str, **info: Any) -> Iterator[Batch]:
        """One batch in one transaction; any error leaves the store as it was.

        `info` fills the columns of `batches`; more may be set in `Batch.info` until the end.
        """
        with self.writing() as connection:
            # Only now: a batch that waited for another must not be dated before it.
            now = datetime.now(UTC)
            batch_id = f"{now:%Y%m%dT%H%M%S%f}"[:-3] + "-" + secrets.token_hex(3)
            at = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            batch = Batch(connection, self.schema, batch_id, at)
            batch.info = {"who": "local", **info}
            yield batch
            connection.execute(
                insert(self.schema.batches),
                [{"id": batch_id, "kind": kind, "at": at, **batch.info}],
            )
            for layer_id in sorted(batch.touched):
                self.touch(connection, layer_id)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction; waits for another writer as long as the setting says."""
        try:
            with self.writer.begin() as connection:
                if self.dialect != "sqlite":
                    postgis.lock_for_writing(connection)
                yield connection
        except DBAPIError as error:
            raise _write_error(error) from error

    @contextmanager
    def noting(self) -> Iterator[Connection]:
        """A short write of the program's own notes, on a connection of its own.

        It never waits for a batch: `StoreError` `store_busy` at once where a GeoPackage is being
        written. A batch that runs in the same thread may thus be told of.
        """
        try:
            with self.noter.begin() as connection:
                if self.dialect != "sqlite":
                    postgis.lock_for_notes(connection)
                yield connection
        except DBAPIError as error:
            raise _write_error(error) from error

    def set_meta(self, connection: Connection, key: str, value: str) -> None:
        """Keep a value with the store."""
        table = self.schema.meta
        changed = connection.execute(update(table).where(table.c.key == key).values(value=value))
        if not changed.rowcount:
            connection.execute(insert(table).values(key=key, value=value))

    def replace_gazetteer(self, places: Sequence[Mapping[str, Any]]) -> None:
        """Load the divisions that addresses are read by; replaces those loaded before."""
        with self.writing() as connection:
            connection.execute(self.schema.gazetteer.delete())
            if places:
                connection.execute(insert(self.schema.gazetteer), [dict(p) for p in places])

    def put_gazetteer(self, places: Sequence[Mapping[str, Any]]) -> None:
        """Put entries into the gazetteer, each in the place of the one with its code."""
        table = self.schema.gazetteer
        with self.writing() as connection:
            if places:
                gone = table.delete().where(table.c.code == bindparam("gone"))
                connection.execute(gone, [{"gone": place["code"]} for place in places])
                connection.execute(insert(table), [dict(p) for p in places])

    def check(self) -> list[str]:
        """What is unsound in the store, in the database's own words; empty when all is well."""
        if self.dialect == "sqlite":
            # A connection of its own: the time limit of a page is too short for a whole store.
            with closing(sqlite3.connect(self.target)) as connection:
                connection.execute("PRAGMA query_only = ON")
                rows = connection.execute("PRAGMA integrity_check").fetchall()
            return [str(row[0]) for row in rows if row[0] != "ok"]
        found = []
        with self.reading() as connection:
            for layer_id, table in self.schema.layers.items():
                wrong = select(func.count()).where(~func.ST_IsValid(table.c.geom))
                if number := connection.scalar(wrong):
                    found.append(f"{layer_id}: {number} invalid geometries")
        return found

    def touch(self, connection: Connection, layer_id: str) -> None:
        """Raise the number of a layer, or of a table of the store's own, after a change of it."""
        states = self.schema.states
        changed = connection.execute(
            update(states).where(states.c.layer == layer_id).values(state=states.c.state + 1)
        )
        if not changed.rowcount:
            connection.execute(insert(states).values(layer=layer_id, state=1))
        if self.dialect == "sqlite" and layer_id in self.schema.layers:
            gpkg.touch_layer(connection, layer_id)


def _read_error(error: DBAPIError) -> StoreError:
    if "interrupted" in str(error.orig) or "statement timeout" in str(error.orig):
        return StoreError(
            "query_too_slow",
            Text("查询超过时限", "The query took longer than allowed"),
            where=settings.SETTINGS_BY_NAME["query_seconds"].variable,
            fix=Text("请缩小范围或提高时限", "Ask for less, or raise the limit"),
        )
    return StoreError(
        "store_failed",
        Text("数据库读取失败", "The store could not be read"),
        fix=Text("运行 geo-risk doctor 检查", "Run geo-risk doctor"),
    )


def _write_error(error: DBAPIError) -> StoreError:
    busy = any(word in str(error.orig) for word in ("locked", "busy", "lock timeout"))
    if busy:
        return StoreError(
            "store_busy",
            Text("数据库正被另一个写操作占用", "Another write holds the store"),
            where=settings.SETTINGS_BY_NAME["write_wait_seconds"].variable,
            fix=Text("请稍后再试", "Try again later"),
        )
    return StoreError(
        "store_failed",
        Text(
            "数据库写入失败，未保存任何内容", "The store could not be written; nothing was stored"
        ),
        fix=Text(
            "检查磁盘空间和权限，再运行 geo-risk doctor", "Check disk and rights, then doctor"
        ),
    )
