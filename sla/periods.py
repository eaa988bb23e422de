"""Periods of law: from a rule and a starting day to the last day, step by step.

The arithmetic is that of the Administrative Procedure Act, art. 48, and of the Civil Code, arts.
119-124. Everything is pure: the calendar is a snapshot, the day is given, nothing reads a clock.
"""

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from engine.minguo import format_date
from sla.acts import NOTHING_HAPPENED, Acts, Extension, Missed, apart
from sla.counting import MIDNIGHT, count_period, last_day_of_months, taipei_date
from sla.errors import PeriodError
from sla.rules import ComputedBy, Kind, Rule
from sla.settings import Settings
from sla.spans import Span, Unit, closing_hour, parse_fixed_day
from sla.steps import Action, Explained, Moment, Step
from sla.wording import UNIT_WORDS
from sla.working_time import ONE_DAY, Calendar, instant

__all__ = ["DEFAULTS", "Settings", "days_used", "due", "last_day_of_months", "taipei_date"]

DEFAULTS = Settings()


def due(
    rule: Rule,
    start: Moment,
    calendar: Calendar,
    settings: Settings = DEFAULTS,
    acts: Acts = NOTHING_HAPPENED,
) -> Explained:
    """The last day of `rule` for a matter that began at `start`, with the steps that lead there.

    `start` is a Taipei date or an aware instant; a naive datetime is refused. `acts` are the
    pauses, the one extension, the term that was set and the period that was missed. Raises
    PeriodError for what the law does not allow, CalendarError when the calendar does not reach far
    enough.
    """
    _refuse_unlawful(rule, acts)
    if rule.kind is Kind.RESTORATION and acts.missed is not None:
        found = _restored(rule, taipei_date(start), calendar, settings, acts.missed)
    else:
        found = _counted_out(rule, start, calendar, settings, acts)
    return replace(found, calendar=calendar.version)


def _counted_out(
    rule: Rule, start: Moment, calendar: Calendar, settings: Settings, acts: Acts
) -> Explained:
    match rule.unit:
        case Unit.HOUR | Unit.MINUTE:
            return _hours(rule, start)
        case Unit.OFFICE_MINUTE:
            return _office_minutes(rule, start, calendar)
        case Unit.WORKING_DAY_BEFORE | Unit.CALENDAR_DAY_BEFORE:
            return _backwards(rule, taipei_date(start), calendar)
        case Unit.FIXED_DAY | Unit.MONTH_END:
            return _named_day(rule, taipei_date(start))
        case Unit.DAYS_LATE:
            raise PeriodError(
                "period.days_late",
                zh=f"規則 {rule.id} 是罰鍰級距，不是期間；請用末日與申請日計算罰鍰。",
                en=f"Rule {rule.id} is a table of fines, not a period; give last day and filing.",
            )
        case _:
            return count_period(rule, start, calendar, settings, acts)


def days_used(
    rule: Rule, start: Moment, finished: date, calendar: Calendar, acts: Acts = NOTHING_HAPPENED
) -> Explained:
    """How many working days a document took, from the day after `start` to `finished`."""
    day = taipei_date(start)
    if finished < day:
        raise PeriodError(
            "period.finished_before_start",
            zh=f"結案日 {finished} 早於收文日 {day}，請檢查日期。",
            en=f"Finished on {finished}, before the start on {day}; check the dates.",
        )
    paused = tuple((p.first, p.last or finished) for p in apart(acts.pauses))
    used = calendar.used_working_days(day, finished, paused)
    steps = (
        Step(Action.STARTS, rule.article, None, day, source=rule.source),
        Step(Action.DAYS_USED, rule.article, day, finished, used, source=calendar.version),
    )
    return Explained(
        rule.name,
        rule.unit,
        finished,
        None,
        steps,
        answer=str(used),
        paused=paused,
        calendar=calendar.version,
    )


