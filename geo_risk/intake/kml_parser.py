"""KML and KMZ through expat alone: placemarks become rows, nothing that is linked is fetched.

Elements as in OGC 12-007r2 (KML 2.3). A document type is refused before it can declare anything.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.parsers import expat

from geo_risk.errors import GeoRiskError, InputError, Text

from .archives import must_be, read_zip
from .limits import Limits, damaged, too_big, too_deep, too_many_columns, too_many_rows
from .model import UNREADABLE
from .sniffing import kml_root
from .text_encoding import decode_text, encoding_name
from .wkb import BadGeometry, geojson_to_wkb

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,20})[\"']")
_PROLOG = re.compile(r"\s*<\?xml[^>]*\?>")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?")
_DEEPEST = 64
_TEXTS = {"name", "description", "address", "phoneNumber", "value", "SimpleData", "coordinates"}
_FIELDS = {"name", "description", "address", "phoneNumber"}
_SIMPLE = {"Point": "Point", "LineString": "LineString", "LinearRing": "LineString"}
_LEFT_OUT = {
    "NetworkLink",
    "GroundOverlay",
    "ScreenOverlay",
    "PhotoOverlay",
    "Track",
    "MultiTrack",
    "Model",
    "Tour",
}
_UNKNOWN_SHAPES = {"Track", "MultiTrack", "Model"}


def _broken(zh: str, en: str, got: object = None, where: str = "") -> InputError:
    return damaged("KML", zh, en, got, where)


def _positions(text: str) -> list[list[float]]:
    """Positions of a `coordinates` element; `BadGeometry` where one is no pair of numbers."""
    found: list[list[float]] = []
    for item in text.split():
        ordinates = item.split(",")
        if not 2 <= len(ordinates) <= 3 or not all(map(_NUMBER.fullmatch, ordinates[:2])):
            raise BadGeometry
        found.append([float(ordinates[0]), float(ordinates[1])])
    return found


class _Shape:
    """One open geometry element."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.text = ""
        self.rings: list[str] = []
        self.inner: list[_Shape] = []

    def geojson(self) -> dict[str, Any]:
        """As a GeoJSON geometry; `BadGeometry` where it cannot be one."""
        if self.kind in _SIMPLE:
            positions = _positions(self.text)
            if not positions or (self.kind == "Point" and len(positions) != 1):
                raise BadGeometry
            coordinates = positions[0] if self.kind == "Point" else positions
            return {"type": _SIMPLE[self.kind], "coordinates": coordinates}
        if self.kind == "Polygon":
            if not self.rings:
                raise BadGeometry
            return {"type": "Polygon", "coordinates": [_positions(ring) for ring in self.rings]}
        if self.kind != "MultiGeometry":
            raise BadGeometry
        parts = [shape.geojson() for shape in self.inner]
        kinds = {part["type"] for part in parts}
        if len(kinds) == 1 and kinds <= {"Point", "LineString", "Polygon"}:
            return {
                "type": f"Multi{kinds.pop()}",
                "coordinates": [part["coordinates"] for part in parts],
            }
        return {"type": "GeometryCollection", "geometries": parts}


