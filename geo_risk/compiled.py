"""How a loop is compiled: on first use, without the GIL, kept on disk where there is a place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])
_NO_CACHE = "cannot cache function"


def kernel(loop: F) -> F:
    """The loop compiled on first use, without the GIL, kept on disk where there is a place."""
    try:
        return cast("F", njit(cache=True, nogil=True)(loop))
    except RuntimeError as error:  # an installation that nobody may write to, without a home
        if _NO_CACHE not in str(error):
            raise
        return cast("F", njit(nogil=True)(loop))
