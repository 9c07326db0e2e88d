"""Rows that may be one: the same credit code, or a similar name close by.

How names are compared is told in docs/methods/position-checks.md.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import cpdist

from geo_risk.datums.robust import metres_per_degree
from geo_risk.errors import Text
from geo_risk.geocoding import normalise
from geo_risk.geocoding.names import PROVINCES, division_forms

from .model import Finding

Floats = NDArray[np.float64]
Pairs = NDArray[np.intp]

GENERIC_COUNT = 10
"""A name borne by so many rows (消火栓, 配电房) says what a thing is, not which one."""
_NEIGHBOURS = 50
_CHUNK = 500_000
_LEGAL = re.compile(
    r"股份有限公司|有限责任公司|有限公司|集团公司|总公司|公司|\(?(?:个体工商户|个体户|个体)\)?"
    r"|实业|发展|集团|\(?普通合伙\)?|\(?有限合伙\)?"
)
_DIVISION = re.compile(r"[\u4e00-\u9fff]{2,3}?(?:省|自治州|市(?!场|政|民)|县)")
_NUMERALS = {c: str(i) for i, c in enumerate("零一二三四五六七八九")}
_NUMERAL = re.compile(r"第?([零一二三四五六七八九十]+|\d+)")
_MARKS = re.compile(
    r"\d+|[A-Z]+|[东西南北前后左右上下内外新老旧大小男女甲乙丙丁]"
    r"|分公司|分厂|分店|仓库|宿舍|食堂|车间|办公楼|锅炉|油罐|罐区|变电|配电"
)
_TRADES = (
    "纺织|服装|服饰|针织|织造|印染|漂染|染整|染织|制衣|织带|拉链|纽扣|绣花|印花|布业|布行|面料"
    "|水产|冷冻|食品|塑料|塑胶|五金|机械|化工|石化|仓储|物流|包装|纸箱|纸业|电子|贸易|商贸|商行"
    "|工贸|实业|发展|建材|家具|鞋业|鞋材|加油站|加气站|酒店|宾馆|超市|餐饮|幼儿园|小学|中学|医院"
    "|卫生院|批发|市场|加工|制造|科技|工艺|用品|制品|材料|原料|产品|企业|集团"
)
_TRADE = re.compile(_TRADES)
_KIND = re.compile(r"(?:厂|店|行|部|站|院|校|园|库|馆|楼|城|所|坊|社|场|铺|吧)$")


@dataclass(frozen=True)
class KnownRows:
    """Rows of the store to compare with; the arrays are as long as `ids`."""

    ids: Sequence[str]
    names: Sequence[str | None]
    credit_codes: Sequence[str | None]
    lon: Floats
    lat: Floats
    group: Sequence[str | None] | None = None


@lru_cache(maxsize=1)
def _province() -> re.Pattern[str]:
    forms = {form for name in PROVINCES.values() for form in division_forms(name)}
    return re.compile("|".join(sorted(map(re.escape, forms), key=len, reverse=True)))


@lru_cache(maxsize=64)
def _short_forms(divisions: tuple[str, ...]) -> re.Pattern[str]:
    forms = {form for name in divisions if name for form in division_forms(name)}
    ordered = sorted(map(re.escape, forms), key=len, reverse=True)
    return re.compile("(?:" + "|".join(ordered) + r")(?!场|政|民|路|街)" if ordered else r"(?!)")


def company_core(name: str, divisions: tuple[str, ...] = ()) -> str:
    """A name without divisions, legal form and marks of writing; numerals as digits.

    `福建省石狮市恒兴服装有限公司` and `恒兴服装(个体)` are both 恒兴服装; what would leave fewer
    than two characters stays whole. `divisions` are names such as 石狮市: their short form (石狮)
    is left out as well.
    """
    full = "".join(c for c in normalise(name) if c.isalnum() or c in "()")
    core = _LEGAL.sub(lambda found: "" if not _is_branch(full, found) else found[0], full)
    head = _province().match(core)
    if head and len(core) - head.end() >= 2:
        core = core[head.end() :]
    for _ in range(3):
        division = _short_forms(divisions).match(core) or _DIVISION.match(core)
        if division and len(core) - division.end() >= 2:
            core = core[division.end() :]
    core = _NUMERAL.sub(_digits, core.replace("(", "").replace(")", ""))
    return core if len(core) >= 2 else full


def _is_branch(text: str, found: re.Match[str]) -> bool:
    return found[0] == "公司" and text[: found.start()].endswith("分")


def _digits(found: re.Match[str]) -> str:
    text = found[1]
    if text.isdigit() and text.isascii():
        return text.lstrip("0") or "0"
    if "十" in text:
        tens, _, ones = text.partition("十")
        return f"{_NUMERALS.get(tens, '1')}{_NUMERALS.get(ones, '0')}"
    return "".join(_NUMERALS[c] for c in text)


def marks(core: str) -> str:
    """What must be equal in one thing's names: numbers, letters, sides, sizes, kinds of part."""
    return " ".join(_MARKS.findall(core))


