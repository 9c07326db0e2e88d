"""What speaks against positions: of a whole file (axes, datum) and of single rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_risk import settings
from geo_risk.catalogue import LayerSpec
from geo_risk.datums import (
    Datum,
    DatumFit,
    datum_fit,
    geometries_to_wgs84,
    likely_datums,
    parse_datum,
    to_wgs84,
)
from geo_risk.errors import ConflictError, InputError, Text
from geo_risk.geocoding import Match
from geo_risk.intake import Finding, Rows
from geo_risk.intake.plausibility import (
    KnownRows,
    Thresholds,
    near_duplicates,
    outside_town,
    pile_ups,
    swapped,
    zero_positions,
)
from geo_risk.store import Record
from geo_risk.vocabulary import MatchLevel

from .axes import settle_axes
from .commands import shell
from .surroundings import Surroundings

Floats = NDArray[np.float64]

_CONTROL_LEVELS = (MatchLevel.DOOR, MatchLevel.ROAD, MatchLevel.VILLAGE)
_DECIMALS = 9
"""Converted degrees are kept to 0.1 mm: the last bits differ between machines and array lengths."""
UNCONVERTIBLE = Text("坐标无法换算为经纬度", "The coordinates cannot be converted to degrees")
UNCONVERTIBLE_FIX = Text(
    "检查经纬度是否颠倒、坐标系是否声明正确",
    "Check whether lon and lat are swapped and the datum is the right one",
)
_SEA = Text("位置在市域之外的海上", "The position is at sea, outside the city")
_ELSEWHERE = Text("位置在邻近县市", "The position lies in a neighbouring county")
_OUTSIDE = Text("位置在市域之外", "The position is outside the city")
_OUTSIDE_FIX = Text(
    "核对坐标和坐标系；如确属本市，清空坐标改用地址导入",
    "Check coordinates and datum; if it is in the city, empty them and import by address",
)


@dataclass(frozen=True)
class Given:
    """The positions that the rows bring, in WGS84, and what speaks against them.

    Attributes
    ----------
    x, y : easting or longitude, northing or latitude in `datum`; NaN where there is none.
    lon, lat : the same in WGS84. `shapes`: outlines and lines in WGS84, None where there is none.
    swapped : per row index the position with x and y exchanged, where that one is in the city.
    """

    x: Floats
    y: Floats
    datum: Datum
    lon: Floats
    lat: Floats
    shapes: NDArray[np.object_]
    findings: list[Finding] = field(default_factory=list)
    swapped: dict[int, tuple[float, float]] = field(default_factory=dict)
    remarks: tuple[Text, ...] = ()

    def against(self, row: int) -> Finding | None:
        """What keeps a row from being stored where it says, a rejection first."""
        return self._barred.get(row)

    @cached_property
    def wkb(self) -> list[bytes | None]:
        """Per row its shape, else its point, as WKB; None where it brings neither."""
        shapes = self.shapes.copy()
        points = shapely.is_missing(shapes) & np.isfinite(self.lon)
        shapes[points] = shapely.points(self.lon[points], self.lat[points])
        return list(shapely.to_wkb(shapes))

    @cached_property
    def _barred(self) -> dict[int, Finding]:
        barred: dict[int, Finding] = {}
        for outcome in ("queued", "rejected"):
            barred |= {f.row: f for f in self.findings if f.outcome == outcome}
        return barred


def _fault(record: Record, code: str, message: Text, fix: Text) -> Finding:
    return Finding(int(record["row"]), "coordinates", code, "rejected", message, fix)


def fit_of(
    given: Given, rows: Rows, matches: Sequence[Match], around: Surroundings
) -> DatumFit | None:
    """How the datum fits: the rows' positions against the places their addresses name.

    A shape counts as a point on it.
    """
    x, y = given.x.copy(), given.y.copy()
    points = shapely.point_on_surface(rows.geometry)
    shaped = ~shapely.is_missing(points)
    x[shaped], y[shaped] = shapely.get_x(points[shaped]), shapely.get_y(points[shaped])
    if around.city is None or not np.isfinite(x).any():
        return None
    controls = np.array(
        [
            (m.lon, m.lat, m.uncertainty_m) if m.level in _CONTROL_LEVELS else (np.nan,) * 3
            for m in matches
        ],
        dtype=np.float64,
    ).reshape(-1, 3)
    return datum_fit(
        x,
        y,
        given.datum,
        control_lon=controls[:, 0],
        control_lat=controls[:, 1],
        control_uncertainty_m=controls[:, 2],
        district=around.city,
        land=around.land,
        candidates=likely_datums(x, y, around.centre_lon),
        margin_m=settings.number("datum_margin_m"),
    )


def require_fit(fit: DatumFit | None, *, accept: bool) -> tuple[Text, ...]:
    """Stop an import whose datum is in doubt; with `accept` the doubt becomes a remark."""
    if fit is None or fit.better is None:
        return ()
    found = fit.sentence()
    if accept:
        return (
            Text(
                f"坐标系存疑，已按声明导入：{found['zh']}",
                f"The datum is in doubt, imported as declared: {found['en']}",
            ),
        )
    better = fit.better.name
    raise ConflictError(
        "datum_doubtful",
        Text(
            f"声明的坐标系与数据不符。{found['zh']}",
            f"The declared datum does not fit the data. {found['en']}",
        ),
        where="--datum",
        got=fit.declared.name,
        fix=Text(
            f"核实后改用 --datum {better}；确认无误则加 --accept-datum",
            f"Check, then use --datum {better}; add --accept-datum if you are sure",
        ),
    )


def require_stated_datum(
    header: str | None, file_crs: str | None, declared: Datum, *, accept: bool
) -> tuple[Text, ...]:
    """Stop where the file itself names another datum than the one declared.

    `header` is the datum that the columns' headers name, `file_crs` the file's own CRS; degrees
    called WGS84 are in truth often GCJ-02, so that is only a remark. So is all with `accept`.
    """
    own = parse_datum("wgs84" if file_crs == "CRS84" else file_crs) if file_crs else None
    stated = header or (own.name if own else None)
    alike = {"wgs84", "cgcs2000"}
    if stated in (None, declared.name) or {stated, declared.name} <= alike:
        return ()
    if header in alike and declared.projected:
        return ()
    if accept or (not header and own is not None and not own.projected):
        return (
            Text(
                f"文件自称坐标系为 {stated}，已按声明的 {declared.name} 处理",
                f"The file calls its coordinates {stated}; taken as {declared.name}, as declared",
            ),
        )
    raise ConflictError(
        "datum_contradicts_header",
        Text(
            f"文件自称 {stated}，声明的却是 {declared.name}",
            f"The file says {stated}, but {declared.name} was declared",
        ),
        where="--datum",
        got=declared.name,
        fix=Text(
            f"核实后改用 --datum {stated}；确认无误则加 --accept-datum",
            f"Check, then use --datum {stated}; add --accept-datum if you are sure",
        ),
    )


def check_given(given: Given, rows: Rows, around: Surroundings, headers: tuple[str, str]) -> None:
    """Find positions that cannot be: swapped, unconvertible, at sea, in another county.

    A swapped one is queued, its exchanged position becomes a candidate; the others are rejected.
    Raises `InputError` `coordinates_swapped` where the two columns of the file are exchanged;
    `headers` are their names. Adds to `given`.
    """
    numbers = [int(str(record["row"])) for record in rows.records]
    there = np.isfinite(given.x) & np.isfinite(given.y)
    known = around.city is not None

    def inside(x: Floats, y: Floats) -> NDArray[np.bool_]:
        lon, lat = to_wgs84(x, y, given.datum)
        return _in_city(lon, lat, around) if known else np.isfinite(lon)

    swaps = swapped(numbers, given.x, given.y, inside)
    if swaps.file is not None:
        raise _columns_swapped(swaps.file, headers)
    given.findings.extend(swaps.findings)
    turned = np.flatnonzero(swaps.mask)
    lon, lat = to_wgs84(given.y[turned], given.x[turned], given.datum)
    places = zip(lon.tolist(), lat.tolist(), strict=True)
    given.swapped.update(zip(turned.tolist(), places, strict=True))
    lost = there & ~np.isfinite(given.lon) & ~swaps.mask
    away = there & ~lost & ~swaps.mask
    if known:
        away[away] = ~_in_city(given.lon[away], given.lat[away], around)
    else:
        away[:] = False
    for i in np.flatnonzero(lost | away).tolist():
        code, words, fix = "coordinate_unconvertible", UNCONVERTIBLE, UNCONVERTIBLE_FIX
        if away[i]:
            code, words = _elsewhere(shapely.Point(given.lon[i], given.lat[i]), around)
            fix = _OUTSIDE_FIX
        given.findings.append(_fault(rows.records[i], code, words, fix))


def _columns_swapped(message: Text, headers: tuple[str, str]) -> InputError:
    x, y = headers
    if not x:
        fix = Text(
            "这类文件应先写经度；请在 GIS 中交换 X、Y 后重新导出",
            "Such files hold the longitude first: exchange X and Y in your GIS and export again",
        )
        return InputError("coordinates_swapped", message, where="geometry", fix=fix)
    options = shell("--map", f"{x}=y", "--map", f"{y}=x")
    fix = Text(f"加上 {options} 重新导入", f"Import again with {options}")
    return InputError("coordinates_swapped", message, where=f"{x}, {y}", fix=fix)


def _in_city(lon: Floats, lat: Floats, around: Surroundings) -> NDArray[np.bool_]:
    """Which positions lie in the city or within the tolerance around it."""
    inside = np.isfinite(lon)
    inside[inside] = around.near_city(shapely.points(lon[inside], lat[inside]))
    return inside


def _elsewhere(point: shapely.Point, around: Surroundings) -> tuple[str, Text]:
    if around.neighbours is not None and around.neighbours.intersects(point):
        return "position_in_other_county", _ELSEWHERE
    if around.neighbours is not None and around.neighbours.distance(point) < 1:
        return "position_at_sea", _SEA
    return "position_outside_city", _OUTSIDE


def read_given(rows: Rows, declared: Datum, around: Surroundings, *, unit: bool) -> Given:
    """The rows' positions and shapes in WGS84; of a unit (0, 0) counts as no position."""
    axes = settle_axes(rows.x, rows.y, declared, around.centre_lon)
    x, y = axes.x, axes.y
    findings: list[Finding] = []
    if unit:
        numbers = [int(str(record["row"])) for record in rows.records]
        findings, zero = zero_positions(numbers, x, y)
        x, y = np.where(zero, np.nan, x), np.where(zero, np.nan, y)
    lon, lat = to_wgs84(x, y, axes.datum)
    shapes = geometries_to_wgs84(rows.geometry, axes.datum)
    if axes.datum.name != "wgs84":
        lon, lat = np.round(lon, _DECIMALS), np.round(lat, _DECIMALS)
        shapes = shapely.transform(shapes, lambda at: np.round(at, _DECIMALS))
    return Given(x, y, axes.datum, lon, lat, shapes, findings, remarks=axes.remarks)


