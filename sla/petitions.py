"""The petitions of an office for its control meeting: which are open, which were answered, when
each was owed, and what a well-founded one led to (cause, correction, prevention, follow-up).

Who wrote it and what about is told to nobody here: the meeting looks at the handling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, or_, select

from engine.actors import Actor
from engine.bpmn.interpreter import load_state
from engine.bpmn.state import variables
from engine.clock import legal_day
from engine.confidence import seen_by
from sla.ended import midnight
from store.tables import cases, clock_entries, clocks

PACKAGE = "P50"
CLASSES = ("most_urgent", "urgent", "ordinary")
"""The limits of a petition: the one that was started is its class."""
MOST = 300
"""More than a meeting can talk about; the latest come first."""
_TOLD = (
    *("petition_source", "petition_kind", "section", "well_founded"),
    *("cause", "correction", "prevention", "measure_owner", "follow_up_on", "effect_found"),
)


@dataclass(frozen=True, slots=True)
class Petition:
    """One petition. `answered_on`: the day its limit was met, or it was closed without an answer;
    `late`: answered after the last day, or still open behind it. `told`: codes and sentences that
    were entered, without those that nobody has entered yet."""

    case_id: UUID
    number: str
    status: str
    filed_on: date
    category: str | None
    due_on: date | None
    answered_on: date | None
    late: bool
    extended: bool
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Meeting:
    """What lies before the meeting. `open_` and `late` count the petitions listed."""

    since: date
    petitions: tuple[Petition, ...]

    @property
    def open_(self) -> int:
        return sum(each.answered_on is None for each in self.petitions)

    @property
    def late(self) -> int:
        return sum(each.late for each in self.petitions)

    @property
    def with_sheet(self) -> int:
        return sum("cause" in each.told for each in self.petitions)


def meeting(tx: Connection, since: date, actor: Actor, now: datetime) -> Meeting:
    """The petitions of the actor's office that are open or were filed or closed since the day, the
    latest first, at most 300; without the confidential ones that are kept from the actor."""
    begin = midnight(since)
    rows = tx.execute(
        select(cases)
        .where(
            cases.c.office_id == actor.office_id,
            cases.c.package_id == PACKAGE,
            or_(
                cases.c.closed_at.is_(None),
                cases.c.closed_at >= begin,
                cases.c.filed_at >= begin,
            ),
            seen_by(actor),
        )
        .order_by(cases.c.filed_at.desc(), cases.c.number.desc())
        .limit(MOST)
    ).all()
    owed = _limits(tx, [row.id for row in rows])
    longer = _extended(tx, [clock.id for clock in owed.values()])
    return Meeting(since, tuple(_petition(row, owed.get(row.id), longer, now) for row in rows))


def _petition(row: Any, clock: Any, longer: frozenset[UUID], now: datetime) -> Petition:
    answered = row.closed_at if clock is None else clock.met_at
    ended = answered or now
    known = variables(load_state(row.state))
    return Petition(
        case_id=row.id,
        number=row.number,
        status=row.status,
        filed_on=legal_day(row.filed_at),
        category=None if clock is None else clock.name,
        due_on=None if clock is None else clock.due_on,
        answered_on=None if answered is None else legal_day(answered),
        late=clock is not None and clock.due_at is not None and ended > clock.due_at,
        extended=clock is not None and clock.id in longer,
        told={name: known[name] for name in _TOLD if known.get(name) is not None},
    )


def _limits(tx: Connection, case_ids: Sequence[UUID]) -> dict[UUID, Any]:
    rows = tx.execute(
        select(clocks).where(
            clocks.c.case_id.in_(case_ids), clocks.c.task_id.is_(None), clocks.c.name.in_(CLASSES)
        )
    )
    return {row.case_id: row for row in rows}


def _extended(tx: Connection, clock_ids: Sequence[UUID]) -> frozenset[UUID]:
    extended = clock_entries.c.kind == "extend"
    found = select(clock_entries.c.clock_id).where(
        clock_entries.c.clock_id.in_(clock_ids), extended
    )
    return frozenset(tx.scalars(found))
