"""Accounts: ways to sign in, their passwords, and the lock after five failures.

Signing in gives one and the same answer whether the login is unknown, the password wrong or the
account locked or disabled, and takes as long for each.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, and_, case, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from engine import history, password_rules, passwords, sessions
from engine.actors import Actor, system
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.field_errors import FieldError
from store.column_types import Instant
from store.tables import accounts, memberships, offices, persons

if TYPE_CHECKING:
    from store.database import Database

MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
MAX_LOGIN = 80


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not allowed: a stable code and a sentence in each language."""

    code: str
    zh: str
    en: str

    def text(self, lang: str) -> str:
        return self.zh if lang.startswith("zh") else self.en


REFUSED = Refusal(
    "sign_in.refused",
    "帳號或密碼不正確，或帳號暫時鎖定。連續失敗 5 次會鎖定 15 分鐘。",
    "Login or password are wrong, or the account is locked for now. Five failures in a row lock "
    "an account for 15 minutes.",
)


def canonical_login(text: str) -> str:
    """Write a login the one way it is stored: case and width make no difference."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


# --- signing in ---------------------------------------------------------------------------------


def sign_in(db: Database, login: str, password: str, now: datetime) -> Actor | Refusal:
    """Judge a sign-in in two short transactions; the costly comparison lies between them.

    Raises Unavailable when too many people sign in at once.
    """
    with db.transaction() as tx:
        attempt = _count_attempt(tx, login, now)
    is_right = _compare(attempt, password)
    with db.transaction() as tx:
        return _settle(tx, attempt, now, is_right=is_right)


def authenticate(tx: Connection, login: str, password: str, now: datetime) -> Actor | Refusal:
    """As `sign_in`, within a transaction that the caller commits whatever the answer is.

    A rolled back transaction would forget the failure. The web uses `sign_in`, so that nobody
    else waits for the comparison.
    """
    attempt = _count_attempt(tx, login, now)
    return _settle(tx, attempt, now, is_right=_compare(attempt, password))


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A counted try at an account; without a row there is no such login, or it may not try."""

    row: Any = None


def _count_attempt(tx: Connection, login: str, now: datetime) -> _Attempt:
    """Count the try as a failure before it is judged, so that a hundred at once count too."""
    is_free = or_(accounts.c.locked_until.is_(None), accounts.c.locked_until <= now)
    was_locked = and_(accounts.c.locked_until.is_not(None), accounts.c.locked_until <= now)
    until = literal(now + LOCKED_FOR, Instant())
    failures = case((was_locked, 1), else_=accounts.c.failed_sign_ins + 1)
    row = tx.execute(
        update(accounts)
        .where(
            accounts.c.login == canonical_login(login)[: MAX_LOGIN + 1],
            accounts.c.status == "active",
            is_free,
        )
        .values(
            failed_sign_ins=failures,
            locked_until=case((failures >= MAX_FAILURES, until), else_=None),
        )
        .returning(
            accounts.c.id,
            accounts.c.person_id,
            accounts.c.office_id,
            accounts.c.password_hash,
            accounts.c.password_changed_at,
            accounts.c.locked_until,
        )
    ).first()
    return _Attempt(row)


def _compare(attempt: _Attempt, password: str) -> bool:
    return passwords.is_right(attempt.row.password_hash if attempt.row else None, password)


def _settle(tx: Connection, attempt: _Attempt, now: datetime, *, is_right: bool) -> Actor | Refusal:
    if attempt.row is None:
        return REFUSED
    if not is_right:
        _note_failure(tx, attempt.row, now)
        return REFUSED
    values: dict[str, Any] = {
        "failed_sign_ins": 0,
        "locked_until": None,
        "last_signed_in_at": now,
    }
    if password_rules.is_too_old(tx, attempt.row, now):
        values["must_change_password"] = True
    opened = tx.execute(
        update(accounts)
        .where(accounts.c.id == attempt.row.id, accounts.c.status == "active")
        .values(**values)
    ).rowcount
    if not opened:
        return REFUSED
    actor = actor_of(tx, attempt.row.id)
    history.append(
        tx, history.Entry("account.signed_in", actor, now, object_id=str(actor.account_id))
    )
    return actor


def _note_failure(tx: Connection, row: Any, now: datetime) -> None:
    by_system, account = system(row.office_id), str(row.id)
    history.append(tx, history.Entry("account.sign_in_failed", by_system, now, object_id=account))
    if row.locked_until is not None:
        detail = {"locked_until": row.locked_until.isoformat()}
        history.append(
            tx, history.Entry("account.locked", by_system, now, object_id=account, detail=detail)
        )


def actor_of(tx: Connection, account_id: UUID) -> Actor:
    """The person behind an account, with the groups they have in their office now."""
    rows = tx.execute(
        select(persons.c.id, persons.c.office_id, persons.c.display_name, memberships.c.group_name)
        .join(accounts, accounts.c.person_id == persons.c.id)
        .outerjoin(
            memberships,
            (memberships.c.person_id == persons.c.id)
            & (memberships.c.office_id == persons.c.office_id),
        )
        .where(accounts.c.id == account_id)
    ).all()
    if not rows:
        raise NotFound("account.unknown", f"Expected an account {account_id}, but there is none")
    groups = frozenset(row.group_name for row in rows if row.group_name is not None)
    return Actor(rows[0].id, account_id, rows[0].office_id, groups, rows[0].display_name)


# --- accounts -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Without a password nobody can sign in until one is set."""

    person_id: UUID
    login: str
    password: str | None = None
    must_change_password: bool = True


