"""A typhoon tomorrow: what is due moves, with what follows it; nothing else is touched."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, insert

from engine.errors import Forbidden, Rejected
from sla import ladders
from sla.benches import bench_of
from sla.calendars import Closure, close_office, seed_national_days, settings_of, snapshot
from sla.clock_rows import ledger_of, rule_of
from sla.closures import enter_closure
from sla.ledger import replay
from sla.limits import point
from sla.recalculation import recalculate
from sla.working_time import Calendar
from store import tables
from store.database import Database
from tests.support.clocked import LIMITS, with_boundary
from tests.support.factories import OFFICE, an_office
from tests.support.office import Office, taipei
from tests.support.packages import write_package

AFTER = LIMITS.replace("due+1wd, do: chase", "due+1wd, do: escalate")


def rungs(office: Office, case: Any) -> dict[str, datetime | None]:
    return {rung.at_point: rung.due_at for rung in office.rows(tables.rungs, case)}


def test_a_closure_moves_the_due_date_and_everything_that_follows_it(
    office: Office, packages: Path
) -> None:
    write_package(packages, "NEAR", with_boundary("NEAR", "processing", "due"), limits=LIMITS)
    office.deploy("NEAR")
    case = office.file("NEAR")
    office.complete(case, "check", by="counter Lin", outcome="complete")
    before = rungs(office, case)

    moved = office.close_on("2026-03-03")

    assert [(m.name, m.before, m.after) for m in moved] == [
        ("processing", taipei("2026-03-06"), taipei("2026-03-07"))
    ]
    assert office.due(case) == taipei("2026-03-07")
    assert office.task(case, "decide").urgent_at == taipei("2026-03-07")
    assert office.rows(tables.timers, case)[0].due_at == taipei("2026-03-07")
    after = rungs(office, case)
    assert after["due"] == taipei("2026-03-07")
    assert all(after[at] > before[at] for at in before)  # type: ignore[operator]
    entry = office.ledger(case)[-1]
    assert (entry.kind, entry.due_before, entry.due_after) == (
        "recalculate",
        taipei("2026-03-06"),
        taipei("2026-03-07"),
    )
    assert "clock.recalculated" in office.actions(case)


def test_another_offices_closure_moves_nothing_here(office: Office) -> None:
    with office.db.transaction() as tx:
        an_office(tx, "kh-zuoying")
        seed_national_days(tx, "kh-zuoying", 2025, 2027, office.clock.now())
    case = office.file("CLOCKED")

    assert office.close_on("2026-03-03", office_id="kh-zuoying") == []

    assert office.due(case) == taipei("2026-03-06")
    assert len(office.ledger(case)) == 1


def test_a_citys_closure_moves_the_clocks_of_its_offices(office: Office) -> None:
    with office.db.transaction() as tx:
        an_office(tx, "kaohsiung")
        seed_national_days(tx, "kaohsiung", 2025, 2027, office.clock.now())
        tx.execute(
            tables.offices.update()
            .values(parent_id="kaohsiung")
            .where(tables.offices.c.id != "kaohsiung")
        )
    case = office.file("CLOCKED")

    moved = office.close_on("2026-03-03", office_id="kaohsiung")

    assert [m.case_id for m in moved] == [case.id]
    assert office.due(case) == taipei("2026-03-07")


def test_a_clock_that_does_not_move_gets_no_entry_but_its_later_rungs_follow(
    office: Office, packages: Path
) -> None:
    write_package(packages, "AFTER", with_boundary("AFTER", "processing", "due"), limits=AFTER)
    office.deploy("AFTER")
    case = office.file("AFTER")
    told = office.actions(case)

    assert office.close_on("2026-03-06") == []  # the day after the last day

    assert office.due(case) == taipei("2026-03-06")
    assert len(office.ledger(case)) == 1
    assert office.actions(case) == told
    assert rungs(office, case)["due+1wd"] == taipei("2026-03-09", "17:00")


def test_a_closure_that_was_undone_is_never_taken_for_the_next_one(office: Office) -> None:
    chief, days = office.person("chief Wu"), ("2026-03-04", "2026-03-05")
    undone, kept = (Closure(OFFICE, date.fromisoformat(day), "all", "颱風", "公告") for day in days)

    def enter(tx: Connection, closure: Closure) -> Calendar:
        close_office(tx, closure, chief, office.clock.now())
        return snapshot(tx, OFFICE, office.clock.now())

    def enter_in_vain(tx: Connection) -> None:
        assert not enter(tx, undone).day(undone.day).is_working
        raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"), office.db.transaction() as tx:
        enter_in_vain(tx)
    office.clock.move(timedelta(minutes=1))
    with office.db.transaction() as tx:
        calendar = enter(tx, kept)

    assert calendar.day(undone.day).is_working
    assert not calendar.day(kept.day).is_working


def test_recalculating_again_changes_nothing(office: Office) -> None:
    case = office.file("CLOCKED")
    office.close_on("2026-03-03")
    rows = office.ledger(case), office.actions(case), rungs(office, case)

    with office.db.transaction() as tx:
        assert recalculate(tx, "kh-fengshan", office.clock.now()) == []

    assert (office.ledger(case), office.actions(case), rungs(office, case)) == rows


def test_a_dry_run_says_what_would_move_and_moves_nothing(office: Office) -> None:
    case = office.file("CLOCKED")
    with office.db.transaction() as tx:
        row = {"office_id": "kh-fengshan", "day": date(2026, 3, 3), "is_working": False}
        words = {"part": "all", "reason_zh": "颱風", "reason_en": "typhoon", "source": "公告"}
        known = {"disaster": True, "known_from": office.clock.now()}
        tx.execute(insert(tables.calendar_days), {**row, **words, **known})
        moved = recalculate(tx, "kh-fengshan", office.clock.now(), dry_run=True)

    assert [m.after for m in moved] == [taipei("2026-03-07")]
    assert office.due(case) == taipei("2026-03-06")


def test_a_rung_that_fired_stays_fired_when_the_clock_moves(office: Office) -> None:
    case = office.file("CLOCKED")
    office.go_to("2026-03-04", "10:00")
    assert office.fired(case) == ["0.5 warned"]

    office.close_on("2026-03-05")
    office.go_to("2026-03-07")

    assert office.fired(case) == ["0.5 warned", "0.8 warned", "due escalated"]


@pytest.mark.parametrize(
    ("day", "who", "refusal"),
    [
        ("2026-03-03", "counter Lin", Forbidden),
        ("2026-03-07", "chief Wu", Rejected),  # a Saturday
        ("2031-01-02", "chief Wu", Rejected),  # no calendar that far
    ],
)
def test_a_closure_that_is_none_is_refused(
    office: Office, day: str, who: str, refusal: type[Exception]
) -> None:
    closure = Closure("kh-fengshan", date.fromisoformat(day), "all", "颱風", "市府公告")
    actor = office.person(who)

    with pytest.raises(refusal), office.db.transaction() as tx:
        enter_closure(tx, closure, actor, office.clock.now())


def test_the_nearest_office_decides_and_two_halves_are_a_day(office: Office) -> None:
    office.close_on("2026-03-03", "morning")
    office.close_on("2026-03-03", "afternoon")
    day = _calendar(office.db).day(date(2026, 3, 3))
    assert (day.is_working, day.closure) == (False, True)

    with office.db.transaction() as tx:
        an_office(tx, "kaohsiung")
        tx.execute(
            tables.offices.update()
            .values(parent_id="kaohsiung")
            .where(tables.offices.c.id == "kh-fengshan")
        )
    office.choose("sla.day_unit", "working_day", "kaohsiung")
    with office.db.transaction(read_only=True) as tx:
        assert settings_of(tx, "kh-fengshan").day_unit == "working_day"
    office.choose("sla.day_unit", "calendar_day")
    with office.db.transaction(read_only=True) as tx:
        assert settings_of(tx, "kh-fengshan").day_unit == "calendar_day"


def test_office_hours_that_change_are_seen_at_once(office: Office) -> None:
    def opens() -> Any:
        opening = _calendar(office.db).opening(date(2026, 3, 3))
        return opening and opening[0]

    assert opens() == taipei("2026-03-03", "08:00")
    office.choose("office.hours", {"opens": "08:30", "midday": "12:00", "closes": "17:30"})
    assert opens() == taipei("2026-03-03", "08:30")


def _calendar(db: Database) -> Calendar:
    with db.transaction(read_only=True) as tx:
        return snapshot(tx, "kh-fengshan", taipei("2026-03-02", "12:00"))


def test_a_typhoon_over_many_cases_takes_few_statements_for_those_it_does_not_move(
    office: Office,
) -> None:
    for _ in range(20):
        office.file("CLOCKED")
    counted: list[str] = []
    event.listen(office.db.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
    chief = office.person("chief Wu")
    closure = Closure("kh-fengshan", date(2026, 5, 4), "all", "颱風", "市府公告")
    with office.db.transaction() as tx:
        counted.clear()
        assert enter_closure(tx, closure, chief, office.clock.now()).moved == []

    assert len(counted) <= 20 + 20 * 6


ACTS = st.lists(
    st.tuples(st.sampled_from(["pause", "resume", "close", "extend"]), st.integers(0, 2)),
    max_size=6,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=ACTS)
def test_every_stored_date_is_what_its_ledger_says(
    office: Office, acts: list[tuple[str, int]]
) -> None:
    from tests.sla.acting import act

    case = office.file("CLOCKED")
    for kind, days in acts:
        act(office, case, kind, days)

    clock = office.clock_of(case)
    with office.db.transaction(read_only=True) as tx:
        bench = bench_of(tx, clock.office_id, clock.calendar_known)
        entries = ledger_of(tx, clock.id)
    told = replay(rule_of(clock, entries), entries, bench.calendar, bench.settings)
    assert clock.due_at == told.due_at
    assert clock.status == ("paused" if told.due_at is None else "running")
    for rung in office.rows(tables.rungs, case):
        if rung.status == "waiting":
            at = point(rung.at_point, "test")
            assert rung.due_at == ladders.instant_of(clock, told, at, bench.calendar)
