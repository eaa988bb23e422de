"""What pages and the API show of lists: how far they are, bad rows, the cases they became."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import case_list, case_rows, deployments
from engine.actors import Actor
from engine.case_list import CaseRow
from engine.errors import NotFound
from engine.field_errors import FieldError
from engine.forms import Label
from engine.lists import form_of
from store.tables import case_list_faults, case_list_members, case_lists

MOST_FAULTS = 200  # on one page
MOST_MEMBERS = 50


@dataclass(frozen=True, slots=True)
class CaseList:
    """One list as pages show it. `status`: `reading`, `filing`, `done`, `refused` (the table is no
    list: `refusal` says why) or `cancelled`. `rows` = `good` + `bad` + `known` once it was read;
    `filed` of the good ones have their case. Times are aware UTC."""

    id: UUID
    case_id: UUID
    package_id: str
    status: str
    refusal: str | None
    refusal_facts: Mapping[str, Any]
    unused: tuple[str, ...]
    rows: int
    good: int
    bad: int
    known: int
    filed: int
    created_at: datetime
    read_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that became no case. `label` names the field, None where it is about the whole row."""

    line: int
    label: Label | None
    error: FieldError


@dataclass(frozen=True, slots=True)
class Faults:
    """Some of a list's bad rows, by row; `after` is the row to go on behind, None at the end."""

    rows: tuple[Fault, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """A row of a list and the case it became."""

    line: int
    case: CaseRow


@dataclass(frozen=True, slots=True)
class Members:
    """Some of them, by row; `after` is the row to go on behind, None at the end."""

    rows: tuple[Member, ...]
    after: int | None


def of_case(tx: Connection, case_id: UUID, actor: Actor) -> tuple[CaseList, ...]:
    """The lists of a case, the newest first. Raises NotFound."""
    case_rows.load(tx, case_id, actor, lock=False)
    return of_seen(tx, case_id)


def of_seen(tx: Connection, case_id: UUID) -> tuple[CaseList, ...]:
    """The same, where the caller has checked who reads."""
    found = tx.execute(
        select(case_lists)
        .where(case_lists.c.case_id == case_id)
        .order_by(case_lists.c.created_at.desc(), case_lists.c.id.desc())
    )
    return tuple(_shown(row) for row in found)


def one(tx: Connection, list_id: UUID, actor: Actor) -> CaseList:
    """One list. Raises NotFound, of another office's too."""
    row = tx.execute(select(case_lists).where(case_lists.c.id == list_id)).first()
    if row is None:
        raise _not_found()
    try:
        case_rows.load(tx, row.case_id, actor, lock=False)
    except NotFound:
        raise _not_found() from None
    return _shown(row)


def faults_of(
    tx: Connection, listed: CaseList, actor: Actor, after: int = 0, most: int = MOST_FAULTS
) -> Faults:
    """The rows that became no case, behind the row `after`, by row."""
    rows = tx.execute(
        select(case_list_faults.c.line, case_list_faults.c.errors)
        .where(case_list_faults.c.list_id == listed.id, case_list_faults.c.line > after)
        .order_by(case_list_faults.c.line)
        .limit(most + 1)
    ).all()
    labels = _labels(tx, listed, actor) if rows else {}
    shown = rows[:most]
    told = tuple(
        Fault(row.line, labels.get(path), FieldError(path, code, facts))
        for row in shown
        for path, code, facts in row.errors
    )
    return Faults(told, shown[-1].line if len(rows) > most else None)


def members_of(
    tx: Connection, listed: CaseList, actor: Actor, now: datetime, after: int = 0
) -> Members:
    """The cases that rows of the list became, behind the row `after`, as case lists show them."""
    wanted = (
        select(case_list_members.c.line, case_list_members.c.case_id)
        .where(case_list_members.c.list_id == listed.id, case_list_members.c.line > after)
        .order_by(case_list_members.c.line)
        .limit(MOST_MEMBERS + 1)
    )
    found = tx.execute(wanted).all()
    shown = found[:MOST_MEMBERS]
    rows = case_list.several(tx, [row.case_id for row in shown], actor, now)
    known = {row.case_id: row for row in rows}
    members = tuple(Member(row.line, known[row.case_id]) for row in shown if row.case_id in known)
    return Members(members, shown[-1].line if len(found) > MOST_MEMBERS else None)


def _labels(tx: Connection, listed: CaseList, actor: Actor) -> dict[str, Label]:
    office_id = tx.scalar(select(case_lists.c.office_id).where(case_lists.c.id == listed.id))
    try:
        form = form_of(deployments.active(tx, str(office_id), listed.package_id))
    except NotFound:
        return {}
    return {str(field.key): field.label for field in form.inputs()}


def _shown(row: Any) -> CaseList:
    return CaseList(
        id=row.id,
        case_id=row.case_id,
        package_id=row.package_id,
        status=row.status,
        refusal=row.refusal,
        refusal_facts=row.refusal_facts or {},
        unused=tuple(row.unused),
        rows=row.rows,
        good=row.good,
        bad=row.bad,
        known=row.known,
        filed=row.filed,
        created_at=row.created_at,
        read_at=row.read_at,
        ended_at=row.ended_at,
    )


def _not_found() -> NotFound:
    return NotFound("list.not_found", "There is no such list in your office")
