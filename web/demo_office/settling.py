"""What is left to do when a year is over and in one place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, time, timedelta
from functools import partial
from typing import TypeAlias

from engine import sealing
from sla import month_figures, monthly_lists
from sla.working_time import instant
from store.database import Database, open_database
from web.demo_office.dealing import Year
from web.demo_office.plan import next_morning
from web.demo_office.processes import side_by_side
from web.demo_office.seed import set_clock

Part: TypeAlias = Callable[[Database, datetime], bool]
"""Does one piece; False if there was none left."""


def settle(db: Database, year: Year, workers: int) -> None:
    """What the worker does of months that are over, and within a second of every deed; by two
    processes where there are several."""
    day = year.first
    while day <= year.last:
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        at = instant(min(day, year.last + timedelta(days=1)), time(0, 0, 1))
        while monthly_lists.make_next(db, at):
            pass
    parts = (month_figures.sum_up_next, sealing.seal_next)
    if workers == 1:
        for part in parts:
            _to_the_end(part, db, year.ends)
    else:
        db.engine.dispose()  # nobody inherits a connection
        url = db.engine.url.render_as_string(hide_password=False)
        side_by_side([partial(_apart, part, url, year.ends) for part in parts])
    with db.transaction() as tx:
        set_clock(tx, next_morning(year.ends))


def _apart(part: Part, url: str, now: datetime) -> None:
    with closing(open_database(url)) as db:
        _to_the_end(part, db, now)


def _to_the_end(part: Part, db: Database, now: datetime) -> None:
    while part(db, now):
        pass
