"""The worker: one thread per process, there only while there is something to do."""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any

from geo_risk.errors import GeoRiskError, Text

from .model import Job, internal_error, interrupted
from .progress import Cancelled, Progress, Watch
from .queue import Queue
from .turns import turn

Run = Callable[[str, dict[str, Any], Progress], Mapping[str, Any]]
"""Does the work of a process: its id, the inputs of the request, the progress; gives the result."""
RESULT_LIMIT_BYTES = 20_000_000
_RETRY_S = 0.5
_CLOSE_S = 3.0
_LOG = logging.getLogger(__name__)


class Worker:
    """Runs the jobs of a queue one after the other, in a thread of its own."""

    def __init__(self, queue: Queue, run: Run) -> None:
        self._queue = queue
        self._run = run
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._called = False
        self._thread: threading.Thread | None = None
        self._watch: Watch | None = None

    def wake(self) -> None:
        """Look at the queue; starts the thread unless it is there."""
        with self._lock:
            if self._closing.is_set():
                return
            self._called = True
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="geo_risk jobs", daemon=True
                )
                self._thread.start()

    def cancel(self, job_id: str) -> None:
        """End a job at once if it runs here, without a word to the store, which it may hold."""
        with self._lock:
            if self._watch and self._watch.job.id == job_id:
                self._watch.cancelled.set()

    def close(self) -> None:
        """End what runs, as interrupted, and take nothing more."""
        with self._lock:
            self._closing.set()
            thread = self._thread
        if thread:
            thread.join(_CLOSE_S)

    def _work(self) -> None:
        while self._is_called():
            try:
                self._empty_queue()
            except GeoRiskError as error:
                _LOG.error("the queue of jobs rests: %s", error)
            except Exception as error:
                _LOG.error("the queue of jobs rests", exc_info=error)

    def _is_called(self) -> bool:
        with self._lock:
            called = self._called and not self._closing.is_set()
            self._called = False
            if not called:
                self._thread = None
            return called

    def _empty_queue(self) -> None:
        """Do all that waits, or leave it to the process whose turn it is."""
        while not self._closing.is_set():
            with turn(self._queue.store) as mine:
                if mine:
                    self._queue.fail_interrupted()
                    while not self._closing.is_set() and (job := self._queue.claim()):
                        self._do(job)
                    return
            if not self._queue.unfinished():
                return
            self._closing.wait(_RETRY_S)

    def _do(self, job: Job) -> None:
        watch = Watch(self._queue, job, self._closing)
        with self._lock:
            self._watch = watch
        try:
            result = self._result(job, watch)
        except Cancelled:
            if watch.cancelled.is_set():
                self._queue.finish(job, "dismissed")
            else:
                self._queue.finish(job, "failed", problem=interrupted())
        except GeoRiskError as error:
            self._queue.finish(job, "failed", problem=error)
        except BaseException as error:  # not even a library's SystemExit ends the worker
            error_id = secrets.token_hex(6)
            _LOG.error("internal error %s in job %s", error_id, job.id, exc_info=error)
            self._queue.finish(job, "failed", problem=internal_error(error_id))
        else:
            self._queue.finish(job, "successful", result=result)
        finally:
            with self._lock:
                self._watch = None

    def _result(self, job: Job, watch: Watch) -> str:
        told = self._run(job.process, job.inputs, watch)
        if watch.told:
            raise Cancelled
        text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        if len(text.encode()) > RESULT_LIMIT_BYTES:
            raise _too_large(len(text.encode()))
        return text


def _too_large(size: int) -> GeoRiskError:
    return GeoRiskError(
        "result_too_large",
        Text("结果太大，无法保存", "The result is too large to be kept"),
        got=f"{size / 1e6:.0f} MB",
        fix=Text(
            f"请缩小范围，结果不超过 {RESULT_LIMIT_BYTES // 1_000_000} MB；或改用命令行",
            f"Ask for less, at most {RESULT_LIMIT_BYTES // 1_000_000} MB; or use the command line",
        ),
    )
