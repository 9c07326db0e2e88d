"""The application factory: one store, the blueprints, the guards. No work at import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import caching, errors, i18n, opened, security
from .blueprints import (
    collections,
    groups,
    health,
    jobs,
    neighbours,
    overview,
    pages,
    plans,
    processes,
)

BODY_LIMIT_BYTES = 1_000_000


def create_app(store_target: str, *, test_config: Mapping[str, Any] | None = None) -> Flask:
    """The app over one store (a GeoPackage path or a PostGIS URL), answering loopback hosts only.

    `opened.close` ends it. Raises `StoreError` when the store cannot be opened.
    """
    app = Flask(__name__)
    app.config.from_mapping(
        MAX_CONTENT_LENGTH=BODY_LIMIT_BYTES,
        MAX_FORM_MEMORY_SIZE=100_000,
        MAX_FORM_PARTS=100,
    )
    app.config.from_mapping(test_config or {})
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    opened.init_app(app, store_target)
    for guard in (security, i18n, caching, errors):
        guard.init_app(app)
    parts = (pages, collections, overview, neighbours, groups, plans, processes, jobs, health)
    for part in parts:
        app.register_blueprint(part.bp)
    return app
