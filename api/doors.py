"""The doors: every route is opened by `read` or `write`, which say who may pass.

A route without a door stops the start (`check_policies`). A door authenticates, opens the one
transaction of the request, and for unsafe calls keeps the answer under its Idempotency-Key in
that same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any

import orjson
from flask import Flask, Response, g, request
from sqlalchemy import Connection

from api.context import context
from api.errors import MissingKey, NotSignedIn, PreconditionFailed, PreconditionRequired
from engine import idempotency, sessions
from engine.actors import Actor
from engine.errors import Forbidden

EVERYONE = frozenset({"*"})  # every signed-in person
POLICY = "__huzheng_policy__"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, past the door."""

    tx: Connection
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route answers; `body` is plain JSON material."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Route = Callable[..., Answer]


def read(*groups: str) -> Callable[[Route], Callable[..., Response]]:
    """A safe route for members of `groups` (none given: every signed-in person)."""

    def open_door(route: Route) -> Callable[..., Response]:
        @wraps(route)
        def door(*args: Any, **kwargs: Any) -> Response:
            with context().db.transaction(read_only=True) as tx:
                actor = _actor(tx, groups)
                answer = route(Call(tx, actor, context().clock.now()), *args, **kwargs)
            return _not_modified(_response(answer))

        setattr(door, POLICY, groups or tuple(EVERYONE))
        return door

    return open_door


def write(*groups: str) -> Callable[[Route], Callable[..., Response]]:
    """An unsafe route: done once per Idempotency-Key, answered the same ever after."""

    def open_door(route: Route) -> Callable[..., Response]:
        @wraps(route)
        def door(*args: Any, **kwargs: Any) -> Response:
            return context().db.run(lambda tx: _once(tx, groups, route, args, kwargs))

        setattr(door, POLICY, groups or tuple(EVERYONE))
        return door

    return open_door


def open_to_all(reason: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A route without a session; `reason` says what protects it instead."""

    def mark(route: Callable[..., Any]) -> Callable[..., Any]:
        setattr(route, POLICY, ("public", reason))
        return route

    return mark


def expected_version() -> int:
    """The version named by If-Match. Raises PreconditionRequired if there is none."""
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise PreconditionRequired(
            "precondition.required", 'Expected If-Match: "<version>" with the version you saw'
        )
    text = header.removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise PreconditionFailed(
            "precondition.failed", f"Expected a version number in If-Match, but got {header!r}"
        )
    return int(text)


def check_policies(app: Flask, prefix: str) -> None:
    """Stop the start if a route under `prefix` has no door."""
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(prefix):
            continue
        view = app.view_functions[rule.endpoint]
        if not (hasattr(view, POLICY) or rule.endpoint in _DOCUMENTS):
            raise RuntimeError(f"The route {rule.rule} says nothing about who may use it")


_DOCUMENTS = frozenset({"api-docs.openapi_json"})


def _once(
    tx: Connection, groups: tuple[str, ...], route: Route, args: Any, kwargs: Any
) -> Response:
    actor = _actor(tx, groups)
    call = idempotency.Call(str(actor.account_id), _key(), _hash(), actor.office_id)
    stored = idempotency.recall(tx, call.principal, call.key, call.request_hash)
    if stored is not None:
        replayed = Response(stored.body, stored.status_code, dict(stored.headers))
        replayed.headers["Idempotent-Replay"] = "true"
        return replayed
    now = context().clock.now()
    answer = _response(route(Call(tx, actor, now), *args, **kwargs))
    headers = {name: value for name, value in answer.headers if name != "Content-Length"}
    idempotency.keep(
        tx,
        call,
        idempotency.Stored(answer.status_code, headers, answer.get_data()),
        context().real_clock.now(),
    )
    return answer


def _actor(tx: Connection, groups: tuple[str, ...]) -> Actor:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    actor = None
    if scheme.lower() == "bearer" and token:
        actor = sessions.actor_for(tx, token, context().real_clock.now())
    if actor is None:
        raise NotSignedIn("session.none", "Expected a living session; sign in at /api/v1/sessions")
    g.actor = actor
    if groups and not actor.groups & frozenset(groups):
        raise Forbidden(
            "policy.group", f"Expected a member of {' or '.join(groups)}, but you are not one"
        )
    return actor


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
    return idempotency.hash_request(
        request.method, request.path, request.get_data() + b"\n" + seen, query
    )


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(
            status=answer.status if answer.status != 200 else 204, headers=dict(answer.headers)
        )
    return Response(
        orjson.dumps(answer.body, default=str, option=orjson.OPT_UTC_Z),
        answer.status,
        dict(answer.headers),
        content_type="application/json",
    )


def _not_modified(answer: Response) -> Response:
    if "ETag" in answer.headers:
        answer.make_conditional(request)
    return answer
