"""Protocol Buffers varints of whole arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def zigzag(values: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Signed numbers as unsigned ones, small ones small: 0, -1, 1, -2 -> 0, 1, 2, 3."""
    return ((values << 1) ^ (values >> 63)).astype(np.uint64)


def encoded(values: NDArray[np.uint64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(n,) numbers as one run of varint bytes, and the (n,) number of bytes of each."""
    top = int(values.max(initial=0))
    sizes = np.ones(len(values), np.int64)
    bits = 7
    while top >> bits:
        sizes += values >= np.uint64(1 << bits)
        bits += 7
    ends = np.cumsum(sizes)
    starts = ends - sizes
    run = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    run[starts] = (values & np.uint64(0x7F)).astype(np.uint8)
    longer = np.flatnonzero(sizes > 1)
    step = 1
    while len(longer):
        run[starts[longer] + (step - 1)] |= 0x80
        rest = values[longer] >> np.uint64(7 * step)
        run[starts[longer] + step] = (rest & np.uint64(0x7F)).astype(np.uint8)
        step += 1
        longer = longer[sizes[longer] > step]
    return run, sizes


def varint(value: int) -> bytes:
    """One number as a varint."""
    run = bytearray()
    while value > 0x7F:
        run.append(value & 0x7F | 0x80)
        value >>= 7
    run.append(value)
    return bytes(run)
