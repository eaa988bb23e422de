"""The doors: every route is opened by `read`, `write` or `open_to_all`, which say who may pass.

A route without a door stops the start (`check_policies`). A door authenticates, opens the one
transaction of the request, and for unsafe calls keeps the answer under its Idempotency-Key in
that same transaction. The shape of a request is read behind the door, so that strangers learn
nothing about shapes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Flask, Response, request
from sqlalchemy import Connection
from werkzeug.exceptions import UnsupportedMediaType

from api.blueprints import View
from api.context import context
from api.errors import (
    MissingKey,
    NotSignedIn,
    PreconditionFailed,
    PreconditionRequired,
    TooManyCalls,
)
from api.strict_json import storable
from engine import idempotency, keys, sessions
from engine.actors import Actor
from engine.attachments import Prepared, prepare
from engine.errors import Forbidden, Rejected
from engine.files import pieces
from engine.sessions import SignedIn

ATTRIBUTE = "__huzheng_policy__"
_TABLE = "idempotency_keys"
FORM = "multipart/form-data"
_REST_OF_FORM = 1 << 20


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may pass. No `groups`: every signed-in person; what they may then do, the verb judges.

    `versioned` edits name the version they saw (If-Match); `tagged` answers carry an ETag.
    `public` says what protects a route without a session. `first_password` routes are open to
    somebody who has yet to replace the password they were given.
    """

    groups: frozenset[str] = frozenset()
    unsafe: bool = False
    versioned: bool = False
    tagged: bool = False
    public: str = ""
    first_password: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One request, past the door. `seen_version` is what If-Match says, on versioned edits.

    `afterwards` is done once the transaction has ended, and before anybody is answered.
    """

    tx: Connection
    actor: Actor
    now: datetime
    token: str
    seen_version: int = 0
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    def demand_version(self, version: int) -> None:
        """Raise PreconditionFailed unless the caller saw this version."""
        if version != self.seen_version:
            raise PreconditionFailed(
                "precondition.failed",
                f"Expected If-Match to name version {version}; look at it again first",
                version=version,
            )


def read(*groups: str, tagged: bool = False) -> Callable[[View], View]:
    """A safe route for members of `groups` (none given: every signed-in person)."""
    policy = Policy(frozenset(groups), tagged=tagged)

    def open_door(route: View) -> View:
        @wraps(route)
        def door(*args: Any, **ids: Any) -> Response:
            with context().db.transaction(read_only=True) as tx:
                token, signed_in = _admitted(tx, policy)
                call = Call(tx, signed_in.actor, context().clock.now(), token)
                answer: Response = route(call, *args, **ids)
            for each in call.afterwards:
                each()
            _note_use(token, signed_in)
            return _tagged(answer) if tagged else answer

        setattr(door, ATTRIBUTE, policy)
        return door

    return open_door


def write(
    *groups: str,
    versioned: bool = False,
    first_password: bool = False,
    before: Callable[..., None] | None = None,
) -> Callable[[View], View]:
    """An unsafe route: done once per Idempotency-Key, answered the same ever after.

    `before` does long work that only reads (and is remembered), for callers who may pass, so that
    the transaction that writes is short.
    """
    policy = Policy(
        frozenset(groups), unsafe=True, versioned=versioned, first_password=first_password
    )

    def open_door(route: View) -> View:
        @wraps(route)
        def door(*args: Any, **ids: Any) -> Response:
            afterwards: list[Callable[[], None]] = []
            if before is not None:
                with context().db.transaction(read_only=True) as tx:
                    token, signed_in = _admitted(tx, policy)
                    before(Call(tx, signed_in.actor, context().clock.now(), token), **ids)

            def work(tx: Connection) -> Response:
                afterwards.clear()  # a transaction that is tried again begins anew
                return _once(tx, policy, lambda call: route(call, *args, **ids), afterwards)

            answer = context().db.run(work)
            for each in afterwards:
                each()
            return answer

        setattr(door, ATTRIBUTE, policy)
        return door

    return open_door


def upload(*groups: str) -> Callable[[View], View]:
    """An unsafe route that takes a form with one `file`, of the size that the rules allow.

    The file is judged before the transaction: that may take a second, and nobody waits for it.
    """
    policy = Policy(frozenset(groups), unsafe=True)

    def open_door(route: View) -> View:
        @wraps(route)
        def door(*args: Any, **ids: Any) -> Response:
            with context().db.transaction(read_only=True) as tx:
                _admitted(tx, policy)  # strangers do not make us read files
            prepared = _one_file()
            return context().db.run(
                lambda tx: _once(tx, policy, lambda call: route(call, prepared, *args, **ids), [])
            )

        setattr(door, ATTRIBUTE, policy)
        return door

    return open_door


def _one_file() -> Prepared:
    rules = context().files
    request.max_content_length = 2 * rules.most_bytes + _REST_OF_FORM
    if request.mimetype != FORM:
        raise UnsupportedMediaType(f"Expected a body of the type {FORM}")
    given = request.files.getlist("file")
    if len(given) != 1 or not storable(given[0].filename or ""):
        raise Rejected("attachment.one", "Expected one file, in the field `file`")
    return prepare(given[0].filename or "", given[0].stream, rules)


def open_to_all(reason: str, *, tagged: bool = False) -> Callable[[View], View]:
    """A route without a session; `reason` says what protects it instead."""

    def mark(route: View) -> View:
        setattr(route, ATTRIBUTE, Policy(public=reason, tagged=tagged))
        return route

    return mark


def policy_of(view: View) -> Policy | None:
    """What the door of a route says."""
    return getattr(view, ATTRIBUTE, None)


def check_policies(app: Flask) -> None:
    """Stop the start if a route has no door."""
    for rule in app.url_map.iter_rules():
        if policy_of(app.view_functions[rule.endpoint]) is None:
            raise RuntimeError(f"The route {rule.rule} says nothing about who may use it")


# --- who ----------------------------------------------------------------------------------------


def _admitted(tx: Connection, policy: Policy) -> tuple[str, SignedIn]:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    now = context().real_clock.now()
    signed_in = sessions.find(tx, token, now) if scheme.lower() == "bearer" and token else None
    if signed_in is None:
        raise NotSignedIn("session.none", "Expected a living session; sign in at /api/v1/sessions")
    actor = signed_in.actor
    limit(context().limits.calls.wait_for(str(actor.account_id), now))
    if signed_in.must_change_password and not policy.first_password:
        raise Forbidden(
            "account.must_change_password",
            "Replace the password you were given first: POST /api/v1/sessions/current/password",
        )
    if policy.groups and not actor.groups & policy.groups:
        listed = " or ".join(sorted(policy.groups))
        raise Forbidden("policy.group", f"Expected a member of {listed}, but you are not one")
    return token, signed_in


def limit(seconds: int) -> None:
    """Raise TooManyCalls if somebody has to wait."""
    if seconds:
        raise TooManyCalls(
            "limit.exceeded", f"Too many calls; wait for {seconds} seconds", seconds=seconds
        )


def _note_use(token: str, signed_in: SignedIn) -> None:
    """Keep the session of somebody who only reads alive: one small write a minute."""
    now = context().real_clock.now()
    if signed_in.wants_touch(now):
        with context().db.transaction() as tx:
            sessions.touch(tx, token, now)


# --- once ---------------------------------------------------------------------------------------


def _once(
    tx: Connection,
    policy: Policy,
    route: Callable[[Call], Response],
    afterwards: list[Callable[[], None]],
) -> Response:
    token, signed_in = _admitted(tx, policy)
    actor, real_now = signed_in.actor, context().real_clock.now()
    asked = idempotency.Call(str(actor.account_id), _key(), _hash(), actor.office_id)
    stored = idempotency.recall(tx, asked.principal, asked.key, asked.request_hash)
    if stored is not None:
        return _again(tx, actor.office_id, stored)
    if signed_in.wants_touch(real_now):
        sessions.touch(tx, token, real_now)
    seen = _seen_version() if policy.versioned else 0
    answer = _bare(route(Call(tx, actor, context().clock.now(), token, seen, afterwards)))
    idempotency.keep(tx, asked, _kept(tx, actor.office_id, answer), real_now)
    return answer


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise MissingKey(
            "idempotency.key_missing", "Expected an Idempotency-Key header; make a UUID per deed"
        )
    return key


def _hash() -> str:
    query = request.query_string.decode("latin-1")
    # What the caller saw is part of what was asked: the same body on another version is another.
    seen = request.headers.get("If-Match", "").encode()
    body = (_form_digest() if request.mimetype == FORM else request.get_data()) + b"\n" + seen
    return idempotency.hash_request(request.method, request.path, body, query)


def _form_digest() -> bytes:
    """What a form with files says, without ever holding a file."""
    digest = hashlib.sha256(repr(sorted(request.form.items(multi=True), key=repr)).encode())
    for name, file in sorted(request.files.items(multi=True), key=lambda each: repr(each[0])):
        digest.update(f"{name} {file.filename}".encode())
        for piece in pieces(file.stream):
            digest.update(piece)
        file.stream.seek(0)
    return digest.digest()


def _kept(tx: Connection, office_id: str, answer: Response) -> idempotency.Stored:
    """An answer may hold personal data or a receipt's secret, so it is kept sealed."""
    headers = {name: value for name, value in answer.headers if name != "Content-Length"}
    sealed = keys.seal_for_office(tx, office_id, _TABLE, answer.get_data())
    return idempotency.Stored(answer.status_code, headers, sealed)


