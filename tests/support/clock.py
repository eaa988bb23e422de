"""A clock that stands still until it is told to go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class GivenClock:
    """Begins on Monday 2 March 2026 at 09:00 in Taipei."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def move(self, by: timedelta) -> datetime:
        """Go on, never back."""
        if by < timedelta():
            raise ValueError(f"Expected time to go on, got {by}")
        self._now += by
        return self._now

    def move_to(self, moment: datetime) -> datetime:
        return self.move(moment - self._now)
