"""The maps of an assessment as inline SVG, from data in metres."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from ..assessment import MapData, MapMark
from ..assessment.model import Ring
from ..errors import Lang, Text
from ..vocabulary import GRADES, Grade
from .assessment_charts import shape

WIDTH = 1000.0
_GAPS = (5.0, 9.0, 14.0, 20.0, 28.0)
_MANY = 450
"""One mark per square of the first of these sides that leaves no more than so many marks."""
_TOWN_SIZE, _LABEL_SIZE = 21.0, 17.0
_DIRECTIONS = ((1, 0), (-1, 0), (1, -1), (1, 1), (-1, -1), (-1, 1), (0, -1.2), (0, 1.2))
_AROUND = len(_DIRECTIONS)
"""Places of a number that are near enough to need no line to the mark."""
_WORDS = {
    "towns": Text(
        "各镇(街道)风险指数与重大、较大风险点", "Risk index by town, major and considerable points"
    ),
    "grid": Text("{side} 米网格最高等级", "Worst grade in each {side} m cell"),
    "north": Text("北", "N"),
}

Box = tuple[float, float, float, float]


class _Frame:
    """From metres to the drawing's units: x to the right, y down."""

    def __init__(self, data: MapData) -> None:
        west, south, east, north = data.box_m
        self.west, self.north = west, north
        self.scale = WIDTH / (east - west)
        self.height = (north - south) * self.scale

    def at(self, x_m: float, y_m: float) -> tuple[float, float]:
        return (x_m - self.west) * self.scale, (self.north - y_m) * self.scale

    def path(self, rings: Iterable[Ring], *, closed: bool = True) -> str:
        """Rings as path data with one decimal, points that fall together left out."""
        parts = []
        for ring in rings:
            x = (ring[:, 0] - self.west) * self.scale
            y = (self.north - ring[:, 1]) * self.scale
            points = np.column_stack((x, y)).round(1)
            kept = np.ones(len(points), bool)
            kept[1:] = np.any(points[1:] != points[:-1], axis=1)
            pairs = " ".join(f"{px:g} {py:g}" for px, py in points[kept].tolist())
            parts.append(f"M{pairs}{'Z' if closed else ''}")
        return "".join(parts)


