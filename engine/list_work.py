"""The work of a list: reading the table, then filing a case for each good row, in batches.

A job says that there is work, the list's row how far it has come, in the very transaction of each
batch: killed at any moment, it goes on behind the last batch that was kept. Reading a long table
takes seconds, so it is done outside any transaction and kept in one: a table is read whole or not
at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.sql.dml import Update

from engine import jobs as long_work
from engine import keys, service_tasks
from engine.bpmn.codec import encode
from engine.due import Kind, do_next, waiting
from engine.errors import Conflict, EngineError
from engine.list_filing import file_row
from engine.list_reading import Reading, due, list_of, opened, read_ahead, waits_for_scanner
from engine.list_rows import Bad, Good
from engine.lists import KIND
from engine.runtime import STALE
from feel.values import to_feel
from store.database import Database
from store.tables import (
    case_list_faults,
    case_list_members,
    case_list_parts,
    case_lists,
    cases,
    jobs,
)

BATCH = 20
"""Rows filed in a transaction: a fifth of a second of writing, which no counter notices."""
SCAN_AGAIN = timedelta(seconds=5)
ERROR = "LIST_REFUSED"


def advance_next(db: Database, now: datetime) -> bool:
    """Read the next list that waits, or file its next batch. False if none waits."""
    judged = read_ahead(db, now)
    return do_next(db, Kind("job", jobs, _put_off, _take, partial(_go_on, judged)), now)


def next_due(tx: Connection) -> datetime | None:
    """When there is work on a list next, aware UTC; None if there is none."""
    return long_work.next_due(tx, KIND)


# --- a turn of the job --------------------------------------------------------------------------


def _go_on(reading: Reading | None, tx: Connection, row: Any, now: datetime) -> None:
    listed = list_of(tx, row.payload)
    is_active = row.case_status == "active"
    match listed.status:
        case "reading" if is_active and reading is not None and reading.list_id == listed.id:
            is_done = _keep(tx, listed, reading, now)
        case "reading" if is_active and waits_for_scanner(tx, listed):
            _kept(tx, row, due_at=now + SCAN_AGAIN)
            return
        case "reading" if is_active:
            raise Conflict(STALE, "The list came up while another was read; it is read next")
        case "filing" if is_active:
            is_done = _file_some(tx, listed, now)
        case _:
            is_done = True
            _note(tx, listed, status="cancelled", ended_at=now)
    _kept(tx, row, **({"status": "done", "ended_at": now} if is_done else {"attempts": 0}))


def _keep(tx: Connection, listed: Any, reading: Reading, now: datetime) -> bool:
    """Keep what was read. True if there is nothing to file."""
    judged = reading.judged
    if judged is None:
        _refuse(tx, listed, reading.refusal, now)
        return True
    for number, good in enumerate(_batches(judged.good)):
        tx.execute(insert(case_list_parts), _part(tx, listed, number, good))
    _tell_bad(tx, listed, judged.bad)
    parts = -(-len(judged.good) // BATCH)
    _note(
        tx,
        listed,
        status="filing",
        read_at=now,
        rows=len(judged.good) + len(judged.bad) + judged.known,
        good=len(judged.good),
        bad=len(judged.bad),
        known=judged.known,
        unused=list(judged.unused),
        parts=parts,
    )
    if parts == 0:
        _finish(tx, listed.id, now)
    return parts == 0


def _refuse(tx: Connection, listed: Any, why: EngineError | None, now: datetime) -> None:
    """The file is no list: the diagram hears of it and asks for another."""
    code = "list.no_file" if why is None else why.code
    facts = {} if why is None else {k: v for k, v in why.facts.items() if isinstance(v, str | int)}
    _note(tx, listed, status="refused", refusal=code, refusal_facts=facts, ended_at=now)
    message = f"The list was refused: {code}"
    service_tasks.fail(tx, listed.case_id, listed.key, message, now, ERROR)


def _file_some(tx: Connection, listed: Any, now: datetime) -> bool:
    """File the rows of the next part. True if it was the last."""
    sealed = tx.scalar(
        select(case_list_parts.c.ciphertext).where(
            case_list_parts.c.list_id == listed.id, case_list_parts.c.number == listed.next_part
        )
    )
    key = keys.of_case(tx, listed.case_id)
    rows = opened(key, _about(listed, listed.next_part), sealed)
    filed, failed = [], []
    for row in rows:
        found = file_row(tx, listed, row, now)
        if isinstance(found, UUID):
            filed.append({**_of(listed), "line": int(row["line"]), "case_id": found})
        else:
            failed.append(found)
    if filed:
        tx.execute(insert(case_list_members), filed)
    _tell_bad(tx, listed, failed)
    at = listed.next_part + 1
    _note(
        tx,
        listed,
        next_part=at,
        filed=listed.filed + len(filed),
        good=listed.good - len(failed),
        bad=listed.bad + len(failed),
    )
    if at >= listed.parts:
        _finish(tx, listed.id, now)
    return bool(at >= listed.parts)


def _finish(tx: Connection, list_id: UUID, now: datetime) -> None:
    """All are filed: what was stored to file them goes, and the case goes on."""
    listed = tx.execute(select(case_lists).where(case_lists.c.id == list_id)).one()
    _note(tx, listed, status="done", ended_at=now)
    tx.execute(case_list_parts.delete().where(case_list_parts.c.list_id == list_id))
    counted = {name: getattr(listed, name) for name in ("rows", "filed", "known", "bad")}
    service_tasks.complete(tx, listed.case_id, listed.key, counted, now)


# --- rows ---------------------------------------------------------------------------------------


def _of(listed: Any) -> dict[str, Any]:
    return {"list_id": listed.id, "office_id": listed.office_id}


def _part(tx: Connection, listed: Any, number: int, good: Sequence[Good]) -> dict[str, Any]:
    rows = [{"line": g.line, "values": g.values, "personal": g.personal} for g in good]
    sealed = keys.of_case(tx, listed.case_id).seal(
        _about(listed, number), orjson.dumps(encode(to_feel(rows)))
    )
    return {**_of(listed), "number": number, "ciphertext": sealed}


def _tell_bad(tx: Connection, listed: Any, bad: Sequence[Bad]) -> None:
    rows = [
        {
            **_of(listed),
            "line": each.line,
            "errors": [[e.path, e.code, _plain(e.facts)] for e in each.errors],
        }
        for each in bad
    ]
    if rows:
        tx.execute(insert(case_list_faults), rows)


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v if isinstance(v, str | int) else str(v) for k, v in facts.items()}


def _batches(good: Sequence[Good]) -> Iterator[list[Good]]:
    rows = iter(good)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _about(listed: Any, number: int) -> str:
    return f"case_list_parts/{listed.id}/{number}"


def _note(tx: Connection, listed: Any, **values: Any) -> None:
    """Move the list on from where it was seen; whoever was slower changes nothing."""
    noted = tx.execute(
        update(case_lists)
        .where(
            case_lists.c.id == listed.id,
            case_lists.c.status == listed.status,
            case_lists.c.next_part == listed.next_part,
        )
        .values(**values)
    )
    if noted.rowcount != 1:
        raise Conflict(STALE, "Another worker has done this batch meanwhile")


# --- the job ------------------------------------------------------------------------------------


def _take(tx: Connection, now: datetime) -> Any:
    return tx.execute(due(now).with_for_update(key_share=True, skip_locked=True, of=cases)).first()


def _kept(tx: Connection, row: Any, **values: Any) -> None:
    kept = tx.execute(waiting(jobs, row.row_id, row.attempts).values(**values))
    if kept.rowcount != 1:
        raise Conflict(STALE, "Another worker has done this batch meanwhile")


def _put_off(job_id: UUID, attempts: int, again: datetime | None) -> Update:
    if again is None:
        return waiting(jobs, job_id, attempts).values(status="failed")
    return waiting(jobs, job_id, attempts).values(due_at=again)
