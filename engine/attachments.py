"""Files of a case: add, list, look at, withdraw. Content and names lie under the case's key.

A file is judged before any transaction (`prepare`), and stored in encrypted parts, so that no
process ever holds the whole of it and one backup of the database has everything (ADR 12). Where a
virus scanner is set up, a file is quarantined until the scanner has passed it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, update

from engine import case_rows, installation, keys, purposes
from engine.actors import Actor
from engine.attachment_rows import Attachment, attachment, may_look, may_withdraw, rows_of, sealed
from engine.case_rows import Case
from engine.errors import Conflict, NotFound, Rejected
from engine.files import Inspected, inspect, pieces
from engine.history import Entry, append
from engine.ids import new_case_id
from engine.keyring import CaseKey
from engine.permissions import demand, may_handle
from store.database import wake
from store.tables import attachment_parts, attachments, history, user_tasks

__all__ = [
    "Attachment",
    "Content",
    "Place",
    "Prepared",
    "Rules",
    "add",
    "content",
    "look_at",
    "of_case",
    "of_loaded",
    "prepare",
    "rules_of",
    "too_large",
    "whole",
    "withdraw",
]

PART = 1 << 18  # bytes of content in one row
LOOKED = timedelta(minutes=10)
"""So long after saying why may the content be fetched; a browser may ask twice."""
MAX_REASON = 1_000
MAX_PAPER = 80
_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Rules:
    """What this installation allows. `is_scanned`: there is a virus scanner."""

    most_bytes: int = 20 * _MEGABYTE
    most_bytes_of_case: int = 200 * _MEGABYTE
    is_scanned: bool = False


def rules_of(settings: installation.Settings) -> Rules:
    """The rules that the settings give."""
    return Rules(
        most_bytes=settings.file_megabytes * _MEGABYTE,
        most_bytes_of_case=settings.case_megabytes * _MEGABYTE,
        is_scanned=settings.virus_scanner is not None,
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was judged by these rules and may be added. `digest` is the SHA-256 of its
    content, in hex."""

    file: IO[bytes]
    kind: Inspected
    digest: str
    rules: Rules


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file belongs: a paper of the case (by its key in the package), a task, or only the
    case."""

    paper: str | None = None
    task_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What may be sent to somebody who has said why. `part` reads one piece of it."""

    about: Attachment
    parts: int
    key: CaseKey

    def part(self, tx: Connection, number: int) -> bytes:
        """The piece of that number, from 0. Raises NotFound if it was withdrawn meanwhile."""
        ciphertext = tx.scalar(
            select(attachment_parts.c.ciphertext).where(
                attachment_parts.c.attachment_id == self.about.id,
                attachment_parts.c.number == number,
            )
        )
        if ciphertext is None:
            raise _not_found()
        return self.key.open(_about(self.about.id, number, self.parts), ciphertext)


def prepare(name: str, file: IO[bytes], rules: Rules) -> Prepared:
    """Judge a file, outside any transaction: it may take a second. Raises Rejected."""
    kind = inspect(name, file)
    if kind.size > rules.most_bytes:
        raise too_large(rules)
    return Prepared(file, kind, _digest(file), rules)


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces(file):
        digest.update(piece)
    return digest.hexdigest()


def too_large(rules: Rules) -> Rejected:
    """The refusal of a file above the limit of this installation."""
    most = rules.most_bytes // _MEGABYTE
    return Rejected(
        "attachment.too_large",
        f"Expected a file of at most {most} MB; scan it in grey at 300 dpi, or part it",
        most=most,
    )


