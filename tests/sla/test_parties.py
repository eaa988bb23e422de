"""Who is late: the office with its own limits, or an applicant, for whom nobody here is blamed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update

from engine.cases import Filed
from engine.errors import Conflict
from engine.figures import figures as gauges
from engine.worklist import Tab, TaskRow, WorklistFilter, worklist
from sla import chase, on_time, overdue, overdue_desk
from sla.escalation import decide
from sla.overdue_desk import Page
from sla.overdue_views import Place, View, tab_counts
from sla.parties import Next, Party, next_of, party_of
from sla.rules import Kind
from store import tables
from tests.support.office import Office
from tests.support.packages import diagram, flows, user_task, write_package

TERM_AND_LIMIT = """
clocks:
  dunning: {rule: DUNNING_MIN_7D, start: filed, stop: closed, ladder: applicant}
  processing: {rule: PROC_WORKDAY, length: %s, unit: working_day}
ladders:
  applicant:
    - {at: "0.8", do: warn, to: owner}
    - {at: due, do: prompt, to: owner}
    - {at: due+3wd, do: prompt, to: chief}
"""
STEPS = '<startEvent id="start"/>' + user_task("wait", wait="true") + '<endEvent id="end"/>'
"""Filed on Monday 2 March 2026, the term of seven days ends on the 9th."""


@pytest.fixture
def both(office: Office, packages: Path) -> Office:
    """DUNNED: the applicant's term ends first, then the office's limit. SLOW: the other way."""
    for process_id, days in (("DUNNED", "10"), ("SLOW", "2")):
        process = diagram(process_id, STEPS + flows("start>wait", "wait>end"))
        write_package(packages, process_id, process, limits=TERM_AND_LIMIT % days)
        office.deploy(process_id)
    return office


def desk(office: Office, view: View, place: Place | None = None, limit: int = 50) -> list[UUID]:
    found = page(office, view, place, limit)
    return [line.case_id for line in found.lines]


def page(
    office: Office, view: View, place: Place | None = None, limit: int = 50
) -> overdue_desk.DeskPage:
    chief = office.person("chief Wu")
    with office.db.transaction(read_only=True) as tx:
        return overdue_desk.desk(tx, chief, office.clock.now(), view, Page(place, limit))


def figures(office: Office) -> dict[View, int]:
    with office.db.transaction(read_only=True) as tx:
        found = tab_counts(tx, office.person("chief Wu"), office.clock.now())
    return {view: figure.number for view, figure in found.items()}


# --- the judgement ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_limit_says_who_must_act(kind: Kind) -> None:
    ours = {Kind.PROCESSING, Kind.DUTY, Kind.DOCUMENT, Kind.REPORT, Kind.SANCTION, Kind.FINE}

    assert (party_of(kind) is Party.OFFICE) is (kind in ours)


@pytest.mark.parametrize(
    ("kind", "name", "then"),
    [
        (Kind.FILING, "statutory", Next.DUN),
        (Kind.TERM, "dunning", Next.EX_OFFICIO),
        (Kind.TERM, "correction", Next.REFUSE),
        (Kind.LAPSE, "public_notice", Next.GO_ON),
    ],
)
def test_what_follows_the_end_of_an_applicants_limit(kind: Kind, name: str, then: Next) -> None:
    assert next_of(kind, name) is then


@pytest.mark.parametrize("act", ["escalate", "chase", "prompt"])
def test_no_rung_of_an_applicants_limit_blames_the_owner(act: str) -> None:
    decision = decide(act, "owner+chief", Party.APPLICANT)

    assert (decision.action, decision.chase) == ("clock.prompted", False)
    assert decision.tell == ("owner", "chief")


# --- the desk -----------------------------------------------------------------------------------


def test_a_case_whose_applicant_is_late_stands_apart_from_those_the_office_is_late_with(
    both: Office,
) -> None:
    late_applicant = both.file("DUNNED")
    both.clock.move(timedelta(days=1))
    late_office = both.file("SLOW")
    both.clock.move(timedelta(days=8))  # Wednesday 11 March

    assert desk(both, View.OVERDUE) == [late_office.id, late_applicant.id]
    assert desk(both, View.OFFICE) == [late_office.id]
    assert desk(both, View.APPLICANT) == [late_applicant.id]
    assert figures(both)[View.OVERDUE] == 2
    assert figures(both)[View.OFFICE] == 1
    assert figures(both)[View.APPLICANT] == 1


def test_a_case_that_both_are_late_with_is_the_offices(both: Office) -> None:
    case = both.file("SLOW")
    both.clock.move(timedelta(days=10))

    (line,) = page(both, View.OVERDUE).lines

    assert [(limit.name, limit.party) for limit in line.limits] == [
        ("processing", Party.OFFICE),
        ("dunning", Party.APPLICANT),
    ]
    assert line.late_party is Party.OFFICE
    assert desk(both, View.APPLICANT) == []
    assert (figures(both)[View.OVERDUE], figures(both)[View.APPLICANT]) == (1, 0)
    assert case.id == line.case_id


def test_a_late_applicant_hides_no_limit_of_the_office_that_ends_soon(both: Office) -> None:
    case = both.file("DUNNED")
    both.clock.move(timedelta(days=9))
    assert (desk(both, View.APPLICANT), desk(both, View.UPCOMING)) == ([case.id], [])

    both.clock.move_to(both.clock_of(case).target_at)

    assert desk(both, View.APPLICANT) == [case.id]
    assert desk(both, View.UPCOMING) == [case.id]
    assert figures(both)[View.UPCOMING] == 1


def test_a_limit_whose_aim_is_ahead_hides_none_whose_aim_is_behind(both: Office) -> None:
    """The step's limit ends first, but its aim is at nine tenths; the case's is at the half."""
    limits = """
