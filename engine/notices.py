"""Notices: what the office tells the applicant, numbered, encrypted, with proof of service.

Every notice is a paper as well: the values of its fields are kept, sealed, as they stood at its
issue, with the text it was written with (`engine.wordings`). `engine.notice_acts` has what may be
done with one later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine import case_rows, confidence, keys, notice_values, serials, wording_choices
from engine.actors import Actor, system
from engine.clock import legal_day
from engine.errors import Conflict, NotFound, Rejected
from engine.events import CaseRef
from engine.history import Entry, append
from engine.ids import derived
from engine.minguo import FIRST_YEAR
from engine.permissions import demand, may_handle
from engine.wordings import of_kind, shipped
from store.prepared import Prepared
from store.tables import notice_numbers, notices, offices

MAX_PROOF = 500
CHANNELS = ("counter", "letter", "email", "sms", "phone", "public")
FILED = "file"  # goes nowhere: it stays with the case
METHODS = ("in_person", "post", "substitute", "deposit", "public_notice")
"""Ways of service (APA 68, 73, 74, 78), as `sla.serving` counts them."""
SEALED_AS = "notices.paper"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is issued: its kind, its way, its content (a context; may hold personal data), and the
    officer in charge: the person whose deed led to it, None where time alone did. `data` is the
    case's personal data, for who and where it is addressed to; `replaces` the void one before."""

    kind: str
    channel: str
    content: Mapping[str, Any]
    by: UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    replaces: UUID | None = None


@dataclass(frozen=True, slots=True)
class Serving:
    """A service: its day, its proof, and the way (None: not said)."""

    served_on: date
    proof: str
    method: str | None = None


def issue(tx: Connection, case: CaseRef, key: str, notice: Notice, now: datetime) -> UUID:
    """Issue a notice. `key` makes it once: the same key issues the same notice."""
    if notice.kind not in shipped() or notice.channel not in (*CHANNELS, FILED):
        raise Rejected(
            "notice.unknown",
            f"Expected a notice of {', '.join(shipped())} by {', '.join(CHANNELS)}, "
            f"but got {notice.kind!r} by {notice.channel!r}",
        )
    notice_id = derived(case.id, f"notice/{key}")
    if _THERE.first(tx, {"notice": notice_id}) is not None:
        return notice_id
    number = next_number(tx, case.office_id, now)
    content = orjson.dumps(dict(notice.content), default=str)
    row = {
        "id": notice_id,
        "office_id": case.office_id,
        "case_id": case.id,
        "number": number,
        "kind": notice.kind,
        "channel": notice.channel,
        "ciphertext": keys.seal(tx, case.id, "notices", content, now),
        "issued_at": now,
        "issued_by": notice.by,
        "replaces": notice.replaces,
    }
    _ISSUE.run(tx, {**row, **_paper(tx, case, number, notice, now)})
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


_THERE = Prepared(select(notices.c.id).where(notices.c.id == bindparam("notice")))
_ISSUE = Prepared(insert(notices))


def next_number(tx: Connection, office_id: str, now: datetime) -> str:
    """The next number of the office's year (文號), such as `EA字第1150000001號`; no gaps."""
    year = legal_day(now).year - FIRST_YEAR
    row = {"office_id": office_id, "of_office": office_id, "year": year, "last": 1}
    row["step"] = serials.step()
    given = _NEXT[tx.dialect.name].first(tx, row)
    return f"{given.code}字第{year:03}{given.last:07}號"


def _paper(
    tx: Connection, case: CaseRef, number: str, notice: Notice, now: datetime
) -> dict[str, Any]:
    """What is kept of the paper: the text, and the values of its fields, sealed."""
    text = wording_choices.chosen(tx, case.office_id, notice.kind)
    issue = notice_values.Issue(
        case.id, case.office_id, number, notice.content, notice.data, notice.by, now
    )
    values = orjson.dumps(notice_values.gather(tx, of_kind(notice.kind), text, issue))
    return {
        "paper": keys.seal(tx, case.id, SEALED_AS, values, now),
        "wording_id": wording_choices.keep(tx, text),
    }


def serve(tx: Connection, notice_id: UUID, serving: Serving, actor: Actor, now: datetime) -> None:
    """Enter the day a notice was served, with its proof. Once: service is a fact of law.

    Raises NotFound, Forbidden unless the actor works on cases, `Rejected` for a day before the
    issue or to come and for no proof, `Conflict` the second time. Clocks that run from service
    are started by the diagram, from the day it was told.
    """
    row = to_handle(tx, notice_id, actor)
    demand_letter(row)
    served_on, proof = serving.served_on, serving.proof
    if not proof.strip() or len(proof) > MAX_PROOF:
        raise Rejected("notice.proof", "Say how service is proved: the number of the slip, who")
    if not legal_day(row.issued_at) <= served_on <= legal_day(now):
        raise Rejected(
            "notice.served_on", "Expected a day between the issue of the notice and today"
        )
    if serving.method is not None and serving.method not in METHODS:
        raise Rejected("notice.method", f"Expected a way of service of {', '.join(METHODS)}")
    served = tx.execute(
        update(notices)
        .where(
            notices.c.id == notice_id,
            notices.c.served_on.is_(None),
            notices.c.voided_at.is_(None),
        )
        .values(served_on=served_on, proof=proof.strip(), service_method=serving.method)
    )
    if served.rowcount == 0:
        raise Conflict("notice.served_before", f"Notice {row.number} was served before, or is void")
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


def to_handle(tx: Connection, notice_id: UUID, actor: Actor) -> Any:
    """The row of a notice, for who may do something with it. Raises NotFound, Forbidden."""
    row = _found(tx, notice_id, actor)
    case = case_rows.load(tx, row.case_id, actor, lock=False)
    demand(may_handle(case.facts, actor))
    return row


def demand_letter(row: Any) -> None:
    """Raise Conflict for a paper that stays in the file: it goes nowhere, and what it records is
    not written anew."""
    if of_kind(row.kind).kept:
        raise Conflict(
            "notice.kept", f"{row.number} is a record of the file; it is neither sent nor made anew"
        )


def _found(tx: Connection, notice_id: UUID, actor: Actor) -> Any:
    """The row of a notice of the actor's office, of a case that the actor sees."""
    row = tx.execute(
        select(notices).where(
            notices.c.id == notice_id,
            notices.c.office_id == actor.office_id,
            confidence.open_to(actor, notices.c.case_id),
        )
    ).first()
    if row is None:
        raise _unknown()
    return row


def _unknown() -> NotFound:
    return NotFound("notice.unknown", "There is no such notice in this office")


def content(tx: Connection, notice_id: UUID, actor: Actor) -> dict[str, Any]:
    """What a notice says, opened for a reader of its office."""
    row = _found(tx, notice_id, actor)
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
        raise _unknown()
    return row, told


def _next(insert_into: Any) -> Prepared:
    code = select(offices.c.code).where(offices.c.id == bindparam("of_office"))
    return Prepared(
        insert_into(notice_numbers)
        .on_conflict_do_update(
            index_elements=["office_id", "year"],
            set_={"last": notice_numbers.c.last + bindparam("step")},
        )
        .returning(notice_numbers.c.last, code.scalar_subquery().label("code"))
    )


_NEXT = {"postgresql": _next(postgresql.insert), "sqlite": _next(sqlite.insert)}
