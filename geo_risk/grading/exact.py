"""Exact numbers: what a clerk or a program writes becomes a `Fraction`; 0.1 is one tenth."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real

from ..errors import Text, UsageError

Number = str | int | float | Fraction

LONGEST_BITS = 600
_PLAIN = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")


def exact(value: object, field: str) -> Fraction:
    """The number as a `Fraction`; a float counts as the decimal it prints as.

    Full-width digits are read. `UsageError` naming the field for text that is no plain number,
    NaN, infinity, true or false.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, Integral) and not isinstance(value, bool):
        return Fraction(int(value))
    if isinstance(value, (Real, Decimal)) and not isinstance(value, bool) and math.isfinite(value):
        return Fraction(Decimal(str(value)))
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value).strip()
        if _PLAIN.fullmatch(text):
            return Fraction(text)
    raise UsageError(
        "number_illegal",
        Text(f"{field} 不是数值", f"{field} is not a number"),
        where=field,
        got=value,
        fix=Text("请填写普通十进制数，例如 0.5", "Write a plain decimal number such as 0.5"),
    )


def exact_text(number: Fraction) -> str:
    """The number in full: a decimal where it ends (`0.5`), else a fraction (`4/3`).

    One of hundreds of digits, which no standard gives, is told by its first 17 (`≈1.234…`).
    """
    if number.denominator.bit_length() > LONGEST_BITS:
        return f"≈{float(number):.17g}"
    if number.denominator == 1:
        return str(number.numerator)
    rest, twos, fives = number.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{number.numerator}/{number.denominator}"
    places = max(twos, fives)
    digits = str(abs(number.numerator) * 10**places // number.denominator).zfill(places + 1)
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def said(number: Fraction) -> str:
    """The number for a sentence: exact, and with its decimal where it does not end."""
    text = exact_text(number)
    return f"{text}≈{float(number):.6g}" if "/" in text else text


def unknown_score(factor: str, name: Text, value: object, fix: Text) -> UsageError:
    """The error for a score that a factor does not have; the field is the factor in lower case."""
    return UsageError(
        "score_unknown",
        Text(f"{factor}（{name['zh']}）没有这个分值", f"{factor} ({name['en']}) has no such score"),
        where=factor.lower(),
        got=value,
        fix=fix,
    )
