"""What is rolled up: the items of all counted layers, and enterprises judged directly."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, FromClause, func, select

from geo_risk.grading import ROLL_UP_COLUMNS
from geo_risk.store import Store

from . import direct_judgement

COLUMN_OF = {str(grade): at for at, grade in enumerate(ROLL_UP_COLUMNS)}
HOT = ("red", "orange")
_OF_ENTERPRISE = ("industry",)


class Tally(NamedTuple):
    """`times` items of one grade with one key; `direct`: enterprises judged by a rule."""

    grade: str
    key: str | None
    times: int
    direct: bool = False


@dataclass(frozen=True)
class Placed:
    """n items one by one: grade column, key, and WGS84 position (NaN without one)."""

    code: NDArray[np.int64]
    key: list[str | None]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    direct: NDArray[np.bool_]


def _keyed(
    store: Store, layer_id: str, key: str, moment: str
) -> tuple[FromClause, FromClause, Any]:
    """A counted layer, what to select from, and the column of a key; None where it has none."""
    items = store.source(layer_id, moment)
    if key in _OF_ENTERPRISE and "enterprise_id" in items.c:
        owners = store.source("enterprises", moment)
        return items, items.outerjoin(owners, items.c.enterprise_id == owners.c.id), owners.c[key]
    return items, items, items.c.get(key)


def _counted(store: Store) -> list[str]:
    return [spec.id for spec in store.schema.specs.values() if spec.counted]


def tallies(connection: Connection, store: Store, key: str, moment: str = "") -> list[Tally]:
    """How many items of each grade there are by a key, now or as of a moment.

    `key` is a column of the counted layers, `industry` of their enterprises, or "" for all.
    """
    found = []
    for layer_id in _counted(store):
        items, source, column = _keyed(store, layer_id, key, moment)
        by = [] if column is None else [column]
        rows = connection.execute(
            select(items.c.grade, func.count(), *by)
            .select_from(source)
            .group_by(items.c.grade, *by)
        )
        for grade, times, *of in rows:
            found.append(Tally(grade or "no_data", of[0] if of else None, times))
    return found + [
        Tally(one.grade, one.key, 1, True) for one in _judged(connection, store, key, moment)
    ]


class _Judged(NamedTuple):
    grade: str
    key: str | None
    wkb: bytes | None


def _judged(connection: Connection, store: Store, key: str, moment: str) -> list[_Judged]:
    """Each enterprise judged directly, with a key and its position."""
    judged = direct_judgement.directly_judged(connection, store, moment)
    if not judged:
        return []
    table = store.source("enterprises", moment)
    own = key if key in ("industry", "department") else "id"
    rows = connection.execute(select(table.c.id, table.c[own], table.c.geom))
    of = {row[0]: (row[1], row[2]) for row in rows}
    found = []
    for enterprise, village, town, grade in judged:
        stated, wkb = of.get(enterprise, (None, None))
        keys = {"enterprise_id": enterprise, "village": village, "town": town}
        found.append(_Judged(grade, keys.get(key, stated), wkb))
    return found


def placed(
    connection: Connection,
    store: Store,
    key: str,
    moment: str = "",
    grades: Collection[str] = (),
) -> Placed:
    """The items one by one with their positions; of some grades only, where these are given."""
    found: list[tuple[str | None, bytes | None, str | None, bool]] = []
    for layer_id in _counted(store):
        items, source, column = _keyed(store, layer_id, key, moment)
        by = [] if column is None else [column]
        wanted = [items.c.grade.in_(grades)] if grades else []
        rows = connection.execute(
            select(items.c.grade, items.c.geom, *by).select_from(source).where(*wanted)
        )
        found += [(row[0], row[1], row[2] if by else None, False) for row in rows]
    for one in _judged(connection, store, key, moment):
        if not grades or one.grade in grades:
            found.append((one.grade, one.wkb, one.key, True))
    lon, lat = _positions([row[1] for row in found])
    return Placed(
        np.array([COLUMN_OF[row[0] or "no_data"] for row in found], np.int64),
        [row[2] for row in found],
        lon,
        lat,
        np.array([row[3] for row in found], np.bool_),
    )


def _positions(
    wkb: Sequence[bytes | None],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of geometries: a point itself, a place inside an outline."""
    shapes = shapely.from_wkb(np.array(wkb, object))
    outlined = shapely.get_type_id(shapes) > 0
    shapes[outlined] = shapely.point_on_surface(shapes[outlined])
    return shapely.get_x(shapes), shapely.get_y(shapes)
