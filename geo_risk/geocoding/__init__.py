"""Offline geocoding: whole chains of names, a level and an uncertainty for every answer.

Pure: places in, matches out. How it decides is told in docs/methods/geocoding.md.
"""

from __future__ import annotations

from .address import ParsedAddress, canonical_number, parse_address
from .gazetteer import Gazetteer
from .model import Candidate, Match, Place
from .normalisation import normalise
from .reasons import CONTRADICTIONS, REASONS

__all__ = [
    "CONTRADICTIONS",
    "REASONS",
    "Candidate",
    "Gazetteer",
    "Match",
    "ParsedAddress",
    "Place",
    "canonical_number",
    "normalise",
    "parse_address",
]
