"""Keeping features: a live GeoPackage or PostGIS, batches, history, undo."""

from .batch import Batch, PutResult, Record
from .query import Query
from .store import Store, default_target, open_store

__all__ = ["Batch", "PutResult", "Query", "Record", "Store", "default_target", "open_store"]
