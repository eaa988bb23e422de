"""Who looked at personal data: of one case, and in the office with the searches by person."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from engine import case_list, looks
from engine.clock import TAIPEI
from engine.looks import LookFilter
from engine.minguo import DateError, parse_date
from engine.purposes import told
from web.case_page import purpose_choices
from web.pages import page
from web.people import colleagues
from web.policies import AUDIT, policy
from web.visits import actor, lang, now, reading

blueprint = Blueprint("case_looks", __name__)
PAGE_ROWS = 50


@blueprint.get("/cases/<uuid:case_id>/looks")
@policy(AUDIT)
def of_case(case_id: UUID) -> ResponseReturnValue:
    """Who looked at this case's personal data, at which fields, when and why."""
    with reading() as tx:
        found = looks.of_case(tx, case_id, actor(), _filter(), _cursor(), PAGE_ROWS)
        return page(
            tx,
            "looks.html",
            row=case_list.demand_one(tx, case_id, now()),
            rows=found.rows,
            next_cursor=found.next_cursor,
            people=list(looks.lookers(tx, case_id).items()),
            actions=looks.LOOKS[:2],
            purpose_choices=purpose_choices(),
            purpose_text=_purpose_text,
        )


@blueprint.get("/looks")
@policy(AUDIT)
def of_office() -> Response:
    """The same of the whole office, searches by person included."""
    with reading() as tx:
        found = looks.of_office(tx, actor(), _filter(), _cursor(), PAGE_ROWS)
        return page(
            tx,
            "looks.html",
            row=None,
            rows=found.rows,
            next_cursor=found.next_cursor,
            people=[(each.id, each.name) for each in colleagues(tx, actor().office_id)],
            actions=looks.LOOKS,
            purpose_choices=purpose_choices(),
            purpose_text=_purpose_text,
        )


def _purpose_text(written: str) -> str:
    return told(written, lang())


def _cursor() -> str | None:
    return request.args.get("cursor")


def _filter() -> LookFilter:
    """What the address asks for; what cannot be read is left out, and shown empty."""
    action, person = request.args.get("action"), request.args.get("person")
    until = _day("until")
    return LookFilter(
        action=action if action in looks.LOOKS else None,
        person_id=_uuid(person),
        purpose=request.args.get("purpose") or None,
        since=_midnight(_day("since")),
        before=_midnight(until + timedelta(days=1) if until else None),
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _day(name: str) -> date | None:
    try:
        return parse_date(request.args.get(name, ""))
    except DateError:
        return None


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), TAIPEI)