def create_account(tx: Connection, new: NewAccount, actor: Actor, now: datetime) -> UUID:
    """Give a person a way to sign in. Raises Rejected for a bad login or password."""
    person = _person(tx, new.person_id)
    check_administrator(actor, person.office_id)
    login = canonical_login(new.login)
    if not 3 <= len(login) <= MAX_LOGIN or not login.replace(".", "a").replace("-", "a").isalnum():
        raise Rejected(
            "account.login",
            f"Expected a login of 3 to {MAX_LOGIN} letters, digits, dots and hyphens",
        )
    password_hash = None
    if new.password is not None:
        refuse_weak(new.password, (login, *_words(tx, person)))
        password_hash = passwords.hash_password(new.password)
    account_id = uuid4()
    try:
        with tx.begin_nested():
            tx.execute(
                insert(accounts).values(
                    id=account_id,
                    office_id=person.office_id,
                    person_id=person.id,
                    login=login,
                    password_hash=password_hash,
                    status="active",
                    must_change_password=new.must_change_password,
                    failed_sign_ins=0,
                    created_at=now,
                    password_changed_at=None if password_hash is None else now,
                )
            )
    except IntegrityError as error:
        raise Conflict(
            "account.login_taken",
            "Expected a new login, but somebody has it already; choose another",
        ) from error
    _note(tx, "account.created", account_id, actor, now)
    return account_id


def change_password(
    tx: Connection, account_id: UUID, old: str, new: str, now: datetime
) -> list[FieldError]:
    """Replace one's own password; on success ends all sessions of the account.

    Returns what is wrong, if anything: then nothing was changed.
    """
    row = account(tx, account_id)
    if not passwords.is_right(row.password_hash, old):
        return [FieldError("old_password", "password_wrong")]
    found = passwords.problems(new, (row.login, *_words(tx, _person(tx, row.person_id))))
    if old == new:
        found.append(FieldError("password", "password_same"))
    elif not found:
        found = password_rules.refusals(tx, row, new, now)
    if found:
        return found
    _store_password(tx, row, new, now, must_change=False)
    _note(tx, "account.password_changed", account_id, actor_of(tx, account_id), now)
    return []


def set_password(tx: Connection, account_id: UUID, new: str, actor: Actor, now: datetime) -> None:
    """Give an account a password that its person must change at once; ends all its sessions.

    Raises Rejected for a weak one, Forbidden unless the actor administers the office.
    """
    row = account(tx, account_id)
    check_administrator(actor, row.office_id, "account")
    refuse_weak(new, (row.login, *_words(tx, _person(tx, row.person_id))))
    _store_password(tx, row, new, now, must_change=True)
    _note(tx, "account.password_set", account_id, actor, now)


def reset_password(tx: Connection, account_id: UUID, actor: Actor, now: datetime) -> str:
    """Make a password for an account and return it: to be shown once, and changed at once.

    Nobody resets their own: that is `change_password`, which asks for the old one.
    """
    row = account(tx, account_id)
    if actor.account_id == account_id:
        raise Forbidden("account.own_reset", "Change your own password; do not reset it")
    words = (row.login, *_words(tx, _person(tx, row.person_id)))
    made = passwords.made_up(words)
    set_password(tx, account_id, made, actor, now)
    return made


def refuse_weak(password: str, words: tuple[str, ...]) -> None:
    """Raise Rejected with the first thing that the profile `tw-gov` finds wrong."""
    found = passwords.problems(password, words)
    if found:
        raise Rejected("account.password", found[0].text("en"), errors=found)


def check_administrator(actor: Actor, office_id: str, what: str = "person") -> None:
    """Raise Forbidden unless the actor is the system or an operator of that office.

    Another office's people and accounts are as unknown as those there are none of.
    """
    if actor.is_system:
        return
    if actor.office_id != office_id:
        raise NotFound(f"{what}.unknown", f"There is no such {what} in your office")
    if "operator" in actor.groups:
        return
    raise Forbidden("people.not_operator", "Expected an operator of the office to do this")


def _store_password(
    tx: Connection, row: Any, new: str, now: datetime, *, must_change: bool
) -> None:
    password_rules.keep_former(tx, row, now)
    tx.execute(
        update(accounts)
        .where(accounts.c.id == row.id)
        .values(
            password_hash=passwords.hash_password(new),
            password_changed_at=now,
            must_change_password=must_change,
            failed_sign_ins=0,
            locked_until=None,
        )
    )
    sessions.end_all(tx, row.id, now)


def account(tx: Connection, account_id: UUID) -> Any:
    """The row of an account. Raises NotFound."""
    row = tx.execute(select(accounts).where(accounts.c.id == account_id)).first()
    if row is None:
        raise NotFound("account.unknown", "There is no such account in your office")
    return row


def _person(tx: Connection, person_id: UUID) -> Any:
    row = tx.execute(select(persons).where(persons.c.id == person_id)).first()
    if row is None:
        raise NotFound("person.unknown", "There is no such person in your office")
    return row


def _words(tx: Connection, person: Any) -> tuple[str, ...]:
    office = tx.execute(select(offices).where(offices.c.id == person.office_id)).one()
    return (person.display_name, person.email or "", office.id, office.name_en, office.city)


def _note(tx: Connection, action: str, account_id: UUID, actor: Actor, now: datetime) -> None:
    entry = history.Entry(action, actor, now, object_id=str(account_id))
    history.append(tx, entry)
