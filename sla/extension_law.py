"""What the law asks of an extension (APA 51(3)(4)), and whose rank it takes.

Only the period of an application is extended: once, before it ends, at most by its own length,
with a reason that the applicant is told.
"""

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
from engine.ids import derived
from sla.approvers import approvers, days_of, reach_of
from sla.benches import along, bench_of, lawful
from sla.clock_rows import ledger_of, rule_of
from sla.ledger import Entry, extending, is_extended, replay
from sla.moves import has_ended
from sla.rules import Kind
from sla.spans import Unit

MAY_EXTEND = frozenset({"chief", "secretary", "director"})
MAX_REASON = 500
PETITION, AT_MOST = "PETITION", "PETITION_MAX_30D"
"""What the rules of petitions begin with, and the one that ends all of them."""


@dataclass(frozen=True, slots=True)
class Longer:
    """An extension: how much, why, and the day the applicant was told (APA 51(3)(4)), None where
    the letter that goes out with it tells them."""

    length: int
    unit: Unit
    reason: str
    told_on: date | None = None


def may_extend(clock: Row[Any], entries: Sequence[Entry], now: datetime) -> Conflict | None:
    """Why a clock cannot be extended now; None if it can.

    The law extends the period of an application. The limit of one step is the office's own.
    """
    if clock.task_id is not None or rule_of(clock, entries).kind is not Kind.PROCESSING:
        return Conflict(
            "clock.not_processing", "Expected a processing period (APA 51), but this is none"
        )
    if clock.rule_id == AT_MOST:
        return Conflict("clock.outer_limit", "No petition takes longer than 30 days (APA 171)")
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
    entries = ledger_of(tx, clock.id)
    problem = may_extend(clock, entries, now)
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
    return lawful(lambda: extending(rule_of(clock, entries), told_on, now, detail))


def demand_grantable(tx: Connection, clock: Row[Any], longer: Longer, now: datetime) -> Entry:
    """The entry that granting it now would make. Raises as `lawful_entry`, and Rejected where it is
    longer than the period."""
    entry = lawful_entry(tx, clock, longer, now)
    entries = [*ledger_of(tx, clock.id), entry]
    bench = along(tx, bench_of(tx, clock.office_id, now), entries)
    lawful(lambda: replay(rule_of(clock, entries), entries, bench.calendar, bench.settings))
    return entry


def letter_id(clock: Row[Any]) -> UUID:
    """The notice that tells the applicant of a clock's one extension."""
    return derived(clock.case_id, f"notice/{letter_key(clock)}")


def letter_key(clock: Row[Any]) -> str:
    """What makes the letter of a clock once."""
    return f"clock/{clock.id}/extension"
