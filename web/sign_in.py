"""Signing in and out, the password, the language."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from engine import accounts, sessions
from engine.accounts import Refusal
from engine.actors import Actor
from web.demo_office import office as demo_office
from web.demo_office.office import DemoLogin
from web.menu import first_desk
from web.pages import bare_page, page
from web.policies import PUBLIC, SIGNED_IN, policy
from web.texts import LANGUAGES
from web.visits import (
    LANGUAGE_COOKIE,
    SAFE,
    actor,
    context,
    lang,
    reading,
    say,
    session_cookie_name,
    visit,
)

blueprint = Blueprint("sign_in", __name__)
_YEAR = 365 * 24 * 3600


@blueprint.get("/")
@policy(SIGNED_IN)
def start() -> ResponseReturnValue:
    return redirect(url_for(first_desk(actor()).endpoint), 303)


@blueprint.get("/sign-in")
@policy(PUBLIC)
def sign_in() -> ResponseReturnValue:
    if visit().signed_in is not None:
        return redirect(url_for("web.sign_in.start"), 303)
    return _form(200)


@blueprint.post("/sign-in")
@policy(PUBLIC)
def try_sign_in() -> ResponseReturnValue:
    """The lock after five failures is counted in the database; every refusal sounds the same."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    answer = accounts.sign_in(context().db, login, password, context().wall_clock.now())
    if isinstance(answer, Refusal):
        return _form(422, refusal=answer.text(lang()), login=login)
    return _let_in(answer)


@blueprint.post("/demo-sign-in")
@policy(PUBLIC)
def demo_sign_in() -> ResponseReturnValue:
    """Sign in as a fictional person by a button: only a demo has such people."""
    wanted = request.form.get("login", "")
    if wanted not in {login.login for login in _demo_logins()}:
        raise BadRequest
    answer = accounts.sign_in(
        context().db, wanted, demo_office.PASSWORD, context().wall_clock.now()
    )
    if isinstance(answer, Refusal):
        return _form(422, refusal=answer.text(lang()))
    return _let_in(answer)


@blueprint.post("/sign-out")
@policy(SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    token = request.cookies.get(session_cookie_name(), "")
    with context().db.transaction() as tx:
        sessions.end(tx, token, context().wall_clock.now())
    session.clear()
    flash(say("sign_in.signed_out"), "done")
    response = redirect(url_for("web.sign_in.sign_in"), 303)
    response.delete_cookie(session_cookie_name(), secure=context().is_https, httponly=True)
    return response


@blueprint.post("/language")
@policy(PUBLIC)
def language() -> ResponseReturnValue:
    """Remember the language and go back to the page it was chosen on."""
    wanted = request.form.get("lang")
    if wanted not in LANGUAGES:
        raise BadRequest
    response = redirect(local_address(request.form.get("back")), 303)
    response.set_cookie(
        LANGUAGE_COOKIE,
        wanted,
        max_age=_YEAR,
        secure=context().is_https,
        httponly=True,
        samesite="Strict",
    )
    return response


@blueprint.route("/password", methods=["GET", "POST"])
@policy(SIGNED_IN)
def password() -> ResponseReturnValue:
    """Change one's own password; all sessions end, so one signs in anew with it."""
    errors: dict[str, str] = {}
    if request.method not in SAFE:
        errors = _changed_password()
        if not errors:
            flash(say("password.changed"), "done")
            return redirect(url_for("web.sign_in.sign_in"), 303)
    with reading() as tx:
        signed_in = visit().signed_in
        forced = signed_in is not None and signed_in.must_change_password
        return page(
            tx, "password.html", status=422 if errors else 200, errors=errors, forced=forced
        )


def _changed_password() -> dict[str, str]:
    """Try the change. Returns what is wrong by field; nothing if it is done."""
    new = request.form.get("password", "")
    if new != request.form.get("again", ""):
        return {"again": say("password.differ")}
    account_id = actor().account_id
    if account_id is None:
        raise BadRequest
    with context().db.transaction() as tx:
        found = accounts.change_password(
            tx, account_id, request.form.get("old_password", ""), new, context().wall_clock.now()
        )
    return {error.path: error.text(lang()) for error in reversed(found)}


def _let_in(who: Actor) -> Response:
    """Begin a session under a new token; what the browser had before is forgotten."""
    if who.account_id is None:
        raise BadRequest
    with context().db.transaction() as tx:
        token = sessions.start(tx, who.account_id, context().wall_clock.now())
    session.clear()
    response = redirect(local_address(request.form.get("back")), 303)
    response.set_cookie(
        session_cookie_name(),
        token,
        secure=context().is_https,
        httponly=True,
        samesite="Strict",
        path="/",
    )
    return response


def _form(status: int, refusal: str | None = None, login: str = "") -> Response:
    back = request.form.get("back") or request.args.get("back")
    return bare_page(
        "sign_in.html",
        status=status,
        refusal=refusal,
        login=login,
        back=local_address(back),
        goes_on=local_address(back) != url_for("web.sign_in.start"),
        demo_logins=_demo_logins(),
    )


def _demo_logins() -> tuple[DemoLogin, ...]:
    return demo_office.LOGINS if context().demo else ()


def local_address(address: str | None) -> str:
    """An address of ours, or the start page: nobody is sent to another site."""
    start_page = url_for("web.sign_in.start")
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return start_page
    parts = urlsplit(address)
    return start_page if parts.scheme or parts.netloc else address
