"""The database: one transaction per verb, opened at the edge, on SQLite or PostgreSQL.

Both behave alike above this module. A transaction ends in one of three ways: it is committed; it
raises, and nothing of it was done; or `CommitUnknown`, because the connection broke while the
commit was under way: repeat it with the same idempotency key.
"""

from __future__ import annotations

import random
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store import postgresql, sqlite
from store.deadlines import Alarm, Deadlines
from store.failpoints import failpoint
from store.wakes import CHANNEL, Listener, Waiter, Wakes

Result = TypeVar("Result")

LONGEST = 10.0
"""Seconds a transaction may take, where nobody gives a shorter deadline."""
POOL_SIZE = 16
ATTEMPTS = 3
_PING_AFTER = 1.0  # seconds idle in the pool


class StoreError(Exception):
    """The database, not the command, is why something was not done."""


class Unreachable(StoreError):
    """Not there, or too slow. Nothing was done; it may work later."""


class Contended(Unreachable):
    """Others held the rows too long, or two waited for each other. Nothing was done."""


class CommitUnknown(StoreError):
    """The connection broke during the commit: it may be done or not. Repeat with the same key."""


class BadSettings(StoreError):
    """The database is not set up so that it keeps what it acknowledges."""


class WroteWhileReading(RuntimeError):
    """Our own mistake: something was written in a transaction opened to read. It was undone."""


class Database:
    """One database. Threads may share it; make it with `open_database`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.commits = 0
        """How many transactions that may write were kept here. Where one thread alone writes, the
        same number says that nothing is new."""
        self.is_postgresql = engine.dialect.name == "postgresql"
        self._deadlines = Deadlines()
        self._current = threading.local()
        self._wakes = Wakes()
        self._node = secrets.token_hex(8)
        self._listener: Listener | None = None
        self._listening = threading.Lock()
        event.listen(engine, "checkout", self._checked_out)
        event.listen(engine, "checkin", _checked_in)

    # --- transactions ---------------------------------------------------------------------------

    @contextmanager
    def transaction(
        self, *, read_only: bool = False, deadline: float | None = None
    ) -> Iterator[Connection]:
        """One transaction: committed at the end of the block, undone if the block raises.

        `deadline` is a moment of `time.monotonic()`; without it, the transaction may take
        `LONGEST` seconds. Past it the connection is cut, also when the database hangs.
        Raises Unreachable, Contended or CommitUnknown for what the database is to blame for. What
        is written although `read_only` is undone: PostgreSQL refuses the statement, on SQLite
        WroteWhileReading comes at the end.
        """
        latest = time.monotonic() + LONGEST
        alarm = self._deadlines.set(latest if deadline is None else min(deadline, latest))
        ending = [False]
        try:
            with self._connection(alarm, read_only=read_only) as tx:
                tx.begin()
                _wanted(tx).clear()
                changes = self._changes(tx, read_only=read_only)
                yield tx
                if read_only:
                    if self._changes(tx, read_only=True) != changes:
                        raise WroteWhileReading("A transaction that only reads has written")
                    if self.is_postgresql:
                        # Nothing to keep, but after a rollback psycopg forgets what it prepared.
                        tx.commit()
                else:
                    failpoint("before_commit")
                    wakes = tuple(_wanted(tx))
                    ending[0] = True
                    tx.commit()
                    ending[0] = False
                    self.commits += 1
                    failpoint("after_commit")
                    self._after_commit(tx, wakes)
        except (DBAPIError, PoolTimeout) as error:
            raise _meaning(error, alarm, is_ending=ending[0]) from error
        finally:
            self._deadlines.cancel(alarm)

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do `work` in a transaction; again, at most twice, where two waited for each other."""
        for attempt in range(1, ATTEMPTS):
            try:
                with self.transaction() as tx:
                    return work(tx)
            except Contended:
                # Not all at once again. This is no wait for time to pass, so no beat.
                threading.Event().wait(random.uniform(0.005, 0.05) * attempt)  # noqa: S311
        with self.transaction() as tx:
            return work(tx)

    def now(self, tx: Connection) -> datetime:
        """The database's clock, aware UTC: for leases and for disciplining ours, never for law."""
        if self.is_postgresql:
            told: datetime = tx.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
            return told.astimezone(UTC)
        text = tx.exec_driver_sql("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')").scalar_one()
        return datetime.fromisoformat(text)

    # --- waking ---------------------------------------------------------------------------------

    def wake(self, kind: str) -> None:
        """Wake every beat waiting for `kind`, here and on other nodes."""
        self._wakes.wake(kind)
        if self.is_postgresql:
            with self.transaction() as tx:
                wake(tx, kind)

    def waiter(self, *kinds: str) -> Waiter:
        """Something to sleep on until one of `kinds` is woken (without any: until anything is)."""
        if self.is_postgresql:
            with self._listening:
                if self._listener is None:
                    self._listener = Listener(self._connect_apart, self._wakes, self._node)
        return self._wakes.waiter(*kinds)

    def _after_commit(self, tx: Connection, kinds: tuple[str, ...]) -> None:
        if not kinds:
            return
        for kind in kinds:
            self._wakes.wake(kind)
        if self.is_postgresql:
            # After the commit and not in it: a NOTIFY inside would make all commits queue up. It
            # is committed already, so a failure here is only a wake that is lost.
            with suppress(DBAPIError):
                for kind in kinds:
                    tx.exec_driver_sql(
                        "SELECT pg_notify(%s, %s)", (CHANNEL, f"{kind} {self._node}")
                    )
                tx.commit()

    # --- schema ---------------------------------------------------------------------------------

    def upgrade(self, revision: str = "head") -> None:
        """Bring the schema to `revision` (Alembic). Safe to call on many nodes at once."""
        from store.migrations.run import upgrade

        upgrade(self.engine, revision)

    def schema_revision(self) -> str | None:
        """The revision the database is at; None before the first upgrade."""
        from store.migrations.run import current

        return current(self.engine)

    def check(self) -> None:
        """Refuse, with a sentence, a database that would lose what it acknowledged."""
        with self.transaction(read_only=True) as tx:
            fault = postgresql.fault(tx) if self.is_postgresql else sqlite.fault(tx)
        if fault:
            raise BadSettings(fault)

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        self._deadlines.close()
        self.engine.dispose()

    # --- connections ----------------------------------------------------------------------------

    def _changes(self, tx: Connection, *, read_only: bool) -> int:
        return sqlite.changes(tx) if read_only and not self.is_postgresql else 0

    @contextmanager
    def _connection(self, alarm: Alarm, *, read_only: bool) -> Iterator[Connection]:
        self._current.alarm = alarm
        try:
            connection = self.engine.connect()
        finally:
            self._current.alarm = None
        with connection:
            if self.is_postgresql:
                postgresql.plan_for(connection.connection.driver_connection, read_only=read_only)
            if read_only:
                connection = connection.execution_options(
                    read_only=True, **({"postgresql_readonly": True} if self.is_postgresql else {})
                )
            yield connection

    def _checked_out(self, connection: Any, record: Any, _proxy: Any) -> None:
        alarm: Alarm | None = getattr(self._current, "alarm", None)
        if alarm is not None:
            alarm.guard(connection)
        # The pool's own pre-ping runs before the deadline can guard the connection, and would
        # hang on a hung database; so the ping is ours.
        idle_since = record.info.get("idle_since")
        if self.is_postgresql and idle_since is not None:
            if time.monotonic() - idle_since < _PING_AFTER:
                return
            try:
                postgresql.ping(connection)
            except Exception as error:
                if alarm is not None and alarm.struck:
                    raise
                raise DisconnectionError(str(error)) from error

    def _connect_apart(self) -> Any:
        _, arguments = self.engine.dialect.create_connect_args(self.engine.url)
        return postgresql.connect_apart(dict(arguments))


