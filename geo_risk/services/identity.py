"""Which id a row gets: the register's own, the credit code, or a hash of name, address, keys."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import shapely

from geo_risk.catalogue import LayerSpec

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
TOWN_DIGITS, VILLAGE_DIGITS = 9, 12


def _base32(text: str) -> str:
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:26]


def feature_id(source_key: str) -> str:
    """The id for a source key: itself where it is plain, else 26 characters of its hash."""
    return source_key if _PLAIN.fullmatch(source_key) else _base32(source_key)


def _normal(value: Any) -> str:
    text = unicodedata.normalize("NFKC", "" if value is None else str(value))
    return re.sub(r"\s+", " ", text).strip().casefold()


def source_key(
    layer: LayerSpec, record: Mapping[str, Any], shape: shapely.Geometry | None = None
) -> str:
    """The first present of: own code (division codes cut), credit code, hash of what names it.

    What has neither code nor name, as most houses, is told apart by its `shape` as given, too.
    """
    code = str(record.get("code") or "").strip()
    if code:
        digits = {"towns": TOWN_DIGITS, "villages": VILLAGE_DIGITS}.get(layer.id)
        return code[:digits] if digits and code.isdigit() else code
    if layer.id == "enterprises" and record.get("credit_code"):
        return str(record["credit_code"])
    names = ("name", "address", *layer.key_fields)
    told = [_normal(record.get(name)) for name in names]
    if not told[0] and shape is not None:
        told.append(shapely.to_wkt(shapely.normalize(shape), rounding_precision=7))
    return _base32("\x1f".join(told))
