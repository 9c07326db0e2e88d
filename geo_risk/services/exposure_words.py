"""What may be wrong with a count of exposed people, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from geo_risk.errors import Text

Boundary = Literal["enterprise outline", "own outline", "point"]
DOUBTFUL_M = 100.0
"""What is placed less exactly than this may lie inside or outside of a zone."""

_FROM: Mapping[Boundary, Text] = {
    "enterprise outline": Text("企业边界", "the enterprise's boundary"),
    "own outline": Text("危险源自身轮廓", "the unit's own outline"),
    "point": Text("危险源点位", "the unit's point"),
}


@dataclass(frozen=True)
class Doubts:
    """What a count of people around one plant rests on, as far as it may be wrong."""

    boundary: Boundary
    boundary_uncertainty_m: float | None
    targets_without_people: int
    residents_without_people: int
    places_unsure: int
    residents_within_m: float | None

    @property
    def rough(self) -> bool:
        """Whether the plant itself is placed roughly."""
        return (self.boundary_uncertainty_m or 0.0) > DOUBTFUL_M

    @property
    def may_be_more(self) -> bool:
        """Whether there may be more people than were counted."""
        unknown = self.targets_without_people + self.residents_without_people + self.places_unsure
        incomplete = self.residents_within_m is None or self.boundary != "enterprise outline"
        return incomplete or self.rough or unknown > 0


def said(
    count: int,
    radius_m: float,
    targets: tuple[int, float],
    residents: tuple[int, float],
    doubts: Doubts,
) -> Text:
    """The count in one sentence, then each doubt; entries and people of both registers."""
    start, more = _FROM[doubts.boundary], doubts.may_be_more
    zh = [
        f"{start['zh']}外 {radius_m:g} m 内按登记统计{'至少' if more else '共'} {count} 人："
        f"敏感目标 {targets[0]} 处 {_people(targets[1])} 人，"
        f"居住人口 {residents[0]} 处 {_people(residents[1])} 人"
    ]
    en = [
        f"{'At least ' if more else ''}{count} people within {radius_m:g} m of {start['en']}, "
        f"counted from the registers: sensitive targets {targets[0]} with "
        f"{_people(targets[1])} people, residential entries {residents[0]} with "
        f"{_people(residents[1])}"
    ]
    for one in (*_about_registers(doubts, residents[0]), *_about_plant(doubts)):
        zh.append(one["zh"])
        en.append(one["en"])
    return Text("；".join(zh), "; ".join(en))


def _about_registers(doubts: Doubts, residents: int) -> list[Text]:
    away, unknown, unsure = (
        doubts.residents_within_m,
        doubts.targets_without_people + doubts.residents_without_people,
        doubts.places_unsure,
    )
    found = []
    if away is None:
        found.append(
            Text(
                "周边 5 km 内没有登记居住人口，人数不完整",
                "no residents are registered within 5 km, so the number is not complete",
            )
        )
    elif not residents:
        found.append(
            Text(
                f"最近的居住人口登记在 {away:.0f} m 外",
                f"the nearest registered residents are {away:.0f} m away",
            )
        )
    if unknown:
        found.append(
            Text(
                f"其中 {unknown} 处未填人数",
                f"of these, {unknown} without a number of people",
            )
        )
    if unsure:
        found.append(
            Text(
                f"另有 {unsure} 处位置粗略，可能在范围内",
                f"{unsure} more, placed roughly, may lie inside",
            )
        )
    return found


def _about_plant(doubts: Doubts) -> list[Text]:
    found = []
    if doubts.boundary != "enterprise outline":
        found.append(
            Text(
                "没有厂区边界，实际人数可能更多",
                "the plant boundary is not known, so there may be more",
            )
        )
    if doubts.rough:
        found.append(
            Text(
                f"厂区位置误差约 {doubts.boundary_uncertainty_m:.0f} m",
                f"the plant is placed to about {doubts.boundary_uncertainty_m:.0f} m only",
            )
        )
    return found


def _people(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
