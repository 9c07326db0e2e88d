"""Jobs in both kinds of store: claimed once, told of, cancelled, interrupted, pruned."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import update

from geo_risk.errors import GeoRiskError, InputError, Text
from geo_risk.jobs import Job, Progress, Queue, Worker
from geo_risk.jobs import progress as progress_module
from geo_risk.jobs import queue as queue_module
from geo_risk.jobs import worker as worker_module
from geo_risk.jobs.progress import Cancelled, Watch
from geo_risk.jobs.turns import turn
from geo_risk.store import Store, open_store

Run = Callable[[str, dict[str, Any], Progress], dict[str, Any]]
ENOUGH_S = 30.0


@pytest.fixture
def queue(store: Store) -> Queue:
    return Queue(store)


@pytest.fixture
def working(queue: Queue) -> Iterator[Callable[[Run], Worker]]:
    """Makes workers on the queue that end with the test."""
    made: list[Worker] = []

    def make(run: Run) -> Worker:
        made.append(Worker(queue, run))
        return made[-1]

    yield make
    for worker in made:
        worker.close()


def wait_for(queue: Queue, job: Job, *states: str) -> Job:
    until = time.monotonic() + ENOUGH_S
    while (found := queue.job(job.id)) and found.state not in states:
        assert time.monotonic() < until, found
        time.sleep(0.01)
    assert found
    return found


def now(queue: Queue, job: Job) -> Job:
    found = queue.job(job.id)
    assert found
    return found


def claim(queue: Queue) -> Job:
    claimed = queue.claim()
    assert claimed
    return claimed


def endless(_process: str, _inputs: dict[str, Any], progress: Progress) -> dict[str, Any]:
    step = 0
    while True:
        step += 1
        progress(step, 1_000_000, Text("计算中", "computing"))
        time.sleep(0.01)


def test_a_job_is_done_and_its_result_kept(queue: Queue, working: Callable[[Run], Worker]) -> None:
    def run(process: str, inputs: dict[str, Any], progress: Progress) -> dict[str, Any]:
        progress(1, 4, Text("第一步", "first step"))
        return {"process": process, **inputs, "name": "石狮"}

    job = queue.put("add", {"p": 3})
    assert (job.state, job.inputs, job.percent) == ("accepted", {"p": 3}, 0)
    working(run).wake()
    done = wait_for(queue, job, "successful")
    assert (done.done, done.total, done.message) == (1, 4, Text("第一步", "first step"))
    assert done.percent == 100
    assert done.created_at <= done.started_at <= done.finished_at  # type: ignore[operator]
    assert json.loads(queue.result(job.id) or "") == {"process": "add", "p": 3, "name": "石狮"}
    assert queue.result("nothing") is None and queue.job("nothing") is None


def test_jobs_are_done_in_their_order(queue: Queue, working: Callable[[Run], Worker]) -> None:
    seen: list[int] = []

    def run(_process: str, inputs: dict[str, Any], _progress: Progress) -> dict[str, Any]:
        seen.append(inputs["n"])
        return {}

    jobs = [queue.put("count", {"n": n}) for n in range(5)]
    worker = working(run)
    worker.wake()
    wait_for(queue, jobs[-1], "successful")
    later = queue.put("count", {"n": 5})
    worker.wake()
    wait_for(queue, later, "successful")
    assert seen == list(range(6))
    newest, count = queue.jobs(2)
    assert ([job.inputs["n"] for job in newest], count) == ([5, 4], 6)
    assert [job.inputs["n"] for job in queue.jobs(2, 4)[0]] == [1, 0]


def test_only_what_is_meant_for_users_is_told_of_a_failure(
    queue: Queue, working: Callable[[Run], Worker], caplog: pytest.LogCaptureFixture
) -> None:
    def run(process: str, _inputs: dict[str, Any], _progress: Progress) -> dict[str, Any]:
        if process == "known":
            raise InputError("no_sites", Text("没有选址", "No sites"), got=0)
        if process == "exit":
            raise SystemExit("secret path")
        if process == "nan":
            return {"objective": float("nan")}
        raise RuntimeError("secret path")

    jobs = {name: queue.put(name, {}) for name in ("known", "unknown", "exit", "nan", "known")}
    with caplog.at_level(logging.CRITICAL, "geo_risk.jobs.worker"):
        working(run).wake()
        told = {name: wait_for(queue, job, "failed").problem or {} for name, job in jobs.items()}
    assert told["known"]["code"] == "no_sites"
    assert told["known"]["message"] == {"zh": "没有选址", "en": "No sites"}
    for name in ("unknown", "exit", "nan"):
        assert told[name]["code"] == "internal_error"
        assert "secret" not in json.dumps(told[name])
        assert told[name]["fix"]["en"].startswith("Tell your administrator the error id ")


def test_a_result_that_is_too_large_is_a_failure_in_words(
    queue: Queue, working: Callable[[Run], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "RESULT_LIMIT_BYTES", 1000)
    job = queue.put("large", {})
    working(lambda *_: {"text": "字" * 400}).wake()
    problem = wait_for(queue, job, "failed").problem
    assert problem and problem["code"] == "result_too_large"


def test_a_running_job_stops_soon_when_it_is_cancelled(
    queue: Queue, working: Callable[[Run], Worker]
) -> None:
    """Asked for by another program, which knows only the table."""
    job = queue.put("endless", {})
    working(endless).wake()
    wait_for(queue, job, "running")
    queue.cancel(job.id)
    stopped = wait_for(queue, job, "dismissed")
    assert stopped.cancel and queue.result(job.id) is None


def test_a_cancel_in_the_table_is_heard_within_two_seconds(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By work that calls its progress every second."""
    clock = [0.0]
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: clock[0])
    queue.put("slow", {})
    watch = Watch(queue, claim(queue), threading.Event())
    watch(0, 10)
    queue.cancel(watch.job.id)
    clock[0] = 1.0
    with pytest.raises(Cancelled):
        watch(1, 10)
    assert watch.cancelled.is_set()


