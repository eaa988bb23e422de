"""A case left alone: warned, overdue at the right instant, chased; and the chase ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest

from tests.journeys import matters
from tests.journeys.matters import CHIEF, CLERK
from tests.support.http_driver import CaseOverHttp, DemoOffice, at_taipei, moment
from tests.support.served import eventually

pytestmark = pytest.mark.slow
LADDER = ["0.5", "0.8", "due", "due+1wd", "due+3wd"]
DIRECTOR = "director.wu"


@pytest.fixture
def office(sqlite_office: DemoOffice) -> Iterator[DemoOffice]:
    """The worker is running again afterwards, whatever went wrong."""
    yield sqlite_office
    if "worker" not in sqlite_office.served.processes:
        sqlite_office.served.start("worker")


def test_a_case_left_alone_is_warned_overdue_and_chased(office: DemoOffice) -> None:
    monday = office.begin_week()
    case = matters.file_birth(office)

    warned_at_half_and_at_four_fifths(office, case, monday)
    office.served.stop("worker")
    overdue_at_the_instant(office, case, monday + timedelta(days=3))
    office.come_in(monday + timedelta(days=8), time(17, 0, 30))
    assert rungs(case) == ["0.5", "0.8"]
    assert office.overdue(case)
    office.served.start("worker")
    each_rung_fires_once_and_in_order(office, case)
    the_chase_ends_with_the_case(office, case)

    assert rungs(case) == LADDER


def warned_at_half_and_at_four_fifths(office: DemoOffice, case: CaseOverHttp, monday: date) -> None:
    # Filed at nine. The office is open from 8 to 17: 8 hours on Monday and 9 on each of the three
    # days of the limit. Half of 35 is at 8:30 on Wednesday, four fifths at 10:00 on Thursday.
    half = at_taipei(monday + timedelta(days=2), time(8, 30))
    four_fifths = at_taipei(monday + timedelta(days=3), time(10))
    office.move_to(half - timedelta(minutes=1))
    office.let_the_worker_look()
    assert office.told(CLERK, case, "clock.warned") == []

    office.move_to(half + timedelta(minutes=1))
    eventually(lambda: office.told(CLERK, case, "clock.warned") == ["0.5"], "the clerk is warned")
    assert office.told(CHIEF, case, "clock.warned") == []

    office.move_to(four_fifths + timedelta(minutes=1))
    eventually(
        lambda: office.told(CHIEF, case, "clock.warned") == ["0.8"], "the chief is warned too"
    )
    assert office.told(CLERK, case, "clock.warned") == ["0.5", "0.8"]
    fired = [moment(line["at"]) for line in case.history("clock.warned")]
    assert [at.replace(second=0, microsecond=0) for at in fired] == [
        half + timedelta(minutes=1),
        four_fifths + timedelta(minutes=1),
    ]


def overdue_at_the_instant(office: DemoOffice, case: CaseOverHttp, last_day: date) -> None:
    due = at_taipei(last_day, time(17))
    assert case.due() == due

    office.move_to(due - timedelta(minutes=1))
    assert not office.overdue(case)
    assert not case.look()["overdue"]

    office.move_to(due)
    assert office.overdue(case)
    assert case.look()["overdue"]
    assert rungs(case) == ["0.5", "0.8"], "nobody is there to escalate"


def each_rung_fires_once_and_in_order(office: DemoOffice, case: CaseOverHttp) -> None:
    eventually(lambda: rungs(case) == LADDER, f"{case.number} goes up the ladder")
    office.let_the_worker_look()

    assert rungs(case) == LADDER
    assert office.told(CHIEF, case, "clock.escalated") == ["due"]
    assert office.told(CHIEF, case, "clock.chased") == ["due+1wd"]
    assert office.told(DIRECTOR, case, "clock.escalated") == ["due+3wd"]
    assert len(case.chases()) == 1


def the_chase_ends_with_the_case(office: DemoOffice, case: CaseOverHttp) -> None:
    (chase,) = case.chases()
    assert chase.status == "active"
    assert "explain_delay" in chase.open_tasks()

    case.complete("check_papers", CLERK, "complete", missing=[])
    matters.enter_birth(case, office.today - timedelta(days=18))
    matters.close_birth(case)

    assert case.status == "closed"
    chase.wait_until("closed")
    assert chase.open_tasks() == []
    assert not office.overdue(case)


def rungs(case: CaseOverHttp) -> list[str]:
    """The rungs of the processing clock that have fired, in the order of the history."""
    lines = case.history("clock.warned", "clock.escalated", "clock.chased")
    return [line["detail"]["point"] for line in lines if line["detail"]["clock"] == "processing"]
