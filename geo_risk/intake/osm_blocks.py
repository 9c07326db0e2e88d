"""A look at the blocks of an .osm.pbf before libosmium reads them: no text may hold a NUL.

libosmium keeps texts ended by NUL one after the other; with one inside it reads past their end,
which ended the process in every trial.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from .limits import MEBI, damaged

_MOST_BLOCK = 32 * MEBI
_RAW, _ZLIB = 1, 3
_EMPTY_FIRST = b"\x0a\x00"
Field = tuple[int, int | memoryview]


class _Broken(ValueError):
    """Bytes that are no protocol buffer."""


def check_texts(data: bytes) -> None:
    """`InputError` `file_damaged` for a file that is cut off, holds a block that is neither plain
    nor zlib or is over 32 MiB, or a text with a NUL."""
    try:
        for block in _blocks(memoryview(data)):
            for number, table in _fields(block):
                if number == 1 and isinstance(table, memoryview) and _has_nul(table):
                    raise _Broken
    except (_Broken, struct.error, zlib.error):
        raise damaged(
            "OpenStreetMap", "内容有误或不完整", "its content is broken or cut off"
        ) from None


def _blocks(data: memoryview) -> Iterator[memoryview]:
    """The inflated blocks of data."""
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        head = _once(_slice(data, at + 4, size))
        kind, length = head.get(1), head.get(3)
        if not isinstance(length, int) or not isinstance(kind, memoryview):
            raise _Broken
        at += 4 + size
        blob = _once(_slice(data, at, length))
        at += length
        if bytes(kind) == b"OSMData":
            yield _inflated(blob)


def _once(data: memoryview) -> dict[int, int | memoryview]:
    """Fields by number, none of them twice: of two, libosmium might take the other one."""
    found: dict[int, int | memoryview] = {}
    for number, value in _fields(data):
        if number in found:
            raise _Broken
        found[number] = value
    return found


def _inflated(blob: dict[int, int | memoryview]) -> memoryview:
    plain, packed = blob.get(_RAW), blob.get(_ZLIB)
    if isinstance(plain, memoryview) and packed is None:
        return plain
    if not isinstance(packed, memoryview) or plain is not None:
        raise _Broken
    inflater = zlib.decompressobj()
    block = inflater.decompress(packed, _MOST_BLOCK)
    if not inflater.eof:
        raise _Broken
    return memoryview(block)


def _has_nul(table: memoryview) -> bool:
    """Whether a text of a table of texts holds a NUL; the first is empty in most files, and its
    length of 0 is then the only one there is."""
    held = bytes(table)
    if b"\0" not in held.removeprefix(_EMPTY_FIRST):
        return False
    return any(isinstance(text, memoryview) and b"\0" in bytes(text) for _, text in _fields(table))


def _fields(data: memoryview) -> Iterator[Field]:
    """Number and value of each field: whole numbers, and the bytes of the others."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind == 2:
            size, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise _Broken
        yield key >> 3, _slice(data, at, size)
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise _Broken
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise _Broken


def _slice(data: memoryview, at: int, size: int) -> memoryview:
    if at + size > len(data):
        raise _Broken
    return data[at : at + size]