def test_cancelling_does_not_wait_for_what_the_job_itself_writes(
    queue: Queue, working: Callable[[Run], Worker]
) -> None:
    writing = threading.Event()

    def run(process: str, inputs: dict[str, Any], progress: Progress) -> dict[str, Any]:
        with queue.store.writing() as connection:
            queue.store.set_meta(connection, "notice", "half")
            writing.set()
            return endless(process, inputs, progress)

    worker = working(run)
    job = queue.put("write", {})
    worker.wake()
    assert writing.wait(ENOUGH_S)
    worker.cancel(job.id)
    queue.cancel(job.id)
    wait_for(queue, job, "dismissed")
    assert queue.store.meta("notice") is None


def test_a_solver_that_returns_when_told_to_stop_has_no_result(
    queue: Queue, working: Callable[[Run], Worker]
) -> None:
    solving = threading.Event()

    def run(_process: str, _inputs: dict[str, Any], progress: Progress) -> dict[str, Any]:
        while not progress.stop():
            solving.set()
            time.sleep(0.01)
        return {"chosen": []}

    worker = working(run)
    job = queue.put("solve", {})
    worker.wake()
    assert solving.wait(ENOUGH_S)
    worker.cancel("another")
    worker.cancel(job.id)
    assert wait_for(queue, job, "dismissed", "successful").state == "dismissed"


def test_what_was_done_before_the_cancel_was_heard_is_successful(
    queue: Queue, working: Callable[[Run], Worker]
) -> None:
    go = threading.Event()

    def run(_process: str, _inputs: dict[str, Any], _progress: Progress) -> dict[str, Any]:
        assert go.wait(ENOUGH_S)
        return {"written": True}

    job = queue.put("deaf", {})
    working(run).wake()
    wait_for(queue, job, "running")
    queue.cancel(job.id)
    queue.forget(job.id)
    asked = now(queue, job)
    assert (asked.state, asked.cancel) == ("running", True)
    go.set()
    wait_for(queue, job, "successful")
    queue.cancel(job.id)
    assert now(queue, job).state == "successful"
    queue.forget(job.id)
    assert queue.job(job.id) is None


def test_a_waiting_job_is_dismissed_at_once_and_never_run(queue: Queue) -> None:
    first, second = queue.put("a", {}), queue.put("b", {})
    queue.cancel(first.id)
    assert now(queue, first).state == "dismissed"
    assert claim(queue).id == second.id
    assert queue.claim() is None


