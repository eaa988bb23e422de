"""What a transaction promises, on both databases."""

# ruff: noqa: PT012 — what is refused here is a whole transaction, and that is a block

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url, select, update
from sqlalchemy.exc import DBAPIError

from engine.clock import SystemClock
from store.database import (
    BadSettings,
    CommitUnknown,
    Contended,
    Database,
    Unreachable,
    WroteWhileReading,
    open_database,
    wake,
)
from store.tables import artifacts, case_numbers, offices
from tests.support.databases import PostgreSQL
from tests.support.proxy import Proxy, proxy_before

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def keep(tx: Connection, name: str) -> None:
    tx.execute(artifacts.insert(), {"hash": name, "kind": "form", "content": b"", "created_at": AT})


def kept(db: Database) -> list[str]:
    with db.transaction(read_only=True) as tx:
        return list(tx.scalars(select(artifacts.c.hash).order_by(artifacts.c.hash)))


def an_office_with_a_number(db: Database) -> None:
    with db.transaction() as tx:
        tx.execute(
            offices.insert(),
            {
                "id": "o",
                "code": "O",
                "name_zh": "甲",
                "name_en": "A",
                "city": "x",
                "created_at": AT,
            },
        )
        tx.execute(case_numbers.insert(), {"office_id": "o", "year": 115, "last": 0})


# --- committing and undoing ---------------------------------------------------------------------


def test_a_block_that_ends_is_committed(db: Database) -> None:
    with db.transaction() as tx:
        keep(tx, "a")

    assert kept(db) == ["a"]


def test_a_block_that_raises_leaves_nothing(db: Database) -> None:
    with pytest.raises(RuntimeError, match="changed my mind"), db.transaction() as tx:
        keep(tx, "a")
        raise RuntimeError("changed my mind")

    assert kept(db) == []


def test_a_reading_transaction_cannot_write_and_the_next_one_can(db: Database) -> None:
    with pytest.raises((DBAPIError, WroteWhileReading)), db.transaction(read_only=True) as tx:
        keep(tx, "a")

    with db.transaction() as tx:
        keep(tx, "b")

    assert kept(db) == ["b"]


def test_a_foreign_key_is_enforced(db: Database) -> None:
    with pytest.raises(DBAPIError), db.transaction() as tx:
        tx.execute(case_numbers.insert(), {"office_id": "nowhere", "year": 115, "last": 0})


def test_no_update_is_lost_between_writers(db: Database) -> None:
    an_office_with_a_number(db)

    def count() -> None:
        for _ in range(25):
            db.run(_count_one)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with db.transaction(read_only=True) as tx:
        assert tx.scalar(select(case_numbers.c.last)) == 100


def _count_one(tx: Connection) -> None:
    last = tx.scalar(select(case_numbers.c.last).with_for_update())
    tx.execute(update(case_numbers).values(last=last + 1))


