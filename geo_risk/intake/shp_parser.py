"""Zipped Shapefiles without GDAL: nothing is unpacked to disk, no path is opened.

Layout as in the ESRI Shapefile Technical Description (July 1998). Only x and y are kept.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath

from geo_risk.errors import InputError, Text, UsageError

from .archives import must_be, read_zip
from .dbf import read_dbf
from .limits import Limits, damaged, too_many_rows
from .model import UNREADABLE
from .wkb import BadGeometry

_MAGIC, _VERSION = 9994, 1000
_POINT, _LINE, _POLYGON, _MULTIPOINT = 1, 3, 5, 8
_ENDINGS = (".shp", ".dbf", ".cpg", ".prj")
_MOST_PAIRS = 200_000
Ring = tuple[float, ...]


def _broken(zh: str, en: str, got: object = None) -> InputError:
    return damaged("Shapefile", zh, en, got)


def _head(code: int) -> bytes:
    return struct.pack("<BI", 1, code)


def _checked(raw: bytes) -> bytes:
    if not all(map(math.isfinite, struct.unpack(f"<{len(raw) // 8}d", raw))):
        raise BadGeometry
    return raw


def _body(record: bytes, at: int, count: int) -> bytes:
    if count < 0 or at + 16 * count > len(record):
        raise BadGeometry
    return _checked(record[at : at + 16 * count])


def _parts(record: bytes) -> list[bytes]:
    """The coordinates of each part of a line or polygon; `BadGeometry` where offsets lie."""
    parts, points = struct.unpack_from("<ii", record, 36)
    start = 44 + 4 * parts
    if parts < 1 or points < 1 or start > len(record):
        raise BadGeometry
    xy = _body(record, start, points)
    offsets = [*struct.unpack_from(f"<{parts}i", record, 44), points]
    if offsets[0] != 0 or any(b <= a for a, b in pairwise(offsets)):
        raise BadGeometry
    return [xy[16 * a : 16 * b] for a, b in pairwise(offsets)]


def _counted(parts: list[bytes]) -> bytes:
    return struct.pack("<I", len(parts)) + b"".join(
        struct.pack("<I", len(part) // 16) + part for part in parts
    )


def _collected(code: int, many: int, bodies: list[bytes]) -> bytes:
    if len(bodies) == 1:
        return _head(code) + bodies[0]
    inner = b"".join(_head(code) + body for body in bodies)
    return _head(many) + struct.pack("<I", len(bodies)) + inner


def _numbers(ring: bytes) -> Ring:
    return struct.unpack(f"<{len(ring) // 8}d", ring)


def _twice_area(ring: Ring) -> float:
    """Twice the signed area: negative for a clockwise, that is outer, ring."""
    xs, ys = ring[0::2], ring[1::2]
    x, y = xs[0], ys[0]
    return math.fsum(
        (x1 - x) * (y2 - y) - (x2 - x) * (y1 - y)
        for x1, y1, x2, y2 in zip(xs, ys, xs[1:], ys[1:], strict=False)
    )


def _inside(x: float, y: float, ring: Ring) -> bool:
    xs, ys = ring[0::2], ring[1::2]
    odd = False
    for x1, y1, x2, y2 in zip(xs, ys, xs[1:], ys[1:], strict=False):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def _polygons(rings: list[bytes]) -> list[list[bytes]]:
    """Outer rings with their holes: a hole lies in the smallest outer ring around it."""
    if len(rings) == 1:
        return [rings]
    numbers = [_numbers(ring) for ring in rings]
    areas = [_twice_area(ring) for ring in numbers]
    outer = [i for i, area in enumerate(areas) if area < 0] or list(range(len(rings)))
    found = {i: [rings[i]] for i in outer}
    by_size = sorted(outer, key=lambda i: abs(areas[i]))
    pairs = (len(rings) - len(outer)) * sum(len(numbers[i]) for i in outer)
    for i, ring in enumerate(numbers):
        if i in found:
            continue
        around = by_size if pairs <= _MOST_PAIRS * 100 else []
        home = next((j for j in around if _inside(ring[0], ring[1], numbers[j])), None)
        before = max((j for j in outer if j < i), default=outer[0])
        found[before if home is None else home].append(rings[i])
    return list(found.values())


def shape_to_wkb(record: bytes) -> bytes | None:
    """WKB of one record's content, None for a null shape; `BadGeometry` where it lies."""
    if len(record) < 4:
        raise BadGeometry
    code = struct.unpack_from("<i", record)[0]
    if code == 0:
        return None
    if code not in (1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28):
        raise BadGeometry
    try:
        return _known_shape(code % 10, record)
    except struct.error:
        raise BadGeometry from None


