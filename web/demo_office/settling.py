"""What is left to do when a year is over and in one place."""

from __future__ import annotations

from datetime import time, timedelta

from engine import sealing
from sla import month_figures, monthly_lists
from sla.working_time import instant
from store.database import Database
from web.demo_office.dealing import Year
from web.demo_office.plan import next_morning
from web.demo_office.seed import set_clock


def settle(db: Database, year: Year) -> None:
    """What the worker does of months that are over, and within a second of every deed."""
    day = year.first
    while day <= year.last:
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        at = instant(min(day, year.last + timedelta(days=1)), time(0, 0, 1))
        while monthly_lists.make_next(db, at):
            pass
    morning = next_morning(year.ends)
    while month_figures.sum_up_next(db, year.ends) or sealing.seal_next(db, year.ends):
        pass
    with db.transaction() as tx:
        set_clock(tx, morning)
