"""The facts a clock's date rests on, as its ledger has them: what, which day, who entered it, when.

A date is explained by steps of law; each step rests on facts that a person or the system entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.errors import NotFound
from sla.acts import GROUND_WORDS, PauseGround
from sla.wording import UNIT_WORDS
from store.tables import clock_entries, clocks, persons


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry. `entered_by` is empty where the system entered it; `ground` and `length` in both
    languages, None where the act has none; the due instants are aware UTC."""

    kind: str
    on_day: date
    at: datetime
    entered_by: str
    ground: tuple[str, str] | None
    length: tuple[str, str] | None
    reason: str
    due_before: datetime | None
    due_after: datetime | None


@dataclass(frozen=True, slots=True)
class ClockOnPaper:
    """A clock with its stored explanation in both languages and the facts below it.

    `target_at` is the office's own aim; `known_at` is the state of the calendar it was last
    counted with (aware UTC).
    """

    name: str
    rule_id: str
    status: str
    due_at: datetime | None
    target_at: datetime | None
    known_at: datetime
    explanation: dict[str, Any]
    facts: tuple[Fact, ...]


def on_paper(tx: Connection, case_id: UUID, clock_id: UUID) -> ClockOnPaper:
    """A clock of the case for printing; the caller has judged who may see the case.

    Raises NotFound where the case has no such clock.
    """
    clock = tx.execute(
        select(clocks).where(clocks.c.id == clock_id, clocks.c.case_id == case_id)
    ).first()
    if clock is None:
        raise NotFound("clock.unknown", "There is no such clock on this case")
    return ClockOnPaper(
        name=clock.name,
        rule_id=clock.rule_id,
        status=clock.status,
        due_at=clock.due_at,
        target_at=clock.target_at,
        known_at=clock.calendar_known,
        explanation=clock.explanation,
        facts=facts_of(tx, clock_id),
    )


def facts_of(tx: Connection, clock_id: UUID) -> tuple[Fact, ...]:
    """What was entered on a clock, oldest first, with the names of those who did."""
    rows = tx.execute(
        select(clock_entries, persons.c.display_name)
        .outerjoin(persons, persons.c.id == clock_entries.c.person_id)
        .where(clock_entries.c.clock_id == clock_id)
        .order_by(clock_entries.c.number)
    )
    return tuple(_fact(row) for row in rows)


def _fact(row: Any) -> Fact:
    return Fact(
        kind=row.kind,
        on_day=row.on_day,
        at=row.at,
        entered_by=row.display_name or "",
        ground=_ground(row.ground) if row.kind == "pause" else None,
        length=_length(row.detail or {}),
        reason=row.reason or "",
        due_before=row.due_before,
        due_after=row.due_after,
    )


def _ground(word: str | None) -> tuple[str, str] | None:
    return GROUND_WORDS[PauseGround(word)] if word else None


def _length(detail: dict[str, Any]) -> tuple[str, str] | None:
    if "length" not in detail or "unit" not in detail:
        return None
    zh, en = UNIT_WORDS[detail["unit"]]
    n = int(detail["length"])
    return f"{n} {zh}", f"{n} {en}{'' if n == 1 else 's'}"
