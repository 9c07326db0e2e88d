"""The offset of positions from their controls, one row at a time, written to be read."""

from __future__ import annotations

from math import cos, hypot, pi, radians, sin, sqrt


def metres_per_degree(lat: float) -> tuple[float, float]:
    a, e2 = 6378137.0, 0.00669437999014
    w = sqrt(1.0 - e2 * sin(radians(lat)) ** 2)
    return radians(1.0) * a / w * cos(radians(lat)), radians(1.0) * a * (1.0 - e2) / w**3


def weighted_median(values: list[float], weights: list[float]) -> float:
    ordered = sorted(zip(values, weights, strict=True), key=lambda pair: pair[0])
    total = 0.0
    for _, weight in ordered:
        total += weight
    half, reached = total / 2.0, 0.0
    for at, (value, weight) in enumerate(ordered):
        reached += weight
        if reached == half and at + 1 < len(ordered):
            return (value + ordered[at + 1][0]) / 2.0
        if reached >= half:
            return value
    raise ValueError("no values")


def median(values: list[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0


Control = tuple[float, float, float]
"""lon, lat, uncertainty in metres."""


def error_m(deviations: list[float], controls: list[Control]) -> float:
    total = sum(1.0 / u for _, _, u in controls)
    scatter = least = 0.0
    places: dict[tuple[float, float], float] = {}
    for deviation, (lon, lat, u) in zip(deviations, controls, strict=True):
        share = 1.0 / u / total
        scatter += (share * deviation) ** 2
        least += (share * 0.5 * u) ** 2
        places[lon, lat] = places.get((lon, lat), 0.0) + share * 0.25 * u
    shared = sum(bias**2 for bias in places.values())
    return sqrt(max(scatter, least) + shared)


def robust_mean(
    offsets: list[tuple[float, float]], controls: list[Control]
) -> tuple[tuple[float, float], tuple[float, float]]:
    weights = [1.0 / u for _, _, u in controls]
    middle = [weighted_median([o[axis] for o in offsets], weights) for axis in (0, 1)]
    usual = median([u for _, _, u in controls])
    kept = [
        (offset, control)
        for offset, control in zip(offsets, controls, strict=True)
        if hypot(offset[0] - middle[0], offset[1] - middle[1]) <= control[2] + usual
    ]
    means, errors = [], []
    for axis in (0, 1):
        if 2 * len(kept) <= len(offsets):
            ratios = [
                abs(o[axis] - middle[axis]) / c[2] for o, c in zip(offsets, controls, strict=True)
            ]
            spread = sqrt(pi / 2.0) * 1.4826 * median(ratios)
            means.append(middle[axis])
            errors.append(error_m([spread * c[2] for c in controls], controls))
        else:
            total = sum(1.0 / c[2] for _, c in kept)
            mean = sum(o[axis] / c[2] for o, c in kept) / total
            means.append(mean)
            errors.append(error_m([o[axis] - mean for o, _ in kept], [c for _, c in kept]))
    return (means[0], means[1]), (errors[0], errors[1])
