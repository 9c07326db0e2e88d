"""Rows for the review queue: why they wait, and what they may be."""

from __future__ import annotations

import shapely

from geo_risk.errors import Text
from geo_risk.geocoding import REASONS, Match
from geo_risk.intake import Finding
from geo_risk.store import Record
from geo_risk.vocabulary import MatchLevel

_QUEUED_FIX = Text(
    "补全村、路名和门牌号或经纬度后重新导入；或用 geo-risk review place 选定位置",
    "Complete village, road and number, or give coordinates, and import again; or choose a "
    "position with geo-risk review place",
)
_ORPHAN = {
    "parent_unknown": (
        Text("所属企业不在库中，不能随企业定位", "Its enterprise is not in the store"),
        Text(
            "先导入企业，再导入本表，这一行会随企业定位；或补全地址、坐标",
            "Import the enterprises first, then this table again: it will stand at its enterprise",
        ),
    ),
    "parent_ambiguous": (
        Text("有几家企业同名，不知随哪一家定位", "Several enterprises bear the name it gives"),
        Text(
            "改填企业编号或信用代码后重新导入；或补全地址、坐标",
            "Give the enterprise's code and import again, or complete address or coordinates",
        ),
    ),
}
_NO_GAZETTEER = Text(
    "库中没有地名库，地址无法定位；请先导入市域、镇、村和标准地址",
    "The store has no gazetteer: import city, towns, villages and addresses first",
)


def candidates_of(match: Match) -> list[Record]:
    """What an address may mean, its own match first, for the person who reviews it."""
    own = []
    if match.lon is not None:
        own.append(
            {
                "code": "address",
                "name": "地址匹配 / from the address",
                "level": str(match.level),
                "lon": match.lon,
                "lat": match.lat,
                "uncertainty_m": match.uncertainty_m,
            }
        )
    return own + [
        {
            "code": c.code,
            "name": c.name,
            "level": str(c.level),
            "lon": c.lon,
            "lat": c.lat,
            "uncertainty_m": c.uncertainty_m,
        }
        for c in match.alternatives
    ]


def unplaced(record: Record, match: Match, orphan: str = "") -> tuple[Record, Finding]:
    """A row that its address does not place: the queue's entry and the finding that says so.

    `orphan` is the code of why it has no enterprise to stand at, where it names one.
    """
    codes = (*(match.reasons or ("address_empty",)), *([orphan] if orphan else []))
    own = {"no_gazetteer": _NO_GAZETTEER, **{code: said for code, (said, _) in _ORPHAN.items()}}
    words = [own[code] if code in own else REASONS[code] for code in codes]
    reasons = [{"code": c, **w} for c, w in zip(codes, words, strict=True)]
    item = {
        "record": record,
        "level": str(match.level),
        "reasons": reasons,
        "candidates": candidates_of(match),
    }
    said = Text("；".join(w["zh"] for w in words), "; ".join(w["en"] for w in words))
    fix = _ORPHAN[orphan][1] if orphan else _QUEUED_FIX
    finding = Finding(int(record["row"]), "address", codes[-1], "queued", said, fix)
    return item, finding


def doubted_at(
    record: Record, match: Match, finding: Finding, at: tuple[float, float] | None
) -> Record:
    """A row whose own position is not believed as it is: it becomes the first candidate.

    `at` is the position with its coordinates exchanged, else the row's own.
    """
    name = "对调经纬度后的坐标 / the coordinates exchanged" if at else "表中坐标 / as given"
    if at is None and record["geom"] is not None:
        point = shapely.point_on_surface(shapely.from_wkb(record["geom"]))
        at = point.x, point.y
    record["geom"] = None
    own = []
    if at is not None:
        where = {"lon": at[0], "lat": at[1], "uncertainty_m": None}
        own = [{"code": "given", "name": name, "level": str(MatchLevel.POINT), **where}]
    return {
        "record": record,
        "level": str(MatchLevel.NONE),
        "reasons": [{"code": finding.code, **finding.message}],
        "candidates": own + candidates_of(match),
    }
