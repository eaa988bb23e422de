"""Who is expected in the demo office today and in the days after: appointments made days before."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from random import Random

from engine.bpmn.scenario import Scenario, parse_scenario
from engine.clock import TAIPEI, legal_day
from sla.booking_rules import PACKAGE
from sla.explanation import national_calendar

DAYS = 6
TIMES = ("09:00", "10:00", "10:30", "11:00", "14:00", "15:30", "16:00")
"""The first is over when the visitor comes: nobody came."""
MATTERS = ("P20", "P08", "P01", "P22", "P03", "P25", "P11")
MADE_BEFORE = 2  # working days


def appointments(
    deployed: Collection[str], morning: datetime, random: Random
) -> Iterator[tuple[str, Scenario]]:
    """Filings of P51, each with the time it is made at, up to the day before `morning`; none in an
    office that has not deployed it."""
    if PACKAGE not in deployed:
        return
    today = legal_day(morning)
    calendar = national_calendar(today.year)
    made_on = calendar.nth_working_day(today, -MADE_BEFORE)
    days = [calendar.nth_working_day(today, number) for number in range(1, DAYS)]
    for place, day in enumerate([today, *days]):
        for at in TIMES[: 6 if place == 0 else 4 - place // 2]:
            made_at = datetime.combine(made_on, datetime.min.time(), TAIPEI) + timedelta(
                hours=9, minutes=random.randint(0, 420)
            )
            yield PACKAGE, _filing(made_at, day, at, random)


def _filing(made_at: datetime, day: date, at: str, random: Random) -> Scenario:
    phone = f"09{random.randint(10, 89)}-{random.randint(100, 999)}-{random.randint(100, 999)}"
    values = {
        "service": random.choice(MATTERS),
        "booking_on": day.isoformat(),
        "booking_at": at,
        "contact": "sms",
    }
    who = {
        "applicant": {"name": "林示範", "id_number": "A123456789"},
        "contact": {"phone": phone, "email": None},
    }
    told = {
        "title": {"zh-TW": "預約", "en": "Appointment"},
        "at": made_at.isoformat(),
        "file": {"channel": "phone", "by": "counter.lin", "values": values, "data": who},
        "steps": [],
    }
    return parse_scenario(told)