# --- hours, days before, named days -------------------------------------------------------------


def _hours(rule: Rule, start: Moment) -> Explained:
    begun, span = _begun(rule, start), _one_span(rule)
    minutes = rule.unit is Unit.MINUTE
    end = begun + (timedelta(minutes=span.amount) if minutes else timedelta(hours=span.amount))
    action = Action.MINUTES if minutes else Action.HOURS
    article = "APA 48(1)" if rule.computed_by is ComputedBy.APA else "CC 120(1)"
    steps = (
        Step(Action.STARTS, rule.article, None, begun, source=rule.source),
        Step(action, article, begun, end, span.amount),
    )
    return Explained(rule.name, rule.unit, end, end, steps)


def _office_minutes(rule: Rule, start: Moment, calendar: Calendar) -> Explained:
    """From the instant on while the office is open; outside its hours from its next opening."""
    begun, span = _begun(rule, start), _one_span(rule)
    end = calendar.opened_for(begun, timedelta(minutes=span.amount))
    steps = (
        Step(Action.STARTS, rule.article, None, begun, source=rule.source),
        Step(Action.OFFICE_MINUTES, rule.article, begun, end, span.amount, source=rule.source),
    )
    return Explained(rule.name, rule.unit, end, end, steps)


def _begun(rule: Rule, start: Moment) -> datetime:
    """The instant, UTC, from which a rule that runs at once does. Raises PeriodError for a day."""
    if not isinstance(start, datetime):
        raise PeriodError(
            "period.time_needed",
            zh=f"規則 {rule.id} 以時分計算，請給到分鐘的時間，例如 2026-02-14T10:30。",
            en=f"Rule {rule.id} runs at once; give a time such as 2026-02-14T10:30.",
        )
    taipei_date(start)  # refuses a naive time
    return start.astimezone(UTC)


def _backwards(rule: Rule, start: date, calendar: Calendar) -> Explained:
    span = _one_span(rule)
    if rule.unit is Unit.WORKING_DAY_BEFORE:
        day = calendar.nth_working_day(start, -span.amount)
        action = Action.WORKING_DAYS_BEFORE
    else:
        day = start - timedelta(days=span.amount)
        action = Action.CALENDAR_DAYS_BEFORE
    steps = (
        Step(Action.STARTS, rule.article, None, start, source=rule.source),
        Step(action, rule.article, start, day, span.amount, source=rule.source),
    )
    hour = closing_hour(rule.length or "")
    if hour is not None:
        said = f"{hour:%H:%M}"
        closes = Step(Action.CLOSES, rule.article, day, day, words=(said, f"at {said}"))
        return Explained(rule.name, rule.unit, day, instant(day, hour), (*steps, closes))
    # A day on which something opens is reached when it begins, a last day when it ends.
    ends = day if rule.kind is Kind.OPENS else day + ONE_DAY
    return Explained(rule.name, rule.unit, day, instant(ends, MIDNIGHT), steps)


def _restored(
    rule: Rule, start: date, calendar: Calendar, settings: Settings, missed: Missed
) -> Explained:
    """Until when restoration can be asked, `start` being the day the cause ended (APA 50)."""
    outer = last_day_of_months(missed.last_day, 12)
    if start > outer:
        raise PeriodError(
            "restoration.too_late",
            zh=(
                f"原期間於{format_date(missed.last_day)}屆滿，原因消滅時已逾 1 年，"
                "不得申請回復原狀（行政程序法第50條第2項）。"
            ),
            en=(
                f"The period was missed on {missed.last_day} and the cause ended on {start}, more"
                " than a year later: restoration cannot be asked any more (APA 50(2))."
            ),
        )
    span = _one_span(rule)
    shorter = missed.days is not None and 0 < missed.days < span.amount
    asked = rule.with_length(str(missed.days)) if shorter else rule
    found = count_period(asked, start, calendar, settings, NOTHING_HAPPENED)
    steps = found.steps
    if shorter:
        said = Step(Action.SHORTER_TERM, "APA 50(1)", start, start, missed.days)
        steps = (steps[0], said, *steps[1:])
    if taipei_date(found.due or start) <= outer:
        return replace(found, steps=steps)
    words = (format_date(missed.last_day, "zh-TW"), format_date(missed.last_day, "en"))
    last = Step(Action.OUTER_LIMIT, "APA 50(2)", found.due, outer, words=words)
    due_at = instant(outer + ONE_DAY, MIDNIGHT)
    return replace(found, due=outer, due_at=due_at, steps=(*steps, last))


