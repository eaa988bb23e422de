"""What lies at hand at the counter: a scan, a number, the name of a matter; and where it leads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from flask import url_for
from sqlalchemy import Connection, select

from engine import intake, search_readings, status_codes, user_tasks
from engine.case_list import cases_page
from engine.errors import EngineError
from engine.forms import Label
from store.tables import user_tasks as tasks
from web.matters import Matter, matters
from web.visits import actor, context, now, reading

_SCANNED = re.compile(r"(?:https?://\S+/)?status/(?P<code>[0-9A-Za-z -]{16,23})/?")
_FIRST_RELEASE = re.compile(r"(?P<number>[A-Z]{1,12}-\d{2,3}-\d{5})\s+(?P<code>[0-9A-Z]{16})")


def scanned_case(tx: Connection, typed: str) -> UUID | None:
    """A receipt's QR code, its query code, or a case number of whatever length."""
    scanned = _SCANNED.search(typed)
    old = _FIRST_RELEASE.fullmatch(typed.upper())
    code = scanned["code"] if scanned else (old["code"] if old else typed)
    found = status_codes.find(tx, code) if len(code) >= status_codes.LENGTH else None
    if found is not None:
        return found
    return None if typed.isdecimal() else numbered_case(tx, old["number"] if old else typed)


def numbered_case(tx: Connection, typed: str) -> UUID | None:
    """The case with this number, or its last part."""
    known: Mapping[str, Label] = {}
    for each in search_readings.readings(tx, typed, actor().office_id, known, now()):
        if each.kind == "number":
            rows = cases_page(tx, actor(), each.filter, None, 1, now()).rows
            return rows[0].case_id if rows else None
    return None


def matter_of(tx: Connection, typed: str) -> Matter | None:
    """The matter whose number, id or title was typed; a short number is one before it is a case."""
    wanted = typed.casefold()
    if not wanted:
        return None
    for matter in matters(tx):
        title = matter.package.title
        if wanted in (matter.key, matter.package.id.casefold(), title.zh, title.en.casefold()):
            return matter
        if len(typed) >= 2 and title.zh.startswith(typed):
            return matter
    return None


def next_on(case_id: UUID) -> str:
    """The address of what this person can do next on the case, else of the case.

    Papers that a case waits for are being handed over now, so that task is claimed at once.
    """
    with reading() as tx:
        rows = tx.execute(
            select(tasks.c.id, tasks.c.element_id, tasks.c.process_id, tasks.c.status)
            .where(
                tasks.c.case_id == case_id,
                tasks.c.office_id == actor().office_id,
                tasks.c.status.in_(("unclaimed", "claimed")),
            )
            .order_by(tasks.c.created_at)
        ).all()
    waits = [
        row
        for row in rows
        if (row.process_id, row.element_id) == (intake.PROCESS, intake.WAITING)
        and row.status == "unclaimed"
    ]
    if waits and _took(waits[0].id):
        return url_for("web.user_tasks.show", task_id=waits[0].id)
    if len(rows) == 1:
        return url_for("web.user_tasks.show", task_id=rows[0].id)
    return url_for("web.cases.show", case_id=case_id)


def _took(task_id: UUID) -> bool:
    try:
        context().db.run(lambda tx: user_tasks.claim(tx, task_id, actor(), now()))
    except EngineError:
        return False  # the page of the task says why
    return True
