"""The yearly control table (作業時程管制表): duties by the months of a year, and what is off plan.

A turn stands in the month of its last day. Its words are those offices use: begun (已開始執行), on
schedule (依期程執行); who is neither explains. Derived on read: a stopped worker hides nothing,
since a turn that should have begun and has not stands here as planned and overdue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine.actors import Actor
from engine.clock import legal_day
from engine.errors import NotFound
from sla import plan_members
from sla.benches import bench_of, lawful
from sla.duties import since
from sla.duty_days import Period, periods
from sla.duty_table import Duty, table
from sla.plan_members import Member
from sla.working_time import Calendar
from store.tables import cases, duty_periods


class Standing(StrEnum):
    """How a duty, or a month of it, stands."""

    NONE = "none"  # nothing is owed
    PLANNED = "planned"  # not begun, and not due
    BEGUN = "begun"  # 已開始執行
    ON_SCHEDULE = "on_schedule"  # 依期程執行: all that was due by today was done in time
    OFF_PLAN = "off_plan"  # something is late, or was


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a duty; the fields of its case are None while it has not begun."""

    key: str
    due_on: date
    case_id: UUID | None
    number: str | None
    done_on: date | None
    items: int | None
    reason: str | None
    action: str | None
    new_date: date | None
    result: str | None

    def standing(self, today: date) -> Standing:
        """How the turn stands on a day (Asia/Taipei)."""
        ended = self.done_on or today
        told_off_plan = self.reason is not None and self.done_on is None
        if ended > self.due_on or told_off_plan:
            return Standing.OFF_PLAN
        if self.done_on is not None and self.result != "begun":
            return Standing.ON_SCHEDULE
        return Standing.PLANNED if self.case_id is None else Standing.BEGUN


@dataclass(frozen=True, slots=True)
class Month:
    """A cell: of `planned` turns `done` are done, `late` are late or were."""

    planned: int
    done: int
    late: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class PlanItem:
    """An item of a yearly plan, as its section named it."""

    id: str
    name: str
    section: str

    def title(self, _lang: str) -> str:
        """What the item is called: an office writes its plan in one language."""
        return self.name


@dataclass(frozen=True, slots=True)
class Line:
    """A duty in a year; `months` are twelve, `off_plan` what has to be explained, or was."""

    duty: Duty | PlanItem
    months: tuple[Month, ...]
    standing: Standing
    off_plan: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """The table of one office."""

    year: int
    today: date
    lines: tuple[Line, ...]
    team: tuple[Member, ...]  # who carries the year's plan


def control_table(tx: Connection, year: int, actor: Actor, now: datetime) -> Year:
    """The table of the actor's office. Raises NotFound for a year its calendar does not hold."""
    calendar = bench_of(tx, actor.office_id, now).calendar
    if not calendar.first.year <= year <= calendar.last.year:
        raise NotFound("duty.year", f"The calendar of this office does not hold the year {year}")
    begun = _begun(tx, actor.office_id, year)
    today, first = legal_day(now), since(tx, actor.office_id)
    lines = []
    for duty in table(tx, actor.office_id):
        turns = begun.get(duty.id, {})
        if duty.active and first is not None:
            floor = max(first, duty.since or first)
            for each in _planned(duty, year, floor, calendar):
                turns.setdefault(each.key, _not_begun(each))
        if turns:
            lines.append(_line(duty, list(turns.values()), today))
    lines += [_line(item, turns, today) for item, turns in _items(tx, actor.office_id, year)]
    team = plan_members.of_year(tx, actor.office_id, year)
    return Year(year, today, tuple(lines), team)


def _line(duty: Duty | PlanItem, turns: Sequence[Turn], today: date) -> Line:
    by_month = [[each for each in turns if each.due_on.month == month] for month in range(1, 13)]
    late = [each for each in turns if each.standing(today) is Standing.OFF_PLAN]
    return Line(
        duty,
        tuple(_month(month, today) for month in by_month),
        _together(turns, today),
        tuple(sorted(late, key=lambda each: each.due_on)),
    )


def _month(turns: Sequence[Turn], today: date) -> Month:
    late = sum(each.standing(today) is Standing.OFF_PLAN for each in turns)
    done = sum(each.done_on is not None for each in turns)
    return Month(len(turns), done, late, _together(turns, today))


def _together(turns: Sequence[Turn], today: date) -> Standing:
    """The worst that is true of some; on schedule once something was done and nothing is late."""
    found = {each.standing(today) for each in turns}
    order = (Standing.OFF_PLAN, Standing.ON_SCHEDULE, Standing.BEGUN, Standing.PLANNED)
    return next((each for each in order if each in found), Standing.NONE)


def _planned(duty: Duty, year: int, first: date, calendar: Calendar) -> Sequence[Period]:
    begin, end = date(year, 1, 1), date(year, 12, 31)
    floor = max(first, begin, calendar.first)
    if floor > end:
        return ()
    found = lawful(lambda: tuple(periods(duty.rhythm, floor, min(end, calendar.last), calendar)))
    return [each for each in found if each.due_on.year == year]


def _begun(tx: Connection, office_id: str, year: int) -> dict[str, dict[str, Turn]]:
    rows = tx.execute(
        select(duty_periods, cases.c.number)
        .outerjoin(cases, cases.c.id == duty_periods.c.case_id)
        .where(
            duty_periods.c.office_id == office_id,
            duty_periods.c.due_on.between(date(year, 1, 1), date(year, 12, 31)),
            duty_periods.c.title.is_(None),
        )
        .order_by(duty_periods.c.due_on)
    )
    found: dict[str, dict[str, Turn]] = {}
    for row in rows:
        found.setdefault(row.duty, {})[row.period] = _turn(row)
    return found


def _items(tx: Connection, office_id: str, year: int) -> list[tuple[PlanItem, list[Turn]]]:
    rows = tx.execute(
        select(duty_periods, cases.c.number)
        .join(cases, cases.c.id == duty_periods.c.case_id)
        .where(
            duty_periods.c.office_id == office_id,
            duty_periods.c.due_on.between(date(year, 1, 1), date(year, 12, 31)),
            duty_periods.c.title.is_not(None),
        )
        .order_by(cases.c.number, func.length(duty_periods.c.duty), duty_periods.c.duty)
    )
    turns: dict[str, list[Turn]] = {}
    items: dict[str, PlanItem] = {}
    for row in rows:
        items[row.duty] = PlanItem(row.duty, row.title, row.section)
        turns.setdefault(row.duty, []).append(_turn(row))
    return [(items[key], turns[key]) for key in items]


def _turn(row: Any) -> Turn:
    names = ("case_id", "number", "done_on", "items", "reason", "action", "new_date", "result")
    return Turn(row.period, row.due_on, **{name: getattr(row, name) for name in names})


def _not_begun(period: Period) -> Turn:
    return Turn(period.key, period.due_on, *(None,) * 8)
