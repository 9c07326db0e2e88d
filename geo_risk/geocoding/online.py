"""The door for an online geocoder: what one must offer, and what its answers are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from .model import Candidate, Match

ENTRY_POINTS = "geo_risk.geocoders"


class OnlineGeocoder(Protocol):
    """A plug-in, registered under the entry-point group `geo_risk.geocoders`; none is shipped.

    `geocode` gets addresses and gives per address a match in WGS84, or None.
    """

    name: str

    def geocode(self, addresses: Sequence[str]) -> Sequence[Match | None]:
        """One answer per address, in order."""
        ...


def with_candidate(match: Match, answer: Match, source: str, name: str) -> Match:
    """An unplaced match with an online answer among its candidates; it stays unplaced."""
    candidate = Candidate(
        f"online:{source}", name, answer.level, answer.lon, answer.lat, answer.uncertainty_m
    )
    return replace(
        match,
        reasons=(*match.reasons, "online_candidate"),
        alternatives=(candidate, *match.alternatives),
    )