def test_many_workers_claim_each_job_once(target: str, store: Store) -> None:
    queue = Queue(store)
    ids = [queue.put("one", {"n": n}).id for n in range(queue_module.MAX_WAITING)]
    others = [open_store(target) for _ in range(4)]
    claimed: list[str] = []
    start = threading.Barrier(len(others))

    def take(mine: Store) -> None:
        start.wait()
        while job := Queue(mine).claim():
            claimed.append(job.id)

    threads = [threading.Thread(target=take, args=(mine,)) for mine in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(ENOUGH_S)
    for mine in others:
        mine.close()
    assert sorted(claimed) == sorted(ids)


def test_two_programs_share_the_queue_and_run_no_job_twice(target: str, store: Store) -> None:
    queue, seen = Queue(store), []

    def run(_process: str, inputs: dict[str, Any], progress: Progress) -> dict[str, Any]:
        progress(0, 1)
        seen.append(inputs["n"])
        return {}

    second = open_store(target)
    workers = [Worker(queue, run), Worker(Queue(second), run)]
    jobs = []
    for n in range(10):
        jobs.append(queue.put("one", {"n": n}))
        for worker in workers:
            worker.wake()
    states = {wait_for(queue, job, "successful", "failed").state for job in jobs}
    for worker in workers:
        worker.close()
    second.close()
    assert states == {"successful"}
    assert sorted(seen) == list(range(10))


def test_only_one_has_the_turn(target: str, store: Store) -> None:
    other = open_store(target)
    try:
        with turn(store) as mine:
            with turn(other) as theirs:
                assert (mine, theirs) == (True, False)
            with turn(other) as again:
                assert not again
        with turn(other) as theirs:
            assert theirs
    finally:
        other.close()


def test_after_a_crash_the_running_job_has_failed_and_the_waiting_one_is_done(
    queue: Queue, working: Callable[[Run], Worker]
) -> None:
    cut_off, waiting = queue.put("a", {}), queue.put("b", {})
    claimed = claim(queue)
    assert claimed.id == cut_off.id
    working(lambda *_: {}).wake()
    wait_for(queue, waiting, "successful")
    failed = wait_for(queue, cut_off, "failed")
    assert failed.problem and failed.problem["code"] == "interrupted"
    assert failed.problem["fix"] == {"zh": "请重新提交这个任务", "en": "Start it again"}
    queue.finish(claimed, "successful", result="{}")
    assert wait_for(queue, cut_off, "failed", "successful").state == "failed"


_ENDLESS = """
import sys, time
from geo_risk.jobs import Queue, Worker
from geo_risk.store import open_store
def run(process, inputs, progress):
    print("running", flush=True)
    while True:
        progress(1, 2)
        time.sleep(0.01)
Worker(Queue(open_store(sys.argv[1])), run).wake()
time.sleep(600)
"""


def test_a_program_killed_at_work_leaves_nothing_that_stops_the_next(
    target: str, queue: Queue, working: Callable[[Run], Worker]
) -> None:
    cut_off, waiting = queue.put("a", {}), queue.put("b", {})
    child = subprocess.Popen(
        [sys.executable, "-c", _ENDLESS, target], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    assert child.stdout.readline() == "running\n"
    worker = working(lambda *_: {})
    worker.wake()
    assert now(queue, cut_off).state == "running"
    child.kill()
    child.stdout.close()
    child.wait()
    wait_for(queue, waiting, "successful")
    failed = wait_for(queue, cut_off, "failed")
    assert failed.problem and failed.problem["code"] == "interrupted"


def test_closing_ends_what_runs_as_interrupted_and_leaves_what_waits(
    queue: Queue, working: Callable[[Run], Worker]
) -> None:
    running, waiting = queue.put("a", {}), queue.put("b", {})
    worker = working(endless)
    worker.wake()
    wait_for(queue, running, "running")
    worker.close()
    failed = now(queue, running)
    assert failed.problem and failed.problem["code"] == "interrupted"
    assert now(queue, waiting).state == "accepted"
    worker.wake()
    assert now(queue, waiting).state == "accepted"


def test_the_table_is_written_a_few_times_per_second_only(
    queue: Queue, working: Callable[[Run], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[int] = []
    note = queue.note
    monkeypatch.setattr(
        queue, "note", lambda job, done, *rest: (notes.append(done), note(job, done, *rest))
    )

    def run(_process: str, _inputs: dict[str, Any], progress: Progress) -> dict[str, Any]:
        until = time.monotonic() + 0.7
        while time.monotonic() < until:
            progress(1, 2)
        return {}

    job = queue.put("busy", {})
    working(run).wake()
    wait_for(queue, job, "successful")
    assert 1 <= len(notes) <= 4


def test_too_many_waiting_jobs_are_refused(queue: Queue) -> None:
    jobs = [queue.put("wait", {}) for _ in range(queue_module.MAX_WAITING)]
    with pytest.raises(GeoRiskError) as caught:
        queue.put("wait", {})
    assert (caught.value.code, caught.value.status) == ("queue_full", 429)
    queue.cancel(jobs[0].id)
    assert queue.put("wait", {}).state == "accepted"


def test_old_jobs_are_forgotten(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "KEPT_JOBS", 3)
    monkeypatch.setattr(queue_module, "KEPT_RESULT_BYTES", 25)

    def done(size: int) -> Job:
        job = queue.put("old", {})
        queue.finish(claim(queue), "successful", result="x" * size)
        return job

    first, *others = [done(1) for _ in range(4)]
    queue.put("new", {})
    assert queue.job(first.id) is None
    assert all(queue.job(job.id) for job in others)
    queue.finish(claim(queue), "failed", problem=InputError("x", Text("甲", "a")))
    large = done(25)
    newest = done(20)
    queue.put("new", {})
    assert [job.id for job in queue.jobs(10)[0]][1:] == [newest.id]
    assert queue.job(large.id) is None
    table = queue.store.schema.jobs
    with queue.store.noting() as connection:
        long_ago = update(table).where(table.c.id == newest.id)
        connection.execute(long_ago.values(finished_at="2001-01-01T00:00:00.000Z"))
    queue.put("new", {})
    assert queue.job(newest.id) is None


def test_a_store_of_before_gets_the_table(target: str, store: Store) -> None:
    with store.writing() as connection:
        store.schema.jobs.drop(connection)
        store.set_meta(connection, "layers", "before")
    opened = open_store(target)
    try:
        assert Queue(opened).jobs(10) == ([], 0)
    finally:
        opened.close()
