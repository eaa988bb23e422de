"""Counting one period in days, weeks, months or years, step by step.

The arithmetic of the Administrative Procedure Act, art. 48, or, where that act does not apply, of
the Civil Code, arts. 119-124. `sla.periods.due` is the door.
"""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from engine.clock import TAIPEI
from engine.minguo import format_date
from sla.acts import GROUND_WORDS, Acts, Extension, Pause, apart
from sla.errors import PeriodError
from sla.rules import ComputedBy, Kind, Roll, Rule, Starts
from sla.settings import DayEnd, HalfDayClosure, PausedMonths, Receipt, SaturdayEnd, Settings
from sla.spans import Span, Unit
from sla.steps import Action, Explained, Moment, Passed, Step
from sla.wording import UNIT_WORDS
from sla.working_time import ONE_DAY, Calendar, instant

MIDNIGHT = time(0)
NOON = time(12)

_WORKING = Unit.WORKING_DAY

# The same four rules stand in two laws; APA 3(3)(2) and Appeals Act 17 send some matters to the
# Civil Code, which knows no Monday "morning".
_FIRST_DAY = {ComputedBy.APA: "APA 48(2)", ComputedBy.CC: "CC 120(2)"}
_CORRESPONDING_DAY = {ComputedBy.APA: "APA 48(3)", ComputedBy.CC: "CC 121(2)"}
_REST_DAY = {ComputedBy.APA: "APA 48(4)", ComputedBy.CC: "CC 122"}


def taipei_date(moment: Moment) -> date:
    """The date in Taipei of an aware instant; a date is itself. Raises PeriodError if naive."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise PeriodError(
            "period.naive",
            zh=f"時間 {moment} 沒有時區，請寫成 2026-03-12T10:30+08:00。",
            en=f"Expected an aware time, but {moment} has no zone; write it with +08:00.",
        )
    return moment.astimezone(TAIPEI).date()


def last_day_of_months(day_zero: date, months: int) -> date:
    """The last day of `months` whose day 1 is the day after `day_zero` (Civil Code 121(2)).

    It is the day before the day that corresponds to day 1; a month without such a day gives its
    own last day. So a period that begins on the first of a month ends with a month.
    """
    first = day_zero + ONE_DAY
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    month += 1
    longest = monthrange(year, month)[1]
    if first.day > longest:
        return date(year, month, longest)
    return date(year, month, first.day) - ONE_DAY


@dataclass(slots=True)
class _Run:
    """A period while it is being counted; `day` is the last day so far (at first, day zero)."""

    rule: Rule
    calendar: Calendar
    settings: Settings
    pauses: tuple[Pause, ...]
    day: date
    steps: list[Step] = field(default_factory=list)
    remaining: int | None = None
    saturday: bool = False

    def step(
        self,
        action: Action,
        article: str,
        after: date,
        amount: int | None = None,
        passed: Passed = (),
    ) -> None:
        """Go on to `after`, and say why."""
        self.steps.append(Step(action, article, self.day, after, amount, passed))
        self.day = after

    @property
    def unit(self) -> Unit:
        """The unit of the rule, the office's reading of "days" applied."""
        if self.rule.unit is Unit.DAY:
            return Unit(self.settings.day_unit.value)
        return self.rule.unit


def count_period(
    rule: Rule, start: Moment, calendar: Calendar, settings: Settings, acts: Acts
) -> Explained:
    """Count `rule` from `start` to its last day; see `sla.periods.due`."""
    run = _Run(rule, calendar, settings, apart(acts.pauses), taipei_date(start))
    run.steps.append(Step(Action.STARTS, rule.article, None, run.day, source=rule.source))
    _receive(run, start)
    spans = rule.spans()
    is_on_the_spot = not any(span.amount or span.unit is not _WORKING for span in spans)
    if not is_on_the_spot or _first_day_counts(run):
        _first_day(run)
    begun = run.day
    for span in spans:
        _count(run, span)
    if run.remaining is None:
        _end_on_working_day(run, begun)
        if acts.extension is not None:
            _extend(run, acts.extension)
    if run.remaining is not None:
        return _standing_still(run)
    if rule.kind is Kind.AGE:
        run.step(Action.AGE_COMPLETE, "CC 124(1)", run.day + ONE_DAY)
        return _explained(run, instant(run.day, MIDNIGHT))
    _compare_term(run, acts.term_set_to)
    return _explained(run, _end(run))


