"""A clock's ledger, replayed. Pure: entries and a calendar in, the explained date out.

Every date the system shows can be computed again from here, so nothing about a clock is stored
that the entries do not say (`clocks` holds the result, for queries).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sla import periods
from sla.acts import Acts, Extension, Pause, PauseGround
from sla.errors import PeriodError
from sla.rules import Rule
from sla.settings import Settings
from sla.spans import Unit
from sla.steps import Explained, Moment
from sla.working_time import Calendar, instant


@dataclass(frozen=True, slots=True)
class Entry:
    """One act on a clock. `at` is aware UTC, `on_day` the day in Taipei that the law counts."""

    kind: str  # start, pause, resume, extend, transfer, recalculate, stop
    at: datetime
    on_day: date
    ground: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Start:
    """What starts a clock: `on` is the event's day or an aware instant, `task_id` for a task's."""

    on: Moment
    task_id: UUID | None = None

    def entry(self) -> Entry:
        """The first entry of the ledger. Raises PeriodError for a time without a zone."""
        day = periods.taipei_date(self.on)
        # A day begins at midnight in Taipei; the shares of a limit are counted from there.
        at = self.on if isinstance(self.on, datetime) else instant(day, time())
        return Entry("start", at, day, detail={"instant": isinstance(self.on, datetime)})


def pausing(ground: str, on: date, now: datetime) -> Entry:
    """The entry of a pause from the day `on`. Raises PeriodError for a ground the law lacks."""
    if ground not in {each.value for each in PauseGround}:
        grounds = "、".join(PauseGround), ", ".join(PauseGround)
        raise PeriodError(
            "pause.ground",
            zh=f"沒有停止事由「{ground}」；可用的有：{grounds[0]}。",
            en=f"There is no ground {ground!r} to pause; there are {grounds[1]}.",
        )
    return Entry("pause", now, on, ground=ground)


def replay(
    rule: Rule, entries: Sequence[Entry], calendar: Calendar, settings: Settings
) -> Explained:
    """The due date that the entries lead to, with its steps."""
    return periods.due(rule, _start(rule, entries[0]), calendar, settings, _acts(entries, settings))


def is_paused(entries: Sequence[Entry]) -> bool:
    """Whether the last act that stops or moves the clock was a pause."""
    moving = [entry.kind for entry in entries if entry.kind in ("pause", "resume", "start")]
    return bool(moving) and moving[-1] == "pause"


def is_extended(entries: Sequence[Entry]) -> bool:
    return any(entry.kind == "extend" for entry in entries)


def _start(rule: Rule, start: Entry) -> Moment:
    # A rule in hours, or with a receipt policy, needs the instant; the event's day is enough else.
    if start.detail.get("instant") or rule.unit is Unit.HOUR:
        return start.at
    return start.on_day


def _acts(entries: Sequence[Entry], settings: Settings) -> Acts:
    pauses: list[Pause] = []
    opened: Entry | None = None
    extension: Extension | None = None
    for entry in entries:
        if entry.kind == "pause" and opened is None:
            opened = entry
        elif entry.kind == "resume" and opened is not None:
            _close(pauses, opened, entry.on_day, settings)
            opened = None
        elif entry.kind == "extend":
            extension = Extension(
                int(entry.detail["length"]), Unit(entry.detail["unit"]), entry.on_day
            )
    if opened is not None:
        _close(pauses, opened, None, settings)
    return Acts(tuple(pauses), extension)


def _close(pauses: list[Pause], opened: Entry, returned: date | None, settings: Settings) -> None:
    ground = PauseGround(opened.ground or PauseGround.NO_FAULT)
    pause = Pause.between(opened.on_day, returned, ground, settings.pause_convention)
    if pause is not None:
        pauses.append(pause)
