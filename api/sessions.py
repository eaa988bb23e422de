"""Signing in and out, and replacing the password one was given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import request
from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.context import context
from api.doors import Call, limit, open_to_all, write
from api.errors import NotSignedIn
from api.shapes import Instant, Shape, always, texts
from engine import accounts, sessions
from engine.accounts import Refusal
from engine.errors import Rejected

blueprint = noun("sessions", "Signing in and out")


@dataclass(frozen=True, slots=True)
class SignIn:
    login: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewPassword:
    old_password: str = field(repr=False)
    password: str = field(repr=False)


class SignInShape(Shape):
    makes = SignIn
    login = fields.String(required=True, validate=validate.Length(1, 200))
    password = fields.String(required=True, validate=validate.Length(1, 1024))


class NewPasswordShape(Shape):
    makes = NewPassword
    old_password = fields.String(required=True, validate=validate.Length(1, 1024))
    password = fields.String(required=True, validate=validate.Length(1, 1024))


class NamedPersonShape(Shape):
    id = always(fields.UUID)
    name = always(fields.String)


class SessionShape(Shape):
    """`token` is told once. `must_change_password`: nothing else is open before that is done."""

    token = always(fields.String)
    account = always(fields.UUID)
    person = always(fields.Nested, NamedPersonShape)
    office = always(fields.String)
    groups = texts()
    must_change_password = always(fields.Boolean)
    ends_at = always(Instant)


@blueprint.post("/sessions")
@open_to_all("it is the door; accounts lock after five failures, sources are counted")
@blueprint.arguments(SignInShape)
@blueprint.response(201, SessionShape)
@blueprint.alt_response(401, "Problem401")
def sign_in(given: SignIn) -> Any:
    """Sign in.

    One answer for all failures. The account's other sessions end. A session ends 15 minutes after
    it was last used.
    """
    now = context().real_clock.now()
    limit(context().limits.sign_ins.wait_for(request.remote_addr or "?", now))
    answer = accounts.sign_in(context().db, given.login, given.password, now)
    if isinstance(answer, Refusal) or answer.account_id is None:
        raise NotSignedIn(accounts.REFUSED.code, accounts.REFUSED.en)
    with context().db.transaction() as tx:
        token = sessions.start(tx, answer.account_id, now)
        signed_in = sessions.find(tx, token, now)
    if signed_in is None:
        raise NotSignedIn(accounts.REFUSED.code, accounts.REFUSED.en)
    return {
        "token": token,
        "account": answer.account_id,
        "person": {"id": answer.person_id, "name": answer.name},
        "office": answer.office_id,
        "groups": sorted(answer.groups),
        "must_change_password": signed_in.must_change_password,
        "ends_at": signed_in.ends_at,
    }


@blueprint.delete("/sessions/current")
@write(first_password=True)
@blueprint.response(204)
def sign_out(call: Call) -> None:
    """Sign out."""
    sessions.end(call.tx, call.token, context().real_clock.now())


@blueprint.post("/sessions/current/password")
@write(first_password=True)
@blueprint.arguments(NewPasswordShape)
@blueprint.response(204)
def change_password(call: Call, given: NewPassword) -> None:
    """Replace one's own password.

    All sessions of the account end, this one too: sign in anew with the new password.
    """
    assert call.actor.account_id is not None  # a session belongs to an account  # noqa: S101
    wrong = accounts.change_password(
        call.tx,
        call.actor.account_id,
        given.old_password,
        given.password,
        context().real_clock.now(),
    )
    if wrong:
        raise Rejected("account.password", "The password was not changed", errors=wrong)
