"""`/healthz`: is this process answering."""

from __future__ import annotations

from flask import Blueprint

from geo_risk import __version__

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def ok() -> dict[str, str]:
    """The process answers; the store's soundness is `geo-risk doctor`'s matter."""
    return {"status": "ok", "version": __version__}
