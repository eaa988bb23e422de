"""What PostgreSQL needs: bounded waits, UTF-8, and no commit that is only half a promise."""

from __future__ import annotations

from typing import Any, Literal

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

Meaning = Literal["contended", "lost", "late", "ours"]

OPTIONS = " ".join(
    f"-c {setting}"
    for setting in (
        "lock_timeout=2000",
        "statement_timeout=10000",
        "idle_in_transaction_session_timeout=30000",
        r"default_transaction_isolation=read\ committed",
        "timezone=UTC",
        "client_encoding=UTF8",
    )
)
CONNECT: dict[str, Any] = {
    "connect_timeout": 2,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": OPTIONS,
    "application_name": "huzheng",
}
PREPARE_AFTER = 5  # times that a statement was executed
PREPARED = 1_000
"""Statements that a connection keeps prepared: more than the program has in common use."""
_CONTENDED = frozenset({"40001", "40P01", "55P03"})
_LATE = frozenset({"57014", "25P03", "53300", "57P03"})


class DoubtfulCommit(psycopg.OperationalError):
    """Committed here, but perhaps not on the standby: to the caller the outcome is unknown."""


class PromisedConnection(psycopg.Connection[Any]):
    """A connection that does not take “perhaps” for a commit.

    A backend that is cancelled while it waits for the synchronous standby reports success and
    sends only a warning; the standby may not have the rows, and a failover then loses them.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._is_doubtful = False
        self.prepared_max = PREPARED
        self.add_notice_handler(self._noticed)

    def _noticed(self, notice: psycopg.errors.Diagnostic) -> None:
        # By the function's name, since the message is in the server's language.
        if notice.source_function == "SyncRepWaitForLSN" or (
            notice.message_primary or ""
        ).startswith("canceling wait for synchronous replication"):
            self._is_doubtful = True

    def commit(self) -> None:
        super().commit()
        if self._is_doubtful:
            self._is_doubtful = False
            self.close()
            raise DoubtfulCommit("The commit's wait for the synchronous standby was cancelled")


def prepare(engine: Engine) -> None:
    event.listen(engine, "do_connect", _connect)


def fault(tx: Connection) -> str | None:
    """A sentence about the setting that would lose or spoil data, if there is one."""
    told = {
        name: tx.exec_driver_sql(f"SHOW {name}").scalar_one()
        for name in ("server_encoding", "synchronous_commit", "fsync", "server_version_num")
    }
    if told["server_encoding"] != "UTF8":
        return (
            f"The database is encoded in {told['server_encoding']}, expected UTF8. Make it anew: "
            "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        )
    if told["synchronous_commit"] == "off" or told["fsync"] == "off":
        return (
            f"PostgreSQL has synchronous_commit = {told['synchronous_commit']} and fsync = "
            f"{told['fsync']}: it would lose acknowledged work. Set both to on"
        )
    if int(told["server_version_num"]) < 150_000:
        return f"PostgreSQL {told['server_version_num']} is too old; 15 or newer is needed"
    return None


def ping(connection: Any) -> None:
    connection.execute("SELECT 1")
    connection.commit()  # after a rollback psycopg forgets what it prepared


def plan_for(connection: Any, *, read_only: bool) -> None:
    """Prepare the statements of deeds, which are few and look rows up by their ids. Those of lists
    and figures are planned anew each time: only with the values at hand does the planner see that
    the index of what is open is the one to take."""
    connection.prepare_threshold = None if read_only else PREPARE_AFTER


def connect_apart(arguments: dict[str, Any]) -> psycopg.Connection[Any]:
    """A connection outside the pool, for LISTEN."""
    return psycopg.connect(**{**CONNECT, **arguments}, autocommit=True)


def meaning(error: DBAPIError) -> Meaning:
    state = getattr(error.orig, "sqlstate", None)
    if state in _CONTENDED:
        return "contended"
    if state in _LATE:
        return "late"
    if state is None and isinstance(error.orig, psycopg.OperationalError | psycopg.InterfaceError):
        return "lost"
    if state is not None and state.startswith(("08", "57P0")):
        return "lost"
    return "ours"


def _connect(_dialect: Any, _record: Any, arguments: Any, named: dict[str, Any]) -> Any:
    return PromisedConnection.connect(*arguments, **named)
