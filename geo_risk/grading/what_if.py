"""What if: the smallest changes of the inputs that lower a grade, each graded again to be sure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ..errors import Text
from ..reference import table
from ..vocabulary import SEVERITY, Grade
from .controls import CONTROL_FIELDS
from .direct_rules import RESULT, Condition, DirectRule
from .exact import exact, exact_text
from .graders import COUNTED_FIELD, Grader, is_missing
from .lec import scale
from .profiles import profile_rule
from .results import Graded
from .substances import Substance, parse_substances

Row = Mapping[str, object]
_KILO = 1000
_FACTORS = {
    "l": Text("可能性 L", "likelihood L"),
    "e": Text("暴露 E", "exposure E"),
    "c": Text("后果 C", "consequence C"),
    "s": Text("严重性 S", "severity S"),
}


@dataclass(frozen=True)
class Change:
    """One way down: what to change from what to what, and the grade that then comes out.

    `kind` is factor, tonnes, people, control or rule; `also` are the changes that have to go with
    it (direct rules that must cease to hold). `row` is the input after all of them.
    """

    kind: str
    field: str
    before: str
    after: str
    grade: Grade
    text: Text
    row: Row
    also: tuple[Text, ...] = ()

    def as_json(self) -> dict[str, object]:
        """`{"kind", "field", "before", "after", "grade", "zh", "en", "also"}`."""
        return {
            "kind": self.kind,
            "field": self.field,
            "before": self.before,
            "after": self.after,
            "grade": self.grade.value,
            "zh": self.text["zh"],
            "en": self.text["en"],
            "also": [dict(text) for text in self.also],
        }


def ways_down(
    grader: Grader, row: Row, profile: str = "", rules: Sequence[DirectRule] = ()
) -> tuple[Change, ...]:
    """The smallest changes of single inputs that lower the colour, at least by one step.

    A score of LEC or LS to the next lower one that suffices, tonnes of one substance off to the
    kilogram (of all in proportion where none alone suffices), people moved to the next class of α
    that suffices, a control recorded. Where a direct rule holds it has to cease first. Empty where
    there is no grade, or it is blue already.
    """

    def grade(changed: Row) -> Graded:
        return grader.grade_rows([changed], profile, rules)[0]

    now = grade(row)
    if now.grade in (Grade.NO_DATA, Grade.BLUE):
        return ()
    freed, also = _without_rules(row, now, rules)
    found = []
    if also and _lower(grade(freed), now):
        first = also[0]
        found.append(
            Change("rule", first[0], first[1], first[2], grade(freed).grade, first[3], freed,
                   tuple(step[3] for step in also[1:]))
        )  # fmt: skip
    else:
        steps = tuple(step[3] for step in also)
        for move in _moves(grader, freed, profile, lambda changed: _lower(grade(changed), now)):
            found.append(replace(move, grade=grade(move.row).grade, also=steps))
    return tuple(change for change in found if _lower(grade(change.row), now))


def _lower(graded: Graded, than: Graded) -> bool:
    return Grade.NO_DATA is not graded.grade and SEVERITY[graded.grade] < SEVERITY[than.grade]


_Step = tuple[str, str, str, Text]


def _without_rules(
    row: Row, now: Graded, rules: Sequence[DirectRule]
) -> tuple[Row, tuple[_Step, ...]]:
    """The row after the direct rules that hold have ceased, and what that takes."""
    steps: list[_Step] = []
    changed = dict(row)
    for rule in rules:
        while held := rule.holding(changed, now.details):
            condition = next((c for c in held if _can_cease(c)), None)
            if condition is None:
                return row, ()
            before, after = changed.get(condition.field), _ceased(condition)
            changed[condition.field] = after
            text = Text(
                f"使“{rule.title['zh']}”不再成立", f"Make this no longer so: {rule.title['en']}"
            )
            steps.append((condition.field, str(before), str(after), text))
    return changed, tuple(steps)


def _can_cease(condition: Condition) -> bool:
    if condition.field.startswith(RESULT):
        return False
    counts = condition.test == "at_least" and Fraction(condition.value) > 0
    return counts or condition.test == "is_true"


def _ceased(condition: Condition) -> object:
    if condition.test == "is_true":
        return False
    return max(0, math.ceil(Fraction(condition.value)) - 1)


def _moves(
    grader: Grader, row: Row, profile: str, lowers: Callable[[Row], bool]
) -> Iterator[Change]:
    if any(is_missing(row.get(name)) for name in grader.required):
        return  # a grade that is only stated
    if grader.name in ("lec", "ls"):
        yield from _factors(grader, row, lowers)
    else:
        yield from _people(row, lowers)
        yield from _tonnes(row, lowers)
    yield from _control(row, profile or grader.default_profile, lowers)


def _factors(grader: Grader, row: Row, lowers: Callable[[Row], bool]) -> Iterator[Change]:
    for field in grader.required:
        score = exact(row[field], field)
        steps = scale(field.upper()) if grader.name == "lec" else map(Fraction, range(1, 6))
        for lower in sorted((step for step in steps if step < score), reverse=True):
            changed = {**row, field: exact_text(lower)}
            if lowers(changed):
                before, after, name = exact_text(score), exact_text(lower), _FACTORS[field]
                text = Text(
                    f"{name['zh']} 由 {before} 降到 {after}",
                    f"{name['en']} from {before} to {after}",
                )
                yield _change("factor", field, before, after, text, changed)
                break


def _change(kind: str, field: str, before: str, after: str, text: Text, row: Row) -> Change:
    return Change(kind, field, before, after, Grade.NO_DATA, text, row)


def _people(row: Row, lowers: Callable[[Row], bool]) -> Iterator[Change]:
    counted = row.get(COUNTED_FIELD)
    given = row.get("exposed_people")
    if is_missing(given) and isinstance(counted, Mapping) and not counted.get("lower_bound"):
        given = counted["count"]
    if is_missing(given):
        return  # of a number that is only “at least” nobody knows how many have to move
    now = int(exact(given, "exposed_people"))
    tops = [
        int(alpha["max_exclusive"]) - 1
        for alpha in table("gb18218_2018_alpha_levels")
        if alpha["kind"] == "alpha" and alpha["max_exclusive"]
    ]
    for most in sorted((top for top in tops if top < now), reverse=True):
        changed = {**row, "exposed_people": most}
        if lowers(changed):
            text = Text(
                f"厂界外 500 m 内由 {now} 人减到 {most} 人",
                f"People within 500 m of the boundary from {now} to {most}",
            )
            yield _change("people", "exposed_people", str(now), str(most), text, changed)
            return


def _tonnes(row: Row, lowers: Callable[[Row], bool]) -> Iterator[Change]:
    """Each substance that alone suffices, the fewest tonnes first; else all in proportion."""
    substances = parse_substances(str(row["substances"]))
    found = []
    for at, substance in enumerate(substances):
        most_kg = _most(
            0 if len(substances) > 1 else 1,
            math.ceil(substance.tonnes * _KILO),
            lambda kg, at=at: lowers(_with_tonnes(row, substances, {at: Fraction(kg, _KILO)})),  # type: ignore[misc]
        )
        if most_kg is not None:
            found.append(
                (substance.tonnes - Fraction(most_kg, _KILO), at, Fraction(most_kg, _KILO))
            )
    for off, at, after in sorted(found):
        changed = _with_tonnes(row, substances, {at: after})
        yield _tonnes_off(substances[at].label, substances[at].tonnes, after, off, changed)
    if not found and len(substances) > 1:
        yield from _all_tonnes(row, substances, lowers)


def _most(least: int, upper: int, works: Callable[[int], bool]) -> int | None:
    """The largest whole number from `least` to `upper` - 1 that works, if the least does.

    `works` must be monotone.
    """
    if upper <= least or not works(least):
        return None
    low, high = least, upper
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if works(middle) else (low, middle)
    return low


def _with_tonnes(
    row: Row, substances: Sequence[Substance], changed: Mapping[int, Fraction]
) -> dict[str, object]:
    """The row with other tonnes; a substance of which nothing is left is left out."""
    parts = [(one.label, changed.get(at, one.tonnes)) for at, one in enumerate(substances)]
    text = ";".join(f"{label}:{exact_text(tonnes)}" for label, tonnes in parts if tonnes > 0)
    return {**row, "substances": text}


def _tonnes_off(label: str, before: Fraction, after: Fraction, off: Fraction, row: Row) -> Change:
    was, now, less = (exact_text(value) for value in (before, after, off))
    text = Text(
        f"{label} 的设计最大量由 {was} t 降到 {now} t（减 {less} t）",
        f"Design maximum of {label} from {was} t to {now} t ({less} t off)",
    )
    return _change("tonnes", label, was, now, text, row)


def _all_tonnes(
    row: Row, substances: Sequence[Substance], lowers: Callable[[Row], bool]
) -> Iterator[Change]:
    def shares(per_mille: int) -> dict[int, Fraction]:
        return {
            at: Fraction(int(one.tonnes * per_mille), _KILO) for at, one in enumerate(substances)
        }

    def works(per_mille: int) -> bool:
        return not per_mille or lowers(_with_tonnes(row, substances, shares(per_mille)))

    most = _most(0, 1000, works)
    if most:
        percent = exact_text(Fraction(most, 10))
        text = Text(f"所有物质的设计最大量同比降到 {percent}%", f"All design maxima to {percent} %")
        changed = _with_tonnes(row, substances, shares(most))
        yield _change("tonnes", "*", "100%", f"{percent}%", text, changed)


def _control(row: Row, profile: str, lowers: Callable[[Row], bool]) -> Iterator[Change]:
    rule = profile_rule(profile)
    kind, evidence = (str(row.get(name) or "").strip() for name in CONTROL_FIELDS)
    for wanted in sorted(rule.control_kinds):
        if kind in rule.control_kinds and evidence:
            return
        changed = {**row, "control_kind": wanted, "control_evidence": evidence or "?"}
        if lowers(changed):
            yield _change("control", "control_kind", kind, wanted, rule.note, changed)
