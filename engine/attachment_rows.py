"""A file of a case as lists show it, and who may look at it or take it out. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.actors import SUPERVISORS, Actor
from engine.case_rows import Case
from engine.errors import Conflict
from engine.keyring import CaseKey
from engine.permissions import HANDLERS, Refusal, may_handle, may_reveal
from store.tables import attachments, persons

_PICTURES = frozenset({"image/jpeg", "image/png"})
_READABLE = ("clean", "unscanned")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file. `name` is None for readers who do not work on cases. `status`: `unscanned` (no
    scanner is set up), `quarantined` (waits for it), `clean`, `infected` or `withdrawn`; of the
    last two the content is gone. `is_picture`: a browser can show it. Refusals are None for yes.
    """

    id: UUID
    case_id: UUID
    task_id: UUID | None
    paper: str | None
    name: str | None
    media_type: str
    size: int
    remarks: tuple[str, ...]
    status: str
    found: str | None
    added_at: datetime
    added_by: UUID | None
    added_by_name: str
    ended_at: datetime | None
    ended_by_name: str
    reason: str | None
    is_picture: bool
    may_look: Refusal | None
    may_withdraw: Refusal | None


def rows_of(tx: Connection, case_id: UUID, attachment_id: UUID | None = None) -> Sequence[Any]:
    """The rows of a case, or the one of them, with the names of who added and ended it."""
    enders = persons.alias("enders")
    wanted = (
        select(
            attachments,
            persons.c.display_name.label("adder"),
            enders.c.display_name.label("ender"),
        )
        .outerjoin(persons, persons.c.id == attachments.c.added_by)
        .outerjoin(enders, enders.c.id == attachments.c.ended_by)
        .where(attachments.c.case_id == case_id)
        .order_by(attachments.c.added_at.desc(), attachments.c.id.desc())
    )
    if attachment_id is not None:
        wanted = wanted.where(attachments.c.id == attachment_id)
    return tx.execute(wanted).all()


def attachment(row: Any, case: Case, actor: Actor) -> Attachment:
    """A row as it is shown to the actor."""
    is_handler = actor.is_system or bool(actor.groups & HANDLERS)
    found = Attachment(
        id=row.id,
        case_id=row.case_id,
        task_id=row.task_id,
        paper=row.paper,
        name=_opened(case.key, row, "name") if is_handler else None,
        media_type=row.media_type,
        size=row.size,
        remarks=tuple(row.remarks),
        status=row.status,
        found=row.found,
        added_at=row.added_at,
        added_by=row.added_by,
        added_by_name=row.adder or "",
        ended_at=row.ended_at,
        ended_by_name=row.ender or "",
        reason=_opened(case.key, row, "reason") if is_handler and row.reason else None,
        is_picture=row.media_type in _PICTURES,
        may_look=None,
        may_withdraw=None,
    )
    return _judged(found, case, actor)


def _judged(found: Attachment, case: Case, actor: Actor) -> Attachment:
    values = {name: getattr(found, name) for name in Attachment.__slots__}
    values["may_look"] = may_look(found, case, actor, "?")
    values["may_withdraw"] = may_withdraw(found, case, actor)
    return Attachment(**values)


def may_look(found: Attachment, case: Case, actor: Actor, purpose: str) -> Refusal | None:
    """May the actor see the content? As other personal data: who works on cases, and says why."""
    return may_reveal(case.facts, actor, purpose) or _is_readable(found)


def may_withdraw(found: Attachment, case: Case, actor: Actor) -> Refusal | None:
    refusal = may_handle(case.facts, actor)
    if refusal is not None:
        return refusal
    if found.ended_at is not None:
        return Refusal("attachment.ended", "The file has been taken out already", Conflict)
    if found.added_by == actor.person_id or actor.groups & SUPERVISORS:
        return None
    return Refusal("attachment.not_yours", "Whoever added the file, or a supervisor, takes it out")


def _is_readable(found: Attachment) -> Refusal | None:
    if found.status in _READABLE:
        return None
    if found.status == "quarantined":
        return Refusal("attachment.quarantined", "The file waits for the virus scanner", Conflict)
    return Refusal("attachment.ended", "The file has been taken out; its content is gone", Conflict)


def sealed(key: CaseKey, attachment_id: UUID, text: str, what: str = "name") -> bytes:
    """A text about a file, under the case's key."""
    return key.seal(f"attachments/{attachment_id}/{what}", text.encode())


def _opened(key: CaseKey, row: Any, what: str) -> str:
    return key.open(f"attachments/{row.id}/{what}", getattr(row, what)).decode()
