"""The one extension of a processing clock (APA 51(3)(4))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from engine.actors import Actor
from engine.clock import legal_day
from engine.errors import Conflict, Forbidden, Rejected
from sla.clock_rows import ledger_of, rule_of
from sla.clocks import explained
from sla.ledger import Entry, is_extended
from sla.moves import has_ended, move
from sla.rules import Kind
from sla.spans import Unit

MAY_EXTEND = frozenset({"chief", "secretary", "director"})


@dataclass(frozen=True, slots=True)
class Longer:
    """An extension: how much, why, and the day the applicant was told (APA 51(3)(4))."""

    length: int
    unit: Unit
    reason: str
    told_on: date


def extend(tx: Connection, clock_id: UUID, longer: Longer, actor: Actor, now: datetime) -> datetime:
    """The one extension of a processing clock, at most the original length, told before expiry.

    Raises `NotFound` for a clock that is not the office's, whether there is one elsewhere or not;
    `Forbidden` unless a supervisor asks, `Conflict` where it is not lawful any more.
    """
    clock, _ = explained(tx, clock_id, actor.office_id)
    if not actor.groups & MAY_EXTEND:
        raise Forbidden("clock.extend", "Expected a supervisor of this office to extend a limit")
    problem = may_extend(clock, ledger_of(tx, clock_id), now)
    if problem is not None:
        raise problem
    if not longer.reason.strip():
        raise Rejected("clock.reason", "Expected the reason that the applicant is told")
    if not clock.started_on <= longer.told_on <= legal_day(now):
        raise Rejected(
            "clock.told_on", "Expected the day the applicant was told, from the start until today"
        )
    entry = Entry(
        "extend",
        now,
        longer.told_on,
        detail={"length": longer.length, "unit": longer.unit.value, "reason": longer.reason},
    )
    due_at = move(tx, clock, entry, actor, now)
    if due_at is None:
        raise Conflict("clock.paused", "Expected a running clock, but it stands still")
    return due_at


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
