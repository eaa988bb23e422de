"""A call that is repeated with the same key is answered again, and its work is done once.

The answer is stored in the transaction of the command, so either both are there or neither. Two
calls with one key at the same time wait for each other: `recall` comes before the work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select, tuple_
from sqlalchemy.exc import IntegrityError

from engine.errors import Conflict, Rejected
from store.prepared import Prepared, execute
from store.tables import idempotency_keys

KEPT = timedelta(days=7)
MAX_KEY = 255
_PRUNED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Call:
    """Who asked for what. `principal` names the account, peer or client the key belongs to."""

    principal: str
    key: str
    request_hash: str
    office_id: str


@dataclass(frozen=True, slots=True)
class Stored:
    """The answer that was given and is given again."""

    status_code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def hash_request(method: str, path: str, body: bytes, query: str = "") -> str:
    """What tells one request from another: method, path, query and body."""
    digest = hashlib.sha256()
    digest.update(orjson.dumps([method.upper(), path, query]))
    digest.update(body)
    return digest.hexdigest()


def recall(tx: Connection, principal: str, key: str, request_hash: str) -> Stored | None:
    """The stored answer, or None: then do the work and `keep` its answer in this transaction.

    Raises Rejected for a bad key, or if the key was used for another request (answer 422).
    """
    _check_key(key)
    _wait_for_twin(tx, principal, key)
    row = _ANSWER.first(tx, {"of": principal, "named": key})
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise Rejected(
            "idempotency.other_request",
            "Expected the request this Idempotency-Key was first used for, but it differs; "
            "use a new key for a new request",
        )
    return Stored(row.status_code, row.headers, row.body)


def keep(tx: Connection, call: Call, answer: Stored, now: datetime) -> None:
    """Store the answer. Raises Conflict if the same key is being used elsewhere at the moment."""
    values: dict[str, Any] = {
        "principal": call.principal,
        "key": call.key,
        "office_id": call.office_id,
        "request_hash": call.request_hash,
        "status_code": answer.status_code,
        "headers": dict(answer.headers),
        "body": answer.body,
        "created_at": now,
    }
    try:
        _KEEP.run(tx, values)
    except IntegrityError as error:
        raise Conflict(
            "idempotency.running",
            "A request with this Idempotency-Key is being worked on; ask again in a moment",
        ) from error


def prune(tx: Connection, now: datetime) -> int:
    """Forget answers older than seven days, some at a time; returns how many."""
    old = (
        select(idempotency_keys.c.principal, idempotency_keys.c.key)
        .where(idempotency_keys.c.created_at < now - KEPT)
        .order_by(idempotency_keys.c.created_at)
        .limit(_PRUNED_AT_ONCE)
    )
    key = tuple_(idempotency_keys.c.principal, idempotency_keys.c.key)
    return tx.execute(delete(idempotency_keys).where(key.in_(old))).rowcount


def _check_key(key: str) -> None:
    if not 1 <= len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
        raise Rejected(
            "idempotency.key",
            f"Expected an Idempotency-Key of 1 to {MAX_KEY} printable ASCII characters",
        )


def _wait_for_twin(tx: Connection, principal: str, key: str) -> None:
    """On PostgreSQL, hold a lock on the key till the transaction ends; SQLite has one writer."""
    if tx.dialect.name == "postgresql":
        digest = hashlib.sha256(orjson.dumps([principal, key])).digest()
        number = int.from_bytes(digest[:8], "big", signed=True)
        execute(tx, "SELECT pg_advisory_xact_lock(%s)", (number,)).close()


_ANSWER = Prepared(
    select(idempotency_keys).where(
        idempotency_keys.c.principal == bindparam("of"),
        idempotency_keys.c.key == bindparam("named"),
    )
)
_KEEP = Prepared(insert(idempotency_keys))
