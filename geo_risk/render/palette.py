"""The one table of colours as CSS custom properties and as JSON, for every page that draws."""

from __future__ import annotations

import json
from typing import Any

from ..vocabulary import CASING, GRADES

AREA_FILL_OPACITY = 0.28

BASE: dict[str, dict[str, str]] = {
    "light": {
        "land": "#f5f3ee",
        "sea": "#dfe9ec",
        "built-up": "#ebe7df",
        "boundary-city": "#8b857a",
        "boundary-town": "#b5afa3",
        "road": "#ffffff",
        "road-casing": "#d8d3c8",
        "casing": CASING,
        "casing-outer": "#ffffff",
        "text": "#1f2328",
        "text-secondary": "#57606a",
        "surface": "#ffffff",
        "hairline": "#d8dade",
        "accent": "#22384d",
    },
    "dark": {
        "land": "#16191c",
        "sea": "#0f1a20",
        "built-up": "#1e2225",
        "boundary-city": "#6f6a61",
        "boundary-town": "#4a4640",
        "road": "#4a5158",
        "road-casing": "#0f1113",
        "casing": "#0b0d0f",
        "casing-outer": "#d8dade",
        "text": "#e8eaed",
        "text-secondary": "#a5adb5",
        "surface": "#1b1f23",
        "hairline": "#343a40",
        "accent": "#a9c4de",
    },
}
"""Everything that is not a grade is quiet: the four grades are the only strong colours."""


def css() -> str:
    """`:root` with --grade-*, --land, --text …, and the dark values under data-theme="dark"."""
    grades = [f"  --grade-{grade}: {style.colour};" for grade, style in GRADES.items()]
    light = [f"  --{name}: {colour};" for name, colour in BASE["light"].items()]
    dark = [f"  --{name}: {colour};" for name, colour in BASE["dark"].items()]
    fill = f"  --area-fill-opacity: {AREA_FILL_OPACITY};"
    root = "\n".join([":root {", *grades, *light, fill, "}"])
    return root + "\n" + "\n".join([':root[data-theme="dark"] {', *dark, "}"]) + "\n"


def palette() -> dict[str, Any]:
    """Grades from worst to none with colour, shape, letter, mark and labels; base-map colours."""
    return {
        "grades": [
            {
                "grade": str(grade),
                "colour": style.colour,
                "shape": style.shape,
                "letter": style.letter,
                "mark": style.mark,
                "label": dict(style.label),
                "level": dict(style.level),
            }
            for grade, style in GRADES.items()
        ],
        "base": BASE,
        "area_fill_opacity": AREA_FILL_OPACITY,
    }


def palette_json() -> str:
    """`palette()` as JSON text."""
    return json.dumps(palette(), ensure_ascii=False, sort_keys=True)
