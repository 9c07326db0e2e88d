"""What an assessment rests on: profiles with their limits, what has no grade and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from geo_risk.assessment import Gap, LayerFigure, Profile, Unplaced
from geo_risk.catalogue import LayerSpec
from geo_risk.errors import Text
from geo_risk.grading.profiles import bands
from geo_risk.reference import table
from geo_risk.store import Query, Store
from geo_risk.vocabulary import Grade

from .assessment_groups import LEVEL_WORDS
from .assessment_reasons import missing_reason, parsed

_SYMBOLS = {"LEC": "D", "LS": "R"}


def profiles(figures: Sequence[LayerFigure]) -> tuple[Profile, ...]:
    """Every profile that some stored grade names, in the order of the layers."""
    used: dict[str, int] = {}
    for figure in figures:
        for name, number in figure.profiles:
            used[name] = used.get(name, 0) + number
    return tuple(_profile(name, number) for name, number in used.items())


def _profile(name: str, number: int) -> Profile:
    methods = {row["profile"]: row["method"] for row in table("grade_profiles")}
    method = methods.get(name, "")
    if method in _SYMBOLS:
        rows = bands(method, name)
        limits = [(band.grade, band.range_text(_SYMBOLS[method]), band.clause) for band in rows]
        return Profile(
            name,
            Text(method, method),
            tuple((grade, Text(text, text), clause) for grade, text, clause in limits),
            all(band.verified for band in rows),
            number,
        )
    levels = [row for row in table("hazard_level_colours") if row["profile"] == name]
    lines = tuple((Grade(row["colour"]), _level(row["level"]), row["clause"]) for row in levels)
    if lines:
        return Profile(name, Text("GB 18218-2018", "GB 18218-2018"), lines, None, number)
    stated = Text("登记等级，未用方法计算", "As stated in the register, by no method")
    return Profile(name, Text("–", "–"), ((None, stated, "–"),), None, number)


def _level(name: str) -> Text:
    return LEVEL_WORDS.get(name, Text(name, name))


def gaps(store: Store, counted: Sequence[LayerSpec]) -> tuple[Gap, ...]:
    """The items without a grade by the code of what is missing, the most frequent first."""
    found = []
    for spec in counted:
        counts: Counter[str] = Counter()
        first: dict[str, tuple[str, Text]] = {}
        query = Query(spec.id, grades=("no_data",))
        for key, text in store.columns(query, ("id", "reasons")):
            code, words = missing_reason(parsed(text))
            counts[code] += 1
            first.setdefault(code, (key, words))
        found += [
            Gap(spec.id, spec.title, code, number, first[code][1], first[code][0])
            for code, number in counts.most_common()
        ]
    return tuple(found)


def unplaced(store: Store) -> tuple[Unplaced, ...]:
    """Rows that wait in the review queue, by layer."""
    waiting = Counter(row["layer"] for row in store.rows("review") if row["state"] == "open")
    return tuple(
        Unplaced(spec.id, spec.title, waiting[spec.id])
        for spec in store.schema.specs.values()
        if waiting[spec.id]
    )
