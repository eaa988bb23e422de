"""Who is told what, and how: one's own choices, and what supervisors decide for the office."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from engine import notice_choices, people
from engine.actors import SUPERVISORS
from engine.clock import legal_day
from engine.errors import EngineError, Rejected
from engine.minguo import DateError, parse_date
from engine.notice_kinds import KINDS, Email, Way
from engine.people import Absence
from sla import ladder_additions
from store.tables import absences, persons
from web.deeds import settle
from web.errors import sentence, status_of
from web.pages import page
from web.policies import SIGNED_IN, SUPERVISION, policy
from web.visits import actor, context, now, reading

blueprint = Blueprint("notice_settings", __name__)
Errors = Sequence[tuple[str, str]]


@blueprint.get("/notifications/settings")
@policy(SIGNED_IN)
def mine() -> ResponseReturnValue:
    """How I am told of what, with the duties that cannot be switched off."""
    return _mine()


@blueprint.post("/notifications/settings")
@policy(SIGNED_IN)
def choose() -> ResponseReturnValue:
    """Save my choices, all of them or none."""
    try:
        ways = {name: _way(name) for name in KINDS}

        def deed(tx: Connection, at: datetime) -> str:
            notice_choices.choose(tx, ways, actor(), at)
            notice_choices.choose_language(tx, request.form.get("language", ""), actor(), at)
            return url_for("web.notice_settings.mine")

        return settle(deed, "notice_settings.saved")
    except EngineError as refused:
        return _mine([("choices", sentence(refused))], status_of(refused))


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
        return url_for("web.notice_settings.office")

    return settle(deed, "office_notices.saved")


@blueprint.post("/notifications/office/absences")
@policy(SUPERVISION)
def enter_absence() -> ResponseReturnValue:
    """Enter somebody's leave and deputy."""
    try:
        absence = _absence()

        def deed(tx: Connection, at: datetime) -> str:
            people.set_absence(tx, absence, actor(), at)
            return url_for("web.notice_settings.office")

        return settle(deed, "office_notices.entered")
    except EngineError as refused:
        return _office([("person", sentence(refused))], status_of(refused))


def _mine(errors: Errors = (), status: int = 200) -> Response:
    with reading() as tx:
        return page(
            tx,
            "notice_settings.html",
            status=status,
            choices=notice_choices.choices_of(tx, actor()),
            reader=notice_choices.reader(tx, actor()),
            ways=tuple(Email),
            mail_languages=notice_choices.LANGUAGES,
            has_mail=context().mail,
            may_set_office=SUPERVISION.admits(actor()),
            errors=errors,
        )


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
            absences.c.first_day,
            absences.c.last_day,
            away.c.display_name.label("name"),
            deputy.c.display_name.label("deputy"),
        )
        .join(away, away.c.id == absences.c.person_id)
        .outerjoin(deputy, deputy.c.id == absences.c.substitute_id)
        .where(absences.c.office_id == actor().office_id, absences.c.last_day >= legal_day(now()))
        .order_by(absences.c.first_day, away.c.display_name)
        .limit(200)
    ).all()


def _way(kind: str) -> Way:
    """One line of the form. What a duty holds on is not sent by the browser, so it stays on."""
    wanted = request.form.get(f"email.{kind}", KINDS[kind].usual.email)
    try:
        email = Email(wanted)
    except ValueError as wrong:
        raise Rejected("notice_choice.kind", f"Expected off, now or daily for {kind}") from wrong
    in_app = KINDS[kind].in_app_owed or f"in_app.{kind}" in request.form
    return Way(in_app, email)


def _absence() -> Absence:
    try:
        first, last = (parse_date(request.form.get(name, "")) for name in ("first", "last"))
    except DateError as wrong:
        raise Rejected("absence.days", wrong.en, zh=wrong.zh, en=wrong.en) from wrong
    try:
        person = UUID(request.form.get("person", ""))
        deputy = request.form.get("deputy", "")
        return Absence(person, first, last, UUID(deputy) if deputy else None)
    except ValueError as wrong:
        raise Rejected("person.not_found", "Expected a person of the office") from wrong
