"""Where a case stands in its diagrams: what is active, done, or stuck, process by process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection, select

from engine import permissions
from engine.actors import Actor
from engine.bpmn.interpreter import load_state
from engine.bpmn.state import State, active_elements, incidents, is_ended
from engine.errors import NotFound
from engine.permissions import CaseFacts
from store.tables import cases, definitions, history
from store.tables import incidents as incident_rows


@dataclass(slots=True)
class Marks:
    """Element ids of one process. One that is active again after it was done is in both."""

    active: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    incidents: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class DiagramState:
    """`process_id` is the case's own; `processes` has it and every called one that was reached."""

    process_id: str
    definition_id: UUID
    processes: Mapping[str, Marks]

    @property
    def active(self) -> set[str]:
        return self.processes[self.process_id].active

    @property
    def done(self) -> set[str]:
        return self.processes[self.process_id].done

    @property
    def incidents(self) -> set[str]:
        return self.processes[self.process_id].incidents


def diagram_state(tx: Connection, case_id: UUID, actor: Actor) -> DiagramState:
    """Raises NotFound, also for cases the actor's office has nothing to do with."""
    row = tx.execute(
        select(cases, definitions.c.process_id)
        .join(definitions, definitions.c.id == cases.c.definition_id)
        .where(cases.c.id == case_id)
    ).first()
    if row is None:
        raise NotFound("case.not_found", "There is no such case in your office")
    facts = CaseFacts(
        row.number,
        row.office_id,
        row.receiving_office_id,
        row.household_office_id,
        row.status,
        row.confidential,
        row.filed_by,
    )
    permissions.demand(permissions.may_see(facts, actor))
    processes: dict[str, Marks] = {row.process_id: Marks()}
    _mark_done(tx, case_id, processes)
    if row.status in ("active", "suspended"):
        _mark_state(load_state(row.state), processes)
        _mark_other_incidents(tx, case_id, row.process_id, processes)
    return DiagramState(row.process_id, row.definition_id, processes)


def _mark_done(tx: Connection, case_id: UUID, processes: dict[str, Marks]) -> None:
    done = tx.execute(
        select(history.c.process_id, history.c.element_id)
        .where(history.c.case_id == case_id, history.c.action == "element.completed")
        .distinct()
    )
    for process_id, element_id in done:
        if process_id and element_id:
            processes.setdefault(process_id, Marks()).done.add(element_id)


def _mark_state(state: State, processes: dict[str, Marks]) -> None:
    if is_ended(state):
        return
    for process_id, element_id, _key in active_elements(state):
        processes.setdefault(process_id, Marks()).active.add(element_id)
    for found in incidents(state):
        processes.setdefault(found.process_id, Marks()).incidents.add(found.element_id)


def _mark_other_incidents(
    tx: Connection, case_id: UUID, own_process: str, processes: dict[str, Marks]
) -> None:
    """Incidents behind an element, where the process itself goes on: a timer, a notification."""
    rows = tx.execute(
        select(incident_rows.c.element_id).where(
            incident_rows.c.case_id == case_id,
            incident_rows.c.status == "open",
            incident_rows.c.source != "engine",
            incident_rows.c.element_id.is_not(None),
        )
    )
    for (element_id,) in rows:
        place = next(
            (marks for marks in processes.values() if element_id in marks.active),
            processes[own_process],
        )
        place.incidents.add(element_id)
