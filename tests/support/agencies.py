"""Ways out of the house for tests, and agencies that answer when told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from agencies.retry import Outcome
from agencies.transports import Endpoint, Parcel, Receipt

SECRET = b"a secret between the office and its agencies"
ENDPOINT = Endpoint("http://127.0.0.1:1", SECRET, "http://127.0.0.1:1/answers")
TAKEN = Receipt(Outcome.DELIVERED, 202, "HTTP 202")


@dataclass
class RecordingTransport:
    """Takes every parcel, and remembers it. `effects` counts each idempotency key once."""

    parcels: list[Parcel] = field(default_factory=list)
    on_the_way: Callable[[Parcel], None] = lambda parcel: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, parcel: Parcel, at: datetime) -> Receipt:
        with self._lock:
            self.parcels.append(parcel)
        self.on_the_way(parcel)
        return TAKEN

    @property
    def effects(self) -> set[str]:
        return {parcel.id for parcel in self.parcels}


@dataclass
class FailingTransport(RecordingTransport):
    """Fails so many times (at `peer`, if one is named), then takes everything."""

    times: int = 1
    outcome: Outcome = Outcome.PASSING
    peer: str | None = None

    def __call__(self, parcel: Parcel, at: datetime) -> Receipt:
        super().__call__(parcel, at)
        if self.times > 0 and self.peer in (None, parcel.peer):
            self.times -= 1
            return Receipt(self.outcome, 503, "HTTP 503")
        return TAKEN
