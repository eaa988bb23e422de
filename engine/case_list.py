"""Lists of cases. People are found by keyed hashes; what is listed is masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from engine import search_terms
from engine.actors import Actor
from engine.clock import TAIPEI, legal_day
from engine.confidence import seen_by
from engine.cursors import Order, Page, checked_limit, page_of
from engine.errors import NotFound, Rejected
from engine.forms import Label
from engine.permissions import may_search_offices
from store.tables import (
    case_list_members,
    case_terms,
    cases,
    clocks,
    definitions,
    incidents,
    offices,
    user_tasks,
)

_ORDER = Order("cases", ("instant", "uuid"))
_FOUND = Order("cases.found", ("uuid",))
_DUE = Order("cases.due", ("instant", "uuid"))
_NO_TERM = 0  # of a name too short to look for; no hash has this value twice in an office


class DueBy(StrEnum):
    """How near the due time of a case is."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"  # in seven days, today included


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases of the office to list.

    `number` is a whole case number; it is also found where the office received the case or keeps
    the household. `id_number` and `birth_date` are whole, `name` may be a part of two characters or
    more: only keyed hashes are stored. `due_by` lists running cases, the earliest due first;
    `office_id` is an office below the actor's, for those who may search there.
    """

    status: str | None = None
    package_id: str | None = None
    number: str | None = None
    id_number: str | None = None
    name: str | None = None
    birth_date: date | None = None
    filed_from: datetime | None = None
    filed_before: datetime | None = None
    overdue: bool | None = None  # whether one of the case's own running clocks is
    due_by: DueBy | None = None
    office_id: str | None = None

    @property
    def by_person(self) -> tuple[str, ...]:
        """Which personal data is searched by."""
        given = {"name": self.name, "id_number": self.id_number, "birth_date": self.birth_date}
        return tuple(kind for kind, value in given.items() if value)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case in a list. `due_at` is the earliest of its own running clocks, and `due_party` who
    must act within it, `office` or `applicant`; `paused` says that one of them stands still."""

    case_id: UUID
    number: str
    package_id: str
    title: Label
    subject_label: str
    status: str
    outcome: str | None
    channel: str
    priority: int
    office_id: str
    filed_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    due_party: str
    overdue: bool
    open_tasks: tuple[str, ...]
    open_elements: tuple[str, ...]  # the ids of the same steps, in the same order
    definition_id: UUID
    open_incidents: int
    paused: bool = False


