"""The calendar of an office: against the published lists, and against naive counting."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.errors import CalendarError
from sla.working_time import Calendar, Day, Half, Hours, national_days, reason_text
from tests.unit.sla.calendars import NATIONAL, closed

# Weekday days off and make-up Saturdays as published for agencies (lists of the Executive Yuan).
PUBLISHED = {
    2024: (
        115,
        "01-01 02-08 02-09 02-12 02-13 02-14 02-28 04-04 04-05 06-10 09-17 10-10",
        "02-17",
    ),
    2025: (
        118,
        "01-01 01-27 01-28 01-29 01-30 01-31 02-28 04-03 04-04 05-30 09-29 10-06 10-10 10-24 12-25",
        "02-08",
    ),
    2026: (
        120,
        "01-01 02-16 02-17 02-18 02-19 02-20 02-27 04-03 04-06 05-01 06-19 09-25 09-28 10-09 10-26"
        " 12-25",
        "",
    ),
    2027: (
        121,
        "01-01 02-04 02-05 02-08 02-09 02-10 03-01 04-05 04-06 04-30 06-09 09-15 09-28 10-11 10-25"
        " 12-24 12-31",
        "",
    ),
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_every_day_of_a_year_is_as_published(year: int) -> None:
    total, off_text, worked_text = PUBLISHED[year]
    off, worked = set(off_text.split()), set(worked_text.split())
    days = national_days(year, year)

    for day, known in days.items():
        name = f"{day:%m-%d}"
        expected = name in worked or (day.weekday() < 5 and name not in off)
        assert known.is_working is expected, day
    assert sum(not day.is_working for day in days.values()) == total
    assert len(days) == (366 if year == 2024 else 365)


def test_a_day_made_up_in_the_year_before_needs_no_second_year_to_be_asked_for() -> None:
    assert national_days(2027, 2027)[date(2027, 12, 31)].reason == "中華民國開國紀念日（補假）"


def test_the_day_before_new_years_eve_has_its_own_name() -> None:
    days = national_days(2026, 2026)

    assert days[date(2026, 2, 15)].reason == "小年夜"
    assert days[date(2026, 2, 16)].reason == "農曆除夕"
    assert days[date(2026, 2, 20)].reason == "小年夜（補假）"
    assert reason_text(days[date(2026, 2, 20)].reason, "en") == (
        "day before Lunar New Year's Eve (day in lieu)"
    )


def test_every_national_label_has_an_english_name() -> None:
    labels = {reason_text(day.reason, "en") for day in national_days(2017, 2030).values()}

    assert all(label.isascii() for label in labels), labels


def test_a_year_without_a_published_list_says_so() -> None:
    days = national_days(2027, 2028)

    assert "核定" in days[date(2027, 1, 1)].source
    assert "推算" in days[date(2028, 1, 1)].source


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        ("2025-02-07", 3, "2025-02-11"),  # through the make-up Saturday 2/8
        ("2026-02-14", 0, "2026-02-23"),
        ("2026-02-14", 1, "2026-02-23"),
        ("2026-02-23", 0, "2026-02-23"),
        ("2026-03-08", -3, "2026-03-04"),
        ("2026-03-09", -1, "2026-03-06"),
    ],
)
def test_the_nth_working_day(day: str, n: int, expected: str) -> None:
    assert NATIONAL.nth_working_day(date.fromisoformat(day), n) == date.fromisoformat(expected)


days = st.dates(date(2005, 1, 1), date(2030, 12, 31))


@given(days, st.integers(1, 60))
def test_the_nth_working_day_is_what_counting_one_by_one_gives(day: date, n: int) -> None:
    found, left = day, n
    while left:
        found += timedelta(days=1)
        left -= NATIONAL.days[found].is_working

    assert NATIONAL.nth_working_day(day, n) == found
    assert NATIONAL.working_days_between(day, found) == n
    assert NATIONAL.nth_working_day(found, -n) <= day or NATIONAL.is_working_day(day)


@given(days)
def test_a_rolled_day_is_the_first_worked_day_from_there(day: date) -> None:
    rolled = NATIONAL.rolled(day)

    assert rolled >= day
    assert NATIONAL.is_working_day(rolled)
    assert not any(
        NATIONAL.is_working_day(day + timedelta(days=k)) for k in range((rolled - day).days)
    )


@pytest.mark.parametrize(
    "ask",
    [
        lambda: NATIONAL.is_working_day(date(2033, 1, 1)),
        lambda: NATIONAL.is_working_day(date(2003, 12, 31)),
        lambda: NATIONAL.rolled(date(2033, 1, 1)),
        lambda: NATIONAL.nth_working_day(date(2032, 12, 30), 5),
        lambda: NATIONAL.nth_working_day(date(2004, 1, 2), -5),
        lambda: NATIONAL.working_days_between(date(2032, 12, 1), date(2033, 1, 1)),
        lambda: NATIONAL.opening(date(2033, 1, 1)),
        lambda: closed("2033-01-01"),
    ],
)
def test_nothing_is_guessed_outside_the_loaded_years(ask: object) -> None:
    with pytest.raises(CalendarError) as refused:
        ask()  # type: ignore[operator]

    assert refused.value.code == "calendar.not_loaded"
    assert "2032-12-31" in refused.value.en
    assert "121 年 12 月 31 日" in refused.value.zh


def test_a_calendar_with_a_missing_day_is_refused() -> None:
    days = national_days(2026, 2026)
    del days[date(2026, 5, 5)]

    with pytest.raises(CalendarError, match="2026-05-05"):
        Calendar("demo", "v", days)
    with pytest.raises(CalendarError, match="no day"):
        Calendar("demo", "v", {})


def test_the_days_of_a_snapshot_cannot_be_changed() -> None:
    days = national_days(2026, 2026)
    calendar = Calendar("demo", "v", days)
    days[date(2026, 3, 2)] = Day(is_working=False, reason="x", source="x")

    assert calendar.is_working_day(date(2026, 3, 2))
    with pytest.raises(TypeError):
        calendar.days[date(2026, 3, 2)] = days[date(2026, 3, 2)]  # type: ignore[index]


def test_opening_hours_are_taipei_hours_told_in_utc() -> None:
    assert NATIONAL.opening(date(2026, 7, 8)) == (
        datetime(2026, 7, 8, 0, 0, tzinfo=UTC),
        datetime(2026, 7, 8, 9, 0, tzinfo=UTC),
    )
    assert NATIONAL.opening(date(2026, 7, 11)) is None


@pytest.mark.parametrize(
    ("part", "opening"), [("all", None), ("morning", (4, 9)), ("afternoon", (0, 4))]
)
def test_a_closure_takes_a_day_or_half_of_it(part: str, opening: tuple[int, int] | None) -> None:
    found = closed("2026-07-08", part).opening(date(2026, 7, 8))

    assert (found and (found[0].hour, found[1].hour)) == opening


def test_two_closed_halves_close_the_day_and_a_rest_day_stays_what_it_is() -> None:
    both = closed("2026-07-08", "morning").with_closure(date(2026, 7, 8), "afternoon", "x", "y")
    sunday = closed("2026-07-12")

    assert not both.is_working_day(date(2026, 7, 8))
    assert sunday.day(date(2026, 7, 12)).reason == "星期日"
    assert closed("2026-07-08", "morning").day(date(2026, 7, 8)).half is Half.MORNING


def test_a_closure_makes_a_new_version_and_leaves_the_old_snapshot() -> None:
    after = closed("2026-07-08")

    assert after.version != NATIONAL.version
    assert NATIONAL.is_working_day(date(2026, 7, 8))
    assert after.hours == Hours()
    with pytest.raises(CalendarError, match="evening"):
        closed("2026-07-08", "evening")


def test_used_days_leave_out_pauses_that_overlap_the_ends() -> None:
    # 3/3, 3/4 used; 3/5-3/20 paused although the work ended on 3/10.
    paused = ((date(2026, 3, 5), date(2026, 3, 20)),)

    assert NATIONAL.used_working_days(date(2026, 3, 2), date(2026, 3, 10), paused) == 2
    # A pause that lies before the start takes nothing.
    early = ((date(2026, 2, 23), date(2026, 2, 25)),)
    assert NATIONAL.used_working_days(date(2026, 3, 2), date(2026, 3, 4), early) == 2