def day_received(rule: Rule, start: Moment, calendar: Calendar, settings: Settings) -> date:
    """The day a matter counts as received, by the office's policy for what comes out of hours."""
    day = taipei_date(start)
    if (
        rule.kind is not Kind.PROCESSING
        or settings.receipt is not Receipt.NEXT_WORKING_DAY
        or not isinstance(start, datetime)
    ):
        return day
    opening = calendar.opening(day)
    # Before opening on a working day is still that day: the desk finds it in the morning.
    return day if opening is not None and start < opening[1] else calendar.next_working_day(day)


def _receive(run: _Run, start: Moment) -> None:
    """Apply the office's receipt policy to an application that came at a time of day."""
    received = day_received(run.rule, start, run.calendar, run.settings)
    if received != run.day:
        run.step(Action.RECEIVED_LATER, "", received)


def _first_day(run: _Run) -> None:
    if _first_day_counts(run):
        day = run.day
        words = (format_date(day, "zh-TW"), format_date(day, "en"))
        article = "CC 124(1)" if run.rule.kind is Kind.AGE else run.rule.article
        run.day = day - ONE_DAY
        run.steps.append(Step(Action.FIRST_DAY_COUNTED, article, day, run.day, words=words))
    else:
        run.step(Action.FIRST_DAY_EXCLUDED, _FIRST_DAY[run.rule.computed_by], run.day)


def _first_day_counts(run: _Run) -> bool:
    match run.rule.starts:
        case Starts.SAME_DAY:
            return True
        case Starts.POSTING_DAY:
            return run.settings.posting_day_counts
        case Starts.PERMISSION_DAY:
            return run.settings.permission_day_counts
        case _:
            return False


def _count(run: _Run, span: Span) -> None:
    """Count one span from the last day so far, leaving out paused days."""
    unit = Unit(run.settings.day_unit.value) if span.unit is Unit.DAY else span.unit
    if run.remaining is not None:  # the clock already stands still in an earlier span
        return
    zero, n = run.day, span.amount
    match unit:
        case Unit.WORKING_DAY:
            # On the spot: none is counted, yet nothing is due on a day nobody works.
            end = run.calendar.nth_working_day(zero, n)
            run.step(Action.WORKING_DAYS, run.rule.article, end, n, _skipped(run, zero, end))
        case Unit.WEEK:
            run.step(Action.WEEKS, _corresponding(run), zero + timedelta(weeks=n), n)
        case Unit.MONTH | Unit.YEAR:
            _count_months(run, n, unit)
        case _:
            run.step(
                Action.CALENDAR_DAYS, _FIRST_DAY[run.rule.computed_by], zero + timedelta(days=n), n
            )
    if run.pauses:
        _leave_out_pauses(run, zero, working=unit is _WORKING)


def _count_months(run: _Run, n: int, unit: Unit) -> None:
    zero = run.day
    months = n * 12 if unit is Unit.YEAR else n
    end = last_day_of_months(zero, months)
    interrupted = any(p.first <= end and (p.last is None or p.last > zero) for p in run.pauses)
    if interrupted and run.settings.paused_months is PausedMonths.THIRTY_DAYS:
        days = n * (365 if unit is Unit.YEAR else 30)
        run.step(Action.CALENDAR_DAYS, "CC 123(2)", zero + timedelta(days=days), days)
        return
    run.step(Action.YEARS if unit is Unit.YEAR else Action.MONTHS, _corresponding(run), end, n)


