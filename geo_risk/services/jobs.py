"""Long work in the background: start it, see how far it is, get what came of it, dismiss it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from geo_risk.errors import ConflictError, NotFoundError, Text
from geo_risk.jobs import STATES, Job, Progress, Queue, Worker
from geo_risk.store import Store

from .processes import process_named

__all__ = ["STATES", "STATE_WORDS", "Job", "Jobs"]

STATE_WORDS = {
    "accepted": Text("等待", "waiting"),
    "running": Text("进行中", "running"),
    "successful": Text("完成", "done"),
    "failed": Text("失败", "failed"),
    "dismissed": Text("已取消", "dismissed"),
}
STOPPING = Text("正在停止", "stopping")
_DISMISS_WAIT_S = 2.0
_LOOK_S = 0.05


class Jobs:
    """The jobs of one store as one program sees them; `close` before the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue = Queue(store)
        self._worker = Worker(self._queue, self._run)

    def _run(
        self, process_id: str, inputs: dict[str, Any], progress: Progress
    ) -> Mapping[str, Any]:
        process = process_named(process_id)
        return process.run(self._store, process.read(inputs), progress)

    def resume(self) -> None:
        """Take up what a program that ended left: what it was at has failed, what waits is done."""
        if self._queue.unfinished():
            self._worker.wake()

    def close(self) -> None:
        """End what runs here, as interrupted; what waits is done by the next program."""
        self._worker.close()

    def start(self, process_id: str, inputs: Mapping[str, Any]) -> Job:
        """Accept a job, its inputs checked.

        Raises `NotFoundError` `process_unknown`, `UsageError` for an input, status 429
        `queue_full` where too many wait, `StoreError` `store_busy`.
        """
        process = process_named(process_id)
        process.read(inputs)
        job = self._queue.put(process.id, inputs)
        self._worker.wake()
        return job

    def listed(self, limit: int = 100, offset: int = 0) -> tuple[list[Job], int]:
        """A page of jobs, the newest first, and how many there are."""
        found, count = self._queue.jobs(limit, offset)
        if any(not job.finished for job in found):
            self._worker.wake()
        return found, count

    def shown(self, job_id: str) -> Job:
        """How a job is; `NotFoundError` `job_unknown`.

        One that is not finished is looked after: the program that ran it may have ended.
        """
        job = self._queue.job(job_id)
        if job is None:
            raise _unknown(job_id)
        if not job.finished:
            self._worker.wake()
        return job

    def result(self, job_id: str) -> str:
        """The JSON text of what came of a job.

        Raises `NotFoundError` `job_unknown`, `result_not_ready`, or `ConflictError` with the
        reason of a job that failed, `job_dismissed`.
        """
        job = self.shown(job_id)
        if job.state == "failed" and job.problem:
            told = job.problem
            raise ConflictError(
                told["code"],
                Text(**told["message"]),
                where=told["where"],
                got=told["got"],
                fix=Text(**told["fix"]),
            )
        if job.state == "dismissed":
            raise ConflictError(
                "job_dismissed",
                Text("任务已取消，没有结果", "The job was dismissed and has no result"),
                where=job_id,
                fix=Text("需要结果请重新提交", "Start it again for a result"),
            )
        text = self._queue.result(job_id) if job.finished else None
        if text is None:
            raise NotFoundError(
                "result_not_ready",
                Text("结果还没有出来", "The result is not there yet"),
                where=job_id,
                got=job.state,
                fix=Text("任务完成后再取", "Ask again when the job is successful"),
            )
        return text

    def dismiss(self, job_id: str) -> Job:
        """End a job, or forget a finished one; how it is then.

        Waits up to 2 s for work that runs to hear of it; it stays `running` where it does not.
        A job whose work was done before it heard is `successful`. `NotFoundError` `job_unknown`.
        """
        job = self.shown(job_id)
        if job.finished:
            self._queue.forget(job_id)
            return replace(job, state="dismissed", problem=None)
        self._worker.cancel(job_id)
        self._queue.cancel(job_id)
        until = time.monotonic() + _DISMISS_WAIT_S
        while not (job := self.shown(job_id)).finished and time.monotonic() < until:
            time.sleep(_LOOK_S)
        return job


def _unknown(job_id: str) -> NotFoundError:
    return NotFoundError(
        "job_unknown",
        Text("没有这个任务", "There is no such job"),
        where="/jobs",
        got=job_id,
        fix=Text(
            "已完成的任务只保留一段时间，见 GET /jobs",
            "Finished jobs are kept for a while: GET /jobs",
        ),
    )
