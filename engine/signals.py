"""Signals: one case throws, every case of the office that waits gets it.

The thrower's own waits get it in the thrower's step. For each other case that waits at that moment
the step writes a job; every job is a transaction of its own, so no step ever locks two cases.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine import jobs, runtime
from engine.actors import system
from engine.bpmn.codec import decode
from engine.bpmn.triggers import ReceiveSignal
from engine.case_rows import load
from engine.due import do_next
from engine.history import Entry
from engine.projection import SIGNAL_JOB
from engine.runtime import Deed
from store.database import Database


def deliver_next(db: Database, now: datetime) -> bool:
    """Give one thrown signal to one waiting case. False if there is none to give."""
    return do_next(db, _KIND, now)


def next_due(tx: Connection) -> datetime | None:
    return jobs.next_due(tx, SIGNAL_JOB)


def _deliver(tx: Connection, row: Any, now: datetime) -> None:
    actor = system(row.row_office_id)
    case = load(tx, row.case_id, actor)
    if case.status != "active":
        return  # it ended meanwhile; nobody waits any more
    name = row.payload["name"]
    entry = Entry(
        "signal.received",
        actor,
        now,
        case_id=case.id,
        step=case.ref.version,
        detail={"signal": name},
    )
    trigger = ReceiveSignal(name, decode(row.payload["payload"]))
    runtime.step(tx, case, [trigger], Deed(actor, [entry]), now)


_KIND = jobs.kind_of(SIGNAL_JOB, _deliver, of_active_case=True)
