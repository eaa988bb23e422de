"""Leave of members of staff, and who stands in for whom.

Days are days in Asia/Taipei, first and last included.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, bindparam, delete, insert, select

from engine import events
from engine.actors import SUPERVISORS, Actor
from engine.errors import Forbidden, Rejected
from engine.history import Entry, append
from engine.people import person_row, unknown
from store.prepared import Prepared
from store.tables import absences

LONGEST_CHAIN = 5  # substitutes of substitutes


@dataclass(frozen=True, slots=True)
class Absence:
    """Both days are included; they are days in Asia/Taipei."""

    person_id: UUID
    first_day: date
    last_day: date
    substitute_id: UUID | None = None


def set_absence(tx: Connection, absence: Absence, actor: Actor, now: datetime) -> UUID:
    """Enter days of leave and who stands in: one's own, or as a supervisor of the office."""
    person = person_row(tx, absence.person_id)
    _check_may_set(actor, person, "person")
    if absence.last_day < absence.first_day:
        raise Rejected("absence.days", "Expected the last day of leave not before the first")
    if absence.substitute_id is not None:
        _check_substitute(person_row(tx, absence.substitute_id), person)
    absence_id = uuid4()
    tx.execute(
        insert(absences).values(
            id=absence_id,
            office_id=person.office_id,
            person_id=absence.person_id,
            substitute_id=absence.substitute_id,
            first_day=absence.first_day,
            last_day=absence.last_day,
        )
    )
    append(
        tx,
        Entry(
            "person.absence_set",
            actor,
            now,
            object_id=str(absence.person_id),
            office_id=person.office_id,
            detail={
                "first_day": absence.first_day.isoformat(),
                "last_day": absence.last_day.isoformat(),
                "substitute": str(absence.substitute_id) if absence.substitute_id else None,
            },
        ),
    )
    entered = events.AbsenceSet(
        person.office_id, person.display_name, absence.first_day, absence.last_day
    )
    events.announce(tx, entered, now)
    return absence_id


def is_away(tx: Connection, person_id: UUID, day: date) -> bool:
    """Whether leave of the person is entered for the day."""
    return _absence_on(tx, person_id, day) is not None


def substitute_of(tx: Connection, person_id: UUID, day: date) -> UUID | None:
    """Who stands in for a person on a day: None if they are there, or nobody was named.

    Where the substitute is away too, their substitute, at most five times on.
    """
    found, away = None, person_id
    seen = {person_id}
    for _ in range(LONGEST_CHAIN):
        row = _absence_on(tx, away, day)
        if row is None:
            return found  # `found` is at work; None: the person themselves is
        if row.substitute_id is None or row.substitute_id in seen:
            return None
        found = away = row.substitute_id
        seen.add(away)
    return None


def stands_in_for(tx: Connection, person_id: UUID, day: date) -> list[UUID]:
    """Whose direct substitute a person is on a day."""
    return list(
        tx.execute(
            select(absences.c.person_id)
            .where(
                absences.c.substitute_id == person_id,
                absences.c.first_day <= day,
                absences.c.last_day >= day,
            )
            .distinct()
            .order_by(absences.c.person_id)
        ).scalars()
    )


def _absence_on(tx: Connection, person_id: UUID, day: date) -> Any:
    # Of two that overlap, the one that names a substitute counts, then the one entered for later.
    return _ABSENCE.first(tx, {"person": person_id, "day": day})


_ABSENCE = Prepared(
    select(absences.c.substitute_id)
    .where(
        absences.c.person_id == bindparam("person"),
        bindparam("day", type_=absences.c.first_day.type).between(
            absences.c.first_day, absences.c.last_day
        ),
    )
    .order_by(absences.c.substitute_id.is_(None), absences.c.first_day.desc(), absences.c.id)
    .limit(1)
)


def _check_may_set(actor: Actor, person: Any, what: str) -> None:
    """Another office's people, and their leave, are as unknown as those there are none of."""
    if actor.is_system or actor.person_id == person.id:
        return
    if actor.office_id != person.office_id:
        raise unknown(what)
    if not actor.groups & (SUPERVISORS | {"operator"}):
        raise Forbidden(
            "absence.not_yours",
            "Expected one's own absence, or a supervisor or operator of the office",
        )


def end_absence(tx: Connection, absence_id: UUID, actor: Actor, now: datetime) -> None:
    """Take an absence back: one's own, or as a supervisor or operator of the office."""
    row = tx.execute(select(absences).where(absences.c.id == absence_id)).first()
    if row is None:
        raise unknown("absence")
    _check_may_set(actor, person_row(tx, row.person_id), "absence")
    tx.execute(delete(absences).where(absences.c.id == absence_id))
    days = {"first_day": row.first_day.isoformat(), "last_day": row.last_day.isoformat()}
    person = str(row.person_id)
    entry = Entry(
        "person.absence_ended", actor, now, object_id=person, office_id=row.office_id, detail=days
    )
    append(tx, entry)


def _check_substitute(substitute: Any, person: Any) -> None:
    if substitute.office_id != person.office_id:
        raise unknown("person")
    if substitute.id == person.id:
        raise Rejected(
            "absence.substitute", "Expected another person of the same office as the substitute"
        )