def check_shapes(given: Given, rows: Rows, around: Surroundings | None) -> None:
    """Find outlines and lines that cannot be converted, or lie outside the city where given."""
    for i, shape in enumerate(rows.geometry):
        if shape is None:
            continue
        record = rows.records[i]
        if given.shapes[i] is None:
            given.findings.append(
                _fault(record, "coordinate_unconvertible", UNCONVERTIBLE, UNCONVERTIBLE_FIX)
            )
        elif around is not None and not around.near_city(given.shapes[i : i + 1])[0]:
            given.findings.append(_fault(record, "position_outside_city", _OUTSIDE, _OUTSIDE_FIX))


def check_placed(
    records: Sequence[Record], layer: LayerSpec, around: Surroundings
) -> list[Finding]:
    """Whether the positions of placed rows can be true, by the rows beside them and the store's.

    Only positions that rows brought themselves can be piled up or outside the stated town.
    Layers without grades (facilities, cameras, addresses …) are not looked at.
    """
    if not layer.graded or not records:
        return []
    limits = Thresholds.from_settings()
    here = {record["id"] for record in records}
    known = [row for row in around.known if row["id"] not in here]
    found = _piles(records, known, layer, limits)
    numbers = [int(record["row"]) for record in records]
    at = {code: i for i, (code, _) in enumerate(around.towns)}
    stated = np.array([at.get(record.get("town") or "", -1) for record in records], dtype=np.intp)
    areas = [(around.town_names.get(code, code), area) for code, area in around.towns]
    found += outside_town(numbers, *_own(records), stated, areas, thresholds=limits)
    new, old = _compared(records, layer), _compared(known, layer)
    return found + near_duplicates(
        numbers,
        new.ids,
        new.names,
        new.credit_codes,
        new.lon,
        new.lat,
        group=new.group,
        known=old,
        near_m=limits.near_duplicate_m,
        similar_percent=limits.similar_name_percent,
        divisions=(around.city_name,),
    )


