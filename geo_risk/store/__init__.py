"""Keeping features: a live GeoPackage or PostGIS, batches, history, undo."""

from .batch import Batch, PutResult, Record, digest
from .opening import default_target, open_store
from .query import Query
from .schema import GRADE_COLUMNS, digest_columns
from .store import Store

__all__ = [
    "GRADE_COLUMNS",
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
