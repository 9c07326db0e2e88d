"""The queue: a table in the store, so that it survives the program and is seen by all of it."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, func, insert, select, update

from geo_risk import settings
from geo_risk.errors import GeoRiskError, StoreError, Text
from geo_risk.store import Store

from .model import COLUMNS, UNFINISHED, Job, State, interrupted, job_of, problem_of

MAX_WAITING = 20
KEPT_JOBS = 100
KEPT_DAYS = 30
KEPT_RESULT_BYTES = 200_000_000
"""What is kept of finished jobs: whichever of the three is reached first."""
ASKED_WAIT_S = 5.0
"""How long a request waits for the store; the worker waits as long as any writer does."""
_RETRY_S = 0.05
_Told = TypeVar("_Told")


class QueueFullError(GeoRiskError):
    """Too many jobs wait already."""

    status = 429


def _now(ago: timedelta = timedelta()) -> str:
    moment = datetime.now(UTC) - ago
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class Queue:
    """The jobs of a store. Safe to use from any thread and from several processes."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._table = store.schema.jobs
        self._columns = [self._table.c[name] for name in COLUMNS]

    def put(self, process: str, inputs: Mapping[str, Any]) -> Job:
        """Accept a job; `QueueFullError` `queue_full` where too many wait. Prunes old ones."""
        table, now = self._table, _now()
        row = {
            **dict.fromkeys(COLUMNS),
            "id": secrets.token_hex(8),
            "process": process,
            "inputs": _text(inputs),
            "state": "accepted",
            "cancel": False,
            "done": 0,
            "total": 0,
            "created_at": now,
            "updated_at": now,
        }

        def write(connection: Connection) -> None:
            waiting = select(func.count()).select_from(table).where(table.c.state == "accepted")
            if (connection.scalar(waiting) or 0) >= MAX_WAITING:
                raise _full()
            self._prune(connection)
            connection.execute(insert(table).values(**row))

        self._note(write, ASKED_WAIT_S)
        return job_of(row)

    def job(self, job_id: str) -> Job | None:
        """One job or None."""
        with self.store.reading() as connection:
            found = connection.execute(
                select(*self._columns).where(self._table.c.id == job_id)
            ).mappings()
            row = found.first()
        return None if row is None else job_of(dict(row))

    def jobs(self, limit: int, offset: int = 0) -> tuple[list[Job], int]:
        """A page of jobs, the newest first, and how many there are."""
        newest = select(*self._columns).order_by(self._table.c.seq.desc())
        with self.store.reading() as connection:
            rows = connection.execute(newest.limit(limit).offset(offset)).mappings().all()
            count = connection.scalar(select(func.count()).select_from(self._table))
        return [job_of(dict(row)) for row in rows], int(count or 0)

    def result(self, job_id: str) -> str | None:
        """The JSON text of a job's result."""
        with self.store.reading() as connection:
            return connection.scalar(select(self._table.c.result).where(self._table.c.id == job_id))

    def unfinished(self) -> bool:
        """Whether any job waits or runs."""
        some = select(self._table.c.id).where(self._table.c.state.in_(UNFINISHED)).limit(1)
        with self.store.reading() as connection:
            return connection.scalar(some) is not None

    def claim(self) -> Job | None:
        """Take the job that waits longest; None when none waits. Nobody else gets it."""
        table, worker, now = self._table, secrets.token_hex(8), _now()
        waiting = table.alias()
        first = (
            select(waiting.c.seq)
            .where(waiting.c.state == "accepted")
            .order_by(waiting.c.seq)
            .limit(1)
            .scalar_subquery()
        )
        take = (
            update(table)
            .where(table.c.seq == first, table.c.state == "accepted")
            .values(state="running", worker=worker, started_at=now, updated_at=now)
        )

        def write(connection: Connection) -> Job | None:
            if not connection.execute(take).rowcount:
                return None
            mine = select(*self._columns).where(table.c.worker == worker)
            return job_of(dict(connection.execute(mine).mappings().one()))

        return self._note(write)

    def note(self, job: Job, done: int, total: int, message: Text | None) -> None:
        """Tell the progress of a running job; `StoreError` at once where the store is busy."""
        told = {"done": done, "total": total, "updated_at": _now()}
        if message:
            told["message"] = _text(message)
        with self.store.noting() as connection:
            connection.execute(self._of(job).values(**told))

    def wanted(self, job: Job) -> bool:
        """Whether a claimed job is still to be done, by the one who claimed it."""
        table = self._table
        mine = (table.c.id == job.id, table.c.worker == job.worker, table.c.state == "running")
        with self.store.reading() as connection:
            return connection.scalar(select(table.c.cancel).where(*mine)) in (False, 0)

    def finish(
        self,
        job: Job,
        state: State,
        *,
        result: str | None = None,
        problem: GeoRiskError | None = None,
    ) -> None:
        """Say how a claimed job ended; nothing where it was taken from the one who claimed it."""
        now = _now()
        told = self._of(job).values(
            state=state,
            result=result,
            result_bytes=len(result.encode()) if result else 0,
            problem=_text(problem_of(problem)) if problem else None,
            updated_at=now,
            finished_at=now,
        )
        self._note(lambda connection: connection.execute(told))

    def cancel(self, job_id: str) -> None:
        """Dismiss a waiting job; ask for the end of a running one."""
        table, now = self._table, _now()
        this = update(table).where(table.c.id == job_id)
        waiting = this.where(table.c.state == "accepted").values(
            state="dismissed", updated_at=now, finished_at=now
        )
        running = this.where(table.c.state == "running").values(cancel=True, updated_at=now)

        def write(connection: Connection) -> None:
            connection.execute(waiting)
            connection.execute(running)

        self._note(write, ASKED_WAIT_S)

    def forget(self, job_id: str) -> None:
        """Remove a finished job with its result."""
        table = self._table
        gone = delete(table).where(table.c.id == job_id, table.c.state.not_in(UNFINISHED))
        self._note(lambda connection: connection.execute(gone), ASKED_WAIT_S)

    def fail_interrupted(self) -> None:
        """Of all jobs that run, say that they were interrupted: their worker is gone."""
        table, now = self._table, _now()
        told = (
            update(table)
            .where(table.c.state == "running")
            .values(
                state="failed",
                problem=_text(problem_of(interrupted())),
                updated_at=now,
                finished_at=now,
            )
        )
        self._note(lambda connection: connection.execute(told))

    def _of(self, job: Job) -> Any:
        table = self._table
        return update(table).where(
            table.c.id == job.id, table.c.worker == job.worker, table.c.state == "running"
        )

    def _prune(self, connection: Connection) -> None:
        table = self._table
        ended = (
            select(table.c.seq, table.c.finished_at, table.c.result_bytes)
            .where(table.c.state.not_in(UNFINISHED))
            .order_by(table.c.seq.desc())
        )
        oldest, kept, size = _now(timedelta(days=KEPT_DAYS)), 0, 0
        gone = []
        for seq, finished_at, result_bytes in connection.execute(ended):
            kept, size = kept + 1, size + (result_bytes or 0)
            if kept > KEPT_JOBS or size > KEPT_RESULT_BYTES or finished_at < oldest:
                gone.append(seq)
        if gone:
            connection.execute(delete(table).where(table.c.seq.in_(gone)))

    def _note(self, write: Callable[[Connection], _Told], wait_s: float | None = None) -> _Told:
        """Write in one short transaction; a busy store is asked again until the time is up."""
        wait_s = settings.number("write_wait_seconds") if wait_s is None else wait_s
        until = time.monotonic() + wait_s
        while True:
            try:
                with self.store.noting() as connection:
                    return write(connection)
            except StoreError as error:
                if error.code != "store_busy" or time.monotonic() >= until:
                    raise
            time.sleep(_RETRY_S)


def _full() -> QueueFullError:
    return QueueFullError(
        "queue_full",
        Text("等待的任务太多", "Too many jobs wait"),
        where="/jobs",
        got=MAX_WAITING,
        fix=Text(
            "等前面的任务做完再提交，或取消不再需要的任务 (DELETE /jobs/{id})",
            "Wait until one is done, or dismiss one that is not needed (DELETE /jobs/{id})",
        ),
    )
