"""How well it was done, over some months: papers that were missing, errors that reviews found, and
by which way people applied.

Counted from the rows, for whole offices: a case belongs to the month in which it was filed, a
review to that in which it was done. Confidential cases count nowhere,
nor do those that nobody applied for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, distinct, func, select, text

from engine.actors import Actor
from sla.ended import midnight, month_of
from sla.reports import Wanted, check_span, scope
from store.tables import cases, deed_notes, notices, user_tasks

INTERNAL = ("rung", "system")
"""Channels of cases that nobody applied for: chases, and what the office files for itself."""
_COUNTED = (cases.c.confidential.is_(False), cases.c.channel.not_in(INTERNAL))

# Written out, not bound: only so does a database see that its partial indices serve.
_MISSING_PAPERS = text("notices.kind = 'one_time_notice'")
_RETURNS = text("deed_notes.kind = 'return'")
_REVIEWS = text("user_tasks.status = 'completed' AND user_tasks.duty = 'review'")


@dataclass(slots=True)
class Rates:
    """`filed` cases, `corrected` of them: papers were asked for. `reviewed`: reviews done,
    `returned` of them: an error was found."""

    filed: int = 0
    corrected: int = 0
    reviewed: int = 0
    returned: int = 0

    @property
    def correction_percent(self) -> float | None:
        """Of the cases filed; None of nothing."""
        return 100 * self.corrected / self.filed if self.filed else None

    @property
    def error_percent(self) -> float | None:
        """Of the reviews done; None of nothing."""
        return 100 * self.returned / self.reviewed if self.reviewed else None

    @property
    def is_nothing(self) -> bool:
        return not (self.filed or self.corrected or self.reviewed or self.returned)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: `key` is the first day of a month, or the id of a package."""

    key: str
    rates: Rates = field(default_factory=Rates)


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """How often reviews found this kind of error, and its share of all they found, in percent.
    `name` is empty where the reviewer named none."""

    name: str
    found: int
    percent: float


@dataclass(frozen=True, slots=True)
class Channel:
    """How many cases came this way, their share in percent, and how many did in the same months of
    the year before. `growth` in percent; None where there were none then."""

    name: str
    filed: int
    percent: float
    year_before: int

    @property
    def growth(self) -> float | None:
        return 100 * (self.filed / self.year_before - 1) if self.year_before else None


@dataclass(frozen=True, slots=True)
class Quality:
    """`months` are in order; packages and error classes begin with the most."""

    wanted: Wanted
    office_ids: tuple[str, ...]
    whole: Rates
    months: tuple[Line, ...]
    packages: tuple[Line, ...]
    errors: tuple[ErrorClass, ...]
    channels: tuple[Channel, ...]


def quality(tx: Connection, wanted: Wanted, actor: Actor, now: datetime) -> Quality:
    """The figures of the months wanted, in five statements. `wanted.section` is not looked at:
    a whole case is many people's work. Raises Rejected as `reports.report` does."""
    office_ids = scope(tx, wanted, actor)
    check_span(wanted, now)
    months = list(_months(wanted.first, wanted.last))
    found = _Found(months)
    for row in tx.execute(_filed(office_ids, months)):
        found.add(row, "filed")
        found.channels[row.channel] += row.number
    for row in tx.execute(_corrected(office_ids, months)):
        found.add(row, "corrected")
    for row in tx.execute(_reviewed(office_ids, months)):
        found.add(row, "reviewed")
    for row in tx.execute(_returned(office_ids, months)):
        found.add(row, "returned")
        found.errors[row.error_class or ""] += row.number
    before = [_year_before(month) for month in months]
    earlier: Counter[str] = Counter()
    for row in tx.execute(_filed(office_ids, before)):
        earlier[row.channel] += row.number
    return Quality(
        wanted,
        office_ids,
        found.whole,
        tuple(found.months),
        _most_first(found.packages.values()),
        tuple(_shares(found.errors)),
        tuple(_channels(found.channels, earlier)),
    )


class _Found:
    """The tables, filled row by row."""

    def __init__(self, months: Sequence[date]) -> None:
        self.whole = Rates()
        self.months = [Line(month.isoformat()) for month in months]
        self.packages: dict[str, Line] = {}
        self.errors: Counter[str] = Counter()
        self.channels: Counter[str] = Counter()

    def add(self, row: Any, name: str) -> None:
        package = self.packages.setdefault(row.package_id, Line(row.package_id))
        for rates in (self.whole, self.months[row.month].rates, package.rates):
            setattr(rates, name, getattr(rates, name) + row.number)


