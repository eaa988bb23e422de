"""Drafts at the counter: kept while one types, by a button, and never over another window's work.

A window names itself and the version it saw. What a second window saved meanwhile is shown beside
what stands here, and somebody chooses; what this window itself saved while typing is no conflict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from engine import deployments, filing_drafts
from engine.errors import EngineError
from engine.filing_drafts import Draft, Moved
from engine.forms import Form
from engine.manifests import Paper
from web import dates
from web.deeds import KEY_FIELD, new_key, settle
from web.errors import sentence
from web.forms import REFRESH
from web.pages import bare_page, page
from web.policies import HANDLING, policy
from web.visits import actor, context, lang, now, reading, say

blueprint = Blueprint("draft_windows", __name__)
WINDOW, DRAFT, VERSION, ACT = "window", "draft", "draft_version", "act"
_NOT_KEPT = frozenset({KEY_FIELD, "csrf_token", DRAFT, VERSION, ACT, REFRESH})


@dataclass(frozen=True, slots=True)
class Window:
    """Which window of which draft a form came from, and the version it shows (0: never saved)."""

    draft_id: UUID
    version: int
    name: str

    @classmethod
    def fresh(cls) -> Window:
        return cls(uuid4(), 0, new_key())

    @classmethod
    def sent(cls) -> Window:
        """The window of the form that was sent; a fresh one where its fields are missing."""
        version = request.form.get(VERSION, "")
        try:
            draft_id = UUID(request.form.get(DRAFT, ""))
        except ValueError:
            return cls.fresh()
        number = int(version) if version.isdecimal() and len(version) < 9 else 0
        return cls(draft_id, number, request.form.get(WINDOW, ""))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows beside the form's own fields."""

    window: Window
    saved_at: datetime | None = None
    told: str | None = None
    missing: tuple[Paper, ...] = ()
    ended: Mapping[str, Any] | None = None  # of a draft that has become a case meanwhile


@blueprint.post("/counter/<package_id>/draft")
@policy(HANDLING)
def autosave(package_id: str) -> ResponseReturnValue:
    """Keep what is typed, without a word but the time; answers the line that says so."""
    window = Window.sent()
    try:
        saved = context().db.run(lambda tx: save(tx, package_id, window))
    except EngineError as refused:
        told = Shown(window, told=sentence(refused), **case_of(refused))
        return bare_page(
            "draft_state.html", shown=told, moved=isinstance(refused, Moved), time=dates.time_text
        )
    kept = Window(saved.id, saved.version, window.name)
    answer = bare_page(
        "draft_state.html", shown=Shown(kept, saved.saved_at), moved=False, time=dates.time_text
    )
    here = url_for("web.filing.start", package_id=package_id, draft=saved.id)
    answer.headers["HX-Replace-Url"] = here  # a reload finds the draft
    return answer


@blueprint.post("/counter/drafts/<uuid:draft_id>/discard")
@policy(HANDLING)
def discard(draft_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        filing_drafts.discard(tx, draft_id, actor(), at)
        return url_for("web.counter.choose")

    return settle(deed, "draft.discarded")


# --- saving and comparing ----------------------------------------------------------------------


def save(tx: Connection, package_id: str, window: Window) -> Draft:
    loaded = deployments.active(tx, actor().office_id, package_id)
    name = request.form.get(loaded.package.subject_name)
    draft = Draft(window.draft_id, package_id, window.version, now(), typed_fields())
    try:
        return filing_drafts.save(tx, draft, actor(), now(), name=name)
    except Moved as moved:
        if not is_ours(moved.saved, window):
            raise
        mine = Draft(draft.id, package_id, moved.saved.version, now(), draft.fields)
        return filing_drafts.save(tx, mine, actor(), now(), name=name)


def typed_fields() -> dict[str, list[str]]:
    return {name: typed for name, typed in request.form.lists() if name not in _NOT_KEPT}


def is_ours(saved: Draft, window: Window) -> bool:
    """Whether the newer save came from the same window: typing overtook itself."""
    return bool(window.name) and list(saved.fields.get(WINDOW, ())) == [window.name]


def case_of(refused: EngineError) -> dict[str, Any]:
    return {"ended": refused.facts} if refused.code == "draft.filed" else {}


def compare(package_id: str, moved: Moved, act: str) -> Response:
    """Both windows side by side, where they differ; nothing is saved before somebody chooses."""
    with reading() as tx:
        loaded = deployments.active(tx, actor().office_id, package_id)
        return page(
            tx,
            "draft_conflict.html",
            status=409,
            package=loaded.package,
            saved=moved.saved,
            rows=_differences(loaded.forms[str(loaded.package.start_form)], moved.saved),
            mine=[(name, each) for name, all_ in typed_fields().items() for each in all_],
            act=act,
            time=dates.time_text,
        )


def _differences(form: Form, saved: Draft) -> list[tuple[str, str, str]]:
    """(label, here, there) of every field in which the two differ, as people read it."""
    here = MultiDict[str, str]((n, each) for n, all_ in typed_fields().items() for each in all_)
    there = MultiDict[str, str]((n, each) for n, all_ in saved.fields.items() for each in all_)
    one, other = (_texts(form, each) for each in (here, there))
    labels = {str(field.key): field.label.text(lang()) for field in form.inputs()}
    return [
        (label, one.get(key, ""), other.get(key, ""))
        for key, label in labels.items()
        if one.get(key, "") != other.get(key, "")
    ]


def _texts(form: Form, typed: MultiDict[str, str]) -> dict[str, str]:
    comma = say("list.comma")
    labels = {
        (
            str(field.key),
            str(option.value).lower() if isinstance(option.value, bool) else str(option.value),
        ): option.label.text(lang())
        for field in form.inputs()
        for option in field.options
    }
    return {
        name: comma.join(labels.get((name, each), each) for each in typed.getlist(name))
        for name in typed
    }
