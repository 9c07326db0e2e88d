"""Grids of a city: squares of 100, 250 or 500 m in a metric CRS, or H3 hexagons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import shapely

from ..datums import MetricCRS, geodesic_area_m2
from ..errors import Text, UsageError
from .profiles import refuse_profile

Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[np.int64]
GRIDS = ("100", "250", "500", "h3")
H3_RESOLUTION = 9
"""Hexagons of 0.105 km² on average, between the squares of 250 and 500 m."""
MOST_CELLS = 10_000_000
"""Cells of 100 m on the ground of the largest city there is, 82,000 km²."""
_FIRST = 32
"""Blocks a side to begin with; those wholly inside are not looked at again."""
_ROWS = 1 << 24
_NORTHING = 1 << 23


class Grid(Protocol):
    """Cells known by whole numbers, `keys`; -1 is no cell."""

    @property
    def name(self) -> str:
        """Its name in `GRIDS`."""

    @property
    def crs(self) -> MetricCRS:
        """The metric CRS of its plane."""

    def locate(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Keys:
        """The cell of each WGS84 position, shape (n,); -1 where there is none."""

    def touching(self, area: Any) -> Keys:
        """The cells that meet an area (shapely, WGS84), sorted."""

    def ids(self, keys: Keys) -> list[str]:
        """The cells' names."""

    def rings(self, keys: Keys) -> list[Floats]:
        """Each cell's closed ring in WGS84 degrees, shape (corners + 1, 2), counter-clockwise."""

    def plane(self, keys: Keys) -> Any:
        """The cells as shapely polygons in the plane of the metric CRS, shape (n,)."""


def grid_of(name: str, crs: MetricCRS) -> Grid:
    """The grid `100`, `250`, `500` or `h3`; `UsageError` for another, or where h3 is missing."""
    refuse_profile(name, GRIDS)
    return H3Grid(crs) if name == "h3" else SquareGrid(name, crs)


