"""Ages by the Civil Code, art. 124(1): the day of birth counts as day 1."""

from datetime import date, timedelta

from sla.counting import last_day_of_months

ONE_DAY = timedelta(days=1)


def age_reached(birth: date, years: int) -> date:
    """The first day on which somebody born on `birth` is `years` old.

    The years are complete when the day before ends. Who was born on 29 February is older on
    1 March of a year without that day (Civil Code 121(2): the month's last day is the end).
    """
    return last_day_of_months(birth - ONE_DAY, years * 12) + ONE_DAY


def age_on(birth: date, on: date) -> int:
    """Full years of age on the day `on`; negative before birth."""
    years = on.year - birth.year
    return years if age_reached(birth, years) <= on else years - 1
