"""Substances and tonnes as text: canonical `氨:40;W5.3:20`, and what clerks write instead.

`甲醇[W5.3]:120` adds the hazard category that the safety data sheet gives; `[W5.1/J3]` several.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from ..errors import InputError, Text, UsageError
from .exact import exact, exact_text
from .gb18218_tables import candidates, categories, is_certain

LONGEST_TEXT = 4000

_UNIT_TONNES = {
    "": Fraction(1), "吨": Fraction(1), "公吨": Fraction(1), "t": Fraction(1),
    "kg": Fraction(1, 1000), "千克": Fraction(1, 1000), "公斤": Fraction(1, 1000),
    "g": Fraction(1, 10**6), "克": Fraction(1, 10**6),
}  # fmt: skip
_UNITS = r"公吨|吨|千克|公斤|kg|t|克|g"
_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,9})?"
# Without a colon or a space the name must end in Chinese or a bracket: W5.3 is not 5.3 t of W.
_ENTRY = re.compile(
    rf"(?P<name>.+?)(?:\s*:\s*|\s+|(?<=[)\]\u0080-\U0010ffff]))"
    rf"(?P<number>{_NUMBER})\s*(?P<unit>{_UNITS}|)",
    re.IGNORECASE,
)
_CLASSED = re.compile(
    r"(?P<name>.*?)\s*[\[(](?P<classes>[JW][0-9.]+(?:[/,+][JW][0-9.]+)*)[\])]", re.IGNORECASE
)
_STOCK_WORDS = re.compile(r"\s*(?:设计)?最?大?(?:储存量|存储量|储量|存量|在线量)$")
_ROUGH = re.compile(r"(?:约|大约|左右|不超过|小于|大于|少于|多于|[≈~<>≤≥\-])$")
_THOUSANDS = re.compile(r"[0-9]{3}(?![0-9\-])")
_AFTER_UNIT = re.compile(rf"([0-9]\s*(?:{_UNITS}))(?:\s+(?=\S)|[和及与](?=\S))", re.IGNORECASE)


@dataclass(frozen=True)
class Substance:
    """A substance and its design maximum in tonnes.

    `name` is the name in Table 1, else as written, else empty for a category alone; `categories`
    are hazard categories of Table 2 (J1 to W11). `critical_t` and `beta` replace the standard's
    values only together with `source`, which every result then states.
    """

    name: str
    tonnes: Fraction
    categories: tuple[str, ...] = ()
    critical_t: Fraction | None = None
    beta: Fraction | None = None
    source: str = ""

    def __post_init__(self) -> None:
        given = self.critical_t is not None or self.beta is not None
        for name in ("tonnes", "critical_t", "beta"):
            value = getattr(self, name)
            if value is None and name != "tonnes":
                continue
            number = exact(value, f"{self.label} {name}".strip())
            if number <= 0:
                raise _must_be_positive(self.label, exact_text(number))
            object.__setattr__(self, name, number)
        if given and not self.source:
            raise UsageError(
                "custom_without_source",
                Text("自定义临界量或 β 缺少来源", "A given critical quantity or β has no source"),
                where=self.label,
                fix=Text("请写明依据的文件和条款", "Name the document and clause it comes from"),
            )

    @property
    def label(self) -> str:
        """The substance in canonical text, without its quantity."""
        classes = "/".join(self.categories)
        if not self.name:
            return classes
        return f"{self.name}[{classes}]" if classes else self.name


def parse_substances(text: str) -> tuple[Substance, ...]:
    """The substances of a register's cell, in the order written.

    Accepts names, aliases and CAS numbers of Table 1, category symbols, other names; full-width
    characters; tonnes (the default), kg and g; `;`, `、`, commas and line ends between entries.
    A name the standard does not know is kept as written: grading then says what is needed.
    Raises `InputError` for an empty text, a missing, rough, negative or zero quantity, another
    unit, a category that does not exist.
    """
    if len(text) > LONGEST_TEXT:
        raise _unreadable("substances_too_long", "物质清单过长", "The list is too long", text[:60])
    clean = unicodedata.normalize("NFKC", text).strip().rstrip("。.;")
    found = tuple(_entry(part) for part in _entries(clean))
    if not found:
        raise _unreadable("substances_empty", "没有写物质", "No substance is given", text)
    return found


def canonical_substances(text: str) -> str:
    """The same list as canonical text: `氨:40;甲醇:120.5;W5.3:20`; `InputError` as in parsing."""
    return ";".join(f"{s.label}:{exact_text(s.tonnes)}" for s in parse_substances(text))


def _entries(text: str) -> Iterator[str]:
    text = _AFTER_UNIT.sub(r"\1;", text)
    depth, start = 0, 0
    for at, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        hard = character in ";、\n"
        soft = character == "," and _ends_an_entry(text[start:at], text[at + 1 :])
        if depth <= 0 and (hard or soft):
            yield from filter(None, [text[start:at].strip()])
            start = at + 1
    yield from filter(None, [text[start:].strip()])


def _ends_an_entry(left: str, right: str) -> bool:
    """A comma parts two entries only after a whole entry, never inside 2,4- or 1,000."""
    if left[-1:].isdigit() and right[:1].isdigit() and (":" not in left or _THOUSANDS.match(right)):
        return False
    return _ENTRY.fullmatch(left.strip()) is not None


@lru_cache(maxsize=20_000)
def _entry(part: str) -> Substance:
    match = _ENTRY.fullmatch(part)
    if match is None or ":" in match["name"]:
        raise _unreadable(
            "substance_unreadable",
            "读不出物质和数量",
            "The substance and its quantity cannot be read",
            part,
        )
    name, classes = name_and_classes(match["name"].strip())
    if _ROUGH.search(name):
        raise _unreadable(
            "quantity_rough", "数量不是确定值", "The quantity is not a definite value", part
        )
    amount = Fraction(match["number"].replace(",", ""))
    tonnes = amount * _UNIT_TONNES[match["unit"].lower()]
    if tonnes <= 0:
        raise _must_be_positive(part, match["number"])
    return Substance(name, tonnes, classes)


def name_and_classes(written: str) -> tuple[str, tuple[str, ...]]:
    """The name in Table 1 or as written, and the hazard categories behind it: `甲醇[W5.3]`."""
    written = _STOCK_WORDS.sub("", written) or written
    if re.fullmatch(r"[JWjw][0-9.]+", written):
        return "", (_symbol(written),)
    match = _CLASSED.fullmatch(written)
    name, classes = (match["name"], match["classes"]) if match else (written, "")
    if is_certain(name):
        name = candidates(name)[0].name
    return name, tuple(_symbol(symbol) for symbol in re.split(r"[/,+]", classes) if symbol)


def _symbol(written: str) -> str:
    symbol = written.upper()
    if symbol in categories():
        return symbol
    known = ", ".join(categories())
    raise InputError(
        "category_unknown",
        Text("没有这个危险性类别符号", "There is no such hazard category symbol"),
        where="substances",
        got=written,
        fix=Text(f"可用符号：{known}", f"Symbols: {known}"),
    )


def _must_be_positive(where: str, got: str) -> InputError:
    return InputError(
        "quantity_not_positive",
        Text("数量必须大于 0", "A quantity must be greater than 0"),
        where=where or "substances",
        got=got,
        fix=Text("请填设计最大量(吨)，没有的物质不要写", "Give the design maximum in tonnes"),
    )


def _unreadable(code: str, zh: str, en: str, got: str) -> InputError:
    return InputError(
        code,
        Text(zh, en),
        where="substances",
        got=got,
        fix=Text(
            "请按“物质:吨数”填写，用分号隔开，例如 氨:40;甲醇[W5.3]:120.5；单位只用吨、千克或克",
            "Write substance:tonnes, parted by semicolons, such as 氨:40;甲醇[W5.3]:120.5; "
            "only tonnes, kg or g",
        ),
    )
