"""The way of a case in words: what was done, where it is now and since when, what comes next.

For people who do not read diagrams, for pages without JavaScript, and for paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.bpmn.definition import Definition, Element, Kind
from engine.bpmn.interpreter import load_state
from engine.bpmn.state import active_elements, is_ended
from engine.case_rows import Case
from engine.deployments import Loaded
from engine.history import Names
from engine.story_names import names_for
from store.tables import persons, timers, user_task_groups, user_tasks

WORK = frozenset({Kind.USER_TASK, Kind.MANUAL_TASK})
_WAITING = frozenset(
    {Kind.SERVICE_TASK, Kind.RECEIVE_TASK, Kind.INTERMEDIATE_CATCH_EVENT, Kind.SEND_TASK}
)
MOST_NEXT = 4
_MOST_LOOKED_AT = 400  # elements; a loop is seen once anyway
OPEN = ("unclaimed", "claimed")


@dataclass(frozen=True, slots=True)
class PathStep:
    """One user task of the way, done or open. `who` has it, or did it; `groups` may claim it.

    `result` is its outcome, `outcome` the words for it in both languages; `again` says that it was
    done before, too.
    """

    task_id: UUID
    element_id: str
    name: str
    name_en: str
    status: str
    since: datetime
    ended_at: datetime | None
    who: str
    groups: tuple[str, ...]
    result: str | None
    outcome: tuple[str, str] | None
    wait: bool
    returned: bool
    again: bool


@dataclass(frozen=True, slots=True)
class Standstill:
    """Where the case waits without anybody's task: a step of the system, and until when, if a
    timer says so."""

    name: str
    name_en: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """What may come next: a step's name, or an end of the process."""

    name: str
    name_en: str
    is_end: bool


@dataclass(frozen=True, slots=True)
class CasePath:
    done: tuple[PathStep, ...]
    now: tuple[PathStep, ...]
    waits: tuple[Standstill, ...]
    ahead: tuple[Ahead, ...]


def case_path(tx: Connection, case: Case, loaded: Loaded) -> CasePath:
    """The way of a case; the caller has checked who reads. Three statements."""
    names = names_for(tx, loaded)
    steps = _steps(tx, case.id, names)
    places = _places(case)
    return CasePath(
        done=tuple(step for step in steps if step.status not in OPEN),
        now=tuple(step for step in steps if step.status in OPEN),
        waits=tuple(_waits(tx, case.id, loaded, names, places)),
        ahead=tuple(_ahead(loaded, names, places)),
    )


def _places(case: Case) -> list[tuple[str, str]]:
    """(process, element) of everything active."""
    if case.status not in ("active", "suspended"):
        return []
    state = load_state(case.state)
    if is_ended(state):
        return []
    return [(process, element) for process, element, _key in active_elements(state)]


# --- what was and is done -----------------------------------------------------------------------


def _steps(tx: Connection, case_id: UUID, names: Names) -> list[PathStep]:
    doer = persons.alias("doer")
    rows = tx.execute(
        select(
            user_tasks,
            persons.c.display_name.label("assignee"),
            doer.c.display_name.label("doer"),
        )
        .outerjoin(persons, persons.c.id == user_tasks.c.assignee_id)
        .outerjoin(doer, doer.c.id == user_tasks.c.completed_by)
        .where(user_tasks.c.case_id == case_id, user_tasks.c.status != "cancelled")
        .order_by(user_tasks.c.ended_at.is_(None), user_tasks.c.ended_at, user_tasks.c.created_at)
    ).all()
    groups = _groups(tx, [row.id for row in rows if row.status in OPEN])
    seen: set[str] = set()
    found = []
    for row in rows:
        found.append(_step(row, groups.get(row.id, ()), names, again=row.element_id in seen))
        seen.add(row.element_id)
    return found


def _step(row: Any, groups: Sequence[str], names: Names, *, again: bool) -> PathStep:
    return PathStep(
        task_id=row.id,
        element_id=row.element_id,
        name=row.name,
        name_en=names.in_english(row.name, row.element_id),
        status=row.status,
        since=row.claimed_at or row.created_at,
        ended_at=row.ended_at,
        who=row.doer or row.assignee or "",
        groups=tuple(sorted(groups)),
        result=row.outcome,
        outcome=names.outcomes.get((row.element_id, row.outcome or "")),
        wait=row.wait,
        returned=row.returned,
        again=again,
    )


