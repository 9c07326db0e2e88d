"""The parsing child: file on standard input, JSON lines on standard output, nothing else.

It opens no path, keeps no temporary file and knows no network; its parent set its limits.
"""

from __future__ import annotations

import base64
import gc
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from geo_risk.errors import GeoRiskError

from .limits import MEBI, Limits
from .model import Kind


def parse(
    data: bytes, kind: Kind, limits: Limits, gpkg_layer: str = ""
) -> Iterator[dict[str, Any]]:
    """The messages of one file: chunks of rows, then what is known of the whole."""
    if kind in ("csv", "xlsx"):
        if kind == "csv":
            from .csv_parser import read_csv as read
        else:
            from .xlsx_parser import read_xlsx as read
        known, chunks = read(data, limits)
        for rows, numbers in chunks:
            yield {"rows": rows, "numbers": numbers}
        yield {"end": known}
        return
    if kind == "geojson":
        from .geojson_parser import read_geojson

        table: dict[str, Any] = read_geojson(data, limits)
    else:
        from .gpkg_parser import read_gpkg

        table = read_gpkg(data, limits, gpkg_layer)
    yield from _in_chunks(table)


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


def failure(error: GeoRiskError) -> dict[str, Any]:
    """An error as a message."""
    return {
        "error": {
            "code": error.code,
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
        messages = parse(source.read(), told["kind"], limits, told["gpkg_layer"])
        for message in messages:
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