class _Labels:
    """Places texts so that they do not lie on each other; the first placed has the best place."""

    def __init__(self, width: float, height: float) -> None:
        self.taken: list[Box] = []
        self.width, self.height = width, height

    def take(self, box: Box) -> None:
        self.taken.append(box)

    def place(
        self, boxes: Sequence[Box], marks: Sequence[tuple[float, float]], ring: int = 1_000
    ) -> int:
        """The box, inside and on no other text, that covers the fewest marks; taken from now on.

        Every further ring of so many boxes costs as much as a mark half covered. The first box
        where all lie on other texts.
        """
        free = [
            number
            for number, box in enumerate(boxes)
            if box[0] > 0 and box[1] > 0 and box[2] < self.width and box[3] < self.height
            if not any(_overlap(box, other) for other in self.taken)
        ]
        chosen = min(
            free, key=lambda at: _covered(boxes[at], marks) + 0.5 * (at // ring), default=0
        )
        self.taken.append(boxes[chosen])
        return chosen


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _covered(box: Box, marks: Sequence[tuple[float, float]]) -> int:
    """How many marks a box touches."""
    return sum(_overlap(box, (x - 7, y - 7, x + 7, y + 7)) for x, y in marks)


def town_map(data: MapData, lang: Lang) -> str:
    """Towns filled by their index, the red and orange points, the ten worst by number."""
    frame, labels = _Frame(data), _Labels(WIDTH, _Frame(data).height)
    areas = "".join(
        f'<path class="a-{town.fill}" d="{frame.path(town.rings)}"/>'
        f'<path class="edge e-{town.fill}" d="{frame.path(town.rings)}"/>'
        for town in data.towns
    )
    drawn = thinned(data)
    for item in drawn:
        if item.label:
            x, y = frame.at(item.x_m, item.y_m)
            labels.take((x - 8, y - 8, x + 8, y + 8))
    body = [
        _ground(frame, data),
        areas,
        _boundaries(frame, data),
        _marks(frame, drawn),
        _town_names(frame, data, labels, drawn),
        _mark_labels(frame, drawn, labels),
    ]
    return _sheet(frame, "".join(body), _WORDS["towns"][lang], lang)


def grid_map(data: MapData, lang: Lang) -> str:
    """The cells of the grid that hold points, by their worst grade."""
    frame, labels = _Frame(data), _Labels(WIDTH, _Frame(data).height)
    by_grade = {grade: [c.ring for c in data.cells if c.grade is grade] for grade in GRADES}
    cells = "".join(
        f'<path class="cell g-{grade}" d="{frame.path(rings)}"/>'
        for grade, rings in by_grade.items()
        if rings
    )
    body = [
        _ground(frame, data),
        cells,
        _boundaries(frame, data),
        _town_names(frame, data, labels, ()),
    ]
    title = _WORDS["grid"][lang].format(side=data.cell_side_m)
    return _sheet(frame, "".join(body), title, lang)


def _ground(frame: _Frame, data: MapData) -> str:
    """Sea, the land around, the city's land and its main roads."""
    sea = "sea" if data.around else "paper"
    return (
        f'<rect class="{sea}" width="{WIDTH:g}" height="{frame.height:.1f}"/>'
        f'<path class="around" d="{frame.path(data.around)}"/>'
        f'<path class="land" d="{frame.path(data.city)}"/>'
        f'<path class="road-casing" d="{frame.path(data.roads, closed=False)}"/>'
        f'<path class="road" d="{frame.path(data.roads, closed=False)}"/>'
    )


def _boundaries(frame: _Frame, data: MapData) -> str:
    towns = [ring for town in data.towns for ring in town.rings]
    return (
        f'<path class="town-line" d="{frame.path(towns)}"/>'
        f'<path class="city-line" d="{frame.path(data.city)}"/>'
    )


def thinned(data: MapData) -> list[MapMark]:
    """The marks that are drawn: of those that would cover each other the worst one.

    The numbered ones always; where there are many, marks stand further apart, so that the ground
    stays visible.
    """
    frame = _Frame(data)
    order = {grade: rank for rank, grade in enumerate(GRADES)}
    ranked = sorted(data.marks, key=lambda item: (not item.label, order[item.grade]))
    kept: list[MapMark] = []
    for gap in _GAPS:
        seen: set[tuple[int, int]] = set()
        kept = []
        for item in ranked:
            x, y = frame.at(item.x_m, item.y_m)
            place = int(x // gap), int(y // gap)
            if item.label or place not in seen:
                seen.add(place)
                kept.append(item)
        if len(kept) <= _MANY:
            break
    return kept


def _marks(frame: _Frame, marks: Sequence[MapMark]) -> str:
    """One path per grade, orange below red."""
    found = []
    for grade in reversed(GRADES):
        places = [frame.at(item.x_m, item.y_m) for item in marks if item.grade is grade]
        if places:
            path = "".join(_moved(shape(grade), x, y) for x, y in places)
            found.append(f'<path class="mark g-{grade}" d="{path}"/>')
    return "".join(found)


def _moved(path: str, x: float, y: float) -> str:
    """A mark's outline around a position: the two shapes there are, in relative steps."""
    if path.startswith("M0-7"):
        return f"M{x:.1f} {y - 8:.1f}l8 8-8 8-8-8Z"
    return f"M{x:.1f} {y - 7.4:.1f}l7.6 13.4h-15.2Z"


def _width_of(text: str, size: float) -> float:
    return sum(size if ord(letter) > 0x2E7F else 0.56 * size for letter in text)


def _town_names(frame: _Frame, data: MapData, labels: _Labels, drawn: Sequence[MapMark]) -> str:
    """Each name inside its town, where it covers the fewest marks."""
    marks = [frame.at(item.x_m, item.y_m) for item in drawn]
    found = []
    for town in data.towns:
        if town.label_at is None:
            continue
        x, y = frame.at(*town.label_at)
        half, room = _width_of(town.name, _TOWN_SIZE) / 2, town.label_room_m * frame.scale
        steps = [room * part for part in (0.0, -0.35, 0.35, -0.7, 0.7)]
        boxes = [_name_box(x + dx, y + dy, half) for dy in steps for dx in steps]
        box = boxes[labels.place(boxes, marks)]
        middle, base = (box[0] + box[2]) / 2, box[3] - 8
        found.append(
            f'<text class="town" x="{middle:.1f}" y="{base:.1f}">{escape(town.name)}</text>'
        )
    return "".join(found)


def _name_box(x: float, y: float, half: float) -> Box:
    return (x - half - 6, y - _TOWN_SIZE / 2 - 8, x + half + 6, y + _TOWN_SIZE / 2 + 8)


def _mark_labels(frame: _Frame, drawn: Sequence[MapMark], labels: _Labels) -> str:
    """The numbers of the ten worst beside their marks, with a line where they had to move away."""
    marks = [frame.at(item.x_m, item.y_m) for item in drawn]
    found = []
    for item in drawn:
        if not item.label:
            continue
        x, y = frame.at(item.x_m, item.y_m)
        width = _width_of(item.label, _LABEL_SIZE) + 2
        places = [
            (x + dx * (width / 2 + 10 * reach), y + dy * 14 * reach + 6)
            for reach in (1.0, 1.8, 2.8, 4.0)
            for dx, dy in _DIRECTIONS
        ]
        boxes = [(px - width / 2, py - 15, px + width / 2, py + 3) for px, py in places]
        chosen = labels.place(boxes, marks, len(_DIRECTIONS))
        px, py = places[chosen]
        if chosen >= _AROUND:
            found.append(f'<path class="leader" d="M{x:.1f} {y:.1f}L{px:.1f} {py - 6:.1f}"/>')
        found.append(f'<text class="number" x="{px:.1f}" y="{py:.1f}">{escape(item.label)}</text>')
    return "".join(found)


def _sheet(frame: _Frame, body: str, title: str, lang: Lang) -> str:
    height = f"{frame.height:.0f}"
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH:g} {height}" role="img" '
        f'aria-label="{escape(title, quote=True)}" preserveAspectRatio="xMidYMid meet">'
        f"{body}{_scale_bar(frame)}{_north(lang)}"
        f'<rect class="frame" x=".5" y=".5" width="{WIDTH - 1:g}" height="{frame.height - 1:.1f}"/>'
        "</svg>"
    )


