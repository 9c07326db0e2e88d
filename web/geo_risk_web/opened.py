"""The one store that an app holds open."""

from __future__ import annotations

from flask import Flask, current_app

from geo_risk.services import stores
from geo_risk.store import Store

_KEY = "geo_risk_store"


def init_app(app: Flask, target: str) -> None:
    """Open the store; `StoreError` when it cannot be."""
    app.extensions[_KEY] = stores.open_store(target)


def store() -> Store:
    """The store of the app that answers the current request."""
    opened: Store = current_app.extensions[_KEY]
    return opened
