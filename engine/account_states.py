"""Locking accounts and taking them out of use: by hand with a reason, or because nobody uses them.

Whoever is locked out is out at once: all sessions of the account end in the same transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, and_, func, select, update

from engine import history, office_choices, sessions
from engine.accounts import account, check_administrator
from engine.actors import Actor, system
from engine.errors import Conflict, Forbidden, Rejected
from store.tables import accounts, memberships, offices, persons

MAX_REASON = 500


def lock(tx: Connection, account_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Let nobody in with this account until it is unlocked, and end its sessions."""
    row = account(tx, account_id)
    check_administrator(actor, row.office_id, "account")
    if actor.account_id == account_id:
        raise Forbidden("account.own_lock", "Nobody locks the account they are signed in with")
    told = _reason(reason)
    _move(tx, account_id, ("active",), "locked", told)
    sessions.end_all(tx, account_id, now)
    _note(tx, "account.locked_by_hand", account_id, actor, now, told)


def unlock(tx: Connection, account_id: UUID, actor: Actor, now: datetime) -> None:
    """Let a locked account sign in again: one locked by hand, or one that failed too often."""
    row = account(tx, account_id)
    check_administrator(actor, row.office_id, "account")
    if row.status == "disabled":
        raise Conflict("account.disabled", "The account is out of use; enable it first")
    tx.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.status.in_(("active", "locked")))
        .values(status="active", status_reason=None, failed_sign_ins=0, locked_until=None)
    )
    _note(tx, "account.unlocked", account_id, actor, now)


def disable(
    tx: Connection, account_id: UUID, actor: Actor, now: datetime, reason: str = ""
) -> None:
    """Take an account out of use and end its sessions. Twice is once."""
    row = account(tx, account_id)
    check_administrator(actor, row.office_id, "account")
    _out_of_use(tx, account_id, reason, now)
    _note(tx, "account.disabled", account_id, actor, now, reason.strip())


def enable(tx: Connection, account_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Bring an account back into use. Its password must be set anew to sign in."""
    row = account(tx, account_id)
    check_administrator(actor, row.office_id, "account")
    told = _reason(reason)
    _move(tx, account_id, ("disabled",), "active", None)
    tx.execute(
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(must_change_password=True, last_signed_in_at=now)  # unused from today on
    )
    _note(tx, "account.enabled", account_id, actor, now, told)


def disable_unused(tx: Connection, now: datetime) -> int:
    """Disable accounts that nobody has signed in with for too long. Returns how many.

    How long is the office's choice `people.unused_days`. The last operator of an office stays:
    there would be nobody left to let the others in.
    """
    done = 0
    for office_id in tx.scalars(select(offices.c.id)).all():
        days = office_choices.number(tx, office_id, "people.unused_days")
        if days == 0:
            continue
        last_use = func.coalesce(accounts.c.last_signed_in_at, accounts.c.created_at)
        unused = tx.execute(
            select(accounts.c.id, accounts.c.person_id)
            .join(persons, persons.c.id == accounts.c.person_id)
            .where(
                accounts.c.office_id == office_id,
                accounts.c.status == "active",
                last_use < now - timedelta(days=days),
                # The people of a demonstration live by its own clock, months away from ours.
                persons.c.fictional.is_(False),
            )
        ).all()
        for row in unused:
            if is_last_operator(tx, office_id, row.person_id):
                continue
            _out_of_use(tx, row.id, f"{days} 天未使用 / unused for {days} days", now)
            entry = history.Entry(
                "account.unused",
                system(office_id),
                now,
                object_id=str(row.id),
                detail={"days": days},
            )
            history.append(tx, entry)
            done += 1
    return done


def is_last_operator(tx: Connection, office_id: str, person_id: UUID) -> bool:
    """Whether nobody else of the office could administer it."""
    able = tx.scalars(
        select(memberships.c.person_id)
        .join(
            accounts,
            and_(accounts.c.person_id == memberships.c.person_id, accounts.c.status != "disabled"),
        )
        .where(memberships.c.office_id == office_id, memberships.c.group_name == "operator")
        .distinct()
    ).all()
    return person_id in able and len(able) == 1


def _out_of_use(tx: Connection, account_id: UUID, reason: str, now: datetime) -> None:
    tx.execute(
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(status="disabled", status_reason=reason.strip()[:MAX_REASON] or None)
    )
    sessions.end_all(tx, account_id, now)


def _move(
    tx: Connection, account_id: UUID, seen: tuple[str, ...], to: str, reason: str | None
) -> None:
    moved = tx.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.status.in_(seen))
        .values(status=to, status_reason=reason)
    )
    if moved.rowcount != 1:
        raise Conflict(
            "account.other_status",
            f"Expected the account to be {' or '.join(seen)}, but it is not; look at it again",
        )


def _reason(text: str) -> str:
    if not text.strip():
        raise Rejected("account.reason", "Say why, so that others can follow it later")
    return text.strip()[:MAX_REASON]


def _note(
    tx: Connection,
    action: str,
    account_id: UUID,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    detail = {"reason": reason} if reason else {}
    entry = history.Entry(action, actor, now, object_id=str(account_id), detail=detail)
    history.append(tx, entry)
