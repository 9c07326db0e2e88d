"""Compiled loops of sight among walls; docs/methods/visibility.md says why they are exact.

What a viewpoint sees is kept as pieces of directions, counter-clockwise from due east, each with
what ends the sight there. Seen from the origin, a wall is the vector m with m · w = 1 for every
point w of its line, so along direction u its distance is |u| / (m · u): of two walls, the nearer
has the greater m · u. A viewpoint's pieces are the rows of an array of six columns:

- `KEY`: where it begins, a diamond angle in [0, 4] (monotone in the angle, without a sine);
- `UX, UY`: a vector of that direction, of any length;
- `MX, MY`: the m of the wall that ends the sight, 0 where no wall does;
- `WHO`: the row of that wall, `ARC` for the range circle, `SHUT` where nothing at all is seen.

After the last comes an end mark, due east again with the key 4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Grid = tuple[float, int, int, Longs, Ints, Floats, Floats]
KEY, UX, UY, MX, MY, WHO = range(6)
ARC, SHUT = -1.0, -2.0
ON_WALL_M = 1e-6
_TIE = 1e-13


@kernel
def diamond(x: float, y: float) -> float:
    """0 due east, 1 north, 2 west, 3 south; 4 just before east again."""
    share = x / (abs(x) + abs(y))
    return 1.0 - share if y >= 0.0 else 3.0 + share


@kernel
def _tried(mx: float, my: float, ox: float, oy: float, ux: float, uy: float) -> int:
    """1 where wall m is nearer than wall o along u, -1 where it is farther, 0 where they meet."""
    gain = (mx - ox) * ux + (my - oy) * uy
    tie = _TIE * (abs(mx * ux) + abs(my * uy))
    return 1 if gain > tie else (-1 if gain < -tie else 0)


@kernel
def _put(
    count: int,
    at: float,
    ux: float,
    uy: float,
    mx: float,
    my: float,
    who: float,
    to: Floats,
) -> int:
    """Append a piece, unless it goes on with the one before; one without width is overwritten."""
    if count > 0:
        if to[count - 1, WHO] == who and who != ARC:
            return count
        if to[count - 1, KEY] == at:
            count -= 1
    to[count, KEY], to[count, UX], to[count, UY] = at, ux, uy
    to[count, MX], to[count, MY], to[count, WHO] = mx, my, who
    return count + 1


@kernel
def find(n: int, piece: Floats, at: float) -> int:
    """The last piece that begins at or before a key."""
    first = 0
    while n > 1:
        half = n // 2
        first = first + half if piece[first + half, KEY] <= at else first
        n -= half
    return first


@kernel
def _overlaps(
    first: int,
    piece: Floats,
    ax: float,
    ay: float,
    b_key: float,
    bx: float,
    by: float,
    mx: float,
    my: float,
) -> tuple[int, bool]:
    """One past the last piece under wall m from a to b, and whether m is nearer than any."""
    last, nearer, lx, ly = first, False, ax, ay
    while last == first or piece[last, KEY] < b_key:
        after = piece[last + 1, KEY] <= b_key
        hx = piece[last + 1, UX] if after else bx
        hy = piece[last + 1, UY] if after else by
        ox, oy, shut = piece[last, MX], piece[last, MY], piece[last, WHO] == SHUT
        if not shut and (_tried(mx, my, ox, oy, lx, ly) > 0 or _tried(mx, my, ox, oy, hx, hy) > 0):
            nearer = True
        lx, ly = hx, hy
        last += 1
    return last, nearer


@kernel
def _insert(
    n: int,
    piece: Floats,
    spare: Floats,
    a_key: float,
    ax: float,
    ay: float,
    b_key: float,
    bx: float,
    by: float,
    mx: float,
    my: float,
    who: float,
) -> int:
    """Put wall m, from direction a counter-clockwise to b, where it is nearer; the new count.

    Two lines meet at most once, so comparing at both ends of each overlap decides it.
    """
    first = find(n, piece, a_key)
    last, nearer = _overlaps(first, piece, ax, ay, b_key, bx, by, mx, my)
    if not nearer and who != SHUT:
        return n
    count, low_key, lx, ly = 0, a_key, ax, ay
    if piece[first, KEY] < a_key:
        for k in range(6):
            spare[0, k] = piece[first, k]
        count = 1
    for p in range(first, last):
        ox, oy, other = piece[p, MX], piece[p, MY], piece[p, WHO]
        high_key, hx, hy = piece[p + 1, KEY], piece[p + 1, UX], piece[p + 1, UY]
        if high_key > b_key:
            high_key, hx, hy = b_key, bx, by
        at_low, at_high = _tried(mx, my, ox, oy, lx, ly), _tried(mx, my, ox, oy, hx, hy)
        if SHUT in (who, other):
            at_low = at_high = 1 if who == SHUT else -1
        mine = at_low > 0 or (at_low == 0 and at_high > 0)
        # The nearer one at the low end, then the other from where they cross, if they do.
        one = (mx, my, who) if mine else (ox, oy, other)
        count = _put(count, low_key, lx, ly, one[0], one[1], one[2], spare)
        if at_low * at_high < 0:
            cx, cy = my - oy, ox - mx
            if lx * cy - ly * cx < 0.0:
                cx, cy = -cx, -cy
            at = min(max(diamond(cx, cy), low_key), high_key)
            one = (ox, oy, other) if mine else (mx, my, who)
            count = _put(count, at, cx, cy, one[0], one[1], one[2], spare)
        low_key, lx, ly = high_key, hx, hy
    if b_key < piece[last, KEY]:
        ox, oy, other = piece[last - 1, MX], piece[last - 1, MY], piece[last - 1, WHO]
        count = _put(count, b_key, bx, by, ox, oy, other, spare)
    return _splice(n, piece, spare, first, last, count)


@kernel
def _splice(n: int, piece: Floats, spare: Floats, first: int, last: int, count: int) -> int:
    """Put `count` spare pieces in the place of first … last - 1; the end mark moves along."""
    move = count - (last - first)
    if move > 0:
        for p in range(n, last - 1, -1):
            for k in range(6):
                piece[p + move, k] = piece[p, k]
    elif move < 0:
        for p in range(last, n + 1):
            for k in range(6):
                piece[p + move, k] = piece[p, k]
    for p in range(count):
        for k in range(6):
            piece[first + p, k] = spare[p, k]
    return n + move


@kernel
def _span(
    n: int,
    piece: Floats,
    spare: Floats,
    ax: float,
    ay: float,
    bx: float,
    by: float,
    mx: float,
    my: float,
    who: float,
) -> int:
    """`_insert`, in two parts where the wall crosses due east."""
    a_key, b_key = diamond(ax, ay), diamond(bx, by)
    # A wall spans less than half a turn, so anything else only came out of order by rounding.
    ahead, across = 0.0 < b_key - a_key <= 2.0, a_key - b_key > 2.0
    if ahead or (who == SHUT and a_key < b_key):
        return _insert(n, piece, spare, a_key, ax, ay, b_key, bx, by, mx, my, who)
    if across or (who == SHUT and a_key > b_key):
        if a_key < 4.0:
            n = _insert(n, piece, spare, a_key, ax, ay, 4.0, 1.0, 0.0, mx, my, who)
        if b_key > 0.0:
            n = _insert(n, piece, spare, 0.0, 1.0, 0.0, b_key, bx, by, mx, my, who)
    return n


@kernel
def _open(piece: Floats) -> int:
    """Four quarters of the range circle and the end mark."""
    for p in range(5):
        piece[p, KEY], piece[p, WHO], piece[p, MX], piece[p, MY] = float(p), ARC, 0.0, 0.0
        piece[p, UX], piece[p, UY] = (1.0, 0.0, -1.0, 0.0, 1.0)[p], (0.0, 1.0, 0.0, -1.0, 0.0)[p]
    return 4


@kernel
def _on_wall(
    n: int,
    piece: Floats,
    spare: Floats,
    px: float,
    py: float,
    qx: float,
    qy: float,
    rx: float,
    ry: float,
) -> int:
    """Shut the building's side where the viewpoint lies on the wall p-q, which goes on to r.

    At a corner the wall that ends there shuts its whole angle, and the one that begins nothing.
    """
    near = ON_WALL_M * ON_WALL_M
    if qx * qx + qy * qy <= near:
        return _span(n, piece, spare, px - qx, py - qy, rx - qx, ry - qy, 0.0, 0.0, SHUT)
    if px * px + py * py <= near:
        return n
    dx, dy = qx - px, qy - py
    if px * dx + py * dy > 0.0 or qx * dx + qy * dy < 0.0:
        return n
    return _span(n, piece, spare, -dx, -dy, dx, dy, 0.0, 0.0, SHUT)


@kernel
def look(
    x: float,
    y: float,
    range_m: float,
    grid: Grid,
    order: Ints,
    piece: Floats,
    spare: Floats,
) -> int:
    """Fill `piece` with what (x, y) sees; how many, or -1 where there is no room for them.

    Cells go from near to far, so that most walls are hidden when their turn comes. Only walls that
    show their front count: the others are behind those.
    """
    side_m, columns, rows, starts, wall, ends_m, following_m = grid
    limit, half_m = range_m * range_m, side_m / 2.0
    home_column, home_row = int(np.floor(x / side_m)), int(np.floor(y / side_m))
    n = _open(piece)
    for c in range(len(order)):
        column, row = home_column + order[c, 0], home_row + order[c, 1]
        if column < 0 or row < 0 or column >= columns or row >= rows:
            continue
        west, south = column * side_m - x, row * side_m - y
        aside = max(west - half_m, -west - side_m - half_m, 0.0)
        ahead = max(south - half_m, -south - side_m - half_m, 0.0)
        if aside * aside + ahead * ahead > limit:
            continue
        cell = row * columns + column
        for w in range(starts[cell], starts[cell + 1]):
            px, py = ends_m[w, 0] - x, ends_m[w, 1] - y
            qx, qy = ends_m[w, 2] - x, ends_m[w, 3] - y
            dx, dy = qx - px, qy - py
            cross, square = px * qy - py * qx, dx * dx + dy * dy
            if len(piece) < 2 * n + 8:
                return -1
            if cross * cross <= ON_WALL_M * ON_WALL_M * square:
                rx, ry = following_m[wall[w], 0] - x, following_m[wall[w], 1] - y
                n = _on_wall(n, piece, spare, px, py, qx, qy, rx, ry)
            if cross <= 0.0 or cross * cross >= limit * square:
                continue
            mx, my = dy / cross, -dx / cross
            if px * px + py * py > limit or qx * qx + qy * qy > limit:
                # Cut at the circle: the foot of the perpendicular, half a chord to either side.
                fx, fy = dy * cross / square, -dx * cross / square
                half = np.sqrt((limit - cross * cross / square) / square)
                if px * px + py * py > limit:
                    if px * dx + py * dy > 0.0:
                        continue
                    px, py = fx - half * dx, fy - half * dy
                if qx * qx + qy * qy > limit:
                    if qx * dx + qy * dy < 0.0:
                        continue
                    qx, qy = fx + half * dx, fy + half * dy
            n = _span(n, piece, spare, px, py, qx, qy, mx, my, float(wall[w]))
    return n


@kernel
def outlooks(
    state: Longs,
    x: Floats,
    y: Floats,
    inside: Bools,
    range_m: float,
    grid: Grid,
    order: Ints,
    starts: Longs,
    pieces: Floats,
) -> bool:
    """Write the pieces of all viewpoints, each with its end mark; False where the room ends.

    `state` is the next viewpoint and the rows so far; a call with more room goes on from it. A
    viewpoint inside a building has no pieces.
    """
    spare = np.empty((len(pieces), 6))
    i, count = state[0], state[1]
    while i < len(x):
        if not inside[i]:
            n = look(x[i], y[i], range_m, grid, order, pieces[count:], spare)
            if n < 0:
                state[0], state[1] = i, count
                return False
            count += n + 1
        i += 1
        starts[i] = count
    state[0], state[1] = i, count
    return True
