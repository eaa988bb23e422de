"""How long a password lives, and which may not come again (profile `tw-gov`).

資通系統防護基準 demands a least and a longest life and that the last three are not used again; the
lengths of time are the office's to choose (`people.password_days`, 0: no longest life).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select

from engine import office_choices, passwords
from engine.field_errors import FieldError
from store.tables import password_history, persons

LEAST_LIFE = timedelta(days=1)
NOT_AGAIN = 3


def is_too_old(tx: Connection, account: Any, now: datetime) -> bool:
    """Whether the password has to be changed for its age. One we know no age of is not."""
    days = office_choices.number(tx, account.office_id, "people.password_days")
    since: datetime | None = account.password_changed_at
    if days == 0 or since is None or now - since <= timedelta(days=days):
        return False
    # The people of a demonstration live by its own clock, months away from ours.
    is_fictional = select(persons.c.fictional).where(persons.c.id == account.person_id)
    return not tx.scalar(is_fictional)


def refusals(tx: Connection, account: Any, new: str, now: datetime) -> list[FieldError]:
    """What speaks against a new password of one's own: the former one too young, or used before.

    A password that somebody else has given may be changed at once.
    """
    since = account.password_changed_at
    if since is not None and not account.must_change_password and now - since < LEAST_LIFE:
        return [FieldError("password", "password_too_young")]
    former = [account.password_hash, *_former(tx, account)]
    if any(passwords.is_right(known, new) for known in former[:NOT_AGAIN]):
        return [FieldError("password", "password_again", {"last": NOT_AGAIN})]
    return []


def keep_former(tx: Connection, account: Any, now: datetime) -> None:
    """Remember the hash that is about to be replaced."""
    if account.password_hash is None:
        return
    last = select(func.coalesce(func.max(password_history.c.number), 0) + 1).where(
        password_history.c.account_id == account.id
    )
    tx.execute(
        insert(password_history).values(
            account_id=account.id,
            number=last.scalar_subquery(),
            office_id=account.office_id,
            password_hash=account.password_hash,
            replaced_at=now,
        )
    )


def _former(tx: Connection, account: Any) -> list[str]:
    return list(
        tx.scalars(
            select(password_history.c.password_hash)
            .where(password_history.c.account_id == account.id)
            .order_by(password_history.c.number.desc())
            .limit(NOT_AGAIN)
        )
    )
