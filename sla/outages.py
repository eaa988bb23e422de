"""The national system is down (A2): the processing clocks of an office stand still, and go on.

A cause the agency cannot answer for stops the period until it ends (APA 51(5)). An outage touches
every open case, so the clocks follow in batches of cases as at an edit of the calendar
(`sla.closures`): the first in the step that asks, the others by a worker, which then lets the case
of the outage go on. A clock that stands still for another ground is left to it; one that began, or
went on, while the system was down is found by the next round, or at the latest at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, exists, func, insert, select

from engine import case_rows, notices, service_tasks
from engine import jobs as long_work
from engine.actors import system
from engine.clock import legal_day
from engine.due import do_next
from engine.errors import Rejected
from engine.operations import Request
from sla.acts import PauseGround
from sla.clock_rows import ledgers_of, of_case
from sla.ledger import Entry
from sla.moves import move
from store.database import Database, wake
from store.tables import cases, clock_entries, clocks, jobs

KIND = "office.outage"
BATCH = 50  # cases: each of their clocks is read and counted by itself
HOLD, RELEASE, TELL = "hold", "release", "tell"
ACTS = ("office.hold_clocks", "office.release_clocks", "office.tell_delays")
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Outage:
    """`number` is that of the case of the outage: the ledgers name it. `since` is the day the
    system failed, `until` the day it was back."""

    office_id: str
    number: str
    since: date
    until: date | None = None
    reason: str = ""


# --- operations of the diagram ------------------------------------------------------------------


def hold_clocks(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any] | None:
    """`office.hold_clocks`: input `since`. Let the office's open processing clocks stand still.
    Answers `looked_at` (cases) and `moved` (clocks), at once or when the last batch is done."""
    return _begin(tx, request, HOLD, now)


def release_clocks(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any] | None:
    """`office.release_clocks`: inputs `since` and `until`. Let them go on from the day the system
    was back. Answers as `hold_clocks`."""
    return _begin(tx, request, RELEASE, now)


def tell_delays(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any] | None:
    """`office.tell_delays`: inputs `since`, `until` and `reason`. Send the applicant of every open
    case whose clock stood still for this outage a notice of delay with its new day. Answers
    `looked_at` and `moved` (notices)."""
    return _begin(tx, request, TELL, now)


def _begin(tx: Connection, request: Request, act: str, now: datetime) -> Mapping[str, Any] | None:
    until = request.inputs.get("until")
    payload: dict[str, Any] = {
        "act": act,
        "case": str(request.case.id),
        "number": request.case.number,
        "key": request.key,
        "since": _day(request, "since").isoformat(),
        "until": None if until is None else _day(request, "until").isoformat(),
        "reason": str(request.inputs.get("reason") or ""),
        "after": str(_FIRST),
        "looked_at": 0,
        "moved": 0,
    }
    if _one_batch(tx, request.case.office_id, payload, now):
        return _answer(payload)
    row = {
        "id": uuid4(),
        "office_id": request.case.office_id,
        "case_id": request.case.id,
        "kind": KIND,
        "payload": payload,
        "due_at": now,
        "status": "waiting",
        "created_at": now,
        "ended_at": None,
        "fence": 0,
        "attempts": 0,
    }
    tx.execute(insert(jobs).values(**row))
    wake(tx, "jobs")
    return None


def _day(request: Request, name: str) -> date:
    given = request.inputs.get(name)
    if isinstance(given, datetime):
        return legal_day(given)
    if isinstance(given, date):
        return given
    raise Rejected(
        "outage.day", f"Expected a date as the input {name!r} of {request.element_id}, not a text"
    )


def _answer(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: payload[name] for name in ("looked_at", "moved")}


# --- batches ------------------------------------------------------------------------------------


def advance_next(db: Database, now: datetime) -> bool:
    """Do the next batch of an outage. False if none waits."""
    return do_next(db, _JOBS, now)


def next_due(tx: Connection) -> datetime | None:
    """When the next batch is due, aware UTC; None if none waits."""
    due: datetime | None = tx.scalar(
        select(func.min(jobs.c.due_at)).where(jobs.c.kind == KIND, jobs.c.status == "waiting")
    )
    return due


def _one_batch(tx: Connection, office_id: str, payload: dict[str, Any], now: datetime) -> bool:
    """Do one batch and note it in `payload`; True if it was the last."""
    owners = _owners(tx, office_id, payload)
    outage = _outage(office_id, payload)
    for case_id in owners:
        if payload["act"] == TELL:
            payload["moved"] += _told(tx, case_id, outage, now)
        else:
            payload["moved"] += _moved(tx, case_id, payload["act"], outage, now)
    payload["looked_at"] += len(owners)
    if owners:
        payload["after"] = str(owners[-1])
    return len(owners) < BATCH


def _outage(office_id: str, payload: Mapping[str, Any]) -> Outage:
    until = payload["until"]
    return Outage(
        office_id,
        payload["number"],
        date.fromisoformat(payload["since"]),
        None if until is None else date.fromisoformat(until),
        payload["reason"],
    )


def _owners(tx: Connection, office_id: str, payload: Mapping[str, Any]) -> list[UUID]:
    """The cases of the batch, locked in the order in which every step takes them."""
    wanted = (
        select(clocks.c.case_id)
        .where(
            clocks.c.office_id == office_id,
            clocks.c.status != "met",
            clocks.c.case_id > UUID(payload["after"]),
            clocks.c.case_id != UUID(payload["case"]),
        )
        .group_by(clocks.c.case_id)
        .order_by(clocks.c.case_id)
        .limit(BATCH)
    )
    if payload["act"] == TELL:
        wanted = wanted.where(_stood_still(payload["number"]))
    found = list(tx.scalars(wanted))
    if found:
        held = select(cases.c.id).where(cases.c.id.in_(found)).order_by(cases.c.id)
        tx.execute(held.with_for_update(key_share=True)).all()
    return found


def _stood_still(number: str) -> Any:
    return exists().where(
        clock_entries.c.clock_id == clocks.c.id,
        clock_entries.c.kind == "resume",
        clock_entries.c.reason == number,
    )


def _moved(tx: Connection, case_id: UUID, act: str, outage: Outage, now: datetime) -> int:
    """Write into the ledgers of one case what the outage does to its clocks; how many it moved."""
    pausable = [clock for clock in of_case(tx, case_id) if _may_stand_still(clock)]
    ledgers = ledgers_of(tx, [clock.id for clock in pausable])
    moved = 0
    for clock in pausable:
        judge = held if act == HOLD else released
        for entry in judge(ledgers[clock.id], clock.due_on, outage, now):
            # Each entry is counted by itself, and a clock that was written is read again.
            fresh = next(each for each in of_case(tx, case_id) if each.id == clock.id)
            move(tx, fresh, entry, system(clock.office_id), now)
            moved += 1 if entry.kind == ("pause" if act == HOLD else "resume") else 0
    return moved


def leave_out(tx: Connection, case_id: UUID, outage: Outage, now: datetime) -> int:
    """Leave the days of an outage that is over out of the clocks of a case that was handed in
    meanwhile and is entered now. Returns how many clocks it moved."""
    return _moved(tx, case_id, RELEASE, outage, now)


def _may_stand_still(clock: Row[Any]) -> bool:
    return clock.status != "met" and bool(clock.ladder.get("pausable"))


def held(
    entries: Sequence[Entry], due_on: date | None, outage: Outage, now: datetime
) -> list[Entry]:
    """What enters a ledger when the system is down. Pure. Nothing for a clock that stands still
    already, or whose last day was over before."""
    begun = _counts_from(entries, outage.since)
    if begun is None or due_on is None or due_on < begun:
        return []
    return [_entry("pause", begun, outage, now, PauseGround.SYSTEM_DOWN)]


def released(
    entries: Sequence[Entry], due_on: date | None, outage: Outage, now: datetime
) -> list[Entry]:
    """What enters a ledger when the system is back on the day `until`. Pure. A clock that began, or
    went on, meanwhile and was not held yet gets both entries."""
    if outage.until is None:
        return []
    if is_held(entries):
        on = max(outage.until, _opened(entries).on_day)
        return [_entry("resume", on, outage, now)]
    began = _counts_from(entries, outage.since)
    if began is None or began >= outage.until:
        return []
    first = held(entries, due_on, outage, now)
    return [*first, _entry("resume", outage.until, outage, now)] if first else []


def is_held(entries: Sequence[Entry]) -> bool:
    """Whether the clock stands still because the national system is down."""
    moving = [entry for entry in entries if entry.kind in ("pause", "resume")]
    return (
        bool(moving)
        and moving[-1].kind == "pause"
        and moving[-1].ground == PauseGround.SYSTEM_DOWN.value
    )


def _opened(entries: Sequence[Entry]) -> Entry:
    return [entry for entry in entries if entry.kind == "pause"][-1]


def _counts_from(entries: Sequence[Entry], since: date) -> date | None:
    """The day from which the outage stops a running clock: its first, or the one on which the
    clock began or went on; None for a clock that stands still."""
    last = [entry for entry in entries if entry.kind in ("start", "pause", "resume")][-1]
    return None if last.kind == "pause" else max(since, last.on_day)


def _entry(
    kind: str, on: date, outage: Outage, now: datetime, ground: PauseGround | None = None
) -> Entry:
    return Entry(kind, now, on, None if ground is None else ground.value, {"reason": outage.number})


# --- telling ------------------------------------------------------------------------------------


def _told(tx: Connection, case_id: UUID, outage: Outage, now: datetime) -> int:
    """Write to the applicant of one case; 0 where the case has none to write to, or has ended."""
    case = case_rows.load(tx, case_id, system(outage.office_id))
    ends = [
        clock.due_on
        for clock in of_case(tx, case_id)
        if clock.task_id is None and clock.due_on is not None and _may_stand_still(clock)
    ]
    latest = max(ends, default=legal_day(now))
    # A notice has to name a day to come; of a limit that is over the desk tells, with its reason.
    if case.status != "active" or not case.data.get("applicant") or latest <= legal_day(now):
        return 0
    content = {
        "case_number": case.number,
        "reason": outage.reason,
        "new_date": latest.isoformat(),
    }
    notice = notices.Notice("delay", "letter", content, None, case.data)
    notices.issue(tx, case.ref, f"outage/{outage.number}", notice, now)
    return 1


# --- the worker ---------------------------------------------------------------------------------


def _step(tx: Connection, row: Any, payload: dict[str, Any], now: datetime) -> bool:
    is_done = _one_batch(tx, row.row_office_id, payload, now)
    if is_done:
        service_tasks.complete(tx, row.case_id, payload["key"], _answer(payload), now)
    return is_done


_JOBS = long_work.in_steps(KIND, _step)
