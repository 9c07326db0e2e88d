"""What is said of a count of exposed people: the number, its sources and its doubts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from geo_risk.errors import Text

Boundary = Literal["enterprise outline", "own outline", "point"]
DOUBTFUL_M = 100.0
"""A plant placed less exactly than this is said to be."""

_FROM: Mapping[Boundary, Text] = {
    "enterprise outline": Text("企业边界", "the enterprise's boundary"),
    "own outline": Text("危险源自身轮廓", "the unit's own outline"),
    "point": Text("危险源点位", "the unit's point"),
}


def start_words(count: int, boundary: Boundary, radius_m: float, *, lower_bound: bool) -> Text:
    """The number, and from where it is measured."""
    start = _FROM[boundary]
    return Text(
        f"{start['zh']}外 {radius_m:g} m 内按登记统计{'至少' if lower_bound else '共'} {count} 人",
        f"{'At least ' if lower_bound else ''}{count} people within {radius_m:g} m of "
        f"{start['en']}, counted from the registers",
    )


def source_words(targets: tuple[int, float], residents: tuple[int, float]) -> Text:
    """How many entries of each register, and the people in them."""
    return Text(
        f"敏感目标 {targets[0]} 处 {_people(targets[1])} 人，"
        f"居住人口 {residents[0]} 处 {_people(residents[1])} 人",
        f"sensitive targets {targets[0]} with {_people(targets[1])} people, "
        f"residential entries {residents[0]} with {_people(residents[1])}",
    )


def doubt_words(
    boundary: Boundary,
    uncertainty_m: float | None,
    without_people: int,
    residents_within_m: float | None,
    *,
    near: bool,
) -> list[Text]:
    """What may be wrong with the number; `near` where residents were counted in the zone."""
    found = []
    if residents_within_m is None:
        found.append(
            Text(
                "周边 5 km 内没有登记居住人口，人数不完整",
                "no residents are registered within 5 km, so the number is not complete",
            )
        )
    elif not near:
        found.append(
            Text(
                f"最近的居住人口登记在 {residents_within_m:.0f} m 外",
                f"the nearest registered residents are {residents_within_m:.0f} m away",
            )
        )
    if without_people:
        found.append(
            Text(
                f"其中 {without_people} 处敏感目标未填人数",
                f"{without_people} of the targets have no number of people",
            )
        )
    if boundary != "enterprise outline":
        found.append(
            Text(
                "没有厂区边界可用，实际人数可能更多",
                "there is no plant boundary to measure from: the true number may be higher",
            )
        )
    if uncertainty_m is not None and uncertainty_m > DOUBTFUL_M:
        found.append(
            Text(
                f"厂区位置误差约 {uncertainty_m:.0f} m",
                f"the plant is placed to about {uncertainty_m:.0f} m only",
            )
        )
    return found


def _people(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
