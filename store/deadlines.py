"""A deadline that also holds when the database hangs.

A driver waits for an answer for ever, and keep-alives do not help when the peer's machine still
acknowledges packets (a stopped backend, a proxy that lost its other half). So one thread per
database looks ten times a second which transactions are past their deadline and takes the
connection from under them: a PostgreSQL socket is shut down, a SQLite statement interrupted. The
waiting thread then gets an ordinary error of its driver.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import threading
import time
from typing import Any

LOOK_EVERY = 0.1
"""Seconds between two looks: how late a deadline may strike."""


class Alarm:
    """One transaction's deadline: a moment of `time.monotonic()`."""

    def __init__(self, moment: float) -> None:
        self.moment = moment
        self.struck = False
        self._connection: Any = None
        self._lock = threading.Lock()

    def guard(self, connection: Any) -> None:
        """Watch this driver connection from now on (the one before it is given up)."""
        with self._lock:
            self._connection = connection

    def strike(self) -> None:
        # Under the lock, so that a connection that went back to the pool is never shut down.
        with self._lock:
            if self._connection is not None:
                self.struck = True
                _cut(self._connection)
                self._connection = None


class Deadlines:
    """All alarms of one database, and the thread that looks at them."""

    def __init__(self) -> None:
        self._alarms: set[Alarm] = set()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def set(self, moment: float) -> Alarm:
        alarm = Alarm(moment)
        self._alarms.add(alarm)
        if self._thread is None:
            self._start()
        return alarm

    def cancel(self, alarm: Alarm) -> None:
        self._alarms.discard(alarm)
        alarm.guard(None)

    def close(self) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._look, name="database-deadlines", daemon=True
                )
                self._thread.start()

    def _look(self) -> None:
        while not self._stopped.wait(LOOK_EVERY):
            now = time.monotonic()
            for alarm in tuple(self._alarms):
                if alarm.moment <= now:
                    alarm.strike()


def _cut(connection: Any) -> None:
    # Whatever goes wrong here means that the connection is gone already.
    with contextlib.suppress(Exception):
        if isinstance(connection, sqlite3.Connection):
            connection.interrupt()
        elif not connection.closed:
            with socket.socket(fileno=os.dup(connection.pgconn.socket)) as its_socket:
                its_socket.shutdown(socket.SHUT_RDWR)
