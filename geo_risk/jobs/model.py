"""What is known of a job. The states are those of OGC API – Processes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from geo_risk.errors import GeoRiskError, Text

State = Literal["accepted", "running", "successful", "failed", "dismissed"]
STATES: tuple[State, ...] = get_args(State)
UNFINISHED: tuple[State, ...] = ("accepted", "running")
INTERNAL = "internal_error"


@dataclass(frozen=True)
class Job:
    """A job as its row says; times are UTC in ISO 8601, None for what has not happened.

    `inputs` are those of the request; `cancel` says that its end was asked for; `problem` is why
    it failed: code, message and fix in both languages, where, got.
    """

    id: str
    process: str
    inputs: dict[str, Any]
    state: State
    worker: str | None
    cancel: bool
    done: int
    total: int
    message: Text | None
    problem: dict[str, Any] | None
    created_at: str
    started_at: str | None
    updated_at: str
    finished_at: str | None

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in UNFINISHED

    @property
    def percent(self) -> int:
        """How much is done, 0 to 100; 100 only of a job that succeeded."""
        if self.state == "successful":
            return 100
        return max(0, min(99, 100 * self.done // self.total)) if self.total > 0 else 0


COLUMNS = tuple(Job.__dataclass_fields__)


def job_of(row: Mapping[str, Any]) -> Job:
    """The job of a row."""
    told = {name: row[name] for name in COLUMNS}
    message, problem = told["message"], told["problem"]
    told["inputs"] = json.loads(told["inputs"])
    told["cancel"] = bool(told["cancel"])
    told["message"] = Text(**json.loads(message)) if message else None
    told["problem"] = json.loads(problem) if problem else None
    return Job(**told)


def problem_of(error: GeoRiskError) -> dict[str, Any]:
    """An error for users as it is kept."""
    return {
        "code": error.code,
        "message": dict(error.message),
        "where": error.where,
        "got": error.got,
        "fix": dict(error.fix),
    }


def internal_error(error_id: str) -> GeoRiskError:
    """What is said of an error that is not for users; its text stays in the log."""
    return GeoRiskError(
        INTERNAL,
        Text("内部错误", "Internal error"),
        fix=Text(
            f"请把错误编号 {error_id} 告诉管理员",
            f"Tell your administrator the error id {error_id}",
        ),
    )


def interrupted() -> GeoRiskError:
    """Why a job that was running when the program ended has failed."""
    return GeoRiskError(
        "interrupted",
        Text("程序中途结束，任务没有做完", "The program ended before the job was done"),
        fix=Text("请重新提交这个任务", "Start it again"),
    )
