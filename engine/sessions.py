"""Sign-in sessions: rows on the server; the browser has a random token, we have its hash.

A session ends 15 minutes after it was last used and 8 hours after it began. `now` is the time of
day people live in, also where a demonstration moves the clock of the cases.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from engine.actors import Actor
from store.prepared import Prepared
from store.tables import accounts, memberships, persons, sessions

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)
TOUCH_EVERY = timedelta(minutes=1)  # a write per minute of work, not per request
KEPT = timedelta(days=30)
TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A living session and who it belongs to."""

    session_id: str
    actor: Actor
    must_change_password: bool
    started_at: datetime
    seen_at: datetime

    def wants_touch(self, now: datetime) -> bool:
        """Say whether the use of the session should be written down again."""
        return now - self.seen_at >= TOUCH_EVERY

    @property
    def ends_at(self) -> datetime:
        """When it ends if it is not used again."""
        return min(self.seen_at + IDLE, self.started_at + LONGEST)


def start(tx: Connection, account_id: UUID, now: datetime, *, alone: bool = True) -> str:
    """Begin a session and return its token (128 random bits). `alone` ends the account's others."""
    if alone:
        end_all(tx, account_id, now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    office_id = tx.execute(
        select(persons.c.office_id)
        .join(accounts, accounts.c.person_id == persons.c.id)
        .where(accounts.c.id == account_id)
    ).scalar_one()
    tx.execute(
        insert(sessions).values(
            id=_id_of(token),
            office_id=office_id,
            account_id=account_id,
            created_at=now,
            seen_at=now,
        )
    )
    return token


def find(tx: Connection, token: str, now: datetime) -> SignedIn | None:
    """Who the token belongs to, if its session lives; in one query, without writing."""
    rows = _FIND.all(
        tx, {"session": _id_of(token), "used_after": now - IDLE, "begun_after": now - LONGEST}
    )
    if not rows:
        return None
    row = rows[0]
    groups = frozenset(found.group_name for found in rows if found.group_name is not None)
    return SignedIn(
        session_id=row.id,
        actor=Actor(row.person_id, row.account_id, row.office_id, groups, row.display_name),
        must_change_password=row.must_change_password,
        started_at=row.created_at,
        seen_at=row.seen_at,
    )


def actor_for(tx: Connection, token: str, now: datetime) -> Actor | None:
    """Who the token belongs to, or None; notes the use, unless the transaction only reads.

    A page that polls by itself should use `find`, so that an unattended screen signs out.
    """
    found = find(tx, token, now)
    if found is None:
        return None
    if found.wants_touch(now) and not tx.get_execution_options().get("read_only"):
        touch(tx, token, now)
    return found.actor


def touch(tx: Connection, token: str, now: datetime) -> None:
    """Note that the session is in use. A session that has ended stays ended."""
    living = (
        sessions.c.id == _id_of(token),
        sessions.c.ended_at.is_(None),
        sessions.c.seen_at > now - IDLE,
        sessions.c.created_at > now - LONGEST,
    )
    tx.execute(update(sessions).where(*living).values(seen_at=now))


def end(tx: Connection, token: str, now: datetime) -> None:
    """Sign out. Twice is once."""
    tx.execute(
        update(sessions)
        .where(sessions.c.id == _id_of(token), sessions.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_all(tx: Connection, account_id: UUID, now: datetime) -> int:
    """End every session of the account: new password, new rights, lost device. Returns how many."""
    return tx.execute(
        update(sessions)
        .where(sessions.c.account_id == account_id, sessions.c.ended_at.is_(None))
        .values(ended_at=now)
    ).rowcount


def prune(tx: Connection, now: datetime) -> int:
    """Delete sessions that can no longer live, a month after; returns how many."""
    return tx.execute(delete(sessions).where(sessions.c.created_at < now - KEPT)).rowcount


_FIND = Prepared(
    select(
        sessions.c.id,
        sessions.c.created_at,
        sessions.c.seen_at,
        accounts.c.id.label("account_id"),
        accounts.c.must_change_password,
        persons.c.id.label("person_id"),
        persons.c.office_id,
        persons.c.display_name,
        memberships.c.group_name,
    )
    .join(accounts, accounts.c.id == sessions.c.account_id)
    .join(persons, persons.c.id == accounts.c.person_id)
    .outerjoin(
        memberships,
        (memberships.c.person_id == persons.c.id)
        & (memberships.c.office_id == persons.c.office_id),
    )
    .where(
        accounts.c.status == "active",
        sessions.c.id == bindparam("session"),
        sessions.c.ended_at.is_(None),
        sessions.c.seen_at > bindparam("used_after"),
        sessions.c.created_at > bindparam("begun_after"),
    )
)


def _id_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
