"""Building outlines made fit to stand in the way of sight: repaired, and said which and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..errors import Text, UsageError


@dataclass(frozen=True)
class Buildings:
    """Valid polygons in metres with their heights, and what was wrong with those given.

    `outline_m`, `height_m` and `row` have one entry for each building that hides anything: its
    polygon (or multipolygon), its height in metres (infinite where unknown) and its row, from 0,
    in what was given. `repaired` lists the rows that were no valid polygons and were made ones,
    `flat` those of which no area is left, so that they hide nothing.
    """

    outline_m: NDArray[np.object_]
    height_m: NDArray[np.float64]
    row: NDArray[np.int64]
    repaired: NDArray[np.int64]
    flat: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.outline_m)

    def only(self, which: NDArray[np.bool_]) -> Buildings:
        """Those of a mask, without the lists of what was wrong."""
        none = np.zeros(0, np.int64)
        kept = self.outline_m[which], self.height_m[which], self.row[which]
        return Buildings(*kept, repaired=none, flat=none)

    def told(self, ids: Sequence[object]) -> Text:
        """What was repaired and what hides nothing, by number and by id of the rows given."""
        names = [", ".join(str(ids[row]) for row in rows) for rows in (self.repaired, self.flat)]
        return Text(
            f"修复了 {len(self.repaired)} 个无效的建筑轮廓（{names[0]}）；"
            f"{len(self.flat)} 个没有面积，不挡视线（{names[1]}）",
            f"{len(self.repaired)} invalid outlines of buildings were repaired ({names[0]}); "
            f"{len(self.flat)} have no area and hide nothing ({names[1]})",
        )


def buildings(outline_m: ArrayLike, height_m: ArrayLike | None = None) -> Buildings:
    """Outlines as shapely geometries in metres, shape (n,), made valid; none is dropped unsaid.

    An invalid outline is repaired (`shapely.make_valid`), and the polygonal part of what comes of
    it counts; so does that of a geometry that is no polygon. `height_m`, shape (n,): above
    the ground; NaN is unknown, and then the building hides all that lies behind it. Raises
    `UsageError` `lengths_differ`, `outline_not_finite` and `height_invalid`, naming the row.
    """
    given = np.asarray(outline_m, dtype=object)
    height = np.full(len(given), np.nan) if height_m is None else np.asarray(height_m, float)
    if given.ndim != 1 or height.shape != given.shape:
        words = Text("各列长短不一", "The columns differ in length")
        got = f"{given.shape}, {height.shape}"
        raise UsageError("lengths_differ", words, where="outline_m, height_m", got=got)
    _check(given, height)
    wrong = ~shapely.is_valid(given) | ~np.isin(shapely.get_type_id(given), (3, 6))
    fit = given.copy()
    fit[wrong] = [_polygonal(one) for one in shapely.make_valid(given[wrong])]
    flat = shapely.is_empty(fit)
    kept = np.flatnonzero(~flat)
    return Buildings(
        outline_m=fit[kept],
        height_m=np.where(np.isnan(height[kept]), np.inf, height[kept]),
        row=kept,
        repaired=np.flatnonzero(wrong & ~flat),
        flat=np.flatnonzero(flat),
    )


def _polygonal(geometry: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry of any type, as one."""
    parts = shapely.get_parts([geometry])
    while (shapely.get_type_id(parts) > 3).any():
        parts = shapely.get_parts(parts)
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])


def _check(outline_m: NDArray[np.object_], height_m: NDArray[np.float64]) -> None:
    bounds = shapely.bounds(outline_m)
    bad = np.flatnonzero(~np.isfinite(bounds).all(axis=1) & ~shapely.is_empty(outline_m))
    if len(bad):
        words = Text("轮廓的坐标不是有限的数", "An outline has no finite coordinates")
        raise UsageError("outline_not_finite", words, where=f"row {bad[0]}")
    low = np.flatnonzero(height_m < 0)
    if len(low):
        raise UsageError(
            "height_invalid",
            Text("建筑高度小于 0", "The height of a building is below 0"),
            where=f"row {low[0]}",
            got=height_m[low[0]],
            fix=Text("不知道高度时留空", "Leave it empty where it is unknown"),
        )
