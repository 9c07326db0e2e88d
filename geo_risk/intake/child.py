"""The parsing child: file on standard input, JSON lines on standard output, nothing else.

It opens no path and no connection and keeps no temporary file; its parent set its limits.
"""

from __future__ import annotations

import base64
import gc
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from geo_risk.errors import GeoRiskError, UsageError

from .limits import MEBI, Limits, too_many_cells
from .model import Kind


def parse(
    data: bytes,
    kind: Kind,
    limits: Limits,
    layer: str | None = None,
    encoding: str | None = None,
) -> Iterator[dict[str, Any]]:
    """The messages of one file: chunks of rows, then what is known of the whole.

    layer : the sheet of a workbook, the layer of a GeoPackage, the .shp of a zip.
    """
    if kind == "csv":
        from .csv_parser import read_csv

        yield from _streamed(*read_csv(data, limits, encoding))
    elif kind in ("xlsx", "xls", "ods"):
        from .workbook_parser import read_workbook

        yield from _streamed(*read_workbook(data, kind, limits, layer))
    else:
        yield from _in_chunks(_features(data, kind, limits, layer, encoding))


def _streamed(known: dict[str, object], chunks: Iterator[Any]) -> Iterator[dict[str, Any]]:
    for rows, numbers in chunks:
        yield {"rows": rows, "numbers": numbers}
    yield {"end": known}


def _features(
    data: bytes, kind: Kind, limits: Limits, layer: str | None, encoding: str | None
) -> dict[str, Any]:
    if kind == "geojson":
        from .geojson_parser import read_geojson

        return read_geojson(data, limits, encoding)
    if kind == "geojsonl":
        from .geojson_parser import read_geojsonl

        return read_geojsonl(data, limits, encoding)
    if kind == "shp":
        from .shp_parser import read_shp

        return read_shp(data, limits, layer, encoding)
    if kind in ("kml", "kmz"):
        from .kml_parser import read_kml, read_kmz

        return (read_kml if kind == "kml" else read_kmz)(data, limits, encoding)
    if kind == "osm":
        from .osm_parser import read_osm

        return read_osm(data, limits)
    from .gpkg_parser import read_gpkg

    return read_gpkg(data, limits, layer or "")


def _in_chunks(table: dict[str, Any], size: int = 5000) -> Iterator[dict[str, Any]]:
    rows, numbers, geometry = (table.pop(name) for name in ("rows", "numbers", "geometry"))
    for start in range(0, len(rows), size):
        part = slice(start, start + size)
        chunk = {"rows": rows[part], "numbers": numbers[part]}
        if geometry is not None:
            chunk["geometry"] = [
                None if wkb is None else base64.b64encode(wkb).decode() for wkb in geometry[part]
            ]
        yield chunk
    yield {"end": {**table, "with_geometry": geometry is not None}}


def _capped(messages: Iterator[dict[str, Any]], limits: Limits) -> Iterator[dict[str, Any]]:
    """The messages while their cells are few enough for the parent's memory, then `InputError`.

    Counted as rows times the widest: the parent fills short rows up.
    """
    count = widest = 0
    for message in messages:
        rows = message.get("rows", ())
        count, widest = count + len(rows), max(widest, max(map(len, rows), default=0))
        if count * widest > limits.cells:
            raise too_many_cells(limits, count * widest)
        yield message


def failure(error: GeoRiskError) -> dict[str, Any]:
    """An error as a message."""
    return {
        "error": {
            "code": error.code,
            "usage": isinstance(error, UsageError),
            "message": dict(error.message),
            "where": error.where,
            "got": error.got,
            "fix": dict(error.fix),
        }
    }


def run(arguments: str, source: BinaryIO, sink: BinaryIO) -> int:
    """Parse standard input as told; 0 also for a file refused, 3 when memory ran out."""
    told = json.loads(arguments)
    limits = Limits(**told["limits"])
    try:
        messages = parse(source.read(), told["kind"], limits, told["layer"], told["encoding"])
        for message in _capped(messages, limits):
            sink.write(json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n")
    except GeoRiskError as error:
        sink.write(json.dumps(failure(error)).encode("ascii") + b"\n")
    except MemoryError:
        return 3
    sink.flush()
    return 0


def confine(limits: Limits) -> None:
    """Give up memory, time and every write to disk, before the first byte is read."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_mb * MEBI,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """Entry point of the child."""
    gc.disable()
    confine(Limits(**json.loads(sys.argv[1])["limits"]))
    return run(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
