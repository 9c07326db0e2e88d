"""Which column feeds which field: the layer's own words, the nearest synonym first."""

from __future__ import annotations

from collections.abc import Sequence

from geo_risk.catalogue import FieldSpec, LayerSpec

from .header import OUTLINE_WORDS, X_WORDS, Y_WORDS, normal_header, short_header
from .model import ColumnMap

_X, _Y, _OUTLINE = "\0x", "\0y", "\0outline"


def _words(field: FieldSpec) -> list[str]:
    words = [field.name, field.label["zh"], field.label["en"], *field.synonyms]
    return list(dict.fromkeys(normal_header(word) for word in words))


def _positions(columns: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Per word the first column that carries it and how far it was shortened (0 or 1)."""
    found: dict[str, tuple[int, int]] = {}
    for step, normal in enumerate((normal_header, short_header)):
        for at, column in enumerate(columns):
            word = normal(column)
            if word:
                found.setdefault(word, (at, step))
    return found


def _wanted(spec: LayerSpec) -> dict[str, list[str]]:
    """The words of each field and of the coordinates; a word of two fields is the rarer one's.

    So 企业编号 is the enterprise of a risk point, never its own code.
    """
    wanted: dict[str, list[str]] = {field.name: _words(field) for field in spec.fields}
    owner: dict[str, str] = {}
    for name in sorted(wanted, key=lambda name: len(wanted[name])):
        for word in wanted[name]:
            owner.setdefault(word, name)
    wanted = {name: [w for w in words if owner[w] == name] for name, words in wanted.items()}
    for name, words in ((_X, X_WORDS), (_Y, Y_WORDS), (_OUTLINE, OUTLINE_WORDS)):
        wanted[name] = [normal_header(word) for word in words]
    return wanted


def map_columns(columns: Sequence[str], spec: LayerSpec) -> ColumnMap:
    """Map headers to a layer's fields and to coordinates.

    A column goes to the field for which it is the earlier synonym, a field takes its earliest
    synonym that is there; whole headers go before headers without their brackets. The rest is
    in `unmapped`.
    """
    found = _positions(columns)
    wanted = _wanted(spec)
    offers = sorted(
        (rank, found[word][1], order, name, found[word][0])
        for order, (name, words) in enumerate(wanted.items())
        for rank, word in enumerate(words)
        if word in found
    )
    taken: dict[str, int] = {}
    used: set[int] = set()
    for *_, name, at in offers:
        if name not in taken and at not in used:
            taken[name] = at
            used.add(at)
    x, y = taken.pop(_X, None), taken.pop(_Y, None)
    outline = taken.pop(_OUTLINE, None)
    if x is None or y is None:
        used -= {x, y}
        x = y = None
    unmapped = [column for at, column in enumerate(columns) if at not in used]
    ordered = {field.name: taken[field.name] for field in spec.fields if field.name in taken}
    return ColumnMap(ordered, x, y, outline, unmapped)
