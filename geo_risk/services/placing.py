"""Giving rows their place: own coordinates, the parent's place, the address; else review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import shapely

from geo_risk.catalogue import LayerSpec
from geo_risk.datums import Datum
from geo_risk.errors import Text
from geo_risk.geocoding import CONTRADICTIONS, REASONS, Match, normalise
from geo_risk.intake import Finding, Rows
from geo_risk.store import Record
from geo_risk.vocabulary import PLACED_LEVELS, MatchLevel

from .identity import TOWN_DIGITS, VILLAGE_DIGITS, feature_id
from .position_checks import (
    Given,
    check_given,
    check_placed,
    check_shapes,
    fit_of,
    read_given,
    require_fit,
)
from .review_items import doubted_at, unplaced
from .surroundings import Surroundings

PARENT_UNCERTAINTY_M = 100.0
_MANY = 3
_UNITS = ("point", "outline")
_FRAME = ("city", "surroundings")
"""Layers that say where the city is, so that their own place cannot be checked by it."""


@dataclass
class Placed:
    """The rows of an import with their fate: to store, to review, or rejected by a finding."""

    kept: list[tuple[Record, Match]]
    review: list[Record]
    findings: list[Finding]
    datum_check: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[Text, ...] = ()


_TOWN_UNKNOWN = Text(
    "镇(街道)不在本市，已按位置确定",
    "The city has no such town; the position decides",
)
_PARENT_UNKNOWN = Text(
    "没有这个企业，未计入企业等级；请先导入企业",
    "There is no such enterprise: its grade does not count this; import enterprises first",
)
_PARENT_NOT_THERE = ("parent_unknown", _PARENT_UNKNOWN)
_PARENT_AMBIGUOUS = Text(
    "有几家企业同名，未计入企业等级；请改填企业编号或信用代码",
    "Several enterprises bear this name: give the code instead; no grade counts this",
)
_CONTRADICTED_FIX = Text(
    "已按坐标入库；核对地址和坐标哪个有误",
    "Stored by its coordinates: check which of the two is wrong",
)
NOT_ASKED = Match(None, None, MatchLevel.NONE, None, 0.0, None, None, ("no_gazetteer",), ())


def set_divisions(
    records: Sequence[Record], around: Surroundings, match: Sequence[Match]
) -> list[Finding]:
    """Town and village codes: the row's own columns, the address, the town area it lies in.

    A town that the city does not have is noted, and the area decides.
    """
    notes: list[Finding] = []
    read_town = cache(lambda text: _town_code(text, around))
    for record, found in zip(records, match, strict=True):
        town = read_town(str(record.get("town") or "")) or found.town or ""
        if town and around.town_names and town not in around.town_names:
            at = int(record.get("row", 0)), "town", "town_unknown"
            notes.append(Finding(*at, "noted", _TOWN_UNKNOWN))
            town = ""
        record["town"] = town
    lacking = [record for record in records if not record["town"] and record["geom"] is not None]
    shapes = shapely.from_wkb(np.array([record["geom"] for record in lacking], dtype=object))
    for record, town in zip(lacking, around.towns_at(shapes), strict=True):
        record["town"] = town
    for record, found in zip(records, match, strict=True):
        village = str(found.village or record.get("village") or "")
        if around.gazetteer is not None and village and not village.isdigit():
            village = around.gazetteer.village_of(village, record["town"] or None) or village
        record["village"] = (village[:VILLAGE_DIGITS] if village.isdigit() else village) or None
        record["town"] = record["town"] or None
    return notes


def _town_code(text: str, around: Surroundings) -> str:
    """What the town column says, as a code where it is known."""
    if around.gazetteer is not None and text and not text.isdigit():
        text = around.gazetteer.town_of(text) or text
    return text[:TOWN_DIGITS] if text.isdigit() else text


def _from_parent(record: Record, around: Surroundings) -> bool:
    parent = around.parents.get(record.get("enterprise_id") or "")
    if parent is None or parent["geom"] is None:
        return False
    point = shapely.point_on_surface(shapely.from_wkb(parent["geom"]))
    record["geom"], record["level"] = shapely.to_wkb(point), parent["level"]
    record["uncertainty_m"] = max(parent["uncertainty_m"] or 0.0, PARENT_UNCERTAINTY_M)
    record["town"] = record.get("town") or parent["town"]
    record["village"] = record.get("village") or parent["village"]
    return True


def _from_address(record: Record, match: Match) -> bool:
    record["level"], record["uncertainty_m"] = str(match.level), match.uncertainty_m
    if match.lon is None or match.level not in PLACED_LEVELS:
        return False
    record["geom"] = shapely.to_wkb(shapely.Point(match.lon, match.lat))
    return True


def place(
    rows: Rows,
    layer: LayerSpec,
    datum: Datum,
    around: Surroundings,
    *,
    accept_datum: bool = False,
    headers: tuple[str, str] = ("", ""),
    doubted: bool = False,
) -> Placed:
    """Place clean rows: every row is stored, rejected or queued, each with its reason.

    Raises `ConflictError` `datum_doubtful` where another datum fits clearly better and
    `accept_datum` is not given, and `coordinates_swapped` where nearly all rows are; `headers`
    names the two columns in its advice. With `doubted` the datum is in doubt for other reasons.
    """
    unit = bool(set(_UNITS) & set(layer.geometry))
    given = read_given(rows, datum, around, unit=unit)
    asked = unit and "address" in layer.by_name
    matches = geocode(rows.records, around) if asked else [NOT_ASKED] * len(rows.records)
    within_city = layer.id not in _FRAME
    fit = fit_of(given, rows, matches, around) if within_city else None
    doubts = require_fit(fit, accept=accept_datum)
    if unit:
        check_given(given, rows, around, headers)
    check_shapes(given, rows, around if within_city else None)
    work = _Work(layer, around, unit, "datum_doubtful" if doubts or doubted else None)
    for i, record in enumerate(rows.records):
        x = rows.x[i] if np.isfinite(given.x[i]) else np.nan
        record["position_in"] = _original(x, rows.y[i], rows.geometry[i], datum)
        work.settle(record, given, i, matches[i])
    work.divide()
    findings = [*given.findings, *work.findings]
    told = fit.as_json() if fit else {}
    remarks = (*given.remarks, *doubts, *work.remarks())
    return Placed(work.kept, work.review, findings, told, remarks)


class _Work:
    """The rows of one import on their way to the store, the queue or out."""

    def __init__(
        self, layer: LayerSpec, around: Surroundings, unit: bool, flag: str | None
    ) -> None:
        self.layer, self.around, self.unit, self.flag = layer, around, unit, flag
        self.kept: list[tuple[Record, Match]] = []
        self.review: list[Record] = []
        self.findings: list[Finding] = []

    def settle(self, record: Record, given: Given, i: int, match: Match) -> None:
        """One row: its own position, its parent's, its address's, or the queue."""
        against = given.against(int(record["row"]))
        if against is not None and against.outcome == "rejected":
            return
        self._link_parent(record)
        _settle(record, given.wkb[i], given.datum)
        record["flags"] = self.flag if record["geom"] is not None else None
        if against is not None:
            self.review.append(doubted_at(record, match, against, given.swapped.get(i)))
        elif self._located(record, match) or self.layer.placement == "optional":
            self._heed_address(record, match)
            self.kept.append((record, match))
        else:
            # What `_link_parent` noted becomes the reason why the row waits.
            orphan = self.findings.pop().code if self._is_orphan(record) else ""
            item, finding = unplaced(record, match, orphan)
            self.review.append(item)
            self.findings.append(finding)

    def _heed_address(self, record: Record, match: Match) -> None:
        """Flag a row whose own position is in the city while its address says otherwise."""
        code = next((code for code in match.reasons if code in CONTRADICTIONS), None)
        if code is None or record["position_in"] is None:
            return
        record["flags"] = ";".join(filter(None, [record["flags"], code]))
        at = int(record["row"]), "address", code
        self.findings.append(Finding(*at, "flagged", REASONS[code], _CONTRADICTED_FIX))

    def _link_parent(self, record: Record) -> None:
        """The parent's id from its id, credit code or exact name; a note where there is none."""
        written = str(record.get("enterprise_id") or "")
        if not (written and self.layer.parent):
            return
        record["enterprise_id"] = feature_id(written)
        if record["enterprise_id"] in self.around.parents:
            return
        meant = self.around.parent_words.get(normalise(written), set())
        if len(meant) == 1:
            record["enterprise_id"] = next(iter(meant))
            return
        code, words = ("parent_ambiguous", _PARENT_AMBIGUOUS) if meant else _PARENT_NOT_THERE
        at = int(record["row"]), "enterprise_id", code
        self.findings.append(Finding(*at, "noted", words))

    def _is_orphan(self, record: Record) -> bool:
        """Whether it would stand at an enterprise that the store does not have."""
        owner = record.get("enterprise_id") if self.layer.parent else None
        return bool(owner) and owner not in self.around.parents

    def _located(self, record: Record, match: Match) -> bool:
        if record["geom"] is not None or not self.unit:
            return True
        by_parent = bool(self.layer.parent) and _from_parent(record, self.around)
        return by_parent or _from_address(record, match)

    def remarks(self) -> tuple[Text, ...]:
        """What is to be said of the file as a whole."""
        orphans = len({f.row for f in self.findings if f.code == "parent_unknown"})
        rows = len(self.kept) + len(self.review)
        if orphans < _MANY or 2 * orphans < rows:
            return ()
        return (
            Text(
                f"{rows} 行中有 {orphans} 行的所属企业不在库中：多半应先导入企业",
                f"{orphans} of {rows} rows name enterprises that are not in the store: "
                "most likely these should be imported first",
            ),
        )

    def divide(self) -> None:
        """Towns and villages of the rows to be stored."""
        if self.layer.id == "villages":
            for record, _ in self.kept:
                record["town"] = str(record.get("town") or record["id"])[:TOWN_DIGITS]
        elif "town" in self.layer.by_name:
            records = [record for record, _ in self.kept]
            matches = [match for _, match in self.kept]
            self.findings += set_divisions(records, self.around, matches)


