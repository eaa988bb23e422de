"""Escalation: one rung of a ladder fires, once, and reaches people. `decide` is pure.

A beat takes the earliest due rung; the effect and `fired` are one transaction, so a rung is never
told twice and never lost. After a downtime the rungs of a clock still fire in their order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.sql.dml import Update

from engine import person_notices
from engine.actors import system
from engine.clock import legal_day
from engine.due import Kind, do_next, waiting
from engine.history import Entry, append
from engine.incidents import raise_incident
from sla import delay_notices, rung_rows
from sla.audiences import NOBODY, Firing, Reached, reach
from sla.clock_rows import begun_with
from sla.parties import Party, next_of
from store.database import Database
from store.tables import rungs

Chase: TypeAlias = Callable[[Connection, "Firing", datetime], None]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rung does: the history action, whom it tells, whether a chase is started."""

    action: str
    tell: tuple[str, ...]  # owner, or a group
    chase: bool


def decide(act: str, to: str, party: str = Party.OFFICE) -> Decision:
    """Read a rung. `to` joins audiences with `+`: `owner+chief`.

    The limit of an applicant is nobody's lateness in the office: once it has ended, whoever is told
    is asked for what the law lets the office do next, and no owner is chased for it.
    """
    audiences = tuple(part.strip() for part in to.split("+") if part.strip())
    if party == Party.APPLICANT and act != "warn":
        act = "prompt"
    return Decision(_ACTIONS[act], audiences, act == "chase")


_ACTIONS = {
    "warn": "clock.warned",
    "prompt": "clock.prompted",
    "escalate": "clock.escalated",
    "delay": "clock.delay_due",
    "chase": "clock.chased",
}
KNOWN = "clock.delay_known"
"""In place of asking for the notice of a delay, where the applicant had it already."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How the ladder reaches out beyond telling people: a chase is a case of its own."""

    chase: Chase


def fire_next_rung(db: Database, ways: Ways, now: datetime) -> bool:
    """Fire the earliest due rung. False if none is due.

    A rung whose effect fails is put off (1 s, 30 s, 5 min), then it is an incident and the rungs
    above it go on without it: one broken case never holds up the others.
    """

    def fire(tx: Connection, row: Any, now: datetime) -> None:
        _fire(tx, row.row_id, ways, now)

    return do_next(db, Kind("rung", rungs, _put_off, rung_rows.take, fire), now)


def next_due(tx: Connection) -> datetime | None:
    """When the next rung wants to fire; None if none waits."""
    return rung_rows.EARLIEST(tx)


def _put_off(rung_id: UUID, attempts: int, again: datetime | None) -> Update:
    return waiting(rungs, rung_id, attempts).values(not_before=again)


def _fire(tx: Connection, rung_id: UUID, ways: Ways, now: datetime) -> None:
    # A worker reads its clock before it has the row. Another one, which read a moment later, may
    # have fired the rung below meanwhile: told times follow the order of the rungs all the same.
    now = max(now, rung_rows.last_fired(tx, rung_id) or now)
    if not rung_rows.mark_fired(tx, rung_id, now):
        return  # another node was first, or the clock moved
    firing = rung_rows.firing(tx, rung_id)
    rung = firing.rung
    decision = decide(rung.act, rung.to, firing.clock.party)
    if _is_known(tx, firing, decision):
        decision = replace(decision, action=KNOWN, tell=())
    told = _tell(tx, firing, decision, now) if decision.tell else NOBODY
    if decision.chase:
        ways.chase(tx, firing, now)
    rung_rows.note_told(tx, rung_id, told.people)
    append(tx, _entry(firing, decision, told, now))


def _entry(firing: Firing, decision: Decision, told: Reached, now: datetime) -> Entry:
    rung = firing.rung
    return Entry(
        decision.action,
        system(rung.office_id),
        now,
        case_id=rung.case_id,
        object_id=str(rung.id),
        detail={
            "clock": firing.clock.name,
            "point": rung.at_point,
            "level": rung.level,
            "to": "+".join(told.audiences),
            "told": len(told.people),
            **_then(firing, decision),
        },
        office_id=rung.office_id,
    )


def _is_known(tx: Connection, firing: Firing, decision: Decision) -> bool:
    """Whether the applicant was told of the delay since the limit began: then nobody is asked."""
    if decision.action != _ACTIONS["delay"]:
        return False
    return delay_notices.told_since(tx, firing.case.id, firing.clock.started_at)


def _tell(tx: Connection, firing: Firing, decision: Decision, now: datetime) -> Reached:
    told = reach(tx, firing, decision.tell, legal_day(now))
    if not told.people:
        # Nobody of the office could be told; then at least operations must see it.
        raise_incident(
            tx,
            now,
            office_id=firing.rung.office_id,
            case_id=firing.case.id,
            source="rung",
            source_id=str(firing.rung.id),
            code="rung.nobody",
            message=f"Expected somebody in {firing.rung.to} to tell, but there is nobody; "
            f"put a person into the group",
        )
    person_notices.tell(tx, _news(firing, decision), told.people, now)
    return told


def _news(firing: Firing, decision: Decision) -> person_notices.News:
    due_at = firing.clock.due_at
    return person_notices.News(
        decision.action,
        firing.rung.office_id,
        firing.case.id,
        firing.rung.id,
        {
            "number": firing.case.number,
            "clock": firing.clock.name,
            "point": firing.rung.at_point,
            "due_at": due_at.isoformat() if due_at else None,
            **_then(firing, decision),
        },
    )


def _then(firing: Firing, decision: Decision) -> dict[str, str]:
    """What is lawful next, where that is what a rung asks for."""
    if decision.action != _ACTIONS["prompt"]:
        return {}
    law = begun_with(firing.clock, firing.clock.started_on)
    return {"then": next_of(law.kind, firing.clock.name)}
