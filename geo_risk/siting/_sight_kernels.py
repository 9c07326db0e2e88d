"""Compiled loops over the pieces of what viewpoints see (`_visibility_kernels`).

`diamond` and `find` are compiled into these loops, whose cache does not notice when they change:
change this file with them.
"""

from __future__ import annotations

import numpy as np

from ..compiled import kernel
from ._visibility_kernels import (
    ARC,
    KEY,
    MX,
    MY,
    ON_WALL_M,
    SHUT,
    UX,
    UY,
    WHO,
    Bools,
    Floats,
    Grid,
    Ints,
    Longs,
    diamond,
    find,
)

_NO_WIDTH = 1e-13
_HAIR = 1e-14
_SAME_POINT_M2 = 1e-22


@kernel
def _vertex(
    count: int, x: float, y: float, arc: bool, vertices_m: Floats, arcs: Bools, begin: int
) -> int:
    """Append a vertex, or set only how its edge goes on where it is the last one again."""
    if count > begin:
        ex, ey = x - vertices_m[count - 1, 0], y - vertices_m[count - 1, 1]
        if ex * ex + ey * ey <= _SAME_POINT_M2:
            arcs[count - 1] = arc
            return count
    vertices_m[count, 0], vertices_m[count, 1], arcs[count] = x, y, arc
    return count + 1


@kernel
def _end(
    ux: float, uy: float, mx: float, my: float, who: float, range_m: float
) -> tuple[float, float]:
    """Where sight along u ends."""
    if who == SHUT:
        return 0.0, 0.0
    far = range_m / np.sqrt(ux * ux + uy * uy) if who == ARC else 1.0 / (mx * ux + my * uy)
    return ux * far, uy * far


@kernel
def polygons(
    begins: Longs,
    piece: Floats,
    range_m: float,
    starts: Longs,
    area_m2: Floats,
    vertices_m: Floats,
    arcs: Bools,
) -> int:
    """Write the polygon of each viewpoint, and tell the number of vertices.

    There must be room for two vertices a piece. `starts[0]` is set, `starts[1:]` is filled.
    """
    count = 0
    for i in range(len(begins) - 1):
        begin, twice = count, 0.0
        for p in range(begins[i], begins[i + 1] - 1):
            if piece[p + 1, KEY] - piece[p, KEY] < _NO_WIDTH:
                continue
            mx, my, who = piece[p, MX], piece[p, MY], piece[p, WHO]
            ax, ay = _end(piece[p, UX], piece[p, UY], mx, my, who, range_m)
            bx, by = _end(piece[p + 1, UX], piece[p + 1, UY], mx, my, who, range_m)
            cross = ax * by - ay * bx
            if who == ARC:
                twice += range_m * range_m * np.arctan2(cross, ax * bx + ay * by)
            else:
                twice += cross
            count = _vertex(count, ax, ay, who == ARC, vertices_m, arcs, begin)
            count = _vertex(count, bx, by, False, vertices_m, arcs, begin)
        if count > begin + 1:
            ex = vertices_m[count - 1, 0] - vertices_m[begin, 0]
            ey = vertices_m[count - 1, 1] - vertices_m[begin, 1]
            count -= int(ex * ex + ey * ey <= _SAME_POINT_M2)
        area_m2[i], starts[i + 1] = twice / 2.0, starts[0] + count
    return count


@kernel
def _low_walls(
    x: float, y: float, range_m: float, grid: Grid, order: Ints, k: Floats, near: Floats
) -> int:
    """Write p, q, m and from where to where each wall of a low building in range hides.

    In multiples of its distance: from just beyond it up to k. A wall seen edge-on hides nothing.
    Returns -1 where there is no room.
    """
    side_m, columns, rows, starts, wall, ends_m, _ = grid
    home_column, home_row, count = int(np.floor(x / side_m)), int(np.floor(y / side_m)), 0
    for c in range(len(order)):
        column, row = home_column + order[c, 0], home_row + order[c, 1]
        if column < 0 or row < 0 or column >= columns or row >= rows:
            continue
        cell = row * columns + column
        for w in range(starts[cell], starts[cell + 1]):
            px, py = ends_m[w, 0] - x, ends_m[w, 1] - y
            qx, qy = ends_m[w, 2] - x, ends_m[w, 3] - y
            dx, dy = qx - px, qy - py
            cross, square = px * qy - py * qx, dx * dx + dy * dy
            away = cross * cross
            if away <= ON_WALL_M**2 * square or away > (range_m + ON_WALL_M) ** 2 * square:
                continue
            if count == len(near):
                return -1
            if cross < 0.0:
                px, py, qx, qy = qx, qy, px, py
            near[count, 0], near[count, 1], near[count, 2], near[count, 3] = px, py, qx, qy
            near[count, 4], near[count, 5] = dy / cross, -dx / cross
            near[count, 6] = 1.0 + ON_WALL_M * np.sqrt(square) / abs(cross)
            near[count, 7] = k[wall[w]]
            count += 1
    return count


