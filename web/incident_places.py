"""Where in its process an incident is: the step, by the diagram its case was filed with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select

from engine import deployments
from engine.queries import IncidentRow
from engine.story_names import names_for
from store.tables import cases


@dataclass(frozen=True, slots=True)
class Place:
    """A step of a process: `name` is what its diagram calls it, in Chinese and in English."""

    process_id: str
    name: str
    name_en: str


def places(tx: Connection, rows: Sequence[IncidentRow]) -> Mapping[UUID, Place]:
    """The step each incident is at, by the diagram its case was filed with."""
    owners = {row.case_id for row in rows if row.case_id and row.element_id}
    known = tx.execute(select(cases.c.id, cases.c.definition_id).where(cases.c.id.in_(owners)))
    definitions = {row.id: row.definition_id for row in known}
    found: dict[UUID, Place] = {}
    for row in rows:
        if row.case_id in definitions and row.element_id:
            place = _place(tx, definitions[row.case_id], row.element_id)
            if place is not None:
                found[row.id] = place
    return found


def _place(tx: Connection, definition_id: UUID, element_id: str) -> Place | None:
    loaded = deployments.definition(tx, definition_id)
    names = names_for(tx, loaded)
    for process_id, definition in loaded.definitions.items():
        if element_id in definition.elements:
            name = names.elements[element_id]
            return Place(process_id, name, names.in_english(name, element_id))
    return None
