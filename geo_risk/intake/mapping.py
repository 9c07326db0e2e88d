"""Which column feeds which field: known words first, then words nearly known, never a guess.

How the confidence comes about is told in docs/methods/intake-tables.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from geo_risk.catalogue import FieldSpec, LayerSpec
from geo_risk.errors import Text, UsageError

from .affixes import OWN_NOUNS, is_others, trimmed
from .header_words import (
    ALIEN,
    EXACT,
    LONLAT_WORDS,
    OUTLINE_WORDS,
    TRIMMED,
    X_WORDS,
    Y_WORDS,
    Reading,
    datum_of,
    normal_header,
    readings,
)
from .model import ColumnMap

TAKEN_FROM = 0.80
"""A column is taken from here on. One wrong character in a word of six leaves 0.83; two words of
four that differ in one (单位地址, 单位网址) have 0.75 and mostly mean two things."""
SUGGESTED_FROM = 0.60
"""Below this, alike headers are alike by chance."""
_UNSURE = 0.75
_SHORTEST = {True: 5, False: 6}
_SECOND_THINGS = frozenset(("phone", "responsible", "code", "credit_code", "x", "y", "people"))
"""In brackets behind another field's word these are a second value in the cell: 负责人(电话)."""
_NARROWED = {("lonlat", "x"), ("lonlat", "y"), ("address", "lonlat")}
"""The word in brackets says what is meant: 坐标(经度), 位置(经纬度)."""
_COORDINATES = ("x", "y", "lonlat", "outline")
_OTHERS = frozenset(
    map(normal_header, ("altitude", "海拔", "高程", "精度", "维数", "角度", "速度", "浓度", "温度"))
)
_PARTED = re.compile(r"[(（\[【/／|]")
OWN_MARK = "※"
"""The columns that the error workbook adds begin with it; they are left out when it comes back."""


@dataclass(frozen=True, order=True)
class _Offer:
    """A column that may feed a target; the smallest is the best."""

    doubt: float
    foreign: bool
    rank: int
    order: int
    at: int
    target: str

    @property
    def confidence(self) -> float:
        return 1.0 - self.doubt


class _Words:
    """The words of a layer's targets: whose each is, and how early it comes there."""

    def __init__(self, spec: LayerSpec) -> None:
        self.nouns = tuple(OWN_NOUNS.get(spec.id, (spec.title["zh"],)))
        wanted = {field.name: _words(field) for field in spec.fields}
        for target in ("name", "code"):
            listed = wanted.get(target, [])
            wanted[target] = [word for word in listed if not is_others(word, spec.id)]
        coordinates = (X_WORDS, Y_WORDS, LONLAT_WORDS, OUTLINE_WORDS)
        for target, words in zip(_COORDINATES, coordinates, strict=True):
            wanted[target] = list(dict.fromkeys(map(normal_header, words)))
        self.order = {target: order for order, target in enumerate(wanted)}
        self.of: dict[str, tuple[str, int]] = {}
        # A word of two fields is the parent's, then the rarer one's: 企业编号 is the enterprise of
        # a risk point, never its own code.
        for target in sorted(wanted, key=lambda t: (t != "enterprise_id", len(wanted[t]))):
            for rank, word in enumerate(wanted[target]):
                self.of.setdefault(word, (target, rank))

    def is_foreign(self, word: str) -> bool:
        return not any(noun in word for noun in self.nouns)


def _words(field: FieldSpec) -> list[str]:
    words = [field.name, field.label["zh"], field.label["en"], *field.synonyms]
    return list(dict.fromkeys(normal_header(word) for word in words))


def _known(column: str, words: _Words) -> dict[str, tuple[float, int]]:
    """Targets of a column by its words: confidence and rank."""
    found: dict[str, tuple[float, int]] = {}

    def add(word: str, confidence: float, reading: Reading) -> None:
        target, rank = words.of[word]
        other, other_rank = words.of.get(reading.rest, (target, rank))
        if other != target and len(reading.rest) > 1:
            if (target, other) in _NARROWED and not reading.sides:
                target, rank = other, other_rank
            elif reading.sides or other in _SECOND_THINGS:
                # 负责人/电话 holds two things: neither is taken unasked.
                confidence = min(confidence, _UNSURE)
        if (confidence, -rank) > (found.get(target, (0.0, 0))[0], -found.get(target, (0, 0))[1]):
            found[target] = confidence, rank

    for reading in readings(column):
        if reading.word in words.of:
            add(reading.word, reading.confidence, reading)
            continue
        if reading.confidence == EXACT and _PARTED.search(column):
            continue  # 负责人/电话 is not the word 负责人电话
        for core, target in trimmed(reading.word, words.nouns):
            if words.of.get(core, ("", 0))[0] == target:
                add(core, round(reading.confidence * TRIMMED, 3), reading)
    return found