clocks:
  processing: {rule: PROC_WORKDAY, length: 6, unit: working_day, target: "0.4"}
tasks:
  wait: {rule: PROC_WORKDAY, length: 4, unit: working_day, target: "0.9"}
"""
    process = diagram("AIMS", STEPS + flows("start>wait", "wait>end"))
    write_package(both.packages, "AIMS", process, limits=limits)
    both.deploy("AIMS")
    case = both.file("AIMS")
    assert desk(both, View.UPCOMING) == []

    both.clock.move_to(both.clock_of(case).target_at)

    (line,) = page(both, View.UPCOMING).lines
    assert (line.case_id, line.first.name) == (case.id, "processing")
    assert figures(both)[View.UPCOMING] == 1


def test_a_limit_without_an_aim_counts_from_seven_days_before_its_end(both: Office) -> None:
    both.choose("sla.target", "none")
    case = both.file("DUNNED")  # ten working days for the office, from Monday 2 March to the 16th
    with both.db.transaction() as tx:
        tx.execute(
            update(tables.clocks)
            .where(tables.clocks.c.party == Party.APPLICANT.value)
            .values(status="met", met_at=both.clock.now())
        )
    due_at = both.clock_of(case).due_at

    both.clock.move_to(due_at - timedelta(days=7, seconds=1))
    assert desk(both, View.UPCOMING) == []
    both.clock.move(timedelta(seconds=1))
    assert desk(both, View.UPCOMING) == [case.id]


def test_a_case_that_both_run_in_stands_once_under_what_ends_soon(both: Office) -> None:
    case = both.file("DUNNED")
    both.clock.move(timedelta(days=6))  # both end within the next days; the applicant's first
    both.clock.move(timedelta(days=1))

    assert desk(both, View.UPCOMING) == [case.id]
    assert figures(both)[View.UPCOMING] == 1


def test_pages_go_on_from_the_offices_to_the_applicants_without_gap_or_repeat(
    both: Office,
) -> None:
    applicants = {both.file("DUNNED").id for _ in range(3)}
    offices = {both.file("SLOW").id for _ in range(4)}
    both.clock.move(timedelta(days=10))

    for size in (1, 2, 3, 4, 6, 7):
        seen: list[UUID] = []
        place = None
        while True:
            found = page(both, View.OVERDUE, place, size)
            seen += [line.case_id for line in found.lines]
            place = found.next_place
            if place is None:
                break
        assert (set(seen[:4]), set(seen[4:])) == (offices, applicants)
        assert len(seen) == 7


def test_the_strip_and_the_menu_count_them_apart(both: Office) -> None:
    both.file("DUNNED")
    both.file("SLOW")
    both.clock.move(timedelta(days=9))
    chief, now = both.person("chief Wu"), both.clock.now()

    with both.db.transaction(read_only=True) as tx:
        counted = overdue.counts(tx, chief, now)
        in_menu = overdue.overdue_count(tx, chief, now)
        loads = on_time.figures(tx, chief, now)

    assert (counted.overdue, counted.office, counted.applicant) == (2, 1, 1)
    assert in_menu == 1
    assert [line.overdue for line in loads.owners] == [1]  # of two that nobody has taken


def test_an_applicants_ended_term_is_no_limit_that_the_office_failed_to_keep(both: Office) -> None:
    case = both.file("DUNNED")
    both.clock.move(timedelta(days=9))
    both.complete(case, "wait", by="counter Lin")

    with both.db.transaction(read_only=True) as tx:
        (this_month, _) = on_time.figures(tx, both.person("chief Wu"), both.clock.now()).cases

    assert (this_month.kept, this_month.ended) == (1, 1)


def worklist_of(office: Office, who: str) -> tuple[TaskRow, ...]:
    with office.db.transaction(read_only=True) as tx:
        asked = WorklistFilter(Tab.WAITING)
        return worklist(tx, office.person(who), asked, None, 10, office.clock.now()).rows


def test_an_applicants_ended_term_makes_no_task_of_the_office_urgent(both: Office) -> None:
    case = both.file("DUNNED")
    both.clock.move(timedelta(days=9))  # the term of seven days is over, the office's limit is not

    task = both.task(case, "wait")
    assert task.urgent_at == both.due(case)
    (listed,) = worklist_of(both, "counter Lin")
    assert not listed.overdue
    with both.db.transaction(read_only=True) as tx:
        assert gauges(tx, both.clock.now()).overdue == {"cases": 0, "tasks": 0}

    both.clock.move(timedelta(days=10))
    (listed,) = worklist_of(both, "counter Lin")
    assert listed.overdue
    with both.db.transaction(read_only=True) as tx:
        assert gauges(tx, both.clock.now()).overdue == {"cases": 1, "tasks": 0}


def test_a_line_opens_on_the_limit_that_something_can_be_done_about(
    office: Office, packages: Path
) -> None:
    steps = '<startEvent id="start"/>' + user_task("look", limit="look") + '<endEvent id="end"/>'
    limits = """
