"""Reports: on time or not, where the time went, what was extended and why, over some months.

Figures come from `sla.month_figures`; extensions from the ledgers. A person's section is the one
they belong to today. Whole cases are many people's work: they count for the office and its months,
never for a section or a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, or_, select

from engine import case_list
from engine.actors import Actor
from engine.clock import legal_day
from engine.errors import Rejected
from sla.ended import About, Sums, midnight, month_of
from sla.month_figures import of_months
from store.tables import cases, clock_entries, clocks, persons

MOST_MONTHS = 36
EVERYWHERE = "*"
"""In place of an office: the actor's own and all below it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`first` and `last` are first days of months; `office_id` is the actor's own where None.

    `section` narrows tasks to the people of a section; figures of whole cases are left out then.
    """

    first: date
    last: date
    office_id: str | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: what it is about, tasks and whole cases. `package_id` and `element_id`
    are of a step; `person_id` of a person; the others have their own word in `key`."""

    key: str
    tasks: Sums = field(default_factory=Sums)
    cases: Sums = field(default_factory=Sums)
    package_id: str = ""
    element_id: str = ""
    person_id: UUID | None = None
    section: str = ""


@dataclass(frozen=True, slots=True)
class Extensions:
    """How many limits were extended for one reason. `days` are what they were given in all, of the
    unit of the limit: `working_day`, `calendar_day`, `month` …"""

    package_id: str
    reason: str
    granted: int
    length: int
    unit: str


@dataclass(frozen=True, slots=True)
class Report:
    """`offices` has more than one line only for several offices, `sections` and `people` are empty
    then. `months` are in order; steps and people begin with the least on time."""

    wanted: Wanted
    office_ids: tuple[str, ...]
    whole: Line
    months: tuple[Line, ...]
    offices: tuple[Line, ...]
    sections: tuple[Line, ...]
    steps: tuple[Line, ...]
    people: tuple[Line, ...]
    packages: tuple[Line, ...]
    extensions: tuple[Extensions, ...]
    until: date | None = None
    """The first day that is not counted, where too much ended since; None: everything is."""


def report(tx: Connection, wanted: Wanted, actor: Actor, now: datetime) -> Report:
    """The figures of the months wanted, until now. Six statements and what is not summed up yet.

    Raises `Rejected` for a span that is none, and for an office that is not the actor's to see.
    """
    office_ids = scope(tx, wanted, actor)
    check_span(wanted, now)
    summed = of_months(tx, office_ids, wanted.first, wanted.last, now)
    figures = summed.lines
    staff = _staff(tx, office_ids[0], figures) if len(office_ids) == 1 else {}
    tables = _Tables(staff, wanted.section)
    for about, sums in figures:
        tables.take(about, sums)
    return Report(
        wanted=wanted,
        office_ids=office_ids,
        whole=tables.whole,
        months=tuple(_each_month(tables.months, wanted)),
        offices=_least_first(tables.offices) if len(office_ids) > 1 else (),
        sections=_least_first(tables.sections),
        steps=_least_first(tables.steps),
        people=_least_first(tables.people),
        packages=tuple(sorted(tables.packages.values(), key=lambda line: -line.cases.done)),
        extensions=_extensions(tx, office_ids, wanted, staff),
        until=summed.until,
    )


def scope(tx: Connection, wanted: Wanted, actor: Actor) -> tuple[str, ...]:
    """The offices that are counted. Raises `Rejected` unless the actor may see them: their own, and
    for those who may look over the offices below, these."""
    if wanted.office_id in (None, actor.office_id):
        return (actor.office_id,)
    below = case_list.searchable_offices(tx, actor)
    if wanted.office_id == EVERYWHERE and below:
        return (actor.office_id, *below)
    if wanted.office_id in below:
        return (str(wanted.office_id),)
    raise Rejected("office.not_found", "There is no such office below yours")


def last_months(now: datetime, number: int = 12) -> tuple[date, date]:
    """The first and the last of so many months that end with the present one."""
    last = month_of(legal_day(now))
    first = last
    for _ in range(number - 1):
        first = month_of(first - timedelta(days=1))
    return first, last


def check_span(wanted: Wanted, now: datetime) -> None:
    """Raise `Rejected` for months that are none, too many, or have not begun."""
    months = (wanted.last.year - wanted.first.year) * 12 + wanted.last.month - wanted.first.month
    if not 0 <= months < MOST_MONTHS or wanted.first > legal_day(now):
        raise Rejected(
            "report.span",
            f"Expected a span of 1 to {MOST_MONTHS} months that has begun, its first before its "
            f"last; got {wanted.first:%Y-%m} to {wanted.last:%Y-%m}",
        )


# --- adding up ----------------------------------------------------------------------------------


