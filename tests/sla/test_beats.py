"""Beats with real threads and the real clock: prompt, woken, going on, stopping."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from engine import timers
from engine.clock import SystemClock
from sla.beats import LONGEST_SLEEP, Beat, Worker
from store import tables
from store.database import Database, open_database, wake
from tests.support.driver import CaseDriver
from tests.support.packages import diagram, flows, user_task, write_package

SOON = diagram(
    "SOON",
    '<startEvent id="start"/>'
    + user_task("wait")
    + '<boundaryEvent id="late" attachedToRef="wait"><timerEventDefinition>'
    + "<timeDuration>PT1.5S</timeDuration></timerEventDefinition></boundaryEvent>"
    + '<endEvent id="end"/><endEvent id="over"/>'
    + flows("start>wait", "wait>end", "late>over"),
)
CLOCK = SystemClock()


def never(tx: Connection) -> datetime | None:
    return None


@contextmanager
def working(db: Database, *beats: Beat) -> Iterator[Worker]:
    worker = Worker(db, CLOCK, beats)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def until(true: Callable[[], Any], seconds: float = 10) -> Any:
    """Wait until something is true, and say what."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if found := true():
            return found
        pause.wait(0.01)
    raise AssertionError("It never came")


def test_a_timer_fires_within_a_second_and_never_early(db: Database, tmp_path: Path) -> None:
    write_package(tmp_path / "packages", "SOON", SOON)
    driver = CaseDriver(db, CLOCK, tmp_path / "packages")  # type: ignore[arg-type]
    driver.deploy("SOON")

    with working(db, Beat("timers", timers.fire_next, timers.next_due, ("timers",))):
        filed = [driver.file("SOON") for _ in range(3)]
        until(lambda: all(driver.status(case) == "closed" for case in filed))

    for timer in driver.rows(tables.timers):
        assert timedelta() <= timer.fired_at - timer.due_at < timedelta(seconds=1)


def test_a_sleeping_beat_is_woken_by_what_is_written(db: Database) -> None:
    asked, came = threading.Event(), threading.Event()

    def run(db: Database, now: datetime) -> bool:
        if asked.is_set():
            came.set()
        return False

    with working(db, Beat("waiting", run, never, ("jobs",))):
        pause = threading.Event()
        late: list[float] = []
        for _ in range(8):
            pause.wait(0.05)  # it sleeps now, for as long as it may
            asked.set()
            began = CLOCK.now()
            with db.transaction() as tx:
                wake(tx, "jobs")
            assert came.wait(5)
            late.append((CLOCK.now() - began).total_seconds())
            asked.clear()
            came.clear()

    assert sorted(late)[4] < LONGEST_SLEEP.total_seconds() / 2, late


@pytest.mark.parametrize("fault", [ZeroDivisionError, SystemExit])
def test_a_beat_that_fails_goes_on(db: Database, fault: type[BaseException]) -> None:
    tries: list[datetime] = []

    def run(db: Database, now: datetime) -> bool:
        tries.append(now)
        if len(tries) == 1:
            raise fault
        return False

    others: list[datetime] = []

    def other(db: Database, now: datetime) -> bool:
        others.append(now)
        return False

    with working(db, Beat("bad", run, never, ("jobs",)), Beat("good", other, never, ("jobs",))):
        until(lambda: len(tries) >= 2)

    assert others


def test_a_beat_drains_what_is_due_before_it_looks_how_long_to_sleep(db: Database) -> None:
    did: list[str] = []

    def run(db: Database, now: datetime) -> bool:
        did.append("run")
        return did.count("run") < 3

    def look(tx: Connection) -> datetime | None:
        did.append("look")
        return None

    with working(db, Beat("busy", run, look, ("jobs",))):
        until(lambda: "look" in did)

    assert did[:4] == ["run", "run", "run", "look"]


def test_stopping_waits_for_what_is_under_way_and_nothing_runs_after(db: Database) -> None:
    began, may_end, ended = threading.Event(), threading.Event(), threading.Event()
    runs: list[datetime] = []

    def run(db: Database, now: datetime) -> bool:
        runs.append(now)
        began.set()
        may_end.wait(5)
        ended.set()
        return True

    worker = Worker(db, CLOCK, [Beat("slow", run, never, ("jobs",))])
    worker.start()
    assert began.wait(5)
    threading.Timer(0.1, may_end.set).start()
    worker.stop()

    assert ended.is_set()
    assert len(runs) == 1
    assert threading.Event().wait(0.2) is False
    assert len(runs) == 1


def test_a_worker_may_be_stopped_as_it_begins(sqlite_url: str) -> None:
    """The scheduler's thread must not find its jobs gone: a fault there would be told by pytest."""
    db = open_database(sqlite_url)
    for _ in range(100):
        worker = Worker(db, CLOCK, [Beat("brief", lambda db, now: False, never, ("jobs",))])
        worker.start()
        worker.stop()
    db.close()


def test_stopping_a_sleeping_worker_takes_no_time(db: Database) -> None:
    with working(
        db, *(Beat(f"beat {n}", lambda db, now: False, never, ("jobs",)) for n in range(6))
    ):
        threading.Event().wait(0.2)
        began = CLOCK.now()

    assert CLOCK.now() - began < timedelta(seconds=1.5)


def test_the_scheduler_says_nothing_every_second(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with working(db, Beat("beat", lambda db, now: False, never, ("jobs",))):
        threading.Event().wait(2.2)

    assert [record for record in caplog.records if record.levelname == "WARNING"] == []
