"""ISO 8601 as BPMN timers write it, told apart and turned into the text of FEEL literals.

A duration in FEEL is either of years and months or of days and time; ISO 8601 allows both at once
(`P1M2D`), which has no single length and is refused. Weeks are seven days.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = r"\d{1,9}"
_CALENDAR: Final = re.compile(rf"P(?:({_NUMBER})Y)?(?:({_NUMBER})M)?\Z")
_WEEKS: Final = re.compile(rf"P({_NUMBER})W\Z")
_CLOCK: Final = re.compile(
    rf"P(?:({_NUMBER})D)?(?:T(?:({_NUMBER})H)?(?:({_NUMBER})M)?(?:({_NUMBER}(?:\.\d{{1,6}})?)S)?)?\Z"
)
_CYCLE: Final = re.compile(r"R(\d{0,9})/(.+)\Z")
_LOOKS_ISO: Final = re.compile(r"-?P(?=[\dT])[\dYMWDTHS.,]*\Z")


@dataclass(frozen=True, slots=True)
class Duration:
    """Either `months` or `time` is zero; both are never negative."""

    months: int = 0
    time: dt.timedelta = dt.timedelta()

    @property
    def is_zero(self) -> bool:
        return self.months == 0 and not self.time

    @property
    def feel(self) -> str:
        """This duration as a FEEL expression."""
        if self.months:
            return f'duration("P{self.months}M")'
        part = f".{self.time.microseconds:06d}" if self.time.microseconds else ""
        return f'duration("P{self.time.days}DT{self.time.seconds}{part}S")'


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repeating interval: `turns` firings (None: without end), `every` so long, from `start`.

    Without `start` the first turn comes one interval after the timer was set.
    """

    turns: int | None
    every: Duration
    start: dt.datetime | None = None


class NotATime(ValueError):
    """The text is not the ISO 8601 it should be; the message is a sentence."""


def looks_like_duration(text: str) -> bool:
    """Whether `text` was meant as an ISO 8601 duration rather than as FEEL."""
    return _LOOKS_ISO.match(text) is not None


def parse_duration(text: str) -> Duration:
    """Read an ISO 8601 duration such as `P7D`, `PT1H30M`, `P1M`, `P2W`. Raises NotATime."""
    if calendar := _CALENDAR.match(text):
        years, months = (int(part or 0) for part in calendar.groups())
        if any(calendar.groups()):
            return Duration(months=12 * years + months)
    if weeks := _WEEKS.match(text):
        return _of_time(days=7 * int(weeks.group(1)))
    clock = _CLOCK.match(text)
    if clock and any(clock.groups()) and not text.endswith("T"):
        days, hours, minutes, seconds = (float(part or 0) for part in clock.groups())
        return _of_time(days=days, hours=hours, minutes=minutes, seconds=seconds)
    raise NotATime(
        f"Expected an ISO 8601 duration of years and months (P1M) or of days and time (P7D, PT2H), "
        f"but got {text!r}"
    )


def _of_time(**parts: float) -> Duration:
    try:
        return Duration(time=dt.timedelta(**parts))
    except OverflowError as problem:
        raise NotATime("Expected a duration of less than 2.7 million years") from problem


def parse_date(text: str) -> dt.date:
    """Read an ISO 8601 date. Raises NotATime."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as problem:
        raise NotATime(f"Expected a date such as 2026-03-02, but got {text!r}") from problem


def parse_moment(text: str) -> dt.datetime:
    """Read an ISO 8601 date and time with its offset from UTC. Raises NotATime without one."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as problem:
        raise NotATime(
            f"Expected a date and time such as 2026-03-02T09:00+08:00, but got {text!r}"
        ) from problem
    if moment.tzinfo is None:
        raise NotATime(f"Expected a date and time with a zone, such as {text}+08:00")
    return moment


def parse_cycle(text: str) -> Cycle:
    """Read an ISO 8601 repeating interval: `R3/PT1H`, `R/P1D`, `R5/2026-03-02T09:00+08:00/P1D`.

    Raises NotATime, also for an interval of no length: it would fire for ever at one instant.
    """
    cycle = _CYCLE.match(text.strip())
    if cycle is None:
        raise NotATime(f"Expected a repeating interval such as R3/PT1H, but got {text!r}")
    turns = int(cycle.group(1)) if cycle.group(1) else None
    if turns == 0:
        raise NotATime(f"Expected a cycle of at least one turn, but got {text!r}")
    *start, every = cycle.group(2).split("/")
    if len(start) > 1:
        raise NotATime(f"Expected R, an optional start and an interval, but got {text!r}")
    duration = parse_duration(every)
    if duration.is_zero:
        raise NotATime(f"Expected an interval longer than nothing, but got {text!r}")
    return Cycle(turns, duration, parse_moment(start[0]) if start else None)
