"""Dates as people in Taiwan write them: Minguo years (民國), and back.

Year 1 of the Minguo calendar is 1912; a date before it is written 民國前 (before Minguo).
Machines read and write ISO 8601 only; this module is for screens, letters and typed input.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from engine.clock import TAIPEI

FIRST_YEAR = 1911  # Minguo year = western year - 1911

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_SEPARATED = re.compile(
    r"(?:中華)?(民國前|民國)?\s*(\d{1,4})\s*[年/.\-]\s*(\d{1,2})\s*[月/.\-]\s*(\d{1,2})\s*日?"
    r"(?:\s*\([一二三四五六日]\))?"
)
_COMPACT = re.compile(r"(\d{2,4})(\d{2})(\d{2})")


class DateError(ValueError):
    """The text is no date. `zh` and `en` tell the person who typed it how to write one."""

    def __init__(self, code: str, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.zh = zh
        self.en = en


def format_date(day: date, lang: str = "zh-TW") -> str:
    """Write a date in full: `115 年 3 月 12 日（四）`, or in English `Thu 12 March 2026`."""
    if not lang.startswith("zh"):
        weekday = _WEEKDAYS_EN[day.weekday()]
        return f"{weekday} {day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
    weekday = _WEEKDAYS_ZH[day.weekday()]
    return f"{_year(day)} 年 {day.month} 月 {day.day} 日（{weekday}）"


def format_short(day: date, lang: str = "zh-TW") -> str:
    """Write a date for tables: `115/3/12`, or in English the ISO form `2026-03-12`."""
    if not lang.startswith("zh"):
        return day.isoformat()
    return f"{_year(day)}/{day.month}/{day.day}"


def format_instant(instant: datetime, lang: str = "zh-TW") -> str:
    """Write an aware instant in Taipei time, to the minute: `115 年 3 月 12 日（四） 17:00`."""
    local = instant.astimezone(TAIPEI)
    return f"{format_date(local.date(), lang)} {local:%H:%M}"


def format_end(instant: datetime, lang: str = "zh-TW") -> str:
    """Write the end of a limit: midnight is 24:00 of its last day, as the law counts."""
    if instant.astimezone(TAIPEI).time() != time.min:
        return format_instant(instant, lang)
    return format_instant(instant - timedelta(days=1), lang).removesuffix("00:00") + "24:00"


def parse_date(text: str) -> date:
    """Read `115年3月12日`, `民國115.3.12`, `115/3/12`, `1150312` or `2026-03-12`.

    `民國前1年1月1日` is read too; full-width digits and spaces are fine. A year from 1000 with no
    an era is western. Raises DateError with a sentence for the person who typed it.
    """
    # NFKC turns full-width digits, slashes and brackets into the ASCII ones.
    plain = unicodedata.normalize("NFKC", text).strip()
    match = _SEPARATED.fullmatch(plain)
    if match:
        era, *numbers = match.groups()
    else:
        compact = _COMPACT.fullmatch(plain)
        if not compact:
            raise _unreadable(text)
        era, numbers = None, list(compact.groups())
    year, month, day = (int(number) for number in numbers)
    try:
        return date(_western(era, year), month, day)
    except ValueError as error:
        raise DateError(
            "date.impossible",
            zh=f"「{text}」不是存在的日期，請檢查年、月、日。",
            en=f"Expected a date, but {text!r} does not exist in the calendar; check the day.",
        ) from error


def _western(era: str | None, year: int) -> int:
    if era == "民國前":
        return FIRST_YEAR + 1 - year
    if era is None and year >= 1000:
        return year
    if year == 0:
        raise ValueError("there is no Minguo year 0")
    return FIRST_YEAR + year


def _year(day: date) -> str:
    if day.year > FIRST_YEAR:
        return str(day.year - FIRST_YEAR)
    return f"民國前 {FIRST_YEAR + 1 - day.year}"


def _unreadable(text: str) -> DateError:
    return DateError(
        "date.unreadable",
        zh=f"看不懂日期「{text}」，請寫成 115/3/12、115年3月12日 或 2026-03-12。",
        en=f"Expected a date, but got {text!r}; write 2026-03-12, 115/3/12 or 115年3月12日.",
    )
