"""The clock operations of diagrams: from the day of service, to the day of the postmark."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.cases import Filed
from engine.errors import Rejected
from sla.limits import parse, with_term
from sla.rules import rule
from store import tables
from tests.support.office import Office, taipei
from tests.support.packages import diagram, flows, service_task, user_task, write_package

BORN = "data.applicant.birth_date"  # stands for any date that a form asks for
SERVED = diagram(
    "SERVED",
    '<startEvent id="start"/>'
    + user_task("record_service")
    + service_task("begin", "clock.start", clock="&quot;dunning&quot;", **{"from": BORN})
    + user_task("wait")
    + '<boundaryEvent id="over" attachedToRef="wait">'
    + '<timerEventDefinition hz:clock="dunning" hz:point="due"/></boundaryEvent>'
    + user_task("ex_officio")
    + '<endEvent id="end"/><endEvent id="done"/>'
    + flows("start>record_service", "record_service>begin", "begin>wait", "wait>end")
    + flows("over>ex_officio", "ex_officio>done"),
)
POSTED = diagram(
    "POSTED",
    '<startEvent id="start"/>'
    + user_task("receive")
    + service_task("arrive", "clock.stop", clock="&quot;window&quot;", on=BORN)
    + user_task("work")
    + '<endEvent id="end"/>'
    + flows("start>receive", "receive>arrive", "arrive>work", "work>end"),
)
LIMITS = """
clocks:
  dunning: {rule: DUNNING_MIN_7D, start: operation, stop: closed}
  window: {rule: STAT_REG_30D, start: filed, stop: operation}
"""


@pytest.fixture
def ready(office: Office, packages: Path) -> Office:
    for package_id, xml in (("SERVED", SERVED), ("POSTED", POSTED)):
        write_package(packages, package_id, xml, limits=LIMITS)
        office.deploy(package_id)
    return office


def told(office: Office, case: Filed, task: str, day: Any) -> None:
    data = {"applicant": {"name": "王小明", "birth_date": day}}
    office.complete(case, task, by="counter Lin", data=data)


def test_the_service_date_starts_the_dunning_clock_and_its_end_the_ex_officio_entry(
    ready: Office,
) -> None:
    case = ready.file("SERVED")
    ready.go_to("2026-03-12", "10:00")

    told(ready, case, "record_service", "2026-03-10")  # served two days before it was entered

    clock = ready.clock_of(case, "dunning")
    assert (clock.started_on, clock.due_on) == (date(2026, 3, 10), date(2026, 3, 17))
    ready.go_to("2026-03-17", "23:59")
    assert ready.open_tasks(case) == ["wait"]
    ready.go_to("2026-03-18")
    assert ready.open_tasks(case) == ["ex_officio"]


def test_a_clock_without_a_date_runs_from_today(ready: Office) -> None:
    case = ready.file("SERVED")

    told(ready, case, "record_service", None)

    assert ready.clock_of(case, "dunning").started_on == date(2026, 3, 2)  # null: from today


@pytest.mark.parametrize(
    ("postmark", "late", "action"),
    [("2026-04-01", 0, "clock.met"), ("2026-04-03", 2, "clock.stopped")],
)
def test_the_postmark_says_whether_it_was_in_time(
    ready: Office, postmark: str, late: int, action: str
) -> None:
    case = ready.file("POSTED")  # 30 days: 1 April
    ready.go_to("2026-04-08", "10:00")

    told(ready, case, "receive", postmark)

    assert ready.variables(case)["days_late"] == late
    assert ready.due(case, "window") == taipei("2026-04-02")
    assert ready.ledger(case, "window")[-1].on_day == date.fromisoformat(postmark)
    assert action in ready.actions(case)
    assert ready.rows(tables.incidents, case) == []


TERM = diagram(
    "TERM",
    '<startEvent id="start"/>'
    + user_task("receive")
    + service_task("set", "clock.start", clock="&quot;term&quot;", length="amount")
    + user_task("work")
    + '<endEvent id="end"/>'
    + flows("start>receive", "receive>set", "set>work", "work>end"),
)
TERM_LIMITS = """
clocks:
  term: {rule: CORRECTION_TERM_7D, start: operation, stop: closed}
"""


@pytest.mark.parametrize(
    ("days", "due"),
    [(14, date(2026, 3, 16)), (10, date(2026, 3, 12)), (5, None), (7.5, None)],
)
def test_the_office_sets_a_term_but_none_shorter_than_the_least(
    office: Office, packages: Path, days: Any, due: date | None
) -> None:
    write_package(packages, "TERM", TERM, limits=TERM_LIMITS)
    office.deploy("TERM")
    case = office.file("TERM")

    office.complete(case, "receive", by="counter Lin", values={"amount": days})

    if due is None:
        (incident,) = office.rows(tables.incidents, case)
        assert incident.element_id == "set"
        assert "'term'" in incident.message
    else:
        assert office.clock_of(case, "term").due_on == due


def test_a_length_that_the_law_fixes_is_not_set() -> None:
    plan = parse(LIMITS.encode(), "limits.yaml").clocks["window"]

    with pytest.raises(Rejected, match="fixed"):
        with_term(plan, 90, rule(plan.rule, date(2026, 3, 2)))