class _Tables:
    """The tables of a report, filled from its figures one by one."""

    def __init__(self, staff: dict[UUID, Any], section: str | None) -> None:
        self._staff, self._section = staff, section
        self.whole = Line("")
        self.months: dict[Any, Line] = {}
        self.offices: dict[Any, Line] = {}
        self.sections: dict[Any, Line] = {}
        self.steps: dict[Any, Line] = {}
        self.people: dict[Any, Line] = {}
        self.packages: dict[Any, Line] = {}

    def take(self, about: About, sums: Sums) -> None:
        if not about.element_id:
            self._take_case(about, sums)
            return
        person = self._staff.get(about.person_id) if about.person_id else None
        section = person.section if person else ""
        if self._section is not None and section != self._section:
            return
        self.whole.tasks.add(sums)
        for line in self._of_task(about, person, section):
            line.tasks.add(sums)

    def _take_case(self, about: About, sums: Sums) -> None:
        if self._section is not None:
            return
        self.whole.cases.add(sums)
        for line in (*self._of_all(about), _line(self.packages, about.package_id)):
            line.cases.add(sums)

    def _of_all(self, about: About) -> Iterator[Line]:
        yield _line(self.months, about.month.isoformat())
        yield _line(self.offices, about.office_id)

    def _of_task(self, about: About, person: Any, section: str) -> Iterator[Line]:
        yield from self._of_all(about)
        step = (about.package_id, about.element_id)
        if step not in self.steps:
            self.steps[step] = Line(
                about.name, package_id=about.package_id, element_id=about.element_id
            )
        yield self.steps[step]
        if person is None:
            return
        yield _line(self.sections, section)
        if person.id not in self.people:
            self.people[person.id] = Line(person.display_name, person_id=person.id, section=section)
        yield self.people[person.id]


def _line(lines: dict[Any, Line], key: str) -> Line:
    return lines.setdefault(key, Line(key))


def _least_first(lines: dict[Any, Line]) -> tuple[Line, ...]:
    """What was least on time first; what had no limit comes last, the most work before less."""

    def order(line: Line) -> tuple[float, int, str]:
        percent = line.tasks.percent
        return (101.0 if percent is None else percent, -line.tasks.done, line.key)

    return tuple(sorted(lines.values(), key=order))


def _each_month(known: dict[Any, Line], wanted: Wanted) -> Iterable[Line]:
    month = wanted.first
    while month <= wanted.last:
        yield known.get(month.isoformat(), Line(month.isoformat()))
        month = month_of(month + timedelta(days=31))


# --- reading ------------------------------------------------------------------------------------


def _staff(
    tx: Connection, office_id: str, figures: Iterable[tuple[About, Sums]]
) -> dict[UUID, Any]:
    """The people of an office, and who worked there and has gone to another since."""
    worked = {about.person_id for about, _ in figures if about.person_id is not None}
    rows = tx.execute(
        select(persons.c.id, persons.c.display_name, persons.c.section).where(
            or_(persons.c.office_id == office_id, persons.c.id.in_(worked))
        )
    )
    return {row.id: row for row in rows}


def _extensions(
    tx: Connection, office_ids: tuple[str, ...], wanted: Wanted, staff: dict[UUID, Any]
) -> tuple[Extensions, ...]:
    """Why limits were extended, the most frequent reason first; of a section what its own gave."""
    end = month_of(wanted.last + timedelta(days=31))
    entered = (
        select(clock_entries.c.detail, clock_entries.c.person_id, cases.c.package_id)
        .join(clocks, clocks.c.id == clock_entries.c.clock_id)
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(
            clock_entries.c.office_id.in_(office_ids),
            cases.c.confidential.is_(False),
            clock_entries.c.kind == "extend",
            clock_entries.c.at >= midnight(wanted.first),
            clock_entries.c.at < midnight(end),
        )
    )
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for row in tx.execute(entered):
        if wanted.section is not None and _section(staff, row.person_id) != wanted.section:
            continue
        key = (row.package_id, str(row.detail.get("reason", "")).strip(), str(row.detail["unit"]))
        granted, length = found.get(key, (0, 0))
        found[key] = granted + 1, length + int(row.detail["length"])
    return tuple(
        Extensions(package_id, reason, granted, length, unit)
        for (package_id, reason, unit), (granted, length) in sorted(
            found.items(), key=lambda item: (-item[1][0], item[0])
        )
    )


def _section(staff: dict[UUID, Any], person_id: UUID | None) -> str | None:
    person = staff.get(person_id) if person_id else None
    return person.section if person else None


def sections(tx: Connection, office_id: str) -> list[str]:
    """The sections of an office that anybody belongs to."""
    wanted = (
        select(persons.c.section)
        .where(persons.c.office_id == office_id, persons.c.section != "")
        .distinct()
        .order_by(persons.c.section)
    )
    return list(tx.scalars(wanted))
