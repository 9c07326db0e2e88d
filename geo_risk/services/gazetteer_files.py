"""Loading a file into the gazetteer: divisions of any edition, registers, roads, named points."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_risk.datums import Datum, geometries_to_wgs84, parse_datum, to_wgs84
from geo_risk.errors import InputError, Lang, Text, UsageError
from geo_risk.geocoding import Gazetteer, Merged, Place, merge_places
from geo_risk.geocoding.model import CODE_DIGITS
from geo_risk.intake import Finding, RawTable, read_table
from geo_risk.intake.header_words import datum_of
from geo_risk.intake.positions import from_wkb, read_points
from geo_risk.store import Store

from . import gazetteer_words as words
from .gazetteer import areas, extent_of, places_of, row_of, within_of

FAR_OUTSIDE_DEG = 0.02
"""How far outside the city (2 km) a place of the county may lie: islands, coarse boundaries."""
_TOLD: dict[str, tuple[Text, Text]] = {
    "name_missing": (
        Text("没有名称", "There is no name"),
        Text("补上名称", "Give it a name"),
    ),
    "code_invalid": (
        Text("区划代码无效", "The division's code is not valid"),
        Text("区县 6 位、镇街 9 位、村居 12 位", "County 6, town 9, village 12 digits"),
    ),
    "coordinate_unreadable": (
        Text("坐标无法读取或不在地球上", "The coordinates cannot be read or are not on the earth"),
        Text("检查经纬度两列，是否颠倒", "Check both columns; are they swapped?"),
    ),
    "position_missing": (
        Text("道路、门牌和地点须有坐标", "A road, door or point needs a position"),
        Text("补上经纬度", "Give its longitude and latitude"),
    ),
    "position_outside_city": (
        Text("位置在市域之外 2 公里以上", "The position is over 2 km outside the city"),
        Text("核对坐标和坐标系", "Check the coordinates and the datum"),
    ),
    "town_unknown": (
        Text("不知道属于哪个镇(街道)", "Its town is not known"),
        Text("写明所属镇(街道)，或先导入镇界", "State the town, or import the town areas first"),
    ),
    "place_ambiguous": (
        Text("同镇有几个同名的村(社区)", "The town has several villages of this name"),
        Text("改用现行代码", "Use the present code"),
    ),
    "code_of_other_place": (
        Text("该代码在库中是另一个地名", "The code belongs to another place here"),
        Text("核对区划代码的年份", "Check the edition of the codes"),
    ),
    "town_code_gone": (
        Text("所属镇的代码已变更，库中没有这个村", "The town's code has changed; no such village"),
        Text("改用现行代码", "Use the present code"),
    ),
    "code_differs": (
        Text("代码与库中不同，按镇名和村名认作同一处", "Another code; the same by town and name"),
        Text("", ""),
    ),
    "place_renamed": (
        Text(
            "代码相同而名称不同，认作更名，两个名称都可用", "Same code, other name: both are known"
        ),
        Text("如不是同一处，请更正代码", "If it is another place, mend the code"),
    ),
}


@dataclass(frozen=True)
class LoadReport:
    """What became of every row: `rows == new + updated + unchanged + rejected`."""

    rows: int
    new: int
    updated: int
    unchanged: int
    rejected: int
    findings: list[Finding]
    by_kind: dict[str, int]
    with_position: int
    dry_run: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    unmapped: list[str] = field(default_factory=list)

    def as_json(self, lang: Lang = "zh") -> dict[str, Any]:
        """The report for scripts."""
        plain = {k: v for k, v in vars(self).items() if k != "findings"}
        return plain | {"findings": [finding.as_json(lang) for finding in self.findings]}


@dataclass(frozen=True)
class _Row:
    """One row as read: texts by role, and its position in WGS84."""

    number: int
    texts: Mapping[str, str]
    lon: float | None
    lat: float | None
    radius_m: float | None


def load(
    store: Store, path: Path | str, datum: str | None, *, within: str = "", dry_run: bool = False
) -> LoadReport:
    """Merge a file's places into the store's gazetteer; all of it or, on an error, nothing.

    Loading again changes nothing; an entry without position never overwrites one with.

    Raises
    ------
    UsageError : no datum is declared, or another than the headers name.
    InputError : the file has no column of names.
    """
    path = Path(path)
    table = read_table(path)
    columns = words.roles_of(table.columns)
    if not {"name", "name_zh", "road"} & columns.keys():
        raise _no_names(table)
    declared = _declared(table, columns, datum)
    rows, findings = _read(table, columns, declared)
    base = places_of(store, named=False)
    places, unread = _places(store, rows, base, within)
    findings += unread
    datum_name = declared.name if declared else ""
    numbers = list(places)
    incoming = [_from(place, path.name, datum_name) for place in places.values()]
    merged = merge_places(base, incoming)
    findings += [_said(n, m.reason, m) for n, m in zip(numbers, merged, strict=True) if m.reason]
    changed = {m.place.code: m.place for m in merged if m.outcome in ("new", "updated") and m.place}
    if not dry_run:
        store.put_gazetteer([row_of(place) for place in changed.values()])
    counts = Counter(m.outcome for m in merged)
    findings.sort(key=lambda finding: finding.row)
    return LoadReport(
        len(table.rows),
        counts["new"],
        counts["updated"],
        counts["unchanged"],
        counts["rejected"] + len(table.rows) - len(merged),
        findings,
        dict(sorted(Counter(place.kind for place in incoming).items())),
        sum(place.lon is not None for place in incoming),
        dry_run,
        {role: table.columns[at] for role, at in columns.items()},
        [c for at, c in enumerate(table.columns) if at not in set(columns.values())],
    )


def _from(place: Place, source: str, datum: str) -> Place:
    return replace(place, source=source, datum=datum if place.lon is not None else "")


def _no_names(table: RawTable) -> InputError:
    return InputError(
        "name_column_missing",
        Text("没有找到名称列", "There is no column of names"),
        got="、".join(table.columns[:12]),
        fix=Text("把地名所在的列命名为“名称”", "Call the column of names “name”"),
    )


def _declared(table: RawTable, columns: Mapping[str, int], datum: str | None) -> Datum | None:
    """The datum, None for a file without positions; what a header itself says must agree."""
    if table.geometry is None and not {"x", "y"} <= columns.keys():
        return parse_datum(datum) if datum else None
    declared = parse_datum(datum)
    for role in ("x", "y"):
        said = datum_of(table.columns[columns[role]]) if role in columns else None
        if said and said != declared.name:
            raise UsageError(
                "datum_differs",
                Text(
                    f"列名写的是 {said}，声明的却是 {declared.name}",
                    f"The column says {said}, {declared.name} was declared",
                ),
                where="--datum",
                got=table.columns[columns[role]],
                fix=Text(f"改用 --datum {said}，或改正列名", f"Use --datum {said}, or rename it"),
            )
    return declared


def _read(
    table: RawTable, columns: Mapping[str, int], datum: Datum | None
) -> tuple[list[_Row], list[Finding]]:
    """The rows with their positions in WGS84; those whose position cannot be read are rejected."""
    size = len(table.rows)
    lon, lat = np.full(size, np.nan), np.full(size, np.nan)
    bad: set[int] = set()
    if {"x", "y"} <= columns.keys() and datum is not None:
        xs, ys = ([row[columns[role]] for row in table.rows] for role in ("x", "y"))
        x, y, faulty = read_points(xs, ys)
        lon, lat = to_wgs84(x, y, datum) if size else (x, y)
        bad |= set(faulty) | set(np.flatnonzero(np.isfinite(x) & ~np.isfinite(lon)).tolist())
    shapes: Any = [None] * size
    if table.geometry is not None and datum is not None and size:
        raw, faulty = from_wkb(table.geometry)
        shapes = geometries_to_wgs84(raw, datum)
        lost = ~shapely.is_missing(raw) & shapely.is_missing(shapes)
        bad |= set(faulty) | set(np.flatnonzero(lost).tolist())
    rows, findings = [], []
    for at, cells in enumerate(table.rows):
        number = table.row_numbers[at]
        if at in bad:
            findings.append(_said(number, "coordinate_unreadable"))
            continue
        texts = {role: words.text_of(cells[column]) for role, column in columns.items()}
        texts["name"] = texts.pop("name_zh", "") or texts.get("name", "")
        radius_m = words.metres(texts.get("radius", ""))
        place: tuple[float | None, float | None] = (None, None)
        if shapes[at] is not None and not shapes[at].is_empty:
            *place_at, reach_m = extent_of(shapes[at])
            place, radius_m = (place_at[0], place_at[1]), radius_m or reach_m
        elif np.isfinite(lon[at]):
            place = (float(lon[at]), float(lat[at]))
        rows.append(_Row(number, texts, *place, radius_m))
    return rows, findings


def _places(
    store: Store, rows: list[_Row], base: list[Place], within: str
) -> tuple[dict[int, Place], list[Finding]]:
    """The places of the rows by row number, and findings for the rows that are none."""
    findings: list[Finding] = []
    divisions: dict[int, Place] = {}
    others: list[tuple[_Row, str]] = []
    for row in rows:
        kind = words.kind_of(row.texts)
        if not row.texts.get("name") and kind != "door":
            findings.append(_said(row.number, "name_missing"))
        elif kind not in CODE_DIGITS:
            others.append((row, kind))
        elif not words.is_code(kind, row.texts.get("code", "")):
            findings.append(_said(row.number, "code_invalid"))
        else:
            divisions[row.number] = words.division(
                kind, row.texts, (row.lon, row.lat, row.radius_m)
            )
    city = areas(store, "city")
    outside = [n for n, place in divisions.items() if city and _lost(place, *city[0])]
    findings += [_said(n, "position_outside_city") for n in outside]
    places = {n: place for n, place in divisions.items() if n not in outside}
    if others:
        finder = _Parents(store, [*base, *places.values()], within)
        for row, kind in others:
            found = finder.place(row, kind)
            if isinstance(found, Place):
                places[row.number] = found
            else:
                findings.append(_said(row.number, found))
    return places, findings


def _lost(place: Place, county: str, city: Any) -> bool:
    if place.lon is None or place.kind not in ("town", "village"):
        return False
    if not place.code.startswith(county[: CODE_DIGITS["county"]]):
        return False
    return bool(city.distance(shapely.Point(place.lon, place.lat)) > FAR_OUTSIDE_DEG)


class _Parents:
    """Finds the town or village of roads, doors and points: stated, in the address, or around."""

    def __init__(self, store: Store, places: list[Place], within: str) -> None:
        self.county = within_of(store, within, places)
        self.gazetteer = Gazetteer(places, self.county)
        self.city = areas(store, "city")
        self.towns = areas(store, "towns")
        self.seen: dict[str, tuple[float | None, float | None]] = {}
        self.tree = shapely.STRtree([area for _, area in self.towns])

    def place(self, row: _Row, kind: str) -> Place | str:
        """The place of a row, or the code of why it is none."""
        if row.lon is None or row.lat is None:
            return "position_missing"
        point = shapely.Point(row.lon, row.lat)
        if self.city and self.city[0][1].distance(point) > FAR_OUTSIDE_DEG:
            return "position_outside_city"
        parent = self._parent(row.texts, point)
        if not parent and (kind != "poi" or not self.city):
            return "town_unknown"
        text = row.texts
        name = text.get("name") or f"{text.get('road', '')}{text.get('number', '')}"
        road = text.get("road") or (name if kind == "road" else "")
        code = self._code(row, kind, parent, name, road)
        return Place(
            code, name, kind, parent or self.county, row.lon, row.lat, row.radius_m, road,  # type: ignore[arg-type]
            text.get("number", ""),
        )  # fmt: skip

    def _code(self, row: _Row, kind: str, *names: str) -> str:
        """A code that comes out the same when the file is loaded again.

        Branches of one name in one town are places of their own, told apart by their position.
        """
        said = [row.texts.get(role, "") for role in ("number", "address", "code")]
        seed = "\x1f".join([kind, *names, *said])
        at = (row.lon, row.lat)
        if self.seen.setdefault(seed, at) != at:
            seed += f"\x1f{row.lon:.5f},{row.lat:.5f}"
        return f"{kind}:{hashlib.sha256(seed.encode()).hexdigest()[:20]}"

    def _parent(self, texts: Mapping[str, str], point: Any) -> str:
        given = texts.get("parent", "")
        town = self.gazetteer.town_of(texts.get("town", "") or given)
        village = self.gazetteer.village_of(texts.get("village", "") or given, town)
        if not village and texts.get("address"):
            (match,) = self.gazetteer.geocode([texts["address"]], [town or ""])
            town, village = town or match.town, match.village
        if village or town:
            return village or town or ""
        hits = self.tree.query(point, predicate="intersects").tolist()
        return self.towns[min(hits)][0] if hits else ""


def _said(row: int, code: str, merged: Merged | None = None) -> Finding:
    message, fix = _TOLD[code]
    if merged is not None and merged.place is not None:
        entry = f"{merged.place.name} {merged.place.code}"
        message = Text(f"{message['zh']}（库中：{entry}）", f"{message['en']} (here: {entry})")
    kept = merged is not None and merged.outcome != "rejected"
    return Finding(row, "gazetteer", code, "noted" if kept else "rejected", message, fix)
