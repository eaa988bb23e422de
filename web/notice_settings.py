"""How I am told of what: one's own choices, with the duties that cannot be switched off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import notice_choices
from engine.errors import EngineError, Rejected
from engine.notice_kinds import KINDS, Email, Way
from web.deeds import settle
from web.errors import sentence, status_of
from web.pages import page
from web.policies import SIGNED_IN, SUPERVISION, policy
from web.visits import actor, context, reading

blueprint = Blueprint("notice_settings", __name__)
Errors = Sequence[tuple[str, str]]


@blueprint.get("/notifications/settings")
@policy(SIGNED_IN)
def mine() -> ResponseReturnValue:
    """How I am told of what, with the duties that cannot be switched off."""
    return _mine()


@blueprint.post("/notifications/settings")
@policy(SIGNED_IN)
def choose() -> ResponseReturnValue:
    """Save my choices, all of them or none."""
    try:
        ways = {name: _way(name) for name in KINDS}

        def deed(tx: Connection, at: datetime) -> str:
            notice_choices.choose(tx, ways, actor(), at)
            notice_choices.choose_language(tx, request.form.get("language", ""), actor(), at)
            return url_for("web.notice_settings.mine")

        return settle(deed, "notice_settings.saved")
    except EngineError as refused:
        return _mine([("choices", sentence(refused))], status_of(refused))


def _mine(errors: Errors = (), status: int = 200) -> Response:
    with reading() as tx:
        return page(
            tx,
            "notice_settings.html",
            status=status,
            choices=notice_choices.choices_of(tx, actor()),
            reader=notice_choices.reader(tx, actor()),
            ways=tuple(Email),
            mail_languages=notice_choices.LANGUAGES,
            has_mail=context().mail,
            may_set_office=SUPERVISION.admits(actor()),
            errors=errors,
        )


def _way(kind: str) -> Way:
    """One line of the form. What a duty holds on is not sent by the browser, so it stays on."""
    wanted = request.form.get(f"email.{kind}", KINDS[kind].usual.email)
    try:
        email = Email(wanted)
    except ValueError as wrong:
        raise Rejected("notice_choice.kind", f"Expected off, now or daily for {kind}") from wrong
    in_app = KINDS[kind].in_app_owed or f"in_app.{kind}" in request.form
    return Way(in_app, email)
