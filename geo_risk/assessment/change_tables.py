"""The tables of what changed."""

from __future__ import annotations

from ..errors import Lang
from ..vocabulary import GRADES
from .model import Change, PolicyChange
from .table import Cell, Column, Table, count_columns
from .times import local_time
from .words import MOVE_SHORT, MOVE_WORDS, WORDS


def change_tables(change: Change, lang: Lang) -> list[Table]:
    """By grade, by kind, by town, and the items that changed."""
    grades = tuple(GRADES)
    counts = tuple(
        (grade, then, now, now - then)
        for grade, then, now in zip(grades, change.then.counts, change.now.counts, strict=True)
    )
    whole = change.then.total, change.now.total
    figures = (
        Column(WORDS["then"][lang], "count"),
        Column(WORDS["now"][lang], "count"),
        Column(WORDS["difference"][lang], "signed"),
    )
    by_grade = Table(
        "change_by_grade",
        "change",
        WORDS["change_by_grade"][lang],
        WORDS["change_note"][lang],
        (Column(WORDS["grade"][lang], "grade"), *figures),
        (*counts, (WORDS["all"][lang], *whole, whole[1] - whole[0])),
        total=True,
    )
    kinds = Table(
        "change_by_kind",
        "change",
        WORDS["change_by_kind"][lang],
        "",
        (Column(WORDS["kind_of_change"][lang], "text"), Column(WORDS["items"][lang], "count")),
        tuple((MOVE_WORDS[kind][lang], number) for kind, number in change.counts.items()),
    )
    return [by_grade, kinds, _by_town(change, lang), _moved(change, lang)]


def change_remarks(change: Change, lang: Lang) -> list[str]:
    """What must be known to read the change: where the history begins, what policies changed."""
    found = []
    if change.history_begins:
        at = local_time(change.history_begins)
        found.append(WORDS["history_begins"][lang].format(at=at))
    for policy in change.policies:
        what = WORDS["comma"][lang].join(_what_changed(policy, lang))
        found.append(
            WORDS["policy_changed"][lang].format(
                layer=policy.layer_title[lang], what=what, n=policy.items
            )
        )
    return found


def _what_changed(policy: PolicyChange, lang: Lang) -> list[str]:
    (old, new), (then, now) = policy.profiles, policy.rules
    parts = []
    if old != new:
        parts.append(WORDS["profile_changed"][lang].format(then=old or "–", now=new or "–"))
    if then != now:
        joined = (WORDS["comma"][lang].join(names) or "–" for names in (then, now))
        parts.append(WORDS["rules_changed"][lang].format(then=next(joined), now=next(joined)))
    return parts


def change_line(change: Change, lang: Lang) -> str:
    """The change in one line: how many of each kind."""
    joint = "，" if lang == "zh" else ", "
    counts = [
        f"{MOVE_SHORT[kind][lang] if lang == 'zh' else MOVE_SHORT[kind][lang].lower()} {number}"
        for kind, number in change.counts.items()
        if number
    ]
    since = WORDS["compared_line"][lang].format(since=local_time(change.since))
    return since + (joint.join(counts) or WORDS["none_changed"][lang])


def _by_town(change: Change, lang: Lang) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for group, tally in change.towns:
        pairs = zip(group.tally.counts, tally.counts, strict=True)
        differences = tuple(after - before for after, before in pairs)
        rows.append((group.name[lang], tally, group.tally, *differences))
    then, now = WORDS["then"][lang], WORDS["now"][lang]
    signed = tuple(Column(f"{c.label} ±", "signed", c.grade) for c in count_columns(lang))
    return Table(
        "change_by_town",
        "change",
        WORDS["change_by_town"][lang],
        WORDS["change_by_town_note"][lang],
        (Column(WORDS["town"][lang], "text"), Column(then, "bar"), Column(now, "bar"), *signed),
        tuple(rows),
    )


def _moved(change: Change, lang: Lang) -> Table:
    number = sum(change.counts.values())
    listed = len(change.moved)
    note = WORDS["moved_all"] if listed == number else WORDS["moved_cut"]
    return Table(
        "changed_items",
        "change",
        WORDS["changed_items"][lang],
        note[lang].format(n=number, listed=listed) if number else "",
        (
            Column(WORDS["kind_of_change"][lang], "text"),
            Column(WORDS["id"][lang], "id"),
            Column(WORDS["name"][lang], "text"),
            Column(WORDS["layer"][lang], "text"),
            Column(WORDS["where"][lang], "text"),
            Column(WORDS["from_to"][lang], "move"),
            Column(WORDS["what_changed"][lang], "long"),
        ),
        tuple(
            (
                MOVE_SHORT[item.kind][lang],
                item.id,
                item.name,
                item.layer_title[lang],
                item.where,
                (item.before, item.after),
                item.reason[lang] if item.reason else "",
            )
            for item in change.moved
        ),
        empty=WORDS["no_change"][lang],
    )