def wake(tx: Connection, kind: str) -> None:
    """Wake the beats waiting for `kind` once this transaction is committed."""
    _wanted(tx).add(kind)


def open_database(url: str) -> Database:
    """Open `sqlite:///path/to/file.db` or `postgresql://user:password@host/name`.

    Raises BadSettings for an URL or a database that cannot be used, Unreachable if nobody answers.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadSettings(
            f"DATABASE_URL cannot be read: {error}. Expected sqlite:///path or postgresql://host/name"
        ) from error
    database = Database(_engine(parsed))
    try:
        database.check()
    except StoreError:
        database.close()
        raise
    return database


def _engine(url: URL) -> Engine:
    match url.get_backend_name():
        case "sqlite":
            if not url.database or url.database == ":memory:" or "mode=memory" in url.database:
                raise BadSettings(
                    "DATABASE_URL names SQLite without a file; nothing in memory outlives the "
                    "process. Give a path, e.g. sqlite:///var/huzheng.db"
                )
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
            engine = sqlalchemy.create_engine(
                url.set(drivername="sqlite+pysqlite"),
                pool_size=POOL_SIZE,
                max_overflow=0,
                pool_timeout=2,
                connect_args=sqlite.CONNECT,
            )
            sqlite.prepare(engine)
        case "postgresql" | "postgres":
            engine = sqlalchemy.create_engine(
                url.set(drivername="postgresql+psycopg"),
                pool_size=POOL_SIZE,
                max_overflow=0,
                pool_timeout=2,
                connect_args=postgresql.CONNECT,
            )
            postgresql.prepare(engine)
        case other:
            raise BadSettings(
                f"DATABASE_URL names {other}; this system runs on sqlite or postgresql"
            )
    return engine


def _wanted(tx: Connection) -> set[str]:
    wanted: set[str] = tx.info.setdefault("wakes", set())
    return wanted


def _checked_in(_connection: Any, record: Any) -> None:
    record.info["idle_since"] = time.monotonic()


def _meaning(error: Exception, alarm: Alarm, *, is_ending: bool) -> Exception:
    """What a driver's error means for the caller; itself, if the database is not at fault."""
    if isinstance(error, PoolTimeout):
        return Unreachable("All connections to the database are busy; nothing was done")
    if not isinstance(error, DBAPIError):
        return error
    reader = sqlite if isinstance(error.orig, sqlite3.Error) else postgresql
    match reader.meaning(error):
        case "contended":
            return Contended("Others held the rows too long; nothing was done")
        case "lost" if is_ending:
            return CommitUnknown(
                "The connection to the database broke during the commit; it may be done or not"
            )
        case "lost" | "late":
            why = "was too slow" if alarm.struck else "broke the connection or was too slow"
            return Unreachable(f"The database {why}; nothing was done")
        case _:
            return error
