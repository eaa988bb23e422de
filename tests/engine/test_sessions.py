"""Sessions: random tokens, hashed in the database, ending by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, insert, select, update

from engine import sessions
from store import tables
from store.database import Database
from tests.engine.rows import NOW, an_office, an_officer

MINUTE = timedelta(minutes=1)


@pytest.fixture
def tx(db: Database) -> Iterator[Connection]:
    with db.transaction() as connection:
        an_office(connection)
        yield connection


def an_account(tx: Connection) -> UUID:
    officer = an_officer(tx, groups=("counter", "chief"))
    assert officer.account_id is not None
    tx.execute(
        insert(tables.accounts).values(
            id=officer.account_id,
            office_id=officer.office_id,
            person_id=officer.person_id,
            login=f"login.{uuid4().hex[:8]}",
            status="active",
            must_change_password=True,
            failed_sign_ins=0,
            created_at=NOW,
        )
    )
    return officer.account_id


def test_the_token_is_random_and_only_its_hash_is_stored(tx: Connection) -> None:
    account_id = an_account(tx)

    tokens = {sessions.start(tx, account_id, NOW, alone=False) for _ in range(20)}

    stored = set(tx.execute(select(tables.sessions.c.id)).scalars())
    assert len(tokens) == len(stored) == 20
    assert all(len(token) >= 22 for token in tokens)  # 128 bits in base64
    assert not tokens & stored
    assert all(sessions.actor_for(tx, hashed, NOW) is None for hashed in stored)


def test_a_token_tells_who_it_is_with_their_groups(tx: Connection) -> None:
    account_id = an_account(tx)

    found = sessions.find(tx, sessions.start(tx, account_id, NOW), NOW)

    assert found is not None
    assert found.actor.account_id == account_id
    assert found.actor.groups == {"counter", "chief"}
    assert found.must_change_password is True
    assert found.ends_at == NOW + sessions.IDLE


@pytest.mark.parametrize("token", ["", "nonsense", "\ud800", "x" * 100_000])
def test_other_tokens_are_nobody(tx: Connection, token: str) -> None:
    sessions.start(tx, an_account(tx), NOW)

    assert sessions.actor_for(tx, token, NOW) is None


def test_it_ends_fifteen_minutes_after_its_last_use(tx: Connection) -> None:
    token = sessions.start(tx, an_account(tx), NOW)

    assert sessions.actor_for(tx, token, NOW + 14 * MINUTE) is not None
    assert sessions.actor_for(tx, token, NOW + 28 * MINUTE) is not None
    assert sessions.actor_for(tx, token, NOW + 43 * MINUTE) is None


def test_it_ends_after_eight_hours_however_busy(tx: Connection) -> None:
    token = sessions.start(tx, an_account(tx), NOW)

    for minutes in range(10, 480, 10):
        assert sessions.actor_for(tx, token, NOW + minutes * MINUTE) is not None

    assert sessions.actor_for(tx, token, NOW + 480 * MINUTE) is None


def test_its_use_is_written_down_once_a_minute(tx: Connection) -> None:
    token = sessions.start(tx, an_account(tx), NOW)

    def seen_after(seconds: int) -> object:
        sessions.actor_for(tx, token, NOW + timedelta(seconds=seconds))
        return tx.execute(select(tables.sessions.c.seen_at)).scalar_one()

    assert seen_after(59) == NOW
    assert seen_after(60) == NOW + MINUTE
    assert seen_after(119) == NOW + MINUTE


def test_a_page_that_only_polls_does_not_keep_it_alive(tx: Connection) -> None:
    token = sessions.start(tx, an_account(tx), NOW)

    assert sessions.find(tx, token, NOW + 14 * MINUTE) is not None
    assert sessions.find(tx, token, NOW + 15 * MINUTE) is None
    sessions.touch(tx, token, NOW + 15 * MINUTE)
    assert sessions.find(tx, token, NOW + 15 * MINUTE) is None


def test_reading_in_a_transaction_that_only_reads_works(db: Database) -> None:
    with db.transaction() as tx:
        an_office(tx)
        token = sessions.start(tx, an_account(tx), NOW)

    with db.transaction(read_only=True) as tx:
        assert sessions.actor_for(tx, token, NOW + 5 * MINUTE) is not None


def test_signing_out_ends_one_session_and_a_new_one_ends_the_others(tx: Connection) -> None:
    account_id, other = an_account(tx), an_account(tx)
    first = sessions.start(tx, account_id, NOW)
    second = sessions.start(tx, account_id, NOW, alone=False)
    elsewhere = sessions.start(tx, other, NOW)

    sessions.end(tx, first, NOW)
    assert sessions.actor_for(tx, first, NOW) is None
    assert sessions.actor_for(tx, second, NOW) is not None

    third = sessions.start(tx, account_id, NOW)
    assert sessions.actor_for(tx, second, NOW) is None
    assert sessions.actor_for(tx, third, NOW) is not None
    assert sessions.actor_for(tx, elsewhere, NOW) is not None


def test_a_disabled_account_is_out_at_once(tx: Connection) -> None:
    token = sessions.start(tx, an_account(tx), NOW)

    tx.execute(update(tables.accounts).values(status="disabled"))

    assert sessions.actor_for(tx, token, NOW) is None


def test_old_sessions_are_cleared_away(tx: Connection) -> None:
    sessions.start(tx, an_account(tx), NOW)

    assert sessions.prune(tx, NOW + timedelta(days=29)) == 0
    assert sessions.prune(tx, NOW + timedelta(days=31)) == 1