def _again(tx: Connection, office_id: str, stored: idempotency.Stored) -> Response:
    body = keys.open_for_office(tx, office_id, _TABLE, stored.body)
    answer = Response(body, stored.status_code, dict(stored.headers))
    answer.headers["Idempotent-Replay"] = "true"
    return _bare(answer)


def _bare(answer: Response) -> Response:
    """A 204 has neither body nor type."""
    if answer.status_code == 204:
        answer.set_data(b"")
        answer.headers.pop("Content-Type", None)
    return answer


# --- versions -----------------------------------------------------------------------------------


def version_tag(version: int) -> dict[str, str]:
    """The header that tells a `tagged` route's version."""
    return {"ETag": f'"{version}"'}


def _seen_version() -> int:
    """The version named by If-Match, as `"7"` or as the whole ETag `"7-…"`."""
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise PreconditionRequired(
            "precondition.required", 'Expected If-Match: "<version>" with the version you saw'
        )
    text = header.removeprefix("W/").strip('"').partition("-")[0]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise PreconditionFailed(
            "precondition.failed", "Expected a version number in If-Match, but got something else"
        )
    return int(text)


def _tagged(answer: Response) -> Response:
    """Complete the ETag, and answer 304 to somebody who has the very same.

    A case's page also shows what moves without a new version (its clocks, its notifications, the
    hour it became overdue), so the tag is the version and a digest of what is sent.
    """
    version, _ = answer.get_etag()
    if version is not None:
        digest = hashlib.sha256(answer.get_data()).hexdigest()[:16]
        answer.set_etag(f"{version}-{digest}")
        answer.make_conditional(request)
    return answer
