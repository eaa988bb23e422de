"""How often one address may ask a page that needs no sign-in. Counted in this process: with
several nodes each has its own count."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

WITHIN = timedelta(minutes=5)
_MOST_ADDRESSES = 10_000


class Tries:
    """At most `most` per address in five minutes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._since: dict[str, tuple[datetime, int]] = {}

    def allow(self, address: str, now: datetime) -> bool:
        """Count one; say whether it may pass. `now` is aware UTC."""
        with self._lock:
            since, count = self._since.get(address, (now, 0))
            if now - since >= WITHIN:
                since, count = now, 0
            if len(self._since) >= _MOST_ADDRESSES:
                self._since.clear()
            self._since[address] = (since, count + 1)
            return count < self.most
