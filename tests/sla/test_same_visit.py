"""What is done while somebody waits has minutes of office hours: a class of limits of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.clock import TAIPEI
from engine.merged_limits import merged_limits
from sla.limits import parse
from sla.periods import due
from sla.progress import fraction_due_at
from sla.spans import Unit
from store import tables
from tests.processes.library import LIBRARY
from tests.support.office import Office, taipei
from tests.support.packages import diagram, flows, user_task, write_package
from tests.unit.sla.calendars import NATIONAL, closed
from tests.unit.sla.test_periods import a_rule

VISIT = diagram(
    "VISIT",
    '<startEvent id="start"/>'
    + user_task("take_in", limit="take_in")
    + '<endEvent id="end"/>'
    + flows("start>take_in", "take_in>end"),
)
LIMITS = """
tasks:
  take_in: {rule: PROC_SAME_VISIT, length: 30, unit: office_minute}
"""


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-02T09:00", "2026-03-02T09:30"),
        ("2026-03-02T16:30", "2026-03-02T17:00"),  # it may end at closing time
        ("2026-03-02T16:50", "2026-03-03T08:20"),
        ("2026-03-02T06:00", "2026-03-02T08:30"),
        ("2026-03-06T17:30", "2026-03-09T08:30"),  # from Friday evening to Monday
        ("2026-02-13T16:45", "2026-02-23T08:15"),  # over the days of Lunar New Year
    ],
)
def test_only_minutes_of_office_hours_are_counted(start: str, end: str) -> None:
    begun = datetime.fromisoformat(start).replace(tzinfo=TAIPEI)

    found = due(a_rule("PROC_SAME_VISIT", "30"), begun, NATIONAL)

    assert found.due_at == datetime.fromisoformat(end).replace(tzinfo=TAIPEI)


def test_a_closed_office_counts_nothing_and_half_of_it_is_half_past() -> None:
    begun = datetime(2026, 3, 2, 16, 50, tzinfo=TAIPEI)
    calendar = closed("2026-03-03")

    found = due(a_rule("PROC_SAME_VISIT", "30"), begun, calendar)

    assert found.due_at == datetime(2026, 3, 4, 8, 20, tzinfo=TAIPEI)
    half = fraction_due_at(begun.astimezone(UTC), found, Decimal("0.5"), calendar)
    assert half == datetime(2026, 3, 4, 8, 5, tzinfo=TAIPEI)


def test_a_task_at_the_counter_is_due_in_minutes(office: Office) -> None:
    write_package(office.packages, "VISIT", VISIT, limits=LIMITS)
    office.deploy("VISIT")
    office.clock.move_to(taipei("2026-03-03", "16:50"))

    case = office.file("VISIT")

    (clock,) = [row for row in office.rows(tables.clocks, case) if row.task_id is not None]
    assert clock.due_at == taipei("2026-03-04", "08:20")
    office.clock.move_to(taipei("2026-03-04", "08:10"))
    office.complete(case, "take_in", "counter Lin")
    (clock,) = [row for row in office.rows(tables.clocks, case) if row.task_id is not None]
    assert (clock.status, clock.met_at < clock.due_at) == ("met", True)


@pytest.mark.parametrize("package_id", ["P30", "P28"])
def test_walk_in_services_take_papers_in_during_the_visit(package_id: str) -> None:
    closure = LIBRARY.closure(package_id)
    found = {part.name: part.content for part in closure.parts if part.kind == "limits"}
    own = found.pop(package_id)
    content = merged_limits(own, [found[name] for name in sorted(found)])

    plan = parse(content or b"", package_id).tasks["check_papers"]

    assert (plan.rule, plan.length, plan.unit) == ("PROC_SAME_VISIT", "30", Unit.OFFICE_MINUTE)
