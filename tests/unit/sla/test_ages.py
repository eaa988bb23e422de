"""Ages count from the day of birth (Civil Code 124)."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sla.ages import age_on, age_reached


def test_the_day_before_a_birthday_and_the_birthday() -> None:
    birth = date(2011, 9, 1)

    assert age_on(birth, date(2025, 8, 31)) == 13
    assert age_on(birth, date(2025, 9, 1)) == 14
    assert age_on(birth, birth) == 0
    assert age_on(birth, date(2011, 8, 31)) == -1


def test_a_leap_day_birthday_in_a_common_year_is_the_first_of_march() -> None:
    birth = date(2008, 2, 29)

    assert age_on(birth, date(2026, 2, 28)) == 17
    assert age_on(birth, date(2026, 3, 1)) == 18


@given(st.dates(date(1912, 1, 1), date(2020, 12, 31)), st.integers(0, 60))
def test_age_changes_on_the_day_it_is_reached(birth: date, years: int) -> None:
    reached = age_reached(birth, years)

    assert age_on(birth, reached) == years
    assert age_on(birth, reached - timedelta(days=1)) == years - 1
