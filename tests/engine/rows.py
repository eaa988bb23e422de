"""Rows that other rows need: valid by default, one argument per difference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert

from engine.actors import Actor
from engine.ids import new_case_id
from store import tables

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Taipei
OFFICE = "kh-fengshan"


def an_office(tx: Connection, office_id: str = OFFICE, **columns: Any) -> str:
    values: dict[str, Any] = {
        "code": office_id[-12:],
        "name_zh": "示範區戶政事務所",
        "name_en": "Demo office",
    }
    values |= {"city": "kaohsiung", "created_at": NOW} | columns
    tx.execute(insert(tables.offices).values(id=office_id, **values))
    return office_id


def an_officer(
    tx: Connection,
    name: str = "林示範",
    groups: tuple[str, ...] = ("counter",),
    office_id: str = OFFICE,
) -> Actor:
    person_id = uuid4()
    tx.execute(
        insert(tables.persons).values(
            id=person_id, office_id=office_id, display_name=name, fictional=True, created_at=NOW
        )
    )
    for group in groups:
        tx.execute(
            insert(tables.memberships).values(
                office_id=office_id, person_id=person_id, group_name=group
            )
        )
    return Actor(person_id, uuid4(), office_id, frozenset(groups), name)


def a_definition(tx: Connection, office_id: str = OFFICE, **columns: Any) -> UUID:
    values: dict[str, Any] = {"id": uuid4(), "package_id": "P01", "process_id": "P01", "version": 1}
    values |= {"closure_hash": "0" * 64, "state": "superseded", "created_at": NOW}
    values |= {"title_zh": "出生登記", "title_en": "Birth registration"} | columns
    tx.execute(insert(tables.definitions).values(office_id=office_id, **values))
    return UUID(str(values["id"]))


def a_case(
    tx: Connection, definition_id: UUID, number: str, office_id: str = OFFICE, **columns: Any
) -> UUID:
    case_id = new_case_id(columns.get("filed_at", NOW))
    values: dict[str, Any] = {"status": "active", "version": 1, "state": b"{}", "filed_at": NOW}
    values |= {"channel": "counter", "package_id": "P01", "subject_label": "陳○安"}
    values |= {"receiving_office_id": office_id, "household_office_id": office_id} | columns
    tx.execute(
        insert(tables.cases).values(
            id=case_id, number=number, office_id=office_id, definition_id=definition_id, **values
        )
    )
    return case_id


def a_task(
    tx: Connection,
    case_id: UUID,
    groups: tuple[str, ...] = ("counter",),
    office_id: str = OFFICE,
    **columns: Any,
) -> UUID:
    task_id = uuid4()
    values: dict[str, Any] = {"key": f"root/{task_id}#1", "process_id": "P01", "wait": False}
    values |= {"element_id": "review", "name": "後線複核", "status": "unclaimed", "priority": 50}
    values |= {"outcomes": [], "inputs": {}, "created_at": NOW, "duty": "review"}
    values |= {"urgent_at": NOW + timedelta(days=3)} | columns
    tx.execute(
        insert(tables.user_tasks).values(id=task_id, case_id=case_id, office_id=office_id, **values)
    )
    for group in groups:
        tx.execute(
            insert(tables.user_task_groups).values(
                task_id=task_id, group_name=group, office_id=office_id
            )
        )
    return task_id
