"""Clocks as ledgers: start, pause, go on, longer, stop; each act once, each date explained."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from engine import cases
from engine.cases import Filed
from engine.errors import Conflict, Forbidden, Rejected
from engine.events import CaseRef
from sla import clocks, extensions, overdue
from sla.extensions import Longer
from sla.ledger import Start
from sla.listeners import limits_of
from sla.spans import Unit
from sla.steps import Moment
from store import tables
from tests.support.clocked import LIMITS, with_boundary
from tests.support.office import Office, taipei
from tests.support.packages import write_package
from tests.support.races import at_once


def sent_for_papers(office: Office, case: Filed) -> None:
    office.complete(case, "check", by="counter Lin", outcome="missing")


def papers_came(office: Office, case: Filed) -> None:
    office.complete(case, "wait_papers", by="counter Lin")


def begin(office: Office, case: Filed, on: Moment, name: str = "processing") -> None:
    """Start a clock as an operation of the diagram would."""
    row, actor = office.row(case), office.person("chief Wu")
    ref = CaseRef(row.id, row.number, row.office_id, row.package_id, row.definition_id, row.version)
    with office.db.transaction() as tx:
        plan = replace(limits_of(tx, ref).clocks["processing"], name=name)
        clocks.start(tx, ref, plan, Start(on), actor, office.clock.now())


def longer(days: int = 3, told_on: str = "2026-03-04") -> Longer:
    return Longer(days, Unit.WORKING_DAY, "案情繁雜", date.fromisoformat(told_on))


def extend(office: Office, case: Filed, by: Longer, who: str = "chief Wu") -> datetime:
    actor = office.person(who)
    with office.db.transaction() as tx:
        return extensions.extend(tx, office.clock_of(case).id, by, actor, office.clock.now())


def test_filing_starts_the_clock_and_says_why_it_ends_when_it_does(office: Office) -> None:
    case = office.file("CLOCKED")

    clock = office.clock_of(case)
    assert (clock.status, clock.started_on, clock.due_on) == (
        "running",
        date(2026, 3, 2),
        date(2026, 3, 5),
    )
    assert clock.due_at == taipei("2026-03-06")
    assert clock.explanation["zh-TW"]["steps"][0]["article"]
    assert [row.kind for row in office.ledger(case)] == ["start"]


def test_a_case_is_overdue_at_the_first_instant_of_the_day_after_its_last(office: Office) -> None:
    office.file("CLOCKED")
    chief = office.person("chief Wu")

    def queue() -> int:
        with office.db.transaction(read_only=True) as tx:
            return len(overdue.queue(tx, chief, office.clock.now()))

    office.clock.move_to(taipei("2026-03-06") - timedelta(microseconds=1))
    assert queue() == 0

    office.clock.move(timedelta(microseconds=1))  # and no worker runs
    assert queue() == 1


def test_missing_papers_stop_the_clock_and_the_rest_runs_when_they_come(office: Office) -> None:
    case = office.file("CLOCKED")
    office.go_to("2026-03-03", "10:00")
    sent_for_papers(office, case)

    paused = office.clock_of(case)
    assert (paused.status, paused.due_at, paused.remaining) == ("paused", None, {"amount": 2})

    office.go_to("2026-03-10", "15:00")
    papers_came(office, case)
    # Day 1 was 3 March, the day of the notice; the 10th does not count: 11 and 12 March.
    resumed = office.clock_of(case)
    assert (resumed.status, resumed.due_on) == ("running", date(2026, 3, 12))
    assert [row.kind for row in office.ledger(case)] == ["start", "pause", "resume"]


def test_nothing_is_overdue_while_papers_are_awaited_from_the_very_last_day(
    office: Office,
) -> None:
    case = office.file("CLOCKED")
    office.go_to("2026-03-05", "16:00")
    sent_for_papers(office, case)

    office.go_to("2026-03-20", "10:00")
    assert office.clock_of(case).status == "paused"
    assert "due escalated" not in office.fired(case)

    papers_came(office, case)
    assert office.clock_of(case).due_on == date(2026, 3, 23)


def test_a_limit_that_is_over_cannot_be_stopped_any_more(office: Office) -> None:
    case = office.file("CLOCKED")
    office.go_to("2026-03-06", "09:00")

    sent_for_papers(office, case)

    clock = office.clock_of(case)
    assert (clock.status, clock.due_at) == ("running", taipei("2026-03-06"))
    assert [row.kind for row in office.ledger(case)] == ["start"]
    assert office.open_tasks(case) == ["wait_papers"]


def test_a_clock_that_may_not_pause_refuses_and_says_what_to_write(
    office: Office, packages: Path
) -> None:
    limits = LIMITS.replace("pausable: true, ", "")
    write_package(packages, "FIXED", with_boundary("FIXED", "processing", "due"), limits=limits)
    office.deploy("FIXED")
    case = office.file("FIXED")

    sent_for_papers(office, case)

    assert "pausable: true" in office.rows(tables.incidents, case)[0].message
    assert office.clock_of(case).status == "running"


def test_a_ground_the_law_does_not_know_is_refused(office: Office) -> None:
    case = office.file("CLOCKED")
    actor, today = office.person("chief Wu"), date(2026, 3, 2)

    with pytest.raises(Rejected, match="correction"), office.db.transaction() as tx:
        clocks.pause(tx, office.clock_of(case), "holiday", today, actor, office.clock.now())


def test_the_one_extension_runs_on_from_the_last_day(office: Office) -> None:
    case = office.file("CLOCKED")
    office.go_to("2026-03-04", "10:00")

    assert extend(office, case, longer(3)) == taipei("2026-03-11")

    entry = office.ledger(case)[-1]
    assert (entry.kind, entry.reason) == ("extend", "案情繁雜")
    assert (entry.due_before, entry.due_after) == (taipei("2026-03-06"), taipei("2026-03-11"))
    with pytest.raises(Conflict) as again:
        extend(office, case, longer(1))
    assert again.value.code == "clock.extended_before"


@pytest.mark.parametrize(
    ("at", "by", "who", "code"),
    [
        ("2026-03-06", longer(1, "2026-03-05"), "chief Wu", "clock.expired"),
        ("2026-03-05", longer(4), "chief Wu", "extension.too_long"),
        ("2026-03-04", longer(1, "2026-03-05"), "chief Wu", "clock.told_on"),
        ("2026-03-04", longer(1, "2026-03-01"), "chief Wu", "clock.told_on"),
        ("2026-03-04", longer(1), "counter Lin", "clock.extend"),
        (
            "2026-03-04",
            Longer(1, Unit.WORKING_DAY, " ", date(2026, 3, 4)),
            "chief Wu",
            "clock.reason",
        ),
    ],
)
def test_an_unlawful_extension_is_refused_and_changes_nothing(
    office: Office, at: str, by: Longer, who: str, code: str
) -> None:
    case = office.file("CLOCKED")
    office.clock.move_to(taipei(at, "00:00"))

    with pytest.raises((Conflict, Forbidden, Rejected)) as refused:
        extend(office, case, by, who)

    assert refused.value.code == code
    assert len(office.ledger(case)) == 1
    assert office.due(case) == taipei("2026-03-06")


def test_a_clock_that_stands_still_cannot_be_extended(office: Office) -> None:
    case = office.file("CLOCKED")
    sent_for_papers(office, case)

    with pytest.raises(Conflict) as refused:
        extend(office, case, longer(1, "2026-03-02"))

    assert refused.value.code == "clock.paused"


def test_two_supervisors_extend_once(office: Office) -> None:
    case = office.file("CLOCKED")
    for name in ("chief Wu", "chief Ho"):
        office.person(name)
    office.go_to("2026-03-04", "10:00")

    granted, refused = at_once(
        partial(extend, office, case, longer(1), "chief Wu"),
        partial(extend, office, case, longer(2), "chief Ho"),
    )

    assert (len(granted), len(refused)) == (1, 1)
    assert [row.kind for row in office.ledger(case)].count("extend") == 1


def test_closing_the_case_stops_its_clocks_and_silences_what_follows(office: Office) -> None:
    case = office.file("CLOCKED")
    office.complete(case, "check", by="counter Lin", outcome="complete")
    office.complete(case, "decide", by="reviewer Wu")

    assert office.clock_of(case).status == "met"
    assert {rung.status for rung in office.rows(tables.rungs, case)} == {"cancelled"}
    assert "clock.met" in office.actions(case)
    assert office.go_to("2026-03-20") == 0


def test_a_case_that_ends_late_is_not_said_to_have_met_its_limit(office: Office) -> None:
    case = office.file("CLOCKED")
    office.go_to("2026-03-09", "10:00")
    office.complete(case, "check", by="counter Lin", outcome="complete")
    office.complete(case, "decide", by="reviewer Wu")

    assert "clock.met" not in office.actions(case)
    assert "clock.stopped" in office.actions(case)


def test_a_timer_on_a_point_is_armed_stands_still_and_is_armed_again(
    office: Office, packages: Path
) -> None:
    write_package(packages, "NEAR", with_boundary("NEAR", "processing", "0.8"), limits=LIMITS)
    office.deploy("NEAR")
    case = office.file("NEAR")
    office.complete(case, "check", by="counter Lin", outcome="complete")

    def timer() -> datetime | None:
        due: datetime | None = office.rows(tables.timers, case)[0].due_at
        return due

    # 35 office hours from Monday 09:00 to Thursday 17:00, of which 28 have run on Thursday at 10.
    assert timer() == taipei("2026-03-05", "10:00")
    actor, today = office.person("chief Wu"), date(2026, 3, 2)
    with office.db.transaction() as tx:
        clocks.pause(tx, office.clock_of(case), "disaster", today, actor, office.clock.now())
    assert timer() is None

    with office.db.transaction() as tx:
        back = date(2026, 3, 3)
        clocks.resume(tx, office.clock_of(case), back, actor, office.clock.now())
    assert timer() is not None
    office.go_to("2026-03-06", "17:00")
    assert "hurry" in office.open_tasks(case)


def test_a_timer_named_before_its_clock_starts_is_armed_when_it_does(
    office: Office, packages: Path
) -> None:
    limits = LIMITS.replace("pausable", "start: operation, pausable")
    write_package(packages, "LATER", with_boundary("LATER", "processing", "due"), limits=limits)
    office.deploy("LATER")
    case = office.file("LATER")
    office.complete(case, "check", by="counter Lin", outcome="complete")
    assert [row.due_at for row in office.rows(tables.timers, case)] == [None]

    begin(office, case, office.clock.now())

    assert [row.due_at for row in office.rows(tables.timers, case)] == [taipei("2026-03-06")]


def test_a_time_without_a_zone_starts_no_clock(office: Office) -> None:
    case = office.file("CLOCKED")

    with pytest.raises(Rejected, match="zone"):
        begin(office, case, datetime(2026, 3, 2, 9), name="other")  # noqa: DTZ001

    assert len(office.rows(tables.clocks, case)) == 1


def test_a_clock_that_is_started_twice_is_started_once(office: Office) -> None:
    case = office.file("CLOCKED")

    begin(office, case, office.clock.move(timedelta(days=1)))

    assert office.due(case) == taipei("2026-03-06")
    assert len(office.ledger(case)) == 1


def test_open_tasks_know_how_urgent_their_case_is(office: Office) -> None:
    case = office.file("CLOCKED")
    assert office.task(case, "check").urgent_at == taipei("2026-03-06")

    sent_for_papers(office, case)
    assert office.task(case, "wait_papers").urgent_at is None

    office.go_to("2026-03-03", "09:00")
    papers_came(office, case)
    assert office.task(case, "check").urgent_at == office.due(case)


def test_a_suspended_case_stays_under_its_clock(office: Office) -> None:
    """Suspending is the office's own act; only a lawful ground stops a limit."""
    case = office.file("CLOCKED")
    chief = office.person("chief Wu")
    with office.db.transaction() as tx:
        cases.suspend(tx, case.id, "court", chief, office.clock.now())

    office.go_to("2026-03-06", "00:00")

    assert office.clock_of(case).status == "running"
    assert office.fired(case) == ["0.5 warned", "0.8 warned", "due escalated"]
