"""A PostGIS store: engine, extension, spatial indexes; the tables are those of the GeoPackage."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, create_engine

from .schema import Schema

WRITER_LOCK = 0x67656F72
NOTER_LOCK = 0x67656F6E


def postgis_engine(url: str, *, writer: bool, wait_seconds: float, query_seconds: int) -> Engine:
    """An engine on PostGIS: writers wait for each other, readers are read-only and time-limited."""
    if writer:
        options = f"-c lock_timeout={round(wait_seconds * 1000)}"
    else:
        options = f"-c default_transaction_read_only=on -c statement_timeout={query_seconds * 1000}"
    isolation = "READ COMMITTED" if writer else "REPEATABLE READ"
    return create_engine(
        url,
        connect_args={"options": options},
        isolation_level=isolation,
        pool_size=1 if writer else 8,
        max_overflow=0 if writer else 8,
    )


def lock_for_writing(connection: Connection) -> None:
    """Wait until no other process writes; released at the end of the transaction."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")


def lock_for_notes(connection: Connection) -> None:
    """Wait until no other process takes a note: as in a GeoPackage, one after the other."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({NOTER_LOCK})")


def create_tables(connection: Connection, schema: Schema) -> None:
    """All tables and spatial indexes that are not there yet."""
    lock_for_writing(connection)
    connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis")
    schema.metadata.create_all(connection)
    for layer_id in schema.specs:
        connection.exec_driver_sql(
            f'CREATE INDEX IF NOT EXISTS "{layer_id}_geom" ON "{layer_id}" USING gist (geom)'
        )
