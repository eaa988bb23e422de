"""The office of the year: its people, packages and hours."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import update

from agencies.transports import Endpoint
from engine.bpmn.scenario_document import Scenario
from engine.clock import legal_day
from engine.packages import load_library
from sla.explanation import national_calendar
from sla.scenarios import scenarios_of
from sla.working_time import instant
from store import tables
from store.database import Database
from web.demo_office.office import found_office
from web.demo_office.player import Stage
from web.demo_office.seed import OUTAGE, deploy_all, prepare_all

YEAR = 2026
OFFICE = "demo-south"
OPENED = instant(date(YEAR - 1, 12, 1), time(9))
ENDPOINT = Endpoint("http://127.0.0.1:1", b"the year's secret", "http://127.0.0.1:1/answers")
OPENS, CLOSES = time(8, 30), time(16, 50)


def open_office(db: Database, folder: Path) -> tuple[Stage, list[tuple[str, Scenario]]]:
    """Found it; what can happen there: scenarios, each with its package."""
    library = load_library(folder)
    prepare_all(library)
    with db.transaction() as tx:
        people = found_office(tx, OPENED)
        deployed = deploy_all(tx, library, OFFICE, OPENED)
        # Nobody reads mail: whom a rung told stands in its row.
        tx.execute(update(tables.persons).values(email=None))
    # An outage that somebody forgets would stop the clocks of the office, every hour anew.
    played = [each for each in deployed if each != OUTAGE]
    matters = [(each, told) for each in played for _, told in scenarios_of(library, each)]
    return Stage(db, people, ENDPOINT, mails=1), matters


def opening(day: date) -> datetime:
    """The moment the doors open."""
    return instant(day, OPENS)


def in_hours(moment: datetime, random: Random) -> datetime:
    """`moment`, or one of the next working day if the office is closed then; to the microsecond
    by chance, so that no deed falls on the moment of a rung."""
    day = legal_day(moment)
    calendar = national_calendar(day.year)
    jitter = timedelta(microseconds=random.randrange(60_000_000))
    if not calendar.is_working_day(day) or moment > instant(day, CLOSES):
        day = calendar.next_working_day(day)
        return opening(day) + timedelta(minutes=random.randint(0, 90)) + jitter
    return max(moment, opening(day)) + jitter
