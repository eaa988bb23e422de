# sizes: exempt — tests stand here where app.py joins the parts
"""An office with everything wired as `app.py` wires it: clocks, ladders, notifications."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import insert, select, update

import app
from agencies import answers, confirmations, dispatch, mails
from agencies.signatures import sign
from agencies.transports import Transport
from engine import deployments
from engine.cases import Filed
from engine.clock import TAIPEI
from engine.packages import load_library
from sla import escalation
from sla.calendars import Closure, seed_national_days
from sla.closures import enter_closure
from sla.recalculation import Moved
from store import tables
from store.database import Database
from tests.support.agencies import ENDPOINT, SECRET, RecordingTransport
from tests.support.clock import GivenClock
from tests.support.driver import CaseDriver
from tests.support.factories import OFFICE

LIBRARY = Path(__file__).resolve().parents[2] / "bpmn"
ADDRESS = "https://huzheng.example"
FIRED = (
    *("clock.warned", "clock.prompted", "clock.escalated", "clock.chased"),
    *("clock.delay_due", "clock.delay_known"),
)
OPERATIONS = ("agency.notify", "agency.look_up", "agency.list", "mail.send", "sms.send")


def taipei(day: str, at: str = "00:00") -> datetime:
    """An instant by Taipei's calendar and clock: `taipei("2026-03-05", "10:00")`."""
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), TAIPEI)


class Office(CaseDriver):
    """A driver whose time also moves ladders, answers and notifications."""

    def __init__(self, db: Database, clock: GivenClock, packages: Path) -> None:
        super().__init__(db, clock, packages)
        self.transport: Transport = RecordingTransport()
        with db.transaction() as tx:
            seed_national_days(tx, OFFICE, 2025, 2027, clock.now())

    def deploy_real(self, package_id: str) -> UUID:
        """Deploy a package of the process library."""
        library, analyst = load_library(LIBRARY), self.person("analyst Ho")
        with self.db.transaction() as tx:
            return deployments.deploy(
                tx, library, package_id, analyst, self.clock.now()
            ).definition_id

    # --- time -----------------------------------------------------------------------------------

    def go_to(self, day: str, at: str = "00:00") -> int:
        """Let time go on to then, and do what is due."""
        self.clock.move_to(taipei(day, at))
        return self.do_due()

    def do_due(self) -> int:
        done = 0
        while self.do_one():
            done += 1
            assert done < 1_000, "Something is due for ever"
        return done + (super().do_due() if done else 0)

    def do_one(self) -> bool:
        now = self.clock.now()
        return bool(
            CaseDriver.do_due(self)
            or escalation.fire_next_rung(self.db, app.WAYS, now)
            or mails.write_next(self.db, ADDRESS, now)
            or answers.deliver_next(self.db, now)
            or self.send()
        )

    # --- clocks ---------------------------------------------------------------------------------

    def clock_of(self, case: Filed, name: str = "processing") -> Any:
        return next(clock for clock in self.rows(tables.clocks, case) if clock.name == name)

    def ledger(self, case: Filed, name: str = "processing") -> list[Any]:
        clock = self.clock_of(case, name)
        found = [row for row in self.rows(tables.clock_entries) if row.clock_id == clock.id]
        return sorted(found, key=lambda row: row.number)

    def due(self, case: Filed, name: str = "processing") -> datetime | None:
        due: datetime | None = self.clock_of(case, name).due_at
        return due

    def fired(self, case: Filed) -> list[str]:
        """Which rungs fired, in the order they did."""
        return [
            f"{entry.detail['point']} {entry.action.removeprefix('clock.')}"
            for entry in self.told(case)
            if entry.action in FIRED
        ]

    def close_on(self, day: str, part: str = "all", office_id: str = OFFICE) -> list[Moved]:
        """A typhoon: the office is shut, and its clocks move."""
        closure = Closure(office_id, date.fromisoformat(day), part, "颱風", "市府公告")
        chief = self.person(f"chief {office_id}", office_id)
        with self.db.transaction() as tx:
            entered = enter_closure(tx, closure, chief, self.clock.now())
        return entered.moved

    # --- agencies -------------------------------------------------------------------------------

    def send(self, worker: str = "worker 1") -> bool:
        ways = dict.fromkeys(OPERATIONS, self.transport)
        return dispatch.send_next(self.db, ways, worker, self.clock.now())

    def promises(self, case: Filed, peer: str | None = None) -> list[Any]:
        found = [row for row in self.rows(tables.outbox, case) if peer in (None, row.peer)]
        return sorted(found, key=lambda row: (row.created_at, row.number))

    def answer(self, promise: Any, status: str = "confirmed", **more: Any) -> str:
        """The agency answers a promise, properly signed."""
        body = orjson.dumps({"id": str(promise.id), "status": status, "reference": "R-1", **more})
        return self.accept(promise.peer, body)

    def accept(self, peer: str, body: bytes, signature: str | None = None) -> str:
        with self.db.transaction() as tx:
            real = self.db.now(tx)
            call = confirmations.Call(peer, signature or sign(SECRET, body, real), body)
            return confirmations.accept(tx, ENDPOINT, call, self.clock.now(), real)

    # --- looking --------------------------------------------------------------------------------

    def told(self, case: Filed) -> list[Any]:
        """The history of a case as rows, oldest first."""
        with self.db.transaction(read_only=True) as tx:
            return list(
                tx.execute(
                    select(tables.history)
                    .where(tables.history.c.case_id == case.id)
                    .order_by(tables.history.c.id)
                )
            )

    def give_mail(self, person_id: UUID | None, address: str) -> None:
        with self.db.transaction() as tx:
            mine = update(tables.persons).where(tables.persons.c.id == person_id)
            tx.execute(mine.values(email=address))

    def choose(self, name: str, value: Any, office_id: str = OFFICE) -> None:
        """A setting of the office."""
        row: Mapping[str, Any] = {"office_id": office_id, "name": name, "value": value}
        with self.db.transaction() as tx:
            tx.execute(
                insert(tables.office_settings),
                {**row, "source": "公告", "changed_at": self.clock.now()},
            )
