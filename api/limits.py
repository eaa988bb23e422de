"""How often somebody may call. Counted in this process: each node of several has its own count."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
MOST_KEYS = 10_000


class Limiter:
    """At most `limit` calls per key and minute. A limit of 0 is none."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[datetime, int]] = {}  # since when, how many

    def wait_for(self, key: str, now: datetime) -> int:
        """Count a call; 0 if it may pass, else the seconds to wait."""
        if not self.limit:
            return 0
        with self._lock:
            since, count = self._counts.get(key, (now, 0))
            if not since <= now < since + MINUTE:
                since, count = now, 0
            if len(self._counts) >= MOST_KEYS:
                self._forget(now)
            self._counts[key] = (since, count + 1)
        return 0 if count < self.limit else int((since + MINUTE - now).total_seconds()) + 1

    def _forget(self, now: datetime) -> None:
        """Drop what is over; if that is not enough, all: better too lenient than out of memory."""
        self._counts = {key: at for key, at in self._counts.items() if now < at[0] + MINUTE}
        if len(self._counts) >= MOST_KEYS:
            self._counts = {}


@dataclass(frozen=True, slots=True)
class Limits:
    """Per account; per source address for those who try to sign in or read what is public."""

    calls: Limiter = field(default_factory=lambda: Limiter(120))
    sign_ins: Limiter = field(default_factory=lambda: Limiter(30))
    public: Limiter = field(default_factory=lambda: Limiter(120))
