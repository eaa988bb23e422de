"""What the office has promised to send: the line to each agency, dead letters, what is waiting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from agencies import lines, outbox_list, replays
from agencies.directory import DIRECTORY
from engine.errors import EngineError
from store.tables import cases
from store.tables import outbox as rows
from web.bulk import attempt
from web.deeds import Deed, Result, report, settle
from web.errors import sentence, status_of
from web.pages import in_language, page, worded
from web.policies import OPERATION, policy
from web.visits import actor, reading, say

blueprint = Blueprint("outbox", __name__)
PAGE_ROWS = 50
ON_THE_WAY = ("queued", "sending", "sent")
_SEND_ERRORS = (
    ("the agency is out of service", "out_of_service"),
    ("the mail server refused the address", "address_refused"),
    ("the mail server refused the sender", "sender_refused"),
    ("mail not taken", "mail_not_taken"),
    ("no connection", "no_connection"),
    ("no answer", "no_answer"),
    ("no endpoint is configured", "no_endpoint"),
    ("HTTP 4", "call_refused"),
    ("HTTP 5", "out_of_service"),
)
"""How the sentences of the transports begin, and their text."""


@blueprint.get("/operations/outbox")
@policy(OPERATION)
def show() -> ResponseReturnValue:
    return _page()


@blueprint.post("/operations/outbox/<uuid:outbox_id>/replay")
@policy(OPERATION)
def replay(outbox_id: UUID) -> ResponseReturnValue:
    """Queue a dead letter again, under the same idempotency key: nobody gets it twice."""

    def deed(tx: Connection, at: datetime) -> str:
        replays.replay(tx, outbox_id, actor(), at)
        return url_for("web.outbox.show")

    return _settled(deed, "operations.replayed", str(outbox_id))


@blueprint.post("/operations/outbox/several")
@policy(OPERATION)
def several() -> ResponseReturnValue:
    """Queue the ticked dead letters again; each row says what became of it."""
    chosen = [UUID(text) for text in dict.fromkeys(request.form.getlist("letter"))]
    if not chosen:
        return _page("", say("operations.tick_first"), 422)

    def deed(tx: Connection, at: datetime) -> list[Result]:
        names = _names(tx, chosen)
        return [
            attempt(
                tx,
                names.get(each, "—"),
                lambda each=each: replays.replay(tx, each, actor(), at),  # type: ignore[misc]
            )
            for each in chosen
        ]

    results = report(deed)
    with reading() as tx:
        title, back = say("operations.replayed_several"), url_for("web.outbox.show")
        return page(tx, "results.html", results=results, title=title, back=back)


@blueprint.post("/operations/agencies/<peer>/pause")
@policy(OPERATION)
def pause(peer: str) -> ResponseReturnValue:
    """Send an agency nothing for now; what is promised meanwhile waits."""
    reason = request.form.get("reason", "")

    def deed(tx: Connection, at: datetime) -> str:
        lines.pause(tx, peer, reason, actor(), at)
        return url_for("web.outbox.show")

    return _settled(deed, "operations.line_paused", peer)


@blueprint.post("/operations/agencies/<peer>/resume")
@policy(OPERATION)
def resume(peer: str) -> ResponseReturnValue:
    """Send again what has waited."""

    def deed(tx: Connection, at: datetime) -> str:
        lines.resume(tx, peer, actor(), at)
        return url_for("web.outbox.show")

    return _settled(deed, "operations.line_resumed", peer)


def _settled(deed: Deed, done: str, refused_at: str) -> ResponseReturnValue:
    try:
        return settle(deed, done)
    except EngineError as refused:
        return _page(refused_at, sentence(refused), status_of(refused))


def _page(refused_at: str = "", told: str = "", status: int = 200) -> Response:
    with reading() as tx:
        dead = outbox_list.of_office(tx, actor(), "failed", request.args.get("cursor"), PAGE_ROWS)
        return page(
            tx,
            "outbox.html",
            status=status,
            lines=lines.lines(tx, actor()),
            dead=dead.rows,
            next_cursor=dead.next_cursor,
            waiting=[
                letter
                for state in ON_THE_WAY
                for letter in outbox_list.of_office(tx, actor(), state, None, PAGE_ROWS).rows
            ],
            agencies=DIRECTORY,
            peer_name=peer_name,
            send_error=send_error,
            refused_at=refused_at,
            told=told,
        )


def peer_name(peer: str) -> str:
    """What an agency is called, in the reader's language."""
    agency = DIRECTORY.get(peer)
    if agency is not None:
        return in_language(agency.title_zh, agency.title_en)
    return worded(f"peer.{peer}", peer)


def send_error(error: str) -> str:
    """Why something was not sent, in the reader's words; empty where only the sender's own are."""
    found = next((key for start, key in _SEND_ERRORS if error.startswith(start)), None)
    return "" if found is None else say(f"operations.send_error.{found}")


def _names(tx: Connection, chosen: Sequence[UUID]) -> dict[UUID, str]:
    found = tx.execute(
        select(rows.c.id, rows.c.peer, cases.c.number)
        .outerjoin(cases, cases.c.id == rows.c.case_id)
        .where(rows.c.id.in_(chosen), rows.c.office_id == actor().office_id)
    )
    return {row.id: f"{row.number or ''} {peer_name(row.peer)}".strip() for row in found}