@dataclass(frozen=True)
class SquareGrid:
    """Squares whose corners are whole multiples of their side in the metric CRS.

    A position on an edge belongs to the cell east or north of it.
    """

    name: str
    crs: MetricCRS

    @property
    def size_m(self) -> int:
        """The side of a cell."""
        return int(self.name)

    def locate(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Keys:
        """The cell of each WGS84 position, shape (n,); -1 where there is none."""
        x_m, y_m = self.crs.forward(lon, lat)
        known = np.isfinite(x_m)
        col = np.floor(np.where(known, x_m, 0.0) / self.size_m).astype(np.int64)
        row = np.floor(np.where(known, y_m, 0.0) / self.size_m).astype(np.int64)
        return np.where(known, _key(col, row), -1)

    def touching(self, area: Any) -> Keys:
        """The cells that meet an area (shapely, WGS84), sorted."""
        plane = to_plane(area, self.crs)
        if plane.is_empty:
            return np.zeros(0, np.int64)
        _check_size(plane.area / self.size_m**2)
        shapely.prepare(plane)
        west, south, east, north = (side / self.size_m for side in plane.bounds)
        halvings = math.ceil(math.log2(max(east - west, north - south, _FIRST) / _FIRST))
        edges = [math.floor(side) >> halvings for side in (west, south, east, north)]
        blocks = _block(edges[0], edges[1], edges[2], edges[3])
        found = []
        for level in range(halvings, -1, -1):
            low = np.stack(blocks) * float(self.size_m << level)
            boxes = shapely.box(*low, *(low + (self.size_m << level)))
            hit = shapely.intersects(plane, boxes)
            whole = hit & (shapely.contains_properly(plane, boxes) | (level == 0))
            found.append(_key(*_split((blocks[0][whole], blocks[1][whole]), 1 << level)))
            cut = hit & ~whole
            blocks = _split((blocks[0][cut], blocks[1][cut]), 2)
        return np.sort(np.concatenate(found))

    def ids(self, keys: Keys) -> list[str]:
        """The cells' names, `G250-E2684-N10939`: side, column and row."""
        pairs = zip(*(part.tolist() for part in _column_row(keys)), strict=True)
        return [f"G{self.name}-E{col}-N{row}" for col, row in pairs]

    def rings(self, keys: Keys) -> list[Floats]:
        """Each cell's closed ring in WGS84 degrees, shape (5, 2), counter-clockwise."""
        col, row = _column_row(keys)
        x = np.stack([col, col + 1, col + 1, col, col], axis=1) * float(self.size_m)
        y = np.stack([row, row, row + 1, row + 1, row], axis=1) * float(self.size_m)
        lon, lat = self.crs.inverse(x.ravel(), y.ravel())
        return list(np.stack([lon, lat], axis=1).reshape(-1, 5, 2))

    def plane(self, keys: Keys) -> Any:
        """The cells as shapely polygons in the plane of the metric CRS, shape (n,)."""
        col, row = (part * self.size_m for part in _column_row(keys))
        return shapely.box(col, row, col + self.size_m, row + self.size_m)


@dataclass(frozen=True)
class H3Grid:
    """H3 hexagons of resolution `H3_RESOLUTION`; needs the optional package h3."""

    crs: MetricCRS
    name: str = "h3"

    def __post_init__(self) -> None:
        if find_spec("h3") is None:
            raise UsageError(
                "h3_missing",
                Text("没有安装 h3", "h3 is not installed"),
                where="grid",
                got="h3",
                fix=Text(
                    "运行 pip install 'geo-risk[h3]'，或用 100、250、500",
                    "Run pip install 'geo-risk[h3]', or use 100, 250 or 500",
                ),
            )

    def locate(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Keys:
        """The cell of each WGS84 position, shape (n,); -1 where there is none."""
        from h3.api import numpy_int

        x, y = (np.asarray(part, np.float64) for part in (lon, lat))
        known = (np.isfinite(x) & np.isfinite(y)).tolist()
        places = zip(y.tolist(), x.tolist(), known, strict=True)
        cells = [
            numpy_int.latlng_to_cell(north, east, H3_RESOLUTION) if here else -1
            for north, east, here in places
        ]
        return np.array(cells, np.int64)

    def touching(self, area: Any) -> Keys:
        """The cells that meet an area (shapely, WGS84), sorted."""
        from h3.api import numpy_int

        _check_size(geodesic_area_m2(area) / 1e5)
        found: set[int] = set()
        parts = shapely.get_parts(shapely.get_parts(area))
        for part in parts[shapely.get_dimensions(parts) == 2]:
            rings = [part.exterior, *part.interiors]
            outer, *holes = [[(y, x) for x, y in ring.coords] for ring in rings]
            shape = numpy_int.LatLngPoly(outer, *holes)
            cells = numpy_int.h3shape_to_cells_experimental(shape, H3_RESOLUTION, "overlap")
            found.update(map(int, cells))
        return np.array(sorted(found), np.int64)

    def ids(self, keys: Keys) -> list[str]:
        """The cells' names, `H3-894…`."""
        from h3.api import numpy_int

        return [f"H3-{numpy_int.int_to_str(key)}" for key in keys.tolist()]

    def rings(self, keys: Keys) -> list[Floats]:
        """Each cell's closed ring in WGS84 degrees, counter-clockwise."""
        from h3.api import numpy_int

        rings = [np.array(numpy_int.cell_to_boundary(key))[:, ::-1] for key in keys.tolist()]
        return [np.vstack([ring, ring[:1]]) for ring in rings]

    def plane(self, keys: Keys) -> Any:
        """The cells as shapely polygons in the plane of the metric CRS, shape (n,)."""
        return np.array([to_plane(shapely.Polygon(r), self.crs) for r in self.rings(keys)])


def _block(west: int, south: int, east: int, north: int) -> tuple[Keys, Keys]:
    """Columns and rows of all blocks from one corner to another, both corners in."""
    col, row = np.meshgrid(
        np.arange(west, east + 1, dtype=np.int64), np.arange(south, north + 1, dtype=np.int64)
    )
    return col.ravel(), row.ravel()


def _split(blocks: tuple[Keys, Keys], by: int) -> tuple[Keys, Keys]:
    """Columns and rows of the `by` × `by` smaller blocks in each block."""
    col, row = (np.repeat(part * by, by * by).reshape(-1, by * by) for part in blocks)
    inner_col, inner_row = _block(0, 0, by - 1, by - 1)
    return (col + inner_col).ravel(), (row + inner_row).ravel()


def _key(col: Keys, row: Keys) -> Keys:
    return col * _ROWS + (row + _NORTHING)


def _column_row(keys: Keys) -> tuple[Keys, Keys]:
    return keys // _ROWS, keys % _ROWS - _NORTHING


def _check_size(cells: float) -> None:
    if cells > MOST_CELLS:
        raise UsageError(
            "grid_too_fine",
            Text("网格数过多", "The grid would have too many cells"),
            where="grid",
            got=round(cells),
            fix=Text("请用更大的网格", "Use larger cells"),
        )


def to_plane(area: Any, crs: MetricCRS) -> Any:
    """A shapely geometry in WGS84 as one in the plane of a metric CRS, made valid."""

    def forward(places: Floats) -> Floats:
        return np.stack(crs.forward(places[:, 0], places[:, 1]), axis=1)

    return shapely.make_valid(shapely.transform(area, forward))


def share_of_ground(areas: Sequence[Any], cells: Any) -> Floats:
    """The share of each area that lies in some cells, shape (n,); NaN for an area without any.

    Both are shapely polygons in one plane; the cells do not overlap.
    """
    ground = np.asarray(areas, object)
    whole = shapely.area(ground)
    shapely.prepare(ground)
    at, cell = shapely.STRtree(cells).query(ground, predicate="intersects")
    inside = shapely.contains_properly(ground[at], cells[cell])
    common = shapely.area(cells[cell])
    edge = ~inside
    common[edge] = shapely.area(shapely.intersection(ground[at[edge]], cells[cell[edge]]))
    covered = np.bincount(at, common, len(ground))
    share = np.full(len(ground), np.nan)
    np.divide(covered, whole, out=share, where=whole > 0)
    return np.asarray(np.minimum(share, 1.0))
