"""Work files of tiles: Arrow streams that grow batch by batch, so no tile waits in memory."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.export.pair_files import arrow_table

from .neighbour_files import Units

BOX = ("west_m", "south_m", "east_m", "north_m")


class Streams:
    """Arrow streams by name in a folder, opened when first written to; closed together."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder, self._kind = folder, kind
        self._open: dict[int, Any] = {}

    def write(self, name: int, table: Any) -> None:
        """Append a table."""
        import pyarrow as pa

        if name not in self._open:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            path = stream_path(self._folder, self._kind, name)
            self._open[name] = pa.ipc.new_stream(str(path), table.schema, options=options)
        self._open[name].write_table(table)

    def __enter__(self) -> Streams:
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._open.values():
            one.close()


def stream_path(folder: Path, kind: str, name: int) -> Path:
    """Where a stream lies: `tile-7.arrows`."""
    return folder / f"{kind}-{name}.arrows"


def batches(folder: Path, kind: str, name: int) -> Iterator[Any]:
    """The tables of a stream as they were written; none where it was never written to."""
    import pyarrow as pa

    path = stream_path(folder, kind, name)
    if not path.exists():
        return
    with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as reader:
        for batch in reader:
            yield pa.Table.from_batches([batch])


def table_of(units: Units, first: int) -> Any:
    """Units as a table, `first` the index of the first in the whole file."""
    import pyarrow as pa

    n = len(units.ids)
    outlines = np.full(n, None, dtype=object)
    if units.shapes is not None:
        outlined = shapely.get_type_id(units.shapes) != 0
        outlines[outlined] = shapely.to_wkb(units.shapes[outlined], output_dimension=2)
    return pa.table(
        {
            "index": pa.array(np.arange(first, first + n)),
            "row": pa.array(np.asarray(units.rows, np.int64)),
            "id": pa.array(units.ids, pa.string()),
            "lon": units.lon,
            "lat": units.lat,
            "outline": pa.array(outlines, pa.binary()),
            **{
                option: pa.array([_text(cell) for cell in cells], pa.string())
                for option, cells in units.columns.items()
            },
        }
    )


def _text(cell: Any) -> str | None:
    if isinstance(cell, (list, tuple)):
        return json.dumps(list(map(str, cell)), ensure_ascii=False)
    return None if cell is None else str(cell)


def units_of(table: Any) -> Units:
    """Units of a table, in its order."""
    lon, lat = (table[name].to_numpy() for name in ("lon", "lat"))
    outlines = np.array([*table["outline"].to_pylist(), None], dtype=object)[:-1]
    outlined = outlines != None  # noqa: E711 - element by element
    shapes = None
    if outlined.any():
        shapes = np.asarray(shapely.points(lon, lat), dtype=object)
        shapes[outlined] = shapely.from_wkb(outlines[outlined])
    columns = {name: table[name].to_pylist() for name in table.column_names if name[:2] == "--"}
    rows = table["row"].to_pylist()
    return Units(table["id"].to_pylist(), lon, lat, shapes, columns, rows)


def with_boxes(table: Any, boxes: NDArray[np.float64]) -> Any:
    """The table with the bounds of each row in metres, shape (n, 4)."""
    for name, values in zip(BOX, boxes.T, strict=True):
        table = table.append_column(name, [np.ascontiguousarray(values)])
    return table


def boxes_of(table: Any) -> NDArray[np.float64]:
    """What `with_boxes` added."""
    return np.column_stack([table[name].to_numpy() for name in BOX])


def tile_and_halo(folder: Path, tile: int) -> tuple[Units, NDArray[np.bool_]]:
    """Units of a tile and its halo in the order of the file, and which of them it owns."""
    import pyarrow as pa

    own, halo = (list(batches(folder, kind, tile)) for kind in ("tile", "halo"))
    table = pa.concat_tables([*own, *halo]).drop_columns(list(BOX))
    count = sum(len(part) for part in own)
    order = np.argsort(table["index"].to_numpy())
    return units_of(table.take(order)), order < count


def write_part(
    folder: Path, tile: int, columns: Mapping[str, Any], splitters: Sequence[str]
) -> None:
    """Pairs of a tile, sorted, as one batch per range of ids; whole or not at all."""
    import pyarrow as pa

    table = arrow_table(columns).combine_chunks()
    ids = columns["a"]
    edges = [0, *(bisect_left(ids, one) for one in splitters), len(ids)]
    with NamedTemporaryFile(dir=folder, prefix="part-", delete=False) as file:
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_file(file, table.schema, options=options) as writer:
            for begin, end in pairwise(edges):
                part = table.slice(begin, end - begin)
                arrays = [
                    pa.concat_arrays(part[name].chunks)
                    if len(part)
                    else pa.array([], part[name].type)
                    for name in part.column_names
                ]
                writer.write_batch(pa.record_batch(arrays, schema=table.schema))
    Path(file.name).replace(part_path(folder, tile))


def part_path(folder: Path, tile: int) -> Path:
    """Where the pairs of a tile lie."""
    return folder / f"pairs-{tile}.arrow"


def merged(folder: Path, tiles: Sequence[int], ranges: int) -> Iterator[Mapping[str, Any]]:
    """The pairs of all tiles in the order of their ids, one range of ids at a time."""
    import pyarrow as pa

    for at in range(ranges):
        found = []
        for tile in tiles:
            with (
                pa.memory_map(str(part_path(folder, tile))) as file,
                pa.ipc.open_file(file) as reader,
            ):
                found.append(reader.get_batch(at))
        table = pa.Table.from_batches(found).sort_by([("a", "ascending"), ("b", "ascending")])
        yield {name: table[name] for name in table.column_names}


def double_candidates(folder: Path, buckets: int) -> set[int]:
    """Hashes that stand twice in the files `hash-N` of 64-bit numbers."""
    found: set[int] = set()
    for at in range(buckets):
        path = folder / f"hash-{at}"
        if path.exists():
            values = np.sort(np.fromfile(path, np.int64))
            found.update(values[1:][values[1:] == values[:-1]].tolist())
            path.unlink()
    return found


def add_hashes(folder: Path, hashes: NDArray[np.int64], buckets: int) -> None:
    """Append 64-bit numbers to the files `hash-N`, by their last digits."""
    at = hashes % buckets
    for one in np.unique(at).tolist():
        with (folder / f"hash-{one}").open("ab") as file:
            file.write(hashes[at == one].tobytes())


def rewritten(texts: Any, words: Mapping[str, int]) -> Any:
    """A column of grades as written to one of their numbers, empty where there is none."""
    import pyarrow as pa

    told = (words[(text or "").strip()] for text in texts.to_pylist())
    return pa.array(["" if number < 0 else str(number) for number in told], pa.string())
