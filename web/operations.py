"""Operations: incidents with their cause, mended one by one or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from agencies import lines
from engine import incidents, queries
from engine.errors import EngineError
from engine.incident_data import Given, datum_of, parsed
from engine.queries import IncidentFilter, IncidentRow
from web.bulk import attempt
from web.deeds import Deed, Result, report, settle
from web.errors import sentence, status_of
from web.incident_places import places
from web.pages import page
from web.policies import OPERATION, policy
from web.visits import actor, reading, say

blueprint = Blueprint("operations", __name__)
PAGE_ROWS = 50


@blueprint.get("/operations")
@policy(OPERATION)
def index() -> ResponseReturnValue:
    return _page()


@blueprint.post("/operations/incidents/<uuid:incident_id>/retry")
@policy(OPERATION)
def retry(incident_id: UUID) -> ResponseReturnValue:
    """Try again what failed, with values put right. It may fail again: that is a new incident."""
    entered = {
        name.removeprefix("value."): text
        for name, text in request.form.items()
        if name.startswith("value.")
    }

    def deed(tx: Connection, at: datetime) -> str:
        values = parsed(datum_of(tx, incident_id, actor()), entered) if entered else {}
        incidents.retry(tx, incident_id, values, actor(), at)
        return url_for("web.operations.index")

    try:
        return settle(deed, "operations.retried")
    except EngineError as refused:
        return _one(incident_id, refused, entered) if entered else _page(incident_id, refused)


@blueprint.post("/operations/incidents/<uuid:incident_id>/resolve")
@policy(OPERATION)
def resolve(incident_id: UUID) -> ResponseReturnValue:
    """Close an incident that was mended otherwise; say how."""
    resolution = request.form.get("resolution", "")

    def deed(tx: Connection, at: datetime) -> str:
        incidents.resolve(tx, incident_id, resolution, actor(), at)
        return url_for("web.operations.index")

    return _settled(incident_id, deed, "operations.resolved")


@blueprint.post("/operations/incidents/several")
@policy(OPERATION)
def several() -> ResponseReturnValue:
    """Retry the ticked incidents; each row says what became of it."""
    chosen = [UUID(text) for text in dict.fromkeys(request.form.getlist("incident"))]
    if not chosen:
        return _page(told=say("operations.tick_first"), status=422)

    def deed(tx: Connection, at: datetime) -> list[Result]:
        names = _names(tx, chosen)
        return [
            attempt(
                tx,
                names.get(each, "—"),
                lambda each=each: incidents.retry(tx, each, {}, actor(), at),  # type: ignore[misc]
            )
            for each in chosen
        ]

    results = report(deed)
    with reading() as tx:
        return page(
            tx,
            "results.html",
            results=results,
            title=say("operations.retried_several"),
            back=url_for("web.operations.index"),
        )


@blueprint.get("/operations/incidents/<uuid:incident_id>")
@policy(OPERATION)
def show(incident_id: UUID) -> ResponseReturnValue:
    """One incident: the cause, the step on the diagram, the data it can be tried again with."""
    return _one(incident_id)


# --- pages --------------------------------------------------------------------------------------


def _settled(incident_id: UUID, deed: Deed, done: str) -> ResponseReturnValue:
    try:
        return settle(deed, done)
    except EngineError as refused:
        if "one" in request.form:
            return _one(incident_id, refused)
        return _page(incident_id, refused)


def _page(
    refused_at: UUID | None = None,
    refused: EngineError | None = None,
    told: str = "",
    status: int = 200,
) -> Response:
    with reading() as tx:
        found = queries.incidents(
            tx, actor(), IncidentFilter(), request.args.get("cursor"), PAGE_ROWS
        )
        peers = lines.lines(tx, actor())
        return page(
            tx,
            "operations.html",
            status=status_of(refused) if refused else status,
            incidents=found.rows,
            places=places(tx, found.rows),
            next_cursor=found.next_cursor,
            dead=sum(line.dead for line in peers),
            waiting=sum(line.waiting for line in peers),
            paused=sum(line.pause is not None for line in peers),
            refused_at=refused_at,
            told=sentence(refused) if refused else told,
        )


def _one(
    incident_id: UUID,
    refused: EngineError | None = None,
    entered: Mapping[str, str] | None = None,
) -> Response:
    with reading() as tx:
        incident = queries.incident(tx, incident_id, actor())
        if incident is None:
            raise NotFound
        return page(
            tx,
            "incident.html",
            status=status_of(refused) if refused else 200,
            incident=incident,
            place=places(tx, [incident]).get(incident.id),
            data=_data(tx, incident, entered or {}),
            told=sentence(refused) if refused else "",
        )


def _data(tx: Connection, incident: IncidentRow, entered: Mapping[str, str]) -> Sequence[Given]:
    if incident.status != "open" or not incident.in_process or incident.may_mend:
        return ()
    return [given.typed(entered) for given in datum_of(tx, incident.id, actor())]


def _names(tx: Connection, chosen: Sequence[UUID]) -> dict[UUID, str]:
    found: dict[UUID, Any] = {}
    for each in chosen:
        row = queries.incident(tx, each, actor())
        if row is not None:
            found[each] = row.case_number or say(f"operations.source.{row.source}")
    return found