def brand(core: str) -> str:
    """The name without its trades and its last word of kind: 恒兴 of 恒兴纺织服装厂."""
    return _TRADE.sub("", _KIND.sub("", core))


def similar(first: str, second: str, percent: float) -> float:
    """How similar two cores are, 0 to 100; 0 below `percent` or when they cannot be one thing.

    Marks must be equal, and so must the brands unless one is longer by characters left out: one
    trade and two brands are two companies, however long the trade's words.
    """
    if first == second:
        return 100.0
    if marks(first) != marks(second):
        return 0.0
    score = float(ratio(first, second, score_cutoff=percent))
    if not score:
        return 0.0
    ends = _KIND.search(first), _KIND.search(second)
    if ends[0] and ends[1] and ends[0][0] != ends[1][0]:
        return 0.0
    one, two = sorted((brand(first), brand(second)), key=len)
    return score if one == two or (len(one) >= 3 and _left_out(one, two)) else 0.0


def _left_out(short: str, long: str) -> bool:
    """Whether `short` is `long` with characters left out."""
    rest = iter(long)
    return len(short) < len(long) and all(c in rest for c in short)


@dataclass(frozen=True)
class _Rows:
    """Import and store in one: the first `new` rows are the import's."""

    new: int
    labels: list[Text]
    ids: list[str]
    names: list[str]
    codes: list[str]
    lon: Floats
    lat: Floats
    group: list[str]


def near_duplicates(
    rows: Sequence[int],
    ids: Sequence[str],
    names: Sequence[str | None],
    credit_codes: Sequence[str | None],
    lon: Floats,
    lat: Floats,
    *,
    group: Sequence[str | None] | None = None,
    known: KnownRows | None = None,
    near_m: float = 100.0,
    similar_percent: float = 88.0,
    divisions: tuple[str, ...] = (),
) -> list[Finding]:
    """Rows with another id that may be the same thing: `credit_code_repeated`, `near_duplicate`.

    Rows with equal ids are never compared: importing the same again is no duplicate. `group` is
    the enterprise of each row: two rows of different groups are two things, two of one group only
    one thing when their names are equal in one spelling. Each row gets at most one finding of
    each code, naming its nearest likeness; a row with a repeated code is not named twice.
    `divisions` are the names of the city and its parents, left out of the names compared.
    """
    every = _joined(rows, ids, names, credit_codes, lon, lat, group, known)
    cores = [company_core(name, divisions) for name in every.names]
    found = _repeated_codes(rows, every)
    coded = {finding.row for finding in found}
    near = _near(rows, every, cores, near_m, similar_percent)
    return sorted(
        found + [finding for finding in near if finding.row not in coded],
        key=lambda finding: finding.row,
    )


def _joined(
    rows: Sequence[int],
    ids: Sequence[str],
    names: Sequence[str | None],
    codes: Sequence[str | None],
    lon: Floats,
    lat: Floats,
    group: Sequence[str | None] | None,
    known: KnownRows | None,
) -> _Rows:
    labels = [Text(f"第 {row} 行", f"row {row}") for row in rows]
    own = [g or "" for g in group] if group is not None else [""] * len(labels)
    store = known or KnownRows((), (), (), np.empty(0), np.empty(0))
    other = [g or "" for g in store.group] if store.group is not None else [""] * len(store.ids)
    taken = set(ids)
    keep = [i for i, key in enumerate(store.ids) if key not in taken]
    labels += [Text(f"库中 {store.ids[i]}", f"{store.ids[i]} in the store") for i in keep]
    return _Rows(
        len(rows),
        labels,
        [*ids, *(store.ids[i] for i in keep)],
        [name or "" for name in (*names, *(store.names[i] for i in keep))],
        [code or "" for code in (*codes, *(store.credit_codes[i] for i in keep))],
        np.concatenate([lon, np.asarray(store.lon)[keep]]),
        np.concatenate([lat, np.asarray(store.lat)[keep]]),
        own + [other[i] for i in keep],
    )


_CHECK = Text("核对是否同一家，保留一条", "Check whether they are one, and keep one")


def _repeated_codes(rows: Sequence[int], every: _Rows) -> list[Finding]:
    holders: dict[str, list[int]] = defaultdict(list)
    for i, code in enumerate(every.codes):
        if code:
            holders[normalise(code)].append(i)
    found = []
    for code, members in holders.items():
        first = members[0]
        second = next((i for i in members if every.ids[i] != every.ids[first]), None)
        if second is None:
            continue
        for i in members:
            if i < every.new:
                other = second if every.ids[i] == every.ids[first] else first
                message = Text(
                    f"信用代码 {code} 与{every.labels[other]['zh']}“{every.names[other]}”相同",
                    f"Credit code {code} is also that of {every.labels[other]['en']} "
                    f"({every.names[other]})",
                )
                at = int(rows[i]), "credit_code", "credit_code_repeated"
                found.append(Finding(*at, "flagged", message, _CHECK))
    return found