def add(
    tx: Connection, case_id: UUID, prepared: Prepared, place: Place, actor: Actor, now: datetime
) -> UUID:
    """Keep the file with the case; its id. Raises Conflict if the case has it already."""
    case = case_rows.load(tx, case_id, actor)  # locked: two at once keep to the quota
    demand(may_handle(case.facts, actor))
    _demand_place(tx, case, place)
    digest = keys.keyed_hash("attachment", prepared.digest)
    _demand_room(tx, case, prepared, digest)
    attachment_id = new_case_id(now)
    kind, is_scanned = prepared.kind, prepared.rules.is_scanned
    row: dict[str, Any] = {
        "id": attachment_id,
        "office_id": case.office_id,
        "case_id": case.id,
        "task_id": place.task_id,
        "paper": place.paper,
        "name": sealed(case.key, attachment_id, kind.name),
        "media_type": kind.media_type,
        "size": kind.size,
        "parts": -(-kind.size // PART),
        "digest": digest,
        "remarks": list(kind.remarks),
        "status": "quarantined" if is_scanned else "unscanned",
        "scan_after": now if is_scanned else None,
        "scan_tries": 0,
        "added_by": actor.person_id,
        "added_at": now,
    }
    tx.execute(insert(attachments), row)
    _store_parts(tx, case, attachment_id, prepared)
    about = {name: row[name] for name in ("media_type", "size", "paper", "remarks", "status")}
    append(tx, _entry("attachment.added", case, attachment_id, actor, now, **about))
    if is_scanned:
        wake(tx, "attachments")
    return attachment_id


def _store_parts(tx: Connection, case: Case, attachment_id: UUID, prepared: Prepared) -> None:
    parts = -(-prepared.kind.size // PART)
    prepared.file.seek(0)
    for number in range(parts):
        piece = prepared.file.read(PART)
        row = {
            "attachment_id": attachment_id,
            "number": number,
            "office_id": case.office_id,
            "ciphertext": case.key.seal(_about(attachment_id, number, parts), piece),
        }
        tx.execute(insert(attachment_parts), row)


def of_case(tx: Connection, case_id: UUID, actor: Actor) -> tuple[Attachment, ...]:
    """The files of a case, the newest first, withdrawn ones too. Raises NotFound.

    Names are shown to those who work on cases; others see what kind of file it is.
    """
    return of_loaded(tx, case_rows.load(tx, case_id, actor, lock=False), actor)


def of_loaded(tx: Connection, case: Case, actor: Actor) -> tuple[Attachment, ...]:
    """The same, for whoever has loaded the case."""
    return tuple(attachment(row, case, actor) for row in rows_of(tx, case.id))


def look_at(
    tx: Connection, attachment_id: UUID, purpose: str, actor: Actor, now: datetime
) -> Attachment:
    """Say why the content is looked at; for ten minutes it may then be fetched with `content`.

    No record, no content: what is written here is what `content` asks for.
    """
    case, found = _load(tx, attachment_id, actor)
    demand(may_look(found, case, actor, purpose))
    said = purposes.checked(purpose.strip())
    entry = _entry("attachment.looked_at", case, attachment_id, actor, now, purpose=said)
    append(tx, entry)
    return found


def content(tx: Connection, attachment_id: UUID, actor: Actor, now: datetime) -> Content:
    """The content, for whoever has said why within ten minutes. Raises Conflict otherwise."""
    case, found = _load(tx, attachment_id, actor)
    demand(may_look(found, case, actor, "?"))
    said = tx.scalar(
        select(history.c.id)
        .where(
            history.c.case_id == case.id,
            history.c.action == "attachment.looked_at",
            history.c.object_id == str(attachment_id),
            history.c.person_id == actor.person_id,
            history.c.at > now - LOOKED,
        )
        .limit(1)
    )
    if said is None:
        raise Conflict("attachment.purpose", "Say first for what purpose you look at the file")
    return Content(found, -(-found.size // PART), case.key)


def whole(tx: Connection, found: Content) -> Iterator[bytes]:
    """All parts in order, one in memory at a time."""
    for number in range(found.parts):
        yield found.part(tx, number)


def withdraw(tx: Connection, attachment_id: UUID, reason: str, actor: Actor, now: datetime) -> UUID:
    """Take a file out, with the reason: its content is destroyed, that it was there stays.

    Answers the case's id. Whoever added it may, or a supervisor; in the office that has the case.
    """
    case, found = _load(tx, attachment_id, actor)
    demand(may_withdraw(found, case, actor))
    if not reason.strip():
        raise Rejected("attachment.reason", "Say why the file is taken out")
    ended = tx.execute(
        update(attachments)
        .where(attachments.c.id == attachment_id, attachments.c.ended_at.is_(None))
        .values(
            status="withdrawn",
            scan_after=None,
            ended_by=actor.person_id,
            ended_at=now,
            reason=sealed(case.key, attachment_id, reason.strip()[:MAX_REASON], "reason"),
        )
    )
    if ended.rowcount != 1:
        raise Conflict("attachment.ended", "The file has been taken out meanwhile")
    destroy(tx, attachment_id)
    append(tx, _entry("attachment.withdrawn", case, attachment_id, actor, now))
    return case.id


def destroy(tx: Connection, attachment_id: UUID) -> None:
    """Delete the content; the row that says what there was stays."""
    tx.execute(delete(attachment_parts).where(attachment_parts.c.attachment_id == attachment_id))


def stored_pieces(tx: Connection, key: CaseKey, attachment_id: UUID, number: int) -> bytes | None:
    """One part for the scanner, None behind the last. Everybody else goes through `content`."""
    row = tx.execute(
        select(attachment_parts.c.ciphertext, attachments.c.parts)
        .join(attachments, attachments.c.id == attachment_parts.c.attachment_id)
        .where(attachment_parts.c.attachment_id == attachment_id)
        .where(attachment_parts.c.number == number)
    ).first()
    if row is None:
        return None
    return key.open(_about(attachment_id, number, row.parts), row.ciphertext)


def _load(tx: Connection, attachment_id: UUID, actor: Actor) -> tuple[Case, Attachment]:
    case_id = tx.scalar(select(attachments.c.case_id).where(attachments.c.id == attachment_id))
    if case_id is None:
        raise _not_found()
    try:
        case = case_rows.load(tx, case_id, actor, lock=False)
    except NotFound:  # strangers hear the same of what is elsewhere and what is nowhere
        raise _not_found() from None
    (row,) = rows_of(tx, case_id, attachment_id)
    return case, attachment(row, case, actor)


def _demand_place(tx: Connection, case: Case, place: Place) -> None:
    if place.paper is not None and not 0 < len(place.paper) <= MAX_PAPER:
        raise Rejected("attachment.paper", "Expected the key of one of the case's papers")
    if place.task_id is None:
        return
    of_task = select(user_tasks.c.case_id).where(user_tasks.c.id == place.task_id)
    if tx.scalar(of_task) != case.id:
        raise NotFound("user_task.not_found", f"There is no user task {place.task_id} in the case")


def _demand_room(tx: Connection, case: Case, prepared: Prepared, digest: str) -> None:
    mine = (attachments.c.case_id == case.id, attachments.c.ended_at.is_(None))
    used, twice = tx.execute(
        select(
            func.coalesce(func.sum(attachments.c.size), 0),
            func.count().filter(attachments.c.digest == digest),
        ).where(*mine)
    ).one()
    if twice:
        raise Conflict("attachment.twice", "The case has this very file already")
    if used + prepared.kind.size > prepared.rules.most_bytes_of_case:
        most = prepared.rules.most_bytes_of_case // _MEGABYTE
        raise Rejected(
            "attachment.case_full", f"A case holds at most {most} MB of files", most=most
        )


def _entry(
    action: str, case: Case, attachment_id: UUID, actor: Actor, now: datetime, **detail: Any
) -> Entry:
    return Entry(
        action,
        actor,
        now,
        case_id=case.id,
        object_id=str(attachment_id),
        purpose=detail.get("purpose"),
        detail=detail,
        office_id=case.office_id,
    )


def _about(attachment_id: UUID, number: int, parts: int) -> str:
    """What a part's seal says of it: no part can be moved, left out, or put into another file."""
    return f"attachment_parts/{attachment_id}/{number}/{parts}"


def _not_found() -> NotFound:
    return NotFound("attachment.not_found", "There is no such file in your office")
