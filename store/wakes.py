"""Waking a beat that sleeps until its next due row: within the process, and between nodes.

A kind is a word such as `timers`, `jobs`, `rungs`, `outbox` or `history`. A wake says only “look
again”: a lost one is no harm, since a beat also looks when its next known row is due.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg

CHANNEL = "huzheng_wakes"


class Wakes:
    """Counts the wakes of every kind, so that none is missed between looking and sleeping."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._counts: dict[str, int] = {}

    def wake(self, kind: str) -> None:
        with self._changed:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._changed.notify_all()

    def waiter(self, *kinds: str) -> Waiter:
        return Waiter(self._changed, self._counts, kinds)


class Waiter:
    """One sleeper. Make it before looking for due rows, and `wait` after."""

    def __init__(
        self, changed: threading.Condition, counts: dict[str, int], kinds: tuple[str, ...]
    ) -> None:
        self._changed = changed
        self._counts = counts
        self._kinds = kinds
        self._seen = self._count()

    def wait(self, seconds: float) -> bool:
        """Sleep until woken, at most `seconds`. Says whether it was woken."""
        with self._changed:
            woken = self._changed.wait_for(lambda: self._count() != self._seen, max(seconds, 0))
            self._seen = self._count()
            return woken

    def _count(self) -> int:
        # A waiter for no kind in particular is woken by every one.
        return sum(self._counts.get(kind, 0) for kind in self._kinds or tuple(self._counts))


class Listener:
    """Hears the wakes of other nodes through PostgreSQL's LISTEN, on a connection of its own."""

    def __init__(
        self, connect: Callable[[], psycopg.Connection[Any]], wakes: Wakes, node: str
    ) -> None:
        self._connect = connect
        self._wakes = wakes
        self._node = node
        self._stopped = threading.Event()
        self._listens = threading.Event()
        self._thread = threading.Thread(target=self._run, name="database-wakes", daemon=True)
        self._thread.start()
        self._listens.wait(2)

    def close(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=3)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except psycopg.Error:
                # The database is away. Beats look by themselves meanwhile; try again in a second.
                self._stopped.wait(1)

    def _listen(self) -> None:
        with self._connect() as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self._listens.set()
            while not self._stopped.is_set():
                for notice in connection.notifies(timeout=0.5):
                    kind, _, node = notice.payload.partition(" ")
                    if node != self._node:  # our own sleepers know already
                        self._wakes.wake(kind)
