"""Offline geocoding: whole chains of names, a level and an uncertainty for every answer.

Pure: places in, matches out. How it decides is told in docs/methods/geocoding.md.
"""

from __future__ import annotations

from .address import ParsedAddress, canonical_number, parse_address
from .gazetteer import Gazetteer
from .merging import Merged, merge_places
from .model import Candidate, Match, Place
from .normalisation import normalise
from .online import OnlineGeocoder, with_candidate
from .reasons import CONTRADICTIONS, REASONS

__all__ = [
    "CONTRADICTIONS",
    "REASONS",
    "Candidate",
    "Gazetteer",
    "Match",
    "Merged",
    "OnlineGeocoder",
    "ParsedAddress",
    "Place",
    "canonical_number",
    "merge_places",
    "normalise",
    "parse_address",
    "with_candidate",
]
