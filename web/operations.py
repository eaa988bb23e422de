"""Operations: incidents to mend, notifications that could not be sent, what is on its way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from agencies import outbox, outbox_list
from agencies.directory import DIRECTORY
from engine import incidents, queries
from engine.errors import EngineError
from engine.queries import IncidentFilter
from web.deeds import Deed, settle
from web.errors import sentence, status_of
from web.pages import page
from web.policies import OPERATION, policy
from web.visits import actor, reading

blueprint = Blueprint("operations", __name__)
PAGE_ROWS = 50
ON_THE_WAY = ("queued", "sending", "sent")


@blueprint.get("/operations")
@policy(OPERATION)
def index() -> ResponseReturnValue:
    return _page()


@blueprint.post("/operations/incidents/<uuid:incident_id>/retry")
@policy(OPERATION)
def retry(incident_id: UUID) -> ResponseReturnValue:
    """Try again what failed. It may fail again: that is a new incident."""

    def deed(tx: Connection, at: datetime) -> str:
        incidents.retry(tx, incident_id, {}, actor(), at)
        return url_for("web.operations.index")

    return _settled(deed_for=incident_id, deed=deed, done="operations.retried")


@blueprint.post("/operations/incidents/<uuid:incident_id>/resolve")
@policy(OPERATION)
def resolve(incident_id: UUID) -> ResponseReturnValue:
    """Close an incident that was mended otherwise; say how."""
    resolution = request.form.get("resolution", "")

    def deed(tx: Connection, at: datetime) -> str:
        incidents.resolve(tx, incident_id, resolution, actor(), at)
        return url_for("web.operations.index")

    return _settled(deed_for=incident_id, deed=deed, done="operations.resolved")


@blueprint.post("/operations/outbox/<uuid:outbox_id>/replay")
@policy(OPERATION)
def replay(outbox_id: UUID) -> ResponseReturnValue:
    """Queue a dead letter again, under the same idempotency key: nobody gets it twice."""

    def deed(tx: Connection, at: datetime) -> str:
        outbox.replay(tx, outbox_id, actor(), at)
        return url_for("web.operations.index")

    return _settled(deed_for=outbox_id, deed=deed, done="operations.replayed")


def _settled(deed_for: UUID, deed: Deed, done: str) -> ResponseReturnValue:
    try:
        return settle(deed, done)
    except EngineError as refused:
        return _page(deed_for, refused)


def _page(refused_at: UUID | None = None, refused: EngineError | None = None) -> Response:
    with reading() as tx:
        found = queries.incidents(
            tx, actor(), IncidentFilter(), request.args.get("cursor"), PAGE_ROWS
        )
        return page(
            tx,
            "operations.html",
            status=status_of(refused) if refused else 200,
            incidents=found.rows,
            next_cursor=found.next_cursor,
            dead=outbox_list.of_office(tx, actor(), "failed", None, PAGE_ROWS).rows,
            waiting=[
                letter
                for status in ON_THE_WAY
                for letter in outbox_list.of_office(tx, actor(), status, None, PAGE_ROWS).rows
            ],
            agencies=DIRECTORY,
            refused_at=refused_at,
            told=sentence(refused) if refused else "",
        )
