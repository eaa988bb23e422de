"""Notices: what the office tells the applicant, numbered, encrypted, with proof of service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, func, insert, select, update

from engine import case_rows, keys
from engine.actors import Actor, system
from engine.clock import legal_day
from engine.errors import Conflict, NotFound, Rejected
from engine.events import CaseRef
from engine.history import Entry, append
from engine.ids import derived
from engine.permissions import demand, may_handle
from store.tables import notices

KINDS = (
    "receipt",
    "one_time_notice",
    "progress",
    "delay",
    "extension",
    "result",
    "pick_up",
    "reminder",
    "overdue_duty",
    "friendly_notice",
    "dunning",
    "public_notice",
    "ex_officio",
    "not_accepted",
    "refusal",
    "hearing",
    "fine",
    "correction",
)
MAX_PROOF = 500
CHANNELS = ("counter", "letter", "email", "sms", "phone", "public")


@dataclass(frozen=True, slots=True)
class Notice:
    """What is issued: its kind, its way, its content (a context; may hold personal data), and the
    officer in charge: the person whose deed led to it, None where time alone did."""

    kind: str
    channel: str
    content: Mapping[str, Any]
    by: UUID | None = None


def issue(tx: Connection, case: CaseRef, key: str, notice: Notice, now: datetime) -> UUID:
    """Issue a notice. `key` makes it once: the same key issues the same notice."""
    if notice.kind not in KINDS or notice.channel not in CHANNELS:
        raise Rejected(
            "notice.unknown",
            f"Expected a notice of {', '.join(KINDS)} by {', '.join(CHANNELS)}, "
            f"but got {notice.kind!r} by {notice.channel!r}",
        )
    notice_id = derived(case.id, f"notice/{key}")
    if tx.scalar(select(notices.c.id).where(notices.c.id == notice_id)) is not None:
        return notice_id
    issued = tx.scalar(select(func.count()).where(notices.c.case_id == case.id)) or 0
    number = f"{case.number}-{issued + 1:02}"
    content = orjson.dumps(dict(notice.content), default=str)
    tx.execute(
        insert(notices).values(
            id=notice_id,
            office_id=case.office_id,
            case_id=case.id,
            number=number,
            kind=notice.kind,
            channel=notice.channel,
            ciphertext=keys.seal(tx, case.id, "notices", content, now),
            issued_at=now,
            issued_by=notice.by,
        )
    )
    facts = {"number": number, "kind": notice.kind, "channel": notice.channel}
    append(
        tx,
        Entry(
            "notice.issued",
            system(case.office_id),
            now,
            case_id=case.id,
            object_id=str(notice_id),
            detail=facts,
        ),
    )
    return notice_id


def serve(
    tx: Connection, notice_id: UUID, served_on: date, proof: str, actor: Actor, now: datetime
) -> None:
    """Enter the day a notice was served, with its proof. Once: service is a fact of law.

    Raises NotFound, Forbidden unless the actor works on cases, `Rejected` for a day before the
    issue or to come and for no proof, `Conflict` the second time. Clocks that run from service
    are started by the diagram, from the day it was told.
    """
    row = tx.execute(
        select(notices).where(notices.c.id == notice_id, notices.c.office_id == actor.office_id)
    ).first()
    if row is None:
        raise NotFound("notice.unknown", "There is no such notice in this office")
    case = case_rows.load(tx, row.case_id, actor, lock=False)
    demand(may_handle(case.facts, actor))
    if not proof.strip() or len(proof) > MAX_PROOF:
        raise Rejected("notice.proof", "Say how service is proved: the number of the slip, who")
    if not legal_day(row.issued_at) <= served_on <= legal_day(now):
        raise Rejected(
            "notice.served_on", "Expected a day between the issue of the notice and today"
        )
    served = tx.execute(
        update(notices)
        .where(notices.c.id == notice_id, notices.c.served_on.is_(None))
        .values(served_on=served_on, proof=proof.strip())
    )
    if served.rowcount == 0:
        raise Conflict("notice.served_before", f"Notice {row.number} was served before")
    append(
        tx,
        Entry(
            "notice.served",
            actor,
            now,
            case_id=row.case_id,
            object_id=str(notice_id),
            detail={"number": row.number, "served_on": served_on.isoformat()},
        ),
    )


def content(tx: Connection, notice_id: UUID, actor: Actor) -> dict[str, Any]:
    """What a notice says, opened for a reader of its office."""
    row = tx.execute(
        select(notices).where(notices.c.id == notice_id, notices.c.office_id == actor.office_id)
    ).first()
    if row is None:
        raise NotFound("notice.unknown", "There is no such notice in this office")
    opened: dict[str, Any] = orjson.loads(
        keys.open_sealed(tx, row.case_id, "notices", row.ciphertext)
    )
    return opened


def opened(tx: Connection, notice_id: UUID, kind: str, actor: Actor) -> tuple[Any, dict[str, Any]]:
    """The row and the opened content of a notice of this kind, for a reader of its office. Raises
    NotFound, also for a notice of another kind."""
    told = content(tx, notice_id, actor)
    row = tx.execute(select(notices).where(notices.c.id == notice_id)).one()
    if row.kind != kind:
        raise NotFound("notice.unknown", f"There is no such notice ({kind}) in this office")
    return row, told
