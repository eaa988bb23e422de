"""How the pages look and listen to keys, for this browser: light or dark, single keys on or off."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from web.pages import KEYS_COOKIE, THEME_COOKIE, THEMES, page
from web.policies import PUBLIC, SIGNED_IN, policy
from web.sign_in import local_address
from web.visits import context, reading, say

blueprint = Blueprint("appearance", __name__)
_YEAR = 365 * 24 * 3600
KEYS = (
    ("/", "search"),
    ("?", "help"),
    ("j", "next_row"),
    ("k", "row_before"),
    ("x", "tick_row"),
    ("Enter", "open_row"),
    ("n", "take_next"),
    ("a", "approve"),
    ("c", "correct"),
    ("r", "send_back"),
    ("d", "doubt"),
    ("s", "to_several"),
    ("f", "filters"),
    ("v", "views"),
    ("Esc", "close"),
)


@blueprint.post("/theme")
@policy(PUBLIC)
def choose_theme() -> ResponseReturnValue:
    """Remember light, dark or as the system has it, and go back to the page."""
    wanted = request.form.get("theme", "")
    if wanted not in THEMES:
        raise BadRequest
    response = redirect(local_address(request.form.get("back")), 303)
    return _remember(response, THEME_COOKIE, wanted)


@blueprint.get("/keys")
@policy(SIGNED_IN)
def shortcuts() -> ResponseReturnValue:
    """All keys, and the switch for single keys that WCAG 2.1.4 asks for."""
    with reading() as tx:
        return page(tx, "keys.html", keys=KEYS)


@blueprint.post("/keys")
@policy(SIGNED_IN)
def choose_shortcuts() -> ResponseReturnValue:
    wanted = request.form.get("keys", "")
    if wanted not in ("on", "off"):
        raise BadRequest
    flash(say("keys.saved"), "done")
    response = redirect(url_for("web.appearance.shortcuts"), 303)
    return _remember(response, KEYS_COOKIE, wanted)


def _remember(response: Response, cookie: str, value: str) -> Response:
    response.set_cookie(
        cookie,
        value,
        max_age=_YEAR,
        secure=context().is_https,
        httponly=True,
        samesite="Strict",
    )
    return response
