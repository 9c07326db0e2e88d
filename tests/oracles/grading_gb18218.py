"""GB 18218-2018 step by step, for quantities in thousandths of a tonne and substances by name."""

from fractions import Fraction

# name: (critical quantity t, β), read off Tables 1 and 3, or 2 and 4.
KNOWN = {
    "氨": (Fraction(10), 2),
    "氯": (Fraction(5), 4),
    "二氧化硫": (Fraction(20), 2),
    "环氧乙烷": (Fraction(10), 2),
    "硫化氢": (Fraction(5), 5),
    "氟化氢": (Fraction(1), 5),
    "碳酰氯": (Fraction(3, 10), 20),
    "J1": (Fraction(5), 4),
    "W1.1": (Fraction(1), 2),
    "W2": (Fraction(10), Fraction(3, 2)),
    "W5.3": (Fraction(1000), 1),
    "W11": (Fraction(200), 1),
}


def identify(stock: list[tuple[str, int]]) -> Fraction:
    """S of a unit; `stock` is (name, kilograms)."""
    s = Fraction(0)
    for name, kilograms in stock:
        critical_t, _ = KNOWN[name]
        s += Fraction(kilograms, 1000) / critical_t
    return s


def alpha(people: int) -> Fraction:
    """Table 5."""
    if people == 0:
        return Fraction(1, 2)
    if people < 30:
        return Fraction(1)
    if people < 50:
        return Fraction(6, 5)
    return Fraction(3, 2) if people < 100 else Fraction(2)


def colour(stock: list[tuple[str, int]], people: int) -> tuple[str, str | None]:
    """Colour and level of a unit by the policy hazard_level_colours."""
    if identify(stock) < 1:
        return "blue", None
    r = Fraction(0)
    for name, kilograms in stock:
        critical_t, beta = KNOWN[name]
        r += beta * Fraction(kilograms, 1000) / critical_t
    r *= alpha(people)
    if r >= 100:
        return "red", "一级"
    if r >= 50:
        return "orange", "二级"
    return "yellow", "三级" if r >= 10 else "四级"
