"""Counters for some people or matters, and branches; and for which processes one person answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import case_service, deployments, desks, office_choices, ownership
from engine.errors import EngineError
from engine.forms import Label
from engine.office_contacts import LENGTHS, NAMES
from engine.sections import SECTIONS
from web import people
from web.deeds import settle
from web.errors import sentence, status_of
from web.pages import page
from web.policies import policy
from web.visits import actor, lang, reading, say

blueprint = Blueprint("desks", __name__)
NEW, OWNED = "new", "owned"


@blueprint.get("/operations/desks")
@policy(people.STAFF)
def show() -> ResponseReturnValue:
    """The desks of one's office, each with what it serves, its people and where it is."""
    return _page()


@blueprint.post("/operations/desks")
@policy(people.STAFF)
def add() -> ResponseReturnValue:
    return _kept(None)


@blueprint.post("/operations/desks/<uuid:desk_id>")
@policy(people.STAFF)
def change(desk_id: UUID) -> ResponseReturnValue:
    return _kept(desk_id)


@blueprint.post("/operations/desks/owned")
@policy(people.STAFF)
def own() -> ResponseReturnValue:
    """Say for which processes one person answers for a case from receipt to closing."""

    def deed(tx: Connection, at: datetime) -> str:
        known = _filed(tx)
        ownership.want(tx, request.form.getlist("owned"), known, actor(), at)
        return url_for("web.desks.show", _anchor=OWNED)

    try:
        return settle(deed, "desks.owned_saved")
    except EngineError as refused:
        return _page(OWNED, refused)


def _kept(desk_id: UUID | None) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        kept = desks.keep(tx, desk_id, _given(), actor(), at)
        return url_for("web.desks.show", _anchor=f"d-{kept}")

    try:
        return settle(deed, "desks.saved")
    except EngineError as refused:
        return _page(NEW if desk_id is None else str(desk_id), refused)


def _given() -> desks.Kept:
    form = request.form
    return desks.Kept(
        form.get("name_zh", ""),
        form.get("name_en", ""),
        packages=form.getlist("packages"),
        languages=form.getlist("languages"),
        needs=form.getlist("needs"),
        people=[UUID(each) for each in form.getlist("people")],
        contact={name: form.get(name, "") for name in NAMES},
        is_open="closed" not in form,
    )


def _page(refused_at: str = "", refused: EngineError | None = None) -> Response:
    with reading() as tx:
        office_id = actor().office_id
        known = _filed(tx)
        return page(
            tx,
            "desks.html",
            status=200 if refused is None else status_of(refused),
            desks=desks.of_office(tx, office_id),
            colleagues=people.colleagues(tx, office_id),
            titles=known,
            choices=_choices(known),
            contact_names=NAMES,
            lengths=LENGTHS,
            minutes=office_choices.number(tx, office_id, "desk.hold_minutes"),
            owned=case_service.owned_packages(tx, office_id),
            may_keep=bool(actor().groups & desks.KEEPERS),
            refused_at=refused_at,
            told=sentence(refused) if refused else "",
            typed=request.form,
        )


def _filed(tx: Connection) -> dict[str, Label]:
    """The processes that are filed at the office, by id; parts of others and ladders are none."""
    return {
        each.package.id: Label(each.package.title.zh, each.package.title.en)
        for each in deployments.all_active(tx, actor().office_id)
        if each.package.starts
    }


def _choices(known: Mapping[str, Label]) -> dict[str, list[tuple[str, str]]]:
    """What the forms offer to tick, each with its word."""
    return {
        "needs": [(each, say(f"service.need.{each}")) for each in desks.NEEDS],
        "languages": [(each, say(f"service.language.{each}")) for each in desks.LANGUAGES],
        "sections": [(each, say(f"counter.sections.{each}")) for each in SECTIONS],
        "matters": [(each, f"{each} {known[each].text(lang())}") for each in sorted(known)],
    }
