"""The steps that lead to a date of law, each with its article, and the result they explain."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict

from engine.clock import TAIPEI
from engine.minguo import format_date, format_instant, format_short
from sla.articles import law_source, render
from sla.spans import Unit
from sla.wording import ON_THE_SPOT, WORDING
from sla.working_time import reason_text

Moment = date | datetime
Passed = tuple[tuple[date, str], ...]
MOST_LISTED = 4  # days passed over; more are counted by their reasons


class Action(StrEnum):
    """What one step does. The chain is unbroken: a step begins where the former ended."""

    STARTS = "starts"
    TRANSFERRED = "transferred"
    RECEIVED_LATER = "received_later"
    FIRST_DAY_EXCLUDED = "first_day_excluded"
    FIRST_DAY_COUNTED = "first_day_counted"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    MINUTES = "minutes"
    OFFICE_MINUTES = "office_minutes"
    HOURS = "hours"
    WORKING_DAYS_BEFORE = "working_days_before"
    CALENDAR_DAYS_BEFORE = "calendar_days_before"
    FIXED_DAY = "fixed_day"
    MONTH_END = "month_end"
    PAUSED = "paused"
    STANDS_STILL = "stands_still"
    EXTENDED = "extended"
    ROLLED = "rolled"
    MAKE_UP_DAY = "make_up_day"
    REST_DAY_STANDS = "rest_day_stands"
    LAPSES = "lapses"
    SERVED = "served"
    SHORTER_TERM = "shorter_term"
    OUTER_LIMIT = "outer_limit"
    CLOSES = "closes"
    OTHER_READING = "other_reading"
    AGE_COMPLETE = "age_complete"
    ENDS = "ends"
    TERM_LAWFUL = "term_lawful"
    TERM_TOO_SHORT = "term_too_short"
    DAYS_USED = "days_used"
    DAYS_LATE = "days_late"
    FINE = "fine"
    FILED = "filed"
    IN_TIME = "in_time"
    LATE = "late"


class StepDict(TypedDict):
    """A step as JSON."""

    action: str
    fact: str
    rule: str
    article: str
    before: str | None
    after: str | None
    source: str
    amount: int | None
    passed: list[list[str]]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was done, under which article, from which date to which.

    `amount` is in the unit the action names. `passed` are days that explain the move, with the
    label of each. `words` fills the gap some sentences have, in Chinese and in English.
    """

    action: Action
    article: str
    before: Moment | None
    after: Moment | None
    amount: int | None = None
    passed: Passed = ()
    words: tuple[str, str] = ("", "")
    source: str = ""

    def fact(self, lang: str) -> str:
        """What happened, as a sentence."""
        return self._fill(self._wording()[0 if lang.startswith("zh") else 2], lang)

    def rule(self, lang: str) -> str:
        """The rule that was applied, as a sentence."""
        return self._fill(self._wording()[1 if lang.startswith("zh") else 3], lang)

    def to_dict(self, lang: str) -> StepDict:
        """The step for JSON: sentences in `lang`, dates in ISO 8601."""
        return StepDict(
            action=self.action.value,
            fact=self.fact(lang),
            rule=self.rule(lang),
            article=render(self.article, lang),
            before=moment_text(self.before),
            after=moment_text(self.after),
            source=self.source or law_source(self.article),
            amount=self.amount,
            passed=[[day.isoformat(), reason_text(reason, lang)] for day, reason in self.passed],
        )

    def _wording(self) -> tuple[str, str, str, str]:
        is_on_the_spot = self.action is Action.WORKING_DAYS and self.amount == 0
        return ON_THE_SPOT if is_on_the_spot else WORDING[self.action]

    def _fill(self, template: str, lang: str) -> str:
        separator = "、" if lang.startswith("zh") else "; "
        return template.format(
            before=_written(self.before, lang),
            after=_written(self.after, lang),
            amount="" if self.amount is None else self.amount,
            s="" if self.amount == 1 else "s",
            passed=separator.join(
                f"{format_short(day, lang)} {reason_text(reason, lang)}"
                for day, reason in self.passed
            ),
            skipped=skipped_text(self.passed, lang),
            words=self.words[0 if lang.startswith("zh") else 1],
        )


