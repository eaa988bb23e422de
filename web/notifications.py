"""What the system has told a member of staff: one line a case, read by oneself and nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import person_notices
from engine.errors import Rejected
from engine.person_notices import CaseNotices, PersonNotice
from web.deeds import settle
from web.news import row_mark
from web.pages import page
from web.policies import CASES, SIGNED_IN, policy
from web.titles import titles
from web.visits import actor, context, now, reading

blueprint = Blueprint("notifications", __name__)
PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Told:
    """One notice with what it is about: the address of the thing, and the word for its link."""

    notice: PersonNotice
    due_at: datetime | None
    address: str | None
    opens: str


@dataclass(frozen=True, slots=True)
class Line:
    """What was told of one case: the latest, and what went before it."""

    group: CaseNotices
    latest: Told
    earlier: Sequence[Told]

    @property
    def mark(self) -> str:
        return line_mark(self.group)


@blueprint.get("/notifications")
@policy(SIGNED_IN)
def show() -> ResponseReturnValue:
    """One's own, the latest case first; `unread` leaves out what was read."""
    unread = _unread_only()
    with reading() as tx:
        found = person_notices.by_case(
            tx, actor(), request.args.get("cursor"), PAGE_ROWS, unread=unread
        )
        return page(
            tx,
            "notifications.html",
            live="notifications",
            lines=[_line(group) for group in found.rows],
            next_cursor=found.next_cursor,
            unread=unread,
            titles=titles(tx, actor().office_id),
            has_mail=context().mail,
        )


def marks(tx: Connection) -> list[str]:
    """The marks of the first page as it is now, for what an open page tells (`web.live`)."""
    found = person_notices.by_case(tx, actor(), None, PAGE_ROWS, unread=_unread_only())
    return [line_mark(group) for group in found.rows]


def line_mark(group: CaseNotices) -> str:
    """What a line shows. It is named by its case: more of the same case is no new line."""
    latest = group.notices[0]
    return row_mark(group.case_id or latest.id, latest.id, group.unread)


@blueprint.post("/notifications/read")
@policy(SIGNED_IN)
def mark_all_read() -> ResponseReturnValue:
    """Mark all that the page could show; of one case, if the form names one."""
    until, case_id = _instant("until"), request.form.get("case")

    def deed(tx: Connection, at: datetime) -> str:
        of_case = UUID(case_id) if case_id else None
        person_notices.mark_all_read(tx, actor(), at, until=until, case_id=of_case)
        return url_for("web.notifications.show")

    return settle(deed, None if case_id else "notifications.marked")


@blueprint.post("/notifications/<uuid:notice_id>/read")
@policy(SIGNED_IN)
def mark_read(notice_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        person_notices.mark_read(tx, notice_id, actor(), at)
        return url_for("web.notifications.show")

    return settle(deed)


def _unread_only() -> bool:
    return request.args.get("view", "unread") == "unread"


def _instant(name: str) -> datetime:
    """Until when the page had been told. Raises Rejected for what no page of ours sends."""
    try:
        found = datetime.fromisoformat(request.form.get(name, ""))
    except ValueError as wrong:
        raise Rejected("form.errors", "Expected the moment the page was made") from wrong
    return min(found, now()) if found.tzinfo else now()


def _line(group: CaseNotices) -> Line:
    latest, *earlier = [_told(notice) for notice in group.notices]
    return Line(group, latest, earlier)


def _told(notice: PersonNotice) -> Told:
    due_at = notice.detail.get("due_at")
    address, opens = _thing(notice)
    return Told(notice, datetime.fromisoformat(due_at) if due_at else None, address, opens)


def _thing(notice: PersonNotice) -> tuple[str | None, str]:
    """Where the notice leads: to the task, the slip, the edit of a calendar, the monthly list, or
    the case; nowhere for who may not look."""
    task, chase = notice.detail.get("task"), notice.detail.get("chase")
    if notice.kind == "user_task.assigned" and task:
        return url_for("web.user_tasks.show", task_id=UUID(task)), "task"
    if (edit := notice.detail.get("edit")) and "rule" in notice.detail:
        return url_for("web.rule_changes.show", edit_id=UUID(edit)), "edit"
    if edit:
        return url_for("web.calendar.show", proposal=UUID(edit)), "edit"
    if notice.kind == "overdue.listed":
        month = str(notice.detail.get("month"))
        return url_for("web.monthly_lists.show", month=month), "list"
    if not CASES.admits(actor()):
        return None, "case"
    if chase:
        return url_for("web.overdue_acts.slip", chase_id=UUID(chase)), "slip"
    if notice.case_id is None:
        return None, "case"
    return url_for("web.cases.show", case_id=notice.case_id), "case"
