"""The one store that an app holds open, and the jobs on it."""

from __future__ import annotations

from flask import Flask, current_app

from geo_risk.services import stores
from geo_risk.services.jobs import Jobs
from geo_risk.store import Store

_STORE = "geo_risk_store"
_JOBS = "geo_risk_jobs"


def init_app(app: Flask, target: str) -> None:
    """Open the store, take up jobs that wait in it; `StoreError` when it cannot be opened."""
    opened = stores.open_store(target)
    app.extensions[_STORE] = opened
    app.extensions[_JOBS] = Jobs(opened)
    app.extensions[_JOBS].resume()


def close(app: Flask) -> None:
    """End the job that runs, and close the store."""
    app.extensions[_JOBS].close()
    app.extensions[_STORE].close()


def store() -> Store:
    """The store of the app that answers the current request."""
    opened: Store = current_app.extensions[_STORE]
    return opened


def jobs() -> Jobs:
    """The jobs of the app that answers the current request."""
    found: Jobs = current_app.extensions[_JOBS]
    return found
