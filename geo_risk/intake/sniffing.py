"""What a file is, by its first bytes and its name; both must agree."""

from __future__ import annotations

import re
from pathlib import PurePath

from geo_risk.errors import InputError, Text

from .archives import guess_zip
from .model import Kind

_BY_SUFFIX: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xls": "xls",
    ".ods": "ods",
    ".geojson": "geojson",
    ".json": "geojson",
    ".geojsonl": "geojsonl",
    ".geojsons": "geojsonl",
    ".ndjson": "geojsonl",
    ".jsonl": "geojsonl",
    ".gpkg": "gpkg",
    ".zip": "shp",
    ".kml": "kml",
    ".kmz": "kmz",
}
_ZIPPED = {".xlsx", ".ods", ".zip", ".kmz"}
_LINES = {"geojsonl"}
_PARTS_OF_SHAPEFILE = {".shp", ".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qpj"}
_GPKG_IDS = (b"GPKG", b"GP10", b"GP11")
_OSM_HEAD = b"\n\tOSMHeader"
"""What follows the four bytes of a length in every .osm.pbf."""
_NO_TABLE = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc", b"\x1f\x8b", b"BZh")
_FIX = Text(
    "可导入 CSV、TSV、XLSX、XLS、ODS、GeoJSON、GeoPackage、KML、KMZ 和打成 zip 的 Shapefile，"
    "扩展名须与内容一致",
    "CSV, TSV, XLSX, XLS, ODS, GeoJSON, GeoPackage, KML, KMZ and zipped Shapefiles can be "
    "imported; the name's ending must tell the truth",
)
_PACK = Text(
    "请把 .shp、.dbf、.shx(以及 .prj、.cpg)打成一个 zip 再导入",
    "Pack .shp, .dbf, .shx (and .prj, .cpg) into one zip",
)
# Atomic, so that a head of a thousand comments is not tried in every grouping of them.
_BEFORE_ROOT = re.compile(r"(?:\s|<!--(?>.*?-->)|<\?(?>.*?\?>))*+", re.S)
_KML_ROOT = re.compile(r"<(?:[\w.-]+:)?kml[\s>/]")
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|meta|table|style|script|body|div)[\s>]", re.I)


def _refused(zh: str, en: str, got: object, fix: Text = _FIX) -> InputError:
    return InputError("file_kind", Text(zh, en), got=got, fix=fix)


def _head_text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "ignore").lstrip()
    plain = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"")
    return plain.decode("latin-1").lstrip()


def kml_root(text: str) -> int | None:
    """Where the element `kml` begins, with only comments and instructions before it."""
    before = _BEFORE_ROOT.match(text)
    at = before.end() if before else 0
    return at if _KML_ROOT.match(text, at) else None


def _markup_kind(text: str) -> Kind:
    """KML, or the refusal that fits what else begins with `<`."""
    if kml_root(text) is not None:
        return "kml"
    if _HTML.search(text[:1024]):
        raise _refused(
            "这是网页格式的表格，不是真正的 Excel 文件",
            "This is a web page with a table, no real workbook",
            None,
            Text(
                "请在 Excel 或 WPS 中打开，另存为 .xlsx 后再导入",
                "Open it in Excel or WPS and save it as .xlsx",
            ),
        )
    if "Excel.Sheet" in text or "urn:schemas-microsoft-com:office:spreadsheet" in text:
        raise _refused(
            "这是“XML 表格 2003”格式，不是真正的 Excel 文件",
            "This is an “XML Spreadsheet 2003”, no real workbook",
            None,
            Text("请在 Excel 中另存为 .xlsx 后再导入", "Save it as .xlsx in Excel"),
        )
    raise _refused(
        "除 KML 外，XML(含 VRT、WFS、GML)不能导入",
        "XML other than KML (VRT, WFS, GML too) is refused",
        text[:40],
    )


