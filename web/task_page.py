"""The page of a user task, with whatever was typed, whatever was refused, and who changed what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, request, url_for
from sqlalchemy import Connection

from engine import attachments, clock, purposes, queries
from engine.actors import SUPERVISORS
from engine.errors import Conflict, EngineError, Forbidden
from engine.field_errors import FieldError
from engine.forms import Label
from engine.user_tasks import UNDO_WITHIN
from sla import clock_rows, reentries
from web import conflicts, dates, people, task_drafts
from web.errors import sentence, status_of
from web.forms import Sent, Setting, Sheet, sheet, written
from web.pages import page
from web.visits import actor, lang, now, reading, say

REASON_FIELDS = ("error_class", "return_reason")
OUTCOME_KEYS = {"approve": "a", "correct": "c", "return": "r", "doubt": "d"}
"""Single keys for the outcomes of a review; everything else goes by Tab and Enter."""
_READS_FIRST = frozenset({"review", "approve"})
"""Duties whose task begins with reading what others entered, not with a field."""
ERROR_CLASSES = ("typing", "paper_mismatch", "wrong_law", "missing_entry", "missing_scan", "other")


def task_page(
    view: queries.TaskView,
    sent: Sent | None = None,
    errors: Sequence[FieldError] = (),
    told: EngineError | None = None,
    picture: attachments.Attachment | None = None,
    typing: task_drafts.Typing | None = None,
) -> Response:
    """The page of `view`. `sent` is what came back of its form, `told` a refusal of the deed,
    `typing` the window of the form, where it is not the one that was sent."""
    status = (
        status_of(told) if told else (422 if errors or (sent and not sent.wants_refresh) else 200)
    )
    with reading() as tx:
        return page(
            tx,
            "user_task.html",
            status=status,
            task=view,
            sheet=_sheet(view, sent, errors),
            typing=typing or task_drafts.sent_window(),
            time=dates.time_text,
            told=sentence(told) if told else None,
            is_conflict=isinstance(told, Conflict | Forbidden),
            others=conflicts.since(tx, view.case_id, request.form.get("seen_event", "")),
            last_event=conflicts.last_event(tx, view.case_id),
            picture=picture,
            may_undo=_may_undo(view),
            colleagues=people.colleagues(tx, actor().office_id),
            is_supervisor=bool(actor().groups & SUPERVISORS),
            clocks=_clocks(tx, view),
            reentry=_reentry(view),
            asks_why=asks_why(view),
            sometimes_needed=REASON_FIELDS,
            outcome_keys=OUTCOME_KEYS,
            readable=_written,
            purpose_told=purposes.told(view.entry.purpose or "", lang()),
            error_classes=ERROR_CLASSES,
        )


def _sheet(view: queries.TaskView, sent: Sent | None, errors: Sequence[FieldError]) -> Sheet | None:
    """The form; the focus on its first field, unless there is something to read before it. What is
    wrong goes before reading."""
    if view.form is None:
        return None
    drawn = sheet(view.form, view.context, lang(), sent, errors, Setting(clock.legal_day(now())))
    reads_first = view.duty in _READS_FIRST or view.entry.compared is not None
    is_mine = view.may_complete is None
    return drawn.focused() if is_mine and (errors or not reads_first) else drawn


def asks_why(view: queries.TaskView) -> bool:
    """Whether the form itself has the fields for the reason of a return."""
    keys = {field.key for field in view.form.inputs()} if view.form else set()
    return keys.issuperset(REASON_FIELDS)


def _clocks(tx: Connection, view: queries.TaskView) -> list[tuple[Any, str, Any]]:
    """The clocks that press on this task: its own first, then the case's, each explained."""
    found = [
        clock
        for clock in clock_rows.of_case(tx, view.case_id)
        if clock.task_id in (None, view.task_id) and clock.status != "met"
    ]
    chosen = "zh-TW" if lang().startswith("zh") else "en"
    return [
        (clock, clock.explanation[chosen]["title"], clock.explanation[chosen]["steps"])
        for clock in sorted(found, key=lambda each: each.task_id is None)
    ]


def _reentry(view: queries.TaskView) -> str | None:
    """Where the matter's own form is opened, for a task that enters a paper (A2)."""
    if not reentries.is_of(view) or view.may_complete is not None:
        return None
    package_id = str(view.context["paper"]["matter"])
    return url_for("web.filing.start", package_id=package_id, reentry=view.task_id)


def _may_undo(view: queries.TaskView) -> bool:
    """Whether to offer it: just claimed. The verb judges whether anything was done meanwhile."""
    return view.is_clear and view.claimed_at is not None and now() < view.claimed_at + UNDO_WITHIN


def _written(value: Any) -> str:
    """A value of a comparison as people write it."""
    if isinstance(value, tuple):
        return say("list.comma").join(map(_written, value))
    return value.text(lang()) if isinstance(value, Label) else written(value, lang())
