"""What somebody at the counter has begun to enter and not filed: kept as typed, sealed, forgotten.

A draft belongs to one person in one office; to everybody else it does not exist. It holds personal
data of somebody who has no case yet, so it has a data key of its own, wrapped by the master key
like a case's: filing or discarding it deletes the key in the same transaction, and housekeeping
deletes what was left for `KEPT`. Every save names the version it saw, so two windows cannot
overwrite one another unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import keys, masking
from engine.actors import Actor
from engine.errors import Conflict, NotFound, Rejected
from engine.history import Entry, append
from engine.permissions import demand, may_draft
from store.tables import cases, drafts

KEPT = timedelta(days=14)
"""So long after it was last saved an open draft is kept; an ended one is only a note by then."""
MAX_BYTES = 200_000
MOST_LISTED = 50
_SEALED_AS = "drafts"
_PRUNED_AT_ONCE = 500
_LABEL = 80

Fields = Mapping[str, Sequence[str]]
"""What a form holds: name of a field → what was typed, ticked or chosen, as it was."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft as it was last saved. `version` is what the next save has to name."""

    id: UUID
    package_id: str
    version: int
    saved_at: datetime
    fields: Fields


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One draft in a list; the name in `subject_label` is masked."""

    id: UUID
    package_id: str
    subject_label: str
    created_at: datetime
    saved_at: datetime
    kept_until: datetime


class Moved(Conflict):
    """The draft was saved meanwhile from another window: `saved` is how it stands now."""

    def __init__(self, saved: Draft) -> None:
        super().__init__(
            "draft.moved",
            "The draft was saved meanwhile from another window of yours; compare the two",
            saved_at=saved.saved_at,
        )
        self.saved = saved


def save(
    tx: Connection, draft: Draft, actor: Actor, now: datetime, *, name: str | None = None
) -> Draft:
    """Keep the draft as it is now; `draft.version` is the version that was seen, 0 the first time.

    `name` is whose matter it is, for the list; only its mask is stored. Raises Moved; Conflict
    (`draft.filed`, `draft.discarded`) for one that has ended; NotFound for somebody else's.
    """
    demand(may_draft(actor))
    content = orjson.dumps({field: list(typed) for field, typed in draft.fields.items()})
    if len(content) > MAX_BYTES:
        raise Rejected("draft.too_large", "The draft is too large to be kept; file it in parts")
    label = masking.mask_name(name.strip())[:_LABEL] if name and name.strip() else ""
    if draft.version == 0 and _begin(tx, draft, actor, content, label, now):
        return Draft(draft.id, draft.package_id, 1, now, draft.fields)
    row = _own(tx, draft.id, actor, lock=True)
    _demand_open(row)
    if row.version != draft.version:
        raise Moved(_opened(row))
    key = keys.current().unwrap(str(row.id), row.wrapped)
    sealed = key.seal(_SEALED_AS, content)
    tx.execute(
        update(drafts)
        .where(drafts.c.id == row.id, drafts.c.version == row.version)
        .values(ciphertext=sealed, version=row.version + 1, saved_at=now, subject_label=label)
    )
    return Draft(row.id, row.package_id, row.version + 1, now, draft.fields)


def find(tx: Connection, draft_id: UUID, actor: Actor) -> Draft:
    """Somebody's own open draft. Raises NotFound; Conflict for one that was filed or discarded."""
    row = _own(tx, draft_id, actor)
    _demand_open(row)
    return _opened(row)


def mine(tx: Connection, actor: Actor) -> list[DraftRow]:
    """The actor's open drafts, the last saved first."""
    rows = tx.execute(
        select(drafts)
        .where(
            drafts.c.office_id == actor.office_id,
            drafts.c.person_id == actor.person_id,
            drafts.c.status == "open",
        )
        .order_by(drafts.c.saved_at.desc())
        .limit(MOST_LISTED)
    )
    return [
        DraftRow(
            row.id,
            row.package_id,
            row.subject_label,
            row.created_at,
            row.saved_at,
            row.saved_at + KEPT,
        )
        for row in rows
    ]


