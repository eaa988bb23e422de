"""Timers: once in effect, never early, in order, and a bad one harms no other."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from engine import cases, events, incidents, timers
from engine.errors import Conflict
from store import tables
from store.database import Database
from tests.support.driver import CaseDriver
from tests.support.packages import PROCESSING, diagram, flows, user_task, write_package
from tests.support.races import at_once

TIMER = (
    '<boundaryEvent id="late" attachedToRef="wait" cancelActivity="true"><timerEventDefinition>'
    "<timeDuration>{}</timeDuration></timerEventDefinition></boundaryEvent>"
)
WAITING = diagram(
    "WAITING",
    '<startEvent id="start"/>'
    + user_task("wait")
    + TIMER.format("P1D")
    + user_task("chase")
    + '<endEvent id="end"/><endEvent id="chased"/>'
    + flows("start>wait", "wait>end", "late>chase", "chase>chased"),
)
CLOCKED = WAITING.replace(b"WAITING", b"CLOCKED").replace(
    b"<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>",
    b'<timerEventDefinition hz:clock="processing" hz:point="due"/>',
)
DAY = timedelta(days=1)


@pytest.fixture
def office(driver: CaseDriver, packages: Path) -> CaseDriver:
    write_package(packages, "WAITING", WAITING)
    driver.deploy("WAITING")
    return driver


def test_a_timer_fires_when_it_is_due_and_not_before(office: CaseDriver) -> None:
    case = office.file("WAITING")

    office.pass_time(DAY - timedelta(microseconds=1))
    assert office.open_tasks(case) == ["wait"]

    office.pass_time(timedelta(microseconds=1))
    assert office.open_tasks(case) == ["chase"]
    assert [timer.status for timer in office.rows(tables.timers, case)] == ["fired"]


def test_a_timer_that_is_no_longer_needed_is_cancelled(office: CaseDriver) -> None:
    case = office.file("WAITING")
    office.complete(case, "wait", by="counter Lin")

    office.pass_time(2 * DAY)

    assert office.status(case) == "closed"
    assert [timer.status for timer in office.rows(tables.timers, case)] == ["cancelled"]


def test_many_workers_fire_each_timer_once(office: CaseDriver) -> None:
    filed = [office.file("WAITING") for _ in range(30)]
    now = office.clock.move(DAY)

    def drain() -> int:
        done = 0
        while timers.fire_next(office.db, now):
            done += 1
        return done

    _, refused = at_once(*(drain for _ in range(6)))

    assert refused == []
    assert [office.open_tasks(case) for case in filed] == [["chase"]] * 30
    assert all(office.actions(case).count("timer.fired") == 1 for case in filed)
    assert all(office.row(case).version == 2 for case in filed)


def test_after_a_downtime_timers_fire_in_the_order_they_were_due(office: CaseDriver) -> None:
    filed = []
    for _ in range(3):
        filed.append(office.file("WAITING"))
        office.clock.move(timedelta(hours=1))
    office.pass_time(7 * DAY)

    with office.db.transaction(read_only=True) as tx:
        order = tx.scalars(
            select(tables.history.c.case_id)
            .where(tables.history.c.action == "timer.fired")
            .order_by(tables.history.c.id)
        ).all()
    assert order == [case.id for case in filed]


def test_the_next_due_time_is_known_so_a_beat_can_sleep(office: CaseDriver) -> None:
    assert _next_due(office.db) is None
    office.file("WAITING")

    assert _next_due(office.db) == office.clock.now() + DAY


def _next_due(db: Database) -> object:
    with db.transaction(read_only=True) as tx:
        return timers.next_due(tx)


def test_a_poisoned_timer_is_put_off_then_an_incident_and_others_go_on(
    office: CaseDriver,
) -> None:
    bad, good = office.file("WAITING"), office.file("WAITING")

    def explode(tx: Connection, event: events.UserTaskCreated, now: object) -> None:
        if event.case.id == bad.id and event.element_id == "chase":
            raise ZeroDivisionError

    events.subscribe(events.UserTaskCreated, explode)
    office.pass_time(DAY)
    assert office.open_tasks(good) == ["chase"]
    assert office.open_tasks(bad) == ["wait"]

    for delay in (1, 30, 300):
        assert office.pass_time(timedelta(seconds=delay) - timedelta(microseconds=1)) == 0
        assert office.pass_time(timedelta(microseconds=1)) == 1
    assert office.pass_time(DAY) == 0
    incident = office.rows(tables.incidents, bad)[0]
    assert (incident.source, incident.code, incident.status) == ("timer", "timer.failed", "open")
    assert "ZeroDivisionError" in incident.message

    events.forget_listeners()
    operator = office.person("operator Su")
    with office.db.transaction() as tx:
        incidents.retry(tx, incident.id, {}, operator, office.clock.now())
    office.do_due()
    assert office.open_tasks(bad) == ["chase"]
    assert office.rows(tables.incidents, bad)[0].status == "resolved"


def test_the_timers_of_a_suspended_case_wait_until_it_is_resumed(office: CaseDriver) -> None:
    case = office.file("WAITING")
    chief = office.person("chief Wu")
    with office.db.transaction() as tx:
        cases.suspend(tx, case.id, "court", chief, office.clock.now())

    assert office.pass_time(3 * DAY) == 0
    assert _next_due(office.db) is None
    with pytest.raises(Conflict, match="suspended"):
        office.complete(case, "wait", by="counter Lin")

    with office.db.transaction() as tx:
        cases.resume(tx, case.id, "it may go on", chief, office.clock.now())
    office.do_due()
    assert office.open_tasks(case) == ["chase"]


def test_a_timer_on_a_clock_is_announced_and_fires_when_armed(
    driver: CaseDriver, packages: Path
) -> None:
    write_package(packages, "CLOCKED", CLOCKED, limits=PROCESSING)
    announced: list[events.ClockTimerScheduled] = []

    def heard(tx: Connection, event: events.ClockTimerScheduled, now: object) -> None:
        announced.append(event)

    events.subscribe(events.ClockTimerScheduled, heard)
    driver.deploy("CLOCKED")
    case = driver.file("CLOCKED")
    assert [(event.clock, event.point) for event in announced] == [("processing", "due")]
    assert driver.pass_time(30 * DAY) == 0

    with driver.db.transaction() as tx:
        timers.arm(tx, announced[0].timer_id, driver.clock.now() + DAY)
    driver.pass_time(DAY)

    assert driver.open_tasks(case) == ["chase"]
    with pytest.raises(Conflict), driver.db.transaction() as tx:
        timers.arm(tx, announced[0].timer_id, None)


def test_a_timer_and_a_person_at_once_do_one_thing(office: CaseDriver) -> None:
    for _ in range(5):
        case = office.file("WAITING")
        task_id = office.claim(case, "wait", by="counter Lin")
        now = office.clock.move(DAY)
        actor = office.person("counter Lin")

        at_once(
            partial(timers.fire_next, office.db, now),
            partial(office.db.run, partial(_complete, task_id, actor, now)),
        )

        assert (office.status(case), office.open_tasks(case)) in (
            ("closed", []),
            ("active", ["chase"]),
        )


def _complete(task_id: object, actor: object, now: object, tx: Connection) -> None:
    from engine.user_tasks import Completion, complete

    complete(tx, task_id, Completion(), actor, now)  # type: ignore[arg-type]


def test_a_timer_row_without_its_wait_becomes_an_incident_not_a_loop(office: CaseDriver) -> None:
    case = office.file("WAITING")
    office.complete(case, "wait", by="counter Lin")
    with office.db.transaction() as tx:
        tx.execute(update(tables.timers).values(status="waiting"))
        tx.execute(update(tables.cases).values(status="active"))

    for seconds in (24 * 3600, 1, 30, 300):
        assert office.pass_time(timedelta(seconds=seconds)) == 1
    assert office.pass_time(DAY) == 0
    assert office.rows(tables.incidents, case)[0].source == "timer"
