"""Laws that dates, times and durations obey, whatever their values."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from feel import compile_expression
from feel.values import YearsMonths

FEW = settings(max_examples=60, deadline=None)
SOME_DAY = dt.datetime.combine(dt.date(2000, 1, 1), dt.time())

days = st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31))
zones = st.none() | st.integers(-840, 840).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))
moments = st.builds(
    lambda date, seconds, zone: (
        dt.datetime.combine(date, dt.time(), zone) + dt.timedelta(seconds=seconds)
    ),
    days,
    st.integers(0, 86_399),
    zones,
)
times = st.builds(
    lambda seconds, zone: (SOME_DAY + dt.timedelta(seconds=seconds)).time().replace(tzinfo=zone),
    st.integers(0, 86_399),
    zones,
)
spans = st.integers(-(10**8), 10**8).map(lambda seconds: dt.timedelta(seconds=seconds))
whole_days = st.integers(-9_000, 9_000).map(dt.timedelta)
months = st.integers(-900, 900).map(YearsMonths)
factors = st.integers(-50, 50).filter(bool)


def holds(text: str, **given_values: Any) -> None:
    assert compile_expression(text)(given_values) is True, (text, given_values)


@FEW
@given(moments, spans)
def test_a_duration_added_and_taken_away_leaves_the_moment(m: dt.datetime, s: dt.timedelta) -> None:
    holds("(m + s) - s = m", m=m, s=s)
    holds("(m + s) - m = s", m=m, s=s)
    holds("s + m = m + s", m=m, s=s)
    holds("m - s = m + (-s)", m=m, s=s)


@FEW
@given(moments, spans, spans)
def test_durations_are_added_in_any_order(m: dt.datetime, s: dt.timedelta, t: dt.timedelta) -> None:
    holds("m + s + t = m + t + s", m=m, s=s, t=t)
    holds("m + (s + t) = m + s + t", m=m, s=s, t=t)


@FEW
@given(days, whole_days, days)
def test_days_are_counted_by_subtraction(d: dt.date, s: dt.timedelta, e: dt.date) -> None:
    holds("(d + s) - d = s", d=d, s=s)
    holds("(d - e) + e = d", d=d, e=e)
    holds("(d - e) = -(e - d)", d=d, e=e)
    holds('(d - e).days = (d - e) / duration("P1D")', d=d, e=e)
    holds("d < e or d = e or d > e", d=d, e=e)
    holds('(d < e) = (e - d > @"PT0S")', d=d, e=e)


@FEW
@given(days, months)
def test_months_keep_the_day_or_end_with_the_month(d: dt.date, m: YearsMonths) -> None:
    holds('(d + m).day = d.day or (d + m + @"P1D").day = 1', d=d, m=m)
    holds("(d + m).month = modulo(d.month - 1 + 12 * m.years + m.months, 12) + 1", d=d, m=m)
    holds("if d.day <= 28 then (d + m) - m = d else true", d=d, m=m)
    holds("if d.day <= 28 then years and months duration(d, d + m) = m else true", d=d, m=m)


@FEW
@given(days, days)
def test_months_between_two_days_are_the_most_that_fit(d: dt.date, e: dt.date) -> None:
    assume(d <= e)
    holds("d + years and months duration(d, e) <= e", d=d, e=e)
    holds('d + (years and months duration(d, e) + @"P1M") > e or d.day > 28', d=d, e=e)
    holds("years and months duration(e, d) = -years and months duration(d, e)", d=d, e=e)


@FEW
@given(spans, spans, factors)
def test_durations_are_a_line(s: dt.timedelta, t: dt.timedelta, n: int) -> None:
    holds("s + t = t + s", s=s, t=t)
    holds("s * n / n = s", s=s, n=n)
    holds("(s + t) * n = s * n + t * n", s=s, t=t, n=n)
    holds("s - t = -(t - s)", s=s, t=t)
    holds("abs(s) = abs(-s) and abs(s) >= s", s=s)
    holds('s.days * 86400 + s.hours * 3600 + s.minutes * 60 + s.seconds = s / @"PT1S"', s=s)


@FEW
@given(months, months, factors)
def test_months_are_a_line_too(s: YearsMonths, t: YearsMonths, n: int) -> None:
    holds("s + t = t + s and s - t = -(t - s)", s=s, t=t)
    holds("s * n / n = s", s=s, n=n)
    holds('s.years * 12 + s.months = s / @"P1M"', s=s)


@FEW
@given(times, spans)
def test_a_time_of_day_goes_round_the_clock(t: dt.time, s: dt.timedelta) -> None:
    holds("(t + s) - s = t", t=t, s=s)
    holds('t + @"P1D" = t', t=t)
    holds("(t + s).time offset = t.time offset or t.time offset = null", t=t, s=s)


@FEW
@given(moments)
def test_a_moment_is_its_date_and_its_time(m: dt.datetime) -> None:
    holds("date and time(date(m), time(m)) = m", m=m)
    holds('string(date(m)) + "T" + string(time(m)) = string(m)', m=m)
    holds("date(m.year, m.month, m.day) = date(m)", m=m)


@FEW
@given(moments, moments, moments)
def test_order_is_total_where_zones_allow_it(
    a: dt.datetime, b: dt.datetime, c: dt.datetime
) -> None:
    assume(len({each.tzinfo is None for each in (a, b, c)}) == 1)
    holds("(a <= b) = (b >= a) and (a < b) = not(b <= a)", a=a, b=b)
    holds("if a <= b and b <= c then a <= c else true", a=a, b=b, c=c)
    holds("a = b or a < b or a > b", a=a, b=b)
    holds("min(a, b, c) <= max(a, b, c)", a=a, b=b, c=c)


@pytest.mark.parametrize("read", ["@", "by function"])
@FEW
@given(st.one_of(days, moments, times, spans, months))
def test_a_value_is_read_as_it_is_written(read: str, value: Any) -> None:
    text = compile_expression("string(v)")({"v": value})
    function = {dt.date: "date", dt.datetime: "date and time", dt.time: "time"}.get(
        type(value), "duration"
    )
    again = f'@"{text}"' if read == "@" else f'{function}("{text}")'

    holds(f"is({again}, v)", v=value)
    assert compile_expression(f"string({again})")({}) == text
