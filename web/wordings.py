"""The office's own words for its notices: what holds, who changed it, and the form to change it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import plainness, wording_choices, wordings
from engine.actors import OFFICE_KEEPERS
from engine.errors import EngineError, Rejected
from engine.wording_choices import Change
from engine.wordings import LANGUAGES, Text
from web.deeds import settle
from web.errors import sentence, status_of
from web.pages import page
from web.policies import OPERATION, policy
from web.visits import actor, reading

blueprint = Blueprint("wordings", __name__)


@blueprint.get("/wordings")
@policy(OPERATION)
def index() -> ResponseReturnValue:
    """Every kind of notice, with whose words it is written in."""
    with reading() as tx:
        return page(tx, "wordings.html", choices=wording_choices.choices(tx, actor()))


@blueprint.get("/wordings/<kind>")
@policy(OPERATION)
def show(kind: str) -> ResponseReturnValue:
    """The text of one kind, its fields, its versions."""
    return _show(kind)


@blueprint.post("/wordings/<kind>")
@policy(OPERATION)
def save(kind: str) -> ResponseReturnValue:
    """Save the office's own text; one with an unknown field is refused, naming it."""
    return _choose(kind, _entered)


@blueprint.post("/wordings/<kind>/shipped")
@policy(OPERATION)
def take_back(kind: str) -> ResponseReturnValue:
    """Write this kind in the words it came with again."""
    return _choose(kind, lambda: None)


def _choose(kind: str, text: Any) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        change = Change(kind, text(), _seen(), request.form.get("reason", ""))
        wording_choices.choose(tx, change, actor(), at)
        return url_for("web.wordings.show", kind=kind)

    try:
        return settle(deed, "wording.saved")
    except EngineError as refused:
        return _show(kind, refused)


def _show(kind: str, why: EngineError | None = None) -> Response:
    with reading() as tx:
        found = wording_choices.choice(tx, kind, actor())
        return page(
            tx,
            "wording.html",
            status=status_of(why) if why else 200,
            choice=found,
            versions=wording_choices.versions(tx, kind, actor()),
            entered=request.form if why else _form_of(found.text),
            languages_of=LANGUAGES,
            common=wordings.COMMON,
            may_change=bool(actor().groups & OFFICE_KEEPERS),
            told=sentence(why) if why else "",
            hard=tuple(plainness.of_notice(kind, found.text)),
        )


def _form_of(text: Text) -> Mapping[str, str]:
    found = {}
    for language in LANGUAGES:
        found[f"title.{language}"] = text.title[language]
        found[f"body.{language}"] = text.body[language]
        found[f"basis.{language}"] = "\n".join(each[language] for each in text.basis)
    return found


def _entered() -> Text:
    """The text as typed. Raises Rejected where the grounds of the languages do not pair."""
    form = {name: typed.replace("\r\n", "\n") for name, typed in request.form.items()}
    grounds = [
        [line.strip() for line in form.get(f"basis.{language}", "").splitlines() if line.strip()]
        for language in LANGUAGES
    ]
    if len({len(each) for each in grounds}) != 1:
        raise Rejected(
            "wording.basis", "Expected as many lines of the legal basis in both languages"
        )
    return Text(
        {language: form.get(f"title.{language}", "").strip() for language in LANGUAGES},
        tuple(dict(zip(LANGUAGES, pair, strict=True)) for pair in zip(*grounds, strict=True)),
        {language: form.get(f"body.{language}", "") for language in LANGUAGES},
    )


def _seen() -> int:
    seen = request.form.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdecimal() else -1
