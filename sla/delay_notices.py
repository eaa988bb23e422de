"""Telling the applicant why it takes longer (遲延通知).

An extension must be told before the period ends (APA 51(3)(4)); a case that is late without one is
told of all the same, with the reason and a new date. The notice is a formal one: numbered,
encrypted, served; it moves no limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine import case_rows, notices
from engine.actors import Actor
from engine.clock import legal_day
from engine.errors import Conflict, Rejected
from engine.history import Entry, append
from engine.permissions import demand, may_handle
from sla.chase import PACKAGE
from store.tables import notices as notice_rows

CHANNELS = ("letter", "phone", "counter")
"""The ways that leave a record of who was told; mail and SMS come from diagrams alone."""


@dataclass(frozen=True, slots=True)
class Delay:
    """What the applicant is told: why, until when, and on which way."""

    reason: str
    new_date: date
    channel: str = "letter"


def tell_applicant(
    tx: Connection, case_id: UUID, delay: Delay, actor: Actor, now: datetime
) -> UUID:
    """Issue the notice of delay. Returns its id.

    Raises NotFound, Forbidden, Conflict for a case that does not go on or has no applicant,
    Rejected without a reason, for a day that is past, or a way that leaves no record.
    """
    case = case_rows.load(tx, case_id, actor)
    demand(may_handle(case.facts, actor))
    case.demand_active()
    if case.package_id == PACKAGE:
        raise Conflict("delay.no_applicant", "A chase has no applicant to tell")
    if not delay.reason.strip():
        raise Rejected("delay.reason", "Expected the reason that the applicant is told")
    if delay.new_date <= legal_day(now):
        raise Rejected("delay.new_date", "Expected a day after today by which it will be done")
    if delay.channel not in CHANNELS:
        raise Rejected("delay.channel", f"Expected one of {', '.join(CHANNELS)}")
    told = tx.scalar(
        select(func.count())
        .select_from(notice_rows)
        .where(notice_rows.c.case_id == case.id, notice_rows.c.kind == "delay")
    )
    content = {
        "case_number": case.number,
        "reason": delay.reason.strip(),
        "new_date": delay.new_date.isoformat(),
    }
    notice = notices.Notice("delay", delay.channel, content, actor.person_id, case.data)
    notice_id = notices.issue(tx, case.ref, f"desk/delay/{int(told or 0) + 1}", notice, now)
    number = tx.scalar(select(notice_rows.c.number).where(notice_rows.c.id == notice_id))
    append(
        tx,
        Entry(
            "case.delay_told",
            actor,
            now,
            case_id=case.id,
            object_id=str(notice_id),
            detail={"number": number, "channel": delay.channel},
            office_id=case.office_id,
        ),
    )
    return notice_id


def told_since(tx: Connection, case_id: UUID, since: datetime) -> bool:
    """Whether the applicant of a case was told of a delay, from the desk or by a diagram."""
    found = tx.scalar(
        select(notice_rows.c.id)
        .where(
            notice_rows.c.case_id == case_id,
            notice_rows.c.kind == "delay",
            notice_rows.c.issued_at >= since,
        )
        .limit(1)
    )
    return found is not None