class _Reader:
    """Expat's handlers: a stack of element names, one placemark at a time."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.stack: list[str] = []
        self.columns: dict[str, int] = {}
        self.rows: list[dict[str, str]] = []
        self.geometry: list[bytes | None] = []
        self.left_out: Counter[str] = Counter()
        self.row: dict[str, str] | None = None
        self.shapes: list[_Shape] = []
        self.done: list[_Shape] = []
        self.key = ""
        self.text: list[str] | None = None
        self.text_depth = self.length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        name = name.rpartition(":")[2]
        self.stack.append(name)
        if len(self.stack) > _DEEPEST:
            raise too_deep("KML")
        if name in _LEFT_OUT:
            self.left_out[name] += 1
        if name == "Placemark":
            self.row, self.shapes, self.done = {}, [], []
        elif self.row is not None:
            self._inside(name, attributes)

    def _inside(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("Data", "SimpleData"):
            self.key = attributes.get("name", "")
        if name in _SIMPLE or name in ("Polygon", "MultiGeometry") or name in _UNKNOWN_SHAPES:
            self.shapes.append(_Shape(name))
            if len([s for s in self.shapes if s.kind == "MultiGeometry"]) >= self.limits.depth:
                raise too_deep("KML")
        if name in _TEXTS and self.text is None:
            self.text, self.text_depth, self.length = [], len(self.stack), 0

    def characters(self, text: str) -> None:
        """Text of an element that counts."""
        if self.text is None:
            return
        self.text.append(text)
        self.length += len(text)
        is_geometry = self.stack[self.text_depth - 1] == "coordinates"
        if self.length > self.limits.cell_chars and not is_geometry:
            much = Text("单元格过长", "a cell is too long")
            raise too_big(much, f"> {self.limits.cell_chars}", "max_cell_chars")

    def end(self, name: str) -> None:
        """An element ends."""
        name = name.rpartition(":")[2]
        if self.text is not None and len(self.stack) == self.text_depth:
            self._take(name, "".join(self.text))
            self.text = None
        self.stack.pop()
        if self.shapes and name == self.shapes[-1].kind:
            self._close(self.shapes.pop())
        if name == "Placemark" and self.row is not None:
            self._finish()

    def _take(self, name: str, text: str) -> None:
        assert self.row is not None  # noqa: S101
        if name == "coordinates":
            if self.shapes:
                self.shapes[-1].text += text
            return
        parent = self.stack[-2] if len(self.stack) > 1 else ""
        if name in _FIELDS and parent == "Placemark":
            self.row[name] = text.strip()
        elif (name == "SimpleData" or (name == "value" and parent == "Data")) and self.key:
            self.row[self.key] = text.strip()

    def _close(self, shape: _Shape) -> None:
        if shape.kind == "LinearRing" and self.shapes and self.shapes[-1].kind == "Polygon":
            polygon = self.shapes[-1]
            # Rings keep the document's order, which may name the inner ones first.
            outer = "outerBoundaryIs" in self.stack[-2:]
            polygon.rings.insert(0 if outer else len(polygon.rings), shape.text)
        elif self.shapes:
            self.shapes[-1].inner.append(shape)
        else:
            self.done.append(shape)

    def _finish(self) -> None:
        row = self.row or {}
        self.row = None
        for name in row:
            self.columns.setdefault(name, len(self.columns))
        if len(self.columns) > self.limits.columns:
            raise too_many_columns(self.limits, len(self.columns))
        if len(self.rows) >= self.limits.rows:
            raise too_many_rows(self.limits, len(self.rows) + 1)
        self.rows.append(row)
        self.geometry.append(self._wkb())

    def _wkb(self) -> bytes | None:
        if not self.done:
            return None
        try:
            if len(self.done) > 1:
                raise BadGeometry
            return geojson_to_wkb(self.done[0].geojson(), self.limits.depth)
        except BadGeometry:
            return UNREADABLE


def _no_doctype(*_: object) -> None:
    raise _broken("含 DTD 或实体声明，拒绝读取", "it has a DTD or declares entities")


def _parse(text: str, reader: _Reader) -> None:
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.EntityDeclHandler = _no_doctype
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as error:
        where = f"line {error.lineno}, column {error.offset + 1}"
        raise _broken("XML 无效", "its XML is not valid", None, where) from None
    except UnicodeEncodeError:
        raise _broken("含无效字符", "it holds a character that is none") from None


def _document(data: bytes, declared: str | None) -> tuple[str, str, str]:
    """The text after the XML declaration, its encoding, and how that was found."""
    found = _DECLARED.search(data[:300])
    if declared is None and found and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            declared = encoding_name(found[1].decode("ascii"))
        except GeoRiskError as error:
            raise _broken("编码声明不认识", "its encoding is not known", error.got) from None
    text, encoding, how = decode_text(data, declared)
    text = _PROLOG.sub("", text.removeprefix("\ufeff"), count=1)
    if kml_root(text) is None:
        if "<!DOCTYPE" in text[:4096].upper():
            _no_doctype()
        raise _broken("根元素不是 kml", "its root is not kml", text.strip()[:40])
    return text, encoding, how


def read_kml(data: bytes, limits: Limits, declared: str | None = None) -> dict[str, object]:
    """Columns, rows and WKB of the placemarks of a KML document.

    Descriptions keep their HTML as plain text. Network links, overlays, models and tracks are
    counted in `notes` and never followed.
    """
    text, encoding, how = _document(data, declared)
    reader = _Reader(limits)
    _parse(text, reader)
    rows = [[row.get(name) or None for name in reader.columns] for row in reader.rows]
    return {
        "columns": list(reader.columns),
        "rows": rows,
        "numbers": list(range(1, len(rows) + 1)),
        "geometry": reader.geometry,
        "encoding": encoding,
        "encoding_how": how,
        "crs_name": None,
        "notes": [
            {
                "code": "kml_left_out",
                "zh": f"{name} {count} 个未读取(链接与叠加图一律不访问)",
                "en": f"{count} {name} left out: links and overlays are never followed",
            }
            for name, count in sorted(reader.left_out.items())
        ],
    }


def read_kmz(data: bytes, limits: Limits, declared: str | None = None) -> dict[str, object]:
    """The same of `doc.kml`, or else the first .kml, in a KMZ."""
    parts = read_zip(data, "KMZ", limits, lambda name: name.lower().endswith(".kml"))
    must_be(list(parts), ".kmz", Text("压缩包中没有 .kml", "The zip holds no .kml"))
    names = [name for name in parts if name.lower().endswith(".kml")]
    first = next((name for name in names if name.lower() == "doc.kml"), names[0])
    return {**read_kml(parts[first], limits, declared), "sheet": first}