def _near(
    rows: Sequence[int],
    every: _Rows,
    cores: Sequence[str],
    near_m: float,
    similar_percent: float,
) -> list[Finding]:
    best: dict[int, tuple[float, float, int]] = {}
    for pairs, distances_m in _close_pairs(every, cores, near_m):
        one, two = pairs[:, 0].tolist(), pairs[:, 1].tolist()
        likely = cpdist(
            [cores[i] for i in one],
            [cores[j] for j in two],
            scorer=ratio,
            score_cutoff=similar_percent,
        )
        for at in np.flatnonzero(likely).tolist():
            i, j = one[at], two[at]
            score = _score(every, cores, i, j, similar_percent)
            if score:
                _keep_best(best, every.new, (i, j), (-score, float(distances_m[at])))
    return [_near_finding(rows[i], every, j, m, -s) for i, (s, m, j) in best.items()]


def _score(every: _Rows, cores: Sequence[str], i: int, j: int, percent: float) -> float:
    if i >= every.new or every.ids[i] == every.ids[j]:
        return 0.0
    if every.group[i] and every.group[j]:
        return 100.0 if every.group[i] == every.group[j] and cores[i] == cores[j] else 0.0
    return similar(cores[i], cores[j], percent)


def _keep_best(
    best: dict[int, tuple[float, float, int]],
    new: int,
    pair: tuple[int, int],
    rank: tuple[float, float],
) -> None:
    for one, two in (pair, pair[::-1]):
        if one < new:
            best[one] = min(best.get(one, (*rank, two)), (*rank, two))


def _near_finding(row: int, every: _Rows, other: int, distance_m: float, score: float) -> Finding:
    label, name = every.labels[other], every.names[other]
    message = Text(
        f"与{label['zh']}“{name}”相距 {distance_m:.0f} 米，名称相似 {score:.0f}%，疑似重复",
        f"{distance_m:.0f} m from {label['en']} ({name}), names {score:.0f}% alike: perhaps one",
    )
    return Finding(int(row), "name", "near_duplicate", "flagged", message, _CHECK)


def _close_pairs(
    every: _Rows, cores: Sequence[str], near_m: float
) -> Iterator[tuple[Pairs, Floats]]:
    """Pairs i < j within `near_m` that share marks and the first or the last two characters.

    A grid as wide as the distance, sorted by (column, row, key): a pair lies in one cell or in
    neighbouring ones. A row meets at most 50 rows of a cell, those next in name.
    """
    often = Counter(cores)
    usable = [bool(core) and often[core] < GENERIC_COUNT for core in cores]
    good = np.flatnonzero(np.isfinite(every.lon) & np.isfinite(every.lat) & np.array(usable, bool))
    if len(good) < 2:
        return
    per_lon, per_lat = metres_per_degree(every.lat[good].mean())
    x, y = every.lon * per_lon, every.lat * per_lat
    seen = np.empty(0, dtype=np.int64)
    for part in (slice(0, 2), slice(-2, None)):
        keys = [f"{marks(cores[i])}|{cores[i][part]}" for i in good.tolist()]
        pairs = _grid_pairs(good, x, y, np.unique(keys, return_inverse=True)[1], cores, near_m)
        codes = np.unique(pairs[:, 0].astype(np.int64) * len(cores) + pairs[:, 1])
        codes = np.setdiff1d(codes, seen, assume_unique=True)
        seen = np.concatenate([seen, codes])
        for at in range(0, len(codes), _CHUNK):
            one, two = np.divmod(codes[at : at + _CHUNK], len(cores))
            yield np.column_stack([one, two]), np.hypot(x[one] - x[two], y[one] - y[two])


def _grid_pairs(
    good: Pairs, x: Floats, y: Floats, key: Pairs, cores: Sequence[str], near_m: float
) -> Pairs:
    column = np.floor(x[good] / near_m).astype(np.int64)
    line = np.floor(y[good] / near_m).astype(np.int64)
    column, line = column - column.min() + 1, line - line.min() + 1
    high, kinds = int(line.max()) + 2, int(key.max()) + 1

    def code(right: int, up: int) -> NDArray[np.int64]:
        cells: NDArray[np.int64] = ((column + right) * high + line + up) * kinds + key
        return cells

    names = np.unique([cores[i] for i in good.tolist()], return_inverse=True)[1]
    order = np.lexsort((names, code(0, 0)))
    cells = code(0, 0)[order]
    found = []
    for right, up in ((0, 0), (0, 1), (1, -1), (1, 0), (1, 1)):
        wanted = code(right, up)[order]
        start = np.searchsorted(cells, wanted, "left")
        if (right, up) == (0, 0):
            start = np.arange(len(order)) + 1
        count = np.clip(np.searchsorted(cells, wanted, "right") - start, 0, _NEIGHBOURS)
        first = np.repeat(np.arange(len(order)), count)
        step = np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
        one, two = good[order[first]], good[order[start[first] + step]]
        near = np.hypot(x[one] - x[two], y[one] - y[two]) <= near_m
        found.append(np.sort(np.column_stack([one[near], two[near]]), axis=1))
    return np.concatenate(found)