def _piles(
    records: Sequence[Record], known: Sequence[Record], layer: LayerSpec, limits: Thresholds
) -> list[Finding]:
    """Piles of rows and stored features together; only the rows are found."""
    every = [*records, *known]
    numbers = [int(record["row"]) for record in records] + [0] * len(known)
    found = pile_ups(
        numbers,
        *_own(every),
        [record.get("name") for record in every],
        [record.get("address") for record in every],
        group=[record.get("enterprise_id") for record in every] if layer.parent else None,
        thresholds=limits,
    )
    return [finding for finding in found if finding.row > 0]


def _own(records: Sequence[Record]) -> tuple[Floats, Floats]:
    """The positions that records brought themselves, NaN where they did not."""
    lon, lat = lon_lat(records)
    own = np.array([record["position_in"] is not None for record in records], dtype=bool)
    return np.where(own, lon, np.nan), np.where(own, lat, np.nan)


def _compared(rows: Sequence[Record], layer: LayerSpec) -> KnownRows:
    lon, lat = lon_lat(rows)
    return KnownRows(
        [row["id"] for row in rows],
        [row["name"] for row in rows],
        [row.get("credit_code") for row in rows],
        lon,
        lat,
        [row.get("enterprise_id") for row in rows] if layer.parent else None,
    )


def lon_lat(records: Sequence[Record]) -> tuple[Floats, Floats]:
    """A point of each record, shape (n,), NaN where it has no geometry."""
    shapes = shapely.from_wkb(np.array([record["geom"] for record in records], dtype=object))
    points = shapely.point_on_surface(shapes)
    return shapely.get_x(points), shapely.get_y(points)
