"""Two offices with people, processes and the API before them: what every test of the API needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import yaml
from flask import Flask
from sqlalchemy import insert, select

import api
from agencies.transports import Endpoint
from api.limits import Limiter, Limits
from engine import deployments, sessions
from engine.actors import system
from engine.clock import SystemClock
from engine.packages import load_library
from sla.calendars import seed_national_days
from store import tables
from store.database import Database
from tests.api.caller import Caller
from tests.support.clock import GivenClock
from tests.support.factories import an_office
from tests.support.packages import (
    PROCESSING,
    REVIEW,
    diagram,
    flows,
    service_task,
    user_task,
    write_package,
)

LIBRARY = Path(__file__).resolve().parents[2] / "bpmn"
COUNTRY, HERE, ELSEWHERE = "tw", "kh-fengshan", "kh-lingya"
SECRET = b"the secret we share with the tax office"
AGENCIES = {"tax": Endpoint("http://127.0.0.1:9/tax", SECRET)}
EVERY_GROUP = (
    *("counter", "reviewer", "records", "chief", "secretary", "director"),
    *("data", "field", "petition", "control", "analyst", "operator"),
)
PEOPLE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "counter.lin": (HERE, ("counter",)),
    "counter.wu": (HERE, ("counter",)),
    "reviewer.chen": (HERE, ("reviewer",)),
    "chief.huang": (HERE, ("chief",)),
    "operator.tsai": (HERE, ("operator",)),
    "analyst.ho": (HERE, ("analyst",)),
    "auditor.ma": (HERE, ("auditor",)),
    "all.here": (HERE, EVERY_GROUP),
    "all.elsewhere": (ELSEWHERE, EVERY_GROUP),
    "counter.elsewhere": (ELSEWHERE, ("counter",)),
}
NOTIFY = diagram(
    "NOTIFY",
    '<startEvent id="start"/>'
    + service_task("tell", "agency.notify", agency="note", kind="&quot;moved&quot;", fields="{}")
    + '<endEvent id="end"/>'
    + flows("start>tell", "tell>end"),
)
"""Tells the agency that the variable `note` names; an agency nobody knows is an incident."""
WAIT = diagram(
    "WAIT",
    '<startEvent id="start"/><receiveTask id="wait" name="Wait" messageRef="paper"/>'
    + user_task("done")
    + '<endEvent id="end"/>'
    + flows("start>wait", "wait>done", "done>end"),
    '<message id="paper" name="paper" hz:correlationKey="note"/>',
)
"""Waits for the message `paper`, whose key is the variable `note`."""


@dataclass
class House:
    """One running API on one database."""

    db: Database
    clock: GivenClock = field(default_factory=GivenClock)
    limits: Limits = field(default_factory=lambda: Limits(Limiter(0), Limiter(0)))

    def __post_init__(self) -> None:
        self.app = Flask("house", static_folder=None)
        self.context = api.ApiContext(
            db=self.db,
            clock=self.clock,
            library=LIBRARY,
            endpoints=AGENCIES,
            limits=self.limits,
        )
        api.create_api(self.app, self.context)
        self.document = api.document(self.app)

    def sign_in(self, login: str) -> Caller:
        """A caller with a new session; the password is tested elsewhere."""
        now = SystemClock().now()
        with self.db.transaction() as tx:
            account = tx.execute(
                select(tables.accounts).where(tables.accounts.c.login == login)
            ).one()
            token = sessions.start(tx, account.id, now, alone=False)
        return Caller(self.app, self.document, token)

    def stranger(self) -> Caller:
        return Caller(self.app, self.document)

    def person_id(self, login: str) -> UUID:
        with self.db.transaction(read_only=True) as tx:
            found: UUID = tx.scalar(
                select(tables.accounts.c.person_id).where(tables.accounts.c.login == login)
            )
        return found

    def rows(self, table: Any, **equal: Any) -> list[Any]:
        with self.db.transaction(read_only=True) as tx:
            conditions = [table.c[name] == value for name, value in equal.items()]
            return list(tx.execute(select(table).where(*conditions)))


def furnish(db: Database, folder: Path) -> None:
    """The country with its calendar and processes, two offices, their people."""
    now = GivenClock().now()
    small = folder / "packages"
    write_package(small, "REVIEW", REVIEW, limits=PROCESSING)
    write_package(small, "NOTIFY", NOTIFY)
    write_package(small, "WAIT", WAIT)
    with db.transaction() as tx:
        an_office(tx, COUNTRY)
        for office_id in (HERE, ELSEWHERE):
            an_office(tx, office_id, parent_id=COUNTRY)
        seed_national_days(tx, COUNTRY, 2025, 2027, now)
        for login, (office_id, groups) in PEOPLE.items():
            _enter(tx, login, office_id, groups)
    with db.transaction() as tx:
        for package_id in ("REVIEW", "NOTIFY", "WAIT"):
            deployments.deploy(tx, load_library(small), package_id, system(COUNTRY), now)
    with db.transaction() as tx:
        deployments.deploy(tx, load_library(LIBRARY), "P01", system(HERE), now)


def another_version(house: House, folder: Path) -> tuple[str, str]:
    """Deploy REVIEW with one step more for the office HERE; the ids of the country's version,
    which its cases run on, and of this one."""
    longer = REVIEW.replace(
        b'sourceRef="record" targetRef="review"', b'sourceRef="record" targetRef="check"'
    ).replace(
        b'<exclusiveGateway id="decide"',
        (user_task("check", "records") + flows("check>review")).encode()
        + b'<exclusiveGateway id="decide"',
    )
    write_package(folder, "REVIEW", longer, limits=PROCESSING)
    with house.db.transaction() as tx:
        old = deployments.active(tx, HERE, "REVIEW").id
        new = deployments.deploy(
            tx, load_library(folder), "REVIEW", system(HERE), house.clock.now()
        )
    return str(old), str(new.definition_id)


def _enter(tx: Any, login: str, office_id: str, groups: tuple[str, ...]) -> None:
    now, person_id = GivenClock().now(), uuid4()
    person = {"id": person_id, "office_id": office_id, "display_name": login, "created_at": now}
    tx.execute(insert(tables.persons), {**person, "fictional": True})
    for group in groups:
        row = {"office_id": office_id, "person_id": person_id, "group_name": group}
        tx.execute(insert(tables.memberships), row)
    account = {"id": uuid4(), "office_id": office_id, "person_id": person_id, "login": login}
    more = {"status": "active", "failed_sign_ins": 0, "must_change_password": False}
    tx.execute(insert(tables.accounts), {**account, **more, "created_at": now})


def birth() -> dict[str, Any]:
    """What a birth is filed with, as the happy scenario of the real package says."""
    text = (LIBRARY / "registration/birth/scenarios/happy.yaml").read_text(encoding="utf-8")
    filed = yaml.safe_load(text)["file"]
    return {
        "package": "P01",
        "channel": filed["channel"],
        "values": filed["values"],
        "data": _plain(filed["data"]),
    }


def _plain(value: Any) -> Any:
    """YAML reads days as dates; JSON has them as text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else value
