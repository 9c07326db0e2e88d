"""The position checks, every row against every row, written to be read."""

from __future__ import annotations

from math import hypot

from geo_risk.intake.buildings import building
from geo_risk.intake.duplicates import company_core, similar
from tests.oracles.datum_fit import metres_per_degree


def piles(
    at: list[tuple[float, float]], names: list[str], addresses: list[str], limit: int
) -> dict[int, str]:
    """By row, the code it gets."""
    found: dict[int, str] = {}
    for place in {(round(lon * 1e6), round(lat * 1e6)) for lon, lat in at}:
        members = [
            i for i, (lon, lat) in enumerate(at) if (round(lon * 1e6), round(lat * 1e6)) == place
        ]
        if len({company_core(names[i]) for i in members if names[i]}) < limit:
            continue
        known = [building(addresses[i]) for i in members if addresses[i]]
        if len(known) < len(members) / 2:
            found |= dict.fromkeys(members, "pile_up_possible")
            continue
        for i in members:
            own = building(addresses[i]) if addresses[i] else ""
            share = max(known.count(key) for key in known) / len(known)
            main = next((key for key in known if known.count(key) > len(known) / 2), None)
            if share <= 0.5 or (own and own != main):
                found[i] = "pile_up"
    return found


def nearest_likeness(
    at: list[tuple[float, float]], names: list[str], ids: list[str], near_m: float, percent: float
) -> dict[int, float]:
    """By row, the score of the likeliest double."""
    if not at:
        return {}
    per_lon, per_lat = metres_per_degree(sum(lat for _, lat in at) / len(at))
    best: dict[int, float] = {}
    for i, (lon, lat) in enumerate(at):
        for j, (other_lon, other_lat) in enumerate(at):
            away = hypot((lon - other_lon) * per_lon, (lat - other_lat) * per_lat)
            if i != j and ids[i] != ids[j] and away <= near_m and names[i] and names[j]:
                score = similar(company_core(names[i]), company_core(names[j]), percent)
                if score:
                    best[i] = max(best.get(i, 0.0), score)
    return best
