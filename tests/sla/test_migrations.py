"""A case goes on with another version: its clocks keep their due times, but for those named."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from engine import migrations, migrations_work
from engine.errors import Rejected
from engine.migrations import Asked
from store import tables
from tests.support.clocked import CLOCKED, LIMITS, with_boundary
from tests.support.office import Office, taipei
from tests.support.packages import diagram, flows, user_task, write_package

LONGER = LIMITS.replace("length: 3", "length: 10")


def move(office: Office, old: UUID, new: UUID, *clocks: str) -> None:
    analyst, chief = office.person("analyst Ho"), office.person("chief Mei")
    with office.db.transaction() as tx:
        asked = Asked(old, new, "新的期限", {"clocks": list(clocks)})
        plan_id = migrations.propose(tx, asked, analyst, office.clock.now())
    with office.db.transaction() as tx:
        migrations.approve(tx, plan_id, "", chief, office.clock.now())
    while migrations_work.advance_next(office.db, office.clock.now()):
        pass


@pytest.fixture
def old(office: Office) -> UUID:
    return office.deploy("CLOCKED")


def test_a_clock_keeps_its_due_time_and_its_ladder(
    office: Office, packages: Path, old: UUID
) -> None:
    case = office.file("CLOCKED")
    before, ledger = office.clock_of(case), office.ledger(case)
    write_package(packages, "CLOCKED", CLOCKED, limits=LONGER)

    move(office, old, office.deploy("CLOCKED"))

    assert office.clock_of(case) == before
    assert office.ledger(case) == ledger


def test_a_named_clock_is_counted_anew_from_where_it_began(
    office: Office, packages: Path, old: UUID
) -> None:
    office.clock.move_to(taipei("2026-03-02", "09:00"))
    case = office.file("CLOCKED")
    before = office.due(case)
    write_package(packages, "CLOCKED", CLOCKED, limits=LONGER)
    office.clock.move_to(taipei("2026-03-03", "09:00"))
    new = office.deploy("CLOCKED")

    move(office, old, new, "processing")
    fresh = office.file("CLOCKED")

    assert before == taipei("2026-03-06")
    assert office.due(case) == taipei("2026-03-17")
    assert office.due(fresh) == taipei("2026-03-18")
    assert [row.kind for row in office.ledger(case)] == ["start", "recalculate"]
    assert office.ledger(case)[-1].ground == "migration"
    assert office.task(case, "check").urgent_at == taipei("2026-03-17")


def test_a_clock_that_goes_on_by_another_rule_is_whose_that_rule_says(
    office: Office, packages: Path
) -> None:
    steps = '<startEvent id="start"/>' + user_task("wait", wait="true") + '<endEvent id="end"/>'
    drawn = diagram("TURNED", steps + flows("start>wait", "wait>end"))
    limits = "clocks:\n  answer: {rule: %s, start: filed}\n"
    write_package(packages, "TURNED", drawn, limits=limits % "PROC_DEFAULT_2M")
    old = office.deploy("TURNED")
    case = office.file("TURNED")
    before = office.clock_of(case, "answer")
    write_package(packages, "TURNED", drawn, limits=limits % "CORRECTION_TERM_7D")

    move(office, old, office.deploy("TURNED"), "answer")

    clock = office.clock_of(case, "answer")
    assert (before.party, before.ladder["place"]) == ("office", "national")
    assert (clock.rule_id, clock.party) == ("CORRECTION_TERM_7D", "applicant")
    assert clock.ladder["place"] == "office"


def test_a_clock_that_the_new_version_lacks_cannot_be_named(
    office: Office, packages: Path, old: UUID
) -> None:
    write_package(packages, "CLOCKED", CLOCKED, limits=LONGER)
    new = office.deploy("CLOCKED")

    with pytest.raises(Rejected, match="dunning"):
        move(office, old, new, "processing", "dunning")


def test_a_new_timer_on_a_clock_is_armed_when_the_case_is_moved(
    office: Office, packages: Path, old: UUID
) -> None:
    case = office.file("CLOCKED")
    office.complete(case, "check", by="counter Lin", outcome="complete")
    write_package(packages, "CLOCKED", with_boundary("CLOCKED", "processing", "due"), limits=LIMITS)

    move(office, old, office.deploy("CLOCKED"))

    (timer,) = office.rows(tables.timers, case)
    assert (timer.clock, timer.due_at) == ("processing", office.due(case))