def content_kind(head: bytes, suffix: str = "") -> Kind:
    """The kind by content, from the first 4 KiB; `InputError` for what is never read.

    A zip is taken for what its name says, the child looks inside; newline-delimited GeoJSON and
    GeoJSON begin alike.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(head, suffix)
    if head.startswith(b"SQLite format 3\0"):
        if head[68:72] in _GPKG_IDS:
            return "gpkg"
        raise _refused(
            "这是 SQLite 数据库，但不是 GeoPackage", "This is SQLite, but no GeoPackage", None
        )
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    if head.startswith(_NO_TABLE):
        raise _refused("这不是数据表", "This is not a table of data", None)
    text = _head_text(head)
    if text.startswith("<"):
        return _markup_kind(text)
    if text.startswith(("{", "[", "\x1e")):
        by_name = _BY_SUFFIX.get(suffix)
        return "geojsonl" if by_name in _LINES or text.startswith("\x1e") else "geojson"
    return "csv"


def _zip_kind(head: bytes, suffix: str) -> Kind:
    if suffix in _ZIPPED:
        return _BY_SUFFIX[suffix]
    guess = guess_zip(head)
    if guess in _BY_SUFFIX:
        return _BY_SUFFIX[guess]
    raise _refused(
        "这是压缩包或 Office 文档，不能作为数据表导入",
        "This is a zip or an Office document, no table of data",
        guess,
    )


_PLAIN_NAMES = {
    "csv": ("文本(CSV)", "plain text (CSV)", ".csv"),
    "xlsx": ("新版 Excel 工作簿(.xlsx)", "a new Excel workbook (.xlsx)", ".xlsx"),
    "xls": ("旧版 Excel 工作簿(.xls)", "an old Excel workbook (.xls)", ".xls"),
    "ods": ("ODS 表格", "an ODS spreadsheet", ".ods"),
    "geojson": ("JSON", "JSON", ".geojson"),
    "geojsonl": ("逐行 GeoJSON", "newline-delimited GeoJSON", ".geojsonl"),
    "gpkg": ("GeoPackage", "a GeoPackage", ".gpkg"),
    "shp": ("zip 压缩包", "a zip", ".zip"),
    "kml": ("KML", "KML", ".kml"),
    "kmz": ("KMZ", "a KMZ", ".kmz"),
}


def _disagree(name: str, suffix: str, found: Kind) -> InputError:
    zh, en, ending = _PLAIN_NAMES[found]
    fix = Text(f"请把扩展名改为 {ending} 再导入", f"Rename it to end in {ending}")
    if found == "xls":
        zh, en = f"{zh}，或带密码的工作簿", f"{en}, or a workbook with a password"
        fix = Text(
            "若有密码，请另存为无密码的 .xlsx；否则把扩展名改为 .xls",
            "With a password: save it as .xlsx without one; else rename it to end in .xls",
        )
    return _refused(
        f"扩展名是 {suffix}，内容却是{zh}", f"The name ends in {suffix}, it is {en}", name, fix
    )


def sniff(name: str, head: bytes, *, osm: bool = False) -> Kind:
    """The kind of the file called `name` that begins with `head`; both must agree.

    osm : an OpenStreetMap extract may come too.
    """
    if not head:
        raise InputError(
            "file_empty",
            Text("文件是空的", "The file is empty"),
            fix=Text("请检查导出是否成功", "Check that the export worked"),
        )
    suffix = PurePath(name).suffix.lower()
    if osm and (suffix == ".pbf" or head[4 : 4 + len(_OSM_HEAD)] == _OSM_HEAD):
        return _osm_kind(name, head, suffix)
    found = content_kind(head, suffix)
    if suffix in _PARTS_OF_SHAPEFILE:
        raise _refused("Shapefile 不能单个文件导入", "A Shapefile is several files", name, _PACK)
    if suffix not in _BY_SUFFIX:
        raise _refused("不认识的扩展名", "The name's ending is not known", suffix or name)
    if _BY_SUFFIX[suffix] != found:
        raise _disagree(name, suffix, found)
    return found


def _osm_kind(name: str, head: bytes, suffix: str) -> Kind:
    if suffix == ".pbf" and head[4 : 4 + len(_OSM_HEAD)] == _OSM_HEAD:
        return "osm"
    raise _refused(
        "扩展名 .osm.pbf 与内容不一致",
        "The ending .osm.pbf and the content do not agree",
        name,
        Text("OpenStreetMap 数据须是 .osm.pbf 文件", "An OpenStreetMap extract is a .osm.pbf file"),
    )
