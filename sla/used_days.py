"""Used working days: the second count of a case, beside the period that the law gives it. Pure.

The period says when the matter must be done; the days used say how long the office had it in hand.
Only days the office works count, the day of receipt does not, but a matter finished on that very
day has used half a day. What stood still by law is left out, and so are the days on which another
agency had to answer, though waiting for it stops no period. All of it is read from the ledger, so
that it can be counted again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sla.acts import GROUND_WORDS, Pause, PauseGround
from sla.counting import day_received
from sla.ledger import Entry, counted_from, moment_of
from sla.rules import Rule
from sla.settings import AgencyWait, HalfDayUsed, PauseConvention, Settings
from sla.working_time import ONE_DAY, Calendar

NOTHING, HALF, WHOLE = Decimal(0), Decimal("0.5"), Decimal(1)
AGENCY = "agency"
_AWAY_WORDS = ("等候其他機關", "waiting for another agency")
_ENDS = {
    AgencyWait.BETWEEN: PauseConvention.BOTH_COUNT,
    AgencyWait.AS_PAUSE: None,  # as the office has it for pauses
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Days that are not counted as used, `first` to `last` inclusive: `days` working days of them.

    `why` is `pause` or `away`, `ground` the reason in Chinese and English. `agency` is the id of
    the agency that was waited for, empty for a pause. `goes_on` says that it has not ended.
    """

    why: str
    first: date
    last: date
    days: Decimal
    ground: tuple[str, str]
    agency: str = ""
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class UsedDays:
    """The days used from the day after `since` to `until`, both Taipei dates, in halves.

    `rest_days` are the days between that the office did not work, `half_days` those it worked for
    one half only. `same_day` says that it was finished on the day of receipt. `left_out` are in
    order, and no day is in two of them.
    """

    days: Decimal
    since: date
    until: date
    rest_days: int
    half_days: tuple[date, ...]
    left_out: tuple[LeftOut, ...]
    same_day: bool = False


def used_days(
    rule: Rule, entries: Sequence[Entry], calendar: Calendar, settings: Settings, today: date
) -> UsedDays:
    """Count a clock's used working days by its ledger, until it was stopped, else until `today`.

    Raises CalendarError for days that the calendar does not hold.
    """
    counted = counted_from(entries)
    since = day_received(rule, moment_of(counted[0]), calendar, settings)
    stopped = next((each.on_day for each in counted if each.kind == "stop"), None)
    until = max(since, today if stopped is None else stopped)
    if stopped is not None and until == since:
        days = HALF if calendar.is_working_day(since) else NOTHING
        return UsedDays(days, since, until, 0, (), (), same_day=True)
    spans = [*_pauses(counted, settings), *_waits(counted, settings)]
    return _counted(calendar, settings, since, until, spans)


@dataclass(frozen=True, slots=True)
class _Span:
    """Days to leave out, not yet weighed; `last` None: it goes on."""

    why: str
    first: date
    last: date | None
    ground: tuple[str, str]
    agency: str = ""

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def _counted(
    calendar: Calendar, settings: Settings, since: date, until: date, spans: Sequence[_Span]
) -> UsedDays:
    used, rest_days, half_days = NOTHING, 0, []
    taken: dict[_Span, list[tuple[date, Decimal]]] = {}
    for day in _days(since + ONE_DAY, until):
        weight = _weight(calendar, settings, day)
        if weight == NOTHING:
            rest_days += 1
            continue
        span = next((each for each in spans if each.covers(day)), None)
        if span is not None:
            taken.setdefault(span, []).append((day, weight))
            continue
        used += weight
        if weight == HALF:
            half_days.append(day)
    left_out = tuple(sorted(_left_out(taken, until), key=lambda each: each.first))
    return UsedDays(_plain(used), since, until, rest_days, tuple(half_days), left_out)


def _left_out(taken: dict[_Span, list[tuple[date, Decimal]]], until: date) -> Iterator[LeftOut]:
    for span, days in taken.items():
        total = _plain(sum((weight for _, weight in days), NOTHING))
        goes_on = span.last is None
        last = until if goes_on else days[-1][0]
        yield LeftOut(span.why, days[0][0], last, total, span.ground, span.agency, goes_on)


def _weight(calendar: Calendar, settings: Settings, day: date) -> Decimal:
    known = calendar.day(day)
    if not known.is_working:
        return NOTHING
    is_half = known.half is not None and settings.half_day_used is HalfDayUsed.HALF
    return HALF if is_half else WHOLE


def _plain(days: Decimal) -> Decimal:
    """Without the `.0` that whole days get from halves."""
    return days.quantize(WHOLE) if days == days.to_integral_value() else days


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _pauses(entries: Sequence[Entry], settings: Settings) -> Iterator[_Span]:
    opened: Entry | None = None
    for entry in entries:
        if entry.kind == "pause" and opened is None:
            opened = entry
        elif entry.kind in ("resume", "stop") and opened is not None:
            yield from _paused(opened, entry.on_day, settings)
            opened = None
    if opened is not None:
        yield from _paused(opened, None, settings)


def _paused(opened: Entry, until: date | None, settings: Settings) -> Iterator[_Span]:
    ground = PauseGround(opened.ground or PauseGround.NO_FAULT)
    found = _between(opened.on_day, until, settings.pause_convention)
    if found is not None:
        yield _Span("pause", found.first, found.last, GROUND_WORDS[ground])


def _waits(entries: Sequence[Entry], settings: Settings) -> Iterator[_Span]:
    """What other agencies were asked, each until it answered or the clock was stopped."""
    if settings.agency_wait is AgencyWait.COUNTED:
        return
    ends = _ENDS[settings.agency_wait] or settings.pause_convention
    opened: dict[str, Entry] = {}
    for entry in entries:
        key = str(entry.detail.get("key", ""))
        if entry.kind == "away":
            opened.setdefault(key, entry)
        elif entry.kind == "back" and key in opened:
            yield from _waited(opened.pop(key), entry.on_day, ends)
        elif entry.kind == "stop":
            for each in opened.values():
                yield from _waited(each, entry.on_day, ends)
            opened.clear()
    for each in opened.values():
        yield from _waited(each, None, ends)


def _waited(asked: Entry, until: date | None, ends: PauseConvention) -> Iterator[_Span]:
    found = _between(asked.on_day, until, ends)
    if found is not None:
        agency = str(asked.detail.get("agency", ""))
        yield _Span("away", found.first, found.last, _AWAY_WORDS, agency)


def _between(first: date, until: date | None, ends: PauseConvention) -> Pause | None:
    # A return that was entered for an earlier day than the pause takes no day out.
    if until is not None and until < first:
        return None
    return Pause.between(first, until, PauseGround.NO_FAULT, ends)
