"""Reports say what the rows say: told naively hour by hour, and the same before and after the days
are summed up."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from engine.clock import TAIPEI, legal_day
from engine.errors import Rejected, Unavailable
from sla import extensions, month_figures, reports
from sla.ended import Sums
from sla.extensions import Longer
from sla.reports import EVERYWHERE, Line, Report, Wanted
from sla.spans import Unit
from store import tables
from tests.support.factories import OFFICE, an_office, an_officer
from tests.support.office import Office

HOUR = timedelta(hours=1)
FEBRUARY = date(2026, 2, 1)
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
CLERKS, REVIEWERS = ("counter Lin", "counter Ho"), ("reviewer Wu", "reviewer Tan")


def told(office: Office, wanted: Wanted | None = None, by: str = "chief Wu") -> Report:
    chief = office.person(by)
    with office.db.transaction(read_only=True) as tx:
        return reports.report(tx, wanted or Wanted(MARCH, APRIL), chief, office.clock.now())


def sum_up(office: Office, most: int = 1_000) -> int:
    done = 0
    while done < most and month_figures.sum_up_next(office.db, office.clock.now()):
        done += 1
    return done


def a_life(office: Office, seed: int, cases: int = 9) -> None:
    """Cases worked on over some weeks by hours, some sent back for papers, some left open."""
    chance = random.Random(seed)
    running = []
    while cases or running:
        office.clock.move(HOUR * chance.choice((1, 3, 20, 50)))
        if cases and (not running or chance.random() < 0.4):
            running.append(office.file("CLOCKED", by=chance.choice(CLERKS)))
            cases -= 1
            continue
        case = chance.choice(running)
        (task,) = office.tasks(case)
        by = chance.choice(REVIEWERS if task.element_id == "decide" else CLERKS)
        if task.status == "unclaimed" and chance.random() < 0.5 and not task.wait:
            office.claim(case, task.element_id, by)
            continue
        if task.assignee_id is not None:
            by = next(n for n, a in office._people.items() if a.person_id == task.assignee_id)
        outcome = None
        if task.element_id == "check":
            outcome = chance.choice(("complete", "complete", "missing"))
        office.complete(case, task.element_id, by, outcome)
        if task.element_id == "decide" or chance.random() < 0.05:
            running.remove(case)


# --- the same, told naively ---------------------------------------------------------------------


def naive(office: Office, month: date) -> tuple[Sums, Sums]:
    """Tasks and cases that ended in a month, of the rows alone."""
    tasks, whole = Sums(), Sums()
    for row in office.rows(tables.user_tasks):
        if row.status == "completed" and is_in(month, row.ended_at):
            took = row.claimed_at or row.ended_at
            tasks.done += 1
            tasks.outside += hours(row.ended_at - row.created_at) if row.wait else 0
            tasks.pick_up += 0 if row.wait else hours(took - row.created_at)
            tasks.work += 0 if row.wait else hours(row.ended_at - took)
    for clock in office.rows(tables.clocks):
        if clock.status == "met" and is_in(month, clock.met_at):
            whole.ended += 1
            whole.kept += clock.due_at is None or clock.met_at <= clock.due_at
    for row in office.rows(tables.cases):
        if row.closed_at is not None and is_in(month, row.closed_at):
            whole.done += 1
            hour_by_hour(office, row, whole)
    return tasks, whole


def hour_by_hour(office: Office, case: Any, into: Sums) -> None:
    mine = [row for row in office.rows(tables.user_tasks) if row.case_id == case.id]
    clocks = {row.id for row in office.rows(tables.clocks) if row.case_id == case.id}
    acts = [row for row in office.rows(tables.clock_entries) if row.clock_id in clocks]
    at = case.filed_at
    while at < case.closed_at:
        open_ = [t for t in mine if t.created_at <= at < (t.ended_at or at + HOUR)]
        before = sorted((e for e in acts if e.at <= at), key=lambda entry: entry.number)
        moves = [e for e in before if e.kind in ("pause", "resume", "stop")]
        stands = bool(moves) and moves[-1].kind == "pause"
        into.paused += 3600 * stands
        if any(not t.wait and t.claimed_at and t.claimed_at <= at for t in open_):
            into.work += 3600
        elif any(not t.wait for t in open_):
            into.pick_up += 3600
        elif stands and moves[-1].ground == "correction":
            into.applicant += 3600
        elif open_:
            into.outside += 3600
        else:
            into.system += 3600
        at += HOUR


def is_in(month: date, at: datetime) -> bool:
    local = at.astimezone(TAIPEI)
    return (local.year, local.month) == (month.year, month.month)


def hours(spent: timedelta) -> int:
    assert spent % HOUR == timedelta()
    return int(spent.total_seconds())


# --- stories ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_a_report_says_what_the_rows_say(office: Office, seed: int) -> None:
    office.clock.move(timedelta(days=20))
    a_life(office, seed)

    live = told(office)

    for line, month in zip(live.months, (MARCH, APRIL), strict=True):
        tasks, whole = naive(office, month)
        assert (line.tasks, line.cases) == (tasks, whole), month
    assert live.whole.cases.done > 0
    assert live.whole.tasks.work > 0
    assert added(live.steps) == added(live.people) == added(live.sections) == live.whole.tasks
    assert sum(line.cases.done for line in live.packages) == live.whole.cases.done


def added(lines: tuple[Line, ...]) -> Sums:
    total = Sums()
    for line in lines:
        total.add(line.tasks)
    return total


def test_days_that_are_summed_up_change_no_figure(office: Office) -> None:
    office.clock.move(timedelta(days=20))
    a_life(office, seed=7)
    live = told(office)

    for _ in range(100):
        assert told(office) == live
        if sum_up(office, most=1) == 0:
            break

    until = month_figures.settled_until(office.clock.now())
    (come_to,) = office.rows(tables.figured_days)
    assert come_to.next_day == until
    assert office.rows(tables.month_figures)
    a_life(office, seed=8, cases=3)
    assert [line.tasks for line in told(office, Wanted(MARCH, MAY)).months] == [
        naive(office, month)[0] for month in (MARCH, APRIL, MAY)
    ]


def test_a_day_is_added_once_however_many_count_it(office: Office) -> None:
    a_life(office, seed=3)
    now = office.clock.move(timedelta(days=3)) or office.clock.now()
    live = told(office)
    until = month_figures.settled_until(now)
    with office.db.transaction() as tx:
        assert month_figures._come_to(tx, OFFICE, None, until)

    with office.db.transaction() as tx:
        # Another worker counted the same day meanwhile; it comes second and adds nothing.
        assert not month_figures._come_to(tx, OFFICE, None, until)
        assert not month_figures._come_to(tx, OFFICE, legal_day(now) - timedelta(99), until)
        tx.execute(text("DELETE FROM figured_days"))
    sum_up(office)
    assert told(office) == live


def test_today_is_not_summed_up_before_it_has_settled(office: Office) -> None:
    case = office.file("CLOCKED")
    office.complete(case, "check", by="counter Lin", outcome="complete")

    sum_up(office)
    assert office.rows(tables.month_figures) == []
    assert told(office).whole.tasks.done == 1

    office.go_to("2026-03-03", "00:59")
    sum_up(office)
    assert office.rows(tables.month_figures) == []
    office.go_to("2026-03-03", "01:00")
    sum_up(office)
    assert [row.done for row in office.rows(tables.month_figures)] == [1]
    assert told(office).whole.tasks.done == 1


def test_a_season_that_nobody_summed_up_is_refused_until_a_worker_has(office: Office) -> None:
    case = office.file("CLOCKED")
    office.complete(case, "check", by="counter Lin", outcome="complete")
    office.clock.move(timedelta(days=120))
    year = Wanted(date(2025, 8, 1), date(2026, 7, 1))
    with pytest.raises(Unavailable, match="since 2026-03-02 are being summed up"):
        told(office, year)

    sum_up(office)

    assert told(office, year).whole.tasks.done == 1


def test_what_is_too_much_to_count_at_once_is_left_out_by_the_day_or_waited_for(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(month_figures, "MOST_ENDED", 2)
    for day in ("2026-03-02", "2026-03-03"):
        office.go_to(day, "10:00")
        for _ in range(2):
            case = office.file("CLOCKED")
            office.complete(case, "check", by="counter Lin", outcome="complete")
    office.go_to("2026-03-04", "10:00")
    with pytest.raises(Unavailable, match="since 2026-03-0"):  # Monday alone fits, both do not
        told(office)
    sum_up(office)
    whole = told(office)
    for _ in range(3):
        case = office.file("CLOCKED")
        office.complete(case, "check", by="counter Lin", outcome="complete")

    today = told(office)
    office.go_to("2026-03-05", "01:30")
    sum_up(office)
    after = told(office)

    assert (whole.until, whole.whole.tasks.done) == (None, 4)
    assert (today.until, today.whole.tasks.done) == (date(2026, 3, 4), 4)
    assert (after.until, after.whole.tasks.done) == (None, 7)


def test_extensions_are_told_with_their_reasons(office: Office) -> None:
    chief = office.person("chief Wu")
    for reason in ("查證中", "查證中", "案情複雜"):
        case = office.file("CLOCKED")
        longer = Longer(2, Unit.WORKING_DAY, reason, legal_day(office.clock.now()))
        with office.db.transaction() as tx:
            extensions.extend(tx, office.clock_of(case).id, longer, chief, office.clock.now())

    found = told(office).extensions

    assert [(each.reason, each.granted, each.length, each.unit) for each in found] == [
        ("查證中", 2, 4, "working_day"),
        ("案情複雜", 1, 2, "working_day"),
    ]
    assert told(office, Wanted(FEBRUARY, FEBRUARY)).extensions == ()


def test_a_section_is_told_of_its_own_work_only(office: Office) -> None:
    for name in ("counter Lin", "counter Ho"):
        case = office.file("CLOCKED", by=name)
        office.complete(case, "check", by=name, outcome="complete")
    with office.db.transaction() as tx:
        who = office.person("counter Lin").person_id
        row = update(tables.persons).where(tables.persons.c.id == who)
        tx.execute(row.values(section="登記課"))

    mine = told(office, Wanted(MARCH, MARCH, section="登記課"))

    assert [line.key for line in mine.people] == ["counter Lin"]
    assert [line.key for line in mine.sections] == ["登記課"]
    assert (mine.whole.tasks.done, mine.whole.cases) == (1, Sums())


def test_offices_below_are_told_to_those_above_them_only(office: Office) -> None:
    case = office.file("CLOCKED")
    office.complete(case, "check", by="counter Lin", outcome="complete")
    with office.db.transaction() as tx:
        an_office(tx, "city")
        tx.execute(
            update(tables.offices).values(parent_id="city").where(tables.offices.c.id == OFFICE)
        )
        above = an_officer(tx, "director Ma", ("director",), "city")

    now = office.clock.now()
    with office.db.transaction(read_only=True) as tx:
        everywhere = reports.report(tx, Wanted(MARCH, MARCH, EVERYWHERE), above, now)
        below = reports.report(tx, Wanted(MARCH, MARCH, OFFICE), above, now)
        own = reports.report(tx, Wanted(MARCH, MARCH), above, now)

    assert {line.key: line.tasks.done for line in everywhere.offices} == {OFFICE: 1}
    assert (everywhere.people, everywhere.sections) == ((), ())
    assert [line.key for line in below.people] == ["counter Lin"]
    assert own.whole.tasks.done == 0
    with pytest.raises(Rejected, match="no such office"):
        told(office, Wanted(MARCH, MARCH, "city"))
    with pytest.raises(Rejected, match="no such office"):
        told(office, Wanted(MARCH, MARCH, EVERYWHERE))


@pytest.mark.parametrize(
    ("first", "last"), [(APRIL, MARCH), (date(2023, 3, 1), MARCH), (date(2026, 4, 1), APRIL)]
)
def test_a_span_that_is_none_is_refused(office: Office, first: date, last: date) -> None:
    with pytest.raises(Rejected, match="span of 1 to 36 months"):
        told(office, Wanted(first, last))


def test_who_went_to_another_office_is_still_named(office: Office) -> None:
    case = office.file("CLOCKED")
    office.complete(case, "check", by="counter Lin", outcome="complete")
    with office.db.transaction() as tx:
        an_office(tx, "elsewhere")
        who = office.person("counter Lin").person_id
        tx.execute(
            update(tables.persons).where(tables.persons.c.id == who).values(office_id="elsewhere")
        )

    assert [line.key for line in told(office).people] == ["counter Lin"]
