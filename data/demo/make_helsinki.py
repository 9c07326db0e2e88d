"""Join Helsinki's road edges to one feature a way: `python -m data.demo.make_helsinki [FILE]`.

OpenStreetMap's way is one road with one id; the source has an edge for each piece between
junctions, so that ids repeat.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "helsinki"


def generate(file: Path) -> None:
    """Write `roads.geojson`: id, name (the class in brackets where unnamed), tags, lines."""
    edges = json.loads((FOLDER / "roads_edges.geojson").read_text(encoding="utf-8"))["features"]
    ways: dict[int, dict[str, Any]] = {}
    for edge in edges:
        seen = edge["properties"]
        highway = str(seen["highway"]).removesuffix("_link")
        way = ways.setdefault(
            seen["id"],
            {
                "type": "Feature",
                "properties": {
                    "id": seen["id"],
                    "name": seen["name"] or f"({highway})",
                    "highway": highway,
                    "oneway": seen["oneway"],
                    "maxspeed": seen["maxspeed"],
                    "origin": "© OpenStreetMap contributors, ODbL 1.0",
                },
                "geometry": {"type": "MultiLineString", "coordinates": []},
            },
        )
        way["geometry"]["coordinates"].append(edge["geometry"]["coordinates"])
    lines = ",\n".join(
        json.dumps(way, ensure_ascii=False, separators=(",", ":")) for way in ways.values()
    )
    text = f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'
    file.write_bytes(text.encode("utf-8"))


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "roads.geojson")