def _alike(word: str, known: str) -> float:
    """How surely a word is a misspelt known one; capped where it may be another thing."""
    score = fuzz.ratio(word, known) / 100
    latin = word.isascii()
    if score < SUGGESTED_FROM or latin != known.isascii() or min(len(word), len(known)) < 3:
        return 0.0
    if re.sub(r"\D", "", word) != re.sub(r"\D", "", known) or ALIEN.search(word):
        return 0.0
    more = word.startswith(known) or word.endswith(known)
    tail = 1 if latin else 2
    ends = word[0] == known[0] and (latin or word[-tail:] == known[-tail:])
    short = min(len(word), len(known)) < _SHORTEST[latin]
    return min(score, _UNSURE) if more or short or not ends else min(score, 0.9)


def _offers(columns: Sequence[str], at: int, words: _Words, fuzzy: bool) -> list[_Offer]:
    column = columns[at]
    found = _known(column, words)
    if fuzzy and not found:
        plain = {reading.word for reading in (readings(column)[:1] + readings(column)[-1:])}
        for part in sorted(plain - _OTHERS):
            for word, (target, rank) in words.of.items():
                alike = _alike(part, word)
                if alike > found.get(target, (0.0, 0))[0]:
                    found[target] = alike, rank
    foreign = words.is_foreign(normal_header(column))
    return [
        _Offer(round(1 - confidence, 3), foreign, rank, words.order[target], at, target)
        for target, (confidence, rank) in found.items()
        if confidence >= SUGGESTED_FROM
    ]


def _pair(offers: Iterable[_Offer], columns: Sequence[str]) -> tuple[_Offer, _Offer] | None:
    """The surest x and y that do not name two datums, near each other."""
    xs = [offer for offer in offers if offer.target == "x"]
    ys = [offer for offer in offers if offer.target == "y"]
    pairs = [
        (x.doubt + y.doubt, x.foreign + y.foreign, x.rank + y.rank, abs(x.at - y.at), x.at, x, y)
        for x in xs
        for y in ys
        if x.at != y.at and _same_datum(columns[x.at], columns[y.at])
    ]
    return min(pairs)[-2:] if pairs else None


def _same_datum(one: str, two: str) -> bool:
    return len({datum_of(one), datum_of(two)} - {None}) <= 1


def _unknown_column(name: str, columns: Sequence[str]) -> UsageError:
    listed = ", ".join(columns)[:300]
    return UsageError(
        "map_column_unknown",
        Text("指定的列不在文件中", "The column named is not in the file"),
        where="map",
        got=name,
        fix=Text(f"文件中的列: {listed}", f"Columns of the file: {listed}"),
    )


def _target(name: str, spec: LayerSpec) -> str:
    wanted = name.strip()
    if wanted in ("-", *_COORDINATES) or wanted in spec.by_name:
        return wanted
    plain = normal_header(wanted)
    for field in spec.fields:
        if plain in map(normal_header, (field.name, field.label["zh"], field.label["en"])):
            return field.name
    zh = ", ".join(f"{field.name}({field.label['zh']})" for field in spec.fields)
    en = ", ".join(field.name for field in spec.fields)
    raise UsageError(
        "map_target_unknown",
        Text("该图层没有这个字段", "The layer has no such field"),
        where="map",
        got=name,
        fix=Text(
            f"可用: {zh}, x(经度), y(纬度), lonlat(经纬度同列), outline(边界坐标), -(不导入)",
            f"Use one of {en}, x, y, lonlat, outline, or - to leave the column out",
        ),
    )


def _chosen(columns: Sequence[str], spec: LayerSpec, chosen: Mapping[str, str]) -> dict[int, str]:
    """Column index -> target as the user says; a `UsageError` for what cannot be."""
    found: dict[int, str] = {}
    plain = [normal_header(column) for column in columns]
    for header, name in chosen.items():
        if header in columns:
            at = list(columns).index(header)
        elif plain.count(normal_header(header)) == 1 and normal_header(header):
            at = plain.index(normal_header(header))
        else:
            raise _unknown_column(header, columns)
        target = _target(name, spec)
        if target != "-" and target in found.values():
            raise UsageError(
                "map_target_twice",
                Text("两列指定给同一个字段", "Two columns are mapped to one field"),
                where="map",
                got=f"{header}={name}",
                fix=Text("每个字段只指定一列", "Map one column to each field"),
            )
        found[at] = target
    return found


