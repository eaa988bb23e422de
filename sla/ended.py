"""What ended in some days: limits, tasks and cases, counted from their rows.

A limit of the office counts on the day (Asia/Taipei) on which it was met, and was kept if it was
met by its end or while it stood still. A task's limit counts for whoever completed the task, that
of a whole case for the office. A completed task says how long it waited to be taken and was worked
on; a closed case says who had it when, each moment once (`sla.time_spent`), and how long a limit of
it stood still. Applicants' terms are none of the office's to keep and count nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, or_, select

from engine.clock import TAIPEI, legal_day
from sla import overdue_reads as reads
from sla import time_spent
from sla.clock_rows import ledgers_of
from sla.ledger import Entry
from sla.parties import Party
from sla.time_spent import Spent
from store.tables import cases, clocks, user_tasks

_AT_ONCE = 200
_NO_TIME = timedelta()


class About(NamedTuple):
    """What figures are about. `month` is its first day; `element_id` is empty for whole cases, and
    `person_id` who completed the task."""

    office_id: str
    month: date
    package_id: str
    element_id: str = ""
    name: str = ""
    person_id: UUID | None = None


@dataclass(slots=True)
class Sums:
    """`done`: tasks completed, or cases closed; `ended`, `kept`: limits. The rest are seconds, of
    each case or task to the whole second; of a task only the first two and `outside`."""

    done: int = 0
    ended: int = 0
    kept: int = 0
    work: int = 0
    pick_up: int = 0
    applicant: int = 0
    agency: int = 0
    outside: int = 0
    system: int = 0
    paused: int = 0

    def add(self, other: Sums) -> None:
        """Take in what another has."""
        for name in Sums.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def is_nothing(self) -> bool:
        return not any(astuple(self))

    @property
    def percent(self) -> float | None:
        """Of limits kept; None where none ended: no limit is no success."""
        return 100 * self.kept / self.ended if self.ended else None


Found = dict[About, Sums]


def count(tx: Connection, office_ids: Sequence[str], first: date, end: date) -> Found:
    """What ended in these offices from the day `first` until before the day `end`."""
    found: Found = {}
    if first < end and office_ids:
        begin, until = midnight(first), midnight(end)
        _limits(tx, found, _within(clocks, clocks.c.met_at, office_ids, begin, until))
        _tasks(tx, found, _within(user_tasks, user_tasks.c.ended_at, office_ids, begin, until))
        _cases(tx, found, _within(cases, cases.c.closed_at, office_ids, begin, until))
    return found


def midnight(day: date) -> datetime:
    """When a day begins in Taipei."""
    return datetime.combine(day, time(), TAIPEI)


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def _within(
    table: Any, at: ColumnElement[Any], office_ids: Sequence[str], begin: datetime, until: datetime
) -> tuple[ColumnElement[bool], ...]:
    whose = (
        table.c.office_id == office_ids[0]
        if len(office_ids) == 1
        else table.c.office_id.in_(office_ids)
    )
    return whose, at >= begin, at < until


def _at(found: Found, about: About) -> Sums:
    return found.setdefault(about, Sums())


def _month(at: datetime) -> date:
    return month_of(legal_day(at))


# --- limits -------------------------------------------------------------------------------------


def _limits(tx: Connection, found: Found, within: tuple[ColumnElement[bool], ...]) -> None:
    met = (
        select(
            clocks.c.office_id,
            clocks.c.met_at,
            clocks.c.due_at,
            clocks.c.task_id,
            cases.c.package_id,
            user_tasks.c.element_id,
            user_tasks.c.name,
            user_tasks.c.completed_by,
        )
        .join(cases, cases.c.id == clocks.c.case_id)
        .outerjoin(user_tasks, user_tasks.c.id == clocks.c.task_id)
        .where(*within, clocks.c.status == "met", clocks.c.party == Party.OFFICE.value)
        .where(cases.c.confidential.is_(False))
        # A task that was cancelled had nobody who could have kept its limit.
        .where(or_(clocks.c.task_id.is_(None), user_tasks.c.completed_by.is_not(None)))
    )
    for row in tx.execute(met):
        sums = _at(found, _about(row, row.met_at) if row.task_id else _about_case(row, row.met_at))
        sums.ended += 1
        sums.kept += row.due_at is None or row.met_at <= row.due_at


def _about(row: Any, at: datetime) -> About:
    return About(
        row.office_id, _month(at), row.package_id, row.element_id, row.name, row.completed_by
    )


def _about_case(row: Any, at: datetime) -> About:
    return About(row.office_id, _month(at), row.package_id)


# --- tasks --------------------------------------------------------------------------------------


def _tasks(tx: Connection, found: Found, within: tuple[ColumnElement[bool], ...]) -> None:
    completed = (
        select(
            user_tasks.c.office_id,
            user_tasks.c.element_id,
            user_tasks.c.name,
            user_tasks.c.completed_by,
            user_tasks.c.wait,
            user_tasks.c.created_at,
            user_tasks.c.claimed_at,
            user_tasks.c.ended_at,
            cases.c.package_id,
        )
        .join(cases, cases.c.id == user_tasks.c.case_id)
        .where(*within, user_tasks.c.status == "completed", cases.c.confidential.is_(False))
    )
    for row in tx.execute(completed):
        sums = _at(found, _about(row, row.ended_at))
        sums.done += 1
        for part in time_spent.of_task(
            row.created_at, row.claimed_at, row.ended_at, waits=row.wait
        ):
            _add_time(sums, part.kind, (part.end or row.ended_at) - part.begin)


def _add_time(sums: Sums, kind: Spent, spent: timedelta) -> None:
    setattr(sums, kind.value, getattr(sums, kind.value) + seconds(spent))


def seconds(spent: timedelta) -> int:
    """Whole seconds; never less than none, should two machines' clocks have disagreed."""
    return max(0, round(spent.total_seconds()))


