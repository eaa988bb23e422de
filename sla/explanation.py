"""Reading a question about a date of law, and saying its answer in lines of text."""

import re
from datetime import date, datetime, time
from functools import lru_cache

from engine.clock import TAIPEI
from engine.minguo import DateError, format_instant, parse_date
from sla.acts import Acts, Extension
from sla.errors import PeriodError
from sla.periods import days_used, due
from sla.rules import Kind, Rule
from sla.settings import Settings
from sla.spans import Unit
from sla.steps import Explained, Moment
from sla.working_time import Calendar, national_days

# Long enough for every limit of the table; a longer one is refused by the calendar.
YEARS_BEFORE, YEARS_AFTER = 1, 6
EARLIEST, LATEST = 1900, 2200
MOST_DIGITS = 5  # of days late
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
_UNTIL = re.compile(r"to (\d{4}-\d{2}-\d{2})")


def answer(
    version: Rule, start: Moment, calendar: Calendar, settings: Settings, acts: Acts
) -> Explained:
    """The date or the days used (`to 2026-03-20`), whichever the length of the rule asks for."""
    until = _UNTIL.fullmatch(version.length or "")
    if until:
        return days_used(version, start, _date(until[1]), calendar, acts)
    return due(version, start, calendar, settings, acts)


def parse_start(text: str) -> Moment:
    """A date (ISO or Minguo), or a time; a time without a zone is Taipei time.

    Raises PeriodError for anything else, and for a year no living matter can be of.
    """
    found = _time(text) if _TIME.fullmatch(text.strip()) else _date(text)
    if not EARLIEST <= found.year <= LATEST:
        raise PeriodError(
            "start.year",
            zh=f"日期「{text}」的年份不在西元 {EARLIEST} 年到 {LATEST} 年之間，請檢查。",
            en=f"Expected a year from {EARLIEST} to {LATEST}, but got {text!r}.",
        )
    return found


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise PeriodError(
            "start.unreadable",
            zh=f"看不懂時間「{text}」，請寫成 2026-03-12T10:30 或 2026-03-12T10:30+08:00。",
            en=f"Expected a time such as 2026-03-12T10:30 or with +08:00, but got {text!r}.",
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=TAIPEI)


def _date(text: str) -> date:
    try:
        return parse_date(text)
    except DateError as error:
        raise PeriodError(error.code, zh=error.zh, en=error.en) from error


def split_extension(version: Rule) -> tuple[Rule, Extension | None]:
    """Read the `7+7` of a processing limit: the original period and its one extension."""
    if version.kind is not Kind.PROCESSING or "+" not in (version.length or ""):
        return version, None
    base, *more = version.spans()
    if len(more) != 1:
        raise PeriodError(
            "extension.once",
            zh=f"處理期間只能延長一次，不能是「{version.length}」。",
            en=f"A processing period can be extended once only, not {version.length!r}.",
        )
    extension = Extension(more[0].amount, more[0].unit)
    return version.with_length(str(base.amount), base.unit), extension


def unit_named(text: str) -> Unit:
    """The unit of that name. Raises PeriodError naming those there are."""
    try:
        return Unit(text)
    except ValueError as error:
        units = ", ".join(unit.value for unit in Unit)
        raise PeriodError(
            "unit.unknown",
            zh=f"沒有單位「{text}」；可用的有：{units}。",
            en=f"There is no unit {text!r}; there are {units}.",
        ) from error


def days_late(version: Rule) -> int:
    """The days late that are given as the length of a fine. Raises PeriodError for another text."""
    text = version.length or ""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise PeriodError(
            "fine.days_late",
            zh="請以長度給逾期日數，例如 16。",
            en=f"Give the days late as the length, such as 16, not {version.length!r}.",
        )
    return int(text)


@lru_cache(maxsize=32)
def national_calendar(year: int) -> Calendar:
    """The calendar of agencies of the state around `year`, for questions without an office."""
    first, last = year - YEARS_BEFORE, year + YEARS_AFTER
    return Calendar("national", f"national-{first}-{last}", national_days(first, last))


def lines(explained: Explained, lang: str = "zh-TW") -> list[str]:
    """The explanation as lines of text: the answer, then one numbered line per step."""
    zh = lang.startswith("zh")
    said = explained.to_dict(lang)
    title = f"{said['title']}（{said['rule']}）" if zh else f"{said['title']} ({said['rule']})"
    text = [title, _answer_line(explained, lang)]
    for number, step in enumerate(said["steps"], 1):
        law = f"〔{step['article']}〕" if zh else f" [{step['article']}]"
        dot = "。" if zh else ". "
        tail = law if step["article"] else ""
        text.append(f"{number}. {step['fact']}{dot}{step['rule']}{tail}")
    return text


def _answer_line(explained: Explained, lang: str) -> str:
    zh = lang.startswith("zh")
    if explained.answer or explained.due is None:
        return f"結果：{explained.answer}" if zh else f"Answer: {explained.answer}"
    moment = explained.due
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(0), TAIPEI)
        said = format_instant(moment, lang).rsplit(" ", 1)[0]
    else:
        said = format_instant(moment, lang)
    return f"期限：{said}" if zh else f"Due: {said}"
