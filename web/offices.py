"""Offices as a tree; and the choices of one's own office, with source and who made them."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import office_contacts
from engine.actors import OFFICE_KEEPERS
from engine.errors import EngineError
from sla import offices, setting_changes
from sla.closure_previews import Preview
from web.deeds import settle
from web.errors import sentence, status_of
from web.pages import page
from web.people import STAFF
from web.policies import policy
from web.visits import actor, now, reading

blueprint = Blueprint("offices", __name__)


@blueprint.get("/operations/offices")
@policy(STAFF)
def show() -> ResponseReturnValue:
    return _page()


@blueprint.post("/operations/offices/settings/<name>")
@policy(STAFF)
def choose(name: str) -> ResponseReturnValue:
    """Make a choice for one's own office; one that moves limits is weighed first, and entered when
    sent again with `confirmed`."""
    entered = request.form.to_dict()

    def deed(tx: Connection, at: datetime) -> str:
        setting_changes.enter(tx, name, entered, actor(), at)
        return url_for("web.offices.show", _anchor=f"s-{name}")

    try:
        if setting_changes.moves_limits(name) and "confirmed" not in entered:
            with reading() as tx:
                preview = setting_changes.weigh(tx, name, entered, actor(), now())
            return _page(name, entered=entered, preview=preview)
        return settle(deed, "offices.chosen")
    except EngineError as refused:
        return _page(name, sentence(refused), entered, status_of(refused))


@blueprint.post("/operations/offices/contact")
@policy(STAFF)
def contact() -> ResponseReturnValue:
    """Say how one's own office is reached."""
    entered = {name: request.form.get(name, "") for name in office_contacts.NAMES}

    def deed(tx: Connection, at: datetime) -> str:
        office_contacts.change(tx, actor().office_id, entered, actor(), at)
        return url_for("web.offices.show", _anchor="contact")

    try:
        return settle(deed, "offices.contact_saved")
    except EngineError as refused:
        return _page("contact", sentence(refused), entered, status_of(refused))


def _page(
    refused_at: str = "",
    told: str = "",
    entered: dict[str, str] | None = None,
    status: int = 200,
    preview: Preview | None = None,
) -> Response:
    with reading() as tx:
        rows = offices.tree(tx)
        return page(
            tx,
            "offices.html",
            status=status,
            offices=rows,
            names={row.id: row for row in rows},
            choices=offices.choices(tx, actor().office_id),
            may_choose=bool(actor().groups & OFFICE_KEEPERS),
            parts=offices.PARTS,
            contact=office_contacts.of_office(tx, actor().office_id),
            contact_names=office_contacts.NAMES,
            lengths=office_contacts.LENGTHS,
            refused_at=refused_at,
            told=told,
            entered=entered or {},
            preview=preview,
            changes=setting_changes.changes(tx, actor()),
        )
