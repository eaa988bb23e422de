"""The worklist: whose turn it is, the most urgent first. One query per page, however long.

The page's tasks are found and sorted on the task table alone; only those few are joined with their
cases, versions, people and duties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal, or_, select, tuple_

from engine import permissions
from engine.actors import Actor
from engine.cursors import Order, Page, checked_limit, page_of
from engine.due_spans import Due, edges
from engine.errors import NotFound
from engine.forms import Label
from engine.permissions import Duties, Refusal, TaskFacts
from store.tables import (
    TASK_ORDER,
    case_duties,
    case_service,
    cases,
    clocks,
    definitions,
    desks,
    person_notices,
    persons,
    task_holds,
    user_task_groups,
    user_tasks,
)

_ORDER = Order("worklist", ("int", "instant", "instant", "uuid"))
MOST_COUNTED = 1_000  # a figure above this helps nobody, and costs
_OPEN = ("unclaimed", "claimed")


class Tab(StrEnum):
    MINE = "mine"  # I have claimed or been given it
    GROUP = "group"  # nobody has it, and I may ask for it
    WAITING = "waiting"  # it waits for somebody outside; mine or my groups'
    RETURNED = "returned"  # a review sent it back; mine or my groups'


@dataclass(frozen=True, slots=True)
class WorklistFilter:
    """Which tasks to list. `number` is the beginning of a case number, or the digits it ends in;
    `group` one of the candidate groups; `due` when it is due, by Taipei's calendar; `desk` the desk
    its case is served at; `owners` who answers for its case."""

    tab: Tab = Tab.MINE
    package_id: str | None = None
    element_id: str | None = None
    number: str | None = None
    group: str | None = None
    due: Due | None = None
    desk: UUID | None = None
    owners: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHead:
    """What lists and the task's own page both say of it. `may_claim` is None for yes.

    `urgent_at` is the end by law of the office's first limit that presses on it, `target_at` the
    first of the office's own aims (aware UTC). `parent_…` is the case that this one is about,
    such as the late case of a chase.
    """

    task_id: UUID
    case_id: UUID
    case_number: str
    case_status: str
    package_id: str
    definition_id: UUID
    title: Label
    parent_id: UUID | None
    parent_number: str | None
    subject_label: str
    element_id: str
    name: str
    status: str
    version: int
    groups: tuple[str, ...]
    assignee_id: UUID | None
    assignee_name: str | None
    duty: str | None
    urgent_at: datetime | None
    target_at: datetime | None
    wait: bool
    claimed_at: datetime | None
    may_claim: Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow(TaskHead):
    """One task in a list. `overdue` is derived from `now`. `desk` serves its case; until
    `held_until` (aware UTC) the desk's people have the task before others. `owner` answers for
    the case."""

    outcomes: tuple[str, ...]
    overdue: bool
    priority: int
    returned: bool
    created_at: datetime
    desk: Label | None
    held_until: datetime | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures on the tabs, and unread notices to the person."""

    mine: int
    group: int
    waiting: int
    returned: int
    unread: int