def _known_shape(code: int, record: bytes) -> bytes:
    if code == _POINT:
        return _head(1) + _body(record, 4, 1)
    if code == _MULTIPOINT:
        xy = _body(record, 40, struct.unpack_from("<i", record, 36)[0])
        points = [xy[at : at + 16] for at in range(0, len(xy), 16)]
        return _head(4) + struct.pack("<I", len(points)) + b"".join(_head(1) + p for p in points)
    parts = _parts(record)
    if code == _LINE:
        lines = [struct.pack("<I", len(part) // 16) + part for part in parts]
        return _collected(2, 5, lines)
    return _collected(3, 6, [_counted(rings) for rings in _polygons(parts)])


def read_shapes(data: bytes, limits: Limits) -> list[bytes | None]:
    """Per record WKB, None without shape, empty bytes where unreadable."""
    if len(data) < 100 or struct.unpack_from(">i", data)[0] != _MAGIC:
        raise _broken(".shp 文件头无效", "the .shp has no valid head")
    words = struct.unpack_from(">i", data, 24)[0]
    if struct.unpack_from("<i", data, 28)[0] != _VERSION:
        raise _broken(".shp 版本无效", "the .shp is of an unknown version")
    if words * 2 > len(data):
        raise _broken(".shp 被截断", "the .shp is cut off", f"{len(data)} < {words * 2}")
    found: list[bytes | None] = []
    for record in _contents(data):
        if len(found) >= limits.rows:
            raise too_many_rows(limits, len(found) + 1)
        try:
            found.append(shape_to_wkb(record))
        except BadGeometry:
            found.append(UNREADABLE)
    return found


def _contents(data: bytes) -> Iterator[bytes]:
    at = 100
    while at + 8 <= len(data):
        length = 2 * struct.unpack_from(">i", data, at + 4)[0]
        if length < 4 or at + 8 + length > len(data):
            raise _broken(".shp 中的记录不完整", "a record of the .shp is cut off")
        yield data[at + 8 : at + 8 + length]
        at += 8 + length


_AUTHORITY = re.compile(r'AUTHORITY\[\s*"EPSG"\s*,\s*"?(\d{4,5})"?\s*\]\s*\]\s*$', re.I)
_GK = re.compile(r"gauss_?kruger|transverse_?mercator", re.I)


def _parameter(wkt: str, name: str) -> float | None:
    found = re.search(rf'PARAMETER\[\s*"{name}"\s*,\s*([-+.\deE]{{1,24}})\s*\]', wkt, re.I)
    try:
        return float(found[1]) if found else None
    except ValueError:
        return None


def crs_of_prj(raw: bytes) -> str | None:
    """`EPSG:N` of a .prj by its authority or its plain numbers; None for anything else.

    The text goes to no projection library. CGCS2000 Gauss-Krüger is known by its central
    meridian and false easting, which no file names differently.
    """
    wkt = raw[:10_000].decode("utf-8", "replace").strip()
    found = _AUTHORITY.search(wkt)
    if found:
        return f"EPSG:{int(found[1])}"
    name = re.sub(r"[^a-z0-9]+", "_", wkt.partition('"')[2].partition('"')[0].casefold())
    base = re.search(r'GEOGCS\[\s*"([^"]*)"', wkt, re.I)
    datum = re.sub(r"[^a-z0-9]", "", base[1].casefold()) if base else ""
    china = "cgcs2000" in datum or "chinageodeticcoordinatesystem2000" in datum
    world = datum in ("gcswgs1984", "wgs84", "wgs1984")
    if wkt.upper().startswith("GEOGCS") and (china or world):
        return "EPSG:4490" if china else "EPSG:4326"
    if world and (zone := re.fullmatch(r"wgs_(?:19)?84_utm_zone_(\d{1,2})_?([ns])", name)):
        return f"EPSG:{(32600 if zone[2] == 'n' else 32700) + int(zone[1])}"
    if world and name == "wgs_1984_web_mercator_auxiliary_sphere":
        return "EPSG:3857"
    return _gauss_kruger(wkt, name) if china and _GK.search(wkt) else None


def _gauss_kruger(wkt: str, name: str) -> str | None:
    meridian, east = _parameter(wkt, "central_meridian"), _parameter(wkt, "false_easting")
    scale, origin = _parameter(wkt, "scale_factor"), _parameter(wkt, "latitude_of_origin")
    if meridian is None or east is None or scale not in (None, 1.0) or origin not in (None, 0.0):
        return None
    zone = (east - 500_000) / 1_000_000
    if zone == 0 and meridian % 3 == 0 and 75 <= meridian <= 135:
        if meridian % 6 == 3 and "3_degree" not in name:
            return f"EPSG:{4502 + int(meridian - 75) // 6}"
        return f"EPSG:{4534 + int(meridian - 75) // 3}"
    if zone == int(zone) and 13 <= zone <= 23 and meridian == 6 * zone - 3:
        return f"EPSG:{4491 + int(zone) - 13}"
    if zone == int(zone) and 25 <= zone <= 45 and meridian == 3 * zone:
        return f"EPSG:{4513 + int(zone) - 25}"
    return None


def _chosen(names: list[str], wanted: str | None) -> str:
    shapes = [name for name in names if name.lower().endswith(".shp") and not _is_noise(name)]
    titles = [PurePosixPath(name).stem for name in shapes]
    if wanted is not None:
        plain = wanted.casefold().removesuffix(".shp")
        for name, title in zip(shapes, titles, strict=True):
            if plain in (title.casefold(), name.casefold().removesuffix(".shp")):
                return name
    elif len(shapes) == 1:
        return shapes[0]
    listed = "、".join(titles)[:300]
    raise UsageError(
        "sheet_unknown" if wanted else "sheet_missing",
        Text("压缩包中没有这个 .shp", "The zip has no such .shp")
        if wanted
        else Text("压缩包中有多个 .shp，须指定一个", "The zip has several .shp: choose one"),
        where="--sheet",
        got=wanted,
        fix=Text(f"可选：{listed}", f"There are: {listed}"),
    )


def _is_noise(name: str) -> bool:
    return "__MACOSX" in name or PurePosixPath(name).name.startswith(".")


def read_shp(
    data: bytes, limits: Limits, wanted: str | None = None, encoding: str | None = None
) -> dict[str, object]:
    """Columns, rows, WKB and crs name of one Shapefile in a zip.

    wanted : which .shp, where the zip holds several; encoding : of the .dbf, where declared.

    Raises `InputError` for damage and missing members, `UsageError` for the choice.
    """
    parts = read_zip(data, "zip", limits, lambda name: name.lower().endswith(_ENDINGS))
    sentence = Text("压缩包中没有 Shapefile", "The zip holds no Shapefile")
    must_be(list(parts), ".zip", sentence)
    shape = _chosen(list(parts), wanted)
    stem = shape[:-4].casefold()
    members = {name.casefold(): body for name, body in parts.items()}
    table = members.get(f"{stem}.dbf")
    if table is None:
        raise _broken("压缩包中缺少 .dbf", "the zip lacks the .dbf", PurePosixPath(shape).name)
    cpg = members.get(f"{stem}.cpg")
    columns, rows, found, how = read_dbf(table, limits, cpg, encoding)
    geometry = read_shapes(parts[shape], limits)
    if len(geometry) != len(rows):
        raise _broken(
            f".shp 有 {len(geometry)} 个图形，.dbf 有 {len(rows)} 条记录，对不上",
            f"the .shp has {len(geometry)} shapes, the .dbf {len(rows)} records",
        )
    kept = [i for i, row in enumerate(rows) if row is not None]
    prj = members.get(f"{stem}.prj")
    return {
        "columns": columns,
        "rows": [rows[i] for i in kept],
        "numbers": [i + 1 for i in kept],
        "geometry": [geometry[i] for i in kept],
        "encoding": found,
        "encoding_how": how,
        "crs_name": crs_of_prj(prj) if prj else None,
        "sheet": PurePosixPath(shape).stem,
        "sheets": [
            PurePosixPath(name).stem
            for name in parts
            if name.lower().endswith(".shp") and not _is_noise(name)
        ],
        "notes": _notes(prj),
    }


def _notes(prj: bytes | None) -> list[dict[str, str]]:
    if not prj or crs_of_prj(prj):
        return []
    name = prj[:200].decode("utf-8", "replace").partition('"')[2].partition('"')[0][:60]
    return [
        {
            "code": "crs_unknown",
            "zh": f".prj 中的坐标系“{name}”不在可用之列，未采用；请核对声明的坐标系",
            "en": f"The .prj names “{name}”, which is not used here: check the declared datum",
        }
    ]
