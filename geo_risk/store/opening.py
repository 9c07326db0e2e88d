"""Opening a store: make it whole, check that it is ours, bring it up to date."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, bindparam, inspect, select, text, update
from sqlalchemy.exc import ArgumentError, DBAPIError

from geo_risk import settings
from geo_risk.catalogue import layers
from geo_risk.errors import NotFoundError, StoreError, Text, UsageError

from . import gpkg, postgis
from .batch import digest
from .schema import SCHEMA_VERSION, Schema, digest_columns
from .store import Engines, Store

DIGESTS = "2"
"""How features are hashed; a store of another way is hashed anew when it is opened."""
NOTE_WAIT_S = 0.1
_POSTGIS = ("postgresql+psycopg://", "postgresql://", "postgres://")


def _not_there(path: Path) -> NotFoundError:
    return NotFoundError(
        "store_missing",
        Text("数据库不存在", "There is no store"),
        where=str(path),
        fix=Text("先导入数据，或用 --db 指明位置", "Import something first, or name one with --db"),
    )


def _unusable(target: str, got: object) -> StoreError:
    return StoreError(
        "store_unusable",
        Text("数据库无法打开", "The store cannot be opened"),
        where=target,
        got=got,
        fix=Text("检查 --db 所指的文件或地址", "Check the file or address that --db names"),
    )


def _not_a_store_url(target: str) -> UsageError:
    scheme = target.split("://", 1)[0][:20]
    return UsageError(
        "store_url_unknown",
        Text("不支持的数据库地址", "The store's address is of an unknown kind"),
        where="--db",
        got=f"{scheme}://…",  # the rest may hold a password
        fix=Text("文件路径或 postgresql://…", "Give a path or postgresql://…"),
    )


def _fingerprint(schema: Schema) -> str:
    """All tables and their columns, by which a store knows that it is up to date."""
    tables = schema.metadata.tables
    return json.dumps({name: list(table.c.keys()) for name, table in tables.items()})


def _is_current(store: Store, *, fresh: bool) -> bool:
    """Whether all tables are there; a store of something else or of another version is refused."""
    with store.reader.connect() as connection:
        there = inspect(connection).has_table("store_meta")
        rows = connection.execute(select(store.schema.meta)).all() if there else []
    meta = {str(row[0]): str(row[1]) for row in rows}
    if not there and not fresh:
        raise _unusable(store.target, "not a geo_risk store")
    if meta.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise _unusable(store.target, f"schema version {meta['schema_version']}")
    return meta.get("layers") == _fingerprint(store.schema) and meta.get("digests") == DIGESTS


def _bring_up_to_date(store: Store) -> None:
    """Create tables that are missing and add columns for fields declared since."""
    meta = store.schema.meta
    with store.writer.begin() as connection:
        before = set(inspect(connection).get_table_names())
        (gpkg if store.dialect == "sqlite" else postgis).create_tables(connection, store.schema)
        for table in store.schema.metadata.tables.values():
            if table.name not in before:
                continue
            have = set(connection.execute(select(text("*")).select_from(table).limit(0)).keys())
            for missing in (c for c in table.c if c.name not in have):
                kind = missing.type.compile(connection.dialect)
                connection.exec_driver_sql(
                    f'ALTER TABLE "{table.name}" ADD COLUMN "{missing.name}" {kind}'
                )
        if store.meta("digests", connection) != DIGESTS:
            _digest_anew(connection, store.schema)
            store.set_meta(connection, "digests", DIGESTS)
        if not connection.scalar(select(meta.c.key).where(meta.c.key == "store_id")):
            store.set_meta(connection, "store_id", secrets.token_hex(8))
        store.set_meta(connection, "schema_version", SCHEMA_VERSION)
        store.set_meta(connection, "layers", _fingerprint(store.schema))


def _digest_anew(connection: Connection, schema: Schema) -> None:
    """Hash the content of all features again, as the program now does it."""
    for layer in schema.specs.values():
        names = digest_columns(layer)
        for table in (schema.layers[layer.id], schema.histories[layer.id]):
            columns = [table.c[name] for name in ("id", "version", *names)]
            rows = connection.execute(select(*columns)).mappings().all()
            if not rows:
                continue
            same = (table.c.id == bindparam("key"), table.c.version == bindparam("number"))
            connection.execute(
                update(table).where(*same).values(digest=bindparam("mark")),
                [
                    {"key": row["id"], "number": row["version"], "mark": digest(row, names)}
                    for row in map(dict, rows)
                ],
            )


def _file_engines(path: Path, wait_seconds: int, query_seconds: int) -> Engines:
    reader, writer, noter = (
        gpkg.sqlite_engine(path, writer=w, wait_seconds=wait, query_seconds=query_seconds)
        for w, wait in ((False, wait_seconds), (True, wait_seconds), (True, NOTE_WAIT_S))
    )
    return reader, writer, noter


def _server_engines(url: str, wait_seconds: int, query_seconds: int) -> Engines:
    reader, writer, noter = (
        postgis.postgis_engine(url, writer=w, wait_seconds=wait, query_seconds=query_seconds)
        for w, wait in ((False, wait_seconds), (True, wait_seconds), (True, NOTE_WAIT_S))
    )
    return reader, writer, noter


def _make_file(path: Path, schema: Schema) -> None:
    """Make a store beside its place and put it there whole; one made meanwhile is kept.

    A process killed in the middle thus never leaves half a store under the name.
    """
    part = path.with_name(f"{path.name}.new-{os.getpid()}-{secrets.token_hex(3)}")
    try:
        gpkg.create_file(part)
        store = Store(str(part), _file_engines(part, 1, 1), schema)
        try:
            _bring_up_to_date(store)
        finally:
            store.close()
        try:
            os.link(part, path)
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            part.rename(path)
    finally:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{part}{suffix}").unlink(missing_ok=True)


def open_store(target: str, *, create: bool = False) -> Store:
    """Open the store that a path or a PostGIS URL names; `create` makes what is not there.

    Raises
    ------
    NotFoundError : the file is not there.
    StoreError : it cannot be opened, is something else or of another version.
    """
    is_url = "://" in target
    if is_url and not target.startswith(_POSTGIS):
        raise _not_a_store_url(target)
    schema = Schema(layers())
    wait, limit = settings.number("write_wait_seconds"), settings.number("query_seconds")
    try:
        if is_url:
            url = "postgresql+psycopg://" + target.split("://", 1)[1]
            engines = _server_engines(url, wait, limit)
            shown, fresh = engines[0].url.render_as_string(hide_password=True), create
        else:
            path, fresh = Path(target), False
            if not path.exists():
                if not create:
                    raise _not_there(path)
                _make_file(path, schema)
            engines = _file_engines(path, wait, limit)
            shown = str(path)
        store = Store(shown, engines, schema)
        if not _is_current(store, fresh=fresh):
            _bring_up_to_date(store)
    except (DBAPIError, sqlite3.Error, ArgumentError, ImportError, OSError) as error:
        raise _unusable("PostGIS" if is_url else target, type(error).__name__) from error
    return store


def default_target() -> str:
    """The store that is used when none is named: `$GEO_RISK_DB`, else ./geo_risk.gpkg."""
    return settings.text("db", os.environ)
