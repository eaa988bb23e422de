"""Dispatch: take the next due promise, try it with no lock held, record how it went.

The lease (with a fence) says who is trying; the network is touched between transactions; the
record is written only if the fence is still ours. What the peer answered before we wrote `sent`
is never overwritten.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, bindparam, exists, literal, or_, select, update

from agencies.attempts import record
from agencies.retry import Outcome
from agencies.transports import Parcel, Receipt, Transport
from engine import keys
from engine.operations import LETTERS
from store.database import Database, StoreError
from store.failpoints import failpoint
from store.partial import among
from store.prepared import Prepared
from store.tables import outbox, paused_peers

log = structlog.get_logger()
LEASE = timedelta(seconds=60)  # more than a transport's ten seconds, so only a dead worker loses it
LANES = 3
AT_ONE_PEER = 2  # tries of one process at one peer at a time: a slow one leaves lanes to the others

_earlier = outbox.alias("earlier")
_IS_FIRST = ~exists().where(  # one in flight per case and peer, in order
    _earlier.c.case_id == outbox.c.case_id,
    _earlier.c.peer == outbox.c.peer,
    _earlier.c.number < outbox.c.number,
    among(_earlier.c.status, "queued", "sending"),
)
_WAITS = among(outbox.c.status, "queued", "sending")
_IS_NOT_PAUSED = ~exists().where(
    paused_peers.c.office_id == outbox.c.office_id, paused_peers.c.peer == outbox.c.peer
)


class Traffic:
    """How many tries of this process are under way at each peer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tries: Counter[str] = Counter()

    def full(self) -> list[str]:
        with self._lock:
            return [peer for peer, tries in self._tries.items() if tries >= AT_ONE_PEER]

    @contextmanager
    def at(self, peer: str) -> Iterator[None]:
        with self._lock:
            self._tries[peer] += 1
        try:
            yield
        finally:
            with self._lock:
                self._tries[peer] -= 1


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the worker's name for its leases, a way out per operation, its traffic."""

    worker: str
    transports: Mapping[str, Transport]
    traffic: Traffic = field(default_factory=Traffic)


@dataclass(frozen=True, slots=True)
class Taken:
    """A promise on lease: its row as it was, and the fence under which it is tried."""

    row: Any
    fence: int


def send_next(
    db: Database, transports: Mapping[str, Transport], worker: str, now: datetime
) -> bool:
    """Try the next due promise, alone in this process. False if none is due."""
    return send_one(db, Sender(worker, transports), now)


def send_one(db: Database, sender: Sender, now: datetime) -> bool:
    """Try the next due promise; lanes share `sender`. False if none is due for a peer with room.

    An operation without a transport stays queued.
    """
    with db.transaction() as tx:
        signed_at = db.now(tx)
        taken = _take(tx, sender, now, signed_at)
    if taken is None:
        return False
    with sender.traffic.at(taken.row.peer):
        receipt = _try(db, sender.transports[taken.row.operation], taken, signed_at)
    failpoint("after_send")
    db.run(lambda tx: record(tx, taken.row, taken.fence, receipt, now))
    return True


def next_due(tx: Connection, operations: tuple[str, ...]) -> datetime | None:
    """When the next promise wants a try; None if nothing is queued."""
    found = _earliest(operations).first(tx, {})
    return None if found is None else found.next_attempt_at


@cache
def _earliest(operations: tuple[str, ...]) -> Prepared:
    return Prepared(
        select(outbox.c.next_attempt_at)
        .where(_WAITS, among(outbox.c.operation, *operations), _IS_FIRST, _IS_NOT_PAUSED)
        .order_by(outbox.c.next_attempt_at)
        .limit(1)
    )


def _take(tx: Connection, sender: Sender, now: datetime, database_now: datetime) -> Taken | None:
    wanted = _first(tuple(sender.transports), tuple(sorted(sender.traffic.full())))
    row = wanted.first(tx, {"now": now, "database_now": database_now})
    if row is None:
        return None
    lease = {
        "promise": row.id,
        "seen": row.fence,
        "worker": sender.worker,
        "until": database_now + LEASE,
        # So that nobody looks at it again and again while it is on lease.
        "again": now + LEASE,
    }
    return Taken(row, row.fence + 1) if _LEASE.run(tx, lease) == 1 else None


@lru_cache(maxsize=64)
def _first(operations: tuple[str, ...], full: tuple[str, ...]) -> Prepared:
    """The next promise of these operations that is due, to a peer that is not `full`."""
    return Prepared(
        select(outbox)
        .where(
            _WAITS,
            outbox.c.next_attempt_at <= bindparam("now"),
            among(outbox.c.operation, *operations),
            *(outbox.c.peer != literal(peer) for peer in full),
            or_(outbox.c.lease_until.is_(None), outbox.c.lease_until < bindparam("database_now")),
            _IS_FIRST,
            _IS_NOT_PAUSED,
        )
        .order_by(outbox.c.next_attempt_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=outbox)
    )


_LEASE = Prepared(
    update(outbox)
    .where(outbox.c.id == bindparam("promise"), outbox.c.fence == bindparam("seen"))
    .values(
        status="sending",
        lease_owner=bindparam("worker"),
        lease_until=bindparam("until"),
        next_attempt_at=bindparam("again"),
        fence=outbox.c.fence + 1,
        attempts=outbox.c.attempts + 1,
    )
)


def _try(db: Database, transport: Transport, taken: Taken, signed_at: datetime) -> Receipt:
    """One try. Whatever goes wrong is a receipt, so that no promise can hold up the others."""
    row = taken.row
    try:
        with db.transaction(read_only=True) as tx:
            body = _body(tx, row)
    except StoreError:
        raise  # the database is away: the lease ends, and somebody tries it then
    except Exception as unreadable:
        log.exception("promise unreadable", action="notification.unreadable", outbox=str(row.id))
        why = f"what was promised cannot be opened ({type(unreadable).__name__})"
        return Receipt(Outcome.PERMANENT, None, why)
    try:
        return transport(Parcel(str(row.id), row.peer, row.operation, row.kind, body), signed_at)
    except Exception as fault:
        log.exception("transport failed", action="notification.fault", outbox=str(row.id))
        return Receipt(
            Outcome.UNKNOWN, None, f"our own fault while sending ({type(fault).__name__})"
        )


def _body(tx: Connection, row: Any) -> Mapping[str, Any]:
    if row.operation in LETTERS:
        opened = keys.open_for_office(tx, row.office_id, "outbox", row.ciphertext)
    else:
        opened = keys.open_sealed(tx, row.case_id, "outbox", row.ciphertext)
    body: Mapping[str, Any] = orjson.loads(opened)
    return body
