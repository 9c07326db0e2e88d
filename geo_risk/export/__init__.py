"""Layers as files: GeoJSON, GeoPackage, CSV and Excel."""

from __future__ import annotations

from .files import check_folder, write

__all__ = ["check_folder", "write"]