def _corresponding(run: _Run) -> str:
    return _CORRESPONDING_DAY[run.rule.computed_by]


def _leave_out_pauses(run: _Run, zero: date, *, working: bool) -> None:
    """Move the last day on by the days each pause takes out of what follows day `zero`."""
    for pause in run.pauses:
        # A notice on the very last day stops the clock in time, though no whole day is left.
        if (pause.notice or pause.first) > run.day:
            break
        last = pause.last
        if last is not None and last <= zero:
            continue
        before = max(pause.first - ONE_DAY, zero)
        if last is None:
            run.remaining = _days(run, before, run.day, working=working)
            run.steps.append(_pause_step(Action.STANDS_STILL, pause, run.day, None, run.remaining))
            return
        lost = _days(run, before, last, working=working)
        end = _nth(run, run.day, lost) if working else run.day + timedelta(days=lost)
        passed = _skipped(run, run.day, end) if working else ()
        run.steps.append(_pause_step(Action.PAUSED, pause, run.day, end, lost, passed))
        run.day = end


def _days(run: _Run, after: date, until: date, *, working: bool) -> int:
    if working:
        return run.calendar.working_days_between(after, until)
    return (until - after).days


def _nth(run: _Run, day: date, n: int) -> date:
    """The n-th working day after `day`; none counted leaves the day as it is."""
    return run.calendar.nth_working_day(day, n) if n else day


def _skipped(run: _Run, after: date, until: date) -> Passed:
    """The days after `after` up to `until` that working days do not count, with their reasons."""
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    known = ((day, run.calendar.day(day)) for day in days)
    return tuple((day, found.reason) for day, found in known if not found.is_working)


def _pause_step(
    action: Action,
    pause: Pause,
    before: date,
    after: date | None,
    amount: int,
    passed: Passed = (),
) -> Step:
    words = GROUND_WORDS[pause.ground]
    return Step(action, "APA 51(5)", before, after, amount, passed, words)


def _end_on_working_day(run: _Run, begun: date) -> None:
    match run.rule.roll:
        case Roll.FORWARD:
            if run.unit is not _WORKING or run.pauses:
                _roll(run)
        case Roll.STANDS:
            if run.rule.kind is not Kind.AGE:
                run.step(Action.LAPSES, run.rule.article, run.day)
        case Roll.OPPOSITE_UNLESS_LATER_HELPS | Roll.OPPOSITE_UNLESS_EARLIER_HELPS:
            _take_the_better(run, begun)


def _roll(run: _Run) -> None:
    """Move a last day on a rest day, or inside a pause, to the next day that is neither."""
    day, passed = run.day, []
    while _rests(run, day) or _paused(run, day):
        passed.append((day, run.calendar.day(day).reason))
        day += ONE_DAY
    if passed:
        by, source = run.rule.computed_by, run.calendar.day(run.day).source
        monday = run.day.weekday() == 5 and day == run.day + timedelta(days=2)
        run.saturday = monday and by is ComputedBy.APA
        step = Step(Action.ROLLED, _REST_DAY[by], run.day, day, passed=tuple(passed), source=source)
        run.steps.append(step)
        run.day = day
    elif day.weekday() == 5 and run.unit is not _WORKING:
        run.step(Action.MAKE_UP_DAY, "法務部 99.2.3 法律字第0990004718號", day)


def _rests(run: _Run, day: date) -> bool:
    afternoon = run.settings.half_day_closure is HalfDayClosure.AFTERNOON_IS_REST
    return run.calendar.is_rest_day(
        day,
        closure_is_rest_day=run.settings.closure_is_rest_day,
        afternoon_closure=afternoon,
    )


def _paused(run: _Run, day: date) -> bool:
    return any(p.last is not None and p.first <= day <= p.last for p in run.pauses)


