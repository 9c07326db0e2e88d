"""The tables of a store: one per layer with its history beside it, and the store's own five."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

from geo_risk.catalogue import FieldSpec, LayerSpec

from .geometry import Geometry

SCHEMA_VERSION = "1"
GRADE_COLUMNS = ("grade", "score", "profile", "reasons")
PLACEMENT_COLUMNS = ("source_key", "datum_in", "position_in", "level", "uncertainty_m")
VERSION_COLUMNS = ("version", "batch", "updated_at")


def _field_type(field: FieldSpec) -> TypeEngine[object]:
    kinds: dict[str, TypeEngine[object]] = {
        "integer": Integer(),  # type: ignore[dict-item]
        "number": Float(),  # type: ignore[dict-item]
        "boolean": Boolean(),  # type: ignore[dict-item]
    }
    return kinds.get(field.type, Text())  # type: ignore[arg-type]


def _columns(layer: LayerSpec) -> list[Column[object]]:
    columns: list[Column[object]] = [
        Column("id", String(64), nullable=False),
        Column("version", Integer, nullable=False),
        Column("batch", String(40), nullable=False),
        Column("updated_at", String(32), nullable=False),
        Column("source", Text),
        Column("source_key", Text),
        Column("datum_in", String(16)),
        Column("position_in", Text),
        Column("level", String(16)),
        Column("uncertainty_m", Float),
        Column("digest", String(32)),
    ]
    columns += [Column(field.name, _field_type(field)) for field in layer.fields]
    if layer.graded:
        columns += [
            Column("grade", String(8)),
            Column("score", Float),
            Column("profile", String(64)),
            Column("reasons", Text),
        ]
    return columns


def content_columns(layer: LayerSpec) -> tuple[str, ...]:
    """The columns whose change makes a new version; a roll-up's grade is derived and is not one."""
    grades = GRADE_COLUMNS if layer.grader not in ("", "rollup") else ()
    return ("geom", *PLACEMENT_COLUMNS, *(field.name for field in layer.fields), *grades)


class Schema:
    """The SQLAlchemy tables of a set of layers.

    `layers[id]` is the present state, `histories[id]` every version there ever was, with `op`
    `put` or `delete`.
    """

    def __init__(self, specs: Mapping[str, LayerSpec]) -> None:
        self.specs = specs
        self.metadata = MetaData()
        self.layers = {spec.id: self._layer_table(spec) for spec in specs.values()}
        self.histories = {spec.id: self._history_table(spec) for spec in specs.values()}
        self.batches = Table(
            "batches",
            self.metadata,
            Column("id", String(40), primary_key=True),
            Column("kind", String(16), nullable=False),
            Column("at", String(32), nullable=False),
            Column("who", String(64), nullable=False),
            Column("layer", String(48)),
            Column("source", Text),
            Column("sha256", String(64)),
            Column("datum", String(16)),
            Column("rows", Integer),
            Column("stored", Integer),
            Column("rejected", Integer),
            Column("unplaced", Integer),
            Column("undoes", String(40)),
            Column("undone_by", String(40)),
        )
        self.review = Table(
            "review",
            self.metadata,
            Column("seq", Integer, primary_key=True),
            Column("batch", String(40), nullable=False, index=True),
            Column("layer", String(48), nullable=False),
            Column("row", Integer, nullable=False),
            Column("feature_id", String(64), nullable=False),
            Column("name", Text),
            Column("address", Text),
            Column("record", Text, nullable=False),
            Column("level", String(16)),
            Column("reasons", Text),
            Column("candidates", Text),
            Column("state", String(12), nullable=False),
        )
        self.gazetteer = Table(
            "gazetteer",
            self.metadata,
            Column("code", String(32), primary_key=True),
            Column("name", Text, nullable=False),
            Column("kind", String(12), nullable=False),
            Column("parent", String(32)),
            Column("lon", Float),
            Column("lat", Float),
            Column("radius_m", Float),
        )
        self.states = Table(
            "layer_states",
            self.metadata,
            Column("layer", String(48), primary_key=True),
            Column("state", Integer, nullable=False),
        )
        self.meta = Table(
            "store_meta",
            self.metadata,
            Column("key", String(64), primary_key=True),
            Column("value", Text, nullable=False),
        )

    def _layer_table(self, spec: LayerSpec) -> Table:
        table = Table(
            spec.id,
            self.metadata,
            Column("fid", Integer, primary_key=True, autoincrement=True),
            Column("geom", Geometry),
            *_columns(spec),
            sqlite_autoincrement=True,
        )
        Index(f"{spec.id}_id", table.c.id, unique=True)
        for name in ("town", "enterprise_id"):
            if name in table.c:
                Index(f"{spec.id}_{name}", table.c[name])
        return table

    def _history_table(self, spec: LayerSpec) -> Table:
        table = Table(
            f"{spec.id}_history",
            self.metadata,
            Column("geom", Geometry),
            *_columns(spec),
            Column("op", String(8), nullable=False),
            PrimaryKeyConstraint("id", "version"),
        )
        Index(f"{spec.id}_history_batch", table.c.batch)
        return table
