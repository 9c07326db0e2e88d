"""The live index: who is around here, while units come, go and move.

`rtree` crashes the process when two threads are inside it, even if both only read, and stores boxes
that are NaN or have their y upside down. So it is used here alone, behind one lock and one check.
See docs/methods/neighbours-live.md.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from rtree.index import Index, Property

from geo_risk.datums import MetricCRS
from geo_risk.errors import NotFoundError, Text, UsageError

LARGEST_M = 1e9
"""No coordinate in metres is farther from the origin of its projection."""
# Loaded leaves are filled to capacity × fill factor, which is also the least a leaf may hold. With
# the library's 0.7 and 100 children a node, a move dissolves its leaf: 530 µs instead of 28.
_TREE: dict[str, Any] = {
    "dimension": 2,
    "leaf_capacity": 20,
    "index_capacity": 20,
    "fill_factor": 0.45,
}

Box = tuple[float, float, float, float]
Place: TypeAlias = shapely.Geometry | tuple[float, float] | Box
"""A geometry, a point (x, y) or a box (min x, min y, max x, max y), in metres."""
Shapes = NDArray[np.object_]


class Near(NamedTuple):
    """A unit and its distance in metres, boundary to boundary; 0 where they touch or overlap."""

    id: str
    distance_m: float


class LiveIndex:
    """Units by place, in the metres of one CRS; safe to use from many threads.

    Parameters
    ----------
    crs : the metric CRS of all coordinates; kept, not applied.
    ids, places : the first units, shape (n,): texts, and geometries or an array of (n, 2) points
        or (n, 4) boxes; loaded at once, ten times as fast as one by one.
    version : the state of the source that these units show; the caller's number.

    Every call sees all of another call's change or nothing of it. A place that is empty, NaN,
    infinite, inverted or farther than 1e9 m from the origin is refused, and nothing is changed:
    `UsageError` `place_invalid` names the id.
    """

    def __init__(
        self,
        crs: MetricCRS,
        ids: Sequence[str] = (),
        places: Sequence[Place] | NDArray[Any] = (),
        *,
        version: int = 0,
    ) -> None:
        shapes = checked(ids, places)
        self.crs = crs
        self._lock = threading.RLock()
        self._version = version
        self._next = count(len(ids))
        self._ids = dict(enumerate(ids))
        self._numbers = {key: number for number, key in self._ids.items()}
        self._shapes: dict[int, shapely.Geometry] = dict(enumerate(shapes))
        if len(self._numbers) < len(ids):
            raise _taken(_repeated(ids))
        with self._lock:
            self._tree = _tree(shapely.bounds(shapes))

    def __len__(self) -> int:
        with self._lock:
            return len(self._numbers)

    def __contains__(self, key: object) -> bool:
        with self._lock:
            return key in self._numbers

    @property
    def version(self) -> int:
        """The state of the source that the index shows."""
        with self._lock:
            return self._version

    def shape(self, key: str) -> shapely.Geometry:
        """Where a unit is, in metres; `NotFoundError` when it is not here."""
        with self._lock:
            return self._shapes[self._number(key)]

    def insert(self, key: str, place: Place) -> None:
        """Add a unit; `UsageError` `id_taken` when it is here already."""
        shape = _checked_one(key, place)
        with self._lock:
            if key in self._numbers:
                raise _taken(key)
            self._put(key, shape)

    def move(self, key: str, place: Place) -> None:
        """Give a unit another place; `NotFoundError` when it is not here."""
        shape = _checked_one(key, place)
        with self._lock:
            self._number(key)
            self._put(key, shape)

    def delete(self, key: str) -> None:
        """Take a unit out; `NotFoundError` when it is not here."""
        with self._lock:
            self._number(key)
            self._drop(key)

    def refresh(self, changes: Mapping[str, Place | None], version: int) -> None:
        """Bring the index to another state of its source, in one step.

        `changes` holds the new place of each changed unit, known or not, or None where it is gone.
        """
        placed = {key: place for key, place in changes.items() if place is not None}
        shapes = checked(list(placed), list(placed.values()))
        with self._lock:
            for key in changes.keys() - placed.keys():
                if key in self._numbers:
                    self._drop(key)
            for key, shape in zip(placed, shapes, strict=True):
                self._put(key, shape)
            self._version = version

    def within(self, place: Place, radius_m: float) -> list[Near]:
        """All units at most `radius_m` from a place, nearest first, then by id.

        Distances are exact, to outlines where units have one; exactly `radius_m` counts.
        """
        shape = _checked_one("", place)
        if not (math.isfinite(radius_m) and radius_m >= 0):
            raise _bad_number("radius_m", radius_m)
        found, shapes = self._found(_widened(shape, radius_m))
        return _nearest_first(shape, found, shapes, radius_m)

    def nearest(self, place: Place, k: int) -> list[Near]:
        """The `k` units nearest to a place, or all if there are fewer, then by id.

        Of units at the same distance the lower ids are taken.
        """
        shape = _checked_one("", place)
        if k < 1:
            raise _bad_number("k", k)
        with self._lock:
            k = min(k, len(self._numbers))
            if not k:
                return []
            # The tree knows boxes only: its k nearest bound how far the true k nearest can be.
            hits = list(self._tree.nearest(shape.bounds, k))
            bound_m = np.sort(shapely.distance(shape, self._at(hits)))[k - 1]
            found, shapes = self._found(_widened(shape, bound_m))
        return _nearest_first(shape, found, shapes, bound_m)[:k]

    def _found(self, box: Box) -> tuple[list[str], Shapes]:
        """Copies of what lies in a box: what a reader works on later nobody changes any more."""
        with self._lock:
            hits = list(self._tree.intersection(box))
            return [self._ids[number] for number in hits], self._at(hits)

    def _at(self, numbers: Sequence[int]) -> Shapes:
        shapes = np.empty(len(numbers), dtype=object)
        shapes[:] = [self._shapes[number] for number in numbers]
        return shapes

    def _number(self, key: str) -> int:
        if key not in self._numbers:
            raise NotFoundError(
                "unit_unknown",
                Text("索引中没有这个对象", "The index has no such unit"),
                where=str(key),
                fix=Text("检查编号，或先加入", "Check the id, or insert it first"),
            )
        return self._numbers[key]

    def _put(self, key: str, shape: shapely.Geometry) -> None:
        known = self._numbers.get(key)
        number = next(self._next) if known is None else known
        self._tree.insert(number, shape.bounds)
        if known is not None:  # only now: a leaf that loses one first may be dissolved for nothing
            self._tree.delete(number, self._shapes[number].bounds)
        self._ids[number], self._numbers[key], self._shapes[number] = key, number, shape

    def _drop(self, key: str) -> None:
        number = self._numbers.pop(key)
        self._tree.delete(number, self._shapes.pop(number).bounds)
        del self._ids[number]


def usable(shapes: Shapes) -> NDArray[np.bool_]:
    """Which geometries can be indexed: there, not empty, all coordinates finite and on earth."""
    good: NDArray[np.bool_] = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    at, owner = shapely.get_coordinates(shapes, return_index=True)
    good[owner[~(np.abs(at) <= LARGEST_M).all(axis=1)]] = False
    return good


def checked(ids: Sequence[str], places: Sequence[Place] | NDArray[Any]) -> Shapes:
    """Places as geometries, shape (n,); `UsageError` names the first id whose place is none."""
    if len(ids) != len(places):
        raise UsageError(
            "lengths_differ",
            Text("编号与位置的数量不同", "There are not as many places as ids"),
            got=f"{len(ids)}, {len(places)}",
            fix=Text("每个编号给一个位置", "Give one place for each id"),
        )
    shapes: Shapes = np.empty(len(ids), dtype=object)
    if isinstance(places, np.ndarray) and places.ndim == 2 and places.shape[1] == 2:
        shapes[:] = shapely.points(places)
    else:
        shapes[:] = [_shape(place) for place in places]
    good = usable(shapes)
    if not good.all():
        first = int(np.argmin(good))
        raise UsageError(
            "place_invalid",
            Text("位置为空、不是有限数或上下颠倒", "The place is empty, not finite or inverted"),
            where=str(ids[first]),
            got=places[first],
            fix=Text(
                "给出以米为单位的几何、点或 最小x,最小y,最大x,最大y",
                "Give a geometry, a point or min x, min y, max x, max y, in metres",
            ),
        )
    return shapes


def _checked_one(key: str, place: Place) -> shapely.Geometry:
    """`checked` for one unit; a plain point is checked here, six times as fast."""
    if type(place) is tuple and len(place) == 2:
        x, y = place
        if type(x) is type(y) is float and abs(x) <= LARGEST_M and abs(y) <= LARGEST_M:
            return shapely.points(x, y)
    return checked([key], [place])[0]


def _shape(place: Place | Iterable[float] | None) -> shapely.Geometry | None:
    if place is None or isinstance(place, shapely.Geometry):
        return place
    numbers = [float(number) for number in place]
    if len(numbers) not in (2, 4) or not all(map(math.isfinite, numbers)):
        return None
    if len(numbers) == 2:
        return shapely.Point(numbers)
    min_x, min_y, max_x, max_y = numbers
    if min_x > max_x or min_y > max_y:
        return None
    corners = list(dict.fromkeys([(min_x, min_y), (max_x, max_y)]))
    if len(corners) == 1:
        return shapely.Point(corners[0])
    flat = min_x == max_x or min_y == max_y
    return shapely.LineString(corners) if flat else shapely.box(*numbers)


def _tree(boxes: NDArray[np.float64]) -> Index:
    properties = Property(**_TREE)
    if not len(boxes):
        return Index(properties=properties)
    columns = (np.arange(len(boxes)), boxes[:, :2].copy(), boxes[:, 2:].copy())
    return Index(columns, properties=properties)


def _widened(shape: shapely.Geometry, radius_m: float) -> Box:
    """The box around a place, a hair wider than the radius so that rounding loses nobody."""
    min_x, min_y, max_x, max_y = shape.bounds
    hair = 1e-9 + 1e-12 * (max(map(abs, shape.bounds)) + radius_m)
    wide = radius_m + hair
    return min_x - wide, min_y - wide, max_x + wide, max_y + wide


def _nearest_first(
    shape: shapely.Geometry, ids: list[str], shapes: Shapes, radius_m: float
) -> list[Near]:
    distances_m = shapely.distance(shape, shapes).tolist()
    near = [pair for pair in zip(distances_m, ids, strict=True) if pair[0] <= radius_m]
    near.sort()
    return [Near(key, distance_m) for distance_m, key in near]


def _repeated(ids: Sequence[str]) -> str:
    seen: set[str] = set()
    return next(key for key in ids if key in seen or seen.add(key))  # type: ignore[func-returns-value]


def _taken(key: str) -> UsageError:
    return UsageError(
        "id_taken",
        Text("索引中已有这个编号", "The index has this id already"),
        where=str(key),
        fix=Text("改用移动，或先删除", "Move it, or delete it first"),
    )


def _bad_number(name: str, got: float) -> UsageError:
    return UsageError(
        "number_invalid",
        Text("数值不正确", "The number is not valid"),
        where=name,
        got=got,
        fix=Text(
            "radius_m 为不小于 0 的有限数，k 不小于 1",
            "radius_m is finite and at least 0, k at least 1",
        ),
    )
