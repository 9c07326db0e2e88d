"""Which candidate reaches which demand: sparse, from straight distance or from a table.

Rules and limits: docs/methods/covering.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo_risk.datums import geodesic_distance_m
from geo_risk.errors import Text, UsageError

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

MAX_RADIUS_M = 1_000_000.0
_SEMI_MAJOR_M, _FLATTENING = 6_378_137.0, 1 / 298.257223563
_SHARPEST_M = 6_335_439.0
"""The least radius of curvature of WGS84: no geodesic bends more (at the equator, northward)."""
_BLOCK = 1 << 15
_SLACK = 1e-9


@dataclass(frozen=True)
class Reach:
    """Demand i is reached by `candidate[starts[i]:starts[i + 1]]`, ascending row numbers.

    `starts` has shape (demands + 1,), `candidate` and, where known, `cost` (metres or the unit of
    the table) one entry for each demand and candidate that reaches it.
    """

    starts: Longs
    candidate: Ints
    candidates: int
    cost: Floats | None = None

    @property
    def demands(self) -> int:
        """How many demands there are, reached or not."""
        return len(self.starts) - 1

    @property
    def unreached(self) -> Longs:
        """Row numbers of the demands that no candidate reaches."""
        return np.flatnonzero(np.diff(self.starts) == 0)

    @property
    def row_of_entry(self) -> Longs:
        """The demand of each entry."""
        return np.repeat(np.arange(self.demands), np.diff(self.starts))

    def by_candidate(self) -> tuple[Longs, Ints]:
        """The same by candidate: candidate j reaches `demand[starts[j]:starts[j + 1]]`."""
        order = np.argsort(self.candidate, kind="stable")
        counts = np.bincount(self.candidate, minlength=self.candidates)
        return _starts(counts), self.row_of_entry[order].astype(np.int32)


def reach_within(
    demand_lon: ArrayLike,
    demand_lat: ArrayLike,
    candidate_lon: ArrayLike,
    candidate_lat: ArrayLike,
    radius_m: float,
    *,
    sphere_m: float | None = None,
    with_cost: bool = False,
) -> Reach:
    """Reach by straight distance: at most `radius_m` counts, the boundary included.

    WGS84 degrees, shapes (demands,) and (candidates,). The distance is the geodesic on WGS84, or
    with `sphere_m` the great circle on a sphere of that radius (haversine, float64); `with_cost`
    keeps it. Memory is linear in demands, candidates and entries. Raises `UsageError`
    `radius_invalid`, `position_not_finite` (naming the row, from 0), `lengths_differ`.
    """
    if not 0 < radius_m <= MAX_RADIUS_M:
        words = Text("半径不正确", "The radius is not valid")
        fix = Text(
            "给出大于 0、不超过 1000000 的米数", "Give more than 0 and at most 1000000 metres"
        )
        raise UsageError("radius_invalid", words, where="radius", got=radius_m, fix=fix)
    demand = _positions(demand_lon, demand_lat, "demand")
    candidate = _positions(candidate_lon, candidate_lat, "candidate")
    entries = [
        _block(demand, first, candidate, float(radius_m), sphere_m, with_cost)
        for first in range(0, len(demand[0]), _BLOCK)
    ]
    counts, found, cost = (
        np.concatenate([np.empty(0, kind), *(entry[at] for entry in entries)])
        for at, kind in enumerate((np.int64, np.int32, np.float64))
    )
    return Reach(_starts(counts), found, len(candidate[0]), cost if with_cost else None)


def reach_from_table(
    demand: ArrayLike,
    candidate: ArrayLike,
    *,
    demands: int,
    candidates: int,
    cost: ArrayLike | None = None,
) -> Reach:
    """Reach from rows (demand, candidate[, cost]) by row number from 0; doubles count once.

    Where a pair stands twice the lower cost holds. Raises `UsageError` `lengths_differ`,
    `row_unknown` (naming the table's row).
    """
    i, j = (np.asarray(rows, dtype=np.int64) for rows in (demand, candidate))
    given = np.zeros(len(i)) if cost is None else np.asarray(cost, dtype=np.float64)
    if not i.shape == j.shape == given.shape:
        raise _lengths(f"{i.shape}, {j.shape}, {given.shape}")
    for what, rows, count in (("demand", i, demands), ("candidate", j, candidates)):
        bad = np.flatnonzero((rows < 0) | (rows >= count))
        if len(bad):
            words = Text("表中的行号不存在", "The table names a row that does not exist")
            where = f"row {bad[0]}, {what}"
            raise UsageError("row_unknown", words, where=where, got=int(rows[bad[0]]))
    order = np.lexsort((given, j, i))
    i, j, given = i[order], j[order], given[order]
    first = np.ones(len(i), bool)
    first[1:] = (i[1:] != i[:-1]) | (j[1:] != j[:-1])
    counts = np.bincount(i[first], minlength=demands)
    kept = None if cost is None else given[first]
    return Reach(_starts(counts), j[first].astype(np.int32), candidates, kept)


def _block(
    demand: tuple[Floats, Floats],
    first: int,
    candidate: tuple[Floats, Floats],
    radius_m: float,
    sphere_m: float | None,
    with_cost: bool,
) -> tuple[Longs, Ints, Floats]:
    """Candidates per demand, candidates and distances of some rows of demand from `first` on."""
    from scipy.spatial import cKDTree

    lon, lat = (values[first : first + _BLOCK] for values in demand)
    # No chord is longer than the way along the surface: all that count are among these.
    near = cKDTree(_solid(lon, lat, sphere_m)).sparse_distance_matrix(
        cKDTree(_solid(*candidate, sphere_m)),
        radius_m * (1.0 + _SLACK) + 1e-6,
        output_type="ndarray",
    )
    near = near[np.lexsort((near["j"], near["i"]))]
    i, j, chord_m = near["i"], near["j"].astype(np.int32), near["v"]
    if sphere_m is not None:
        way_m = great_circle_m(lon[i], lat[i], candidate[0][j], candidate[1][j], sphere_m)
    else:
        # A curve that bends no more than a circle is no longer than that circle over its chord.
        most = 2 * _SHARPEST_M * np.arcsin(np.minimum(chord_m / (2 * _SHARPEST_M), 1.0))
        open_ = np.flatnonzero(with_cost | (most > radius_m * (1.0 - _SLACK) - 1e-6))
        way_m = most
        way_m[open_] = geodesic_distance_m(
            lon[i[open_]], lat[i[open_]], candidate[0][j[open_]], candidate[1][j[open_]]
        )
    within = way_m <= radius_m
    counts = np.bincount(i[within], minlength=len(lon))
    return counts, j[within], way_m[within] if with_cost else np.empty(0)


def summed(at: NDArray[np.signedinteger], values: Floats, n: int) -> Floats:
    """The sum of the values at each number from 0 to n - 1."""
    return np.asarray(np.bincount(at, values, n), dtype=np.float64)


def great_circle_m(
    lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats, sphere_m: float
) -> Floats:
    """Great-circle distance in metres on a sphere of radius `sphere_m`, by the haversine."""
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half = np.sin((phi2 - phi1) / 2) ** 2
    half += np.cos(phi1) * np.cos(phi2) * np.sin(np.radians(lon2 - lon1) / 2) ** 2
    way_m: Floats = 2 * sphere_m * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return way_m


def _solid(lon: Floats, lat: Floats, sphere_m: float | None) -> Floats:
    """Positions in space in metres, shape (n, 3), on the sphere or on WGS84."""
    axis_m, flattening = (_SEMI_MAJOR_M, _FLATTENING) if sphere_m is None else (sphere_m, 0.0)
    square = flattening * (2 - flattening)
    lam, phi = np.radians(lon), np.radians(lat)
    normal_m = axis_m / np.sqrt(1 - square * np.sin(phi) ** 2)
    across_m = normal_m * np.cos(phi)
    up_m = normal_m * (1 - square) * np.sin(phi)
    return np.column_stack([across_m * np.cos(lam), across_m * np.sin(lam), up_m])


def _positions(lon: ArrayLike, lat: ArrayLike, what: str) -> tuple[Floats, Floats]:
    x, y = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (lon, lat))
    if x.shape != y.shape or x.ndim != 1:
        raise _lengths(f"{what}: {x.shape}, {y.shape}")
    bad = np.flatnonzero(~((np.abs(x) <= 180.0) & (np.abs(y) <= 90.0)))
    if len(bad):
        row = int(bad[0])
        raise UsageError(
            "position_not_finite",
            Text("坐标不是可用的经纬度", "A position is no usable longitude and latitude"),
            where=f"{what}, row {row}",
            got=f"{x[row]}, {y[row]}",
            fix=Text("请先去掉没有位置的行", "Leave rows without a position out"),
        )
    return x, y


def _lengths(got: str) -> UsageError:
    words = Text("各列长短不一", "The columns differ in length")
    return UsageError("lengths_differ", words, got=got)


def _starts(counts: NDArray[np.int64]) -> Longs:
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts
