"""Fuzz one parser: `python -m tests.fuzz --target kml --seconds 300`; see intake-files.md.

Everything but a `GeoRiskError` (or `MemoryError`) is a finding: the input is kept in the folder
of `--keep` as `crash-…`, and the same command with that file as last argument runs it again.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.fuzz.seeds import KINDS, raw_and_parts

os.environ.setdefault("RUST_BACKTRACE", "0")


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--target", choices=KINDS, required=True)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("file", nargs="?", type=Path, help="run just this input again")
    return parser.parse_args()


def main() -> None:
    """Write the seeds, then hand over to libFuzzer."""
    import atheris

    chosen = options()
    with atheris.instrument_imports(include=["geo_risk.intake"]):
        from geo_risk.errors import GeoRiskError
        from geo_risk.intake import (  # noqa: F401
            archives,
            csv_parser,
            dbf,
            geojson_parser,
            gpkg_parser,
            kml_parser,
            ole,
            sheet_scan,
            shp_parser,
            text_encoding,
            workbook_parser,
        )
        from geo_risk.intake.child import parse
        from geo_risk.intake.limits import Limits

    limits = Limits(rows=2000, columns=50, inflated_mb=4, memory_mb=64, cell_chars=10_000)
    raw, parts = raw_and_parts(chosen.target)

    def one(data: bytes) -> None:
        if parts and data[:1] and data[0] % 2:
            at = data[1] if len(data) > 1 else 0
            data = parts[at % len(parts)][1](data[2:])
        elif parts:
            data = data[1:]
        with contextlib.suppress(GeoRiskError, MemoryError):
            for message in parse(data, chosen.target, limits):
                json.dumps(message)

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(raw):
            (Path(corpus) / f"raw{number}").write_bytes((b"\0" if parts else b"") + seed)
        for number, (body, _) in enumerate(parts):
            (Path(corpus) / f"part{number}").write_bytes(bytes([1, number]) + body)
        flags = [
            f"-max_total_time={chosen.seconds}",
            f"-artifact_prefix={chosen.keep}/",
            "-timeout=20",
            "-rss_limit_mb=2048",
            "-max_len=20000",
            "-len_control=0",
            "-print_final_stats=1",
        ]
        where = [str(chosen.file)] if chosen.file else [corpus]
        atheris.Setup([sys.argv[0], *flags, *where], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
