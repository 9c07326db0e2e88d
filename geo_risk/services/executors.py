"""The same task over many jobs: in this process, in several, or on a Dask cluster.

A task is a function of a module, its jobs and results can be pickled, and doing a job twice does no
harm: what a lost worker had in hand is done again.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import Any, TypeVar

from geo_risk.errors import GeoRiskError, Text, UsageError

Job = TypeVar("Job")
Result = TypeVar("Result")
MOST_WORKERS = 256
_ADDRESS = re.compile(r"tcp://(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")
_CONNECT_S = 15
_LOSSES = 3
"""How often in a row workers may be lost before anything gets done."""


class InProcess(Executor):
    """An executor that does each job here, when it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The future of a call that is over."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def check(workers: int, scheduler: str) -> None:
    """`UsageError` where a number of workers or a scheduler's address cannot be."""
    if scheduler and workers:
        words = Text(
            "--workers 与 --scheduler 只能用一个", "Give --workers or --scheduler, not both"
        )
        raise UsageError("workers_and_scheduler", words, where="--workers")
    if not 0 <= workers <= MOST_WORKERS:
        zh, en = f"进程数应为 1 到 {MOST_WORKERS}", f"Workers are 1 to {MOST_WORKERS}"
        raise UsageError("workers_invalid", Text(zh, en), where="--workers", got=workers)
    if not scheduler:
        return
    match = _ADDRESS.fullmatch(scheduler)
    if match is None or not 1 <= int(match[1]) <= 65535:
        raise UsageError(
            "scheduler_invalid",
            Text("调度器地址不正确", "The scheduler's address is not valid"),
            where="--scheduler",
            got=scheduler,
            fix=Text("写作 tcp://主机:端口", "Write tcp://HOST:PORT"),
        )
    if find_spec("distributed") is None:
        raise UsageError(
            "distributed_missing",
            Text("没有安装 distributed", "distributed is not installed"),
            where="--scheduler",
            fix=Text(
                "运行 pip install 'geo-risk[cluster]'，或用 --workers",
                "Run pip install 'geo-risk[cluster]', or use --workers",
            ),
        )


def each(
    task: Callable[[Job], Result], jobs: Sequence[Job], workers: int = 0, scheduler: str = ""
) -> Generator[Result]:
    """The result of each job, in the order in which they end.

    `workers` processes of this machine, or the workers of a Dask scheduler, or neither: one job
    after the other here. Raises what a task raises, `GeoRiskError` `workers_lost`,
    `scheduler_unreachable`, and what `check` raises.
    """
    check(workers, scheduler)
    if scheduler:
        yield from _on_cluster(task, jobs, scheduler)
    elif workers:
        yield from _in_processes(task, jobs, workers)
    else:
        executor = InProcess()
        for job in jobs:
            yield executor.submit(task, job).result()


def _in_processes(
    task: Callable[[Job], Result], jobs: Sequence[Job], workers: int
) -> Generator[Result]:
    left = dict(enumerate(jobs))
    losses = 0
    while left:
        others = set(active_children())
        pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_follow_parent)
        try:
            futures = {pool.submit(task, job): at for at, job in left.items()}
            for future in as_completed(futures):
                result = future.result()
                del left[futures[future]]
                losses = 0
                yield result
        except BrokenProcessPool:
            losses += 1
            if losses >= _LOSSES:
                raise _lost() from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in set(active_children()) - others:
                child.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _follow_parent() -> None:
    """End with the process that waits, even if it is killed; Ctrl-C is for that process alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _on_cluster(
    task: Callable[[Job], Result], jobs: Sequence[Job], scheduler: str
) -> Generator[Result]:
    distributed: Any = import_module("distributed")

    try:
        client = distributed.Client(scheduler, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError):
        raise _unreachable(scheduler) from None
    try:
        try:
            client.wait_for_workers(1, timeout=_CONNECT_S)
        except TimeoutError:
            raise _unreachable(scheduler) from None
        executor = client.get_executor()
        try:
            futures = [executor.submit(task, job) for job in jobs]
            for future in as_completed(futures):
                yield future.result()
        except distributed.KilledWorker:
            raise _lost() from None
        except CancelledError:
            raise _unreachable(scheduler) from None
        finally:
            executor.shutdown(wait=False)
    finally:
        client.close()


def _unreachable(scheduler: str) -> GeoRiskError:
    return GeoRiskError(
        "scheduler_unreachable",
        Text("调度器没有应答，或没有工作进程", "The scheduler does not answer, or has no worker"),
        where="--scheduler",
        got=scheduler,
        fix=Text("请先启动 dask scheduler 和 dask worker", "Start a scheduler and its workers"),
    )


def _lost() -> GeoRiskError:
    return GeoRiskError(
        "workers_lost",
        Text("工作进程一再中断", "Workers were lost again and again"),
        fix=Text(
            "多半是内存不足：减少 --workers 或缩小半径",
            "Memory is short, most likely: fewer --workers or a smaller radius",
        ),
    )
