"""The office's own aim: before the end, it warns and makes nothing late."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.due_spans import Due
from engine.worklist import Tab, WorklistFilter, worklist
from engine.worklist_facets import facets
from sla.limits import check
from sla.overdue import overdue_count
from store import tables
from tests.support.clocked import CLOCKED, LIMITS
from tests.support.office import Office, taipei
from tests.support.packages import write_package

START = "{rule: PROC_WORKDAY, length: 3, unit: working_day, "


def test_a_limit_has_an_aim_at_four_fifths_and_is_late_only_behind_its_end(office: Office) -> None:
    case = office.file("CLOCKED")
    clock = office.clock_of(case)
    # Of the 27 office hours from Monday 09:00 to Thursday 17:00 with noon four fifths have run.
    assert taipei("2026-03-04") < clock.target_at < clock.due_at

    office.clock.move_to(clock.target_at + timedelta(minutes=1))
    chief = office.person("chief Wu")
    with office.db.transaction(read_only=True) as tx:
        assert overdue_count(tx, chief, office.clock.now()) == 0


@pytest.mark.parametrize(("chosen", "has_aim"), [("0.5", True), ("none", False)])
def test_the_office_chooses_the_share(office: Office, chosen: str, *, has_aim: bool) -> None:
    usual = office.clock_of(office.file("CLOCKED")).target_at
    office.choose("sla.target", chosen)

    found = office.clock_of(office.file("CLOCKED")).target_at

    assert (found is not None) is has_aim
    assert found is None or found < usual


def test_the_limits_of_a_process_name_a_share_of_their_own(office: Office, packages: Path) -> None:
    limits = LIMITS.replace(START, START + 'target: "0.4", ')
    process = CLOCKED.replace(b"CLOCKED", b"EARLY")
    write_package(packages, "EARLY", process, limits=limits)
    office.deploy("EARLY")

    early, usual = office.file("EARLY"), office.file("CLOCKED")

    assert office.clock_of(early).due_at == office.clock_of(usual).due_at
    assert office.clock_of(early).target_at < office.clock_of(usual).target_at


@pytest.mark.parametrize(
    ("clock", "told"),
    [
        ('{rule: PROC_WORKDAY, length: 3, target: "1.2"}', "expected a share"),
        ('{rule: DUNNING_MIN_7D, target: "0.5"}', "cannot aim"),
    ],
)
def test_an_aim_that_is_none_is_refused_at_deployment(clock: str, told: str) -> None:
    faults = check(f"clocks:\n  one: {clock}\n".encode(), "limits.yaml")

    assert any(told in fault.en for fault in faults)


def test_the_aim_moves_with_the_clock_and_rests_with_it(office: Office) -> None:
    case = office.file("CLOCKED")
    before = office.clock_of(case).target_at
    office.close_on("2026-03-03")
    assert office.clock_of(case).target_at > before

    office.complete(case, "check", by="counter Lin", outcome="missing")
    assert office.clock_of(case).target_at is None
    office.go_to("2026-03-10", "10:00")
    office.complete(case, "wait_papers", by="counter Lin")
    assert office.clock_of(case).target_at is not None


def test_the_worklist_finds_what_is_behind_its_aim_in_the_span_of_its_end_too(
    office: Office,
) -> None:
    first = office.file("CLOCKED")
    office.clock.move(timedelta(days=1))
    office.file("CLOCKED")
    lin = office.person("counter Lin")
    office.clock.move_to(office.clock_of(first).target_at)
    now = office.clock.now()

    with office.db.transaction(read_only=True) as tx:
        found = facets(tx, lin, Tab.GROUP, now)
        behind = worklist(tx, lin, WorklistFilter(Tab.GROUP, due=Due.AIM), None, 10, now)

    assert found.due[Due.AIM] == 1
    assert sum(found.due.values()) == 3  # it is counted where it ends, as well
    assert found.packages == {"CLOCKED": 2}
    assert [row.case_id for row in behind.rows] == [first.id]


def test_an_applicants_term_has_no_aim_of_the_office(office: Office, packages: Path) -> None:
    limits = LIMITS.replace(START, "{rule: PROC_WORKDAY, length: 3, unit: working_day, ").replace(
        "clocks:\n", "clocks:\n  dunning: {rule: DUNNING_MIN_7D, start: filed, stop: closed}\n"
    )
    write_package(packages, "DUNNED", CLOCKED.replace(b"CLOCKED", b"DUNNED"), limits=limits)
    office.deploy("DUNNED")
    case = office.file("DUNNED")

    clock = office.clock_of(case, "dunning")

    assert (clock.target_at, clock.due_on) == (None, date(2026, 3, 9))
    assert tables.clocks.c.target_at.nullable