# --- reading ------------------------------------------------------------------------------------


def _filed(office_ids: Sequence[str], months: Sequence[date]) -> Select[Any]:
    month = _month_of(cases.c.filed_at, months)
    return (
        select(month, cases.c.package_id, cases.c.channel, func.count().label("number"))
        .where(
            cases.c.office_id.in_(office_ids),
            *_COUNTED,
            *_within(cases.c.filed_at, months),
        )
        .group_by("month", cases.c.package_id, cases.c.channel)
    )


def _corrected(office_ids: Sequence[str], months: Sequence[date]) -> Select[Any]:
    """Cases filed in the months whose applicant was told of missing papers, then or later."""
    month = _month_of(cases.c.filed_at, months)
    return (
        select(month, cases.c.package_id, func.count(distinct(cases.c.id)).label("number"))
        .select_from(notices)
        .join(cases, cases.c.id == notices.c.case_id)
        .where(
            notices.c.office_id.in_(office_ids),
            _MISSING_PAPERS,
            notices.c.voided_at.is_(None),
            notices.c.issued_at >= midnight(months[0]),
            *_COUNTED,
            *_within(cases.c.filed_at, months),
        )
        .group_by("month", cases.c.package_id)
    )


def _reviewed(office_ids: Sequence[str], months: Sequence[date]) -> Select[Any]:
    month = _month_of(user_tasks.c.ended_at, months)
    return (
        select(month, cases.c.package_id, func.count().label("number"))
        .select_from(user_tasks)
        .join(cases, cases.c.id == user_tasks.c.case_id)
        .where(
            user_tasks.c.office_id.in_(office_ids),
            _REVIEWS,
            *_COUNTED,
            *_within(user_tasks.c.ended_at, months),
        )
        .group_by("month", cases.c.package_id)
    )


def _returned(office_ids: Sequence[str], months: Sequence[date]) -> Select[Any]:
    """Errors that a review found, put right there or sent back: of each its class is noted."""
    month = _month_of(deed_notes.c.at, months)
    return (
        select(month, cases.c.package_id, deed_notes.c.error_class, func.count().label("number"))
        .select_from(deed_notes)
        .join(cases, cases.c.id == deed_notes.c.case_id)
        .join(user_tasks, user_tasks.c.id == deed_notes.c.task_id)
        .where(
            deed_notes.c.office_id.in_(office_ids),
            _RETURNS,
            user_tasks.c.duty == "review",
            *_COUNTED,
            *_within(deed_notes.c.at, months),
        )
        .group_by("month", cases.c.package_id, deed_notes.c.error_class)
    )


def _month_of(at: ColumnElement[Any], months: Sequence[date]) -> ColumnElement[int]:
    """Which of the months an instant lies in: its place among them."""
    ends = [(at < midnight(_next(month)), index) for index, month in enumerate(months)]
    return case(*ends, else_=len(months)).label("month")


def _within(at: ColumnElement[Any], months: Sequence[date]) -> tuple[ColumnElement[bool], ...]:
    return at >= midnight(months[0]), at < midnight(_next(months[-1]))


def _months(first: date, last: date) -> Iterator[date]:
    month = first
    while month <= last:
        yield month
        month = _next(month)


def _next(month: date) -> date:
    return month_of(month + timedelta(days=31))


def _year_before(month: date) -> date:
    return month.replace(year=month.year - 1)


# --- adding up ----------------------------------------------------------------------------------


def _most_first(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (-line.rates.filed, line.key)))


def _shares(errors: Counter[str]) -> Iterator[ErrorClass]:
    whole = errors.total()
    for name, found in sorted(errors.items(), key=lambda each: (-each[1], each[0])):
        yield ErrorClass(name, found, 100 * found / whole)


def _channels(filed: Counter[str], earlier: Counter[str]) -> Iterator[Channel]:
    whole = filed.total()
    for name in sorted({*filed, *earlier}, key=lambda each: (-filed[each], each)):
        share = 100 * filed[name] / whole if whole else 0.0
        yield Channel(name, filed[name], share, earlier[name])
