"""The keys and values of a tile layer, each stored once, and the layer message around them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .mvt_varints import varint

Property = str | int | float | bool | None


def length_delimited(tag: int, body: bytes) -> bytes:
    """A field whose bytes follow their own length."""
    return bytes((tag,)) + varint(len(body)) + body


def _text(values: Sequence[str]) -> list[bytes]:
    heads: dict[int, bytes] = {}
    messages = []
    for value in values:
        raw = value.encode("utf-8", "replace")
        size = len(raw)
        if size not in heads:
            inner = b"\x0a" + varint(size)
            heads[size] = b"\x22" + varint(len(inner) + size) + inner
        messages.append(heads[size] + raw)
    return messages


def _floats(values: Sequence[float]) -> list[bytes]:
    return [b"\x22\x09\x19" + struct.pack("<d", value) for value in values]


def _integers(values: Sequence[int]) -> list[bytes]:
    return [
        length_delimited(0x22, b"\x28" + varint(value))
        if value >= 0
        else length_delimited(0x22, b"\x30" + varint(-2 * value - 1))
        for value in values
    ]


def _booleans(values: Sequence[bool]) -> list[bytes]:
    return [b"\x22\x02\x38" + bytes((value,)) for value in values]


_MESSAGES: dict[type, Callable[[Any], list[bytes]]] = {
    str: _text,
    float: _floats,
    int: _integers,
    bool: _booleans,
}


class ValueTable:
    """Numbers the keys and values of one layer in order of first appearance."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._messages: list[bytes] = []
        # One table per type: 1, 1.0 and True are equal in Python and differ in a tile.
        self._index: dict[type, dict[Any, int]] = {kind: {} for kind in _MESSAGES}

    def tags(
        self, properties: Mapping[str, Sequence[Property]], kept: NDArray[np.int64], n: int
    ) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
        """The (kept, 2k) key and value numbers of some of n rows, and which of them there are."""
        whole = len(kept) == n
        tags = np.zeros((len(kept), 2 * len(properties)), np.uint64)
        present = np.zeros(tags.shape, np.bool_)
        for key, column in properties.items():
            if len(column) != n:
                raise ValueError(f"property {key!r} has {len(column)} values for {n} features")
            values = column.tolist() if isinstance(column, np.ndarray) else column
            values = values if whole else [values[i] for i in kept.tolist()]
            numbers = self._numbers(values)
            place = 2 * len(self._keys)
            self._keys.append(key)
            tags[:, place] = len(self._keys) - 1
            there = numbers >= 0
            tags[:, place + 1] = np.where(there, numbers, 0)
            present[:, place] = present[:, place + 1] = there
        return tags, present

    def _numbers(self, values: Sequence[Any]) -> NDArray[np.int64]:
        """Each value's number in the layer, -1 for none."""
        kinds = set(map(type, values))
        if len(kinds) == 1 and kinds <= {str, int, bool}:
            index = self._index[kinds.pop()]
            self._add(values)
            return np.fromiter(map(index.__getitem__, values), np.int64, len(values))
        numbers = np.full(len(values), -1, np.int64)
        for kind in _MESSAGES:
            if not any(issubclass(found, kind) for found in kinds):
                continue
            rows = [i for i, value in enumerate(values) if _kind(value) is kind]
            chosen = [kind(values[i]) for i in rows]
            self._add(chosen)
            numbers[rows] = [self._index[kind][value] for value in chosen]
        return numbers

    def _add(self, values: Sequence[Any]) -> None:
        if not values:
            return
        kind = type(values[0])
        index = self._index[kind]
        fresh = [value for value in dict.fromkeys(values) if value not in index]
        first = len(self._messages)
        index.update(zip(fresh, range(first, first + len(fresh)), strict=True))
        self._messages.extend(_MESSAGES[kind](fresh))

    def layer(self, name: str, features: bytes, extent: int) -> bytes:
        """The whole layer as a field of the tile."""
        keys = b"".join(length_delimited(0x1A, key.encode()) for key in self._keys)
        body = b"".join(
            (
                b"\x78\x02",
                length_delimited(0x0A, name.encode()),
                features,
                keys,
                *self._messages,
                b"\x28" + varint(extent),
            )
        )
        return length_delimited(0x1A, body)


def _kind(value: object) -> type | None:
    """The tile type of a value; None for nothing, NaN and whatever a tile cannot hold."""
    if isinstance(value, bool):
        return bool
    if isinstance(value, int):
        return int if -(2**63) <= value < 2**64 else None
    if isinstance(value, float):
        return float if value == value else None  # noqa: PLR0124
    return str if isinstance(value, str) else None
