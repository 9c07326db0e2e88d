"""Pairs of a file tile by tile: the same pairs as in one run, in memory for one tile a worker."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk import __version__
from geo_risk.datums import MetricCRS, metric_crs
from geo_risk.errors import GeoRiskError, Text
from geo_risk.export.files import check_folder
from geo_risk.export.pair_files import write_blocks
from geo_risk.intake.parquet import need_pyarrow
from geo_risk.neighbours.likeness import Policy
from geo_risk.neighbours.pairs import Pairs
from geo_risk.neighbours.tiles import Halo, MedianTally, Tiling, splitters, widened

from . import tile_files as files
from .executors import check, each
from .neighbour_files import Units, unit_blocks
from .neighbours import (
    PairOptions,
    checked,
    columns_of_pairs,
    grade_numbers,
    grade_texts,
    pairs_of_file,
    pairs_of_units,
    placed,
)
from .plain_columns import double_id

TILE_POINTS = 250_000
MOST_TILES = 400
"""Each tile has two files open while units are handed out."""
_BLOCK = 65_536
_SAMPLE = 1 << 18
_BUCKETS = 64
_HERE = 0


@dataclass(frozen=True)
class Where:
    """Who does the tiles (`executors.each`), where the work files lie, units per tile, and who is
    told how many tiles are done of how many."""

    workers: int = 0
    scheduler: str = ""
    folder: Path | None = None
    tile_points: int = TILE_POINTS
    progress: Callable[[int, int], None] = lambda _done, _all: None


@dataclass(frozen=True)
class TileJob:
    """One tile for a worker; `folder` is the same place for all workers."""

    folder: str
    tile: int
    epsg: int
    radius_m: float
    policy: Policy
    options: PairOptions
    splitters: tuple[str, ...]
    version: str = __version__


@dataclass(frozen=True)
class TileDone:
    """What a worker says of a tile; `refusal` is the error that it ended in."""

    tile: int
    pairs: int = 0
    without: dict[str, int] = field(default_factory=dict)
    cpu_s: float = 0.0
    peak_mb: float = 0.0
    refusal: dict[str, Any] | None = None


def tiled_pairs_of_file(
    path: Path, out: Path, options: PairOptions, where: Where | None = None
) -> dict[str, Any]:
    """As `pairs_of_file`, tile by tile: the same file, row for row, whoever does the tiles.

    Also counts `tiles`. CPU seconds and peak memory are those of all processes; a Parquet file is
    read in blocks, another one whole. Raises also what `executors.each` raises, `pyarrow_missing`.
    """
    where = where or Where()
    before_s = time.process_time()
    policy, radius_m = checked(out, options)
    check(where.workers, where.scheduler)
    need_pyarrow(out.name)
    at = (where.folder or out.parent).resolve()
    check_folder(at / "tiles")
    # A worker elsewhere may still be writing when a command is broken off.
    with tempfile.TemporaryDirectory(
        dir=at, prefix=".geo_risk-tiles-", ignore_cleanup_errors=True
    ) as folder:
        survey = _survey(path, options, Path(folder))
        if not survey.n:
            return pairs_of_file(path, out, options) | {"tiles": 0}
        crs = metric_crs(*survey.tally.centre())
        parts = tuple(splitters(survey.ids, max(1, survey.n // where.tile_points)))
        tiles = _partition(Path(folder), survey, crs, radius_m, where.tile_points)
        jobs = [TileJob(folder, tile, crs.epsg, radius_m, policy, options, parts) for tile in tiles]
        done = _done(jobs, where)
        write_blocks(out, files.merged(Path(folder), tiles, len(parts) + 1))
    apart = where.workers or where.scheduler
    return {
        "points": survey.n,
        "pairs": sum(one.pairs for one in done),
        "cpu_s": round(time.process_time() - before_s + sum(one.cpu_s for one in done if apart), 3),
        "peak_mb": round(max([_own_peak_mb(), *(one.peak_mb for one in done)]), 1),
        "radius_m": radius_m,
        "policy": policy.name,
        "epsg": crs.epsg,
        "without": _summed([one.without for one in done]),
        "file": str(out),
        "tiles": len(done),
    }


def _done(jobs: list[TileJob], where: Where) -> list[TileDone]:
    """What is said of each tile, by tile; no worker goes on when one refuses."""
    found: list[TileDone] = []
    with closing(each(run_tile, jobs, where.workers, where.scheduler)) as results:
        for one in results:
            if one.refusal is not None:
                raise _refused(one.refusal)
            found.append(one)
            where.progress(len(found), len(jobs))
    return sorted(found, key=lambda one: one.tile)


@dataclass
class _Survey:
    """What the first pass finds out: counts, the median's zone, every `stride`-th unit, grades."""

    n: int = 0
    stride: int = 1
    tally: MedianTally = field(default_factory=MedianTally)
    ids: list[str] = field(default_factory=list)
    lon: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    lat: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    grades: dict[str, int] = field(default_factory=dict)

    def add(self, units: Units) -> None:
        self.tally.add(units.lon, units.lat)
        every = slice(-self.n % self.stride, None, self.stride)
        self.ids += units.ids[every]
        self.lon = np.concatenate([self.lon, units.lon[every]])
        self.lat = np.concatenate([self.lat, units.lat[every]])
        self.n += len(units.ids)
        while len(self.ids) > _SAMPLE:
            self.stride *= 2
            self.ids, self.lon, self.lat = self.ids[::2], self.lon[::2], self.lat[::2]