def worklist(
    tx: Connection,
    actor: Actor,
    filter: WorklistFilter,  # noqa: A002 — the seam's name for it
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Page[TaskRow]:
    """One page of the actor's tasks in their office, the most urgent first."""
    keys = _sort_keys()
    wanted = (
        select(user_tasks.c.id, *(key.label(f"key_{at}") for at, key in enumerate(keys)))
        .where(*in_tab(actor, filter.tab), *_matching(filter, now))
        .order_by(*keys)
        .limit(checked_limit(limit) + 1)
    )
    if cursor is not None:
        wanted = wanted.where(_behind(keys, cursor))
    rows = tx.execute(_with_names(wanted, actor)).all()
    return page_of(rows, limit, _ORDER, lambda row: task_row(row, actor, now))


def counts(tx: Connection, actor: Actor) -> Counts:
    """How much work lies under each tab, counted up to a thousand; one query."""
    tabs = (Tab.MINE, Tab.GROUP, Tab.WAITING, Tab.RETURNED)
    tasks = [_some_in(actor, tab) for tab in tabs]
    figures = tx.execute(select(*tasks, _unread(actor))).one()
    return Counts(figures[0], figures[1], figures[2], figures[3], figures[4])


def menu_counts(tx: Connection, actor: Actor) -> tuple[int, int]:
    """What the actor has claimed, counted up to a thousand, and unread notices; one query."""
    mine = _some_in(actor, Tab.MINE)
    found = tx.execute(select(mine, _unread(actor))).one()
    return found[0], found[1]


def of_case(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> list[TaskRow]:
    """The open tasks of a case, the most urgent first. The caller has checked who reads."""
    keys = _sort_keys()
    wanted = (
        select(user_tasks.c.id, *(key.label(f"key_{at}") for at, key in enumerate(keys)))
        .where(user_tasks.c.case_id == case_id, user_tasks.c.status.in_(_OPEN))
        .order_by(*keys)
    )
    rows = tx.execute(_with_names(wanted, actor)).all()
    return [task_row(row, actor, now) for row in rows]


def _some_in(actor: Actor, tab: Tab) -> ColumnElement[int]:
    """How many tasks lie under a tab, at most a thousand."""
    some = select(literal(1)).where(*in_tab(actor, tab)).limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _unread(actor: Actor) -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(person_notices)
        .where(person_notices.c.person_id == actor.person_id, person_notices.c.read_at.is_(None))
        .scalar_subquery()
    )


def in_tab(actor: Actor, tab: Tab) -> Sequence[ColumnElement[bool]]:
    """What a task under this tab is."""
    here = user_tasks.c.office_id == actor.office_id
    mine = and_(user_tasks.c.assignee_id == actor.person_id, user_tasks.c.status == "claimed")
    for_my_groups = exists().where(
        user_task_groups.c.task_id == user_tasks.c.id,
        user_task_groups.c.group_name.in_(sorted(actor.groups)),
    )
    free = and_(user_tasks.c.status == "unclaimed", for_my_groups)
    is_open = user_tasks.c.status.in_(_OPEN)
    match tab:
        case Tab.MINE:
            return (here, mine, user_tasks.c.wait.is_(False))
        case Tab.GROUP:
            return (here, free, user_tasks.c.wait.is_(False))
        case Tab.WAITING:
            return (here, is_open, user_tasks.c.wait.is_(True), or_(mine, free))
        case Tab.RETURNED:
            return (here, is_open, user_tasks.c.returned.is_(True), or_(mine, free))


def _matching(wanted: WorklistFilter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.group is not None:
        found.append(
            exists().where(
                user_task_groups.c.task_id == user_tasks.c.id,
                user_task_groups.c.group_name == wanted.group,
            )
        )
    if wanted.due is not None:
        found.append(is_due(wanted.due, now))
    if wanted.element_id is not None:
        found.append(user_tasks.c.element_id == wanted.element_id)
    if wanted.desk is not None:
        found.append(_served(case_service.c.desk_id == wanted.desk))
    if wanted.owners:
        found.append(_served(case_service.c.owner_id.in_(wanted.owners)))
    of_case = [
        *([cases.c.package_id == wanted.package_id] if wanted.package_id is not None else []),
        *([_has_number(wanted.number)] if wanted.number else []),
    ]
    if of_case:
        found.append(exists().where(cases.c.id == user_tasks.c.case_id, *of_case))
    return found


def _served(how: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(case_service.c.case_id == user_tasks.c.case_id, how)


def _has_number(given: str) -> ColumnElement[bool]:
    """People know a case by the digits at its end; a number with its office begins with letters."""
    if given.isdecimal():
        return cases.c.number.endswith(given, autoescape=True)
    return cases.c.number.startswith(given.upper(), autoescape=True)


def is_due(span: Due, now: datetime) -> ColumnElement[bool]:
    """Whether a task is due in this span."""
    at, (today, week) = user_tasks.c.urgent_at, edges(now)
    match span:
        case Due.OVERDUE:
            return at <= now
        case Due.AIM:
            return and_(at > now, _behind_aim(now))
        case Due.TODAY:
            return and_(at > now, at < today)
        case Due.WEEK:
            return and_(at > now, at >= today, at < week)
        case Due.LATER:
            return at >= week
        case Due.NONE:
            return at.is_(None)


def _sort_keys() -> tuple[ColumnElement[Any], ...]:
    return TASK_ORDER


def _behind(keys: tuple[ColumnElement[Any], ...], cursor: str) -> ColumnElement[bool]:
    seen = _ORDER.decode(cursor)
    typed = (literal(value, key.type) for value, key in zip(seen, keys, strict=True))
    return tuple_(*keys) > tuple_(*typed)


_parents = cases.alias("parents")
_owners = persons.alias("owners")
_PRESSES = and_(  # a running clock of the task or of its case
    clocks.c.case_id == user_tasks.c.case_id,
    clocks.c.status == "running",
    or_(clocks.c.task_id.is_(None), clocks.c.task_id == user_tasks.c.id),
)
_AIM = select(func.min(clocks.c.target_at)).where(_PRESSES).scalar_subquery()


def _behind_aim(now: datetime) -> ColumnElement[bool]:
    return exists().where(_PRESSES, clocks.c.target_at <= now)


def _with_names(wanted: Any, actor: Actor) -> Any:
    page = wanted.cte("page")
    groups = (
        select(func.aggregate_strings(user_task_groups.c.group_name, ","))
        .where(user_task_groups.c.task_id == user_tasks.c.id)
        .scalar_subquery()
    )
    mine = and_(
        case_duties.c.case_id == user_tasks.c.case_id, case_duties.c.person_id == actor.person_id
    )
    keys = [page.c[f"key_{at}"] for at in range(len(_ORDER.kinds))]
    return (
        select(
            user_tasks,
            *keys,
            cases.c.number,
            cases.c.status.label("case_status"),
            cases.c.confidential,
            cases.c.filed_by,
            cases.c.package_id,
            _parents.c.id.label("parent_id"),
            _parents.c.number.label("parent_number"),
            cases.c.subject_label,
            definitions.c.id.label("definition_id"),
            definitions.c.title_zh,
            definitions.c.title_en,
            persons.c.display_name.label("assignee_name"),
            case_duties.c.duty.label("my_duty"),
            groups.label("groups"),
            _AIM.label("target_at"),
            desks.c.name_zh.label("desk_zh"),
            desks.c.name_en.label("desk_en"),
            task_holds.c.until.label("held_until"),
            _owners.c.display_name.label("owner_name"),
        )
        .select_from(page)
        .join(user_tasks, user_tasks.c.id == page.c.id)
        .join(cases, cases.c.id == user_tasks.c.case_id)
        .join(definitions, definitions.c.id == cases.c.definition_id)
        .outerjoin(_parents, _parents.c.id == cases.c.parent_case_id)
        .outerjoin(persons, persons.c.id == user_tasks.c.assignee_id)
        .outerjoin(case_duties, mine)
        .outerjoin(case_service, case_service.c.case_id == user_tasks.c.case_id)
        .outerjoin(desks, desks.c.id == case_service.c.desk_id)
        .outerjoin(_owners, _owners.c.id == case_service.c.owner_id)
        .outerjoin(task_holds, task_holds.c.task_id == user_tasks.c.id)
        .order_by(*keys)
    )


def task_row(row: Any, actor: Actor, now: datetime) -> TaskRow:
    """A row of the list's query as what pages show."""
    duties = {actor.person_id: row.my_duty} if row.my_duty and actor.person_id else {}
    return TaskRow(
        **head_of(row, actor, duties),
        outcomes=tuple(row.outcomes),
        overdue=row.urgent_at is not None and row.urgent_at <= now,
        priority=row.priority,
        returned=row.returned,
        created_at=row.created_at,
        desk=None if row.desk_zh is None else Label(row.desk_zh, row.desk_en),
        held_until=row.held_until
        if row.status == "unclaimed" and row.held_until is not None and row.held_until > now
        else None,
        owner=row.owner_name,
    )


def head_of(row: Any, actor: Actor, duties: Duties) -> dict[str, Any]:
    """The fields of TaskHead in a row of the list's query."""
    task = facts_of(row)
    return {
        "task_id": row.id,
        "case_id": row.case_id,
        "case_number": row.number,
        "case_status": row.case_status,
        "package_id": row.package_id,
        "definition_id": row.definition_id,
        "title": Label(row.title_zh, row.title_en),
        "parent_id": row.parent_id,
        "parent_number": row.parent_number,
        "subject_label": row.subject_label,
        "element_id": row.element_id,
        "name": row.name,
        "status": row.status,
        "version": row.version,
        "groups": tuple(sorted(task.groups)),
        "assignee_id": row.assignee_id,
        "assignee_name": row.assignee_name,
        "duty": row.duty,
        "urgent_at": row.urgent_at,
        "target_at": row.target_at,
        "wait": row.wait,
        "claimed_at": row.claimed_at,
        "may_claim": permissions.may_claim(task, actor, duties),
    }


def facts_of(row: Any) -> TaskFacts:
    """What `engine.permissions` needs of a row of the list's query."""
    return TaskFacts(
        id=row.id,
        status=row.status,
        office_id=row.office_id,
        groups=frozenset(filter(None, (row.groups or "").split(","))),
        assignee_id=row.assignee_id,
        duty=row.duty,
        outcomes=tuple(row.outcomes),
        case_status=row.case_status,
        case_number=row.number,
        confidential=row.confidential,
        filed_by=row.filed_by,
    )


def one(tx: Connection, task_id: UUID, actor: Actor) -> Any:
    """The row of one task; the caller checks who reads. Raises NotFound."""
    keys = _sort_keys()
    wanted = select(
        user_tasks.c.id, *(key.label(f"key_{at}") for at, key in enumerate(keys))
    ).where(user_tasks.c.id == task_id)
    row = tx.execute(_with_names(wanted, actor)).first()
    if row is None:
        raise NotFound("user_task.not_found", f"There is no user task {task_id} in your office")
    return row
