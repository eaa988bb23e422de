"""A doubtful walk-in matter becomes an application case: it has its own limit and its own receipt.

Walk-in matters are finished in one visit. What cannot be, because something is in doubt, is worked
on as an application case, within the days of PROC_DOUBTFUL_3D (the office's setting says of which
kind). The limit is declared once, in the intake check that every such process calls (C01), so that
the deed needs no diagram: it starts the clock wherever the case stands.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from engine import case_rows, cases, notices
from engine.actors import Actor
from engine.case_rows import Case
from engine.errors import Conflict, Rejected
from engine.history import Entry, append
from engine.permissions import Refusal, demand, may_handle
from sla import clocks
from sla.clock_rows import of_case
from sla.limits import DOUBTFUL
from sla.listeners import limits_of
from store.tables import cases as case_table
from store.tables import notices as notice_rows

NOTICE = "doubtful_receipt"
WALK_IN = ("counter", "drive_up", "mobile")
"""The channels on which somebody waits for it to be done."""
MAX_REASON = 500


def may_convert(tx: Connection, case: Case, actor: Actor) -> Refusal | None:
    """May the actor make it an application case now?"""
    return may_handle(case.facts, actor) or _is_walk_in(tx, case) or _is_new(tx, case)


def refusal(tx: Connection, case_id: UUID, actor: Actor) -> Refusal | None:
    """As `may_convert`, for a page; also for a case that does not go on. Raises NotFound."""
    case = case_rows.load(tx, case_id, actor, lock=False)
    if case.status != "active":
        return Refusal("doubtful.ended", "Only a case that goes on can be found doubtful", Conflict)
    return may_convert(tx, case, actor)


def convert(tx: Connection, case_id: UUID, reason: str, actor: Actor, now: datetime) -> UUID:
    """Start the limit of a doubtful case and issue the receipt that says so. Returns its id.

    Raises NotFound, Forbidden, Conflict for a case that does not go on, that nobody waits for, of a
    process without that limit, or that is doubtful already, Rejected without a reason.
    """
    case = case_rows.load(tx, case_id, actor)
    case.demand_active()
    demand(may_convert(tx, case, actor))
    text = reason.strip()
    if not text or len(text) > MAX_REASON:
        raise Rejected(
            "doubtful.reason", f"Say in at most {MAX_REASON} characters what is in doubt"
        )
    clocks.start(
        tx, case.ref, limits_of(tx, case.ref).clocks[DOUBTFUL], clocks.Start(now), actor, now
    )
    until = next(clock.due_on for clock in of_case(tx, case.id) if clock.name == DOUBTFUL)
    content = {"reason": text, "until": until.isoformat()}
    notice = notices.Notice(NOTICE, "counter", content, actor.person_id, case.data)
    notice_id = notices.issue(tx, case.ref, DOUBTFUL, notice, now)
    cases.annotate(tx, case.id, text, actor, now)
    number = tx.scalar(select(notice_rows.c.number).where(notice_rows.c.id == notice_id))
    append(
        tx,
        Entry(
            "case.doubtful",
            actor,
            now,
            case_id=case.id,
            object_id=str(notice_id),
            detail={"number": number},
            office_id=case.office_id,
        ),
    )
    return notice_id


def _is_walk_in(tx: Connection, case: Case) -> Refusal | None:
    channel = tx.scalar(select(case_table.c.channel).where(case_table.c.id == case.id))
    if channel not in WALK_IN:
        return Refusal(
            "doubtful.not_walk_in",
            f"Case {case.number} came by {channel}: it is an application case already",
            Conflict,
        )
    if DOUBTFUL not in limits_of(tx, case.ref).clocks:
        return Refusal(
            "doubtful.no_limit",
            f"The process of case {case.number} has no limit {DOUBTFUL!r}: it calls no intake "
            "check, or the case was filed before there was one",
            Conflict,
        )
    return None


def _is_new(tx: Connection, case: Case) -> Refusal | None:
    if any(clock.name == DOUBTFUL for clock in of_case(tx, case.id)):
        return Refusal(
            "doubtful.already", f"Case {case.number} is an application case already", Conflict
        )
    return None
