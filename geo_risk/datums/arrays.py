"""Coordinate columns: float64, finite, on the earth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]


def columns(x: ArrayLike, y: ArrayLike) -> Pair:
    """Two float64 arrays of shape (n,); a scalar gives (1,), other shapes `ValueError`."""
    x_values = np.atleast_1d(np.asarray(x, dtype=np.float64))
    y_values = np.atleast_1d(np.asarray(y, dtype=np.float64))
    if x_values.shape != y_values.shape or x_values.ndim != 1:
        raise ValueError(f"x and y must be (n,): got {x_values.shape} and {y_values.shape}")
    return x_values, y_values


def on_earth(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    """Where both are finite degrees within ±180 and ±90."""
    on_earth: NDArray[np.bool_] = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)
    return on_earth


def mask(x: Floats, y: Floats, keep: NDArray[np.bool_]) -> Pair:
    """Both values where `keep` holds and both are finite, else NaN in both."""
    keep = keep & np.isfinite(x) & np.isfinite(y)
    return np.where(keep, x, np.nan), np.where(keep, y, np.nan)