def cases_page(
    tx: Connection,
    actor: Actor,
    filter: CaseFilter,  # noqa: A002 — the seam's name for it
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Page[CaseRow]:
    """One page of the cases of an office; one query.

    The newest first, but the earliest due first with `due_by`. Raises Rejected for an office the
    actor may not search.
    """
    office_id = searched_office(tx, actor, filter)
    if filter.by_person:
        wanted, order = _by_person(office_id, filter, now, actor), _FOUND
    elif filter.due_by is not None:
        wanted, order = _by_due(office_id, filter, now, actor), _DUE
    else:
        wanted, order = _by_filing(office_id, filter, now, actor), _ORDER
    if cursor is not None:
        wanted = _behind(wanted, order, cursor)
    rows = tx.execute(_with_facts(wanted.limit(checked_limit(limit) + 1), order)).all()
    return page_of(rows, limit, order, lambda row: _case_row(row, now))


def searched_office(tx: Connection, actor: Actor, wanted: CaseFilter) -> str:
    """The office whose cases are listed. Raises Rejected unless it is the actor's, or below it and
    the actor may search there."""
    if wanted.office_id in (None, actor.office_id):
        return actor.office_id
    if may_search_offices(actor) and wanted.office_id in offices_below(tx, actor.office_id):
        return str(wanted.office_id)
    raise Rejected("office.not_found", "There is no such office below yours")


def searchable_offices(tx: Connection, actor: Actor) -> dict[str, Label]:
    """The offices below the actor's, for those who may search there; mostly none."""
    return offices_below(tx, actor.office_id) if may_search_offices(actor) else {}


def offices_below(tx: Connection, office_id: str) -> dict[str, Label]:
    """The offices below one, at any depth, by id."""
    below = select(offices.c.id).where(offices.c.parent_id == office_id).cte(recursive=True)
    below = below.union(select(offices.c.id).join(below, offices.c.parent_id == below.c.id))
    rows = tx.execute(
        select(offices.c.id, offices.c.name_zh, offices.c.name_en)
        .where(offices.c.id.in_(select(below.c.id)))
        .order_by(offices.c.code)
    )
    return {row.id: Label(row.name_zh, row.name_en) for row in rows}


# --- which cases --------------------------------------------------------------------------------


def _by_filing(office_id: str, wanted: CaseFilter, now: datetime, actor: Actor) -> Select[Any]:
    return (
        select(cases.c.id, cases.c.filed_at.label("key_0"), cases.c.id.label("key_1"))
        .where(*_scope(office_id, wanted), seen_by(actor), *_matching(wanted, now))
        .order_by(cases.c.filed_at.desc(), cases.c.id.desc())
    )


def _by_person(office_id: str, wanted: CaseFilter, now: datetime, actor: Actor) -> Select[Any]:
    """By their terms; ids are UUIDv7, so the newest id is the newest case."""
    first, *others = _terms(office_id, wanted) or [_NO_TERM]
    found = (
        select(case_terms.c.case_id.label("id"), case_terms.c.case_id.label("key_0"))
        .where(case_terms.c.office_id == office_id, case_terms.c.term == first)
        .order_by(case_terms.c.case_id.desc())
    )
    for number, each in enumerate(others):
        also = case_terms.alias(f"also_{number}")
        found = found.where(
            exists().where(
                also.c.office_id == office_id,
                also.c.term == each,
                also.c.case_id == case_terms.c.case_id,
            )
        )
    of_case = (seen_by(actor), *_matching(wanted, now))
    return found.where(exists().where(cases.c.id == case_terms.c.case_id, *of_case))


def _by_due(office_id: str, wanted: CaseFilter, now: datetime, actor: Actor) -> Select[Any]:
    """By the earliest of the case's own running clocks."""
    other = clocks.alias("earlier")
    earlier = exists().where(
        other.c.case_id == clocks.c.case_id,
        other.c.task_id.is_(None),
        other.c.status == "running",
        or_(
            other.c.due_at < clocks.c.due_at,
            and_(other.c.due_at == clocks.c.due_at, other.c.id < clocks.c.id),
        ),
    )
    return (
        select(cases.c.id, clocks.c.due_at.label("key_0"), clocks.c.case_id.label("key_1"))
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(
            clocks.c.office_id == office_id,
            clocks.c.status == "running",
            clocks.c.task_id.is_(None),
            *_due_between(wanted.due_by, now),
            ~earlier,
            seen_by(actor),
            *_matching(wanted, now),
        )
        .order_by(clocks.c.due_at, clocks.c.case_id)
    )


def _due_between(due_by: DueBy | None, now: datetime) -> tuple[ColumnElement[bool], ...]:
    if due_by is DueBy.OVERDUE:
        return (clocks.c.due_at <= now,)
    days = 0 if due_by is DueBy.TODAY else 6
    last = datetime.combine(legal_day(now) + timedelta(days=days + 1), time(), TAIPEI)
    return (clocks.c.due_at > now, clocks.c.due_at <= last)


def _terms(office_id: str, wanted: CaseFilter) -> list[int]:
    """The rarest kind first: the query walks along it."""
    found = []
    if wanted.id_number:
        found.append(search_terms.term_for_number(office_id, wanted.id_number))
    if wanted.name:
        parts = search_terms.terms_for_name(office_id, wanted.name)
        found += parts or [_NO_TERM]
    if wanted.birth_date:
        found.append(search_terms.term_for_birth(office_id, wanted.birth_date))
    return found


def _behind(wanted: Select[Any], order: Order, cursor: str) -> Select[Any]:
    keys_ = [column for column in wanted.selected_columns if str(column.key).startswith("key_")]
    plain = [getattr(column, "element", column) for column in keys_]
    seen = [
        literal(value, column.type)
        for value, column in zip(order.decode(cursor), plain, strict=True)
    ]
    place, before = tuple_(*plain), tuple_(*seen)
    return wanted.where(place > before if order is _DUE else place < before)


# --- single cases -------------------------------------------------------------------------------


def linked(
    tx: Connection, case_id: UUID, parent_id: UUID | None, actor: Actor, now: datetime
) -> list[CaseRow]:
    """The case this one was started for, and those started for it, oldest first, without those of
    its lists: they may be fifty thousand, and have a page of their own."""
    is_of_list = exists().where(case_list_members.c.case_id == cases.c.id)
    started = tx.scalars(
        select(cases.c.id).where(cases.c.parent_case_id == case_id, ~is_of_list)
    ).all()
    return several(tx, [*started, *([parent_id] if parent_id else [])], actor, now)


def one(tx: Connection, case_id: UUID, now: datetime) -> CaseRow | None:
    """A single case as the list shows it; the caller checks who reads."""
    row = tx.execute(_with_facts(_keyed().where(cases.c.id == case_id), _ORDER)).first()
    return None if row is None else _case_row(row, now)


def demand_one(tx: Connection, case_id: UUID, now: datetime) -> CaseRow:
    """The same. Raises NotFound."""
    row = one(tx, case_id, now)
    if row is None:
        raise NotFound("case.not_found", "There is no such case in your office")
    return row


def several(tx: Connection, case_ids: Sequence[UUID], actor: Actor, now: datetime) -> list[CaseRow]:
    """These cases as the list shows them, oldest first, without those kept in confidence from the
    actor; the caller checks whose office they are of."""
    if not case_ids:
        return []
    rows = tx.execute(
        _with_facts(_keyed().where(cases.c.id.in_(case_ids), seen_by(actor)), _ORDER)
    ).all()
    return [_case_row(row, now) for row in reversed(rows)]


def _keyed() -> Select[Any]:
    return select(cases.c.id, cases.c.filed_at.label("key_0"), cases.c.id.label("key_1"))


def _scope(office_id: str, wanted: CaseFilter) -> Sequence[ColumnElement[bool]]:
    if wanted.number is None:
        return (cases.c.office_id == office_id,)
    concerned = or_(
        cases.c.office_id == office_id,
        cases.c.receiving_office_id == office_id,
        cases.c.household_office_id == office_id,
    )
    return (cases.c.number == wanted.number.strip(), concerned)


def _matching(wanted: CaseFilter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        found.append(cases.c.status == wanted.status)
    if wanted.package_id is not None:
        found.append(cases.c.package_id == wanted.package_id)
    if wanted.filed_from is not None:
        found.append(cases.c.filed_at >= wanted.filed_from)
    if wanted.filed_before is not None:
        found.append(cases.c.filed_at < wanted.filed_before)
    if wanted.overdue is not None:
        is_late = exists().where(
            clocks.c.case_id == cases.c.id,
            clocks.c.status == "running",
            clocks.c.task_id.is_(None),
            clocks.c.due_at <= now,
        )
        found.append(is_late if wanted.overdue else ~is_late)
    return found


_DUE_AT = (
    select(func.min(clocks.c.due_at))
    .where(
        clocks.c.case_id == cases.c.id,
        clocks.c.status == "running",
        clocks.c.task_id.is_(None),
    )
    .scalar_subquery()
)
_DUE_PARTY = (
    select(clocks.c.party)
    .where(
        clocks.c.case_id == cases.c.id,
        clocks.c.status == "running",
        clocks.c.task_id.is_(None),
    )
    .order_by(clocks.c.due_at, clocks.c.id)
    .limit(1)
    .scalar_subquery()
)
_PAUSED = (
    select(func.count())
    .select_from(clocks)
    .where(clocks.c.case_id == cases.c.id, clocks.c.status == "paused", clocks.c.task_id.is_(None))
    .scalar_subquery()
)
_UNIT, _RECORD = "\x1f", "\x1e"  # no name can hold them: XML has no such characters
_OPEN_TASKS = (
    select(
        func.aggregate_strings(
            user_tasks.c.name.concat(_UNIT).concat(user_tasks.c.element_id), _RECORD
        )
    )
    .where(user_tasks.c.case_id == cases.c.id, user_tasks.c.status.in_(("unclaimed", "claimed")))
    .scalar_subquery()
)


def _with_facts(wanted: Any, order: Order) -> Any:
    page = wanted.cte("page")
    sort_keys = [page.c[f"key_{at}"] for at in range(len(order.kinds))]
    sorted_by = sort_keys if order is _DUE else [key.desc() for key in sort_keys]
    open_incidents = (
        select(func.count())
        .select_from(incidents)
        .where(incidents.c.case_id == cases.c.id, incidents.c.status == "open")
        .scalar_subquery()
    )
    return (
        select(
            cases.c.id,
            cases.c.number,
            cases.c.package_id,
            cases.c.subject_label,
            cases.c.status,
            cases.c.outcome,
            cases.c.channel,
            cases.c.priority,
            cases.c.office_id,
            cases.c.filed_at,
            cases.c.closed_at,
            cases.c.definition_id,
            definitions.c.title_zh,
            definitions.c.title_en,
            _DUE_AT.label("due_at"),
            _DUE_PARTY.label("due_party"),
            _PAUSED.label("paused"),
            _OPEN_TASKS.label("open_tasks"),
            open_incidents.label("open_incidents"),
            *sort_keys,
        )
        .select_from(page)
        .join(cases, cases.c.id == page.c.id)
        .join(definitions, definitions.c.id == cases.c.definition_id)
        .order_by(*sorted_by)
    )


def _case_row(row: Any, now: datetime) -> CaseRow:
    tasks = sorted(each.split(_UNIT) for each in (row.open_tasks or "").split(_RECORD) if each)
    return CaseRow(
        case_id=row.id,
        number=row.number,
        package_id=row.package_id,
        title=Label(row.title_zh, row.title_en),
        subject_label=row.subject_label,
        status=row.status,
        outcome=row.outcome,
        channel=row.channel,
        priority=row.priority,
        office_id=row.office_id,
        filed_at=row.filed_at,
        closed_at=row.closed_at,
        due_at=row.due_at,
        due_party=row.due_party or "office",
        overdue=row.due_at is not None and row.due_at <= now,
        open_tasks=tuple(name for name, _ in tasks),
        open_elements=tuple(element_id for _, element_id in tasks),
        definition_id=row.definition_id,
        open_incidents=row.open_incidents,
        paused=bool(row.paused),
    )
