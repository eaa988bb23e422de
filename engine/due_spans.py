"""When a task is due, in the spans people filter by. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum

from engine.clock import TAIPEI, legal_day

_WEEK = timedelta(days=7)


class Due(StrEnum):
    OVERDUE = "overdue"
    AIM = "aim"  # not overdue, but the office's own aim is behind; it may end in any span below
    TODAY = "today"
    WEEK = "week"  # in the seven days after today
    LATER = "later"
    NONE = "none"  # no limit presses on it


def edges(now: datetime) -> tuple[datetime, datetime]:
    """When today ends, and when the seven days after it do; aware, by Taipei's calendar."""
    end_of_today = datetime.combine(legal_day(now) + timedelta(days=1), time(), TAIPEI)
    return end_of_today, end_of_today + _WEEK
