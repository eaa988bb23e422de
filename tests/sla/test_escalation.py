"""Ladders: warned, escalated, chased; each rung once, in order, whoever fires it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

import app
from engine import absences, cases, incidents
from engine.cases import Filed
from sla import escalation
from sla.audiences import Firing
from store import tables
from store.database import Database
from tests.support.clocked import LADDER
from tests.support.office import Office, taipei
from tests.support.packages import diagram, flows, user_task, write_package
from tests.support.races import at_once

ALL = [
    "0.5 warned",
    "0.8 warned",
    "due escalated",
    "due+1wd chased",
    "due+3wd escalated",
]


def told_people(office: Office, case: Filed) -> list[tuple[str, str]]:
    """Who was told what in the application, by name."""
    names = {row.id: row.display_name for row in office.rows(tables.persons)}
    notices = office.rows(tables.person_notices, case)
    return sorted((notice.detail["point"], names[notice.person_id]) for notice in notices)


def test_a_case_left_alone_is_warned_escalated_and_chased(office: Office) -> None:
    for name in ("counter Lin", "chief Wu", "director Su"):
        office.person(name)
    case = office.file("CLOCKED")

    office.go_to("2026-03-04", "08:29")
    assert office.fired(case) == []
    office.go_to("2026-03-04", "08:30")  # half of 35 office hours
    assert office.fired(case) == ALL[:1]
    office.go_to("2026-03-05", "10:00")  # four fifths
    assert office.fired(case) == ALL[:2]
    office.clock.move_to(taipei("2026-03-06") - timedelta(microseconds=1))
    assert office.do_due() == 0
    office.go_to("2026-03-06")
    assert office.fired(case) == ALL[:3]
    office.go_to("2026-03-20")
    assert office.fired(case) == ALL

    assert told_people(office, case) == [
        ("0.5", "counter Lin"),
        ("0.8", "chief Wu"),
        ("0.8", "counter Lin"),
        ("due", "chief Wu"),
        ("due+1wd", "chief Wu"),
        ("due+3wd", "director Su"),
    ]


def test_the_one_who_has_the_task_is_told_and_whoever_stands_in(office: Office) -> None:
    for name in ("counter Lin", "counter Ho", "chief Wu"):
        office.person(name)
    case = office.file("CLOCKED")
    office.claim(case, "check", by="counter Ho")
    away = absences.Absence(
        person_id=office.person("counter Ho").person_id,
        first_day=taipei("2026-03-01").date(),
        last_day=taipei("2026-03-10").date(),
        substitute_id=office.person("counter Lin").person_id,
    )
    with office.db.transaction() as tx:
        absences.set_absence(tx, away, office.person("counter Ho"), office.clock.now())

    office.go_to("2026-03-04", "10:00")

    assert told_people(office, case) == [("0.5", "counter Ho"), ("0.5", "counter Lin")]


def test_whoever_has_an_address_gets_a_mail_without_personal_data(office: Office) -> None:
    lin = office.person("counter Lin")
    office.give_mail(lin.person_id, "lin@office.example")
    case = office.file("CLOCKED")

    office.go_to("2026-03-04", "10:00")

    (parcel,) = office.transport.parcels  # type: ignore[attr-defined]
    assert parcel.body["to"] == "lin@office.example"
    assert case.number in parcel.body["subject"]
    assert "王小明" not in str(parcel.body)
    assert [row.status for row in office.promises(case)] == ["confirmed"]


def test_after_a_downtime_every_rung_fires_once_in_its_order(office: Office) -> None:
    office.person("chief Wu")
    first, second = office.file("CLOCKED"), office.file("CLOCKED")

    office.go_to("2026-03-23")

    assert office.fired(first) == ALL
    assert office.fired(second) == ALL
    assert office.do_due() == 0


def test_many_workers_fire_each_rung_once(office: Office) -> None:
    for name in ("counter Lin", "chief Wu", "director Su"):
        office.person(name)
    filed = [office.file("CLOCKED") for _ in range(6)]
    now = office.clock.move_to(taipei("2026-03-23"))

    def drain() -> int:
        done = 0
        while escalation.fire_next_rung(office.db, app.WAYS, now):
            done += 1
        return done

    _, refused = at_once(*(drain for _ in range(4)))

    assert refused == []
    assert [office.fired(case) for case in filed] == [ALL] * 6
    assert len(office.rows(tables.person_notices)) == 6 * 6


def test_a_rung_that_reaches_nobody_is_an_incident(office: Office) -> None:
    case = office.file("CLOCKED")
    with office.db.transaction() as tx:
        tx.execute(tables.memberships.delete())

    office.go_to("2026-03-04", "10:00")

    (incident,) = office.rows(tables.incidents, case)
    assert (incident.source, incident.code) == ("rung", "rung.nobody")
    assert office.fired(case) == ALL[:1]


@pytest.fixture
def broken() -> dict[str, bool]:
    return {"is": True}


def ways(broken: dict[str, bool], bad: Filed) -> escalation.Ways:
    def chase(tx: Connection, firing: Firing, now: Any) -> None:
        if broken["is"] and firing.case.id == bad.id:
            raise ZeroDivisionError
        app.WAYS.chase(tx, firing, now)

    return escalation.Ways(chase)


def test_a_poisoned_rung_is_put_off_then_an_incident_and_others_go_on(
    office: Office, broken: dict[str, bool]
) -> None:
    for name in ("chief Wu", "director Su"):
        office.person(name)
    bad, good = office.file("CLOCKED"), office.file("CLOCKED")
    mine = ways(broken, bad)
    office.clock.move_to(taipei("2026-03-23"))
    for delay in (0, 1, 30, 300):
        office.clock.move(timedelta(seconds=delay))
        _drain(office.db, mine, office)

    assert office.fired(good) == ALL
    assert office.fired(bad) == [*ALL[:3], ALL[4]]  # those above go on without it
    (incident,) = office.rows(tables.incidents, bad)
    assert (incident.source, incident.code) == ("rung", "rung.failed")
    assert _next_due(office.db) is None

    broken["is"] = False
    operator = office.person("operator Ho")
    with office.db.transaction() as tx:
        incidents.retry(tx, incident.id, {}, operator, office.clock.now())
    _drain(office.db, mine, office)
    assert sorted(office.fired(bad)) == sorted(ALL)


def _drain(db: Database, mine: escalation.Ways, office: Office) -> None:
    for _ in range(100):
        if not escalation.fire_next_rung(db, mine, office.clock.now()):
            return
    raise AssertionError("A rung is due for ever")


def _next_due(db: Database) -> Any:
    with db.transaction(read_only=True) as tx:
        return escalation.next_due(tx)


def test_the_beat_can_sleep_until_the_next_rung_even_while_one_is_put_off(
    office: Office, broken: dict[str, bool]
) -> None:
    case = office.file("CLOCKED")
    assert _next_due(office.db) == taipei("2026-03-04", "08:30")
    office.clock.move_to(taipei("2026-03-09", "17:00"))
    mine = ways(broken, case)
    _drain(office.db, mine, office)

    assert _next_due(office.db) == office.clock.now() + timedelta(seconds=1)


def test_the_chase_begins_once_from_its_rung_and_ends_with_its_case(office: Office) -> None:
    office.deploy_real("C13")
    office.person("chief Wu")
    case = office.file("CLOCKED")

    office.go_to("2026-03-06", "16:59")
    assert _chases(office) == []
    office.go_to("2026-03-06", "17:00")
    (chase,) = _chases(office)
    assert (chase.parent_case_id, chase.status, chase.channel) == (case.id, "active", "rung")
    office.go_to("2026-03-20")
    assert len(_chases(office)) == 1

    office.complete(case, "check", by="counter Lin", outcome="complete")
    office.complete(case, "decide", by="reviewer Wu")
    office.do_due()
    assert [row.status for row in _chases(office)] == ["closed"]


def test_a_case_that_was_withdrawn_is_chased_no_more(office: Office) -> None:
    office.deploy_real("C13")
    case = office.file("CLOCKED")
    office.go_to("2026-03-10")
    chief = office.person("chief Wu")
    with office.db.transaction() as tx:
        cases.withdraw(tx, case.id, "申請人撤回", chief, office.clock.now())
    office.do_due()

    assert [row.status for row in _chases(office)] == ["closed"]


def _chases(office: Office) -> list[Any]:
    with office.db.transaction(read_only=True) as tx:
        wanted = select(tables.cases).where(tables.cases.c.package_id == "C13")
        return list(tx.execute(wanted))


def test_a_task_has_a_clock_and_a_ladder_of_its_own(office: Office, packages: Path) -> None:
    body = (
        '<startEvent id="start"/>'
        + user_task("review", "reviewer", limit="review")
        + '<endEvent id="end"/>'
        + flows("start>review", "review>end")
    )
    limits = (
        "tasks:\n  review: {rule: PROC_WORKDAY, length: 1, unit: working_day, ladder: standard}\n"
    )
    write_package(packages, "TASKED", diagram("TASKED", body), limits=limits + LADDER)
    office.deploy("TASKED")
    for name in ("reviewer Wu", "chief Wu"):
        office.person(name)
    case = office.file("TASKED")
    task = office.task(case, "review")

    assert task.urgent_at == taipei("2026-03-04")
    office.go_to("2026-03-04")
    assert office.fired(case) == ALL[:3]
    assert ("0.5", "reviewer Wu") in told_people(office, case)
    office.complete(case, "review", by="reviewer Wu")
    assert office.clock_of(case, "review").status == "met"
    assert office.go_to("2026-03-30") == 0