def discard(tx: Connection, draft_id: UUID, actor: Actor, now: datetime) -> None:
    """Shred a draft. Raises NotFound, Conflict."""
    row = _own(tx, draft_id, actor, lock=True)
    _demand_open(row)
    _end(tx, row.id, now, status="discarded")
    append(tx, _entry("draft.discarded", row, actor, now))


def filed(
    tx: Connection, draft_id: UUID, seen_version: int, case_id: UUID, actor: Actor, now: datetime
) -> None:
    """Shred the draft that has become a case, in the transaction that files it.

    Raises Moved if another window has saved more since, Conflict if it was filed already: so two
    windows do not make two cases of one matter. A draft that was never saved is none.
    """
    if seen_version == 0 and tx.scalar(select(drafts.c.id).where(drafts.c.id == draft_id)) is None:
        return
    row = _own(tx, draft_id, actor, lock=True)
    _demand_open(row)
    if row.version != seen_version:
        raise Moved(_opened(row))
    _end(tx, row.id, now, status="filed", case_id=case_id)


def prune(tx: Connection, now: datetime) -> int:
    """Delete drafts nobody has saved for `KEPT`, with their keys. Returns how many."""
    old = select(drafts.c.id).where(drafts.c.saved_at < now - KEPT).limit(_PRUNED_AT_ONCE)
    return tx.execute(delete(drafts).where(drafts.c.id.in_(old))).rowcount


def _begin(
    tx: Connection, draft: Draft, actor: Actor, content: bytes, label: str, now: datetime
) -> bool:
    """Insert the draft, once: of two first saves from one page, one finds the other's row."""
    key, wrapped = keys.current().new_case_key(str(draft.id))
    row = {
        "id": draft.id,
        "office_id": actor.office_id,
        "person_id": actor.person_id,
        "package_id": draft.package_id,
        "status": "open",
        "version": 1,
        "subject_label": label,
        "master_key_id": wrapped.master_key_id,
        "wrapped": wrapped.wrapped,
        "ciphertext": key.seal(_SEALED_AS, content),
        "created_at": now,
        "saved_at": now,
    }
    try:
        with tx.begin_nested():
            tx.execute(insert(drafts), row)
    except IntegrityError:
        return False
    begun = Entry(
        "draft.begun", actor, now, object_id=str(draft.id), detail={"package": draft.package_id}
    )
    append(tx, begun)
    return True


def _own(tx: Connection, draft_id: UUID, actor: Actor, *, lock: bool = False) -> Any:
    query = (
        select(drafts, cases.c.number.label("case_number"))
        .outerjoin(cases, cases.c.id == drafts.c.case_id)
        .where(
            drafts.c.id == draft_id,
            drafts.c.office_id == actor.office_id,
            drafts.c.person_id == actor.person_id,
        )
    )
    row = tx.execute(query.with_for_update(of=drafts) if lock else query).first()
    if row is None:
        raise NotFound("draft.not_found", "There is no such draft of yours")
    return row


def _demand_open(row: Any) -> None:
    if row.status == "filed":
        raise Conflict(
            "draft.filed",
            f"The draft was filed as case {row.case_number}",
            number=row.case_number,
            case_id=row.case_id,
        )
    if row.status != "open":
        raise Conflict("draft.discarded", "The draft was discarded")


def _opened(row: Any) -> Draft:
    key = keys.current().unwrap(str(row.id), row.wrapped)
    fields = orjson.loads(key.open(_SEALED_AS, row.ciphertext))
    return Draft(row.id, row.package_id, row.version, row.saved_at, fields)


def _end(
    tx: Connection, draft_id: UUID, now: datetime, *, status: str, case_id: UUID | None = None
) -> None:
    shredded = {"wrapped": None, "master_key_id": None, "ciphertext": None, "subject_label": ""}
    tx.execute(
        update(drafts)
        .where(drafts.c.id == draft_id)
        .values(status=status, case_id=case_id, saved_at=now, **shredded)
    )


def _entry(action: str, row: Any, actor: Actor, now: datetime) -> Entry:
    return Entry(action, actor, now, object_id=str(row.id), detail={"package": row.package_id})
