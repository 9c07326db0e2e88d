"""Neighbours: the live index, bulk pairs of like and near units, joint-prevention groups."""

from __future__ import annotations

from .live import LiveIndex, Near

__all__ = ["LiveIndex", "Near"]