def _groups(tx: Connection, task_ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    if task_ids:
        for task_id, group in tx.execute(
            select(user_task_groups.c.task_id, user_task_groups.c.group_name).where(
                user_task_groups.c.task_id.in_(task_ids)
            )
        ):
            found.setdefault(task_id, []).append(group)
    return found


# --- where it waits by itself -------------------------------------------------------------------


def _waits(
    tx: Connection, case_id: UUID, loaded: Loaded, names: Names, places: Sequence[tuple[str, str]]
) -> Iterator[Standstill]:
    waiting = [
        element
        for process, element_id in places
        if (element := _element(loaded, process, element_id)) and element.kind in _WAITING
    ]
    if not waiting:
        return
    due = {
        row.element_id: row.due_at
        for row in tx.execute(
            select(timers.c.element_id, timers.c.due_at).where(
                timers.c.case_id == case_id, timers.c.status == "waiting"
            )
        )
    }
    for element in waiting:
        name = names.elements.get(element.id, element.id)
        yield Standstill(name, names.in_english(name, element.id), due.get(element.id))


def _element(loaded: Loaded, process: str, element_id: str) -> Element | None:
    definition = loaded.definitions.get(process)
    return definition.elements.get(element_id) if definition else None


# --- what comes next ----------------------------------------------------------------------------


def _ahead(loaded: Loaded, names: Names, places: Sequence[tuple[str, str]]) -> Iterator[Ahead]:
    """The steps for people that the flows lead to from where the case is, the nearest first."""
    looking = _Looking(loaded, places)
    here = {element_id for _, element_id in places}
    told: set[str] = set()
    for element in looking.reached():
        name = names.elements.get(element.id, element.id)
        if name in told or (element.id in here and element.kind in WORK):
            continue
        told.add(name)
        yield Ahead(name, names.in_english(name, element.id), element.kind is Kind.END_EVENT)
        if len(told) == MOST_NEXT:
            return


class _Looking:
    """Follows the flows ahead, into called processes and out of them again."""

    def __init__(self, loaded: Loaded, places: Sequence[tuple[str, str]]) -> None:
        self._loaded = loaded
        self._callers = {
            element.called: (process, element)
            for process, element_id in places
            if (element := _element(loaded, process, element_id)) and element.called
        }
        self._seen: set[tuple[str, str]] = set()
        self._todo: list[tuple[str, str]] = []
        for process, element_id in places:
            element = _element(loaded, process, element_id)
            # What is inside a call or a sub-process goes on by itself; its container follows.
            if element and not element.called and element.kind is not Kind.SUB_PROCESS:
                self._leave(process, element)

    def reached(self) -> Iterator[Element]:
        for place in self._todo:  # grows while it is read: the nearest come first
            if place in self._seen or len(self._seen) > _MOST_LOOKED_AT:
                continue
            self._seen.add(place)
            element = _element(self._loaded, *place)
            if element is None:
                continue
            if element.kind in WORK or self._is_last(place[0], element):
                yield element
                continue
            self._pass(place[0], element)

    def _is_last(self, process: str, element: Element) -> bool:
        own = process == self._loaded.definition.process_id
        return own and element.kind is Kind.END_EVENT and element.scope is None

    def _pass(self, process: str, element: Element) -> None:
        if element.called and element.called in self._loaded.definitions:
            self._callers.setdefault(element.called, (process, element))
            self._enter(element.called, self._loaded.definitions[element.called], None)
        elif element.kind is Kind.SUB_PROCESS:
            self._enter(process, self._loaded.definitions[process], element.id)
        elif element.kind is Kind.END_EVENT:
            self._end(process, element)
        else:
            self._leave(process, element)

    def _enter(self, process: str, definition: Definition, scope: str | None) -> None:
        starts = definition.scopes[scope].start_events if scope in definition.scopes else ()
        self._todo.extend((process, start) for start in starts)

    def _end(self, process: str, element: Element) -> None:
        if element.scope is not None:
            around = _element(self._loaded, process, element.scope)
            if around is not None:
                self._leave(process, around)
        elif process in self._callers:
            self._leave(*self._callers[process])

    def _leave(self, process: str, element: Element) -> None:
        self._todo.extend((process, flow.target) for flow in element.outgoing)
