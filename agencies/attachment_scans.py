"""The beat that has quarantined files scanned: taken in one transaction, scanned in none, settled
in another.

A scanner that is not there leaves the file in quarantine; it is tried again after a minute, then
twice as long each time, at most an hour. After five tries an incident says so, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, update

from agencies.virus_scanner import Scanner, ScannerFailed
from engine import keys
from engine.actors import system
from engine.attachments import destroy, stored_pieces
from engine.errors import NotFound
from engine.history import Entry, append
from engine.incidents import raise_incident
from engine.person_notices import News, tell
from store.database import Database
from store.tables import attachments

_TAKEN = timedelta(minutes=10)  # a worker that died: another one takes the file after that
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
_TRIES_BEFORE_INCIDENT = 5


@dataclass(frozen=True, slots=True)
class _Taken:
    """A file that this worker has taken. `tries` is the fence: a later taker has a higher one."""

    id: UUID
    case_id: UUID
    office_id: str
    added_by: UUID | None
    tries: int
    key: keys.CaseKey


def scan_next(db: Database, scanner: Scanner, now: datetime) -> bool:
    """Have the next quarantined file scanned; False if none waits."""
    with db.transaction() as tx:
        taken = _take(tx, now)
    if taken is None:
        return False
    try:
        found = scanner.scan(_pieces(db, taken))
    except ScannerFailed as failed:
        with db.transaction() as tx:
            _put_off(tx, taken, str(failed), now)
        return True
    with db.transaction() as tx:
        _settle(tx, taken, found, now)
    return True


def next_due(tx: Connection) -> datetime | None:
    """When the next file is to be scanned, aware UTC."""
    due: datetime | None = tx.scalar(
        select(func.min(attachments.c.scan_after)).where(attachments.c.status == "quarantined")
    )
    return due


def _take(tx: Connection, now: datetime) -> _Taken | None:
    row = tx.execute(
        select(attachments)
        .where(attachments.c.status == "quarantined", attachments.c.scan_after <= now)
        .order_by(attachments.c.scan_after)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    tries = row.scan_tries + 1
    if not _changed(tx, row.id, row.scan_tries, scan_after=now + _TAKEN, scan_tries=tries):
        return None
    try:
        key = keys.of_case(tx, row.case_id)
    except NotFound:  # shredded: there is nothing left to scan or to see
        _changed(tx, row.id, tries, status="withdrawn", ended_at=now, scan_after=None)
        destroy(tx, row.id)
        return None
    return _Taken(row.id, row.case_id, row.office_id, row.added_by, tries, key)


def _pieces(db: Database, taken: _Taken) -> Iterator[bytes]:
    """The content, each part read in a short transaction of its own."""
    number = 0
    while True:
        with db.transaction(read_only=True) as tx:
            piece = stored_pieces(tx, taken.key, taken.id, number)
        if piece is None:
            return
        yield piece
        number += 1


def _settle(tx: Connection, taken: _Taken, found: str | None, now: datetime) -> None:
    if found is None:
        if _changed(tx, taken.id, taken.tries, status="clean", scan_after=None, scanned_at=now):
            _tell(tx, taken, "attachment.passed", now)
        return
    ended = {"status": "infected", "scan_after": None, "scanned_at": now, "ended_at": now}
    if not _changed(tx, taken.id, taken.tries, **ended, found=found[:120]):
        return
    destroy(tx, taken.id)
    _tell(tx, taken, "attachment.infected", now, found=found[:120])
    if taken.added_by is not None:
        news = News(
            "attachment.infected", taken.office_id, taken.case_id, taken.id, {"found": found[:120]}
        )
        tell(tx, news, [taken.added_by], now)


def _put_off(tx: Connection, taken: _Taken, why: str, now: datetime) -> None:
    wait = min(_FIRST_WAIT * 2 ** (taken.tries - 1), _LONGEST_WAIT)
    if not _changed(tx, taken.id, taken.tries, scan_after=now + wait):
        return
    if taken.tries == _TRIES_BEFORE_INCIDENT:
        raise_incident(
            tx,
            now,
            office_id=taken.office_id,
            case_id=taken.case_id,
            source="job",
            source_id=None,
            code="attachment.not_scanned",
            message=f"A file waits in quarantine, for the scanner gives no verdict: {why}",
        )


def _changed(tx: Connection, attachment_id: UUID, tries: int, **values: Any) -> bool:
    """Change the row if it is still the one that was taken."""
    wanted = update(attachments).where(
        attachments.c.id == attachment_id,
        attachments.c.status == "quarantined",
        attachments.c.scan_tries == tries,
    )
    return tx.execute(wanted.values(**values)).rowcount == 1


def _tell(tx: Connection, taken: _Taken, action: str, now: datetime, **detail: Any) -> None:
    entry = Entry(
        action,
        system(taken.office_id),
        now,
        case_id=taken.case_id,
        object_id=str(taken.id),
        detail=detail,
    )
    append(tx, entry)