def weigh(
    kept: Sequence[tuple[Record, Match]],
    layer: LayerSpec,
    around: Surroundings,
    standing: Mapping[str, str],
) -> Placed:
    """Flag or queue the rows whose position is hard to believe beside the others.

    `standing` holds the flags of the features that the store has already just so: they stay as
    they are, whatever came beside them meanwhile, so a file imported again changes nothing.
    """
    found = [
        finding
        for record, finding in _found(kept, layer, around)
        if record["id"] not in standing or finding.code in standing[record["id"]].split(";")
    ]
    queued = {finding.row: finding for finding in found if finding.outcome == "queued"}
    flags: dict[int, list[str]] = {}
    for finding in found:
        if finding.outcome == "flagged":
            flags.setdefault(finding.row, []).append(finding.code)
    staying, review = [], []
    for record, match in kept:
        row = int(record["row"])
        if row in queued:
            review.append(doubted_at(record, match, queued[row], None))
            continue
        marks = [*filter(None, [record["flags"]]), *flags.get(row, ())]
        record["flags"] = ";".join(dict.fromkeys(marks)) or None
        staying.append((record, match))
    return Placed(staying, review, found)


def _found(
    kept: Sequence[tuple[Record, Match]], layer: LayerSpec, around: Surroundings
) -> list[tuple[Record, Finding]]:
    by_row = {int(record["row"]): record for record, _ in kept}
    return [
        (by_row[finding.row], finding)
        for finding in check_placed(list(by_row.values()), layer, around)
    ]


def geocode(records: Sequence[Record], around: Surroundings) -> list[Match]:
    """What the addresses of some records say, their town columns heeded."""
    if around.gazetteer is None:
        return [NOT_ASKED] * len(records)
    addresses = [str(record.get("address") or "") for record in records]
    towns = [str(record.get("town") or "") for record in records]
    return around.suggest(addresses, around.gazetteer.geocode(addresses, towns))


def _original(x: float, y: float, shape: Any | None, datum: Datum) -> str | None:
    """The position as it was declared: `x,y`, or WKT of a shape that was converted."""
    if shape is not None and datum.name != "wgs84":
        return str(shapely.to_wkt(shape, rounding_precision=10))
    return f"{x:.12g},{y:.12g}" if np.isfinite(x) else None


def _settle(record: Record, geom: bytes | None, datum: Datum) -> None:
    """The position the row itself brings."""
    level = MatchLevel.NONE if geom is None else MatchLevel.POINT
    record |= {"geom": geom, "datum_in": datum.name, "level": str(level), "uncertainty_m": None}
