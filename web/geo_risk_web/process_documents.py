"""Processes and jobs as the documents of OGC API – Processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for

from geo_risk import __version__
from geo_risk.services.jobs import STATE_WORDS, STOPPING, Job
from geo_risk.services.process_inputs import Input
from geo_risk.services.processes import Process, processes

from .i18n import language
from .present import JSON, link

_RELATIONS = "http://www.opengis.net/def/rel/ogc/1.0/"
EXECUTE, RESULTS = f"{_RELATIONS}execute", f"{_RELATIONS}results"


def process_list(found: Iterable[Process]) -> dict[str, Any]:
    """All processes in short."""
    links = [link("self", url_for("processes.index"), JSON)]
    return {"processes": [_summary(process) for process in found], "links": links}


def _summary(process: Process) -> dict[str, Any]:
    lang = language()
    return {
        "id": process.id,
        "title": process.title[lang],
        "description": process.note[lang],
        "version": __version__,
        "jobControlOptions": ["async-execute", "dismiss"],
        "outputTransmission": ["value"],
        "links": [
            link("self", url_for("processes.one", process_id=process.id), JSON),
            link(EXECUTE, url_for("processes.execute", process_id=process.id), JSON),
        ],
    }


def process_description(process: Process) -> dict[str, Any]:
    """One process with its inputs and outputs."""
    return {
        **_summary(process),
        "inputs": _described(process.inputs()),
        "outputs": _described(process.outputs),
    }


def _described(values: Mapping[str, Input]) -> dict[str, Any]:
    lang = language()
    return {
        name: {
            "title": one.title[lang],
            "schema": dict(one.schema),
            "minOccurs": int(one.required),
            "maxOccurs": 1,
        }
        for name, one in values.items()
    }


def status_info(job: Job) -> dict[str, Any]:
    """How a job is: `statusInfo` of the standard, with the steps, and the problem of a failure."""
    lang = language()
    here = url_for("jobs.one", job_id=job.id)
    links = [link("self", here, JSON)]
    if job.state == "successful":
        links.append(link(RESULTS, url_for("jobs.results", job_id=job.id), JSON))
    told = {
        "jobID": job.id,
        "type": "process",
        "processID": job.process,
        "title": _title(job),
        "status": job.state,
        "message": _message(job),
        "progress": job.percent,
        "done": job.done,
        "total": job.total,
        "created": job.created_at,
        "started": job.started_at,
        "updated": job.updated_at,
        "finished": job.finished_at,
        "problem": None,
        "links": links,
    }
    if job.problem:
        both = {name: job.problem[name][lang] for name in ("message", "fix")}
        told["problem"] = {**job.problem, **both}
    return {name: value for name, value in told.items() if value is not None}


def _title(job: Job) -> str:
    """Its process's title; the id of a process that is no more."""
    titles = {process.id: process.title[language()] for process in processes()}
    return titles.get(job.process, job.process)


def _message(job: Job) -> str:
    lang = language()
    if job.problem:
        return str(job.problem["message"][lang])
    if job.state == "running":
        return (STOPPING if job.cancel else job.message or STATE_WORDS["running"])[lang]
    return STATE_WORDS[job.state][lang]


def job_list(page: Iterable[Job], matched: int) -> dict[str, Any]:
    """A page of jobs, the newest first."""
    jobs = [status_info(job) for job in page]
    links = [link("self", url_for("jobs.index"), JSON)]
    return {"jobs": jobs, "numberMatched": matched, "numberReturned": len(jobs), "links": links}
