"""Whom the office tells at which point of a limit; who is on leave, and who stands in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from engine import absences, people
from engine.actors import SUPERVISORS
from engine.clock import legal_day
from engine.errors import EngineError, Rejected
from engine.minguo import DateError, parse_date
from sla import ladder_additions
from store.tables import absences as absence_rows
from store.tables import persons
from web.deeds import settle
from web.errors import sentence, status_of
from web.pages import page
from web.policies import SUPERVISION, policy
from web.visits import actor, now, reading

blueprint = Blueprint("office_notices", __name__)
Errors = Sequence[tuple[str, str]]


@blueprint.get("/notifications/office")
@policy(SUPERVISION)
def office() -> ResponseReturnValue:
    """Who is told at which point of a limit, who is on leave, and who stands in."""
    return _office()


@blueprint.post("/notifications/office/<point>")
@policy(SUPERVISION)
def add_to(point: str) -> ResponseReturnValue:
    """Make the ticked groups the ones that the office adds to a point."""
    groups = request.form.getlist("group")

    def deed(tx: Connection, at: datetime) -> str:
        ladder_additions.add_to(tx, point, groups, actor(), at)
        return url_for("web.office_notices.office")

    return settle(deed, "office_notices.saved")


@blueprint.post("/notifications/office/absences")
@policy(SUPERVISION)
def enter_absence() -> ResponseReturnValue:
    """Enter somebody's leave and deputy."""
    try:
        absence = _absence()

        def deed(tx: Connection, at: datetime) -> str:
            absences.set_absence(tx, absence, actor(), at)
            return url_for("web.office_notices.office")

        return settle(deed, "office_notices.entered")
    except EngineError as refused:
        return _office([("person", sentence(refused))], status_of(refused))


def _office(errors: Errors = (), status: int = 200) -> Response:
    with reading() as tx:
        staff = people.of_office(tx, actor().office_id)
        sizes = {
            group: sum(group in member.groups for member in staff)
            for group in ladder_additions.ADDABLE
        }
        return page(
            tx,
            "office_notices.html",
            status=status,
            points=ladder_additions.POINTS,
            groups=[group for group in ladder_additions.ADDABLE if sizes[group]],
            sizes=sizes,
            added=_by_point(tx),
            staff=staff,
            leaves=_leaves(tx),
            may_change=bool(actor().groups & SUPERVISORS),
            errors=errors,
        )


def _by_point(tx: Connection) -> dict[str, list[ladder_additions.Addition]]:
    found: dict[str, list[ladder_additions.Addition]] = {}
    for addition in ladder_additions.additions(tx, actor().office_id):
        found.setdefault(addition.at_point, []).append(addition)
    return found


def _leaves(tx: Connection) -> Sequence[object]:
    """Leave of today and to come, by its first day."""
    away, deputy = persons.alias("away"), persons.alias("deputy")
    return tx.execute(
        select(
            absence_rows.c.first_day,
            absence_rows.c.last_day,
            away.c.display_name.label("name"),
            deputy.c.display_name.label("deputy"),
        )
        .join(away, away.c.id == absence_rows.c.person_id)
        .outerjoin(deputy, deputy.c.id == absence_rows.c.substitute_id)
        .where(
            absence_rows.c.office_id == actor().office_id,
            absence_rows.c.last_day >= legal_day(now()),
        )
        .order_by(absence_rows.c.first_day, away.c.display_name)
        .limit(200)
    ).all()


def _absence() -> absences.Absence:
    try:
        first, last = (parse_date(request.form.get(name, "")) for name in ("first", "last"))
    except DateError as wrong:
        raise Rejected("absence.days", wrong.en, zh=wrong.zh, en=wrong.en) from wrong
    try:
        person = UUID(request.form.get("person", ""))
        deputy = request.form.get("deputy", "")
        return absences.Absence(person, first, last, UUID(deputy) if deputy else None)
    except ValueError as wrong:
        raise Rejected("person.not_found", "Expected a person of the office") from wrong
