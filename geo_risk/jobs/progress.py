"""What long work is given to say how far it is, and to hear that it is no longer wanted."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from geo_risk.errors import StoreError, Text

from .model import Job
from .queue import Queue

NOTE_S = 0.3
"""Least time between two notes of progress."""
ASK_S = 0.5
"""How often the table is asked whether the job was cancelled, perhaps in another process."""
BUSY_S = 2.0
"""How long no note is tried after the store was busy: the work itself may be writing."""


class Progress(Protocol):
    """Say how far the work is; call it at least every second.

    The call does not return when the job was cancelled: it raises past all `except Exception`.
    So what is written must be written in one transaction, and the last call stand before its end:
    a job that ends as dismissed has changed nothing.
    """

    def __call__(self, done: int, total: int, message: Text | None = None, /) -> None:
        """`done` of `total` steps, and what is done now."""

    def stop(self) -> bool:
        """Whether the job was cancelled, for solvers that end by themselves and return.

        Work that was told so must not write: it calls the progress, which raises.
        """


class _Silent:
    def __call__(self, done: int, total: int, message: Text | None = None, /) -> None: ...

    def stop(self) -> bool:
        return False


silent: Progress = _Silent()
"""The progress of work that nobody watches."""


class Cancelled(BaseException):
    """Ends the work of a job from inside its progress call."""


class Watch:
    """The `Progress` of one running job."""

    def __init__(self, queue: Queue, job: Job, closing: threading.Event) -> None:
        self.job = job
        self.cancelled = threading.Event()
        self.told = False
        """Whether the work has heard that it is to stop."""
        self._queue = queue
        self._closing = closing
        self._ask_at = time.monotonic() + ASK_S
        self._note_at = 0.0

    def __call__(self, done: int, total: int, message: Text | None = None, /) -> None:
        """Note the progress; `Cancelled` when the job is to end."""
        if self.stop():
            raise Cancelled
        now = time.monotonic()
        if now < self._note_at:
            return
        try:
            self._queue.note(self.job, done, total, message)
            self._note_at = now + NOTE_S
        except StoreError:
            self._note_at = now + BUSY_S

    def stop(self) -> bool:
        """Whether the job was cancelled, or the program is closing."""
        now = time.monotonic()
        if now >= self._ask_at and not self.told:
            self._ask_at = now + ASK_S
            if not self._queue.wanted(self.job):
                self.cancelled.set()
        self.told = self.told or self.cancelled.is_set() or self._closing.is_set()
        return self.told
