"""A ladder that is drawn: each rung once, in order, with its clock, in the version of its start."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import app
from engine import deployments, migrations, migrations_work
from engine import packages as process_packages
from engine.cases import Filed
from engine.migrations import Asked
from engine.packages import load_library
from sla import delay_notices, escalation, extensions, ladder_additions
from sla.delay_notices import Delay
from sla.spans import Unit
from store import tables
from tests.support.ladders import act, copy_ladders, line, timer, write_ladder, write_process
from tests.support.office import Office, taipei
from tests.support.packages import flows
from tests.support.races import at_once

ALL = [
    "0.5 warned",
    "0.8 warned",
    "due escalated",
    "due delay_due",
    "due+1wd chased",
    "due+3wd escalated",
]
NAMES = ("counter Lin", "chief Wu", "secretary Tsai", "director Su")


@pytest.fixture
def drawn(office: Office, packages: Path) -> Office:
    """CLOCKED takes the rungs that L01 of the library draws; both are in force."""
    copy_ladders(packages)
    write_process(packages, "L01")
    for name in NAMES:
        office.person(name)
    office.deploy("L01")
    office.deploy("CLOCKED")
    return office


def told_people(office: Office, case: Filed) -> list[tuple[str, str, str]]:
    names = {row.id: row.display_name for row in office.rows(tables.persons)}
    return sorted(
        (notice.detail["point"], notice.kind.removeprefix("clock."), names[notice.person_id])
        for notice in office.rows(tables.person_notices, case)
    )


def test_each_rung_fires_at_its_point_and_tells_whom_the_diagram_says(drawn: Office) -> None:
    case = drawn.file("CLOCKED")

    for day, at, fired in (
        ("2026-03-04", "08:29", 0),
        ("2026-03-04", "08:30", 1),
        ("2026-03-05", "10:00", 2),
        ("2026-03-06", "00:00", 4),
        ("2026-03-06", "17:00", 5),
        ("2026-03-10", "17:00", 6),
    ):
        drawn.go_to(day, at)
        assert drawn.fired(case) == ALL[:fired], (day, at)

    assert told_people(drawn, case) == [
        ("0.5", "warned", "counter Lin"),
        ("0.8", "warned", "chief Wu"),
        ("0.8", "warned", "counter Lin"),
        ("due", "delay_due", "counter Lin"),
        ("due", "escalated", "chief Wu"),
        ("due+1wd", "chased", "chief Wu"),
        ("due+3wd", "escalated", "director Su"),
        ("due+3wd", "escalated", "secretary Tsai"),
    ]


def test_the_clock_remembers_which_version_drew_its_rungs(drawn: Office) -> None:
    case = drawn.file("CLOCKED")

    ladder = drawn.clock_of(case).ladder
    assert ladder["drawn"] == {"id": "L01", "version": 1}
    assert [rung["at"] for rung in ladder["rungs"]] == [told.split()[0] for told in ALL]


def test_the_chase_of_a_drawn_rung_is_a_case_of_its_own(drawn: Office) -> None:
    drawn.deploy_real("C13")
    case = drawn.file("CLOCKED")

    drawn.go_to("2026-03-06", "17:00")

    (chase,) = [row for row in drawn.rows(tables.cases) if row.package_id == "C13"]
    assert (chase.parent_case_id, chase.channel) == (case.id, "rung")


def test_nobody_is_asked_to_tell_an_applicant_who_knows(drawn: Office) -> None:
    case = drawn.file("CLOCKED")
    drawn.go_to("2026-03-05", "11:00")
    with drawn.db.transaction() as tx:
        delay = Delay("等候地政機關回復", date(2026, 3, 12))
        lin, now = drawn.person("counter Lin"), drawn.clock.now()
        delay_notices.tell_applicant(tx, case.id, delay, lin, now)

    drawn.go_to("2026-03-06")

    assert drawn.fired(case)[-1] == "due delay_known"
    assert ("due", "delay_due", "counter Lin") not in told_people(drawn, case)
    assert drawn.rows(tables.incidents, case) == []


def test_whom_the_office_adds_to_a_point_is_told_once_there(drawn: Office) -> None:
    chief = drawn.person("chief Wu")
    with drawn.db.transaction() as tx:
        ladder_additions.add_to(tx, "due", ["secretary"], chief, drawn.clock.now())
    case = drawn.file("CLOCKED")

    drawn.go_to("2026-03-06")

    at_due = [told for told in told_people(drawn, case) if told[0] == "due"]
    assert at_due == [
        ("due", "delay_due", "counter Lin"),
        ("due", "escalated", "chief Wu"),
        ("due", "escalated", "secretary Tsai"),
    ]


# --- with its clock -----------------------------------------------------------------------------


def test_nine_days_without_a_worker_over_lunar_new_year(drawn: Office) -> None:
    drawn.clock.move_to(taipei("2027-01-28", "09:00"))
    early = drawn.file("CLOCKED")
    drawn.clock.move_to(taipei("2027-02-01", "09:00"))
    late = drawn.file("CLOCKED")
    drawn.go_to("2027-02-02", "18:00")  # then the worker stops; 4 to 10 February are holidays
    assert (drawn.fired(early), drawn.fired(late)) == (ALL[:2], [])

    drawn.go_to("2027-02-11", "18:00")

    assert drawn.fired(early) == ALL[:5]
    assert drawn.fired(late) == ALL[:2]
    drawn.go_to("2027-02-28")
    assert drawn.fired(early) == drawn.fired(late) == ALL
    assert drawn.do_due() == 0
    assert len(told_people(drawn, early)) == 8


def test_four_workers_fire_each_drawn_rung_once(drawn: Office) -> None:
    filed = [drawn.file("CLOCKED") for _ in range(5)]
    now = drawn.clock.move_to(taipei("2026-03-23"))

    def drain() -> int:
        done = 0
        while escalation.fire_next_rung(drawn.db, app.WAYS, now):
            done += 1
        return done

    _, refused = at_once(*(drain for _ in range(4)))

    assert refused == []
    assert [drawn.fired(case) for case in filed] == [ALL] * 5
    assert len(drawn.rows(tables.person_notices)) == 5 * 8


def test_a_case_that_stands_still_does_not_climb(drawn: Office) -> None:
    case = drawn.file("CLOCKED")
    drawn.go_to("2026-03-04", "10:00")
    drawn.complete(case, "check", by="counter Lin", outcome="missing")
    assert drawn.clock_of(case).status == "paused"

    drawn.go_to("2026-04-30")
    assert drawn.fired(case) == ALL[:1]

    drawn.complete(case, "wait_papers", by="counter Lin")
    assert drawn.clock_of(case).status == "running"
    drawn.go_to("2026-05-30")
    assert drawn.fired(case) == ALL


def test_an_extension_moves_the_rungs_that_have_not_fired(drawn: Office) -> None:
    case = drawn.file("CLOCKED")
    drawn.go_to("2026-03-05", "11:00")
    assert drawn.fired(case) == ALL[:2]
    clock = drawn.clock_of(case)
    longer = extensions.Longer(2, Unit.WORKING_DAY, "案情複雜", date(2026, 3, 5))
    with drawn.db.transaction() as tx:
        extensions.extend(tx, clock.id, longer, drawn.person("chief Wu"), drawn.clock.now())

    drawn.go_to("2026-03-07")
    assert drawn.fired(case) == ALL[:2]
    drawn.go_to("2026-03-10")
    assert drawn.fired(case) == ALL[:4]


def test_what_is_done_is_escalated_no_more(drawn: Office) -> None:
    case = drawn.file("CLOCKED")
    drawn.go_to("2026-03-06")
    drawn.complete(case, "check", by="counter Lin", outcome="complete")
    drawn.complete(case, "decide", by="reviewer Mei")

    drawn.go_to("2026-04-30")

    assert drawn.fired(case) == ALL[:4]
    waiting = [row for row in drawn.rows(tables.rungs, case) if row.status == "waiting"]
    assert waiting == []


# --- in the version of its start ----------------------------------------------------------------

SHORT = line("due", ("escalate", "chief"), "due+5wd", ("escalate", "director"))


def test_running_clocks_keep_their_rungs_and_new_ones_take_the_new_ladder(
    drawn: Office, packages: Path
) -> None:
    before = drawn.file("CLOCKED")
    drawn.go_to("2026-03-04", "10:00")
    _replace(packages, SHORT)
    drawn.deploy("L01")

    after = drawn.file("CLOCKED")  # the process itself was not deployed anew
    drawn.go_to("2026-03-31")

    assert drawn.fired(before) == ALL
    assert drawn.fired(after) == ["due escalated", "due+5wd escalated"]
    assert drawn.clock_of(after).ladder["drawn"] == {"id": "L01", "version": 2}


def test_a_clock_that_a_migration_names_goes_on_with_the_ladder_in_force(
    drawn: Office, packages: Path
) -> None:
    case = drawn.file("CLOCKED")
    drawn.go_to("2026-03-05", "11:00")
    assert drawn.fired(case) == ALL[:2]
    _replace(packages, SHORT)
    drawn.deploy("L01")
    new = drawn.deploy("CLOCKED")

    _move(drawn, case, new)
    drawn.go_to("2026-03-31")

    assert drawn.fired(case) == [*ALL[:2], "due escalated", "due+5wd escalated"]


def test_a_plan_of_the_ladder_itself_shows_and_moves_the_running_clocks_it_drew(
    drawn: Office, packages: Path
) -> None:
    fired, paused, other = (drawn.file("CLOCKED") for _ in range(3))
    drawn.complete(paused, "check", by="counter Lin", outcome="missing")
    drawn.go_to("2026-03-05", "11:00")
    _replace(packages, SHORT)
    new = drawn.deploy("L01")
    fresh = drawn.file("CLOCKED")
    before = {case.id: (drawn.due(case), drawn.ledger(case)) for case in (fired, paused, other)}
    (old,) = {row.id for row in _versions(drawn) if row.version == 1}

    plan_id = _propose(drawn, old, new)
    verdicts = {row.case_id: row for row in drawn.rows(tables.migration_cases)}
    drawn.complete(other, "check", by="counter Lin", outcome="complete")
    drawn.complete(other, "decide", by="reviewer Su")
    _carry_out(drawn, plan_id)

    assert verdicts.keys() == before.keys()  # `fresh` began with the new version
    assert {row.verdict for row in verdicts.values()} == {"can"}
    (told,) = verdicts[fired.id].remarks
    assert "期限不變" in told["zh"]
    assert "改為 期限屆滿 陳報 課長（115 年 3 月 5 日（四） 24:00）" in told["zh"]
    assert "5 working days after escalate to the director (Thu 12 March 2026 17:00)" in told["en"]
    outcomes = {row.case_id: row.outcome for row in drawn.rows(tables.migration_cases)}
    assert outcomes == {fired.id: "moved", paused.id: "moved", other.id: "gone"}
    for case in (fired, paused):
        assert (drawn.due(case), drawn.ledger(case)) == before[case.id]
        assert drawn.clock_of(case).ladder["drawn"] == {"id": "L01", "version": 2}
        assert drawn.actions(case)[-1] == "clock.ladder_moved"
    assert "clock.ladder_moved" not in drawn.actions(fresh)
    drawn.complete(paused, "wait_papers", by="counter Lin")
    drawn.go_to("2026-03-31")
    assert drawn.fired(fired) == [*ALL[:2], "due escalated", "due+5wd escalated"]
    assert drawn.fired(paused)[-2:] == ["due escalated", "due+5wd escalated"]


def test_a_plan_that_names_a_clock_tells_its_rungs_and_end_beforehand(
    drawn: Office, packages: Path
) -> None:
    case = drawn.file("CLOCKED")
    _replace(packages, SHORT)
    drawn.deploy("L01")
    (old,) = {row.definition_id for row in drawn.rows(tables.cases) if row.id == case.id}
    limits = packages / "clocked" / "limits.yaml"
    limits.write_text(limits.read_text().replace("length: 3", "length: 10"))

    _propose(drawn, old, drawn.deploy("CLOCKED"), "processing")

    (row,) = drawn.rows(tables.migration_cases)
    (told,) = row.remarks
    assert "due Thu 5 March 2026 24:00, then Mon 16 March 2026 24:00" in told["en"]
    assert "then the due time escalate to the section chief (Mon 16 March 2026 24:00)" in told["en"]
    assert drawn.rows(tables.incidents, case) == []


def test_an_office_without_the_ladder_takes_the_one_its_process_brought(
    office: Office, packages: Path
) -> None:
    copy_ladders(packages)
    write_process(packages, "L01")
    for name in NAMES:
        office.person(name)
    office.deploy("CLOCKED")

    case = office.file("CLOCKED")
    office.go_to("2026-03-31")

    assert office.fired(case) == ALL
    assert office.clock_of(case).ladder["drawn"] == {"id": "L01", "version": None}


def test_a_ladder_that_cannot_be_played_is_an_incident_and_the_clock_runs(
    drawn: Office, packages: Path
) -> None:
    # Lint refuses this; here it stands for a table or a function that is gone since.
    body = (
        '<startEvent id="start"/>'
        + timer("t", "due")
        + act("a", "warn", "clock.chief")
        + '<endEvent id="end"/>'
        + flows("start>t", "t>a", "a>end")
    )
    _replace(packages, body)
    library = load_library(packages)
    analyst = drawn.person("analyst Ho")
    process_packages.forget_judges()
    with drawn.db.transaction() as tx:
        deployments.deploy(tx, library, "L01", analyst, drawn.clock.now())

    case = drawn.file("CLOCKED")

    assert drawn.clock_of(case).status == "running"
    assert drawn.rows(tables.rungs, case) == []
    (incident,) = drawn.rows(tables.incidents, case)
    assert incident.code == "ladder.not_drawn"
    assert "'processing'" in incident.message


# --- by class -----------------------------------------------------------------------------------


def test_urgent_documents_climb_faster(drawn: Office, packages: Path) -> None:
    limits = packages / "clocked" / "limits.yaml"
    text = limits.read_text(encoding="utf-8")
    usual = "PROC_WORKDAY, length: 3, unit: working_day, pausable: true"
    text = text.replace(usual, "DOC_URGENT_3WD")
    limits.write_text(text, encoding="utf-8")
    drawn.deploy("CLOCKED")

    case = drawn.file("CLOCKED")
    drawn.go_to("2026-03-31")

    assert drawn.fired(case) == [
        *("0.5 warned", "0.8 warned", "due escalated", "due delay_due"),
        *("due chased", "due+1wd escalated"),
    ]


def _replace(packages: Path, body: str) -> None:
    """Draw L01 anew."""
    shutil.rmtree(packages / "ladders" / "office-limit", ignore_errors=True)
    write_ladder(packages, "L01", body)


def _move(office: Office, case: Filed, new: UUID) -> None:
    (old,) = {row.definition_id for row in office.rows(tables.cases) if row.id == case.id}
    _carry_out(office, _propose(office, old, new, "processing"))


def _versions(office: Office) -> list[Any]:
    return [row for row in office.rows(tables.definitions) if row.package_id == "L01"]


def _propose(office: Office, old: UUID, new: UUID, *clocks: str) -> UUID:
    with office.db.transaction() as tx:
        asked = Asked(old, new, "新的階梯", {"clocks": list(clocks)})
        return migrations.propose(tx, asked, office.person("analyst Ho"), office.clock.now())


def _carry_out(office: Office, plan_id: UUID) -> None:
    chief = office.person("chief Wu")
    with office.db.transaction() as tx:
        migrations.approve(tx, plan_id, "", chief, office.clock.now())
    while migrations_work.advance_next(office.db, office.clock.now()):
        pass