def test_two_that_wait_for_each_other_are_done_one_after_the_other(
    postgresql_url: str,
) -> None:
    db = open_database(postgresql_url)
    with db.transaction() as tx:
        keep(tx, "a")
        keep(tx, "b")
    meeting = threading.Barrier(2, timeout=5)

    def lock(first: str, second: str) -> None:
        tries: list[int] = []

        def both(tx: Connection) -> None:
            tries.append(1)
            tx.execute(update(artifacts).where(artifacts.c.hash == first).values(content=b"1"))
            if len(tries) == 1:
                meeting.wait()
            tx.execute(update(artifacts).where(artifacts.c.hash == second).values(content=b"1"))

        db.run(both)
        done.append(first)

    done: list[str] = []
    threads = [threading.Thread(target=lock, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.close()

    assert sorted(done) == ["a", "b"]


def test_a_row_held_too_long_is_contended(postgresql_url: str) -> None:
    db = open_database(postgresql_url)
    with db.transaction() as tx:
        keep(tx, "a")

    with db.transaction() as holder:
        holder.execute(update(artifacts).values(content=b"1"))
        with pytest.raises(Contended), db.transaction() as tx:
            tx.execute(update(artifacts).values(content=b"2"))
    db.close()


# --- deadlines ----------------------------------------------------------------------------------


def test_a_statement_past_the_deadline_is_interrupted(db: Database) -> None:
    endless = (
        "SELECT pg_sleep(30)"
        if db.is_postgresql
        else "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n) SELECT count(*) FROM n"
    )
    began = time.monotonic()

    with (
        pytest.raises(Unreachable, match="nothing was done"),
        db.transaction(deadline=began + 0.3) as tx,
    ):
        tx.exec_driver_sql(endless)

    assert 0.25 < time.monotonic() - began < 1.5
    assert kept(db) == []


@pytest.fixture
def proxy(postgresql_server: PostgreSQL) -> Iterator[Proxy]:
    with proxy_before(postgresql_server.socket_folder) as proxy:
        yield proxy


@pytest.fixture
def behind(proxy: Proxy, postgresql_url: str) -> Iterator[Database]:
    """A database behind a proxy that can misbehave."""
    url = make_url(postgresql_url)
    database = open_database(
        f"postgresql://{url.username}@127.0.0.1:{proxy.port}/{url.database}?sslmode=disable"
        "&gssencmode=disable"
    )
    yield database
    database.close()


def test_a_database_that_hangs_does_not_hold_a_request(behind: Database, proxy: Proxy) -> None:
    began = time.monotonic()

    with (
        pytest.raises(Unreachable, match="nothing was done"),
        behind.transaction(deadline=began + 0.5) as tx,
    ):
        proxy.go_silent()
        keep(tx, "a")

    assert time.monotonic() - began < 1.5


def test_a_pooled_connection_that_hangs_is_given_up_at_the_deadline(
    behind: Database, proxy: Proxy
) -> None:
    assert kept(behind) == []
    proxy.go_silent()
    threading.Event().wait(1.1)  # so that the pool asks the connection whether it is alive
    began = time.monotonic()

    with pytest.raises(Unreachable), behind.transaction(deadline=began + 0.5) as tx:
        keep(tx, "a")

    assert time.monotonic() - began < 4  # the deadline, then one connection attempt of 2 s


def test_a_connection_lost_at_the_commit_is_unknown_not_failed(
    behind: Database, proxy: Proxy, postgresql_url: str
) -> None:
    with (
        pytest.raises(CommitUnknown, match="may be done or not"),
        behind.transaction() as tx,
    ):
        keep(tx, "a")
        proxy.cut_at(b"COMMIT")

    direct = open_database(postgresql_url)
    assert kept(direct) == ["a"]  # it was done, and nobody could know
    direct.close()


def test_a_commit_whose_standby_was_not_waited_for_is_unknown(
    postgresql_server: PostgreSQL, postgresql_url: str
) -> None:
    db = open_database(postgresql_url)
    names = [f"try {number}" for number in range(1000)]
    done = []
    canceller = threading.Thread(target=_cancel_the_waiting_commit, args=(postgresql_server,))
    canceller.start()
    postgresql_server.command("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    try:
        postgresql_server.command("SELECT pg_reload_conf()")
        # The server takes the setting up when it gets to it: commits before that do not wait.
        with pytest.raises(CommitUnknown):
            for name in names:
                done.append(name)
                with db.transaction() as tx:
                    keep(tx, name)
    finally:
        canceller.join()
        postgresql_server.command("ALTER SYSTEM RESET synchronous_standby_names")
        postgresql_server.command("SELECT pg_reload_conf()")
        found = kept(db)
        db.close()
    assert sorted(found) == sorted(done)  # the last one too: it was done, and nobody could know


def _cancel_the_waiting_commit(server: PostgreSQL) -> None:
    server.command(
        "DO $$ BEGIN FOR i IN 1..100 LOOP "
        "PERFORM pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'; "
        "EXIT WHEN FOUND; PERFORM pg_stat_clear_snapshot(); PERFORM pg_sleep(0.05); "
        "END LOOP; END $$"
    )


# --- waking -------------------------------------------------------------------------------------


def test_a_sleeper_is_woken_by_a_commit_and_not_before(db: Database) -> None:
    waiter = db.waiter("timers")

    with db.transaction() as tx:
        wake(tx, "timers")
        assert not waiter.wait(0.05)

    assert waiter.wait(5)
    assert not waiter.wait(0.01)


def test_a_sleeper_sleeps_on_when_the_transaction_is_undone(db: Database) -> None:
    waiter = db.waiter("timers")

    with pytest.raises(RuntimeError), db.transaction() as tx:
        wake(tx, "timers")
        raise RuntimeError

    with db.transaction() as tx:
        keep(tx, "a")
    assert not waiter.wait(0.05)


def test_a_sleeper_on_another_node_is_woken_through_postgresql(postgresql_url: str) -> None:
    here, there = open_database(postgresql_url), open_database(postgresql_url)
    waiter = there.waiter("outbox")

    with here.transaction() as tx:
        wake(tx, "outbox")

    assert waiter.wait(5)
    here.close()
    there.close()


def test_the_database_tells_its_own_time(db: Database) -> None:
    with db.transaction(read_only=True) as tx:
        told = db.now(tx)

    assert told.tzinfo is not None
    assert abs(told - SystemClock().now()) < timedelta(seconds=5)


# --- settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite://", "Give a path"),
        ("sqlite:///:memory:", "Give a path"),
        ("mysql://host/name", "runs on sqlite or postgresql"),
        ("nonsense", "cannot be read"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(BadSettings, match=sentence):
        open_database(url)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        open_database("postgresql://nobody@127.0.0.1:1/none")


def test_a_database_that_is_not_utf8_is_refused(postgresql_server: PostgreSQL) -> None:
    postgresql_server.command(
        "CREATE DATABASE latin ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    )
    url = postgresql_server.url("latin")

    with pytest.raises(BadSettings, match="expected UTF8"):
        open_database(url)
    postgresql_server.drop(url)


def test_a_postgresql_that_may_lose_commits_is_refused(
    postgresql_server: PostgreSQL, postgresql_url: str
) -> None:
    name = make_url(postgresql_url).database
    postgresql_server.command(f'ALTER DATABASE "{name}" SET synchronous_commit = off')

    with pytest.raises(BadSettings, match="lose acknowledged work"):
        open_database(postgresql_url)


def test_sqlite_keeps_what_it_acknowledged(sqlite_url: str) -> None:
    db = open_database(sqlite_url)
    with db.transaction() as tx:
        told = [
            tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        ]
    db.close()

    assert told == ["wal", 2, 5000, 1]


# --- failpoints ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "left"), [("before_commit:2", ["0"]), ("after_commit:2", ["0", "1"])]
)
def test_a_failpoint_kills_the_process_there(sqlite_url: str, place: str, left: list[str]) -> None:
    code = (
        "from tests.store.test_database import keep\n"
        "from store.database import open_database\n"
        f"db = open_database({sqlite_url!r})\n"
        "for number in range(3):\n"
        "    with db.transaction() as tx: keep(tx, str(number))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "FAILPOINT": place}
    )

    assert done.returncode == -signal.SIGKILL
    db = open_database(sqlite_url)
    assert kept(db) == left
    db.close()
