"""A register of fictional enterprises of the demo city, with faults planted in known rows.

Everything is drawn from a seed: the places from the store, the names from syllables that stand in
no other test data. Credit codes carry a division code that nobody was given (359999).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import openpyxl
import shapely

from geo_risk.datums import from_wgs84, parse_datum
from geo_risk.geocoding.reasons import CONTRADICTIONS
from geo_risk.intake.credit_code import ALPHABET, check_character, organisation_check_character
from geo_risk.store import Query, Store

COLUMNS = (
    "序号", "企业编号", "企业名称", "统一社会信用代码", "详细地址", "所属镇街", "所属村居",
    "从业人数", "安全负责人", "联系电话", "登记风险等级", "经度", "纬度", "备注",
)  # fmt: skip
Row = dict[str, object]
Point = tuple[float, float]

_STEMS = ("沐岚澄霖朔琅珞筠荻蓼芷蘅屿汐漪澜溯泓霁霏", "墨笙笺砚黛绯苒茗茱荔槿楹榕栩桢檀瓴瓷珩琮")
_TRADES = (
    "纺织", "服饰", "针织", "漂染", "拉链", "五金", "包装", "水产", "食品", "塑胶",
    "机械", "电子", "鞋材", "家具", "建材", "物流",
)  # fmt: skip
_FORMS = (*["有限公司"] * 3, "厂", "（个体）", "有限责任公司", "商行")
_GRADES = ("", "", "蓝", "低风险", "Ⅳ级", "黄色", "一般风险", "橙", "较大", "红", "重大风险", "Ⅰ级")
_SEA_BOX = ((118.80, 24.60), (118.95, 24.74))


@dataclass(frozen=True)
class Fault:
    """What an import must say of a planted row: its outcome, and one of these codes."""

    kind: str
    outcome: str
    codes: frozenset[str]


@dataclass(frozen=True)
class Door:
    """An entry of the address register with the names of its divisions."""

    town: str
    town_code: str
    village: str
    road: str
    number: str
    at: Point


@dataclass
class Register:
    """The rows in file order and, by file row (the header is row 1), the faults planted."""

    rows: list[Row]
    planted: dict[int, Fault]
    kinds: dict[int, str]
    """Per clean file row what is special about it, empty for nothing."""

    def write_csv(self, path: Path, encoding: str = "gb18030") -> Path:
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows([row.get(name, "") for name in COLUMNS] for row in self.rows)
        return path

    def write_xlsx(self, path: Path) -> Path:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("企业台账")
        sheet.append(COLUMNS)
        for row in self.rows:
            sheet.append([None if row.get(c, "") == "" else row[c] for c in COLUMNS])
        book.save(path)
        return path


def full_width(text: object) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in str(text))


def credit_code(number: int) -> str:
    """A code of the division 359999, with both check characters right."""
    organisation = f"MA{number:06d}"
    body = f"91359999{organisation}{organisation_check_character(organisation)}"
    return body + check_character(body)


@dataclass
class _City:
    """What is drawn from: doors, areas, and the position of each in the file's datum."""

    doors: list[Door]
    towns: dict[str, shapely.Geometry]
    city: shapely.Geometry
    neighbours: shapely.Geometry
    foreign: list[shapely.Geometry] = field(default_factory=list)


def _city(store: Store) -> _City:
    towns = {k: (n, shapely.from_wkb(g)) for k, n, g in _rows(store, "towns", "id", "name", "geom")}
    villages = dict(_rows(store, "villages", "id", "name"))
    names = ("town", "village", "road", "number", "geom")
    doors = []
    for town, village, road, number, wkb in _rows(store, "addresses", *names):
        point = shapely.from_wkb(wkb)
        if village in villages and road and number:
            name, at = towns[town][0], (point.x, point.y)
            doors.append(Door(name, town, villages[village], road, number.removesuffix("号"), at))
    areas = [shapely.from_wkb(g) for (g,) in _rows(store, "surroundings", "geom")]
    (city,) = (shapely.from_wkb(g) for (g,) in _rows(store, "city", "geom"))
    return _City(doors, dict(towns.values()), city, shapely.union_all(areas), areas)


