"""What a group says: lead, members, links with reasons, common hazards, resources, reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from geo_risk.neighbours.group_policies import MAJOR, GroupPolicy
from geo_risk.neighbours.groups import Limits, Link, diameter_m, lead_order, site_groups
from geo_risk.store import Store

from . import group_surroundings as around
from .group_units import Units, links_to, scale_labels, site_links, told_link

Body = dict[str, Any]


class Bodies:
    """Site groups and alliances of some units, and who is left alone.

    `tick` is called often while it works; what it raises ends the work.
    """

    def __init__(
        self,
        store: Store,
        units: Units,
        policy: GroupPolicy,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self.tick = tick
        self.units = units
        self.policy = policy
        self.labels = scale_labels(store)
        self.facilities = around.facilities(store, units)
        self.hazards = around.hazards_of(store, units)
        tick()
        rows, self.links = site_links(units, policy.links, tick)
        tick()
        limits = Limits(policy.max_diameter_m, policy.min_members, policy.max_members)
        placed = np.where(units.placed[:, None], units.xy_m, 0.0)
        weight = [link.score for link in self.links]
        self.sites = site_groups(units.ids, placed, rows[:, 0], rows[:, 1], weight, limits, tick)

    def site_bodies(self) -> list[Body]:
        """The site groups as they are kept."""
        number = {self.units.ids[row]: at for at, rows in enumerate(self.sites) for row in rows}
        within: list[list[Link]] = [[] for _ in self.sites]
        for link in self.links:
            at = number.get(link.a)
            if at is not None and at == number.get(link.b):
                within[at].append(link)
        return [
            self._body(rows, links, near=True)
            for rows, links in zip(self.sites, within, strict=True)
        ]

    def alliance_bodies(self) -> list[Body]:
        """Units of major risk of one industry, to the policy's depth, wherever they lie."""
        level = self.units.industries.level[:, self.policy.alliance_depth - 1].tolist()
        by_code: dict[int, list[int]] = {}
        for row, code in enumerate(level):
            if code >= 0 and self.units.records[row]["grade"] in MAJOR:
                by_code.setdefault(code, []).append(row)
        found = []
        for _, rows in sorted(by_code.items()):
            if len(rows) >= self.policy.min_members:
                lead, *others = self._ordered(rows)
                links = links_to(self.units, lead, others, self.policy.links)
                found.append(self._body(rows, links, near=False))
        return found

    def alone(self, alliances: Sequence[Body]) -> list[Body]:
        """Units of major risk in no site group: why, and the partners that they do have."""
        grouped = {row for rows in self.sites for row in rows}
        allied = {m["id"]: body["id"] for body in alliances for m in body["members"]}
        partners: dict[str, list[str]] = {}
        for link in self.links:
            partners.setdefault(link.a, []).append(link.b)
            partners.setdefault(link.b, []).append(link.a)
        found = []
        for row, record in enumerate(self.units.records):
            if record["grade"] not in MAJOR or row in grouped:
                continue
            near = sorted(partners.get(record["id"], []))
            why = "too_few" if near else "no_link"
            found.append(
                {
                    "id": record["id"],
                    "name": record["name"],
                    "grade": record["grade"],
                    "why": why if self.units.placed[row] else "unplaced",
                    "partners": near,
                    "alliance": allied.get(record["id"]),
                }
            )
        return found

    def _ordered(self, rows: Sequence[int]) -> list[int]:
        """Rows, the lead first."""
        records = [self.units.records[row] for row in rows]
        order = lead_order(
            [r["id"] for r in records],
            [r["grade"] for r in records],
            [r["people"] for r in records],
        )
        return [rows[at] for at in order]

    def _body(self, rows: Sequence[int], links: Sequence[Link], *, near: bool) -> Body:
        self.tick()
        ordered = self._ordered(rows)
        grades = [self.units.records[row]["grade"] for row in ordered]
        placed = [row for row in ordered if self.units.placed[row]]
        xy_m = self.units.xy_m[placed]
        return {
            "lead": self.units.ids[ordered[0]],
            "n": len(rows),
            "graded": sum(grade != "no_data" for grade in grades),
            "major": sum(grade in MAJOR for grade in grades),
            "worst": grades[0],
            "diameter_m": round(diameter_m(xy_m), 1),
            "members": [self._member(row) for row in ordered],
            "links": [
                told_link(self.units, link, self.policy.links, self.labels, near=near)
                for link in links
            ],
            "common_hazards": self._common(rows),
            "resources": around.nearest(self.facilities, xy_m),
            "reaches": around.reaches(self.units, ordered, self.hazards) if near else [],
        }

    def _member(self, row: int) -> Body:
        record = self.units.records[row]
        names = ("id", "name", "grade", "industry", "people", "town", "village")
        lon, lat = self.units.lonlat[row].tolist()
        there = bool(self.units.placed[row])
        place = (
            {"lon": round(lon, 6), "lat": round(lat, 6)} if there else {"lon": None, "lat": None}
        )
        return {**{name: record[name] for name in names}, **place}

    def _common(self, rows: Sequence[int]) -> list[Body]:
        """Kinds of hazard and substances that two or more members have."""
        counts = Counter(
            tag
            for row in rows
            for tag in self.units.tag_sets[row]
            if tag[0] in ("hazard", "substance")
        )
        shared = sorted((-n, kind, tag) for (kind, tag), n in counts.items() if n > 1)
        return [{"kind": kind, "tag": tag, "members": -n} for n, kind, tag in shared]
