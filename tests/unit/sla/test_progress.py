"""The instants of the warnings."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.acts import Acts, Pause, PauseGround
from sla.errors import PeriodError
from sla.periods import due
from sla.progress import fraction_due_at, running
from sla.rules import rule
from sla.settings import DayEnd, Settings
from sla.working_time import instant
from tests.unit.sla.calendars import NATIONAL, closed

HALF, MOST = Decimal("0.5"), Decimal("0.8")
CLOSING = Settings(working_day_ends=DayEnd.CLOSING)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


def test_half_of_a_limit_in_working_days_is_half_of_its_office_hours() -> None:
    # Received Mon 3/2 at 08:00; one working day more: two days of nine hours.
    limit = rule("PROC_WORKDAY", date(2026, 3, 2)).with_length("1")
    start = at("03-02T08:00")
    found = due(limit, start, NATIONAL)

    assert fraction_due_at(start, found, HALF, NATIONAL) == at("03-02T17:00")
    # 80 % of 18 hours is 14 h 24 min: 9 on Monday, 5 h 24 min on Tuesday.
    assert fraction_due_at(start, found, MOST, NATIONAL) == at("03-03T13:24")


def test_nights_weekends_and_closures_do_not_run() -> None:
    # Fri 7/3 16:00; 2 WD = Mon 7/6 and Tue 7/7, but Monday is closed: Tue and Wed.
    calendar = closed("2026-07-06")
    limit = rule("PROC_WORKDAY", date(2026, 7, 3)).with_length("2")
    start = at("07-03T16:00")
    found = due(limit, start, calendar)

    # 1 + 9 + 9 = 19 hours; half is 9 h 30 min: one on Friday, 8 h 30 min on Tuesday.
    assert found.due == date(2026, 7, 8)
    assert fraction_due_at(start, found, HALF, calendar) == at("07-07T16:30")


def test_half_of_a_limit_in_calendar_days_is_half_of_the_time() -> None:
    start = at("03-02T00:00")
    found = due(rule("PROC_CALENDAR", date(2026, 3, 2)).with_length("7"), start, NATIONAL)

    # Due when 3/9 ends: eight days, half of them ends on 3/6 at 00:00.
    assert fraction_due_at(start, found, HALF, NATIONAL) == at("03-06T00:00")


def test_days_on_which_the_clock_stood_still_do_not_count() -> None:
    pause = Pause(date(2026, 3, 3), date(2026, 3, 6), PauseGround.CORRECTION)
    start = at("03-02T00:00")
    limit = rule("PROC_CALENDAR", date(2026, 3, 2)).with_length("7")
    found = due(limit, start, NATIONAL, acts=Acts((pause,)))

    # 3/2 and 3/7-3/13 run: eight days; half is 3/2 and 3/7-3/9.
    assert found.due == date(2026, 3, 13)
    assert fraction_due_at(start, found, HALF, NATIONAL) == at("03-10T00:00")


def test_a_clock_that_stands_still_has_no_warning_time() -> None:
    open_pause = Acts((Pause(date(2026, 3, 3), None, PauseGround.CORRECTION),))
    limit = rule("PROC_WORKDAY", date(2026, 3, 2)).with_length("6")
    found = due(limit, date(2026, 3, 2), NATIONAL, acts=open_pause)

    with pytest.raises(PeriodError, match="stands still"):
        fraction_due_at(at("03-02T08:00"), found, HALF, NATIONAL)


def test_a_share_outside_zero_and_one_is_refused() -> None:
    found = due(rule("STAT_REG_30D", date(2026, 3, 2)), date(2026, 3, 2), NATIONAL)

    with pytest.raises(PeriodError, match="between 0 and 1"):
        fraction_due_at(at("03-02T08:00"), found, Decimal("1.5"), NATIONAL)


@given(
    st.dates(date(2025, 1, 1), date(2027, 12, 1)),
    st.integers(0, 24 * 60 - 1),
    st.integers(1, 20),
    st.sampled_from(["PROC_WORKDAY", "PROC_CALENDAR"]),
    st.decimals(0, 1, places=2),
    st.decimals(0, 1, places=2),
)
def test_shares_come_in_order_between_start_and_end(
    day: date, minute: int, days: int, rule_id: str, one: Decimal, other: Decimal
) -> None:
    start = instant(day, time(*divmod(minute, 60)))
    found = due(rule(rule_id, day).with_length(str(days)), start, NATIONAL, CLOSING)
    first = fraction_due_at(start, found, min(one, other), NATIONAL)
    second = fraction_due_at(start, found, max(one, other), NATIONAL)

    assert found.due_at is not None
    assert start <= first <= second <= found.due_at
    assert fraction_due_at(start, found, Decimal(1), NATIONAL) == found.due_at
    ran = sum((end - begin for begin, end in running(start, found, NATIONAL)), timedelta())
    assert ran <= found.due_at - start