def _named_day(rule: Rule, start: date) -> Explained:
    if rule.unit is Unit.MONTH_END:
        day = start.replace(day=monthrange(start.year, start.month)[1])
        action = Action.MONTH_END
    else:
        day, action = _fixed_day(rule, start), Action.FIXED_DAY
    steps = (
        Step(Action.STARTS, rule.article, None, start, source=rule.source),
        Step(action, rule.article, start, day, source=rule.source),
    )
    return Explained(rule.name, rule.unit, day, instant(day + ONE_DAY, MIDNIGHT), steps)


def _fixed_day(rule: Rule, start: date) -> date:
    named = parse_fixed_day(rule.length or "")
    if named.month is None:
        next_month = start.replace(day=1) + timedelta(days=31)
        return next_month.replace(day=named.day)
    this_year = date(start.year, named.month, named.day)
    return this_year if this_year >= start else this_year.replace(year=start.year + 1)


def _one_span(rule: Rule) -> Span:
    """The length of a rule that counts in one piece. Raises PeriodError for `3m+30`."""
    first, *more = rule.spans()
    if more:
        raise PeriodError(
            "length.one_piece",
            zh=f"規則 {rule.id} 的長度只能是一個數，不能是「{rule.length}」。",
            en=f"Expected the length of rule {rule.id} to be one number, not {rule.length!r}.",
        )
    return first


# --- refusals -----------------------------------------------------------------------------------


def _refuse_unlawful(rule: Rule, acts: Acts) -> None:
    """Only processing periods stand still and can be extended (APA 51)."""
    if rule.kind is Kind.PROCESSING:
        if acts.extension is not None and not acts.extension.granted:
            refuse_long_extension(rule, acts.extension)
        return
    if acts.pauses or acts.extension is not None:
        raise PeriodError(
            "period.not_processing",
            zh=f"規則 {rule.id} 不是機關處理期間，依行政程序法第51條不得停止或延長。",
            en=f"Rule {rule.id} is not a processing period; APA 51 lets only those pause or be"
            " extended.",
        )


def refuse_long_extension(rule: Rule, extension: Extension) -> None:
    """Raise PeriodError for an extension longer than the period, or in another unit (APA 51(3))."""
    spans = rule.spans()
    same_unit = len(spans) == 1 and spans[0].unit is extension.unit
    if not same_unit or not 0 < extension.length <= spans[0].amount:
        asked = _counted(str(extension.length), extension.unit)
        whole = _counted(rule.length or "", rule.unit)
        raise PeriodError(
            "extension.too_long",
            zh=(
                f"不能延長{asked[0]}：原處理期間是{whole[0]}，延長須用相同的單位，"
                "且不得超過原期間（行政程序法第51條第3項）。"
            ),
            en=(
                f"An extension of {asked[1]} is not within the original {whole[1]} (APA 51(3));"
                " give the same unit and no more."
            ),
        )


def _counted(length: str, unit: Unit) -> tuple[str, str]:
    """A length as people say it, in Chinese and in English: `" 3 個工作日"`, `"3 working days"`."""
    zh, en = UNIT_WORDS.get(unit.value, (unit.value, unit.value))
    return f" {length} {zh}", f"{length} {en}{'' if length == '1' else 's'}"