def _survey(path: Path, options: PairOptions, folder: Path) -> _Survey:
    """Read the file once, into one stream of units."""
    found = _Survey()
    first_rows: dict[str, int] = {}
    with files.Streams(folder, "all") as streams:
        for units in unit_blocks(path, options.columns(), _BLOCK):
            hashes = np.fromiter(map(hash, units.ids), np.int64, len(units.ids))
            files.add_hashes(folder, hashes, _BUCKETS)
            if "--grade" in units.columns:
                for row, text in zip(units.rows, grade_texts(units), strict=True):
                    first_rows.setdefault(text, row)
                if len(first_rows) > 10_000:
                    grade_numbers(first_rows)  # so many texts are no grades: it raises
            streams.write(_HERE, files.table_of(units, found.n))
            found.add(units)
    doubles = files.double_candidates(folder, _BUCKETS)
    if doubles:
        _refuse_doubles(path, options, doubles)
    found.grades = grade_numbers(first_rows)
    return found


def _refuse_doubles(path: Path, options: PairOptions, hashes: set[int]) -> None:
    """Raise for the first id that stands twice; hashes may be equal where ids are not."""
    seen: dict[str, int] = {}
    for units in unit_blocks(path, options.columns(), _BLOCK):
        for row, one in zip(units.rows, units.ids, strict=True):
            if hash(one) in hashes:
                if one in seen:
                    raise double_id(one, (seen[one], row))
                seen[one] = row


def _partition(
    folder: Path, survey: _Survey, crs: MetricCRS, radius_m: float, tile_points: int
) -> list[int]:
    """Hand the units out to the tiles that own them, then to the halos; the tiles with units."""
    wanted = min(MOST_TILES, -(-survey.n // tile_points))
    tiling = Tiling.of(*crs.forward(survey.lon, survey.lat), wanted)
    nowhere = np.array([np.inf, np.inf, -np.inf, -np.inf])
    bounds = np.tile(nowhere, (tiling.tiles, 1))
    with files.Streams(folder, "tile") as tiles:
        for table in files.batches(folder, "all", _HERE):
            boxes = _boxes(table, crs)
            given = files.with_boxes(table, boxes)
            if "--grade" in table.column_names:
                at = table.column_names.index("--grade")
                told = files.rewritten(table["--grade"], survey.grades)
                given = given.set_column(at, "--grade", told)
            owner = tiling.owner(*crs.forward(table["lon"], table["lat"]))
            for tile in np.unique(owner).tolist():
                mine = owner == tile
                bounds[tile] = widened(boxes[mine], bounds[tile])
                tiles.write(tile, given.filter(mine))
    files.stream_path(folder, "all", _HERE).unlink()
    owning = np.flatnonzero(np.isfinite(bounds).all(axis=1)).tolist()
    halo = Halo(bounds, radius_m)
    with files.Streams(folder, "halo") as halos:
        for own in owning:
            for table in files.batches(folder, "tile", own):
                rows, near = halo.near(files.boxes_of(table))
                for tile in np.unique(near[near != own]).tolist():
                    halos.write(tile, table.take(np.sort(rows[near == tile])))
    return owning


def _boxes(table: Any, crs: MetricCRS) -> NDArray[np.float64]:
    places_m = placed(files.units_of(table), crs)
    if places_m.dtype == object:
        return np.asarray(shapely.bounds(places_m))
    return np.tile(places_m, 2)


def run_tile(job: TileJob) -> TileDone:
    """Find the pairs that a tile owns and write its part; the same again if done twice."""
    before_s = time.process_time()
    folder = Path(job.folder)
    try:
        _check_worker(job)
        units, mine = files.tile_and_halo(folder, job.tile)
        crs = MetricCRS(job.epsg)
        pairs, without = pairs_of_units(units, crs, job.radius_m, job.options, mine)
        owned = mine[pairs.i]
        pairs = Pairs(pairs.i[owned], pairs.j[owned], pairs.distance_m[owned])
        columns = columns_of_pairs(
            units, pairs, job.radius_m, job.policy, job.options, without, mine
        )
        files.write_part(folder, job.tile, columns, job.splitters)
    except GeoRiskError as error:
        told = vars(error) | {"kind": type(error)}
        return TileDone(job.tile, refusal=told)
    cpu_s = time.process_time() - before_s
    return TileDone(job.tile, len(columns["a"]), without, cpu_s, _own_peak_mb())


def _check_worker(job: TileJob) -> None:
    if job.version != __version__:
        raise GeoRiskError(
            "worker_version",
            Text("工作进程的 geo-risk 版本不同", "A worker has another version of geo-risk"),
            got=f"{__version__}, {job.version}",
            fix=Text("各处安装同一版本", "Install the same version everywhere"),
        )
    if not files.stream_path(Path(job.folder), "tile", job.tile).is_file():
        raise GeoRiskError(
            "tiles_unseen",
            Text("工作进程看不到分块文件夹", "A worker does not see the folder of tiles"),
            where=job.folder,
            fix=Text("用 --tiles 指定共享文件夹", "Name a shared folder with --tiles"),
        )


def _refused(told: dict[str, Any]) -> GeoRiskError:
    kind, code, message = told.pop("kind"), told.pop("code"), told.pop("message")
    error: GeoRiskError = kind(code, message, **told)
    return error


def _summed(counts: list[dict[str, int]]) -> dict[str, int]:
    names = dict.fromkeys(name for one in counts for name in one)
    return {name: sum(one[name] for one in counts) for name in names}


def _own_peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
