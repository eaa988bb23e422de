"""What the system has told a member of staff: warnings, escalations, chases of their cases."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select, update

from store.tables import cases, person_notices
from web.deeds import settle
from web.pages import page
from web.policies import SIGNED_IN, policy
from web.visits import actor, reading

blueprint = Blueprint("notifications", __name__)
MOST_SHOWN = 100


@blueprint.get("/notifications")
@policy(SIGNED_IN)
def show() -> ResponseReturnValue:
    """The newest hundred, unread first."""
    with reading() as tx:
        rows = tx.execute(
            select(person_notices, cases.c.subject_label, cases.c.package_id)
            .outerjoin(cases, cases.c.id == person_notices.c.case_id)
            .where(person_notices.c.person_id == actor().person_id)
            .order_by(person_notices.c.read_at.is_not(None), person_notices.c.created_at.desc())
            .limit(MOST_SHOWN)
        ).all()
        notices = [(row, _due_at(row.detail)) for row in rows]
        return page(tx, "notifications.html", notices=notices)


@blueprint.post("/notifications/read")
@policy(SIGNED_IN)
def mark_all_read() -> ResponseReturnValue:
    return settle(lambda tx, now: _mark(tx, None, now), "notifications.marked")


@blueprint.post("/notifications/<uuid:notice_id>/read")
@policy(SIGNED_IN)
def mark_read(notice_id: UUID) -> ResponseReturnValue:
    return settle(lambda tx, now: _mark(tx, notice_id, now))


def _mark(tx: Connection, notice_id: UUID | None, now: datetime) -> str:
    """One's own only; another person's notice is left as it is."""
    mine = (person_notices.c.person_id == actor().person_id, person_notices.c.read_at.is_(None))
    one = () if notice_id is None else (person_notices.c.id == notice_id,)
    tx.execute(update(person_notices).where(*mine, *one).values(read_at=now))
    return url_for("web.notifications.show")


def _due_at(detail: dict[str, str | None]) -> datetime | None:
    text = detail.get("due_at")
    return datetime.fromisoformat(text) if text else None
