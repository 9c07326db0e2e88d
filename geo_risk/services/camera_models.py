"""Camera models: the generic ones that ship, and a planner's own as a small TOML file.

A model says what a camera has in its picture; how far follows from the pixels asked per metre
(docs/methods/cameras.md).
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_risk.errors import InputError, Text, UsageError
from geo_risk.reference import table
from geo_risk.siting.cameras_optics import Projection, hfov_deg, level, range_m
from geo_risk.siting.cameras_views import Camera

_TABLE = "camera_models"
_MOST_BYTES = 65_536
_BOUNDS = {
    "pixels": (16.0, 100_000.0),
    "sensor_width_mm": (0.5, 100.0),
    "focal_length_mm": (0.5, 2_000.0),
    "hfov_deg": (1.0, 360.0),
    "range_m": (1.0, 5_000.0),
    "height_m": (0.5, 200.0),
    "target_height_m": (0.0, 50.0),
    "form": (1.0, 7.0),
}
_WORDS = ("name", "level", "scheme", "projection")
_PROJECTIONS = ("rectilinear", "equidistant")
_LONGEST = 100


@dataclass(frozen=True)
class Model:
    """A camera model: `view` is what it sees, `form` its PTZType in GB/T 28181.

    `level` names the picture from whose pixels per metre the range follows, empty where the range
    is given.
    """

    name: str
    view: Camera
    form: int
    level: str
    px_per_m: float | None
    pixels: int | None

    def as_json(self) -> dict[str, Any]:
        """What a plan says of its cameras."""
        return {
            "name": self.name,
            "range_m": round(self.view.range_m, 3),
            "hfov_deg": round(self.view.hfov_deg, 3),
            "height_m": self.view.height_m,
            "target_height_m": self.view.target_height_m,
            "level": self.level or None,
            "px_per_m": self.px_per_m,
            "pixels": self.pixels,
        }


def model_of(text: str, *, picture: str = "") -> Model:
    """The model of a name, or of a `.toml` file; `picture` asks for another level than its own.

    `UsageError` `camera_unknown`, `level_unknown`, `camera_invalid`; `InputError`
    `camera_unreadable`, `camera_key_unknown`, `camera_value_invalid`, `camera_incomplete`.
    """
    path = Path(text)
    if path.suffix.lower() == ".toml":
        return _model(_read(path), path.name, picture)
    rows = {row["name"]: row for row in table(_TABLE)}
    if text not in rows:
        names = ", ".join(rows)
        raise UsageError(
            "camera_unknown",
            Text("没有这个摄像机型号", "There is no such camera model"),
            where="--camera",
            got=text,
            fix=Text(f"可用：{names}，或 .toml 文件", f"There are: {names}; or give a .toml file"),
        )
    words = ("name_zh", "name_en", "clause", "verified")
    given = {key: value for key, value in rows[text].items() if value and key not in words}
    return _model({key: _number(key, value) for key, value in given.items()}, text, picture)


def _number(key: str, value: str) -> str | float:
    return float(value) if key in _BOUNDS else value


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            body = file.read(_MOST_BYTES + 1)
        if len(body) > _MOST_BYTES:
            raise ValueError
        return tomllib.loads(body.decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        raise InputError(
            "camera_unreadable",
            Text("型号文件读不出来", "The camera file cannot be read"),
            where=path.name,
            fix=Text("写成 UTF-8 的 TOML，不超过 64 KB", "Write TOML in UTF-8, at most 64 KB"),
        ) from None


def _model(given: Mapping[str, Any], where: str, picture: str) -> Model:
    for key, value in given.items():
        _check(key, value, where)
    wide = _hfov(given, where)
    height, target = given.get("height_m"), float(given.get("target_height_m", 0.0))
    if height is not None and not target < height:
        raise _bad(where, "target_height_m", target, Text("低于 height_m", "Below height_m"))
    asked = picture or str(given.get("level", ""))
    far, px_per_m = given.get("range_m"), None
    if picture or far is None:
        far, px_per_m = _range(given, where, wide, asked)
    else:
        asked = ""
    pixels = given.get("pixels")
    return Model(
        name=str(given.get("name") or where),
        view=Camera(float(far), wide, None if height is None else float(height), target),
        form=int(given.get("form", 3)),
        level=asked,
        px_per_m=px_per_m,
        pixels=None if pixels is None else int(pixels),
    )


def _hfov(given: Mapping[str, Any], where: str) -> float:
    if "hfov_deg" in given:
        return float(given["hfov_deg"])
    if "sensor_width_mm" in given and "focal_length_mm" in given:
        return hfov_deg(float(given["sensor_width_mm"]), float(given["focal_length_mm"]))
    raise _incomplete(where, "hfov_deg, sensor_width_mm + focal_length_mm")


def _range(given: Mapping[str, Any], where: str, wide: float, asked: str) -> tuple[float, float]:
    """Metres in the plane, and the pixels per metre that they keep."""
    if "pixels" not in given or not asked:
        raise _incomplete(where, "range_m, pixels + level")
    density = level(asked, given.get("scheme")).px_per_m
    projection: Projection = "rectilinear" if wide <= 179.0 else "equidistant"
    if "projection" in given:
        projection = given["projection"]
    drop_m = float(given.get("height_m", 0.0)) - float(given.get("target_height_m", 0.0))
    far = range_m(given["pixels"], density, wide, projection=projection, drop_m=max(drop_m, 0.0))
    if far < _BOUNDS["range_m"][0]:
        words = Text("按此像素密度看不到地面", "At this pixel density it does not reach the ground")
        fix = Text("换焦距、像素或等级", "Choose another lens, sensor or level")
        got = f"{far:g} m ({asked}, {density:g} px/m)"
        raise UsageError("camera_invalid", words, where=where, got=got, fix=fix)
    return far, density


def _check(key: str, value: object, where: str) -> None:
    if key in _BOUNDS:
        low, high = _BOUNDS[key]
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (number and math.isfinite(value) and low <= value <= high):  # type: ignore[arg-type, operator]
            raise _bad(where, key, value, Text(f"{low:g} 到 {high:g}", f"From {low:g} to {high:g}"))
    elif key in _WORDS:
        fits = isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable()
        if not fits or (key == "projection" and value not in _PROJECTIONS):
            names = " | ".join(_PROJECTIONS) if key == "projection" else "…"
            raise _bad(where, key, value, Text(f"文字 {names}", f"A text: {names}"))
    else:
        known = ", ".join((*_WORDS, *_BOUNDS))
        raise InputError(
            "camera_key_unknown",
            Text("型号文件中有不认识的键", "The camera file has an unknown key"),
            where=where,
            got=key,
            fix=Text(f"可用：{known}", f"There are: {known}"),
        )


def _bad(where: str, key: str, value: object, fix: Text) -> InputError:
    words = Text("型号的值不正确", "A value of the camera is not valid")
    return InputError("camera_value_invalid", words, where=f"{where}, {key}", got=value, fix=fix)


def _incomplete(where: str, wanted: str) -> InputError:
    words = Text("型号缺少参数", "The camera lacks a property")
    fix = Text(f"给出其一：{wanted}", f"Give one of: {wanted}")
    return InputError("camera_incomplete", words, where=where, fix=fix)
