"""Geocoding a table or one address by the store's gazetteer; an online geocoder only suggests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import shapely

from geo_risk import settings
from geo_risk.errors import GeoRiskError, Text, UsageError
from geo_risk.export.result_files import check_format, write_table
from geo_risk.geocoding import (
    CONTRADICTIONS,
    REASONS,
    Match,
    OnlineGeocoder,
    with_candidate,
)
from geo_risk.geocoding.online import ENTRY_POINTS
from geo_risk.intake import RawTable, read_table
from geo_risk.intake.header_words import normal_header
from geo_risk.store import Store
from geo_risk.vocabulary import MATCH_LEVELS, PLACED_LEVELS

from .gazetteer import areas, gazetteer_of

FAR_OUTSIDE_DEG = 0.005
_RESULT_COLUMNS = (
    *("定位经度", "定位纬度", "定位级别", "定位误差(m)", "得分", "镇代码", "镇(街道)_定位"),
    *("村代码", "村(社区)_定位", "定位理由"),
)


@dataclass(frozen=True)
class Geocoded:
    """One row's answer: `match` with the names of its town and village and the address's parts."""

    row: int
    address: str
    match: Match
    town_name: str
    village_name: str
    parts: dict[str, str]

    @property
    def placed(self) -> bool:
        """Whether the answer may stand on the map; a town or less never does."""
        return self.match.lon is not None and self.match.level in PLACED_LEVELS

    def as_json(self) -> dict[str, Any]:
        """The contract's form of a row."""
        match = self.match
        return {
            "row": self.row,
            "address": self.address,
            "lon": match.lon if self.placed else None,
            "lat": match.lat if self.placed else None,
            "level": str(match.level),
            "uncertainty_m": match.uncertainty_m if self.placed else None,
            "score": match.score,
            "town": match.town,
            "town_name": self.town_name or None,
            "village": match.village,
            "village_name": self.village_name or None,
            "reasons": [{"code": code, **REASONS[code]} for code in match.reasons],
            "alternatives": [{**asdict(c), "level": str(c.level)} for c in match.alternatives],
            "parts": self.parts,
        }


def geocode_addresses(
    store: Store,
    addresses: Sequence[str],
    towns: Sequence[str] | None = None,
    *,
    within: str = "",
    rows: Sequence[int] | None = None,
) -> list[Geocoded]:
    """One answer per address, in order; `towns` is the table's own town column."""
    gazetteer = gazetteer_of(store, within)
    matches = suggest_online(store, addresses, gazetteer.geocode(addresses, towns))
    numbers = range(1, len(addresses) + 1) if rows is None else rows
    parts: dict[str, dict[str, str]] = {}
    for address in addresses:
        if address not in parts:
            parts[address] = {k: v for k, v in asdict(gazetteer.parts(address)).items() if v}
    return [
        Geocoded(
            number,
            address,
            match,
            gazetteer.name_of(match.town or ""),
            gazetteer.name_of(match.village or ""),
            parts[address],
        )
        for number, address, match in zip(numbers, addresses, matches, strict=True)
    ]


def geocode_file(
    store: Store,
    path: Path | str,
    column: str,
    *,
    town_column: str = "",
    within: str = "",
    out: Path | None = None,
) -> list[Geocoded]:
    """One answer per row of a file, by the column of addresses; `out` gets both, row by row."""
    if out is not None:
        check_format(out)
    table = read_table(Path(path))
    at = _column(table, column, "--column")
    addresses = [_text(row[at]) for row in table.rows]
    towns = None
    if town_column:
        town_at = _column(table, town_column, "--town-column")
        towns = [_text(row[town_at]) for row in table.rows]
    found = geocode_addresses(store, addresses, towns, within=within, rows=table.row_numbers)
    if out is not None:
        _write(out, table, found)
    return found


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _column(table: RawTable, wanted: str, option: str) -> int:
    names = [normal_header(column) for column in table.columns]
    if wanted in table.columns:
        return table.columns.index(wanted)
    if normal_header(wanted) in names:
        return names.index(normal_header(wanted))
    shown = "、".join(table.columns[:20])
    raise UsageError(
        "column_unknown",
        Text("文件中没有这一列", "The file has no such column"),
        where=option,
        got=wanted,
        fix=Text(f"可用的列: {shown}", f"Its columns: {shown}"),
    )


