"""Every row of the duty table over the year 2026: begins and is due on its days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sla.duty_days import Every, Period, periods
from sla.duty_table import released
from sla.explanation import national_calendar

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
CALENDAR = national_calendar(2026)


def year_of(duty: str) -> list[Period]:
    """The turns that are due in 2026."""
    found = periods(released()[duty].rhythm, FIRST, LAST, CALENDAR)
    return [each for each in found if each.due_on <= LAST]


def due(duty: str) -> list[str]:
    return [f"{each.due_on:%m-%d}" for each in year_of(duty)]


def begins(duty: str) -> list[str]:
    return [f"{each.starts_on:%m-%d}" for each in year_of(duty)]


def test_the_population_report_is_of_the_last_calendar_day_of_every_month_rest_days_too() -> None:
    last = [
        "01-31",
        "02-28",
        "03-31",
        "04-30",
        "05-31",
        "06-30",
        "07-31",
        "08-31",
        "09-30",
        "10-31",
        "11-30",
        "12-31",
    ]
    assert due("monthly_population") == begins("monthly_population") == last
    rest = [day for day in last if not CALENDAR.is_working_day(date.fromisoformat(f"2026-{day}"))]
    assert rest == ["01-31", "02-28", "05-31", "10-31"]


def test_the_year_ends_figures_are_due_on_15_january_and_15_april() -> None:
    assert (begins("year_static"), due("year_static")) == (["01-01"], ["01-15"])
    assert (begins("year_occurrence"), due("year_occurrence")) == (["04-01"], ["04-15"])


def test_the_school_list_goes_every_week_from_march_to_august_before_a_free_friday() -> None:
    days = due("school_changes")

    assert len(days) == 26
    assert (days[0], days[-1]) == ("03-06", "08-28")
    assert "04-02" in days  # Friday 3 April stands in for Children's Day
    assert "06-18" in days  # Friday 19 June is the Dragon Boat Festival
    for each in year_of("school_changes"):
        assert CALENDAR.is_working_day(each.due_on)
        assert each.due_on - each.starts_on == timedelta(days=4)


def test_the_roster_of_pupils_is_due_by_the_end_of_may() -> None:
    assert due("school_roster") == ["05-31"]  # a Sunday, and the law names the day


@pytest.mark.parametrize(
    ("duty", "day"), [("id_card_stock", 5), ("death_list", 5), ("death_result", 15)]
)
def test_days_of_the_month_that_law_names_stand_on_rest_days(duty: str, day: int) -> None:
    assert due(duty) == [f"{month:02}-{day:02}" for month in range(1, 13)]
    lead = 9 if duty == "death_result" else 4
    assert {(each.due_on - each.starts_on).days for each in year_of(duty)} == {lead}


@pytest.mark.parametrize("duty", ["daily_receipt", "site_daily"])
def test_daily_duties_are_of_every_working_day_and_of_no_other(duty: str) -> None:
    days = due(duty)

    assert days == begins(duty)
    assert len(days) == len(set(days)) == 245  # 120 days off
    assert {"01-02", "02-13", "02-23", "12-31"} <= set(days)
    closed = {
        "01-01",
        "02-16",
        "02-17",
        "02-18",
        "02-19",
        "02-20",
        "02-27",
        "04-03",
        "09-25",
        "12-25",
    }
    assert not closed & set(days)


@pytest.mark.parametrize(
    ("duty", "days"),
    [
        ("service_plan", ["01-31"]),
        ("internal_audit", ["11-30"]),
        ("security_audit", ["06-30"]),
        ("documents_quarterly", ["03-31", "06-30", "09-30", "12-31"]),
        ("petition_meeting", ["03-31", "06-30", "09-30", "12-31"]),
        ("counter_year", ["12-31"]),
        ("sop_review", ["12-31"]),
        ("premises", ["06-30"]),
        ("property", ["10-30"]),  # the last working day before Saturday 31 October
        ("environment_hours", ["12-31"]),
        ("fire_check", ["09-30"]),
    ],
)
def test_what_is_owed_in_some_months_is_owed_in_those(duty: str, days: list[str]) -> None:
    assert due(duty) == days


@pytest.mark.parametrize(
    "duty", ["counter_scores", "documents_monthly", "satisfaction", "law_test", "equipment"]
)
def test_monthly_duties_are_due_on_a_working_day_of_every_month(duty: str) -> None:
    found = year_of(duty)

    assert [each.key for each in found] == [f"2026-{month:02}" for month in range(1, 13)]
    assert all(CALENDAR.is_working_day(each.due_on) for each in found)


def test_the_virus_scan_is_of_every_week_of_the_year() -> None:
    weeks = [each.key for each in year_of("virus_scan")]

    assert weeks == [f"2026-W{week:02}" for week in range(1, 54) if f"2026-W{week:02}" in weeks]
    assert len(weeks) == 53  # Friday of the last is 1 January: the scan is on 31 December


def test_no_row_of_the_table_is_left_out_here() -> None:
    for key, duty in released().items():
        found = year_of(key)
        assert found, key
        if duty.rhythm.every is not Every.WORKING_DAY:
            assert all((each.due_on - each.starts_on).days == duty.rhythm.lead for each in found)
        assert len({each.key for each in found}) == len(found)
