"""Does a declared datum fit? Shares inside the district, and the offset from control points.

Nothing is converted or changed here; docs/methods/position-checks.md tells how it decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo_risk.errors import Lang, Text

from .arrays import Floats, Pair, columns
from .conversion import to_wgs84
from .declared import Datum, parse_datum
from .projections import geodesic_distance_m
from .robust import Controls, robust_mean, sign_test

FEWEST_CONTROLS = 5
STANDARD_ERRORS = 3.0
FEWEST_OUTSIDE = 5
OUTSIDE_SHARE = 0.05
OUTSIDE_CHANCE = 0.001
_AROUND = 1.5  # of a control's uncertainty: the rows of a known village lie within that
_SAMPLE = 20_000
_LEAST_UNCERTAINTY_M = 50.0


@dataclass(frozen=True)
class CandidateFit:
    """How one datum fits; None where there was nothing to measure it with.

    `share_inside` is the share of the convertible points inside the district, `share_at_sea`
    outside all land; `east_m` and `north_m` are the robust mean offset from the control points,
    `offset_m` its length, `residual_m` the median distance of single points from their control.
    """

    datum: Datum
    n_points: int
    share_inside: float | None
    share_at_sea: float | None
    n_control: int
    east_m: float | None
    north_m: float | None
    offset_m: float | None
    residual_m: float | None

    def as_json(self) -> dict[str, str | int | float | None]:
        """Its numbers, metres to 0.1, shares to 0.0001."""
        return {
            "datum": self.datum.name,
            "points": self.n_points,
            "share_inside": _rounded(self.share_inside, 4),
            "share_at_sea": _rounded(self.share_at_sea, 4),
            "controls": self.n_control,
            "offset_m": _rounded(self.offset_m, 1),
            "residual_m": _rounded(self.residual_m, 1),
        }


@dataclass(frozen=True)
class DatumFit:
    """How the declared datum and its rivals fit, and whether one of them fits better.

    `fits` begins with the declared datum. `by` says what decided: `controls` (`gain_m` is how
    much shorter the offset becomes, `error_m` its standard error) or `shares` of points inside.
    """

    declared: Datum
    fits: tuple[CandidateFit, ...]
    better: Datum | None = None
    by: Literal["controls", "shares"] | None = None
    gain_m: float | None = None
    error_m: float | None = None

    def of(self, datum: Datum) -> CandidateFit:
        """The fit of one of the datums; `KeyError` for another."""
        for fit in self.fits:
            if fit.datum.name == datum.name:
                return fit
        raise KeyError(datum.name)

    def sentence(self) -> Text:
        """What was found, with the numbers; empty when the declared datum stands."""
        if self.better is None:
            return Text("", "")
        own, other = self.of(self.declared), self.of(self.better)
        if self.by == "controls":
            return Text(
                f"按 {self.declared.name} 解释，{own.n_control} 个位置比所写村、门牌平均偏 "
                f"{own.offset_m:.0f} 米；按 {self.better.name} 解释只偏 {other.offset_m:.0f} 米",
                f"Read as {self.declared.name}, {own.n_control} positions lie on average "
                f"{own.offset_m:.0f} m off the villages and doors they name; read as "
                f"{self.better.name}, {other.offset_m:.0f} m",
            )
        inside, better = own.share_inside or 0.0, other.share_inside or 0.0
        return Text(
            f"按 {self.declared.name} 解释，{own.n_points} 个位置有 {inside:.0%} 在本市；"
            f"按 {self.better.name} 解释有 {better:.0%}",
            f"Read as {self.declared.name}, {inside:.0%} of {own.n_points} positions lie in the "
            f"district; read as {self.better.name}, {better:.0%}",
        )

    def as_json(self, lang: Lang = "zh") -> dict[str, object]:
        """For `inspect` and the report."""
        return {
            "declared": self.declared.name,
            "better": None if self.better is None else self.better.name,
            "by": self.by,
            "gain_m": _rounded(self.gain_m, 1),
            "error_m": _rounded(self.error_m, 1),
            "message": self.sentence()[lang],
            "fits": [fit.as_json() for fit in self.fits],
        }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def datum_fit(
    x: ArrayLike,
    y: ArrayLike,
    declared: Datum,
    *,
    control_lon: ArrayLike,
    control_lat: ArrayLike,
    control_uncertainty_m: ArrayLike,
    district: Any | None = None,
    land: Any | None = None,
    candidates: Sequence[Datum] | None = None,
    margin_m: float = 100.0,
) -> DatumFit:
    """Check a declared datum against control points and the district's area.

    Parameters
    ----------
    x, y : shape (n,), in the declared datum; NaN where a row has no position.
    control_lon, control_lat : shape (n,), WGS84, NaN where the row names no known place;
        `control_uncertainty_m` is the radius in which the row may lie around it.
    district, land : shapely areas in WGS84; land is the district with its neighbours.
    candidates : the rivals; `likely_datums` when None.
    margin_m : by how much another datum must fit better (setting `datum_margin_m`).

    At most 20,000 rows, evenly taken, are looked at. It never changes a datum.
    """
    x_all, y_all = columns(x, y)
    c_lon, c_lat = columns(control_lon, control_lat)
    radius, _ = columns(control_uncertainty_m, control_uncertainty_m)
    given = np.isfinite(x_all) & np.isfinite(y_all)
    points = _sample(np.flatnonzero(given))
    has_control = given & np.isfinite(c_lon) & np.isfinite(c_lat) & np.isfinite(radius)
    rows = _sample(np.flatnonzero(has_control))
    controls = Controls(c_lon[rows], c_lat[rows], np.fmax(radius[rows], _LEAST_UNCERTAINTY_M))
    rivals = likely_datums(x_all, y_all) if candidates is None else candidates
    every = [declared, *(rival for rival in rivals if rival.name != declared.name)]
    at = [to_wgs84(x_all[points], y_all[points], datum) for datum in every]
    near = [to_wgs84(x_all[rows], y_all[rows], datum) for datum in every]
    fits = tuple(
        _measured(datum, at[i], near[i], controls, district, land) for i, datum in enumerate(every)
    )
    area = land if district is None else district
    verdicts = [
        _verdict(declared, fits, i, (at[0], at[i]), (near[0], near[i]), controls, area, margin_m)
        for i in range(1, len(every))
    ]
    better = [verdict for verdict in verdicts if verdict.better is not None]
    if not better:
        return DatumFit(declared, fits)
    return min(better, key=_rank)


def _rank(verdict: DatumFit) -> tuple[int, float]:
    if verdict.better is None:
        return 2, 0.0
    fit = verdict.of(verdict.better)
    if verdict.by == "controls":
        return 0, fit.offset_m or 0.0
    return 1, -(fit.share_inside or 0.0) * fit.n_points


def _sample(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    if len(rows) <= _SAMPLE:
        return rows
    return rows[np.linspace(0, len(rows) - 1, _SAMPLE).astype(np.intp)]


def _share(area: Any | None, lon: Floats, lat: Floats) -> float | None:
    if area is None or not len(lon):
        return None
    shapely.prepare(area)
    return float(np.mean(shapely.intersects_xy(area, lon, lat)))


def _measured(
    datum: Datum, at: Pair, near: Pair, controls: Controls, district: Any, land: Any
) -> CandidateFit:
    good = np.isfinite(at[0])
    lon, lat = at[0][good], at[1][good]
    on_land = _share(land, lon, lat)
    kept = np.isfinite(near[0])
    used = controls.kept(kept)
    east = north = offset = residual = None
    if kept.any():
        middle, _ = robust_mean(*used.offsets(near[0][kept], near[1][kept]), used)
        east, north = float(middle[0]), float(middle[1])
        offset = hypot(east, north)
        away = geodesic_distance_m(near[0][kept], near[1][kept], used.lon, used.lat)
        residual = float(np.median(away))
    return CandidateFit(
        datum,
        int(good.sum()),
        _share(district, lon, lat),
        None if on_land is None else 1.0 - on_land,
        int(kept.sum()),
        east,
        north,
        offset,
        residual,
    )


def _verdict(
    declared: Datum,
    fits: tuple[CandidateFit, ...],
    rival: int,
    at: tuple[Pair, Pair],
    near: tuple[Pair, Pair],
    controls: Controls,
    area: Any | None,
    margin_m: float,
) -> DatumFit:
    """Whether one rival fits better: by the controls when they can tell, else by the shares."""
    standing = DatumFit(declared, fits)
    kept = np.isfinite(near[0][0]) & np.isfinite(near[1][0])
    used = controls.kept(kept)
    if len(used.lon) >= FEWEST_CONTROLS:
        own = used.offsets(near[0][0][kept], near[0][1][kept])
        other = used.offsets(near[1][0][kept], near[1][1][kept])
        apart, along, error, gain = _contest(own, other, used)
        fitting = [_describes(used, offsets, margin_m) for offsets in (own, other)]
        if any(fitting) and apart > STANDARD_ERRORS * error:
            if fitting[1] and gain > margin_m and along > STANDARD_ERRORS * error:
                return DatumFit(declared, fits, fits[rival].datum, "controls", gain, error)
            return standing
    if area is not None and _moved(at, margin_m) and _more_inside(area, *at):
        return DatumFit(declared, fits, fits[rival].datum, "shares")
    return standing


def _describes(controls: Controls, offsets: Pair, margin_m: float) -> bool:
    """Whether half the rows lie about their controls; else these are no controls of theirs."""
    near = np.hypot(*offsets) <= _AROUND * controls.uncertainty_m + margin_m
    return bool(2 * near.sum() >= len(near))


def _contest(own: Pair, other: Pair, controls: Controls) -> tuple[float, float, float, float]:
    """Two datums over the same controls.

    How far they lie apart, how far the first lies off its controls towards the second's
    direction, the standard error of that, and how much shorter the second's offset is; metres.
    """
    first, errors = robust_mean(*own, controls)
    second, _ = robust_mean(*other, controls)
    apart = float(np.hypot(*(first - second)))
    if apart == 0.0:
        return 0.0, 0.0, 0.0, 0.0
    direction = (first - second) / apart
    error = float(np.hypot(*(direction * errors)))
    gain = float(np.hypot(*first) - np.hypot(*second))
    return apart, float(first @ direction), error, gain


def _moved(at: tuple[Pair, Pair], margin_m: float) -> bool:
    """Whether the two datums put the points apart; one that cannot convert them is apart."""
    distance = geodesic_distance_m(*at[0], *at[1])
    both = np.isfinite(distance)
    return bool(len(distance)) and (not both.any() or float(np.median(distance[both])) > margin_m)


def _more_inside(area: Any, own: Pair, other: Pair) -> bool:
    """Whether the second leaves clearly fewer points outside: by count, share and sign test."""
    shapely.prepare(area)
    inside = [np.isfinite(p[0]) & shapely.intersects_xy(area, *p) for p in (own, other)]
    gained = int((inside[1] & ~inside[0]).sum())
    lost = int((inside[0] & ~inside[1]).sum())
    clear = max(FEWEST_OUTSIDE, OUTSIDE_SHARE * len(own[0]))
    return gained - lost >= clear and sign_test(gained, lost) < OUTSIDE_CHANCE


def likely_datums(x: ArrayLike, y: ArrayLike, centre_lon: float | None = None) -> list[Datum]:
    """The datums whose numbers look like these: degrees, or eastings and northings.

    Projected ones are the CGCS2000 3-degree zones, with and without prefix, next to
    `centre_lon` (the district's), and its UTM zone; without `centre_lon` there are none.
    """
    x_values, y_values = columns(x, y)
    good = np.isfinite(x_values) & np.isfinite(y_values)
    if not good.any() or np.median(np.abs(x_values[good])) <= 180.0:
        return [parse_datum(name) for name in ("wgs84", "gcj02", "bd09")]
    if centre_lon is None:
        return []
    zone = int((centre_lon + 1.5) // 3.0)
    zones = [z for z in (zone - 1, zone, zone + 1) if 25 <= z <= 45]
    codes = [4534 + z - 25 for z in zones] + [4513 + z - 25 for z in zones]
    return [parse_datum(f"EPSG:{c}") for c in (*codes, 32600 + int((centre_lon + 180) // 6) + 1)]


def shift_m(
    x: ArrayLike, y: ArrayLike, declared: Datum, candidates: Sequence[Datum] | None = None
) -> dict[str, float]:
    """By datum name, how far each other datum would move these points: median metres."""
    x_all, y_all = columns(x, y)
    rows = _sample(np.flatnonzero(np.isfinite(x_all) & np.isfinite(y_all)))
    x_some, y_some = x_all[rows], y_all[rows]
    own = to_wgs84(x_some, y_some, declared)
    shifts: dict[str, float] = {}
    for rival in likely_datums(x_all, y_all) if candidates is None else candidates:
        distance = geodesic_distance_m(*own, *to_wgs84(x_some, y_some, rival))
        if rival.name != declared.name and np.isfinite(distance).any():
            shifts[rival.name] = float(np.nanmedian(distance))
    return shifts
