"""Notices as they are read: the list of a case, one of them, and its paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Select, select

from engine import case_rows, notice_values, wording_choices, wordings
from engine.actors import Actor
from engine.errors import NotFound
from engine.history import Entry, append
from engine.minguo import format_date
from engine.notice_papers import Paper, Values, blocks
from engine.notices import SEALED_AS
from engine.permissions import Refusal, may_handle
from store.tables import notices, persons

PURPOSE, COMPARING = "service", "compare"
"""For what papers are opened: to send or serve them; those that stay in the file to compare the
case with them (`engine.purposes`)."""
Address = Callable[[str], str]
"""Of a status code: where a citizen asks."""


class NoticeState(StrEnum):
    """What became of a notice; derived, never stored."""

    MADE = "made"
    SERVED = "served"
    RETURNED = "returned"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice. `owes_service`: its service is to be proved; `replaces` is the notice that it was
    made in place of, `replaced_by` the one that was made in place of it."""

    id: UUID
    case_id: UUID
    number: str
    kind: str
    channel: str
    issued_at: datetime
    issued_by: str
    state: NoticeState
    owes_service: bool
    times_sent: int
    served_on: date | None
    service_method: str | None
    proof: str | None
    returned_on: date | None
    return_reason: str | None
    voided_at: datetime | None
    void_reason: str | None
    replaces: UUID | None
    replaced_by: UUID | None


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One notice with what it says: the values that diagrams or people gave, by field, as they are
    entered. `refusal` says why the reader may do nothing with it, None: they may."""

    row: NoticeRow
    wording: wordings.Wording
    entered: Mapping[str, str]
    refusal: Refusal | None


def of_case(tx: Connection, case_id: UUID) -> tuple[NoticeRow, ...]:
    """The notices of a case, the oldest first. The caller has checked who may see the case."""
    rows = tx.execute(_rows().where(notices.c.case_id == case_id).order_by(notices.c.issued_at))
    return tuple(_row(row) for row in rows)


def latest(tx: Connection, case_id: UUID, kind: str) -> UUID | None:
    """The newest notice of a kind that is not void. The caller has checked who may see the case."""
    found: UUID | None = tx.scalar(
        select(notices.c.id)
        .where(notices.c.case_id == case_id, notices.c.kind == kind, notices.c.voided_at.is_(None))
        .order_by(notices.c.issued_at.desc())
        .limit(1)
    )
    return found


def view(tx: Connection, notice_id: UUID, actor: Actor, language: str = "zh-TW") -> NoticeView:
    """One notice of a case the actor may see, its values in a language. Raises NotFound."""
    row, case = _seen(tx, notice_id, actor)
    wording = wordings.of_kind(row.kind)
    content = orjson.loads(case.key.open("notices", row.ciphertext))
    typed = {
        name: _typed(content[name], language)
        for name in wording.fields
        if content.get(name) not in (None, "", [])
    }
    return NoticeView(_row(row), wording, typed, may_handle(case.facts, actor))


def paper(tx: Connection, notice_id: UUID, actor: Actor, language: str, address: Address) -> Paper:
    """The paper of a notice in a language, as it was issued. Raises NotFound."""
    row, case = _seen(tx, notice_id, actor)
    text = wording_choices.kept(tx, row.wording_id) if row.wording_id else None
    text = text or wording_choices.chosen(tx, row.office_id, row.kind)
    values: Values = _values(tx, row, case, text)[language]
    code = str(values.get("status_code") or "")
    place = address(code.replace("-", "")) if code else ""
    values = {**values, "status_address": place}
    return Paper(
        id=row.id,
        case_id=row.case_id,
        kind=row.kind,
        language=language,
        title=text.title[language],
        basis=tuple(each[language] for each in text.basis),
        values=values,
        blocks=blocks(text, values, language),
        issued_at=row.issued_at,
        void=row.void_reason or "",
        address=place,
    )


def note(tx: Connection, paper: Paper, actor: Actor, now: datetime) -> None:
    """Write down that somebody opened a paper: it names its addressee in clear, or is no letter
    but tells what was found out about somebody."""
    kept = wordings.of_kind(paper.kind).kept
    if not kept and not paper.value("recipient"):
        return
    append(
        tx,
        Entry(
            "case.data_read",
            actor,
            now,
            case_id=paper.case_id,
            object_id=str(paper.id),
            purpose=COMPARING if kept else PURPOSE,
            detail={"name": paper.value("number")},
        ),
    )


def _seen(tx: Connection, notice_id: UUID, actor: Actor) -> tuple[Any, case_rows.Case]:
    """The notice and its case. Strangers hear the same of what is elsewhere and what is nowhere."""
    unknown = NotFound("notice.unknown", "There is no such notice in this office")
    row = tx.execute(_rows().where(notices.c.id == notice_id)).first()
    if row is None:
        raise unknown
    try:
        return row, case_rows.load(tx, row.case_id, actor, lock=False)
    except NotFound as hidden:
        if hidden.code == "case.shredded":
            raise
        raise unknown from hidden


def _values(
    tx: Connection, row: Any, case: case_rows.Case, text: wordings.Text
) -> Mapping[str, Values]:
    if row.paper is not None:
        kept: Mapping[str, Values] = orjson.loads(case.key.open(SEALED_AS, row.paper))
        return kept
    # Issued before papers were kept: as the office and the case are now.
    content = orjson.loads(case.key.open("notices", row.ciphertext))
    issue = notice_values.Issue(
        row.case_id, row.office_id, row.number, content, case.data, row.issued_by, row.issued_at
    )
    return notice_values.gather(tx, wordings.of_kind(row.kind), text, issue)


def _typed(value: Any, language: str) -> str:
    """A value as somebody would enter it: lists a line each, dates of Minguo years."""
    if isinstance(value, list):
        return "\n".join(_typed(each, language) for each in value)
    if isinstance(value, Mapping):
        return notice_values.line(value, language)
    text = str(value)
    try:
        return format_date(date.fromisoformat(text), "zh-TW").partition("（")[0]
    except ValueError:
        return text


def _rows() -> Select[Any]:
    later = notices.alias("later")
    next_one = (
        select(later.c.id)
        .where(later.c.case_id == notices.c.case_id, later.c.replaces == notices.c.id)
        .scalar_subquery()
    )
    return select(notices, persons.c.display_name, next_one.label("replaced_by")).outerjoin(
        persons, persons.c.id == notices.c.issued_by
    )


def _row(row: Any) -> NoticeRow:
    known = wordings.shipped().get(row.kind)
    return NoticeRow(
        id=row.id,
        case_id=row.case_id,
        number=row.number,
        kind=row.kind,
        channel=row.channel,
        issued_at=row.issued_at,
        issued_by=row.display_name or "",
        state=_state(row),
        owes_service=bool(known and known.served) and row.channel not in ("sms", "phone"),
        times_sent=row.times_sent,
        served_on=row.served_on,
        service_method=row.service_method,
        proof=row.proof,
        returned_on=row.returned_on,
        return_reason=row.return_reason,
        voided_at=row.voided_at,
        void_reason=row.void_reason,
        replaces=row.replaces,
        replaced_by=row.replaced_by,
    )


def _state(row: Any) -> NoticeState:
    if row.voided_at is not None:
        return NoticeState.VOID
    if row.served_on is not None:
        return NoticeState.SERVED
    return NoticeState.MADE if row.returned_on is None else NoticeState.RETURNED
