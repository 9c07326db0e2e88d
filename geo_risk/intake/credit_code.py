"""Unified social credit code (GB 32100-2015): 18 characters, the last a check modulo 31."""

from __future__ import annotations

import re

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DEMO_PREFIX = "DEMO"
"""No real code can begin so: O is not in the alphabet of GB 32100."""

_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(3**i % 31 for i in range(17))
_FORM = re.compile(f"[{ALPHABET}]{{18}}")
_DEMO = re.compile(r"DEMO[0-9A-Z]{14}")


def check_character(body: str) -> str:
    """The eighteenth character for the first seventeen (GB 32100-2015, clause 4.6 and annex)."""
    total = sum(_VALUE[c] * weight for c, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def is_credit_code(code: str) -> bool:
    """Whether a code in capitals has 18 allowed characters and the right last one."""
    return bool(_FORM.fullmatch(code)) and check_character(code[:17]) == code[17]


def is_demo_code(code: str) -> bool:
    """Whether a code in capitals carries the prefix reserved for synthetic records."""
    return bool(_DEMO.fullmatch(code))
