"""How far a camera sees finely enough: from pixels, lens and sensor to a range on the ground.

Formulas and their sources: docs/methods/visibility.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ..errors import Text, UsageError
from ..reference import table

Projection = Literal["rectilinear", "equidistant"]


@dataclass(frozen=True)
class Level:
    """A level of picture, by the pixels that a metre across the line of sight takes up."""

    scheme: str
    name: str
    px_per_m: float
    clause: str
    verified: bool


def levels(unverified: bool = False) -> tuple[Level, ...]:
    """The levels of the standards; those without a source only where asked for."""
    every = (
        Level(
            *(row["scheme"], row["level"], float(row["px_per_m"]), row["clause"]),
            verified=row["verified"] == "verified",
        )
        for row in table("camera_pixel_density")
    )
    return tuple(level for level in every if level.verified or unverified)


def level(name: str, scheme: str | None = None) -> Level:
    """The level of a name; the scheme is needed only where two have it.

    Raises `UsageError` `level_unknown`, naming those there are.
    """
    found = [one for one in levels() if one.name == name and scheme in (None, one.scheme)]
    if len(found) != 1:
        names = ", ".join(f"{one.scheme} {one.name}" for one in levels())
        raise UsageError(
            "level_unknown",
            Text("没有这个像素密度等级", "There is no such level of pixel density"),
            where="level",
            got=name if scheme is None else f"{scheme} {name}",
            fix=Text(f"可用：{names}", f"There are: {names}"),
        )
    return found[0]


def hfov_deg(sensor_width_mm: float, focal_length_mm: float) -> float:
    """Horizontal field of view in degrees of a rectilinear lens: 2 atan(width / (2 focal))."""
    _positive("sensor_width_mm", sensor_width_mm)
    _positive("focal_length_mm", focal_length_mm)
    return math.degrees(2.0 * math.atan(sensor_width_mm / (2.0 * focal_length_mm)))


def range_m(
    pixels: float,
    px_per_m: float,
    hfov_deg: float,
    *,
    projection: Projection = "rectilinear",
    drop_m: float = 0.0,
) -> float:
    """How far from the camera's foot a metre across still takes `px_per_m` of `pixels` columns.

    Rectilinear (an ordinary lens, below 180 degrees): pixels / (px_per_m 2 tan(hfov / 2)), the
    distance in the middle of the picture, where it is least. Equidistant (fisheye and stitched
    pictures, up to all round): pixels / (px_per_m hfov), hfov in radians. `drop_m` is how much
    lower the target is than the camera: the range is along the line of sight, what is returned its
    part in the plane, 0 where the drop alone is farther. Raises `UsageError` `camera_invalid`.
    """
    for name, value in (("pixels", pixels), ("px_per_m", px_per_m), ("hfov", hfov_deg)):
        _positive(name, value)
    widest = 179.0 if projection == "rectilinear" else 360.0
    if hfov_deg > widest:
        raise _invalid("hfov", hfov_deg, f"≤ {widest:g}° ({projection})")
    angle = math.radians(hfov_deg)
    across = 2.0 * math.tan(angle / 2.0) if projection == "rectilinear" else angle
    far_m = pixels / (px_per_m * across)
    return math.sqrt(max(far_m * far_m - drop_m * drop_m, 0.0))


def _positive(name: str, value: float) -> None:
    if not 0.0 < value < math.inf:
        raise _invalid(name, value, "> 0")


def _invalid(where: str, got: float, wanted: str) -> UsageError:
    words = Text("摄像机参数不正确", "A property of the camera is not valid")
    return UsageError(
        "camera_invalid", words, where=where, got=got, fix=Text(f"给出 {wanted}", f"Give {wanted}")
    )
