"""Declared datums: what an import may say its coordinates are."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from geo_risk.errors import Text, UsageError


@dataclass(frozen=True)
class Datum:
    """What the coordinates of a file refer to.

    `name` is canonical (`gcj02`, `EPSG:4549`); `epsg` is None for GCJ-02 and BD-09, which have
    no code; `projected` says that x and y are metres, not degrees.
    """

    name: str
    epsg: int | None
    projected: bool


@dataclass(frozen=True)
class EpsgRange:
    """Consecutive EPSG codes that an import may declare."""

    first: int
    last: int
    title: Text
    projected: bool = True


ALLOWED_EPSG = (
    EpsgRange(4326, 4326, Text("WGS84 经纬度", "WGS84 longitude and latitude"), False),
    EpsgRange(4490, 4490, Text("CGCS2000 经纬度", "CGCS2000 longitude and latitude"), False),
    EpsgRange(4258, 4258, Text("ETRS89 经纬度", "ETRS89 longitude and latitude"), False),
    EpsgRange(3857, 3857, Text("网络墨卡托", "Web Mercator")),
    EpsgRange(4491, 4501, Text("CGCS2000 六度带，带号前缀", "CGCS2000 6-degree, zone prefix")),
    EpsgRange(4502, 4512, Text("CGCS2000 六度带，无带号", "CGCS2000 6-degree, no prefix")),
    EpsgRange(4513, 4533, Text("CGCS2000 三度带，带号前缀", "CGCS2000 3-degree, zone prefix")),
    EpsgRange(4534, 4554, Text("CGCS2000 三度带，无带号", "CGCS2000 3-degree, no prefix")),
    EpsgRange(32601, 32660, Text("WGS84 / UTM 北半球", "WGS84 / UTM north")),
    EpsgRange(32701, 32760, Text("WGS84 / UTM 南半球", "WGS84 / UTM south")),
    EpsgRange(25828, 25838, Text("ETRS89 / UTM", "ETRS89 / UTM")),
    EpsgRange(3067, 3067, Text("芬兰 TM35FIN", "Finland TM35FIN")),
    EpsgRange(3873, 3885, Text("芬兰 GK19–GK31FIN", "Finland GK19FIN to GK31FIN")),
)
"""Datums that need a national grid to be exact (北京54, 西安80) are left out on purpose."""

_NAMED = {
    "wgs84": Datum("wgs84", 4326, False),
    "cgcs2000": Datum("cgcs2000", 4490, False),
    "gcj02": Datum("gcj02", None, False),
    "bd09": Datum("bd09", None, False),
}
_FIX = Text(
    "请声明 wgs84、cgcs2000、gcj02、bd09 或 EPSG:N（如 EPSG:4549）。猜错的后果："
    "在石狮，GCJ-02 当作 WGS84 偏 561 米，BD-09 偏 1161 米",
    "Declare wgs84, cgcs2000, gcj02, bd09 or EPSG:N (such as EPSG:4549). A wrong guess costs: "
    "in Shishi, GCJ-02 taken for WGS84 is 561 m off, BD-09 1161 m",
)


def parse_datum(text: str | None) -> Datum:
    """The declared datum: `wgs84|cgcs2000|gcj02|bd09|EPSG:N` in any case, `-` and `_` ignored.

    Raises `UsageError` `datum_missing` for nothing, `datum_unknown` for anything else, an EPSG
    code outside `ALLOWED_EPSG` included. A datum is never guessed.
    """
    plain = unicodedata.normalize("NFKC", text or "").strip().casefold()
    if not plain:
        raise UsageError(
            "datum_missing",
            Text("没有声明坐标系", "No datum was declared"),
            where="--datum",
            fix=_FIX,
        )
    short = "".join(c for c in plain if c not in "-_ ")
    if short in _NAMED:
        return _NAMED[short]
    digits = plain.removeprefix("epsg:")
    if digits != plain and digits.isascii() and digits.isdigit() and len(digits) <= 6:
        datum = _epsg_datum(int(digits))
        if datum is not None:
            return datum
    raise UsageError(
        "datum_unknown",
        Text("不认识的坐标系", "This datum is not known here"),
        where="--datum",
        got=text,
        fix=_FIX,
    )


def _epsg_datum(code: int) -> Datum | None:
    for datum in _NAMED.values():
        if datum.epsg == code:
            return datum
    for known in ALLOWED_EPSG:
        if known.first <= code <= known.last:
            return Datum(f"EPSG:{code}", code, known.projected)
    return None
