"""Asking for a date of law in words, and saying the answer in lines of text or JSON."""

import json
import re
from datetime import date, datetime, time
from functools import lru_cache

from engine.clock import TAIPEI
from engine.minguo import DateError, format_instant, parse_date
from sla.acts import Acts, Extension
from sla.counting import taipei_date
from sla.errors import PeriodError
from sla.fines import late_fine
from sla.periods import DEFAULTS, days_used, due
from sla.rules import Kind, Rule, rule
from sla.settings import Settings
from sla.spans import Unit
from sla.steps import Explained, Moment
from sla.working_time import Calendar, national_days

# Long enough for every limit of the table; a longer one is refused by the calendar.
YEARS_BEFORE, YEARS_AFTER = 1, 6
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
_UNTIL = re.compile(r"to (\d{4}-\d{2}-\d{2})")


def explain(
    rule_id: str,
    start_text: str,
    length: str | int | None = None,
    unit: str | None = None,
    settings: Settings = DEFAULTS,
    calendar: Calendar | None = None,
) -> Explained:
    """Answer `huzheng sla explain`: the due date of a rule for a start given as text.

    `start_text` is `2026-03-12`, a Minguo date, or a time (`2026-03-12T10:30`, Taipei unless it
    names a zone). `length` and `unit` replace those of the rule: `30`, `3m+30`, for a processing
    limit `7+7` (with its extension), for days used `to 2026-03-20`, for a fine the days late.
    `calendar` is the office's; the national one where none is given. Raises a Refusal whose
    sentence can be shown as it is.
    """
    start = parse_start(start_text)
    asked = None if length is None else str(length)
    version = rule(rule_id, taipei_date(start)).with_length(asked, _unit(unit))
    version, extension = split_extension(version)
    days = calendar or national_calendar(taipei_date(start).year)
    return answer(version, start, days, settings, Acts(extension=extension))


def answer(
    version: Rule, start: Moment, calendar: Calendar, settings: Settings, acts: Acts
) -> Explained:
    """The date, the fine or the days used, whichever the unit and length of the rule ask for."""
    until = _UNTIL.fullmatch(version.length or "")
    if until:
        return days_used(version, start, date.fromisoformat(until[1]), calendar, acts)
    if version.unit is Unit.DAYS_LATE:
        return late_fine(version, taipei_date(start), days_late=_days_late(version))
    return due(version, start, calendar, settings, acts)


def parse_start(text: str) -> Moment:
    """A date (ISO or Minguo), or a time; a time without a zone is Taipei time."""
    if not _TIME.fullmatch(text.strip()):
        return _date(text)
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


def to_json(explained: Explained, lang: str = "zh-TW") -> str:
    """The explanation as JSON: `due`, `due_at` and `steps`."""
    return json.dumps(explained.to_dict(lang), ensure_ascii=False)


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


def _unit(text: str | None) -> Unit | None:
    if text is None:
        return None
    try:
        return Unit(text)
    except ValueError as error:
        units = ", ".join(unit.value for unit in Unit)
        raise PeriodError(
            "unit.unknown",
            zh=f"沒有單位「{text}」；可用的有：{units}。",
            en=f"There is no unit {text!r}; there are {units}.",
        ) from error


def _days_late(version: Rule) -> int:
    if version.length is None or not version.length.isdigit():
        raise PeriodError(
            "fine.days_late",
            zh="請以長度給逾期日數，例如 16。",
            en=f"Give the days late as the length, such as 16, not {version.length!r}.",
        )
    return int(version.length)
