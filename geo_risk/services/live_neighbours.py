"""Who is around a unit: live indexes of a store's layers, brought up to date by what changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import select

from geo_risk.datums import MetricCRS, metric_crs
from geo_risk.errors import Text, UsageError
from geo_risk.neighbours.live import LiveIndex, Near, usable
from geo_risk.store import Query, Store
from geo_risk.store.chunks import chunks
from geo_risk.store.query import statement

from .explaining import the_feature

RADIUS_M, RADIUS_RANGE_M, K_RANGE = 500.0, (1.0, 50_000.0), (1, 1_000)
_READ_ROWS = 50_000
_REBUILD_SHARE = 0.25
"""When more of the layer changed, loading it anew is quicker."""

Shapes = NDArray[np.object_]


class LiveLayer:
    """The index of one layer, and the batches of its store that it has seen.

    Changes are found by batches that were not seen yet: each write of a feature is in the history
    under its batch, so neither the clock nor what a roll-up does to grades matters.
    """

    def __init__(self, layer_id: str) -> None:
        self.layer_id = layer_id
        self._lock = threading.Lock()
        self._index: LiveIndex | None = None
        self._state: int | None = None
        self._batches: set[str] = set()

    def up_to_date(self, store: Store) -> LiveIndex | None:
        """The index as the store stands now; None where nothing of the layer is placed."""
        with self._lock:
            # State and batches are read before the features: what is written meanwhile is looked
            # at again next time, never missed.
            state = store.layer_state(self.layer_id)
            if state == self._state:
                return self._index
            batches = _batches(store)
            if self._index is None or not self._brought(store, self._index, state, batches):
                self._index = built(store, self.layer_id, state)
            self._state, self._batches = state, batches
            return self._index

    def _brought(self, store: Store, index: LiveIndex, state: int, batches: set[str]) -> bool:
        """Refresh by the features of new batches; False where loading anew is better."""
        ids = _changed(store, self.layer_id, batches - self._batches)
        if len(ids) > max(1_000, _REBUILD_SHARE * len(index)):
            return False
        changes: dict[str, shapely.Geometry | None] = dict.fromkeys(ids)
        for part in chunks(sorted(ids)):
            rows = store.columns(Query(self.layer_id, ids=tuple(part)), ("id", "geom"))
            changes |= _in_metres(index.crs, rows)
        index.refresh(changes, state)
        return True


_live: WeakKeyDictionary[Store, dict[str, LiveLayer]] = WeakKeyDictionary()
_live_lock = threading.Lock()


def up_to_date(store: Store, layer_id: str = "enterprises") -> LiveIndex | None:
    """The live index of a layer as the store stands now; kept as long as the store is open.

    None where nothing of the layer has a position. `NotFoundError` for an unknown layer,
    `UsageError` for one that is a plain table.
    """
    spec = store.spec(layer_id)
    if not spec.geometry:
        raise UsageError(
            "layer_without_places",
            Text("该图层没有位置", "This layer has no places"),
            where=layer_id,
            fix=Text("用 geo-risk layers 选择有位置的图层", "Choose a layer by geo-risk layers"),
        )
    with _live_lock:
        layer = _live.setdefault(store, {}).setdefault(spec.id, LiveLayer(spec.id))
    return layer.up_to_date(store)


def built(store: Store, layer_id: str, state: int) -> LiveIndex | None:
    """An index of all that is placed in a layer, in the UTM zone of its middle."""
    parts = [_placed(rows) for rows in _read(store, layer_id)]
    ids = [key for part, _ in parts for key in part]
    if not ids:
        return None
    shapes = np.concatenate([part for _, part in parts])
    crs = metric_crs(*shapely.get_coordinates(shapely.centroid(shapes)).T)
    metric = _projected(crs, shapes)
    good = usable(metric)
    kept = [key for key, one in zip(ids, good, strict=True) if one]
    return LiveIndex(crs, kept, metric[good], version=state)


def neighbours_of(
    store: Store,
    layer_id: str,
    feature_id: str,
    *,
    radius_m: float | None = None,
    k: int | None = None,
) -> list[dict[str, Any]]:
    """The neighbours of a feature in its layer, nearest first, then by id, itself left out.

    Within `radius_m` metres (1 to 50,000; 500 when neither is given) or the `k` nearest (1 to
    1,000). Each has id, name, distance_m (to the millimetre, between outlines where there are
    some, 0 where they overlap), grade, industry, and lon and lat in WGS84. `UsageError`
    `feature_unplaced` for a feature without a position.
    """
    _check(radius_m, k)
    row = the_feature(store, layer_id, feature_id)
    index = up_to_date(store, layer_id)
    if index is None or feature_id not in index:
        raise _unplaced(layer_id, row)
    place = index.shape(feature_id)
    if k is None:
        near = index.within(place, RADIUS_M if radius_m is None else radius_m)
        others = [one for one in near if one.id != feature_id]
    else:
        others = [one for one in index.nearest(place, k + 1) if one.id != feature_id][:k]
    return _told(store, layer_id, others)


def _told(store: Store, layer_id: str, near: list[Near]) -> list[dict[str, Any]]:
    spec, table = store.spec(layer_id), store.source(layer_id)
    names = [name for name in ("id", "geom", "name", "grade", "industry") if name in table.c]
    known: dict[str, dict[str, Any]] = {}
    for part in chunks([one.id for one in near]):
        rows = store.columns(Query(layer_id, ids=tuple(part)), names)
        known |= {row[0]: dict(zip(names, row, strict=True)) for row in rows}
    told = []
    for one in near:
        row = known.get(one.id)
        if row is None or row["geom"] is None:  # gone since the index was asked
            continue
        point = shapely.from_wkb(row["geom"]).point_on_surface()
        told.append(
            {
                "id": one.id,
                "name": row.get("name"),
                "distance_m": round(one.distance_m, 3),
                "grade": (row.get("grade") or "no_data") if spec.graded else None,
                "industry": row.get("industry"),
                "lon": point.x,
                "lat": point.y,
            }
        )
    return told


def _batches(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.scalars(select(store.schema.batches.c.id)))


def _changed(store: Store, layer_id: str, batches: set[str]) -> set[str]:
    history = store.schema.histories[layer_id]
    ids: set[str] = set()
    with store.reading() as connection:
        for part in chunks(sorted(batches)):
            written = select(history.c.id).where(history.c.batch.in_(part))
            ids.update(connection.scalars(written))
    return ids


def _read(store: Store, layer_id: str) -> Iterator[list[tuple[Any, ...]]]:
    """Ids and geometries of a layer, in pieces, so that no query meets the time limit."""
    table, after = store.source(layer_id), None
    piece = Query(layer_id, limit=_READ_ROWS)
    while True:
        with store.reading() as connection:
            rows = connection.execute(
                statement(table, piece, store.dialect, ("id", "geom"), after=after)
            ).all()
        yield [tuple(row) for row in rows]
        if len(rows) < _READ_ROWS:
            return
        after = rows[-1][0]


def _placed(rows: list[tuple[Any, ...]]) -> tuple[list[str], Shapes]:
    """Ids and WGS84 geometries of the rows that have a usable one."""
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = shapely.from_wkb([geom for _, geom in rows])
    good = usable(shapes)
    return [key for (key, _), one in zip(rows, good, strict=True) if one], shapes[good]


def _projected(crs: MetricCRS, shapes: Shapes) -> Shapes:
    metric: Shapes = shapely.transform(
        shapes, lambda at: np.column_stack(crs.forward(at[:, 0], at[:, 1]))
    )
    return metric


def _in_metres(crs: MetricCRS, rows: list[tuple[Any, ...]]) -> Mapping[str, shapely.Geometry]:
    ids, shapes = _placed(rows)
    metric = _projected(crs, shapes)
    pairs = zip(ids, metric, usable(metric), strict=True)
    return {key: shape for key, shape, good in pairs if good}


def _check(radius_m: float | None, k: int | None) -> None:
    if radius_m is not None and k is not None:
        raise UsageError(
            "radius_or_k",
            Text("半径和个数只能给一个", "Give a radius or a number, not both"),
            where="--radius, --k",
            got=f"{radius_m}, {k}",
            fix=Text("去掉其中一个", "Leave one of them out"),
        )
    given = (("--radius", radius_m, RADIUS_RANGE_M), ("--k", k, K_RANGE))
    for name, value, (least, most) in given:
        if value is not None and not least <= value <= most:
            raise UsageError(
                "out_of_range",
                Text("超出范围", "Out of range"),
                where=name,
                got=value,
                fix=Text(f"取 {least:g} 到 {most:g}", f"Use {least:g} to {most:g}"),
            )


def _unplaced(layer_id: str, row: Mapping[str, Any]) -> UsageError:
    return UsageError(
        "feature_unplaced",
        Text("该对象没有可用的位置", "This feature has no usable position"),
        where=f"{layer_id}/{row['id']}",
        fix=Text("先在待核清单中落位", "Place it in the review list first"),
    )