# --- cases --------------------------------------------------------------------------------------


def _cases(tx: Connection, found: Found, within: tuple[ColumnElement[bool], ...]) -> None:
    closed = tx.execute(
        select(
            cases.c.id, cases.c.office_id, cases.c.package_id, cases.c.filed_at, cases.c.closed_at
        ).where(*within, cases.c.confidential.is_(False))
    ).all()
    for first in range(0, len(closed), _AT_ONCE):
        _some_cases(tx, found, closed[first : first + _AT_ONCE])


def _some_cases(tx: Connection, found: Found, closed: Sequence[Any]) -> None:
    ids = [row.id for row in closed]
    tasks = reads.grouped(reads.tasks(tx, ids))
    promises = reads.grouped(reads.promises(tx, ids))
    ledgers = _ledgers(tx, ids)
    for row in closed:
        mine = ledgers.get(row.id, [])
        stretches = reads.stretches(tasks.get(row.id, ()), promises.get(row.id, ()), mine)
        sums = _at(found, _about_case(row, row.closed_at))
        sums.done += 1
        for kind, part in time_spent.shares(row.filed_at, row.closed_at, stretches).items():
            _add_time(sums, kind, part)
        sums.paused += seconds(_standing(mine, row.filed_at, row.closed_at))


def _ledgers(tx: Connection, case_ids: Sequence[UUID]) -> dict[UUID, list[list[Entry]]]:
    owners = tx.execute(
        select(clocks.c.id, clocks.c.case_id).where(clocks.c.case_id.in_(case_ids))
    ).all()
    entries = ledgers_of(tx, [row.id for row in owners])
    found: dict[UUID, list[list[Entry]]] = {}
    for row in owners:
        found.setdefault(row.case_id, []).append(entries.get(row.id, []))
    return found


def _standing(ledgers: Iterable[Sequence[Entry]], filed: datetime, closed: datetime) -> timedelta:
    """How long some limit of the case stood still; two at once count once."""
    total, until = _NO_TIME, filed
    for begin, end in sorted(pause for ledger in ledgers for pause in _pauses(ledger, closed)):
        first, last = max(begin, until), min(end, closed)
        if first < last:
            total += last - first
            until = last
    return total


def _pauses(ledger: Sequence[Entry], closed: datetime) -> Iterator[tuple[datetime, datetime]]:
    opened: datetime | None = None
    for entry in ledger:
        if entry.kind == "pause" and opened is None:
            opened = entry.at
        elif entry.kind in ("resume", "stop") and opened is not None:
            yield opened, entry.at
            opened = None
    if opened is not None:
        yield opened, closed
