"""On time or not, by section and owner: this month beside the last.

A limit counts in the month (Asia/Taipei) in which it ended, once it was kept or not; one that
ended while the clock stood still was kept. A task's limit counts for whoever completed the task;
the limit of a whole case is many people's work and counts for the office only. Terms of applicants
are none of the office's to keep and count nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, case, func, literal, or_, select

from engine.actors import Actor
from engine.clock import TAIPEI, legal_day
from engine.confidence import open_to
from sla.overdue import late_cases
from sla.parties import Party
from store.partial import among
from store.tables import clocks, persons, user_tasks


@dataclass(frozen=True, slots=True)
class Share:
    """How many limits ended in a month, and how many of them in time."""

    kept: int = 0
    ended: int = 0

    @property
    def percent(self) -> float | None:
        """None where nothing ended: no limit is no success."""
        return 100 * self.kept / self.ended if self.ended else None

    def __add__(self, other: Share) -> Share:
        return Share(self.kept + other.kept, self.ended + other.ended)


@dataclass(frozen=True, slots=True)
class Line:
    """A section, or a person in it. `overdue` and `open` count cases whose work lies with them.

    `name` is empty for work that nobody has taken; `section` for people without one.
    """

    section: str
    name: str
    overdue: int = 0
    open: int = 0
    this_month: Share = field(default_factory=Share)
    last_month: Share = field(default_factory=Share)


@dataclass(frozen=True, slots=True)
class Figures:
    """`cases` are the limits of whole cases, `tasks` those of tasks, of the whole office."""

    this_month: date
    last_month: date
    cases: tuple[Share, Share]
    tasks: tuple[Share, Share]
    sections: tuple[Line, ...]
    owners: tuple[Line, ...]


def figures(tx: Connection, actor: Actor, now: datetime) -> Figures:
    """The figures of the actor's office, in four statements."""
    today = legal_day(now)
    this_month = today.replace(day=1)
    last_month = _month_before(this_month)
    ended = _ended(tx, actor, _midnight(last_month), _midnight(this_month))
    people = {
        row.id: row
        for row in tx.execute(
            select(persons.c.id, persons.c.display_name, persons.c.section).where(
                persons.c.office_id == actor.office_id
            )
        )
    }
    loads = _loads(tx, actor, now)
    owners = [
        _owner(people.get(person_id), person_id, loads, ended)
        for person_id in {*loads, *(person for person, _ in ended if person is not None)}
    ]
    return Figures(
        this_month,
        last_month,
        (ended.get((None, True), Share()), ended.get((None, False), Share())),
        (_of_tasks(ended, is_new=True), _of_tasks(ended, is_new=False)),
        tuple(sorted(_sections(owners), key=_worst_first)),
        tuple(sorted(owners, key=_worst_first)),
    )


def _owner(
    person: Any,
    person_id: UUID | None,
    loads: Mapping[UUID | None, tuple[int, int]],
    ended: Mapping[tuple[UUID | None, bool], Share],
) -> Line:
    overdue, open_ = loads.get(person_id, (0, 0))
    if person_id is None:
        return Line("", "", overdue, open_)
    return Line(
        section=person.section if person else "",
        name=person.display_name if person else "",
        overdue=overdue,
        open=open_,
        this_month=ended.get((person_id, True), Share()),
        last_month=ended.get((person_id, False), Share()),
    )


def _sections(owners: Iterable[Line]) -> list[Line]:
    found: dict[str, Line] = {}
    for line in owners:
        if not line.name:
            continue
        known = found.get(line.section, Line(line.section, ""))
        found[line.section] = Line(
            line.section,
            "",
            known.overdue + line.overdue,
            known.open + line.open,
            known.this_month + line.this_month,
            known.last_month + line.last_month,
        )
    return list(found.values())


def _worst_first(line: Line) -> tuple[int, int, str, str]:
    return (-line.overdue, -line.open, line.section, line.name)


def _of_tasks(ended: Mapping[tuple[UUID | None, bool], Share], *, is_new: bool) -> Share:
    mine = (share for (person, new), share in ended.items() if person is not None and new is is_new)
    return sum(mine, Share())


def _ended(
    tx: Connection, actor: Actor, since: datetime, this_month: datetime
) -> dict[tuple[UUID | None, bool], Share]:
    """By who completed the task (None: a case's limit), and whether it was this month."""
    is_new = clocks.c.met_at >= literal(this_month, clocks.c.met_at.type)
    in_time = or_(clocks.c.due_at.is_(None), clocks.c.met_at <= clocks.c.due_at)
    # Looked up one by one, since few limits are of tasks: PostgreSQL cannot know that, and would
    # read all tasks there are to join them.
    completed_by = select(user_tasks.c.completed_by).where(user_tasks.c.id == clocks.c.task_id)
    met = (
        select(
            clocks.c.task_id,
            completed_by.scalar_subquery().label("completed_by"),
            case((is_new, 1), else_=0).label("is_new"),
            case((in_time, 1), else_=0).label("in_time"),
        )
        .where(clocks.c.office_id == actor.office_id)
        .where(clocks.c.status == "met", clocks.c.met_at >= since)
        .where(open_to(actor, clocks.c.case_id))
        .where(clocks.c.party == Party.OFFICE.value)  # an applicant's are not the office's to keep
        .subquery()
    )
    wanted = (
        select(
            met.c.completed_by,
            met.c.is_new,
            func.count().label("ended"),
            func.sum(met.c.in_time).label("kept"),
        )
        # A task that was cancelled had nobody who could have kept its limit.
        .where(or_(met.c.task_id.is_(None), met.c.completed_by.is_not(None)))
        .group_by(met.c.completed_by, met.c.is_new)
    )
    rows = tx.execute(wanted)
    return {
        (row.completed_by, bool(row.is_new)): Share(int(row.kept), int(row.ended)) for row in rows
    }


def _loads(tx: Connection, actor: Actor, now: datetime) -> dict[UUID | None, tuple[int, int]]:
    """How many overdue cases, and how many open ones, lie with each person (None: nobody)."""
    number = func.count(func.distinct(user_tasks.c.case_id)).label("number")
    wanted = (
        select(user_tasks.c.assignee_id, number)
        .where(
            user_tasks.c.office_id == actor.office_id,
            among(user_tasks.c.status, "unclaimed", "claimed"),
            open_to(actor, user_tasks.c.case_id),
        )
        .group_by(user_tasks.c.assignee_id)
    )
    open_ = {row.assignee_id: row.number for row in tx.execute(wanted)}
    is_late = user_tasks.c.case_id.in_(late_cases(actor, now))
    overdue = {row.assignee_id: row.number for row in tx.execute(wanted.where(is_late))}
    return {person: (overdue.get(person, 0), number) for person, number in open_.items()}


def _month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), TAIPEI)
