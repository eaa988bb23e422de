"""Nobody's worker runs for nine days over the Lunar New Year of 2027; the desk is right throughout.

Real processes: the web server answers, the worker was killed. The office rests from 4 to 10
February (the published calendar). Its limits in working days end at 17:00, and it is open from 8.
Every moment below was counted by hand from that.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from store.database import open_database
from store.tables import outbox, person_notices
from tests.chaos import invariants
from tests.chaos.invariants import Evidence
from tests.journeys import matters
from tests.journeys.conftest import open_office
from tests.journeys.matters import CHIEF, CLERK
from tests.support.databases import PostgreSQL
from tests.support.http_driver import CaseOverHttp, DemoOffice, at_taipei
from tests.support.served import Served, eventually
from web.demo_office.office import LOGINS, PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
STORES = os.environ.get("HUZHENG_CHAOS_STORES", "sqlite").split(",")
DIRECTOR, SECRETARY = "director.wu", "secretary.tsai"
RUNGS = ("clock.warned", "clock.escalated", "clock.chased")
CLOSES = time(17)


@pytest.fixture(params=STORES)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DemoOffice]:
    """A demo office of its own: its clock goes far ahead."""
    url = f"sqlite:///{tmp_path / 'huzheng.db'}"
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql_server")
        url = server.create(empty=True)
    with open_office(tmp_path, url) as made:
        # An account has one session, and the secretary's is that of the browser.
        made._lookers = cycle(each.login for each in LOGINS if each.login != SECRETARY)
        yield made


def kill_the_worker(office: DemoOffice) -> None:
    worker = office.served.processes.pop("worker")
    worker.kill()
    worker.wait(10)


def february(day: int, at: time = time(9)) -> datetime:
    return at_taipei(date(2027, 2, day), at)


def test_nine_days_without_a_worker(office: DemoOffice) -> None:
    office.move_to(at_taipei(date(2027, 1, 29), time(9)))
    friday = matters.file_birth(office)
    office.move_to(february(1))
    monday, paused = matters.file_birth(office), matters.file_birth(office)
    paused.complete("check_papers", CLERK, "missing", missing=["surname_agreement"])
    climbed_until_wednesday(office, friday, monday)
    wednesday = matters.file_birth(office)

    kill_the_worker(office)  # at noon on Wednesday
    cases = {"friday": friday, "monday": monday, "wednesday": wednesday, "paused": paused}
    the_desk_is_right_without_a_worker(office, cases)

    office.served.start("worker")  # at noon on Friday, nine days later
    every_rung_fires_once_and_in_order(office, cases)
    and_nothing_again(office, cases)


# --- before -------------------------------------------------------------------------------------


def climbed_until_wednesday(office: DemoOffice, friday: CaseOverHttp, monday: CaseOverHttp) -> None:
    # Of Friday's 35 hours, 17.5 are over on Tuesday at 8:30 and 28 on Wednesday at 10:00; of
    # Monday's 35, half is over on Wednesday at 8:30, for both began at nine.
    office.move_to(february(3, time(10, 1)))
    eventually(lambda: rungs(friday) == ["0.5", "0.8"], "Friday's case is warned twice")
    eventually(lambda: rungs(monday) == ["0.5"], "Monday's case is warned once")
    office.move_to(february(3, time(12)))


# --- without a worker ---------------------------------------------------------------------------


def the_desk_is_right_without_a_worker(office: DemoOffice, cases: dict[str, CaseOverHttp]) -> None:
    # Friday's third working day is Wednesday the 3rd; Monday's, across the holidays, Thursday the
    # 11th; that of Wednesday's case is Monday the 15th, when all is over.
    assert cases["friday"].due() == february(3, CLOSES)
    assert cases["monday"].due() == february(11, CLOSES)
    assert cases["wednesday"].due() == february(15, CLOSES)
    minute, desk = timedelta(minutes=1), Desk(office, cases, Page(office.served))
    # A step has one working day of its own, so the worklist knows of two more that are late with
    # their first step; Wednesday's ends on Thursday the 11th.
    steps = {"friday", "monday"}
    shows(desk, february(3, CLOSES) - minute, set(), steps)
    shows(desk, february(3, CLOSES), {"friday"}, steps)
    shows(desk, february(8, time(12)), {"friday"}, steps)
    assert late_days(office, cases["friday"]) == 0  # nobody worked since
    shows(desk, february(11, CLOSES) - minute, {"friday"}, steps)
    steps = {"friday", "monday", "wednesday"}
    shows(desk, february(11, CLOSES), {"friday", "monday"}, steps)
    shows(desk, february(12, time(12)), {"friday", "monday"}, steps)
    assert late_days(office, cases["friday"]) == 2  # Thursday and today
    assert rungs(cases["friday"]) == ["0.5", "0.8"], "nobody is there to escalate"


@dataclass(frozen=True)
class Desk:
    """The office, the cases that are looked for, and a supervisor's browser."""

    office: DemoOffice
    cases: dict[str, CaseOverHttp]
    browser: Page


