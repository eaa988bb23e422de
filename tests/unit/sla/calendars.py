"""One national calendar for the tests of this folder: the package is slow to load."""

from datetime import date

from sla.working_time import Calendar, national_days

NATIONAL = Calendar("demo", "test", national_days(2004, 2032))


def closed(day: str, part: str = "all") -> Calendar:
    return NATIONAL.with_closure(date.fromisoformat(day), part, "颱風停止上班", "市府公告")
