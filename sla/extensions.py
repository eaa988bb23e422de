"""The one extension of a processing clock (APA 51(3)(4)), approved by rank, and told by letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, update

from engine import case_rows, events, notices
from engine.actors import Actor
from engine.errors import Conflict
from engine.notices import Notice
from sla.clock_rows import clock_row, of_case
from sla.clocks import explained
from sla.extension_law import (
    AT_MOST,
    MAX_REASON,
    MAY_EXTEND,
    PETITION,
    Longer,
    demand_rank,
    lawful_entry,
    letter_key,
    may_extend,
)
from sla.ledger import Entry
from sla.moves import move
from sla.spans import Unit
from store.tables import extension_requests

__all__ = [
    "MAX_REASON",
    "MAY_EXTEND",
    "ExtensionLetter",
    "Longer",
    "extend",
    "letter",
    "may_extend",
]

LETTER = "extension"
"""The kind of the letter that tells the applicant."""


def extend(tx: Connection, clock_id: UUID, longer: Longer, actor: Actor, now: datetime) -> datetime:
    """The one extension of a processing clock, at most the original length, told before expiry.

    A letter with the reason and the new end is issued in the same transaction; its service is
    entered as that of any notice. Raises `NotFound` for a clock that is not the office's, whether
    there is one elsewhere or not; `Forbidden` unless somebody asks who may approve that length,
    `Conflict` where it is not lawful any more.
    """
    clock, _ = explained(tx, clock_id, actor)
    entry = lawful_entry(tx, clock, longer, now)
    demand_rank(tx, longer, actor)
    due_at = move(tx, clock, entry, actor, now)
    if due_at is None:
        raise Conflict("clock.paused", "Expected a running clock, but it stands still")
    if _is_petition(clock):
        _demand_within_thirty_days(tx, clock, due_at)
    _write_letter(tx, clock, entry, actor, now)
    tx.execute(
        update(extension_requests)
        .where(extension_requests.c.clock_id == clock_id, extension_requests.c.status == "asked")
        .values(status="lapsed", decided_at=now)
    )
    return due_at


def _is_petition(clock: Row[Any]) -> bool:
    return str(clock.rule_id).startswith(PETITION)


def _demand_within_thirty_days(tx: Connection, clock: Row[Any], due_at: datetime) -> None:
    # The one extension, however lawful its length, never moves a petition past its outer limit.
    for other in of_case(tx, clock.case_id):
        if other.rule_id == AT_MOST and other.due_at < due_at:
            raise Conflict(
                "clock.over_thirty_days",
                f"Expected a petition to be answered within 30 days, by {other.due_on}",
                last=other.due_on,
            )


def _write_letter(
    tx: Connection, before: Row[Any], entry: Entry, actor: Actor, now: datetime
) -> None:
    loaded = case_rows.load(tx, before.case_id, actor, lock=False)
    case = loaded.ref
    after = clock_row(tx, before.id)
    content = {
        "case_number": case.number,
        "clock": before.name,
        "reason": entry.detail["reason"],
        "length": entry.detail["length"],
        "unit": entry.detail["unit"],
        "first_end": before.due_on,
        "new_end": after.due_on,
        "law": "petition" if _is_petition(before) else "application",
    }
    notice = Notice(LETTER, "letter", content, actor.person_id, loaded.data)
    notice_id = notices.issue(tx, case, letter_key(before), notice, now)
    events.announce(tx, events.ApplicantWritten(case, notice_id), now)


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
