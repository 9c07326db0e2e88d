"""The tables of a store: one per layer with its history beside it, and the store's own."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeEngine

from geo_risk.catalogue import FieldSpec, LayerSpec

from .geometry import Geometry

SCHEMA_VERSION = "1"
GRADE_COLUMNS = ("grade", "score", "profile", "reasons", "basis")
PLACEMENT_COLUMNS = ("source_key", "datum_in", "position_in", "level", "uncertainty_m", "flags")
VERSION_COLUMNS = ("version", "batch", "updated_at")


class ShortText(String):
    """Text of a limited length: VARCHAR(n); in a GeoPackage TEXT(n).

    GeoPackage has no VARCHAR, and GDAL and QGIS leave such a column out.
    """


@compiles(ShortText, "sqlite")
def _gpkg_text(kind: ShortText, _compiler: object, **_: object) -> str:
    return f"TEXT({kind.length})"


def _id_type() -> TypeEngine[str]:
    """Ids sort by their bytes on both stores, so that pages come in the same order."""
    return ShortText(64).with_variant(String(64, collation="C"), "postgresql")


def _field_type(field: FieldSpec) -> TypeEngine[object]:
    kinds: dict[str, TypeEngine[object]] = {
        "integer": Integer(),  # type: ignore[dict-item]
        "interval": Integer(),  # type: ignore[dict-item]
        "number": Double(),
        "boolean": Boolean(),  # type: ignore[dict-item]
    }
    return kinds.get(field.type, Text())  # type: ignore[arg-type]


def _columns(layer: LayerSpec) -> list[Column[object]]:
    columns: list[Column[object]] = [
        Column("id", _id_type(), nullable=False),
        Column("version", Integer, nullable=False),
        Column("batch", ShortText(40), nullable=False),
        Column("updated_at", ShortText(32), nullable=False),
        Column("source", Text),
        Column("source_key", Text),
        Column("datum_in", ShortText(16)),
        Column("position_in", Text),
        Column("level", ShortText(16)),
        Column("uncertainty_m", Double),
        Column("flags", Text),
        Column("digest", ShortText(32)),
    ]
    columns += [Column(field.name, _field_type(field)) for field in layer.fields]
    if layer.graded:
        columns += [
            Column("grade", ShortText(8)),
            Column("score", Double),
            Column("profile", ShortText(64)),
            Column("reasons", Text),
            Column("basis", Text),
        ]
    return columns


def content_columns(layer: LayerSpec) -> tuple[str, ...]:
    """The columns whose change makes a new version; a roll-up's grade is derived and is not one."""
    grades = GRADE_COLUMNS if layer.grader not in ("", "rollup") else ()
    return ("geom", *PLACEMENT_COLUMNS, *(field.name for field in layer.fields), *grades)


def digest_columns(layer: LayerSpec) -> tuple[str, ...]:
    """The columns by which an unchanged record is known.

    Flags are not among them: they speak of its neighbours, and tell how those were when it came.
    """
    return tuple(name for name in content_columns(layer) if name != "flags")


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
            Column("id", ShortText(40), primary_key=True),
            Column("kind", ShortText(16), nullable=False),
            Column("at", ShortText(32), nullable=False),
            Column("who", ShortText(64), nullable=False),
            Column("layer", ShortText(48)),
            Column("source", Text),
            Column("sha256", ShortText(64)),
            Column("datum", ShortText(16)),
            Column("rows", Integer),
            Column("stored", Integer),
            Column("rejected", Integer),
            Column("unplaced", Integer),
            Column("undoes", ShortText(40)),
            Column("undone_by", ShortText(40)),
        )
        self.review = Table(
            "review",
            self.metadata,
            Column("seq", Integer, primary_key=True),
            Column("batch", ShortText(40), nullable=False, index=True),
            Column("layer", ShortText(48), nullable=False),
            Column("row", Integer, nullable=False),
            Column("feature_id", ShortText(64), nullable=False),
            Column("name", Text),
            Column("address", Text),
            Column("record", Text, nullable=False),
            Column("level", ShortText(16)),
            Column("reasons", Text),
            Column("candidates", Text),
            Column("state", ShortText(12), nullable=False),
            Column("settled_as", ShortText(12)),
            Column("settled_by", ShortText(40), index=True),
            Column("note", Text),
        )
        self.gazetteer = Table(
            "gazetteer",
            self.metadata,
            Column("code", ShortText(32), primary_key=True),
            Column("name", Text, nullable=False),
            Column("kind", ShortText(12), nullable=False),
            Column("parent", ShortText(32)),
            Column("lon", Double),
            Column("lat", Double),
            Column("radius_m", Double),
            Column("road", Text),
            Column("number", Text),
            Column("aliases", Text),
            Column("source", Text),
            Column("datum", ShortText(16)),
        )
        self.joint_groups = Table(
            "joint_groups",
            self.metadata,
            Column("id", ShortText(16), primary_key=True),
            Column("kind", ShortText(12), nullable=False),
            Column("policy", ShortText(64), nullable=False),
            Column("built_at", ShortText(32), nullable=False),
            Column("body", Text, nullable=False),
        )
        self.site_plans = Table(
            "site_plans",
            self.metadata,
            Column("id", ShortText(48), primary_key=True),
            Column("subject", ShortText(12), nullable=False),
            Column("made_at", ShortText(32), nullable=False),
            Column("summary", Text, nullable=False),
            Column("body", LargeBinary, nullable=False),
            Column("inputs", LargeBinary, nullable=False),
        )
        self.jobs = Table(
            "jobs",
            self.metadata,
            Column("seq", Integer, primary_key=True),
            Column("id", ShortText(16), nullable=False, unique=True),
            Column("process", ShortText(48), nullable=False),
            Column("inputs", Text, nullable=False),
            Column("state", ShortText(12), nullable=False, index=True),
            Column("worker", ShortText(16)),
            Column("cancel", Boolean, nullable=False),
            Column("done", Integer, nullable=False),
            Column("total", Integer, nullable=False),
            Column("message", Text),
            Column("problem", Text),
            Column("result", Text),
            Column("result_bytes", Integer),
            Column("created_at", ShortText(32), nullable=False),
            Column("started_at", ShortText(32)),
            Column("updated_at", ShortText(32), nullable=False),
            Column("finished_at", ShortText(32)),
        )
        self.states = Table(
            "layer_states",
            self.metadata,
            Column("layer", ShortText(48), primary_key=True),
            Column("state", Integer, nullable=False),
        )
        self.meta = Table(
            "store_meta",
            self.metadata,
            Column("key", ShortText(64), primary_key=True),
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
            Column("op", ShortText(8), nullable=False),
            PrimaryKeyConstraint("id", "version"),
        )
        Index(f"{spec.id}_history_batch", table.c.batch)
        return table
