"""What the product itself says of the year, month by month and when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import select

from bench.year.office import OFFICE, YEAR
from engine.actors import Actor
from engine.clock import TAIPEI
from sla import month_figures, monthly_lists, on_time, overdue, reports
from store import tables
from store.database import Database

Shares = tuple[on_time.Share, on_time.Share]
"""Of limits of whole cases, and of tasks."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the product itself said: of each month, when it was over, the desk's figures, its counts
    and how long the list of late cases was; and, when the year was over, the report of its months
    (limits of whole cases and of tasks)."""

    shares: Mapping[date, tuple[on_time.Share, on_time.Share]]
    counts: Mapping[datetime, overdue.Counts]
    listed: Mapping[date, int]
    reported: Mapping[date, tuple[on_time.Share, on_time.Share]]
    deeds: Mapping[str, int]


def figures_at(db: Database, chief: Actor, at: datetime) -> tuple[date, Shares, overdue.Counts]:
    """When a month is over: which, its shares as the desk has them, and the desk's counts."""
    while monthly_lists.make_next(db, at) or month_figures.sum_up_next(db, at):
        pass
    with db.transaction(read_only=True) as tx:
        found = on_time.figures(tx, chief, at)
        return found.last_month, (found.cases[1], found.tasks[1]), overdue.counts(tx, chief, at)


def reports_of(db: Database, chief: Actor) -> tuple[dict[date, int], dict[date, Shares]]:
    """Of the whole year: how long each monthly list was, and the report of its months."""
    wanted = reports.Wanted(date(YEAR, 1, 1), date(YEAR, 12, 1))
    lists = tables.overdue_lists
    with db.transaction(read_only=True) as tx:
        found = reports.report(tx, wanted, chief, month_end(12))
        rows = tx.execute(select(lists.c.month, lists.c.total).where(lists.c.office_id == OFFICE))
        listed = {row.month: row.total for row in rows if row.month.year == YEAR}
    months = {
        date.fromisoformat(f"{line.key[:7]}-01"): (
            on_time.Share(line.cases.kept, line.cases.ended),
            on_time.Share(line.tasks.kept, line.tasks.ended),
        )
        for line in found.months
    }
    return listed, months


def month_end(month: int) -> datetime:
    """A second past midnight on the first of the next month: the month is over."""
    first = date(YEAR + month // 12, month % 12 + 1, 1)
    return datetime.combine(first, time(0, 0, 1), TAIPEI).astimezone(UTC)
