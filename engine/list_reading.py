"""Reading the table of a list: its file, its rows, what the start form says of them.

A long table takes seconds, so this is done outside any transaction that writes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Select, null, select

from engine import attachments, deployments, keys, lists
from engine.bpmn.codec import decode
from engine.errors import EngineError, Rejected
from engine.files import rows_of
from engine.list_rows import Asked, Judged, judge
from engine.lists import KIND
from store.database import Database
from store.tables import attachments as files
from store.tables import case_lists, cases, jobs


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of reading one list: rows, a refusal, or a file that the scanner still has."""

    list_id: UUID
    judged: Judged | None = None
    refusal: EngineError | None = None


def read_ahead(db: Database, now: datetime) -> Reading | None:
    """Read the table of the next list that is due, if that is what it waits for."""
    with db.transaction(read_only=True) as tx:
        job = tx.execute(due(now)).first()
        listed = None if job is None else list_of(tx, job.payload)
        if listed is None or listed.status != "reading" or waits_for_scanner(tx, listed):
            return None
        try:
            table, asked = _table(tx, listed), _asked(tx, listed)
        except EngineError as refusal:
            return Reading(listed.id, refusal=refusal)
    try:
        return Reading(listed.id, judge(rows_of(*table), asked))
    except EngineError as refusal:
        return Reading(listed.id, refusal=refusal)


def waits_for_scanner(tx: Connection, listed: Any) -> bool:
    status = tx.scalar(select(files.c.status).where(files.c.id == listed.attachment_id))
    return bool(status == "quarantined")


def _table(tx: Connection, listed: Any) -> tuple[str, io.BytesIO]:
    row = tx.execute(select(files).where(files.c.id == listed.attachment_id)).first()
    if row is None or row.ended_at is not None:
        raise Rejected("list.no_file", "There is no file of the list; add it, as CSV or ODS")
    key = keys.of_case(tx, listed.case_id)
    content = io.BytesIO()
    for number in range(row.parts):
        piece = attachments.stored_pieces(tx, key, row.id, number)
        content.write(piece or b"")
    return row.media_type, content


def _asked(tx: Connection, listed: Any) -> Asked:
    loaded = deployments.active(tx, listed.office_id, listed.package_id)
    fixed = opened(keys.of_case(tx, listed.case_id), f"case_lists/{listed.id}", listed.fixed)
    return Asked(
        lists.form_of(loaded),
        loaded.package.subject_number,
        fixed["values"],
        fixed["personal"],
        lists.known_marks(tx, listed.case_id),
        lists.mark,
    )


def due(now: datetime) -> Select[Any]:
    return (
        select(
            jobs.c.id.label("row_id"),
            jobs.c.office_id.label("row_office_id"),
            jobs.c.case_id,
            jobs.c.payload,
            jobs.c.attempts,
            cases.c.status.label("case_status"),
            null().label("element_id"),
        )
        .join(cases, cases.c.id == jobs.c.case_id)
        .where(
            jobs.c.kind == KIND,
            jobs.c.status == "waiting",
            jobs.c.due_at <= now,
            cases.c.status != "suspended",
        )
        .order_by(jobs.c.due_at, jobs.c.id)
        .limit(1)
    )


def list_of(tx: Connection, payload: Mapping[str, Any]) -> Any:
    return tx.execute(select(case_lists).where(case_lists.c.id == UUID(payload["list"]))).one()


def opened(key: keys.CaseKey, about: str, sealed: bytes | None) -> Any:
    return decode(orjson.loads(key.open(about, sealed or b"")))
