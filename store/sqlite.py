"""What SQLite needs: one writer at a time, and nothing acknowledged before it is on the disk."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from store.prepared import execute

Meaning = Literal["contended", "lost", "late", "ours"]

_SETTINGS = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    # NORMAL loses acknowledged work when the power fails (measured); FULL loses none.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16000",
)

CONNECT = {"cached_statements": 512}
"""Statements that a connection keeps prepared. The product uses more than the 128 of the driver,
which would then be read and planned again and again."""


def prepare(engine: Engine) -> None:
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begin)


def fault(tx: Connection) -> str | None:
    """A sentence about the setting that would lose acknowledged work, if there is one."""
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    for name, value in expected.items():
        told = tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        if told != value:
            return (
                f"SQLite has {name} = {told}, expected {value}: it would not keep what it "
                "acknowledged. Is the file on a network drive, or opened by another program?"
            )
    return None


def meaning(error: DBAPIError) -> Meaning:
    code = getattr(error.orig, "sqlite_errorname", "")
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "contended"
    if code.startswith("SQLITE_IOERR"):
        return "lost"
    if code.startswith(("SQLITE_INTERRUPT", "SQLITE_FULL", "SQLITE_CANTOPEN")):
        return "late"
    return "ours"


def _connected(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    for setting in _SETTINGS:
        connection.execute(setting).fetchall()


def changes(tx: Connection) -> int:
    """How many rows this connection has changed in its life."""
    return tx.connection.dbapi_connection.total_changes  # type: ignore[union-attr, no-any-return]


def _begin(connection: Connection) -> None:
    # A transaction that begins by reading and writes later meets “database is locked” whenever
    # somebody wrote in between, and no waiting helps: so writers say at once that they will write.
    # Readers are not held to it by PRAGMA query_only: every change of a pragma throws away all
    # prepared statements of the connection, which made each writer compile its own anew.
    is_reader = connection.get_execution_options().get("read_only")
    execute(connection, "BEGIN" if is_reader else "BEGIN IMMEDIATE")
