"""What a case waits for at other agencies, entered in the ledgers of its clocks.

Asking another agency stops no period of the office (`sla.acts.PauseGround` is what does), but the
days until it answers are none that the office used (`sla.used_days`). An entry `away` says who was
asked, and `back` that the answer came, or that nobody is asked any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from engine import events
from engine.actors import system
from engine.clock import legal_day
from sla.clock_rows import Due, enter_all, ledger_row, ledgers_of
from sla.ledger import Entry
from sla.parties import Party
from sla.used_days import AGENCY
from store.prepared import Prepared
from store.tables import clocks

OPERATIONS = frozenset({"agency.notify", "agency.look_up"})
"""What asks another agency, and lets the case wait for its answer."""


def asked(tx: Connection, event: events.ServiceTaskWaits, now: datetime) -> None:
    """Enter in the office's own clocks of the case that an agency was asked."""
    if event.operation not in OPERATIONS:
        return
    detail = {"key": event.key, "agency": event.whom}
    _enter(tx, _clocks(tx, event.case.id), Entry("away", now, legal_day(now), AGENCY, detail))


def ended(tx: Connection, event: events.ServiceTaskEnded, now: datetime) -> None:
    """Enter the answer in the clocks that waited for it. A key nobody asked under is none."""
    found = _clocks(tx, event.case.id)
    if not found:
        return
    ledgers = ledgers_of(tx, [clock.id for clock in found])
    waiting = [clock for clock in found if event.key in _open(ledgers.get(clock.id, ()))]
    detail = {"key": event.key}
    _enter(tx, waiting, Entry("back", now, legal_day(now), AGENCY, detail))


def _open(entries: Iterable[Entry]) -> frozenset[str]:
    """The keys under which agencies have not answered yet."""
    keys: set[str] = set()
    for entry in entries:
        if entry.kind == "away":
            keys.add(str(entry.detail["key"]))
        elif entry.kind == "back":
            keys.discard(str(entry.detail["key"]))
    return frozenset(keys)


def _enter(tx: Connection, found: Iterable[Any], entry: Entry) -> None:
    rows = list(_rows(found, entry))
    if rows:
        enter_all(tx, rows)


def _rows(found: Iterable[Any], entry: Entry) -> Iterator[dict[str, Any]]:
    for clock in found:
        due = Due(clock.due_at, clock.due_at)  # nothing moves
        yield ledger_row(clock.id, clock.office_id, entry, system(clock.office_id), due)


def _clocks(tx: Connection, case_id: UUID) -> list[Any]:
    return list(_OWN.all(tx, {"case": case_id, "office_s": Party.OFFICE.value}))


_OWN = Prepared(
    select(clocks.c.id, clocks.c.office_id, clocks.c.due_at)
    .where(
        clocks.c.case_id == bindparam("case"),
        clocks.c.task_id.is_(None),
        clocks.c.status != "met",
        clocks.c.party == bindparam("office_s"),
    )
    .order_by(clocks.c.id)
)
