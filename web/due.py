"""How near a due time is, as a word, a mark and a colour; the word alone says it all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from engine.clock import legal_day
from sla.parties import Party

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
TERM_OVER = Pill("wait", "◇", "due.term_over")


def pill(
    due_at: datetime | None,
    now: datetime,
    status: str | None = None,
    party: str = Party.OFFICE,
    target_at: datetime | None = None,
) -> Pill:
    """Judge a due instant (aware UTC) at `now`. `status` is the clock's, where there is one, and
    `party` who must act within it: with an applicant's limit nobody here is late. `target_at` is
    the office's own aim: behind it the limit is warned of, though it is late only when it ends."""
    if status == "met":
        return MET
    if status == "paused":
        return PAUSED
    if due_at is None:
        return NO_LIMIT
    if due_at > now:
        return _ahead(due_at, now, target_at)
    return _late(due_at, now) if party == Party.OFFICE else TERM_OVER


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


def _ahead(due_at: datetime, now: datetime, target_at: datetime | None) -> Pill:
    days = (_last_day(due_at) - legal_day(now)).days
    if days == 0:
        return Pill("soon", "◆", "due.today", {"at": due_at})
    if days <= NEAR_DAYS:
        return Pill("soon", "◆", "due.tomorrow", {"at": due_at})
    if target_at is not None and target_at <= now:
        return Pill("soon", "◆", "due.past_target", {"n": days})
    return Pill("ok", "●", "due.days", {"n": days})
