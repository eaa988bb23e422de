"""The receipt to hand over: number, code, due date and why; printed as often as it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select
from werkzeug.exceptions import NotFound

from engine import case_service, notice_reads, office_contacts, status_codes
from engine.confidence import seen_by
from sla import clock_rows
from store.tables import cases, definitions, offices, user_tasks
from web.deeds import settle
from web.pages import page
from web.policies import HANDLING, policy
from web.status_address import address_of, drawn
from web.visits import actor, lang, reading, say

blueprint = Blueprint("receipts", __name__)


@blueprint.get("/cases/<uuid:case_id>/receipt")
@policy(HANDLING)
def show(case_id: UUID) -> ResponseReturnValue:
    """The receipt to hand over, as often as it is asked for."""
    with reading() as tx:
        case = _case(tx, case_id)
        code = status_codes.of_case(tx, case_id, actor())
        return page(
            tx,
            "receipt.html",
            case=case,
            contact=office_contacts.of_office(tx, case.receiving_office_id),
            serving=case_service.of_case(tx, case_id),
            code=status_codes.grouped(code) if code else None,
            address=address_of(code) if code else None,
            qr=drawn(address_of(code)) if code else None,
            clocks=_clocks(tx, case_id),
            task=_next_task(tx, case_id),
            notice_id=notice_reads.latest(tx, case_id, "one_time_notice"),
            receipt_id=notice_reads.latest(tx, case_id, "receipt"),
        )


@blueprint.post("/cases/<uuid:case_id>/status-code")
@policy(HANDLING)
def renew(case_id: UUID) -> ResponseReturnValue:
    """Give the case a new code, for a receipt that was lost; the former opens nothing any more."""

    def deed(tx: Connection, at: datetime) -> str:
        status_codes.issue(tx, case_id, actor(), at)
        return url_for("web.receipts.show", case_id=case_id)

    return settle(deed, "receipt.renewed")


def _case(tx: Connection, case_id: UUID) -> Any:
    """What the receipt says of a case that this office received. Raises NotFound."""
    case = tx.execute(
        select(
            cases,
            definitions.c.title_zh,
            definitions.c.title_en,
            offices.c.name_zh,
            offices.c.name_en,
        )
        .join(definitions, definitions.c.id == cases.c.definition_id)
        .join(offices, offices.c.id == cases.c.receiving_office_id)
        .where(
            cases.c.id == case_id,
            cases.c.receiving_office_id == actor().office_id,
            seen_by(actor()),
        )
    ).first()
    if case is None:
        raise NotFound
    return case


def _clocks(tx: Connection, case_id: UUID) -> list[tuple[Any, str]]:
    """The case's own clocks that are not met, each with its computation in one line."""
    chosen = "zh-TW" if lang().startswith("zh") else "en"
    return [
        (clock, _in_one_line(clock.explanation[chosen]))
        for clock in clock_rows.of_case(tx, case_id)
        if clock.task_id is None and clock.status != "met"
    ]


def _in_one_line(explanation: Mapping[str, Any]) -> str:
    """What was counted and on what ground; the beginning and the end stand beside it anyway."""
    counted = [step["fact"] for step in explanation["steps"][1:-1]]
    return say("list.bracket", inner=explanation["article"]) + say("list.semicolon").join(counted)


def _next_task(tx: Connection, case_id: UUID) -> UUID | None:
    """The one thing to do next on the case, if it is to be done in this office."""
    found = tx.scalars(
        select(user_tasks.c.id)
        .where(
            user_tasks.c.case_id == case_id,
            user_tasks.c.office_id == actor().office_id,
            user_tasks.c.status.in_(("unclaimed", "claimed")),
        )
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None
