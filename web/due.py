"""How near a due time is, as a word, a mark and a colour; the word alone says it all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from engine.clock import legal_day

HOUR = timedelta(hours=1)
NEAR_DAYS = 1  # tomorrow is near, the day after is not


@dataclass(frozen=True, slots=True)
class Pill:
    """`kind` is a colour of look.css; `key` and `facts` make the word."""

    kind: str
    mark: str
    key: str
    facts: dict[str, Any] = field(default_factory=dict)


NO_LIMIT = Pill("none", "–", "due.none")
PAUSED = Pill("hold", "‖", "due.paused")
MET = Pill("ok", "✓", "due.met")


def pill(due_at: datetime | None, now: datetime, status: str | None = None) -> Pill:
    """Judge a due instant (aware UTC) at `now`. `status` is the clock's, where there is one."""
    if status == "met":
        return MET
    if status == "paused":
        return PAUSED
    if due_at is None:
        return NO_LIMIT
    return _late(due_at, now) if due_at <= now else _ahead(due_at, now)


def _last_day(due_at: datetime) -> date:
    """The last day of a limit: one that ends at midnight ends with the day before."""
    return legal_day(due_at - timedelta.resolution)


def _late(due_at: datetime, now: datetime) -> Pill:
    days = (legal_day(now) - _last_day(due_at)).days
    if days >= 1:
        return Pill("late", "▲", "due.late_days", {"n": days})
    hours = int((now - due_at) / HOUR)
    if hours >= 1:
        return Pill("late", "▲", "due.late_hours", {"n": hours})
    return Pill("late", "▲", "due.late_now")


def _ahead(due_at: datetime, now: datetime) -> Pill:
    days = (_last_day(due_at) - legal_day(now)).days
    if days == 0:
        return Pill("soon", "◆", "due.today", {"at": due_at})
    if days <= NEAR_DAYS:
        return Pill("soon", "◆", "due.tomorrow", {"at": due_at})
    return Pill("ok", "●", "due.days", {"n": days})