def _scale_bar(frame: _Frame) -> str:
    """A bar of a round length, at most a quarter of the width, in four parts."""
    most_m = WIDTH / frame.scale / 4
    power = 10.0 ** np.floor(np.log10(most_m))
    length_m = power * max(step for step in (1, 2, 5) if step * power <= most_m)
    length, y = length_m * frame.scale, frame.height - 26
    quarter = length / 4
    parts = "".join(
        f'<rect class="{"full" if n % 2 == 0 else "empty"}" x="{24 + n * quarter:.1f}" '
        f'y="{y:.1f}" width="{quarter:.1f}" height="6"/>'
        for n in range(4)
    )
    whole = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    return (
        f'<g class="scale">{parts}<text x="24" y="{y - 7:.1f}">0</text>'
        f'<text x="{24 + length:.1f}" y="{y - 7:.1f}">{whole}</text></g>'
    )


def _north(lang: Lang) -> str:
    x, y = WIDTH - 40, 58
    return (
        f'<g class="north"><path class="full" d="M{x} {y - 34}l9 30-9-6Z"/>'
        f'<path class="empty" d="M{x} {y - 34}l-9 30 9-6Z"/>'
        f'<text x="{x}" y="{y + 16}">{_WORDS["north"][lang]}</text></g>'
    )


def drawn_grades(data: MapData) -> tuple[Grade, ...]:
    """The grades whose points are drawn as marks."""
    return tuple(grade for grade in GRADES if any(item.grade is grade for item in data.marks))
