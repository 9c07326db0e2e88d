"""Zips: names, entries, ratio and size are checked by really inflating each entry."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable

from geo_risk.errors import InputError, Text

from .limits import MEBI, Limits, damaged, too_big

_RATIO_FLOOR = 8 * MEBI
_XML_ENDINGS = (".xml", ".rels")
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)


def refuse_dtd(data: bytes, what: str, name: str = "") -> None:
    """Refuse XML that declares entities or hides its letters in two bytes each."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or 0 in data[:4]:
        raise damaged(what, "XML 编码不是 UTF-8", "an XML part is not UTF-8", name or None)
    if _FORBIDDEN.search(data):
        raise damaged(what, "XML 中含 DTD，拒绝读取", "an XML part has a DTD", name or None)


def _leaves(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\0" in name


def real_name(entry: zipfile.ZipInfo) -> str:
    """The entry's name; Windows packs Chinese names as GBK without saying so."""
    if entry.flag_bits & 0x800 or entry.filename.isascii():
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


def read_zip(
    data: bytes, what: str, limits: Limits, wanted: Callable[[str], bool]
) -> dict[str, bytes]:
    """The wanted entries by name, every entry inflated and checked; others with empty bytes.

    Raises `InputError` for damage, names that leave the archive, doubled names, passwords, a
    DTD in a wanted XML part and for more entries, bytes or ratio than the limits.
    """
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > limits.entries:
                much = Text(f"压缩包多于 {limits.entries} 项", f"over {limits.entries} entries")
                raise too_big(much, len(entries), "max_entries")
            left = limits.inflated_mb * MEBI
            for entry in entries:
                name = real_name(entry)
                _check_entry(entry, name, what, parts)
                body = _inflate(archive, entry, left, limits)
                left -= len(body)
                parts[name] = body if wanted(name) else b""
                # What nobody parses may have one, as the old metadata of ArcGIS (.shp.xml) does.
                if name.lower().endswith(_XML_ENDINGS):
                    refuse_dtd(parts[name], what, name)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ) as error:
        if isinstance(error, InputError):
            raise
        raise damaged(what, "压缩包损坏", "the zip is damaged", error) from None
    return parts


def _check_entry(entry: zipfile.ZipInfo, name: str, what: str, seen: dict[str, bytes]) -> None:
    if entry.flag_bits & 1:
        raise InputError(
            "file_password",
            Text("压缩包有密码", "The zip has a password"),
            got=name,
            fix=Text("请去掉密码后重新打包", "Pack it again without a password"),
        )
    if _leaves(name) or _leaves(entry.filename):
        raise damaged(what, "条目名称不合法", "an entry's name leaves the archive", name)
    if name in seen:
        raise damaged(what, "压缩包内有重名条目", "an entry stands twice in the zip", name)


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, limits: Limits) -> bytes:
    blocks: list[bytes] = []
    size = 0
    with archive.open(entry) as stream:
        while block := stream.read(MEBI):
            size += len(block)
            if size > left:
                much = Text("解压后过大", "it unpacks to too much")
                raise too_big(much, f"> {limits.inflated_mb} MiB", "max_inflated_mb")
            if size > _RATIO_FLOOR and size > limits.ratio * entry.compress_size:
                times = size // max(entry.compress_size, 1)
                much = Text("压缩比异常", "it unpacks to far more than it says")
                raise too_big(much, f"{times} : 1", "max_ratio")
            blocks.append(block)
    return b"".join(blocks)


def guess_zip(head: bytes) -> str | None:
    """What a zip holds, by the names near its beginning: a suffix, or None where unknown."""
    if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in head[:120]:
        return ".ods"
    for mark, suffix in (
        (b"xl/workbook.xml", ".xlsx"),
        (b"xl/", ".xlsx"),
        (b"word/", ".docx"),
        (b"ppt/", ".pptx"),
        (b"[Content_Types].xml", ".xlsx"),
    ):
        if mark in head:
            return suffix
    lower = head.lower()
    for ending, suffix in ((b".kml", ".kmz"), (b".shp", ".zip"), (b".dbf", ".zip")):
        if ending in lower:
            return suffix
    return None


def true_suffix(names: list[str]) -> str | None:
    """What a zip holds, by all its names."""
    lower = [name.lower() for name in names]
    if "xl/workbook.xml" in lower:
        return ".xlsx"
    if "content.xml" in lower and "mimetype" in lower:
        return ".ods"
    if any(name.endswith(".shp") for name in lower):
        return ".zip"
    return ".kmz" if any(name.endswith(".kml") for name in lower) else None


def must_be(names: list[str], suffix: str, sentence: Text) -> None:
    """Refuse a zip that is not what its name says; where it is another kind, say which."""
    true = true_suffix(names)
    if true == suffix:
        return
    fix = Text("请选择正确的文件", "Choose the right file")
    if true:
        fix = Text(f"内容其实是 {true}，请改扩展名", f"It is really {true}: rename it")
    raise InputError("file_kind", sentence, got=", ".join(names[:3])[:80] or None, fix=fix)
