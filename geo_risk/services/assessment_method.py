"""What an assessment rests on: profiles with their limits, what has no grade and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from geo_risk.assessment import Gap, LayerFigure, Profile, Unplaced
from geo_risk.catalogue import LayerSpec
from geo_risk.errors import Text
from geo_risk.grading.profiles import bands, profile_names, profile_rule
from geo_risk.grading.stated import STATED_PROFILE
from geo_risk.reference import table
from geo_risk.store import Query, Store
from geo_risk.vocabulary import Grade

from .assessment_groups import LEVEL_WORDS
from .assessment_reasons import missing_reason, parsed

_SYMBOLS = {"LEC": "D", "LS": "R"}
_NO_METHOD = Text("–", "–")
_STATED = Text("登记等级，未用方法计算", "As stated in the register, by no method")
_UNKNOWN = Text(
    "本机没有这个方案，列不出分界值（可能未设置规定表目录 GEO_RISK_POLICIES_DIR）",
    "This machine does not know this profile, so its limits cannot be told (perhaps "
    "GEO_RISK_POLICIES_DIR, the folder of policies, is not set)",
)


def profiles(figures: Sequence[LayerFigure]) -> tuple[Profile, ...]:
    """Every profile that some stored grade names, in the order of the layers."""
    used: dict[str, int] = {}
    for figure in figures:
        for name, number in figure.profiles:
            used[name] = used.get(name, 0) + number
    return tuple(_profile(name, number) for name, number in used.items())


def _profile(name: str, number: int) -> Profile:
    if name == STATED_PROFILE:
        return Profile(name, _NO_METHOD, ((None, _STATED, "–"),), "none", number)
    method = next((one for one in _SYMBOLS if name in profile_names(one)), "")
    if method:
        return _banded(name, method, number)
    levels = [row for row in table("hazard_level_colours") if row["profile"] == name]
    lines = tuple((Grade(row["colour"]), _level(row["level"]), row["clause"]) for row in levels)
    if lines:
        return Profile(name, Text("GB 18218-2018", "GB 18218-2018"), lines, "policy", number)
    return Profile(name, _NO_METHOD, ((None, _UNKNOWN, "–"),), "none", number)


def _banded(name: str, method: str, number: int) -> Profile:
    """A profile of bands, and what it adds to them where it is built on another one."""
    rows, rule = bands(method, name), profile_rule(name)
    limits = [(band.grade, band.range_text(_SYMBOLS[method]), band.clause) for band in rows]
    note = rule.note
    adds = None
    if rule.base != name:
        words = Text(
            f"分界值同 {rule.base}，另加：{note['zh'] or '–'}",
            f"The limits of {rule.base}; added: {note['en'] or '–'}",
        )
        adds = (words, rule.clause)
    return Profile(
        name,
        Text(method, method),
        tuple((grade, Text(text, text), clause) for grade, text, clause in limits),
        "verified" if all(band.verified for band in rows) else "unverified",
        number,
        adds,
    )


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
