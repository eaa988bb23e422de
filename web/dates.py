"""Dates and times in pages: Minguo for people, ISO 8601 in `datetime` for machines; Taipei time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from markupsafe import Markup

from engine.clock import TAIPEI
from engine.minguo import FIRST_YEAR, format_date, format_end, format_instant, format_short

_WEEKDAYS_ZH = "一二三四五六日"


def day_text(day: date, lang: str) -> str:
    return format_date(day, lang)


def near_text(instant: datetime, now: datetime, lang: str) -> str:
    """A moment for tables: `3/10（二）17:00`, with the year where it is not this one."""
    local, today = instant.astimezone(TAIPEI), now.astimezone(TAIPEI)
    if not lang.startswith("zh"):
        year = "" if local.year == today.year else f" {local.year}"
        return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"
    year = "" if local.year == today.year else f"{local.year - FIRST_YEAR}/"
    weekday = _WEEKDAYS_ZH[local.weekday()]
    return f"{year}{local.month}/{local.day}（{weekday}）{local:%H:%M}"


def time_text(instant: datetime) -> str:
    return f"{instant.astimezone(TAIPEI):%H:%M}"


def day(value: date | None, lang: str) -> Markup:
    """`<time>` with the date in full; a dash for none."""
    if value is None:
        return Markup("—")
    return _time(value.isoformat(), format_date(value, lang))


def short_day(value: date | None, lang: str) -> Markup:
    return Markup("—") if value is None else _time(value.isoformat(), format_short(value, lang))


def moment(value: datetime | None, lang: str) -> Markup:
    """`<time>` with date and time in full; a dash for none."""
    return Markup("—") if value is None else _time(_iso(value), format_instant(value, lang))


def near(value: datetime | None, now: datetime, lang: str) -> Markup:
    return Markup("—") if value is None else _time(_iso(value), near_text(value, now, lang))


def until(value: datetime | None, now: datetime, lang: str) -> Markup:
    """`near` for the end of a limit: midnight is 24:00 of its last day, as the law counts."""
    if value is None:
        return Markup("—")
    shown = near_text(_last_day(value), now, lang)
    return _time(_iso(value), _full_hours(shown) if _is_midnight(value) else shown)


def until_moment(value: datetime | None, lang: str) -> Markup:
    """`moment` for the end of a limit: midnight is 24:00 of its last day, as the law counts."""
    return Markup("—") if value is None else _time(_iso(value), format_end(value, lang))


def until_time(value: datetime) -> str:
    """The hour a limit ends at, on its last day: `17:00`, or `24:00`."""
    return "24:00" if _is_midnight(value) else time_text(value)


def _is_midnight(value: datetime) -> bool:
    return value.astimezone(TAIPEI).time() == time.min


def _last_day(value: datetime) -> datetime:
    return value - timedelta(days=1) if _is_midnight(value) else value


def _full_hours(shown: str) -> str:
    return shown.removesuffix("00:00") + "24:00"


def _iso(value: datetime) -> str:
    return value.astimezone(TAIPEI).isoformat(timespec="seconds")


def _time(iso: str, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(iso, text)
