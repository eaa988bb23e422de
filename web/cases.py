"""A case: where it stands and why, what is told of it, and acts on it as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from agencies.directory import DIRECTORY
from engine import cases, history, queries
from engine.errors import EngineError, Rejected
from web.case_diagram import process_tabs
from web.deeds import settle
from web.errors import sentence, status_of
from web.forms import written
from web.pages import page
from web.policies import CASES, HANDLING, SUPERVISION, policy
from web.visits import actor, context, lang, now, reading

blueprint = Blueprint("cases", __name__)
LAST_EVENTS = 15


@blueprint.get("/cases/<uuid:case_id>")
@policy(CASES)
def show(case_id: UUID) -> ResponseReturnValue:
    return _case(case_id)


@blueprint.post("/cases/<uuid:case_id>/reveal")
@policy(HANDLING)
def reveal(case_id: UUID) -> ResponseReturnValue:
    """Show the ticked fields in clear on this one page; who looked and why is written first."""
    paths, purpose = request.form.getlist("path"), request.form.get("purpose", "").strip()
    try:
        if not paths:
            raise Rejected("reveal.paths", "Name the fields to see")
        with context().db.transaction() as tx:
            clear = cases.reveal(tx, case_id, paths, purpose, actor(), now())
    except EngineError as refused:
        return _case(case_id, told=("reveal", refused))
    return _case(case_id, clear={path: written(value, lang()) for path, value in clear.items()})


@blueprint.post("/cases/<uuid:case_id>/notes")
@policy(HANDLING)
def annotate(case_id: UUID) -> ResponseReturnValue:
    text = request.form.get("text", "")
    return _act(
        case_id,
        "annotate",
        "case.annotated",
        lambda tx, at: cases.annotate(tx, case_id, text, actor(), at),
    )


@blueprint.post("/cases/<uuid:case_id>/withdraw")
@policy(HANDLING)
def withdraw(case_id: UUID) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()
    return _act(
        case_id,
        "withdraw",
        "case.withdrawn",
        lambda tx, at: cases.withdraw(tx, case_id, reason, actor(), at),
    )


@blueprint.post("/cases/<uuid:case_id>/suspend")
@policy(SUPERVISION)
def suspend(case_id: UUID) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()
    return _act(
        case_id,
        "suspend",
        "case.suspended",
        lambda tx, at: cases.suspend(tx, case_id, reason, actor(), at),
    )


@blueprint.post("/cases/<uuid:case_id>/resume")
@policy(SUPERVISION)
def resume(case_id: UUID) -> ResponseReturnValue:
    return _act(
        case_id, "resume", "case.resumed", lambda tx, at: cases.resume(tx, case_id, actor(), at)
    )


def _act(
    case_id: UUID, name: str, done: str, verb: Callable[[Connection, datetime], None]
) -> ResponseReturnValue:
    """Do the verb and come back to the case, with the refusal beside the act if there is one."""

    def deed(tx: Connection, at: datetime) -> str:
        verb(tx, at)
        return url_for("web.cases.show", case_id=case_id)

    try:
        return settle(deed, done)
    except EngineError as refused:
        return _case(case_id, told=(name, refused))


def _case(
    case_id: UUID,
    clear: dict[str, str] | None = None,
    told: tuple[str, EngineError] | None = None,
) -> Response:
    with reading() as tx:
        view = queries.case_view(tx, case_id, actor(), now())
        tabs = process_tabs(tx, case_id)
        wanted = request.args.get("process")
        return page(
            tx,
            "case.html",
            status=status_of(told[1]) if told else 200,
            case=view,
            row=view.row,
            clear=clear or {},
            refused=told[0] if told else "",
            told=sentence(told[1]) if told else "",
            tabs=tabs,
            process_id=next(
                (tab.process_id for tab in tabs if tab.process_id == wanted), tabs[0].process_id
            ),
            explained=_explained(view),
            masked=[(item, written(item.masked, lang())) for item in view.data],
            agencies=DIRECTORY,
            story=_story(view),
        )


@dataclass(frozen=True, slots=True)
class Story:
    """The history, the newest first: the last lines, the whole story, or every detail."""

    events: tuple[history.HistoryEvent, ...]
    which: str
    length: int  # of the whole story


def _story(view: queries.CaseView) -> Story:
    which = request.args.get("history", "last")
    told = [event for event in reversed(view.timeline) if not event.routine]
    if which == "all":
        return Story(tuple(reversed(view.timeline)), which, len(told))
    return Story(tuple(told if which == "story" else told[:LAST_EVENTS]), which, len(told))


def _explained(view: queries.CaseView) -> list[tuple[Any, str, list[dict[str, Any]]]]:
    chosen = "zh-TW" if lang().startswith("zh") else "en"
    return [
        (clock, clock.explanation[chosen]["title"], clock.explanation[chosen]["steps"])
        for clock in view.clocks
    ]
