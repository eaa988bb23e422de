"""A line of the overdue desk: one case, with all that a supervisor needs to decide.

Why (where the time went), whose (and who stands in), how late (in calendar and in working days),
what next (the acts that remain, and why the others do not). The statements do not grow with the
lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select

from engine.clock import legal_day
from sla import chase, lawful, time_spent
from sla import overdue_reads as reads
from sla.calendars import snapshot
from sla.chase import Chase
from sla.clock_rows import ledgers_of, rule_of
from sla.extensions import may_extend
from sla.ledger import Entry
from sla.overdue import FiredRung, fired_rungs, late_working_days
from sla.parties import DUNNING, Next, Party, next_of
from sla.working_time import Calendar
from store.tables import cases, clocks

_OPEN = ("unclaimed", "claimed")


@dataclass(frozen=True, slots=True)
class Limit:
    """One running or paused clock of a case. `late_days` are calendar days after the last day,
    `late_working_days` whole working days. `steps` explain it, by language. `party` is who must
    act within it; `then` what the law lets the office do once an applicant's has ended."""

    clock_id: UUID
    name: str
    rule_id: str
    party: Party
    then: Next | None
    status: str
    task_id: UUID | None
    due_on: date | None
    due_at: datetime | None
    is_overdue: bool
    late_days: int
    late_working_days: int
    explanation: Mapping[str, Any]
    acts: tuple[lawful.Act, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """An open task: whose it is. `away` says that they are on leave; `deputy` who stands in."""

    id: UUID
    name: str
    element_id: str
    assignee_id: UUID | None
    assignee: str | None
    section: str
    groups: tuple[str, ...]
    since: datetime
    waits: bool
    away: bool
    deputy_id: UUID | None
    deputy: str | None


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for a case to its end. `away` and `deputy` as of `Work`."""

    name: str
    away: bool
    deputy: str | None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case. `limits` has at the top the one it stands under: of those that are late the
    office's before the applicant's, then those that run, each by its end."""

    case_id: UUID
    case_number: str
    package_id: str
    definition_id: UUID
    subject_label: str
    filed_at: datetime
    limits: tuple[Limit, ...]
    work: tuple[Work, ...]
    owner: Owner | None
    told: tuple[FiredRung, ...]
    spent: time_spent.TimeSpent
    chase: Chase | None
    delay_told_at: datetime | None

    @property
    def first(self) -> Limit:
        return self.limits[0]

    @property
    def opens_on(self) -> Limit:
        """The limit to look at first: the most urgent one about which the law still lets the office
        do something; the limit of a step is the office's own, and nothing can be done to it."""
        able = (limit for limit in self.limits if any(_moves(act) for act in limit.acts))
        return next(able, self.first)

    @property
    def is_overdue(self) -> bool:
        return any(limit.is_overdue for limit in self.limits)

    @property
    def late_party(self) -> Party | None:
        """Who is late: the office if any of its own limits is, else the applicant; None: nobody."""
        return self.first.party if self.first.is_overdue else None


_LEGAL_ACTS = frozenset({"extend", "dun", "refuse", "ex_officio"})


def _moves(act: lawful.Act) -> bool:
    return act.name in _LEGAL_ACTS and act.why_not is None


# --- building -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """What the lines of one page are made of, read in a handful of statements."""

    now: datetime
    calendar: Calendar
    ledgers: Mapping[UUID, list[Entry]]
    tasks: Mapping[UUID, list[Any]]
    away: Mapping[UUID, Any]
    owners: Mapping[UUID, Any]
    promises: Mapping[UUID, list[Any]]
    rungs: Mapping[UUID, list[FiredRung]]
    chases: Mapping[UUID, Chase]
    delays: Mapping[UUID, datetime]


def lines_of(
    tx: Connection,
    office_id: str,
    case_ids: Sequence[UUID],
    seen: ColumnElement[bool],
    now: datetime,
) -> list[CaseLine]:
    """The lines of these cases, in their order; none for a case of another office, without a
    limit that runs or stands still, or that is not `seen` (`engine.confidence`)."""
    if not case_ids:
        return []
    rows = tx.execute(
        select(
            clocks,
            cases.c.number,
            cases.c.package_id,
            cases.c.definition_id,
            cases.c.subject_label,
            cases.c.filed_at,
        )
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(
            clocks.c.office_id == office_id,
            clocks.c.case_id.in_(case_ids),
            clocks.c.status.in_(("running", "paused")),
            seen,
        )
        .order_by(clocks.c.due_at.is_(None), clocks.c.due_at, clocks.c.id)
    ).all()
    by_case = reads.grouped(rows)
    clock_ids = [row.id for row in rows]
    known = _Known(
        now=now,
        calendar=snapshot(tx, office_id, now),
        ledgers=ledgers_of(tx, clock_ids),
        tasks=reads.grouped(reads.tasks(tx, case_ids)),
        away=reads.away(tx, office_id, legal_day(now)),
        owners=reads.owners(tx, case_ids),
        promises=reads.grouped(reads.promises(tx, case_ids)),
        rungs=fired_rungs(tx, clock_ids),
        chases=chase.latest_of(tx, case_ids),
        delays=reads.delays(tx, case_ids),
    )
    return [_line(by_case[case_id], known) for case_id in case_ids if case_id in by_case]


def _line(rows: Sequence[Any], known: _Known) -> CaseLine:
    first = rows[0]
    tasks = known.tasks.get(first.case_id, [])
    told = [rung for row in rows for rung in known.rungs.get(row.id, ())]
    return CaseLine(
        case_id=first.case_id,
        case_number=first.number,
        package_id=first.package_id,
        definition_id=first.definition_id,
        subject_label=first.subject_label,
        filed_at=first.filed_at,
        limits=tuple(
            _limit(row, rows, tasks, known)
            for row in sorted(rows, key=lambda row: _rank(row, known))
        ),
        work=tuple(_work(task, known.away) for task in tasks if task.status in _OPEN),
        owner=_owner(known.owners.get(first.case_id), known.away),
        told=tuple(sorted(told, key=lambda rung: rung.fired_at)),
        spent=_spent(rows, tasks, known),
        chase=known.chases.get(first.case_id),
        delay_told_at=known.delays.get(first.case_id),
    )


def _rank(row: Any, known: _Known) -> tuple[bool, bool]:
    """What is late first, of that the office's; else the order they were read in."""
    is_late = _has_passed(row, known.now)
    return not is_late, is_late and row.party != Party.OFFICE


def _has_passed(row: Any, now: datetime) -> bool:
    return row.status == "running" and row.due_at is not None and bool(row.due_at <= now)


def _limit(row: Any, beside: Sequence[Any], tasks: Sequence[Any], known: _Known) -> Limit:
    """One limit; `beside` are all that run in the case: a demand may have ended beside it."""
    now = known.now
    overdue = _has_passed(row, now)
    entries = known.ledgers[row.id]
    why_not = may_extend(row, entries, now)
    last_chase = known.chases.get(row.case_id)
    kind, party = rule_of(row, entries).kind, Party(row.party)
    demands = [each for each in beside if each.name == DUNNING]
    standing = lawful.Standing(
        kind=kind,
        name=row.name,
        is_overdue=overdue,
        has_open_task=any(task.status in _OPEN for task in tasks),
        has_open_chase=last_chase is not None and last_chase.is_open,
        is_chase=row.package_id == chase.PACKAGE,
        may_extend=None if why_not is None else why_not.code,
        dunned=any(_has_passed(each, now) for each in demands),
        is_being_dunned=any(not _has_passed(each, now) for each in demands),
    )
    return Limit(
        clock_id=row.id,
        name=row.name,
        rule_id=row.rule_id,
        party=party,
        then=next_of(kind, row.name) if party is Party.APPLICANT else None,
        status=row.status,
        task_id=row.task_id,
        due_on=row.due_on,
        due_at=row.due_at,
        is_overdue=overdue,
        late_days=(legal_day(now) - row.due_on).days if overdue else 0,
        late_working_days=late_working_days(known.calendar, row.due_on, now) if overdue else 0,
        explanation=row.explanation,
        acts=lawful.acts(standing),
    )


def _work(task: Any, away: Mapping[UUID, Any]) -> Work:
    leave = away.get(task.assignee_id)
    return Work(
        id=task.id,
        name=task.name,
        element_id=task.element_id,
        assignee_id=task.assignee_id,
        assignee=task.display_name,
        section=task.section or "",
        groups=tuple(sorted(filter(None, (task.groups or "").split(",")))),
        since=task.claimed_at or task.created_at,
        waits=task.wait,
        away=leave is not None,
        deputy_id=None if leave is None else leave.substitute_id,
        deputy=None if leave is None else leave.display_name,
    )


def _owner(row: Any, away: Mapping[UUID, Any]) -> Owner | None:
    if row is None:
        return None
    leave = away.get(row.id)
    deputy = None if leave is None else leave.display_name
    return Owner(row.display_name, leave is not None, deputy)


def _spent(rows: Sequence[Any], tasks: Sequence[Any], known: _Known) -> time_spent.TimeSpent:
    first = rows[0]
    promises = known.promises.get(first.case_id, ())
    ledgers = [known.ledgers[row.id] for row in rows]
    stretches = reads.stretches(tasks, promises, ledgers)
    return time_spent.add_up(first.filed_at, known.now, stretches)
