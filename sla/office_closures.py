"""A closure by decree is work as well (A3): visitors to call, notices to post, a day to reopen.

The calendar counts the limits anew (`sla.closures`); what people have to do about the closure is a
case of process A3, one for each office that is shut and has deployed it. The calendar files it
when the closure is entered, unless somebody was quicker, tells it when all limits are counted, and
when the office works after all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from engine import case_rows, messages
from engine import cases as engine_cases
from engine.actors import system
from engine.clock import legal_day
from engine.errors import NotFound
from engine.events import CaseRef
from store.tables import message_waits

PACKAGE = "A3"
CHANNEL = "message"
ENTERED, COUNTED, LIFTED = "closure_entered", "closure_counted", "closure_lifted"
"""What the calendar tells a case of A3."""
PARTS = ("all", "morning", "afternoon")


@dataclass(frozen=True, slots=True)
class Announced:
    """A closure as the case begins with it: `part` is one of PARTS, `source` the announcement."""

    day: date
    part: str
    reason: str
    source: str


def take_up(tx: Connection, places: Sequence[str], announced: Announced, now: datetime) -> None:
    """Have the work of a closure done in each of these offices. One of a past day needs none."""
    if announced.day < legal_day(now):
        return
    for office_id in places:
        key = _key(announced.day, announced.part)
        known = _open_case(tx, office_id, key)
        if known is not None:
            messages.throw(tx, known, ENTERED, key, now)
            continue
        try:
            _file(tx, office_id, announced, now)
        except NotFound as missing:
            if missing.code != "definition.none_active":
                raise
            # A city that only has offices below it, or an office that has not deployed A3.


def counted(
    tx: Connection, places: Sequence[str], day: date, done: Mapping[str, Any], now: datetime
) -> None:
    """All limits that the day touches are counted anew: `done` has part, looked_at and moved."""
    if done["part"] not in PARTS:
        return
    key = _key(day, done["part"])
    for office_id in places:
        case = _open_case(tx, office_id, key)
        if case is not None:
            told = {name: done[name] for name in ("looked_at", "moved")}
            messages.throw(tx, case, COUNTED, key, now, told)


def lifted(tx: Connection, places: Sequence[str], day: date, now: datetime) -> None:
    """The day is worked after all: end the work of every closure of it, and tell its people."""
    for office_id in places:
        for part in PARTS:
            case = _open_case(tx, office_id, _key(day, part))
            if case is not None:
                messages.throw(tx, case, LIFTED, _key(day, part), now)


def _key(day: date, part: str) -> str:
    """As the diagram of A3 has it."""
    return f"{day.isoformat()}/{part}"


def _open_case(tx: Connection, office_id: str, key: str) -> CaseRef | None:
    """The case of this closure; one that was lifted no longer waits to be."""
    case_id = tx.scalar(
        select(message_waits.c.case_id)
        .where(
            message_waits.c.office_id == office_id,
            message_waits.c.name == LIFTED,
            message_waits.c.correlation_key == key,
            message_waits.c.status == "open",
        )
        .order_by(message_waits.c.created_at)
        .limit(1)
    )
    return None if case_id is None else case_rows.load(tx, case_id, system(office_id)).ref


def _file(tx: Connection, office_id: str, announced: Announced, now: datetime) -> None:
    values = {
        "closed_on": announced.day.isoformat(),
        "part": announced.part,
        "reason": announced.reason,
        "announcement": announced.source,
        "in_calendar": True,
    }
    engine_cases.file(tx, engine_cases.FileCase(PACKAGE, CHANNEL, values), system(office_id), now)
