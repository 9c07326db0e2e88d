"""Camera views to choose from: each a place and a heading, with the targets it has in its picture.

Rules as formulas: docs/methods/visibility.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import Text, UsageError
from .privacy import looks_into
from .seen import EVERY_15_DEG, Reached, Seen, checked_hfov_deg, hiding, reached, seen
from .visibility import positions, sights
from .walls import Walls


@dataclass(frozen=True)
class Camera:
    """What a camera sees: how far in the plane, how wide, and from and to which height.

    Without `height_m` every building hides all behind it.
    """

    range_m: float
    hfov_deg: float
    height_m: float | None = None
    target_height_m: float = 0.0


@dataclass(frozen=True)
class Views:
    """View v hangs at `place[v]`, looks to `heading_deg[v]`, sees `indices[indptr[v]:…]`.

    `place` are rows of the places given, ascending; targets are rows of the targets given,
    ascending. `barred` counts the headings left out at each place because they would look into a
    privacy zone.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    place: NDArray[np.int64]
    heading_deg: NDArray[np.float64]
    barred: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.place)


def candidate_views(
    among: Walls,
    camera: Camera,
    x_m: ArrayLike,
    y_m: ArrayLike,
    target_x_m: ArrayLike,
    target_y_m: ArrayLike,
    *,
    zones_m: ArrayLike = (),
    heading_deg: ArrayLike = EVERY_15_DEG,
) -> Views:
    """Every place under every heading, but those that would look into a privacy zone.

    One sight a place serves all of its headings. A camera that sees all round has one heading, 0.
    Errors are those of `seen.seen` and `seen.reached`.
    """
    found = _seen(among, camera, x_m, y_m, target_x_m, target_y_m)
    rows = reached(found, camera.hfov_deg, heading_deg)
    place = np.repeat(np.arange(len(found.starts) - 1), len(rows.heading_deg))
    heading = np.tile(rows.heading_deg, len(found.starts) - 1)
    barred = _barred(among, camera, x_m, y_m, zones_m, rows.heading_deg)
    kept = np.flatnonzero(~barred.ravel())
    indptr, indices = _rows(rows, kept)
    return Views(indptr, indices, place[kept], heading[kept], barred.sum(axis=1))


def existing_views(
    among: Walls,
    camera: Camera,
    x_m: ArrayLike,
    y_m: ArrayLike,
    heading_deg: ArrayLike,
    target_x_m: ArrayLike,
    target_y_m: ArrayLike,
) -> Views:
    """What cameras of one kind that hang already see, each under its own heading, shape (n,).

    None is left out for a privacy zone: `privacy.looks_into` tells which look into one. Raises
    also `UsageError` `lengths_differ`.
    """
    found = _seen(among, camera, x_m, y_m, target_x_m, target_y_m)
    heading = np.asarray(heading_deg, float)
    n = len(found.starts) - 1
    if heading.shape != (n,):
        words = Text("各列长短不一", "The columns differ in length")
        raise UsageError("lengths_differ", words, where="heading_deg", got=heading.shape)
    half_deg = checked_hfov_deg(camera.hfov_deg) / 2.0
    own = np.repeat(heading, np.diff(found.starts))
    apart = np.abs((found.bearing_deg - own + 180.0) % 360.0 - 180.0)
    kept = ~(apart > half_deg)  # NaN, straight below: seen under any heading
    indptr = np.append(0, np.cumsum(kept))[found.starts]
    return Views(indptr, found.target[kept], np.arange(n), heading, np.zeros(n, np.int64))


def _seen(
    among: Walls, camera: Camera, x_m: ArrayLike, y_m: ArrayLike, tx_m: ArrayLike, ty_m: ArrayLike
) -> Seen:
    return seen(
        *(among, x_m, y_m, camera.range_m, tx_m, ty_m),
        camera_height_m=camera.height_m,
        target_height_m=camera.target_height_m,
    )


def _barred(
    among: Walls,
    camera: Camera,
    x_m: ArrayLike,
    y_m: ArrayLike,
    zones_m: ArrayLike,
    heading_deg: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Places x headings that look into a zone; buildings lower than the camera hide no zone."""
    x, y = positions(x_m, y_m)
    zones = np.asarray(zones_m, dtype=object)
    if not len(zones):
        return np.zeros((len(x), len(heading_deg)), bool)
    tall = hiding(among, camera.height_m)
    return looks_into(sights(tall, x, y, camera.range_m), zones, heading_deg, camera.hfov_deg)


def _rows(of: Reached, kept: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Some rows of a sparse matrix."""
    length = np.diff(of.indptr)[kept]
    indptr = np.append(0, np.cumsum(length))
    at = np.arange(indptr[-1]) + np.repeat(of.indptr[:-1][kept] - indptr[:-1], length)
    return indptr, of.indices[at]
