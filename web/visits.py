"""A visit: one request, who makes it, in which language, at which moment. Set before each view."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Connection
from werkzeug.exceptions import Forbidden

from engine import sessions
from engine.actors import Actor
from engine.sessions import SignedIn
from web.context import WebContext
from web.policies import largest_body, policy_of
from web.texts import LANGUAGES, best_language, text

EXTENSION = "huzheng_web"
LANGUAGE_COOKIE = "huzheng-lang"
POLL_HEADER = "X-Huzheng-Poll"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_WITH_OLD_PASSWORD = frozenset({"web.sign_in.password", "web.sign_in.sign_out"})

csrf = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Visit:
    """`now` is the office's time (aware UTC), the one moment the whole request is judged at."""

    context: WebContext
    lang: str
    now: datetime
    signed_in: SignedIn | None = None


def context() -> WebContext:
    found: WebContext = current_app.extensions[EXTENSION]
    return found


def visit() -> Visit:
    """The present visit; outside a routed request (an unknown address) one of a stranger."""
    found: Visit | None = g.get("visit")
    if found is None:
        found = g.visit = Visit(context(), _language(), context().clock.now())
    return found


def actor() -> Actor:
    """Who is signed in. Views with a policy other than PUBLIC have one."""
    signed_in = visit().signed_in
    if signed_in is None:
        raise Forbidden
    return signed_in.actor


def as_stranger(wanted_language: str | None) -> None:
    """Go on as somebody nobody knows, in the language that the address names: for pages that any
    cache may keep."""
    now_here = visit()
    spoken = wanted_language if wanted_language in LANGUAGES else now_here.lang
    g.visit = replace(now_here, lang=spoken, signed_in=None)


def lang() -> str:
    return visit().lang


def now() -> datetime:
    return visit().now


def say(key: str, **facts: Any) -> str:
    """A text of the catalogue in the visitor's language."""
    return text(lang(), key, **facts)


@contextmanager
def reading() -> Iterator[Connection]:
    """A transaction that only reads."""
    with context().db.transaction(read_only=True) as tx:
        yield tx


def session_cookie_name() -> str:
    """The `__Host-` prefix binds the cookie to this host, where there is TLS to carry it."""
    return "__Host-huzheng" if context().is_https else "huzheng-session"


def begin_visit() -> ResponseReturnValue | None:
    """Before every view: who, may they, and was the form ours?"""
    if request.endpoint == "web.assets.static":
        return None
    g.visit = Visit(context(), _language(), context().clock.now(), _signed_in())
    view = current_app.view_functions.get(request.endpoint or "")
    rule = policy_of(view)
    request.max_content_length = largest_body(view, context().files.most_bytes)
    if request.method not in SAFE:
        csrf.protect()
    if rule is None:
        raise Forbidden
    signed_in = g.visit.signed_in
    if rule.admits(signed_in.actor if signed_in else None):
        return _password_first(signed_in, public=rule.public)
    if signed_in is None and is_poll():
        return "", 401  # the page is open; it tells that the sign-in has expired, and stays
    if signed_in is None:
        back = request.full_path.rstrip("?") if request.method in SAFE else None
        return redirect(url_for("web.sign_in.sign_in", back=back), 303)
    raise Forbidden


def _password_first(signed_in: SignedIn | None, *, public: bool) -> ResponseReturnValue | None:
    if signed_in is None or public or not signed_in.must_change_password:
        return None
    if request.endpoint in OPEN_WITH_OLD_PASSWORD:
        return None
    return redirect(url_for("web.sign_in.password"), 303)


def is_poll() -> bool:
    """Say whether an open page asks by itself, not somebody who goes to a page."""
    return POLL_HEADER in request.headers


def is_attended() -> bool:
    """Say whether somebody sits there: a poll tells `active` if they have typed or pointed."""
    return request.headers.get(POLL_HEADER, "active") == "active"


def _signed_in() -> SignedIn | None:
    token = request.cookies.get(session_cookie_name())
    if not token:
        return None
    moment = context().wall_clock.now()
    with reading() as tx:
        found = sessions.find(tx, token, moment)
    if found is not None and found.wants_touch(moment) and is_attended():
        with context().db.transaction() as tx:
            sessions.touch(tx, token, moment)
    return found


def _language() -> str:
    wanted = request.cookies.get(LANGUAGE_COOKIE)
    return best_language(wanted, request.headers.get("Accept-Language"))
