"""Keeping features: a live GeoPackage or PostGIS, batches, history, undo."""

from .batch import Batch, PutResult, Record, digest
from .opening import default_target, open_store
from .query import Query
from .schema import digest_columns
from .store import Store

__all__ = [
    "Batch",
    "PutResult",
    "Query",
    "Record",
    "Store",
    "default_target",
    "digest",
    "digest_columns",
    "open_store",
]
