"""Stories over HTTP: people of the demo office at their desks, with no access to the database.

`DemoOffice` is the office with its clock, `Person` somebody who is signed in, `CaseOverHttp` one
case. Whoever only looks is another colleague each time: an account may call 120 times a minute.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import cycle
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.support.served import Served, eventually
from web.demo_office.office import LOGINS, PASSWORD

TAIPEI = ZoneInfo("Asia/Taipei")
NEWCOMER = "簡示範"
_pause = threading.Event()


@dataclass(frozen=True)
class Answer:
    """`body` is what JSON was answered, `{}` for none."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        return str(self.body.get("code", ""))


@dataclass
class Person:
    """Somebody with an account. Every deed has a key of its own, unless one is given."""

    served: Served
    login: str
    token: str = ""
    id: str = ""
    password: str = PASSWORD

    def sign_in(self) -> Person:
        answer = self._call(
            "POST", "/sessions", {"login": self.login, "password": self.password}, {}
        )
        assert answer.status == 201, answer
        self.token, self.id = answer.body["token"], answer.body["person"]["id"]
        return self

    def replace_password(self, new: str) -> Person:
        """As everybody must who was given one."""
        given = {"old_password": self.password, "password": new}
        answer = self.post("/sessions/current/password", given)
        assert answer.status < 300, answer
        self.password = new
        return self.sign_in()

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status == 200, (path, answer)
        return answer.body

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        version: int | None = None,
        key: str | None = None,
    ) -> Answer:
        """Ask for a deed; `version` is the one that was seen. Refusals are answers too."""
        headers = {"Idempotency-Key": key or str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self.ask("POST", path, {} if body is None else body, headers)

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        signed = {**(headers or {}), "Authorization": f"Bearer {self.token}"}
        answer = self._call(method, path, body, signed)
        for _ in range(30):
            if answer.status not in (429, 503):
                break
            # As a polite client does: wait as long as one is told to.
            _pause.wait(float(answer.headers.get("Retry-After", "1")))
            answer = self._call(method, path, body, signed)
        return answer

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> Answer:
        answer = self.served.http.request(
            method,
            f"{self.served.url}/api/v1{path}",
            **({} if body is None else {"json": body}),
            headers=headers,
        )
        return Answer(answer.status, answer.json() if answer.data else {}, answer.headers)


@dataclass
class DemoOffice:
    """The office, its people by login, and the demo's clock."""

    served: Served
    people: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lookers = cycle(login.login for login in LOGINS)

    # --- people ---------------------------------------------------------------------------------

    def person(self, login: str) -> Person:
        if login not in self.people:
            self.people[login] = Person(self.served, login).sign_in()
        return self.people[login]

    def hire(self, login: str, office: str, *groups: str) -> Person:
        """Enter a new colleague by the command line; they replace their password at once."""
        if login not in self.people:
            first, own = "Harbour-Lantern-47", "Walnut-Ferry-908"
            options = [part for group in groups for part in ("--group", group)]
            name = ("--name", NEWCOMER, "--password", first)
            self.served.run("account", "create", login, "--office", office, *options, *name)
            newcomer = Person(self.served, login, password=first).sign_in()
            self.people[login] = newcomer.replace_password(own)
        return self.people[login]

    def see(self, path: str) -> Any:
        return self.person(next(self._lookers)).get(path)

    # --- time -----------------------------------------------------------------------------------

    def now(self) -> datetime:
        return moment(self.see("/demo/clock")["now"])

    @property
    def today(self) -> date:
        return self.now().date()

    def move_to(self, instant: datetime) -> None:
        """Move the demo's clock on. It never goes back."""
        body = {"to": instant.isoformat()}
        answer = self.person("operator.he").post("/demo/clock", body)
        assert answer.status == 200, answer

    def pass_time(self, span: timedelta) -> None:
        self.move_to(self.now() + span)

    def come_in(self, day: date, at: time = time(9, 0)) -> None:
        """It is `at` on `day`; or later, if it is that day and later already."""
        self.move_to(max(at_taipei(day, at), self.now() + timedelta(seconds=1)))

    def let_the_worker_look(self) -> None:
        """Give the worker the second in which it would do what is due: twice its longest sleep."""
        _pause.wait(2.0)

    def begin_week(self, weeks: int = 2) -> date:
        """Come in on the next Monday from which no day of so many weeks is a holiday."""
        day = self.today + timedelta(days=1)
        listed = self.see(f"/calendar?from={day}&days=120")["items"]
        works = {date.fromisoformat(each["day"]): each["is_working"] for each in listed}
        while not (day.weekday() == 0 and all(works[each] for each in _weekdays(day, weeks))):
            day += timedelta(days=1)
        self.come_in(day)
        return day

    def working_day_after(self, day: date, count: int) -> date:
        """The `count`th day after `day` on which this office works, by its own calendar."""
        listed = self.see(f"/calendar?from={day + timedelta(days=1)}&days=60")["items"]
        works = [each["day"] for each in listed if each["is_working"]]
        return date.fromisoformat(works[count - 1])

    # --- cases and agencies ---------------------------------------------------------------------

    def file(
        self,
        package: str,
        by: str,
        values: Mapping[str, Any],
        data: Mapping[str, Any],
        channel: str = "counter",
    ) -> CaseOverHttp:
        body = {"package": package, "channel": channel, "values": values, "data": data}
        answer = self.person(by).post("/cases", body)
        assert answer.status == 201, answer
        receipt = answer.body
        return CaseOverHttp(self, receipt["id"], receipt["number"], receipt["status_code"])

    def overdue(self, case: CaseOverHttp, clock: str = "processing") -> bool:
        """Whether the overdue desk shows the clock of the case now."""
        path: str | None = "/overdue?limit=100"
        while path is not None:
            page = self.person("chief.wang").get(path)
            if any((row["case_id"], row["clock"]) == (case.id, clock) for row in page["items"]):
                return True
            path = f"/overdue?limit=100&cursor={page['next']}" if page["next"] else None
        return False

    def told(self, login: str, case: CaseOverHttp, kind: str) -> list[str]:
        """At which points of the processing clock a person was told so of the case."""
        rows = self.person(login).get("/notifications?limit=100")["items"]
        return [
            row["detail"]["point"]
            for row in reversed(rows)
            if (row["case_id"], row["kind"]) == (case.id, kind)
            and row["detail"]["clock"] == "processing"
        ]

    def trouble(self, agency: str, **faults: Any) -> None:
        """Something goes wrong at an agency from now on (see `agencies/sandbox.py`)."""
        answer = self.served.http.request(
            "POST",
            f"{self.served.sandbox_url}/control/faults",
            json={"agency": agency, **faults},
        )
        assert answer.status == 200, answer.data

    def received(self, case: CaseOverHttp) -> dict[str, dict[str, Any]]:
        """What the agencies themselves say they got about a case, by agency.

        `statuses` are those of all calls in order, `fields` the fields of the first effect, and
        `effects` counts the effects.
        """
        url = f"{self.served.sandbox_url}/control/received"
        book = self.served.http.request("GET", url).json()
        mine = {row["id"] for row in case.look()["outbox"]}
        seen: dict[str, dict[str, Any]] = {}
        for call in book["calls"]:
            if call["key"] in mine:
                agency = {"statuses": [], "fields": [], "effects": 0}
                seen.setdefault(call["agency"], agency)["statuses"].append(call["status"])
        for effect in book["effects"]:
            if effect["key"] in mine:
                seen[effect["agency"]]["fields"] = effect["fields"]
                seen[effect["agency"]]["effects"] += 1
        return seen


@dataclass(frozen=True)
class CaseOverHttp:
    """One case as people see and work on it."""

    office: DemoOffice
    id: str
    number: str
    status_code: str = ""
    """What the applicant's receipt says; known to who filed the case."""

    # --- looking --------------------------------------------------------------------------------

    def look(self) -> Any:
        return self.office.see(f"/cases/{self.id}")

    @property
    def status(self) -> str:
        return str(self.look()["status"])

    def open_tasks(self) -> list[str]:
        return [task["element_id"] for task in self._open(self.look())]

    def clock(self, name: str = "processing") -> Any:
        listed = self.office.see(f"/cases/{self.id}/clocks")["items"]
        return next(row for row in listed if (row["name"], row["task_id"]) == (name, None))

    def due(self, name: str = "processing") -> datetime:
        return moment(self.clock(name)["due_at"])

    def history(self, *actions: str) -> list[Any]:
        """What the history tells, oldest first; only of these actions, if any are given."""
        items: list[Any] = self.office.see(f"/cases/{self.id}/history")["items"]
        return [item for item in items if not actions or item["action"] in actions]

    def deeds(self) -> list[str]:
        """Who filed it, completed what, and closed it: `林示範 check_papers`, oldest first."""
        deeds = self.history("case.filed", "user_task.completed", "case.closed", "case.withdrawn")
        return [f"{deed['actor_name']} {deed['element_id'] or deed['action']}" for deed in deeds]

    def outbox(self, agency: str) -> Any:
        (row,) = [row for row in self.look()["outbox"] if row["peer"] == agency]
        return row

    def chases(self) -> list[CaseOverHttp]:
        return [
            CaseOverHttp(self.office, row["id"], row["number"])
            for row in self.look()["linked"]
            if row["package_id"] == "C13"
        ]

    def find_task(self, element: str) -> Any:
        found = [task for task in self._open(self.look()) if task["element_id"] == element]
        assert found, f"{element} is not open, but {self.open_tasks()}"
        return found[0]

    def wait_for(self, *elements: str) -> None:
        """Until other processes have brought the case to where exactly these tasks are open."""
        eventually(
            lambda: sorted(self.open_tasks()) == sorted(elements),
            f"{self.number} comes to {elements}, not {self.open_tasks()}",
        )

    def wait_until(self, status: str) -> None:
        eventually(lambda: self.status == status, f"{self.number} is {status}")

    def wait_until_sent(self, agency: str, status: str) -> None:
        eventually(
            lambda: self.outbox(agency)["status"] == status,
            f"what {agency} is told by {self.number} is {status}",
        )

    def wait_until_tried(self, agency: str, attempts: int) -> None:
        """Until so many tries have failed, and the next one is put off."""

        def tried() -> bool:
            row = self.outbox(agency)
            return (row["status"], row["attempts"]) == ("queued", attempts)

        eventually(tried, f"{agency} was tried {attempts} times for {self.number}")

    @staticmethod
    def _open(seen: Any) -> list[Any]:
        return [task for task in seen["tasks"] if task["status"] in ("unclaimed", "claimed")]

    # --- deeds ----------------------------------------------------------------------------------

    def claim(self, element: str, by: str) -> Answer:
        task = self.find_task(element)
        return self.office.person(by).post(f"/user-tasks/{task['id']}/claim")

    def complete(
        self,
        element: str,
        by: str,
        outcome: str | None = None,
        data: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> Answer:
        """Claim a task, unless it was given to them, and complete it; it must go well."""
        claimed = self.claim(element, by)
        is_theirs = claimed.code == "user_task.already_yours"
        assert claimed.status == 200 or is_theirs, claimed
        body = {"values": values, "data": data or {}, "outcome": outcome}
        task = self.find_task(element) if is_theirs else claimed.body
        answer = self.office.person(by).post(
            f"/user-tasks/{task['id']}/complete", body, task["version"]
        )
        assert answer.status == 200, (element, answer)
        return answer

    def withdraw(self, by: str, reason: str) -> Answer:
        version = self.look()["version"]
        return self.office.person(by).post(
            f"/cases/{self.id}/withdraw", {"reason": reason}, version
        )


def moment(text: str) -> datetime:
    """An instant as the API writes it, in Taipei."""
    return datetime.fromisoformat(text).astimezone(TAIPEI)


def at_taipei(day: date, at: time) -> datetime:
    return datetime.combine(day, at, TAIPEI)


def _weekdays(monday: date, weeks: int) -> list[date]:
    return [monday + timedelta(days=7 * week + day) for week in range(weeks) for day in range(5)]
