"""Who works on the queue of a store: one process at a time, and never one that is gone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from geo_risk.store import Store

WORKER_LOCK = 0x67656F6A


@contextmanager
def turn(store: Store) -> Iterator[bool]:
    """True for the only one who works on the store's queue as long as the block lasts.

    The lock is the system's and ends with the process that holds it, however that ends: whoever
    has the turn knows that a job still called running is run by nobody.
    """
    if store.dialect == "sqlite":
        with _file_turn(f"{store.target}-jobs") as mine:
            yield mine
    else:
        with _server_turn(store) as mine:
            yield mine


@contextmanager
def _file_turn(path: str) -> Iterator[bool]:
    """A lock on a file beside the store: a lock on the store itself would end SQLite's own."""
    import fcntl  # not on Windows, where all but jobs may work

    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        if os.fstat(handle).st_nlink == 0:  # removed by the one before, as below
            yield False
            return
        try:
            yield True
        finally:
            Path(path).unlink(missing_ok=True)
    finally:
        os.close(handle)


@contextmanager
def _server_turn(store: Store) -> Iterator[bool]:
    """A lock of a session on the server; nothing is open while the session only waits."""
    with store.reader.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(select(func.pg_try_advisory_lock(WORKER_LOCK))):
            yield False
            return
        try:
            yield True
        finally:
            connection.scalar(select(func.pg_advisory_unlock(WORKER_LOCK)))