def _take_the_better(run: _Run, begun: date) -> None:
    """APA 48(5): count the first day and let a rest day stand, unless that is worse."""
    ordinary = _rolled_day(run)
    opposite = run.day if _first_day_counts(run) else _opposite(run, begun)
    later = run.rule.roll is Roll.OPPOSITE_UNLESS_LATER_HELPS
    better = max(ordinary, opposite) if later else min(ordinary, opposite)
    other = ordinary if better == opposite else opposite
    if _rests(run, better):
        passed = ((better, run.calendar.day(better).reason),)
        run.steps.append(Step(Action.REST_DAY_STANDS, "APA 48(5)", run.day, better, passed=passed))
        run.day = better
    words = (format_date(other, "zh-TW"), format_date(other, "en"))
    run.steps.append(Step(Action.OTHER_READING, "APA 48(5)", run.day, better, words=words))
    run.day = better


def _opposite(run: _Run, begun: date) -> date:
    """The last day when the first day counts as day 1."""
    twin = _Run(run.rule, run.calendar, run.settings, run.pauses, begun - ONE_DAY)
    for span in run.rule.spans():
        _count(twin, span)
    return twin.day


def _rolled_day(run: _Run) -> date:
    day = run.day
    while _rests(run, day):
        day += ONE_DAY
    return day


def _extend(run: _Run, extension: Extension) -> None:
    """Run the one extension on from the last day, and end it on a working day too."""
    first_end, unit = run.day, extension.unit
    told_on = None if extension.granted else extension.told_on
    if told_on is not None and told_on > first_end:
        raise PeriodError(
            "extension.too_late",
            zh=f"延長通知日 {told_on} 已逾原處理期間末日 {first_end}，不得再延長。",
            en=f"The extension was told on {told_on}, after the period had ended on"
            f" {first_end}; it can no longer be extended.",
        )
    run.steps.append(
        Step(
            Action.EXTENDED,
            "APA 51(3); APA 51(4)",
            first_end,
            first_end,
            extension.length,
            words=UNIT_WORDS[unit],
        )
    )
    run.saturday = False
    _count(run, Span(extension.length, unit))
    if run.remaining is None and unit is not _WORKING:
        _roll(run)


def _compare_term(run: _Run, term: date | None) -> None:
    if term is None:
        return
    lawful = term >= run.day
    words = (format_date(term, "zh-TW"), format_date(term, "en"))
    action = Action.TERM_LAWFUL if lawful else Action.TERM_TOO_SHORT
    run.steps.append(Step(action, run.rule.article, run.day, run.day, words=words))


# --- ends ---------------------------------------------------------------------------------------


def _end(run: _Run) -> datetime:
    """The aware UTC instant from which the matter is overdue, and the step that says so."""
    at, words = instant(run.day + ONE_DAY, MIDNIGHT), ("24 時", "at 24:00")
    opening = run.calendar.opening(run.day) if _ends_at_closing(run) else None
    if run.saturday and run.settings.saturday_end is SaturdayEnd.MONDAY_NOON:
        at, words = instant(run.day, NOON), ("中午 12 時", "at noon")
    elif opening is not None:
        at = opening[1]
        hour = f"{at.astimezone(TAIPEI):%H:%M}"
        words = (f"下班時間 {hour}", f"at closing time, {hour}")
    article = "APA 48(4)" if run.saturday else "CC 121(1)"
    run.steps.append(Step(Action.ENDS, article, run.day, run.day, words=words))
    return at


def _ends_at_closing(run: _Run) -> bool:
    return run.unit is _WORKING and run.settings.working_day_ends is DayEnd.CLOSING


def _explained(run: _Run, due_at: datetime) -> Explained:
    paused = tuple((p.first, p.last) for p in run.pauses if p.last is not None)
    return Explained(run.rule.name, run.unit, run.day, due_at, tuple(run.steps), paused=paused)


def _standing_still(run: _Run) -> Explained:
    paused = tuple((p.first, p.last) for p in run.pauses if p.last is not None)
    return Explained(
        run.rule.name,
        run.unit,
        None,
        None,
        tuple(run.steps),
        answer="paused",
        paused=paused,
        remaining=run.remaining,
    )