clocks:
  processing: {rule: PROC_WORKDAY, length: 9, unit: working_day}
tasks:
  look: {rule: PROC_WORKDAY, length: 1, unit: working_day}
"""
    process = diagram("STEPPED", steps + flows("start>look", "look>end"))
    write_package(packages, "STEPPED", process, limits=limits)
    office.deploy("STEPPED")
    office.file("STEPPED")
    office.clock.move(timedelta(days=3))

    (line,) = page(office, View.OVERDUE).lines

    assert (line.first.name, line.opens_on.name) == ("look", "processing")


# --- the ladder and the chase -------------------------------------------------------------------


def asked(office: Office, case: Filed) -> list[tuple[str, str, str | None]]:
    names = {row.id: row.display_name for row in office.rows(tables.persons)}
    return sorted(
        (notice.kind, names[notice.person_id], notice.detail.get("then"))
        for notice in office.rows(tables.person_notices, case)
    )


def test_the_ladder_of_an_applicants_term_asks_for_the_next_lawful_act(both: Office) -> None:
    for name in ("counter Lin", "chief Wu"):
        both.person(name)
    case = both.file("DUNNED")

    both.go_to("2026-03-20")

    assert both.fired(case) == ["0.8 warned", "due prompted", "due+3wd prompted"]
    assert asked(both, case) == [
        ("clock.prompted", "chief Wu", "ex_officio"),
        ("clock.prompted", "counter Lin", "ex_officio"),
        ("clock.warned", "counter Lin", None),
    ]


def test_no_owner_is_chased_for_a_late_applicant(both: Office) -> None:
    case = both.file("DUNNED")
    both.clock.move(timedelta(days=9))
    chief, now = both.person("chief Wu"), both.clock.now()

    with pytest.raises(Conflict) as refused, both.db.transaction() as tx:
        chase.ask(tx, case.id, "why?", chief, now)

    assert refused.value.code == "chase.applicant"
    (line,) = page(both, View.APPLICANT).lines
    acts = {act.name: act.why_not for act in line.first.acts}
    assert acts["chase"] == "chase.applicant"
    assert acts["ex_officio"] is None