@kernel
def _in_corner(bx: float, by: float, sense: float, corner: Floats) -> bool:
    """Whether direction b, moved aside by a hair, points into the inside at a wall or corner.

    Its angle runs from (corner[0], corner[1]) counter-clockwise to (corner[2], corner[3]).
    """
    ax, ay, cx, cy = corner[0], corner[1], corner[2], corner[3]
    after = ax * by - ay * bx
    before = bx * cy - by * cx
    if after == 0.0 and ax * bx + ay * by > 0.0:
        after = sense
    if before == 0.0 and cx * bx + cy * by > 0.0:
        before = -sense
    if ax * cy - ay * cx > 0.0:
        return bool(after > 0.0 and before > 0.0)
    return bool(after > 0.0 or before > 0.0)


@kernel
def _free(
    tx: float,
    ty: float,
    sense: float,
    n: int,
    piece: Floats,
    low: int,
    near: Floats,
    corners: Floats,
) -> bool:
    """Whether the sight line to t is free, turned by a hair counter-clockwise (sense 1) or not."""
    at = diamond(tx, ty) + sense * _HAIR
    p = find(n, piece, at - 4.0 if at >= 4.0 else (at + 4.0 if at < 0.0 else at))
    mx, my = piece[p, MX], piece[p, MY]
    if piece[p, WHO] == SHUT or mx * tx + my * ty > 1.0 + ON_WALL_M * np.sqrt(mx * mx + my * my):
        return False
    for w in range(low):
        before = near[w, 0] * ty - near[w, 1] * tx
        behind = tx * near[w, 3] - ty * near[w, 2]
        if before < 0.0 or behind < 0.0 or (before == 0.0 and sense < 0.0):
            continue
        if behind == 0.0 and sense > 0.0:
            continue
        past = near[w, 4] * tx + near[w, 5] * ty
        if near[w, 6] < past < near[w, 7]:
            return False
    free = True
    for c in range(len(corners)):
        # Looking back from the target, the turned line lies on the other side.
        free = free and not _in_corner(-tx, -ty, -sense, corners[c])
    return free


@kernel
def seen(
    state: Longs,
    x: Floats,
    y: Floats,
    range_m: float,
    begins: Longs,
    pieces: Floats,
    low_grid: Grid,
    low_order: Ints,
    k: Floats,
    spots: tuple[float, float, float, int, int, Longs, Ints, Floats],
    corner_starts: Longs,
    corners: Floats,
    starts: Longs,
    target: Ints,
    bearing_deg: Floats,
) -> bool:
    """Write the targets that each viewpoint sees; False, and to be called again, without room.

    `corners[corner_starts[t]:corner_starts[t + 1]]` are the walls and corners of low buildings on
    which target t lies: it is hidden where the line comes to it through their inside.
    """
    side_m, west_m, south_m, columns, rows, firsts, spot, spot_m = spots
    near = np.empty((256, 8))
    i, count = state[0], state[1]
    while i < len(x):
        starts[i], begin = count, count
        piece = pieces[begins[i] : begins[i + 1]]
        n = len(piece) - 1
        low = _low_walls(x[i], y[i], range_m, low_grid, low_order, k, near) if n > 0 else 0
        while low < 0:
            near = np.empty((2 * len(near), 8))
            low = _low_walls(x[i], y[i], range_m, low_grid, low_order, k, near)
        west = max(int(np.floor((x[i] - range_m - west_m) / side_m)), 0)
        east = min(int(np.floor((x[i] + range_m - west_m) / side_m)), columns - 1)
        south = max(int(np.floor((y[i] - range_m - south_m) / side_m)), 0)
        north = min(int(np.floor((y[i] + range_m - south_m) / side_m)), rows - 1)
        for row in range(south, north + 1 if n > 0 and west <= east else south):
            for s in range(firsts[row * columns + west], firsts[row * columns + east + 1]):
                tx, ty = spot_m[s, 0] - x[i], spot_m[s, 1] - y[i]
                square = tx * tx + ty * ty
                if square > range_m * range_m:
                    continue
                at = corners[corner_starts[spot[s]] : corner_starts[spot[s] + 1]]
                if square > 0.0 and not (
                    _free(tx, ty, 1.0, n, piece, low, near, at)
                    or _free(tx, ty, -1.0, n, piece, low, near, at)
                ):
                    continue
                if count == len(target):
                    state[0], state[1] = i, begin
                    return False
                target[count] = spot[s]
                bearing_deg[count] = np.degrees(np.arctan2(tx, ty)) % 360.0 if square else np.nan
                count += 1
        rank = np.argsort(target[begin:count])
        target[begin:count] = target[begin:count][rank]
        bearing_deg[begin:count] = bearing_deg[begin:count][rank]
        i += 1
        starts[i] = count
    state[0], state[1] = i, count
    return True


@kernel
def by_heading(
    starts: Longs,
    target: Ints,
    bearing_deg: Floats,
    heading_deg: Floats,
    half_deg: float,
    indptr: Longs,
    indices: Ints,
) -> None:
    """Rows viewpoint x heading: the targets within half the field of view of the heading.

    Call it with no room in `indices` first: it fills `indptr`, and the second time `indices`.
    """
    count = 0
    for i in range(len(starts) - 1):
        for h in range(len(heading_deg)):
            for s in range(starts[i], starts[i + 1]):
                apart = abs((bearing_deg[s] - heading_deg[h] + 180.0) % 360.0 - 180.0)
                if not apart > half_deg:  # NaN, straight below: seen under any heading
                    if len(indices):
                        indices[count] = target[s]
                    count += 1
            indptr[i * len(heading_deg) + h + 1] = count
