"""Reading roads: OpenStreetMap extracts (.osm.pbf) or lines of GeoJSON, in WGS84."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk.catalogue import layer
from geo_risk.errors import InputError, Lang, Text, UsageError
from geo_risk.intake import RawTable, read_table
from geo_risk.intake.osm_parser import NODES
from geo_risk.intake.parquet import shapes_of
from geo_risk.roads.crossings import with_crossings
from geo_risk.roads.network import Floats, Ints, Roads, roads_of_lines
from geo_risk.roads.speeds import DEFAULT_POLICY, speeds_kmh, speeds_named
from geo_risk.roads.tags import direction, speed_limit_kmh

from .plain_columns import check_wgs84, column_at, required_at

_CLASSES = ("highway", "road_class", "fclass", "道路等级")
_ONEWAY = ("oneway", "单行", "单行线")
_LIMITS = ("maxspeed", "限速")
_SYNTHETIC = ("synthetic", "模拟数据")
_GENERATED = Text(
    "道路为模拟生成，结果只作方法演示",
    "Generated roads: the result is a demonstration of the method",
)
_IDS = ("id", "osm_id", "code", "编号")
_LINE, _LINES = 1, 5
NOT_A_LINE, NO_LENGTH, NO_CLASS = "not_a_line", "no_length", "no_class"
LEFT_OUT = {
    NOT_A_LINE: Text("不是线", "no line"),
    NO_LENGTH: Text("没有长度", "no length"),
    NO_CLASS: Text("没有道路等级", "no class"),
}


@dataclass(frozen=True)
class RoadFile:
    """The roads of a file with their speeds.

    Attributes
    ----------
    ids : of the lines that the edges were cut out of: `ids[roads.source[edge]]`.
    left_out : lines that are no road to drive on, by class or by one of `LEFT_OUT`.
    limits_unread : lines whose speed limit is none that can be used.
    policy, speed_kmh : the policy of speeds, and the speed of each edge.
    synthetic : some roads say of themselves that they are generated.
    notes : what the file itself lacks, or is.
    """

    path: Path
    roads: Roads
    ids: list[str]
    left_out: dict[str, int]
    limits_unread: int
    policy: str
    speed_kmh: Floats
    synthetic: bool
    notes: list[Text]

    def rows_of(self, ids: Sequence[str]) -> list[int]:
        """The lines of these ids; `InputError` `road_unknown` for an id that none has."""
        rows: dict[str, list[int]] = {}
        for row, one in enumerate(self.ids):
            rows.setdefault(one, []).append(row)
        unknown = [one for one in ids if one not in rows]
        if unknown:
            raise InputError(
                "road_unknown",
                Text("道路文件中没有这个编号", "No road has this id"),
                where=self.path.name,
                got=", ".join(unknown[:10]),
                fix=Text("编号取自道路文件的 id 列", "Ids are those of the roads file's column id"),
            )
        return [row for one in ids for row in rows[one]]

    def as_json(self, lang: Lang) -> dict[str, Any]:
        """What was read, for people who judge whether it will do."""
        return {
            "file": str(self.path),
            "edges": len(self.roads),
            "nodes": len(self.roads.lon),
            "km": round(float(self.roads.length_m.sum()) / 1000, 3),
            "speeds": self.policy,
            "left_out": {
                LEFT_OUT[why][lang] if why in LEFT_OUT else why: count
                for why, count in self.left_out.items()
            },
            "limits_unread": self.limits_unread,
            "synthetic": self.synthetic,
            "notes": [note[lang] for note in self.notes],
        }


def read_roads(path: Path, *, speeds: str = "", crossings: bool = False) -> RoadFile:
    """The roads of a `.osm.pbf` or of a file of lines with `highway` or `road_class`.

    Parameters
    ----------
    speeds : the policy of speeds; a class that it does not know is left out, and counted.
    crossings : lines also meet where they cross without a common vertex.

    Raises what reading a file raises; `InputError` `crs_refused`, `column_missing`, `roads_none`,
    `position_missing`, `position_far`; `UsageError` `policy_unknown`, `crossings_known`.
    """
    by_class = speeds_named(speeds)
    table = read_table(path, plain=True, osm=True)
    check_wgs84(table.crs_name, path)
    columns = _Columns(table, path)
    if crossings and (columns.osm or columns.ends):
        raise _crossings_known(path)
    chosen = _chosen(table, columns, by_class)
    _check_degrees(chosen, table)
    rows = chosen.row
    keys: dict[str, Any] = {}
    lines = with_crossings(chosen.lines) if crossings else chosen.lines
    if columns.osm:
        refs = " ".join(str(table.rows[row][columns.osm_at]) for row in rows)
        keys = {"vertex_keys": np.array(refs.split(), dtype=np.int64)}
    elif columns.ends:
        keys = {"end_keys": _numbers(table, columns.ends, rows)}
    limit_kmh = [speed_limit_kmh(columns.limit(row)) for row in rows]
    synthetic = any(columns.is_synthetic(row) for row in rows)
    roads = roads_of_lines(
        lines,
        chosen.road_class,
        [columns.direction(row, one) for row, one in zip(rows, chosen.road_class, strict=True)],
        limit_kmh,
        **keys,
    )
    return RoadFile(
        path=path,
        roads=roads,
        ids=[columns.id(row) for row in rows],
        left_out=chosen.left_out,
        limits_unread=_unread(columns, rows, limit_kmh),
        policy=speeds or DEFAULT_POLICY,
        speed_kmh=speeds_kmh(roads, by_class),
        synthetic=synthetic,
        notes=[*(note for _, note in table.notes), *([_GENERATED] if synthetic else [])],
    )


class _Columns:
    """The columns of a file of roads."""

    def __init__(self, table: RawTable, path: Path) -> None:
        if table.geometry is None:
            raise _no_lines(path, table.kind)
        self.rows, self.numbers = table.rows, table.row_numbers
        self.class_at = required_at(table.columns, _CLASSES, _CLASSES[0], path)
        self.osm = table.kind == "osm"
        self.osm_at = table.columns.index(NODES) if self.osm else -1
        named = [column_at(table.columns, names) for names in (_ONEWAY, ("junction",), _LIMITS)]
        self._oneway, self._junction, self._limit = named
        self._id = column_at(table.columns, _IDS)
        self._synthetic = column_at(table.columns, _SYNTHETIC)
        u, v = column_at(table.columns, ("u",)), column_at(table.columns, ("v",))
        self.ends = None if u is None or v is None else (u, v)

    def cell(self, row: int, at: int | None) -> object:
        return None if at is None else self.rows[row][at]

    def id(self, row: int) -> str:
        one = self.cell(row, self._id)
        return str(self.numbers[row]) if one is None else str(one).strip()

    def limit(self, row: int) -> object:
        return self.cell(row, self._limit)

    def is_synthetic(self, row: int) -> bool:
        return self.cell(row, self._synthetic) in (True, 1, "true", "1", "是")

    def direction(self, row: int, road_class: str) -> int:
        return direction(self.cell(row, self._oneway), self.cell(row, self._junction), road_class)


@dataclass(frozen=True)
class _Chosen:
    """The lines to drive on: shape, row of the table and class of each; the others counted."""

    lines: NDArray[np.object_]
    row: list[int]
    road_class: list[str]
    left_out: dict[str, int]


def _chosen(table: RawTable, columns: _Columns, by_class: Mapping[str, float]) -> _Chosen:
    assert table.geometry is not None  # noqa: S101
    words = _words(by_class)
    said = [str(row[columns.class_at] or "").strip() for row in table.rows]
    classes = [words.get(one.lower()) for one in said]
    pairs = zip(said, classes, strict=True)
    left_out = Counter(one[:40] or NO_CLASS for one, known in pairs if known is None)
    rows = np.array([row for row, known in enumerate(classes) if known], np.int64)
    shapes = shapes_of(table.geometry, "row")[rows]
    is_line = np.isin(shapely.get_type_id(shapes), (_LINE, _LINES))
    rows = rows[is_line]
    parts, of = shapely.get_parts(shapes[is_line], return_index=True)
    long_enough = shapely.length(parts) > 0
    parts, of = parts[long_enough], of[long_enough]
    per_row = np.bincount(of, minlength=len(rows))
    if columns.ends and (per_row > 1).any():
        raise _one_line(columns.numbers[rows[np.argmax(per_row > 1)]])
    left_out[NOT_A_LINE] += int((~is_line).sum())
    left_out[NO_LENGTH] += int((per_row == 0).sum())
    found = rows[of].tolist()
    known = [str(classes[row]) for row in found]
    return _Chosen(parts, found, known, dict((+left_out).most_common()))


def _words(by_class: Mapping[str, float]) -> dict[str, str]:
    """What a class may be called: itself, or as the layer of roads calls it (主干路)."""
    known = {one: one for one in by_class}
    field = layer("roads").by_name["road_class"]
    for choice in field.choices if field else ():
        if choice.code in by_class:
            for word in (*choice.label.values(), *choice.synonyms):
                known.setdefault(word.lower(), choice.code)
    return known


def _numbers(table: RawTable, ends: tuple[int, int], rows: list[int]) -> tuple[Ints, Ints]:
    """The nodes of the file as numbers; `InputError` for a line without one."""
    names: dict[str, int] = {}
    found: list[list[int]] = [[], []]
    for row in rows:
        for at, side in zip(ends, found, strict=True):
            cell = table.rows[row][at]
            if cell is None or not str(cell).strip():
                raise InputError(
                    "node_missing",
                    Text("道路缺少起点或终点的节点编号", "A road lacks the number of an end"),
                    where=f"第 {table.row_numbers[row]} 行 / row {table.row_numbers[row]}",
                    fix=Text(
                        "补上 u、v，或去掉这两列(改用相同坐标)",
                        "Give u and v, or leave both columns out (ends then meet by position)",
                    ),
                )
            side.append(names.setdefault(str(cell).strip(), len(names)))
    return np.array(found[0], np.int64), np.array(found[1], np.int64)


def _unread(columns: _Columns, rows: list[int], limit_kmh: list[float]) -> int:
    said = [columns.limit(row) not in (None, "") for row in rows]
    return int((np.array(said, bool) & np.isnan(np.array(limit_kmh, float))).sum())


def _check_degrees(chosen: _Chosen, table: RawTable) -> None:
    """`InputError` `position_missing` for the first line that does not lie in WGS84."""
    west, south, east, north = shapely.bounds(chosen.lines).reshape(-1, 4).T
    good = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    if good.all():
        return
    at = int(np.argmin(good))
    number = table.row_numbers[chosen.row[at]]
    raise InputError(
        "position_missing",
        Text("道路坐标不是 WGS84 度", "A road does not lie in degrees of WGS84"),
        where=f"第 {number} 行 / row {number}",
        got=shapely.get_point(chosen.lines[at], 0),
        fix=Text("请转为 WGS84 经纬度", "Convert it to WGS84 degrees"),
    )


def _no_lines(path: Path, kind: str) -> InputError:
    return InputError(
        "roads_none",
        Text("文件中没有线", "The file has no lines"),
        where=path.name,
        got=kind,
        fix=Text(
            "给出 .osm.pbf，或含道路线的 GeoJSON、GeoPackage、Shapefile(zip)",
            "Give a .osm.pbf, or lines as GeoJSON, GeoPackage or zipped Shapefile",
        ),
    )


def _one_line(number: int) -> InputError:
    return InputError(
        "road_in_parts",
        Text("有 u、v 的道路须是一条线", "A road with u and v must be one line"),
        where=f"第 {number} 行 / row {number}",
        fix=Text("拆成单线，或去掉 u、v 两列", "Split it, or leave the columns u and v out"),
    )


def _crossings_known(path: Path) -> UsageError:
    return UsageError(
        "crossings_known",
        Text("文件已写明路口，不能再按相交连接", "The file tells its junctions itself"),
        where=f"--crossings, {path.name}",
        fix=Text(
            "去掉 --crossings(否则桥和桥下的路会连通)",
            "Leave --crossings out: a bridge would meet the road below it",
        ),
    )