def _rows(store: Store, layer: str, *names: str) -> Iterator[tuple]:
    return iter(store.columns(Query(layer), names))


class Generator:
    """Draws rows; each new company takes a door, a stem and a number that no other has."""

    def __init__(self, store: Store, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.city = _city(store)
        self._doors = [self.city.doors[i] for i in self.rng.permutation(len(self.city.doors))]
        stems = [a + b for a in _STEMS[0] for b in _STEMS[1]]
        stems += [b + a for a in _STEMS[0] for b in _STEMS[1]]
        stems += [a + b + c for a in _STEMS[0][:8] for b in _STEMS[1] for c in _STEMS[1] if b != c]
        self._stems = [stems[i] for i in self.rng.permutation(len(stems))]
        self._number = 0

    def pick(self, among: Sequence) -> object:
        return among[int(self.rng.integers(len(among)))]

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def door(self, suits: Callable[[Door], bool] = lambda _: True) -> Door:
        at = next(i for i, door in enumerate(self._doors) if suits(door))
        return self._doors.pop(at)

    def name(self) -> str:
        name = f"{self._stems.pop()}{self.pick(_TRADES)}{self.pick(_FORMS)}"
        return f"{self.pick(('', '石狮市', '福建省石狮市', '石狮'))}{name}"

    def address(self, door: Door, form: int | None = None) -> str:
        """One of the ways a clerk writes it; the number always says the door."""
        bare = door.village.removesuffix("委会").removesuffix("居委会").removesuffix("居")
        chain = f"{door.town}{bare}{door.road}"
        number = f"{door.number}号"
        forms = (
            f"福建省泉州市石狮市{chain}{number}",
            f"福建省石狮市{chain}{number}",
            f"石狮市{chain}{number}",
            f"{chain}{number}",
            f"石狮市{door.town}{door.village}{door.road}{number}",
            f"福建省 泉州市 石狮市 {door.town} {bare} {door.road} {number}",
            f"石狮市{chain}{full_width(door.number)}号",
            f"石狮市{chain}{number}3楼",
            f"泉州市石狮市{chain}{number}（2号楼）",
            f"{door.town}{bare}，{door.road}{number}A栋201室",
        )
        return forms[int(self.rng.integers(len(forms))) if form is None else form]

    def near(self, at: Point, reach_m: float = 15.0) -> Point:
        east, north = self.rng.uniform(-reach_m, reach_m, 2)
        return at[0] + east / 101_000, at[1] + north / 110_700

    def company(self, door: Door | None = None) -> Row:
        """A sound row without its coordinates."""
        door = door or self.door()
        self._number += 1
        code, credit = f"PL{self._number:05d}", credit_code(self._number)
        kind = self.rng.random()
        code = self.pick(("", "", "/", "无")) if kind < 0.15 else code
        credit = self.pick(("", "无", "－")) if kind < 0.05 or kind > 0.85 else credit
        written = (str, str.lower, full_width, lambda c: f" {c[:8]} {c[8:]} ")
        people = int(np.exp(self.rng.uniform(1, 7)))
        told = (people, str(people), full_width(people), f"{people:,}", f"{people}人", "")
        town = (door.town, door.town, f"石狮市{door.town}", door.town_code, "", "/")
        return {
            "企业编号": code,
            "企业名称": self.name(),
            "统一社会信用代码": self.pick(written)(credit) if self.chance(0.3) else credit,
            "详细地址": self.address(door),
            "所属镇街": self.pick(town),
            "所属村居": door.village if self.chance(0.5) else "",
            "从业人数": self.pick(told),
            "安全负责人": f"{self.pick('陈林王蔡吴李黄')}某",
            "联系电话": self.pick((19900000000 + self._number, f"0595-{80000000 + self._number}")),
            "登记风险等级": self.pick(_GRADES),
            "备注": self.pick(("", "正常生产", "停产", "2024年新增")),
        }

    def at(self, row: Row, place: Point) -> Row:
        """The row with coordinates in GCJ-02, in one of the ways they are written."""
        lon, lat = (float(v[0]) for v in from_wgs84(*place, parse_datum("gcj02")))
        lon, lat = round(lon, 7), round(lat, 7)
        ways = (lambda v: v, str, full_width, lambda v: f" {v} ", _sexagesimal)
        way = ways[int(self.rng.choice(5, p=(0.7, 0.1, 0.1, 0.05, 0.05)))]
        return {**row, "经度": way(lon), "纬度": way(lat)}

    def sound(self) -> Row:
        """A sound row with its own coordinates beside its door."""
        door = self.door()
        return self.at(self.company(door), self.near(door.at))

    def somewhere(self, box: tuple[Point, Point], fits: Callable[[shapely.Point], bool]) -> Point:
        for _ in range(10_000):
            x, y = self.rng.uniform(*box)
            if fits(shapely.Point(x, y)):
                return float(x), float(y)
        raise RuntimeError("no such place")


def _sexagesimal(value: float) -> str:
    degrees, rest = divmod(value, 1)
    minutes, rest = divmod(rest * 60, 1)
    return f"{int(degrees)}°{int(minutes)}′{rest * 60:.2f}″"


def _plain(g: Generator) -> Iterator[tuple[str, Row]]:
    while True:
        yield "", g.sound()


def _by_address(g: Generator) -> Iterator[tuple[str, Row]]:
    while True:
        yield "address_only", g.company()


def _second_sites(g: Generator) -> Iterator[tuple[str, Row]]:
    """Two sites of one company: one credit code and name, own register codes and addresses."""
    while True:
        first, second = g.sound(), g.sound()
        g._number += 1
        alike = {"企业名称": first["企业名称"], "统一社会信用代码": credit_code(g._number)}
        for n, row in enumerate((first, second)):
            yield "second_site", {**row, **alike, "企业编号": f"PL{g._number:05d}-{n + 1}"}


def _neighbours_alike(g: Generator) -> Iterator[tuple[str, Row]]:
    """Different companies a stone's throw apart whose names differ by one mark."""
    pairs = (("一厂", "二厂"), ("第1分厂", "第2分厂"), ("（东区）", "（西区）"), ("A厂", "B厂"))
    while True:
        door, stem = g.door(), f"石狮市{g._stems.pop()}{g.pick(_TRADES)}"
        for ending in g.pick(pairs):
            row = {**g.company(door), "企业名称": stem + ending}
            yield "alike", g.at(row, g.near(door.at, 40))


def _halls(g: Generator) -> Iterator[tuple[str, Row]]:
    """Market halls and shared buildings: several companies, one coordinate, one building."""
    words = (
        "轻纺市场{s}区{n}号店面",
        "A栋{n}楼",
        "商贸大厦{n}层",
        "辅料批发市场{n}号铺",
        "之{n}号",
    )
    for turn in range(10**9):
        door, words_of_hall = g.door(), words[turn % len(words)]
        place = g.near(door.at)
        spot = g.at({}, place)
        for n in range(1, 9):
            stall = words_of_hall.format(s="ABC"[n % 3], n=n)
            base = g.address(door, n % 5)
            yield "hall", {**g.company(door), **spot, "详细地址": base + stall}


def _halls_by_name(g: Generator) -> Iterator[tuple[str, Row]]:
    """Halls known by their name: no tenant writes the number, or some do and some do not."""
    for turn in range(10**9):
        door, hall = g.door(), f"{g._stems.pop()}{g.pick(('轻纺市场', '商贸城', '大厦'))}"
        spot = g.at({}, g.near(door.at))
        for n in range(1, 9):
            number = f"{door.road}{door.number}号" if turn % 2 and n % 4 else ""
            place = f"{door.village.removesuffix('委会').removesuffix('居')}{number}{hall}"
            address = f"石狮市{door.town}{place}{n}号店面"
            yield "hall_by_name", {**g.company(door), **spot, "详细地址": address}


def _bare_positions(g: Generator) -> Iterator[tuple[str, Row]]:
    """Coordinates alone: the address column holds nothing, or a mark for it."""
    while True:
        row = g.sound()
        yield "no_address", {**row, "详细地址": g.pick(("", "/", "无", "不详"))}


def _one_stroke_apart(g: Generator) -> Iterator[tuple[str, Row]]:
    """Neighbours of one trade whose brands share a character."""
    while True:
        door, (first, second) = g.door(), g.rng.choice(list(_STEMS[1]), 2, replace=False)
        for stem in (f"{_STEMS[0][3]}{first}", f"{_STEMS[0][3]}{second}"):
            row = {**g.company(door), "企业名称": f"{stem}纺织服装有限公司"}
            yield "brands", g.at(row, g.near(door.at, 40))


def _near_border(g: Generator) -> Iterator[tuple[str, Row]]:
    """Positions up to 200 m beyond the border that the map draws around their town."""
    while True:
        door = g.door(lambda d: d.town in g.city.towns)
        ring = g.city.towns[door.town].boundary
        for _ in range(50):
            at = ring.interpolate(g.rng.uniform(0, ring.length))
            point = shapely.Point(g.near((at.x, at.y), 140))
            if g.city.city.contains(point):
                yield "border", g.at(g.company(door), (point.x, point.y))
                break


_CLEAN = (
    (_by_address, 240), (_second_sites, 40), (_neighbours_alike, 120), (_halls, 160),
    (_near_border, 80), (_halls_by_name, 80), (_bare_positions, 60), (_one_stroke_apart, 40),
    (_plain, 1180),
)  # fmt: skip


def _missing_name(g: Generator) -> Iterator[Row]:
    for blank in ("", " ", "\u3000", "-", "/") * 4:
        yield {**g.sound(), "企业名称": blank}


def _wrong_check(g: Generator) -> Iterator[Row]:
    for n in range(20):
        row, code = g.sound(), credit_code(900_000 + n)
        at = 17 if n % 2 else int(g.rng.integers(8, 16))
        wrong = g.pick([c for c in ALPHABET[:10] if c != code[at]])
        yield {**row, "统一社会信用代码": f"{code[:at]}{wrong}{code[at + 1 :]}"}


def _swapped(g: Generator) -> Iterator[Row]:
    for _ in range(20):
        row = g.sound()
        yield {**row, "经度": row["纬度"], "纬度": row["经度"]}


def _at_sea(g: Generator) -> Iterator[Row]:
    land = shapely.union(g.city.city, g.city.neighbours).buffer(0.012)
    for _ in range(20):
        yield g.at(g.company(), g.somewhere(_SEA_BOX, lambda p: not land.contains(p)))


def _other_county(g: Generator) -> Iterator[Row]:
    near = g.city.city.buffer(0.012)
    for n in range(20):
        area = g.city.foreign[n % len(g.city.foreign)]
        west, south, east, north = area.bounds
        box = ((west, south), (east, north))
        place = g.somewhere(box, lambda p, a=area: a.contains(p) and not near.contains(p))
        yield g.at(g.company(), place)


def _half(g: Generator) -> Iterator[Row]:
    for n in range(20):
        yield {**g.sound(), ("经度", "纬度")[n % 2]: ("", " ", "-", "/")[n % 4]}


def _far_from_town(g: Generator) -> Iterator[Row]:
    for n in range(20):
        door = g.door(lambda d: not d.town.endswith("开发区"))
        far = g.city.towns[door.town].buffer(0.034)
        other = next(d for d in g._doors if not far.contains(shapely.Point(d.at)))
        stated = {"所属镇街": door.town if n % 2 else "", "所属村居": ""}
        yield {**g.at(g.company(door), other.at), **stated}


def _contradictions(g: Generator) -> Iterator[Row]:
    for n in range(20):
        door = g.door()
        elsewhere = g.door(lambda d, own=door.town: d.town != own)
        tail = f"{door.road}{door.number}号"
        own = elsewhere.village.removesuffix("委会").removesuffix("居")
        address, town = (
            (f"石狮市英林镇嘉排村{tail}", ""),
            (f"福建省泉州市晋江市英林镇嘉排村{tail}", ""),
            (f"厦门市思明区{tail}", door.town),
            (f"广东省东莞市虎门镇{tail}", ""),
            (f"石狮市{door.town}{own}{elsewhere.road}{elsewhere.number}号", ""),
            (f"石狮市{elsewhere.town}{elsewhere.road}{elsewhere.number}号", door.town),
            (f"福建省泉州市惠安县{door.town}{tail}", ""),
            (f"浙江省石狮市{door.town}{tail}", ""),
            (f"石狮市陈埭镇{tail}", door.town),
            (f"晋江市{door.town}{tail}", door.town),
        )[n % 10]
        yield {**g.company(door), "详细地址": address, "所属镇街": town, "所属村居": ""}


def _piles(g: Generator) -> Iterator[Row]:
    for size in (5, 6, 9):
        first = g.door()
        spot = g.at({}, first.at)
        for _ in range(size):
            door = g.door(lambda d, v=first.village: d.village == v)
            yield {**g.company(door), **spot}


def _zeros(g: Generator) -> Iterator[Row]:
    for zero in (0, "0", "0.0", "０", 0.0) * 4:
        row = {**g.company(), "详细地址": "", "所属镇街": "", "所属村居": ""}
        yield {**row, "经度": zero, "纬度": zero}


def _fault(outcome: str, *codes: str) -> tuple[str, frozenset[str]]:
    return outcome, frozenset(codes)


_FAULTS: Mapping[str, tuple[Callable[[Generator], Iterator[Row]], tuple[str, frozenset[str]]]] = {
    "missing_name": (_missing_name, _fault("rejected", "required_missing")),
    "wrong_check": (_wrong_check, _fault("rejected", "value_invalid")),
    "swapped": (_swapped, _fault("queued", "coordinate_swapped")),
    "at_sea": (_at_sea, _fault("rejected", "position_at_sea")),
    "other_county": (_other_county, _fault("rejected", "position_in_other_county")),
    "half": (_half, _fault("rejected", "coordinate_half")),
    "far_from_town": (_far_from_town, _fault("queued", "position_far_from_town")),
    "contradiction": (_contradictions, ("queued", CONTRADICTIONS)),
    "pile": (_piles, _fault("queued", "pile_up")),
    "zero": (_zeros, _fault("queued", "address_empty")),
}
_DUPLICATE = Fault("duplicate", *_fault("rejected", "duplicate_row"))
DUPLICATES = 20


def register(store: Store, seed: int) -> Register:
    """2,000 clean rows, 200 of ten kinds of fault, and 20 at (0, 0), in a random order."""
    g = Generator(store, seed)
    lines: list[tuple[Row, Fault | None, str]] = []
    for make, count in _CLEAN:
        rows = make(g)
        lines += [(row, None, kind) for kind, row in (next(rows) for _ in range(count))]
    for at in g.rng.choice(len(lines), DUPLICATES, replace=False):
        lines.append((dict(lines[at][0]), _DUPLICATE, "copy"))
    for kind, (make, (outcome, codes)) in _FAULTS.items():
        lines += [(row, Fault(kind, outcome, codes), "") for row in make(g)]
    lines = [lines[i] for i in g.rng.permutation(len(lines))]
    return _numbered(lines)


def _numbered(lines: Sequence[tuple[Row, Fault | None, str]]) -> Register:
    """In file order; of two copies the later one is the fault."""
    result = Register([], {}, {})
    seen: dict[str, int] = {}
    for row_number, (row, meant, kind) in enumerate(lines, 2):
        written, fault = repr(row), meant
        if meant is None and written in seen:
            fault = _DUPLICATE
            result.kinds[seen[written]] = kind
        elif meant is _DUPLICATE and written not in seen:
            fault = None
        seen.setdefault(written, row_number)
        if fault is None:
            result.kinds[row_number] = kind
        else:
            result.planted[row_number] = fault
        result.rows.append({"序号": row_number - 1, **row})
    return result
