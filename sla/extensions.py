"""The one extension of a processing clock (APA 51(3)(4)), approved by rank, and told by letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, update

from engine import case_rows, events, notices
from engine.actors import Actor
from engine.clock import legal_day
from engine.errors import Conflict, Forbidden, Rejected
from engine.ids import derived
from engine.notices import Notice
from sla.approvers import approvers, days_of, reach_of
from sla.clock_rows import clock_row, ledger_of, rule_of
from sla.clocks import explained
from sla.ledger import Entry, is_extended
from sla.moves import has_ended, move
from sla.rules import Kind
from sla.spans import Unit
from store.tables import extension_requests

MAY_EXTEND = frozenset({"chief", "secretary", "director"})
MAX_REASON = 500
LETTER = "extension"
"""The kind of the letter that tells the applicant."""


@dataclass(frozen=True, slots=True)
class Longer:
    """An extension: how much, why, and the day the applicant was told (APA 51(3)(4)), None where
    the letter that goes out with it tells them."""

    length: int
    unit: Unit
    reason: str
    told_on: date | None = None


def extend(tx: Connection, clock_id: UUID, longer: Longer, actor: Actor, now: datetime) -> datetime:
    """The one extension of a processing clock, at most the original length, told before expiry.

    A letter with the reason and the new end is issued in the same transaction; its service is
    entered as that of any notice. Raises `NotFound` for a clock that is not the office's, whether
    there is one elsewhere or not; `Forbidden` unless somebody asks who may approve that length,
    `Conflict` where it is not lawful any more.
    """
    clock, _ = explained(tx, clock_id, actor.office_id)
    entry = lawful_entry(tx, clock, longer, now)
    demand_rank(tx, longer, actor)
    due_at = move(tx, clock, entry, actor, now)
    if due_at is None:
        raise Conflict("clock.paused", "Expected a running clock, but it stands still")
    _write_letter(tx, clock, entry, actor, now)
    tx.execute(
        update(extension_requests)
        .where(extension_requests.c.clock_id == clock_id, extension_requests.c.status == "asked")
        .values(status="lapsed", decided_at=now)
    )
    return due_at


def demand_rank(tx: Connection, longer: Longer, actor: Actor) -> None:
    """Raise Forbidden unless the actor may approve an extension of this length."""
    if not actor.groups & MAY_EXTEND:
        raise Forbidden("clock.extend", "Expected a supervisor of this office to extend a limit")
    days = days_of(longer.length, longer.unit)
    able = approvers(days, reach_of(tx, actor.office_id))
    if not actor.groups & set(able):
        raise Forbidden(
            "clock.extension_rank",
            f"Expected {' or '.join(able)} to approve an extension of {days} days",
            able=list(able),
            days=days,
        )


def lawful_entry(tx: Connection, clock: Row[Any], longer: Longer, now: datetime) -> Entry:
    """The entry of an extension that may be made now. Raises Conflict or Rejected for another."""
    problem = may_extend(clock, ledger_of(tx, clock.id), now)
    if problem is not None:
        raise problem
    reason, today = longer.reason.strip(), legal_day(now)
    if not reason or len(reason) > MAX_REASON:
        raise Rejected("clock.reason", "Expected the reason that the applicant is told")
    told_on = longer.told_on or today
    if not clock.started_on <= told_on <= today:
        raise Rejected(
            "clock.told_on", "Expected the day the applicant was told, from the start until today"
        )
    detail = {
        "length": longer.length,
        "unit": longer.unit.value,
        "reason": reason,
        "letter": str(letter_id(clock)),
        "first_end": None if clock.due_on is None else clock.due_on.isoformat(),
    }
    return Entry("extend", now, told_on, detail=detail)


def letter_id(clock: Row[Any]) -> UUID:
    """The notice that tells the applicant of a clock's one extension."""
    return derived(clock.case_id, f"notice/{_letter_key(clock)}")


def _letter_key(clock: Row[Any]) -> str:
    return f"clock/{clock.id}/extension"


def _write_letter(
    tx: Connection, before: Row[Any], entry: Entry, actor: Actor, now: datetime
) -> None:
    case = case_rows.load(tx, before.case_id, actor, lock=False).ref
    after = clock_row(tx, before.id)
    content = {
        "case_number": case.number,
        "clock": before.name,
        "reason": entry.detail["reason"],
        "length": entry.detail["length"],
        "unit": entry.detail["unit"],
        "first_end": before.due_on,
        "new_end": after.due_on,
    }
    notice = Notice(LETTER, "letter", content, actor.person_id)
    notice_id = notices.issue(tx, case, _letter_key(before), notice, now)
    events.announce(tx, events.ApplicantWritten(case, notice_id), now)


def may_extend(clock: Row[Any], entries: Sequence[Entry], now: datetime) -> Conflict | None:
    """Why a clock cannot be extended now; None if it can.

    The law extends the period of an application. The limit of one step is the office's own.
    """
    if clock.task_id is not None or rule_of(clock, entries).kind is not Kind.PROCESSING:
        return Conflict(
            "clock.not_processing", "Expected a processing period (APA 51), but this is none"
        )
    if is_extended(entries):
        return Conflict("clock.extended_before", "A limit is extended once only (APA 51(3))")
    if clock.status == "met":
        return Conflict("clock.met", "Expected a running clock, but it has been met")
    if clock.status == "paused":
        return Conflict("clock.paused", "Expected a running clock, but it stands still")
    if has_ended(clock, now):
        return Conflict(
            "clock.expired", "Expected an extension before the limit ended (APA 51(4)); it has"
        )
    return None


@dataclass(frozen=True, slots=True)
class ExtensionLetter:
    """The letter of an extension, opened to be printed. `length` is in both languages' units."""

    number: str
    case_id: UUID
    case_number: str
    clock: str
    issued_at: datetime
    reason: str
    length: int
    unit: str
    first_end: date | None
    new_end: date | None
    served_on: date | None
    proof: str


def letter(tx: Connection, notice_id: UUID, actor: Actor) -> ExtensionLetter:
    """A letter as it is printed. Raises NotFound, also for a notice of another kind."""
    row, content = notices.opened(tx, notice_id, LETTER, actor)
    return ExtensionLetter(
        number=row.number,
        case_id=row.case_id,
        case_number=str(content.get("case_number") or ""),
        clock=str(content.get("clock") or ""),
        issued_at=row.issued_at,
        reason=str(content.get("reason") or ""),
        length=int(content.get("length") or 0),
        unit=str(content.get("unit") or Unit.DAY),
        first_end=_day(content.get("first_end")),
        new_end=_day(content.get("new_end")),
        served_on=row.served_on,
        proof=row.proof or "",
    )


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None
