"""The monthly list of overdue cases (每月逾期案件清單), which goes to the chief and the director.

When a month is over, a beat writes down once which cases each office was late with at its end: a
row with its lines, kept as it was. A worker that stood still makes the lists it missed, one after
the other; since no due date is lost, they say what they would have said, as the limits are known
when they are made. Whoever is chief or director then is told once of each list that is not empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, exists, func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from engine import case_numbers, permissions, person_notices
from engine.actors import Actor, system
from engine.clock import legal_day
from engine.errors import NotFound
from engine.history import Entry, append
from sla import chase
from sla.audiences import members
from sla.benches import bench_of
from sla.ended import midnight, month_of
from sla.parties import Party
from store.database import Database
from store.tables import cases, clocks, offices, overdue_lists

READERS = ("chief", "director")
MOST_LINES = 5_000
"""More than a meeting can look at; `total` counts all of them."""
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """A case that was open and overdue at the end of the month, by its limit that ended first.

    `reason` (a class, see the chase slip) and `new_date` are of its latest chase when the list was
    made, None where nobody had answered.
    """

    case_id: UUID
    number: str
    package_id: str
    clock: str
    due_on: date
    late_working_days: int
    owner: str | None
    reason: str | None
    new_date: date | None
    confidential: bool = False
    filed_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class MonthlyList:
    """The list of one month, the first day of which is `month`. `total` counts all cases."""

    month: date
    made_at: datetime
    total: int
    lines: tuple[Line, ...]


# --- making -------------------------------------------------------------------------------------


def make_next(db: Database, now: datetime) -> bool:
    """Make the earliest list that an office lacks. False if none does."""
    with db.transaction(read_only=True) as tx:
        owed = _owed(tx, month_of(legal_day(now)))
    if owed is None:
        return False
    try:
        with db.transaction() as tx:
            _make(tx, *owed, now)
    except IntegrityError:
        pass  # another worker has just made it, and told everybody
    return True


def _owed(tx: Connection, this_month: date) -> tuple[str, date] | None:
    """An office with limits, and the month whose list it lacks; the first list is last month's."""
    last_month = month_of(this_month - _A_DAY)
    latest = (
        select(overdue_lists.c.office_id, func.max(overdue_lists.c.month).label("month"))
        .group_by(overdue_lists.c.office_id)
        .subquery()
    )
    row = tx.execute(
        select(offices.c.id, latest.c.month)
        .outerjoin(latest, latest.c.office_id == offices.c.id)
        .where(
            or_(latest.c.month.is_(None), latest.c.month < last_month),
            exists().where(
                clocks.c.office_id == offices.c.id, clocks.c.started_at < midnight(this_month)
            ),
        )
        .order_by(offices.c.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    return row.id, last_month if row.month is None else _next_month(row.month)


def _next_month(month: date) -> date:
    return month_of(month + timedelta(days=31))


def _make(tx: Connection, office_id: str, month: date, now: datetime) -> None:
    lines = _late_at(tx, office_id, midnight(_next_month(month)), now)
    list_id = uuid4()  # two that are made at once differ, and the second is refused
    tx.execute(
        insert(overdue_lists).values(
            id=list_id,
            office_id=office_id,
            month=month,
            made_at=now,
            total=len(lines),
            lines=[_written(line) for line in lines[:MOST_LINES]],
        )
    )
    told = members(tx, office_id, READERS) if lines else ()
    detail = {"month": f"{month:%Y-%m}", "cases": len(lines)}
    news = person_notices.News("overdue.listed", office_id, None, list_id, detail)
    person_notices.tell(tx, news, told, now)
    entry = Entry(
        "overdue.listed",
        system(office_id),
        now,
        object_id=str(list_id),
        detail={**detail, "told": len(told)},
        office_id=office_id,
    )
    append(tx, entry)


def _late_at(tx: Connection, office_id: str, end: datetime, now: datetime) -> list[Line]:
    """The cases that the office was late with at `end`, those late for longest first."""
    rows = tx.execute(
        select(
            *(clocks.c.case_id, clocks.c.name, clocks.c.due_on),
            *(cases.c.number, cases.c.package_id, cases.c.confidential, cases.c.filed_by),
        )
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(
            clocks.c.office_id == office_id,
            clocks.c.party == Party.OFFICE.value,
            clocks.c.task_id.is_(None),
            clocks.c.due_at <= end,
            clocks.c.started_at < end,
            or_(clocks.c.status == "running", clocks.c.met_at >= end),
        )
        .order_by(clocks.c.due_at, *case_numbers.BY_NUMBER)
    ).all()
    first: dict[UUID, Any] = {}
    for row in rows:
        first.setdefault(row.case_id, row)
    chases = chase.latest_of(tx, list(first))
    calendar = bench_of(tx, office_id, now).calendar
    last_day = min(legal_day(end - _A_DAY), calendar.last)
    return [
        Line(
            case_id=row.case_id,
            number=row.number,
            package_id=row.package_id,
            clock=row.name,
            due_on=row.due_on,
            late_working_days=calendar.working_days_between(
                max(row.due_on, calendar.first), max(row.due_on, last_day)
            ),
            owner=asked.owner if asked else None,
            reason=asked.reason_class if asked else None,
            new_date=asked.new_date if asked else None,
            confidential=row.confidential,
            filed_by=row.filed_by if row.confidential else None,
        )
        for row in first.values()
        for asked in (chases.get(row.case_id),)
    ]


def _written(line: Line) -> dict[str, Any]:
    return {
        "case": str(line.case_id),
        "number": line.number,
        "package": line.package_id,
        "clock": line.clock,
        "due_on": line.due_on.isoformat(),
        "late": line.late_working_days,
        "owner": line.owner,
        "reason": line.reason,
        "new_date": line.new_date.isoformat() if line.new_date else None,
        "confidential": line.confidential,
        "filed_by": str(line.filed_by) if line.filed_by else None,
    }


# --- reading ------------------------------------------------------------------------------------


def lists(tx: Connection, actor: Actor) -> Sequence[MonthlyList]:
    """The lists of the actor's office, the latest first, without what is kept from the actor."""
    rows = tx.execute(
        select(overdue_lists)
        .where(overdue_lists.c.office_id == actor.office_id)
        .order_by(overdue_lists.c.month.desc())
    ).all()
    return [_list(row, actor) for row in rows]


def of_month(tx: Connection, month: date, actor: Actor) -> MonthlyList:
    """The list of one month, the first day of which is given. Raises NotFound."""
    row = tx.execute(
        select(overdue_lists).where(
            overdue_lists.c.office_id == actor.office_id, overdue_lists.c.month == month
        )
    ).first()
    if row is None:
        raise NotFound(
            "overdue_list.unknown", f"There is no list of overdue cases of {month:%Y-%m} here"
        )
    return _list(row, actor)


def _list(row: Any, actor: Actor) -> MonthlyList:
    """Without the confidential cases that the actor may not see."""
    lines = tuple(map(_read, row.lines))
    is_confidant = actor.is_system or bool(actor.groups & permissions.CONFIDANTS)
    seen = tuple(
        line
        for line in lines
        if is_confidant or not line.confidential or line.filed_by == actor.person_id
    )
    return MonthlyList(row.month, row.made_at, row.total - len(lines) + len(seen), seen)


def _read(told: dict[str, Any]) -> Line:
    new_date = told["new_date"]
    return Line(
        case_id=UUID(told["case"]),
        number=told["number"],
        package_id=told["package"],
        clock=told["clock"],
        due_on=date.fromisoformat(told["due_on"]),
        late_working_days=told["late"],
        owner=told["owner"],
        reason=told["reason"],
        new_date=date.fromisoformat(new_date) if new_date else None,
        confidential=told.get("confidential", False),
        filed_by=UUID(filed_by) if (filed_by := told.get("filed_by")) else None,
    )
