"""What a file is, by its first bytes and its name; both must agree."""

from __future__ import annotations

from pathlib import PurePath

from geo_risk.errors import InputError, Text

from .model import Kind

_BY_SUFFIX: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".geojson": "geojson",
    ".json": "geojson",
    ".gpkg": "gpkg",
}
_GPKG_IDS = (b"GPKG", b"GP10", b"GP11")
_FIX = Text(
    "可导入 CSV、XLSX、GeoJSON、GeoPackage，扩展名须与内容一致",
    "CSV, XLSX, GeoJSON and GeoPackage can be imported; the name's ending must tell the truth",
)


def _refused(zh: str, en: str, got: object, fix: Text = _FIX) -> InputError:
    return InputError("file_kind", Text(zh, en), got=got, fix=fix)


def _head_text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "ignore").lstrip()
    plain = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"")
    return plain.decode("latin-1").lstrip()


def content_kind(head: bytes) -> Kind:
    """The kind by content, from the first 4 KiB; `InputError` for what is never read."""
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(b"SQLite format 3\0"):
        if head[68:72] in _GPKG_IDS:
            return "gpkg"
        raise _refused(
            "这是 SQLite 数据库，但不是 GeoPackage", "This is SQLite, but no GeoPackage", None
        )
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused(
            "旧版 XLS 或加密的 Excel 文件不能导入",
            "An old XLS or an encrypted workbook cannot be imported",
            None,
            Text("请在 Excel 中另存为 .xlsx(无密码)", "Save it as .xlsx without a password"),
        )
    text = _head_text(head)
    if text.startswith("<"):
        raise _refused("XML(含 VRT、KML)不能导入", "XML (VRT and KML too) is refused", text[:40])
    if text.startswith(("{", "[")):
        return "geojson"
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc", b"\x1f\x8b")):
        raise _refused("这不是数据表", "This is not a table of data", None)
    return "csv"


def sniff(name: str, head: bytes) -> Kind:
    """The kind of the file called `name` that begins with `head`; both must agree."""
    if not head:
        raise InputError(
            "file_empty",
            Text("文件是空的", "The file is empty"),
            fix=Text("请检查导出是否成功", "Check that the export worked"),
        )
    suffix = PurePath(name).suffix.lower()
    found = content_kind(head)
    if suffix not in _BY_SUFFIX:
        raise _refused("不认识的扩展名", "The name's ending is not known", suffix or name)
    if _BY_SUFFIX[suffix] != found:
        raise _refused(
            f"扩展名是 {suffix}，内容却是 {found}",
            f"The name ends in {suffix}, the content is {found}",
            name,
        )
    return found