def shows(desk: Desk, moment: datetime, late: set[str], in_worklist: set[str]) -> None:
    """The API, the cases, the worklist and the page say which are late at a moment."""
    office, cases = desk.office, desk.cases
    office.move_to(moment)
    assert {name for name, case in cases.items() if office.overdue(case)} == late, moment
    assert {name for name, case in cases.items() if case.clock()["overdue"]} == late, moment
    tasks = office.person(CLERK).get("/user-tasks?view=group&due=overdue&limit=100")["items"]
    numbers = {task["case_number"] for task in tasks}
    assert {name for name, case in cases.items() if case.number in numbers} == in_worklist, moment
    page = desk.browser.open("/overdue?view=office")
    assert {name for name, case in cases.items() if case.number in page} == late | in_worklist


def late_days(office: DemoOffice, case: CaseOverHttp) -> int:
    rows = office.person(CHIEF).get("/overdue?limit=100")["items"]
    (mine,) = [r for r in rows if (r["case_id"], r["clock"]) == (case.id, "processing")]
    return int(mine["late_days"])


class Page:
    """A supervisor's browser, without one: signs in by the form and reads a page."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._cookies: dict[str, str] = {}
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.open("/sign-in"))
        assert token is not None
        fields = {"csrf_token": token[1], "login": SECRETARY, "password": PASSWORD}
        self._ask("POST", "/sign-in", fields)

    def open(self, path: str) -> str:
        return self._ask("GET", path)

    def _ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> str:
        answer = self._served.http.request(
            method,
            f"{self._served.url}{path}",
            body=urlencode(fields or {}) or None,
            redirect=False,
            headers={
                "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        for line in answer.headers.getlist("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        assert answer.status in (200, 303), (path, answer.status, answer.data[:400])
        return answer.data.decode()


# --- afterwards ---------------------------------------------------------------------------------


def every_rung_fires_once_and_in_order(office: DemoOffice, cases: dict[str, CaseOverHttp]) -> None:
    # 17:00 on Thursday was Friday's first working day after its end; 8:30 on Friday is half of
    # Wednesday's limit. The other rungs lie ahead, and a limit that stands still has none.
    caught_up = {
        "friday": ["0.5", "0.8", "due", "due+1wd"],
        "monday": ["0.5", "0.8", "due"],
        "wednesday": ["0.5"],
        "paused": [],
    }
    for name, points in caught_up.items():
        eventually(lambda n=name, p=points: rungs(cases[n]) == p, f"{name}: {points}")  # type: ignore[misc]
    office.let_the_worker_look()
    assert {name: rungs(case) for name, case in cases.items()} == caught_up
    told_once(office, cases)


def told_once(office: DemoOffice, cases: dict[str, CaseOverHttp]) -> None:
    """Each notice once, to whom it is meant for, and in one mail at most; one chase."""
    assert office.told(CHIEF, cases["friday"], "clock.escalated") == ["due"]
    assert office.told(CHIEF, cases["friday"], "clock.chased") == ["due+1wd"]
    assert office.told(CHIEF, cases["monday"], "clock.escalated") == ["due"]
    assert office.told(DIRECTOR, cases["friday"], "clock.escalated") == []
    assert len(cases["friday"].chases()) == 1
    assert cases["monday"].chases() == cases["paused"].chases() == []
    with closing(open_database(office.served.database_url)) as db, db.transaction() as tx:
        now = office.now
        found = [*invariants.once(Evidence(tx, now)), *invariants.ladders(Evidence(tx, now))]
        mails = select(outbox.c.id).where(outbox.c.operation == "mail.send")
        owed = tx.scalars(select(person_notices.c.outbox_id)).all()
        assert set(tx.scalars(mails)) == {each for each in owed if each is not None}
    assert found == []


def and_nothing_again(office: DemoOffice, cases: dict[str, CaseOverHttp]) -> None:
    """Killed and started once more, and at the end of the day what that day brings."""
    kill_the_worker(office)
    office.served.start("worker")
    office.let_the_worker_look()
    assert rungs(cases["friday"]) == ["0.5", "0.8", "due", "due+1wd"]
    office.move_to(february(12, time(17, 0, 30)))
    eventually(lambda: rungs(cases["monday"])[-1] == "due+1wd", "Monday's owner is chased")
    assert rungs(cases["monday"]) == ["0.5", "0.8", "due", "due+1wd"]
    assert len(cases["monday"].chases()) == len(cases["friday"].chases()) == 1
    assert rungs(cases["paused"]) == []


def rungs(case: CaseOverHttp) -> list[str]:
    """The rungs of the processing clock that have fired, in the order of the history."""
    lines = case.history(*RUNGS)
    return [line["detail"]["point"] for line in lines if line["detail"]["clock"] == "processing"]
