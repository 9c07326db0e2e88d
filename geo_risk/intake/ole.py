"""XLS: the OLE container and the BIFF records are walked before calamine allocates by them.

Structures as in [MS-CFB] and [MS-XLS]. calamine reserves memory by what the DIMENSIONS record
claims and keeps every sheet densely; so claims are blanked and cells counted here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from geo_risk.errors import InputError, Text

from .limits import Limits, damaged, password_needed
from .sheet_scan import check_area

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFFFFF9
_BOUNDSHEET, _BOF, _EOF, _FILEPASS, _DIMENSIONS = 0x85, 0x809, 0x0A, 0x2F, 0x200
_CELLS = {0x203, 0x204, 0x27E, 0xFD, 0x06, 0x205, 0xD6, 0x201, 0x406, 0x206}
_MULTIPLE = {0xBD, 0xBE}
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_OTHER_FILES = ("WordDocument", "PowerPoint Document", "VisioDocument")
Errors = dict[int, dict[tuple[int, int], str]]


def _broken(zh: str, en: str) -> InputError:
    return damaged("XLS", zh, en)


class _Container:
    """The streams of a compound file, by name; every chain is bounded by the file's length."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 1024 or data[:8] != _MAGIC:
            raise _broken("文件头不完整", "its head is cut off")
        shift, small = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or small != 6:
            raise _broken("文件头无效", "its head is not valid")
        self.data, self.size = data, 1 << shift
        self.sectors = (len(data) - 1) // self.size
        _, directory, _, self.cutoff, mini, _, more, _ = struct.unpack_from("<8I", data, 44)
        self.table = self._fat(more)
        self.entries = self._directory(directory)
        root = self.entries.get("Root Entry", (0, 0))
        self.root = self._chain(root[0]) if root[1] else []
        raw = b"".join(self._sector(at) for at in self._chain(mini))
        self.mini = struct.unpack(f"<{len(raw) // 4}I", raw)

    def _sector(self, at: int) -> bytes:
        start = (at + 1) * self.size
        if at >= self.sectors + 1 or start >= len(self.data):
            raise _broken("扇区越界", "a sector lies beyond the file")
        return self.data[start : start + self.size].ljust(self.size, b"\0")

    def _fat(self, more: int) -> list[int]:
        listed = list(struct.unpack_from("<109I", self.data, 76))
        seen = 0
        while more < _LAST_SECTOR and seen <= self.sectors:
            *block, more = struct.unpack(f"<{self.size // 4}I", self._sector(more))
            listed += block
            seen += 1
        table: list[int] = []
        for at in listed:
            if at < _LAST_SECTOR:
                table += struct.unpack(f"<{self.size // 4}I", self._sector(at))
            if len(table) > self.sectors + self.size:
                break
        return table

    def _chain(self, at: int) -> list[int]:
        chain: list[int] = []
        while at < _LAST_SECTOR:
            if at >= len(self.table) or len(chain) > self.sectors:
                raise _broken("扇区链损坏", "a chain of sectors is broken")
            chain.append(at)
            at = self.table[at]
        return chain

    def _directory(self, at: int) -> dict[str, tuple[int, int]]:
        raw = b"".join(self._sector(sector) for sector in self._chain(at))
        entries: dict[str, tuple[int, int]] = {}
        for start in range(0, len(raw) - 127, 128):
            length = struct.unpack_from("<H", raw, start + 64)[0]
            if 2 <= length <= 64:
                name = raw[start : start + length - 2].decode("utf-16-le", "replace")
                first, size = struct.unpack_from("<II", raw, start + 116)
                entries.setdefault(name, (first, size))
        return entries

    def places(self, name: str) -> tuple[list[int], int, int]:
        """Where a stream lies: file offsets of its blocks, the blocks' size, its length."""
        first, length = self.entries[name]
        if length >= self.cutoff:
            return [(at + 1) * self.size for at in self._chain(first)], self.size, length
        starts: list[int] = []
        at, per = first, self.size // 64
        while at < _LAST_SECTOR:
            if at >= len(self.mini) or len(starts) > len(self.mini) or at // per >= len(self.root):
                raise _broken("扇区链损坏", "a chain of sectors is broken")
            starts.append((self.root[at // per] + 1) * self.size + at % per * 64)
            at = self.mini[at]
        return starts, 64, length


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, offset of the body and length of every record from `at` on."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if at + 4 + length > len(stream):
            raise _broken("记录不完整，文件可能被截断", "a record is cut off")
        yield kind, at + 4, length
        at += 4 + length


def _sheets(stream: bytes) -> list[int]:
    starts: list[int] = []
    for kind, at, length in _records(stream, 0):
        if kind == _FILEPASS:
            raise password_needed()
        if kind == _BOUNDSHEET and length >= 4:
            starts.append(struct.unpack_from("<I", stream, at)[0])
        if kind == _EOF:
            break
    return starts


def _scan_sheet(
    stream: bytes, start: int, claims: list[int]
) -> tuple[int, int, dict[tuple[int, int], str]]:
    """Last row and column from 1 and the error cells; offsets of the claims go to `claims`."""
    last_row = last_column = depth = 0
    errors: dict[tuple[int, int], str] = {}
    for kind, at, length in _records(stream, start):
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                break
        elif kind == _DIMENSIONS:
            claims += range(at, at + min(length, 14))
        elif (kind in _CELLS or kind in _MULTIPLE) and length >= 6:
            row, column = struct.unpack_from("<HH", stream, at)
            if kind in _MULTIPLE:
                column = struct.unpack_from("<H", stream, at + length - 2)[0]
            last_row, last_column = max(last_row, row + 1), max(last_column, column + 1)
            code = _error_code(stream, kind, at, length)
            if code is not None:
                errors[row, column] = _ERRORS.get(code, "#N/A")
    return last_row, last_column, errors


def _error_code(stream: bytes, kind: int, at: int, length: int) -> int | None:
    if kind == 0x205 and length >= 8 and stream[at + 7] == 1:
        return stream[at + 6]
    if kind in (0x06, 0x406, 0x206) and length >= 14:
        value = stream[at + 6 : at + 14]
        if value[6:] == b"\xff\xff" and value[0] == 2:
            return value[2]
    return None


def _stream_name(container: _Container) -> str:
    names = container.entries
    for name in ("Workbook", "Book", "WORKBOOK", "BOOK"):
        if name in names:
            return name
    if "EncryptedPackage" in names:
        raise password_needed()
    found = next((name for name in _OTHER_FILES if name in names), None)
    raise InputError(
        "file_kind",
        Text(
            "这是 Word、PowerPoint 等旧版 Office 文件，不是工作簿",
            "This is an old Word, PowerPoint or other Office file, no workbook",
        ),
        got=found,
        fix=Text("请导入 Excel 工作簿", "Import an Excel workbook"),
    )


def checked_xls(data: bytes, limits: Limits) -> tuple[bytes, Errors, dict[int, int]]:
    """The file with its claims of size blanked, and per sheet the error cells and the last row.

    Raises `InputError` for passwords, other Office files, damage, and for sheets whose cells
    reach further than the memory holds.
    """
    try:
        container = _Container(data)
        starts, size, length = container.places(_stream_name(container))
        stream = b"".join(data[at : at + size] for at in starts)[:length]
        if len(stream) < length:
            raise _broken("文件被截断", "the file is cut off")
        claims: list[int] = []
        errors: Errors = {}
        last_rows: dict[int, int] = {}
        cells = 0
        for index, start in enumerate(_sheets(stream)):
            row, column, errors[index] = _scan_sheet(stream, start, claims)
            last_rows[index] = row
            cells += row * column
            # calamine copies a sheet when it is asked for it.
            check_area(2 * cells, limits, f"{row} x {column}")
    except struct.error:
        raise _broken("结构损坏", "its structure is broken") from None
    patched = bytearray(data)
    for at in claims:
        patched[starts[at // size] + at % size] = 0
    return bytes(patched), errors, last_rows
