"""One form sent, one deed done: in one transaction, once, and then to a page that can be reloaded.

Every unsafe form carries a token against forgery and an idempotency key. The answer is stored with
the deed, so a second click, a reload or a retry after a lost connection does nothing again.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TypeAlias

import orjson
from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.datastructures import FileStorage

from engine import idempotency
from engine.idempotency import Call, Stored, hash_request
from web.visits import actor, context, now, say

KEY_FIELD = "idempotency_key"
NOT_PART_OF_THE_DEED = frozenset({KEY_FIELD, "csrf_token"})


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row of a bulk act."""

    row: str  # the case number
    told: str
    is_done: bool


Deed: TypeAlias = Callable[[Connection, datetime], str]
"""Does the work and answers the address to go on to."""


def new_key() -> str:
    """A fresh key for a form that is being shown."""
    return secrets.token_urlsafe(18)


def settle(deed: Deed, done: str | None = None, **facts: object) -> ResponseReturnValue:
    """Do the deed of this form once and answer 303 to where it leads. `done` is told on arrival.

    Refusals of the engine go through: nothing was done, and the key stays unused.
    """
    answer = _once(lambda tx, moment: Stored(303, {"Location": deed(tx, moment)}))
    if done:
        flash(say(done, **facts), "done")
    return redirect(answer.headers["Location"], 303)


def report(deed: Callable[[Connection, datetime], list[Result]]) -> list[Result]:
    """Do a bulk act once, with a result for each row. Sent again, it gives the same results."""

    def described(tx: Connection, moment: datetime) -> Stored:
        return Stored(200, {}, orjson.dumps([asdict(result) for result in deed(tx, moment)]))

    return [Result(**result) for result in orjson.loads(_once(described).body)]


def _once(work: Callable[[Connection, datetime], Stored]) -> Stored:
    moment, who = now(), actor()
    call = Call(
        principal=f"web:{who.account_id}",
        key=request.form.get(KEY_FIELD, ""),
        request_hash=_request_hash(),
        office_id=who.office_id,
    )

    def once(tx: Connection) -> Stored:
        stored = idempotency.recall(tx, call.principal, call.key, call.request_hash)
        if stored is None:
            stored = work(tx, moment)
            idempotency.keep(tx, call, stored, moment)
        return stored

    return context().db.run(once)


def _request_hash() -> str:
    fields = [
        (name, values)
        for name, values in sorted(request.form.lists())
        if name not in NOT_PART_OF_THE_DEED
    ]
    files = [
        (name, file.filename, _digest(file))
        for name, several in sorted(request.files.lists(), key=lambda each: repr(each[0]))
        for file in several
    ]
    return hash_request(request.method, request.path, orjson.dumps([fields, files]))


def _digest(file: FileStorage) -> str:
    digest = hashlib.sha256()
    while piece := file.stream.read(1 << 18):
        digest.update(piece)
    file.stream.seek(0)
    return digest.hexdigest()
