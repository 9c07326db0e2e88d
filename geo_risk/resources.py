"""Where the shipped files are: the only module that knows a wheel from a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from .errors import StoreError, Text

_PACKAGE = Path(__file__).parent


def shipped(kind: Literal["layers", "data"]) -> Path:
    """The folder of layer declarations or of data: inside the wheel, else in the checkout."""
    for place in (_PACKAGE / "_shipped" / kind, _PACKAGE.parent / kind):
        if place.is_dir():
            return place
    raise StoreError(
        "install_incomplete",
        Text(f"安装不完整，缺少 {kind} 目录", f"The installation lacks its {kind} folder"),
        where=str(_PACKAGE),
        fix=Text("请重新安装 geo-risk", "Install geo-risk again"),
    )
