"""A small assessment by hand, with whatever names a test wants."""

from __future__ import annotations

import numpy as np

from geo_risk.assessment import (
    Assessment,
    Breakdown,
    Change,
    CheckRow,
    Checks,
    Dangers,
    Gap,
    GridCell,
    Group,
    LayerFigure,
    MapArea,
    MapData,
    MapMark,
    Method,
    Moved,
    PolicyChange,
    Profile,
    Ranked,
    Ranking,
    Tally,
    Unplaced,
)
from geo_risk.errors import Text
from geo_risk.vocabulary import Grade

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}${7*7}",
    '=HYPERLINK("http://evil.example",1)',
    "' onmouseover='x' & <b>",
)
"""Names as an attacker would register them: markup, attributes, templates, formulas."""


def same(text: str) -> Text:
    return Text(text, text)


def square(west: float, south: float, side: float) -> np.ndarray:
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    return np.array([(west + side * x, south + side * y) for x, y in corners], float)


def assessment(name: str = "Somewhere", batch: str = "20261101T000000000-abcdef") -> Assessment:
    """Two towns, ten points, one of everything; `name` stands in every text of users."""
    one, two = Tally((1, 1, 0, 2, 1)), Tally((0, 2, 3, 0, 0))
    towns = (
        Group("t1", same(name), one, 3.5, Grade.ORANGE),
        Group("t2", same("Other"), two, 2.8, Grade.ORANGE),
    )
    note, title = same("A note"), same("A title")

    def by(key: str, *, part: bool = False) -> Breakdown:
        groups = towns
        if part:
            groups = (Group("v", same(name), one, 3.5, Grade.ORANGE, same(name)),)
        return Breakdown(key, title, same("Label"), groups, note, same("Town") if part else None)

    ranked = Ranked(
        "p1", same(name), Grade.RED, 540.0, name, name, None, None, same(name), label="1"
    )
    inside = Ranked("e1", same(name), Grade.RED, 8.0, name, tally=one, reason=same(name))
    order = same("grade.")
    return Assessment(
        city=Group("c", same(name), one + two, 3.1, Grade.ORANGE),
        made_at="2026-11-24T09:00:00Z",
        data_at="2026-11-24T08:00:00.000Z",
        last_batch=batch,
        notice=same(name),
        origins=(name,),
        enterprises=4,
        enterprises_graded=3,
        layers=(LayerFigure("risk_points", same("Points"), one + two, (("lec_strict_gt", 10),)),),
        dangers=Dangers(9, 5, 2, 1),
        checks=Checks(
            CheckRow(same(""), 10, Tally((1, 0, 2, 0, 0)), 4),
            (CheckRow(same(name), 10, Tally((1, 0, 2, 0, 0)), 4),),
            (CheckRow(same(name), 10, Tally((1, 0, 2, 0, 0)), 4),),
            1,
            2,
        ),
        index_title=same("Mean risk index"),
        index_formula=same("I = …"),
        index_starts={"red": 4.5, "orange": 2.75, "yellow": 1.875},
        methods=(
            Method("max", same("Highest"), same("M"), False, ((8.0, None, 1), (4.0, None, 2))),
            Method("share", same("Share"), same("F"), True, ((0.25, None, 1), (None, None, None))),
        ),
        breakdowns=(
            *(by(key) for key in ("town", "industry", "division", "accident_type", "department")),
            by("village", part=True),
        ),
        rankings=(
            Ranking("risk_points", title, same("D"), order, (ranked,), 9),
            Ranking("enterprises", title, same("Index"), order, (inside,), 3),
        ),
        change=Change(
            "2026-11-01T00:00:00.000Z",
            batch,
            Tally((0, 2, 3, 2, 1)),
            one + two,
            {"worse": 1, "new": 1, "ungraded": 0, "better": 0, "graded": 0, "removed": 0},
            ((towns[0], Tally((0, 1, 0, 2, 1))), (towns[1], two)),
            (
                Moved(
                    "risk_points", same("Points"), "p1", name, name, Grade.BLUE, Grade.RED,
                    "worse", same(name),
                ),
                Moved("risk_points", same("Points"), "p2", name, name, None, Grade.RED, "new"),
            ),
            (PolicyChange("risk_points", same("Points"), (name, "b"), ((), (name,)), 3),),
            "2026-11-02T00:00:00.000Z",
        ),
        profiles=(
            Profile(
                "lec_strict_gt", same("LEC"), ((Grade.RED, same("320 < D"), "x"),), "verified", 10,
                (same(name), "x"),
            ),
            Profile("stated", same("–"), ((None, same("as stated"), "–"),), "none", 0),
        ),
        gaps=(Gap("risk_points", same("Points"), "input_missing", 1, same(name), "p9"),),
        unplaced=(Unplaced("enterprises", same("Enterprises"), 2),),
        map=MapData(
            epsg=32650,
            box_m=(0.0, 0.0, 10_000.0, 8_000.0),
            city=(square(1_000, 1_000, 6_000),),
            around=(square(0, 0, 900),),
            towns=(
                MapArea("t1", name, Grade.ORANGE, (square(1_000, 1_000, 3e3),), (2500, 2500), 900),
                MapArea("t2", "Other", Grade.NO_DATA, (square(4_000, 4_000, 3e3),), (5500, 5500)),
            ),
            roads=(square(2_000, 2_000, 1_000),),
            marks=(
                MapMark(Grade.RED, 2_000.0, 2_000.0, "1"),
                MapMark(Grade.ORANGE, 2_001.0, 2_001.0),
                MapMark(Grade.ORANGE, 5_000.0, 5_000.0, coarse=True),
            ),
            cells=(
                GridCell(Grade.RED, square(2_000, 2_000, 500), 3),
                GridCell(Grade.NO_DATA, square(3_000, 3_000, 500), 1),
            ),
            cell_side_m=500,
            approximate=True,
            undrawn=1,
        ),
    )  # fmt: skip
