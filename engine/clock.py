"""The one place that reads the clock. Everybody below is given `now`, aware UTC."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

TAIPEI = ZoneInfo("Asia/Taipei")


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock, corrected by `offset` against the database's (see `discipline`)."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return datetime.now(tz=UTC) + self._offset

    def discipline(self, database_now: datetime) -> timedelta:
        """Follow the database's clock, so that a node an hour off fires neither early nor late.

        Returns the offset now applied. Differences under a second are left alone.
        """
        with self._lock:
            offset = database_now - datetime.now(tz=UTC)
            self._offset = timedelta() if abs(offset) < timedelta(seconds=1) else offset
            return self._offset


def legal_day(instant: datetime) -> date:
    """The civil date in Asia/Taipei of an aware instant."""
    return instant.astimezone(TAIPEI).date()
