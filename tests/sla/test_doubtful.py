"""A walk-in matter found doubtful: three days of its own, a receipt, and late as others are."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from engine import cases, notice_reads
from engine.actors import system
from engine.cases import FileCase, Filed
from engine.errors import EngineError
from sla import doubtful, overdue_desk
from sla.overdue_desk import Page
from sla.overdue_views import View
from tests.support.clocked import CLOCKED, LIMITS
from tests.support.factories import OFFICE
from tests.support.office import Office
from tests.support.packages import write_package

LIN = "counter Lin"
LIMIT = """  doubtful: {rule: PROC_DOUBTFUL_3D, start: operation, pausable: true, ladder: standard}
ladders:"""


@pytest.fixture
def counter(office: Office, packages: Path) -> Office:
    """CLOCKED with the limit that processes have by the intake check they call."""
    limits = LIMITS.replace("ladder: standard}\n\nladders:", "ladder: standard}\n" + LIMIT)
    write_package(packages, "CLOCKED", CLOCKED, limits=limits)
    office.deploy("CLOCKED")
    for name in (LIN, "chief Wu"):
        office.person(name)
    office.go_to("2026-03-06", "10:00")  # a Friday
    return office


def convert(office: Office, case: Filed, by: str = LIN, reason: str = "身分待查") -> UUID:
    actor = office.person(by)
    with office.db.transaction() as tx:
        return doubtful.convert(tx, case.id, reason, actor, office.clock.now())


def refused(office: Office, case: Filed, reason: str = "身分待查") -> str:
    with pytest.raises(EngineError) as told:
        convert(office, case, reason=reason)
    return told.value.code


def test_a_doubtful_case_has_three_days_and_a_receipt_that_says_so(counter: Office) -> None:
    case = counter.file("CLOCKED")

    notice_id = convert(counter, case)

    clock = counter.clock_of(case, "doubtful")
    assert clock.rule_id == "PROC_DOUBTFUL_3D"
    assert clock.due_on.isoformat() == "2026-03-09"  # Friday's third day, by APA 48
    with counter.db.transaction(read_only=True) as tx:
        assert notice_reads.latest(tx, case.id, "doubtful_receipt") == notice_id
    assert counter.told(case)[-1].action == "case.doubtful"


def test_the_office_may_count_working_days(counter: Office) -> None:
    counter.choose("sla.day_unit", "working_day")
    case = counter.file("CLOCKED")
    convert(counter, case)

    assert counter.clock_of(case, "doubtful").due_on.isoformat() == "2026-03-11"


def test_it_is_late_as_others_are(counter: Office) -> None:
    case = counter.file("CLOCKED")
    convert(counter, case)
    counter.go_to("2026-03-10", "09:00")

    chief, now = counter.person("chief Wu"), counter.clock.now()
    with counter.db.transaction(read_only=True) as tx:
        (line,) = overdue_desk.desk(tx, chief, now, View.OVERDUE, Page(None, 50)).lines
    assert (line.first.name, line.first.late_days) == ("doubtful", 1)
    assert [rung.at_point for rung in line.told if rung.act == "escalate"] == ["due"]


def test_it_stands_still_with_the_processing_limit_and_ends_with_the_case(
    counter: Office,
) -> None:
    case = counter.file("CLOCKED")
    convert(counter, case)
    counter.complete(case, "check", by=LIN, outcome="missing")
    assert counter.clock_of(case, "doubtful").status == "paused"

    counter.go_to("2026-03-16", "09:00")
    counter.complete(case, "wait_papers", by=LIN)
    assert counter.clock_of(case, "doubtful").status == "running"
    counter.complete(case, "check", by=LIN, outcome="complete")
    counter.complete(case, "decide", by="reviewer Chen")
    assert counter.clock_of(case, "doubtful").status == "met"


def test_what_is_no_doubtful_walk_in_is_refused(counter: Office, packages: Path) -> None:
    case = counter.file("CLOCKED")
    assert refused(counter, case, reason=" ") == "doubtful.reason"
    convert(counter, case)
    assert refused(counter, case) == "doubtful.already"

    online = FileCase("CLOCKED", "online", data={"applicant": {"name": "王"}})
    with counter.db.transaction() as tx:
        sent = cases.file(tx, online, system(OFFICE), counter.clock.now())
    assert refused(counter, sent) == "doubtful.not_walk_in"

    write_package(packages, "CLOCKED", CLOCKED, limits=LIMITS)
    counter.deploy("CLOCKED")
    assert refused(counter, counter.file("CLOCKED")) == "doubtful.no_limit"
