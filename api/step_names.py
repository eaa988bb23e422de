"""Lists with the names of their steps in English beside the Chinese ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection

from engine.case_list import CaseRow
from engine.cursors import Page
from engine.element_names import Telling
from engine.worklist import TaskHead, TaskRow


def tasks(tx: Connection, office_id: str, rows: Sequence[TaskHead]) -> list[dict[str, Any]]:
    """Each task with `name_en`; the Chinese name where nobody has worded it in English."""
    told = Telling(tx, office_id)
    return [
        {**plain(row), "name_en": told(row.name, row.element_id, row.definition_id)} for row in rows
    ]


def task_page(tx: Connection, office_id: str, page: Page[TaskRow]) -> Page[Any]:
    """The same of a page of a list."""
    return Page(tuple(tasks(tx, office_id, page.rows)), page.next_cursor)


def cases(tx: Connection, office_id: str, page: Page[CaseRow]) -> Page[Any]:
    """Each case with `open_tasks_en`, in the order of `open_tasks`."""
    told = Telling(tx, office_id)
    return Page(tuple({**plain(row), **_open(row, told)} for row in page.rows), page.next_cursor)


def case(tx: Connection, office_id: str, row: CaseRow) -> dict[str, Any]:
    """The same of one case."""
    return {**plain(row), **_open(row, Telling(tx, office_id))}


def plain(row: Any) -> dict[str, Any]:
    """The fields of a row, as they are."""
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _open(row: CaseRow, told: Telling) -> Mapping[str, list[str]]:
    steps = zip(row.open_tasks, row.open_elements, strict=True)
    return {"open_tasks_en": [told(name, place, row.definition_id) for name, place in steps]}
