"""Jobs: how they are, what came of them, dismissing them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from .. import parse, present, process_documents
from ..opened import jobs

bp = Blueprint("jobs", __name__)


@bp.get("/jobs")
def index() -> dict[str, Any]:
    """A page of jobs, the newest first."""
    asked = parse.parameters(limit=100, offset=0)
    page, matched = jobs().listed(asked["limit"], asked["offset"])
    return process_documents.job_list(page, matched)


@bp.get("/jobs/<job_id>")
def one(job_id: str) -> dict[str, Any]:
    """How a job is."""
    parse.parameters()
    return process_documents.status_info(jobs().shown(job_id))


@bp.get("/jobs/<job_id>/results")
def results(job_id: str) -> Response:
    """What came of a job that was successful."""
    parse.parameters()
    return Response(jobs().result(job_id), mimetype=present.JSON)


@bp.delete("/jobs/<job_id>")
def dismiss(job_id: str) -> dict[str, Any]:
    """Dismiss a job that waits or runs, forget a finished one."""
    parse.parameters()
    return process_documents.status_info(jobs().dismiss(job_id))
