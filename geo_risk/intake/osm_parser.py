"""OpenStreetMap extracts (.osm.pbf): the ways that are roads, each with its nodes' numbers.

libosmium inflates one block of at most 32 MiB at a time; what it may hold is the child's memory.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from geo_risk.errors import InputError

from .limits import Limits, damaged, too_many_rows
from .osm_blocks import check_texts

TAGS = ("highway", "name", "oneway", "junction", "maxspeed")
NODES = "osm_nodes"
COLUMNS = ("id", *TAGS, NODES)
_LINE = struct.Struct("<BII")
_MOST_NODES = 2_000_000
"""Most nodes of one way; OpenStreetMap itself allows 2,000."""


def read_osm(data: bytes, limits: Limits) -> dict[str, object]:
    """Columns, rows and WKB lines of all ways with a `highway`; `osm_nodes` are the ids of the
    nodes, one for each vertex.

    A way is cut where the extract does not hold a node; `notes` counts the nodes missing. Raises
    `InputError` `file_damaged` for what is no such extract.
    """
    rows: list[list[object]] = []
    geometry: list[bytes] = []
    numbers: list[int] = []
    missing = 0
    for number, (way, tags, vertices) in enumerate(_ways(data), 1):
        missing += sum(vertex is None for vertex in vertices)
        for run in _runs(vertices):
            if len(rows) >= limits.rows:
                raise too_many_rows(limits, len(rows) + 1)
            rows.append([way, *tags, " ".join(str(ref) for ref, _, _ in run)])
            geometry.append(_wkb(run))
            numbers.append(number)
    return {
        "columns": list(COLUMNS),
        "rows": rows,
        "numbers": numbers,
        "geometry": geometry,
        "crs_name": "CRS84",
        "notes": [_incomplete(missing)] if missing else [],
    }


Vertex = tuple[int, float, float]


def _ways(data: bytes) -> Iterator[tuple[int, list[str | None], list[Vertex | None]]]:
    """Way, its tags and its vertices, None for a node that is not in the file."""
    import osmium

    check_texts(data)
    try:
        ways: Any = (
            osmium.FileProcessor(osmium.io.FileBuffer(data, "pbf"))
            .with_locations()
            .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
            .with_filter(osmium.filter.KeyFilter("highway"))
        )
        for way in ways:
            vertices: list[Vertex | None] = []
            if len(way.nodes) > _MOST_NODES:
                raise _no_extract("道路的节点过多", "a way has too many nodes")
            for node in way.nodes:
                at = node.location
                vertices.append((node.ref, at.lon, at.lat) if at.valid() else None)
            yield way.id, [way.tags.get(key) for key in TAGS], vertices
    except (RuntimeError, ValueError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise _no_extract("内容有误或不完整", "its content is broken or cut off") from None


def _runs(vertices: list[Vertex | None]) -> Iterator[list[Vertex]]:
    """Vertices one after the other without a gap, at least two."""
    run: list[Vertex] = []
    for vertex in [*vertices, None]:
        if vertex is not None:
            run.append(vertex)
            continue
        if len(run) > 1:
            yield run
        run = []


def _wkb(run: list[Vertex]) -> bytes:
    flat = [degree for _, lon, lat in run for degree in (lon, lat)]
    return _LINE.pack(1, 2, len(run)) + struct.pack(f"<{len(flat)}d", *flat)


def _no_extract(zh: str, en: str) -> InputError:
    return damaged("OpenStreetMap", zh, en)


def _incomplete(missing: int) -> dict[str, Any]:
    return {
        "code": "osm_nodes_missing",
        "zh": f"道路的 {missing} 个节点不在文件中(裁切边缘)，道路在该处断开",
        "en": f"{missing} nodes of roads are not in the file (cut at its edge): roads end there",
    }
