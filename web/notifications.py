"""What the system has told a member of staff: warnings, escalations, chases of their cases."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import person_notices
from web.deeds import settle
from web.news import row_mark
from web.pages import page
from web.policies import SIGNED_IN, policy
from web.titles import titles
from web.visits import actor, reading

blueprint = Blueprint("notifications", __name__)
PAGE_ROWS = 50
MOST_AT_ONCE = 200


@blueprint.get("/notifications")
@policy(SIGNED_IN)
def show() -> ResponseReturnValue:
    """One's own, the newest first; `unread` leaves out what was read."""
    unread = request.args.get("view", "unread") == "unread"
    with reading() as tx:
        found = person_notices.of_person(
            tx, actor(), request.args.get("cursor"), PAGE_ROWS, unread=unread
        )
        return page(
            tx,
            "notifications.html",
            live="notifications",
            notices=[(notice, _due_at(notice.detail.get("due_at"))) for notice in found.rows],
            next_cursor=found.next_cursor,
            unread=unread,
            titles=titles(tx, actor().office_id),
        )


def marks(tx: Connection) -> list[str]:
    """The marks of the first page as it is now, for what an open page tells (`web.live`)."""
    unread = request.args.get("view", "unread") == "unread"
    found = person_notices.of_person(tx, actor(), None, PAGE_ROWS, unread=unread)
    return [row_mark(notice.id, notice.read_at) for notice in found.rows]


@blueprint.post("/notifications/read")
@policy(SIGNED_IN)
def mark_all_read() -> ResponseReturnValue:
    """Mark the newest two hundred that are unread."""

    def deed(tx: Connection, now: datetime) -> str:
        found = person_notices.of_person(tx, actor(), None, MOST_AT_ONCE, unread=True)
        for notice in found.rows:
            person_notices.mark_read(tx, notice.id, actor(), now)
        return url_for("web.notifications.show")

    return settle(deed, "notifications.marked")


@blueprint.post("/notifications/<uuid:notice_id>/read")
@policy(SIGNED_IN)
def mark_read(notice_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, now: datetime) -> str:
        person_notices.mark_read(tx, notice_id, actor(), now)
        return url_for("web.notifications.show")

    return settle(deed)


def _due_at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
