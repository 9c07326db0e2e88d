"""The one way to read features: every page, tile, count and export selects through here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    column,
    false,
    func,
    or_,
    select,
    table,
)

from .geometry import SRID

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Query:
    """Which features of a layer: all conditions hold together.

    `bbox` is west, south, east, north in degrees; `grades` any of (an ungraded layer has none);
    `town` a town code; `name` a part of the name or address, or a whole id or credit code;
    `parent` an enterprise id; `exact` False skips the last exact test of the box (tiles clip
    anyway). `as_of` is a moment (ISO 8601, UTC): the layer as it stood
    then; the grades of roll-up layers are derived and not kept in the history.
    """

    layer: str
    bbox: Box | None = None
    grades: tuple[str, ...] = ()
    town: str = ""
    name: str = ""
    parent: str = ""
    ids: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0
    exact: bool = True
    as_of: str = ""


def as_of(history: Table, moment: str) -> FromClause:
    """A layer as it stood at a moment: the last version of each feature until then."""
    last = (
        select(history.c.id, func.max(history.c.version).label("version"))
        .where(history.c.updated_at <= moment)
        .group_by(history.c.id)
        .subquery()
    )
    same = and_(history.c.id == last.c.id, history.c.version == last.c.version)
    return select(history).join(last, same).where(history.c.op == "put").subquery()


def in_box(layer: FromClause, box: Box, dialect: str, *, exact: bool) -> list[ColumnElement[bool]]:
    """The conditions for a box: the index first, then the exact test.

    On SQLite the R-tree must stand in `fid IN (SELECT …)`: a custom boolean would get “= 1”
    appended and the index would be lost.
    """
    west, south, east, north = box
    if dialect == "sqlite":
        test = func.geo_risk_intersects(layer.c.geom, west, south, east, north) == 1
        if not isinstance(layer, Table):  # the history has no R-tree
            return [test]
        tree = table(
            f"rtree_{layer.name}_geom",
            *(column(name) for name in ("id", "minx", "maxx", "miny", "maxy")),
        )
        hits = select(tree.c.id).where(
            tree.c.minx <= east, tree.c.maxx >= west, tree.c.miny <= north, tree.c.maxy >= south
        )
        return [layer.c.fid.in_(hits), *([test] if exact else [])]
    envelope = func.ST_MakeEnvelope(west, south, east, north, SRID)
    if exact:
        return [func.ST_Intersects(layer.c.geom, envelope)]
    return [layer.c.geom.op("&&", is_comparison=True)(envelope)]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def where(layer: FromClause, query: Query, dialect: str) -> list[ColumnElement[bool]]:
    """The conditions of a query on a layer's table."""
    conditions: list[ColumnElement[bool]] = []
    if query.bbox is not None:
        conditions += in_box(layer, query.bbox, dialect, exact=query.exact)
    if query.grades:
        graded = "grade" in layer.c
        conditions.append(layer.c.grade.in_(query.grades) if graded else false())
    if query.town:
        home = layer.c.town if "town" in layer.c else layer.c.id
        conditions.append(home == query.town)
    if query.parent:
        conditions.append(layer.c.enterprise_id == query.parent)
    if query.ids:
        conditions.append(layer.c.id.in_(query.ids))
    if query.name:
        part = f"%{_escaped(query.name)}%"
        hits: list[ColumnElement[bool]] = [
            layer.c[name].ilike(part, escape="\\")
            for name in ("name", "address")
            if name in layer.c
        ]
        hits += [layer.c[name] == query.name for name in ("id", "credit_code") if name in layer.c]
        conditions.append(or_(*hits))
    return conditions


def statement(
    layer: FromClause,
    query: Query,
    dialect: str,
    columns: tuple[str, ...] = (),
    after: str | None = None,
) -> Select[Any]:
    """The select for a query, in the order of the ids so that pages are stable.

    `after` leaves out ids up to and with it, so that a reader goes on where it stopped.
    """
    chosen = [layer.c[name] for name in columns] or [
        c for c in layer.c if c.name not in ("fid", "digest", "op")
    ]
    result = select(*chosen).where(*where(layer, query, dialect)).order_by(layer.c.id)
    if after is not None:
        result = result.where(layer.c.id > after)
    if query.limit is not None:
        result = result.limit(query.limit)
    return result.offset(query.offset) if query.offset else result
