"""Long work that can be started: what there is, what it needs, and starting it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, url_for

from geo_risk.services import processes

from .. import bodies, parse, process_documents
from ..opened import jobs

bp = Blueprint("processes", __name__)


@bp.get("/processes")
def index() -> dict[str, Any]:
    """All processes in short."""
    parse.parameters()
    return process_documents.process_list(processes.processes())


@bp.get("/processes/<process_id>")
def one(process_id: str) -> dict[str, Any]:
    """One process with its inputs and outputs."""
    parse.parameters()
    return process_documents.process_description(processes.process_named(process_id))


@bp.post("/processes/<process_id>/execution")
def execute(process_id: str) -> Response:
    """Start a job; 201 with its place and state."""
    parse.parameters()
    process = processes.process_named(process_id)
    job = jobs().start(process.id, bodies.execution_inputs())
    answer = jsonify(process_documents.status_info(job))
    answer.status_code = 201
    answer.headers["Location"] = url_for("jobs.one", job_id=job.id)
    return answer