def _write(out: Path, table: RawTable, found: Sequence[Geocoded]) -> None:
    rows, shapes = [], []
    for cells, one in zip(table.rows, found, strict=True):
        match = one.match
        lon, lat = (match.lon, match.lat) if one.placed else (None, None)
        told = "；".join(REASONS[code]["zh"] for code in match.reasons)
        at = [None, None] if lon is None or lat is None else [round(lon, 7), round(lat, 7)]
        radius_m = round(match.uncertainty_m) if one.placed and match.uncertainty_m else None
        level = MATCH_LEVELS[match.level]["zh"]
        names = [match.town, one.town_name, match.village, one.village_name]
        rows.append([*cells, *at, level, radius_m, match.score, *names, told])
        shapes.append(None if lon is None else shapely.Point(lon, lat))
    taken = set(table.columns)
    heads = [f"{name}_2" if name in taken else name for name in _RESULT_COLUMNS]
    write_table(out, [*table.columns, *heads], rows, shapes)


def suggest_online(store: Store, addresses: Sequence[str], matches: Sequence[Match]) -> list[Match]:
    """Matches with an online geocoder's answers among the candidates of those left unplaced.

    Off unless the setting `geocoder` names an entry point of `geo_risk.geocoders`. Its answers
    never place a row: they go to the review queue, and only if they lie inside the county.
    Addresses that contradict themselves are not asked for.
    """
    name = settings.text("geocoder")
    wanted = [
        at
        for at, match in enumerate(matches)
        if match.lon is None and addresses[at].strip() and not CONTRADICTIONS & set(match.reasons)
    ]
    result = list(matches)
    if not name or not wanted:
        return result
    unique = list(dict.fromkeys(addresses[at] for at in wanted))
    answers = dict(zip(unique, _ask(_online(name), unique), strict=True))
    county = _county_area(store)
    for at in wanted:
        answer = answers[addresses[at]]
        if answer is not None and _inside(answer, county):
            result[at] = with_candidate(result[at], answer, name, addresses[at])
    return result


def _online(name: str) -> OnlineGeocoder:
    found = {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}
    if name not in found:
        known = ", ".join(sorted(found)) or "-"
        raise UsageError(
            "geocoder_unknown",
            Text("没有安装这个在线地理编码插件", "No such online geocoder is installed"),
            where=settings.SETTINGS_BY_NAME["geocoder"].variable,
            got=name,
            fix=Text(f"已安装: {known}；留空则不联网", f"Installed: {known}; empty turns it off"),
        )
    plugin: OnlineGeocoder = found[name].load()()
    return plugin


def _ask(geocoder: OnlineGeocoder, addresses: list[str]) -> list[Match | None]:
    """A plug-in that fails costs its suggestions, said as an error, and nothing else."""
    try:
        answers = list(geocoder.geocode(addresses))
    except Exception as error:
        raise _failed(type(error).__name__) from error
    if len(answers) != len(addresses):
        raise _failed(f"{len(answers)} answers for {len(addresses)} addresses")
    return answers


def _failed(what: str) -> GeoRiskError:
    return GeoRiskError(
        "geocoder_failed",
        Text("在线地理编码插件出错", "The online geocoder failed"),
        where=settings.SETTINGS_BY_NAME["geocoder"].variable,
        got=what,
        fix=Text(
            "稍后再试，或清空该设置只用本地地名库",
            "Try later, or empty the setting to work offline",
        ),
    )


def _county_area(store: Store) -> Any | None:
    city = areas(store, "city")
    return city[0][1] if city else None


def _inside(answer: Match, county: Any | None) -> bool:
    """Without a boundary nothing can be checked, so nothing is taken."""
    if answer.lon is None or answer.lat is None or county is None:
        return False
    if not (math.isfinite(answer.lon) and math.isfinite(answer.lat)):
        return False
    return bool(county.distance(shapely.Point(answer.lon, answer.lat)) <= FAR_OUTSIDE_DEG)