class ExplainedDict(TypedDict):
    """An explained date as JSON."""

    rule: str
    title: str
    article: str
    certainty: str
    jurisdiction: str
    valid_from: str | None
    valid_to: str | None
    source: str
    calendar: str
    due: str | None
    due_at: str | None
    steps: list[StepDict]


@dataclass(frozen=True, slots=True)
class RowName:
    """Which row of the table of limits it was: whose, in force between which days, from where."""

    jurisdiction: str = "national"
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class RuleName:
    """What an explanation says about the rule it applied."""

    id: str
    title_zh: str
    title_en: str
    article: str
    certainty: str
    row: RowName = RowName()


@dataclass(frozen=True, slots=True)
class Explained:
    """A computed date with the steps that lead to it.

    `due` is the last day (a Taipei date), or an aware UTC instant where the rule runs in hours, or
    None while the clock stands still. `due_at` is the aware UTC instant from which the matter is
    overdue; None where nothing can become overdue. `answer` is the text for people and files
    where the result is no date (`TWD 500`, `in time`, `4`). `paused` are the closed intervals
    that were left out, and `remaining` what is left of the period while the clock stands still.
    `calendar` is the version of the calendar it was counted with; empty where none was needed.
    """

    rule: RuleName
    unit: Unit
    due: Moment | None
    due_at: datetime | None
    steps: tuple[Step, ...]
    answer: str = ""
    paused: tuple[tuple[date, date], ...] = ()
    remaining: int | None = None
    calendar: str = ""

    def text(self) -> str | None:
        """The answer as one word for machines: an ISO date, an instant in Taipei time, a text."""
        return self.answer or moment_text(self.due)

    def to_dict(self, lang: str = "zh-TW") -> ExplainedDict:
        """The result and its steps for JSON, sentences in `lang`."""
        zh = lang.startswith("zh")
        return ExplainedDict(
            rule=self.rule.id,
            title=self.rule.title_zh if zh else self.rule.title_en,
            article=render(self.rule.article, lang),
            certainty=self.rule.certainty,
            jurisdiction=self.rule.row.jurisdiction,
            valid_from=moment_text(self.rule.row.valid_from),
            valid_to=moment_text(self.rule.row.valid_to),
            source=self.rule.row.source,
            calendar=self.calendar,
            due=self.text(),
            due_at=self.due_at.isoformat() if self.due_at else None,
            steps=[step.to_dict(lang) for step in self.steps],
        )


def skipped_text(passed: Passed, lang: str) -> str:
    """The days that were not counted, for the end of a sentence: each with its reason, or, where
    there are many, how many for each reason. Empty where there is none."""
    if not passed:
        return ""
    zh = lang.startswith("zh")
    if len(passed) <= MOST_LISTED:
        listed = [f"{_short(day, lang)}{_reason(reason, lang)}" for day, reason in passed]
    else:
        reasons: dict[str, int] = {}
        for _, reason in passed:
            named = _group(reason, lang)
            reasons[named] = reasons.get(named, 0) + 1
        listed = [f"{name} {n} 日" if zh else f"{n} × {name}" for name, n in reasons.items()]
    told = ("、" if zh else ", ").join(listed)
    return f"；不計 {told}" if zh else f"; not counted: {told}"


_WEEKEND = frozenset({"星期六", "星期日"})


def _short(day: date, lang: str) -> str:
    if lang.startswith("zh"):
        return f"{day.month}/{day.day}（{'一二三四五六日'[day.weekday()]}）"
    return f"{day:%a} {day.day} {day:%b}"


def _reason(reason: str, lang: str) -> str:
    """What is more than the weekday, which stands beside the date already."""
    if reason in _WEEKEND:
        return ""
    said = reason_text(reason, lang)
    return said if lang.startswith("zh") else f" ({said})"


def _group(reason: str, lang: str) -> str:
    if reason in _WEEKEND:
        return "星期六、日" if lang.startswith("zh") else "weekend day"
    return reason_text(reason, lang)


def moment_text(moment: Moment | None) -> str | None:
    """A date as ISO 8601; an instant in Taipei time to the minute, as people set their clocks."""
    if isinstance(moment, datetime):
        return f"{moment.astimezone(TAIPEI):%Y-%m-%dT%H:%M}"
    return moment.isoformat() if moment else None


def _written(moment: Moment | None, lang: str) -> str:
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        return format_instant(moment, lang)
    return format_date(moment, lang)
