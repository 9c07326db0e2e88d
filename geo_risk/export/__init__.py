"""Layers as files: GeoJSON, GeoPackage, CSV and Excel."""

from __future__ import annotations

from .files import write

__all__ = ["write"]
