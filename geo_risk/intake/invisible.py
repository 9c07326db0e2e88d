"""Text of a file on one line, without what drives a terminal or turns the reading direction."""

from __future__ import annotations

import re

_DROPPED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # C0, DEL and C1: terminals obey them
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidi: the text would read as another
    "\u200b\u2060\ufeff"  # nothing to be seen: two equal names would differ
    "\ud800-\udfff]"
)


def one_line(text: str) -> str:
    """The text without control, bidi and invisible characters; runs of space are one space."""
    return " ".join((text if text.isprintable() else _DROPPED.sub("", text)).split())