def _need_pair(x: int | None, y: int | None, told: Mapping[int, str]) -> None:
    if (x is None) != (y is None) and {"x", "y"} & set(told.values()):
        lacking = "y" if y is None else "x"
        name = {"x": "经度", "y": "纬度"}[lacking]
        raise UsageError(
            "map_pair_missing",
            Text(f"只指定了一个坐标，缺{name}列", f"One coordinate is mapped, {lacking} is not"),
            where="map",
            fix=Text(f"再指定 --map 列名={lacking}", f"Add --map HEADER={lacking}"),
        )


def _taken(
    columns: Sequence[str], offers: list[_Offer], told: Mapping[int, str]
) -> dict[str, tuple[int, float]]:
    """Target -> column and confidence; what the user says first, then the surest offers."""
    taken = {target: (at, EXACT) for at, target in told.items() if target != "-"}
    used = set(told)
    sure = [offer for offer in offers if offer.confidence >= TAKEN_FROM and offer.at not in used]
    if "lonlat" not in taken:
        known = [_Offer(0, False, 0, 0, taken[t][0], t) for t in ("x", "y") if t in taken]
        pair = _pair([*known, *(o for o in sure if o.target not in taken)], columns)
        for offer in pair or ():
            taken.setdefault(offer.target, (offer.at, offer.confidence))
            used.add(offer.at)
    both = "x" in taken or "y" in taken
    for offer in sorted(sure):
        barred = offer.target in ("x", "y") or (offer.target == "lonlat" and both)
        if offer.target not in taken and offer.at not in used and not barred:
            taken[offer.target] = offer.at, offer.confidence
            used.add(offer.at)
    return taken


def _suggested(
    offers: list[_Offer], taken: Mapping[str, tuple[int, float]], told: Mapping[int, str]
) -> dict[int, tuple[str, float]]:
    used = {at for at, _ in taken.values()} | set(told)
    barred = set(taken) | (
        {"lonlat"} if "x" in taken else {"x", "y"} if "lonlat" in taken else set()
    )
    found: dict[int, tuple[str, float]] = {}
    for offer in sorted(offers):
        if offer.at not in used and offer.target not in barred:
            found.setdefault(offer.at, (offer.target, round(offer.confidence, 3)))
    return dict(sorted(found.items()))


def map_columns(
    columns: Sequence[str], spec: LayerSpec, chosen: Mapping[str, str] | None = None
) -> ColumnMap:
    """Map headers to a layer's fields and to coordinates, with a confidence for each.

    Parameters
    ----------
    chosen : header -> field, label, `x`, `y`, `lonlat`, `outline` or `-` (leave out); goes before
        everything else. A header or target that is not there is a `UsageError`.

    A target takes its surest column: a known word (1.0) before a shortened one (0.95), a trimmed
    (0.9), a misspelt one; among equals the layer's own noun, then the earlier synonym. Columns
    below `TAKEN_FROM` are only suggested; the rest is in `unmapped`.
    """
    words, told = _Words(spec), _chosen(columns, spec, chosen or {})
    own = {at for at, column in enumerate(columns) if column.lstrip().startswith(OWN_MARK)}
    free = [at for at in range(len(columns)) if at not in told and at not in own]
    offers = [offer for at in free for offer in _offers(columns, at, words, fuzzy=True)]
    taken = _taken(columns, offers, told)
    at_of = {target: at for target, (at, _) in taken.items()}
    _need_pair(at_of.get("x"), at_of.get("y"), told)
    ignored = sorted(own | {at for at, target in told.items() if target == "-"})
    used = {*at_of.values(), *ignored}
    points: list[str] = [t for t in ("x", "y", "lonlat") if t in at_of]
    hints = [datum_of(columns[at_of[t]]) for t in points or ["outline"] if t in at_of]
    return ColumnMap(
        {field.name: at_of[field.name] for field in spec.fields if field.name in at_of},
        at_of.get("x"),
        at_of.get("y"),
        at_of.get("outline"),
        [column for at, column in enumerate(columns) if at not in used],
        lonlat=at_of.get("lonlat"),
        confidence={target: round(confidence, 3) for target, (_, confidence) in taken.items()},
        suggested=_suggested(offers, taken, told),
        ignored=[columns[at] for at in ignored],
        datum_hint=next(filter(None, hints), None),
    )
