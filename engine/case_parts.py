"""What belongs to a case, row by row: duties, what agencies were told, clocks, incidents.

The caller has checked that the reader may see the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import case_rows, incident_words
from engine.forms import Label
from engine.operations import LETTERS
from store.tables import case_duties, clocks, incidents, offices, outbox, persons


@dataclass(frozen=True, slots=True)
class DutyRow:
    person_id: UUID
    name: str
    duty: str
    since: datetime


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A notification or look-up: which fields went, never their values."""

    id: UUID
    operation: str
    peer: str
    basis: str | None
    kind: str
    field_names: tuple[str, ...]
    status: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    next_attempt_at: datetime | None
    reference: str | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock; overdue is derived. `explanation` is as its keeper wrote it, both languages."""

    id: UUID
    task_id: UUID | None
    name: str
    rule_id: str
    status: str
    started_on: date
    due_on: date | None
    due_at: datetime | None
    met_at: datetime | None
    overdue: bool
    party: str  # who must act: `office` or `applicant`
    explanation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseIncident:
    id: UUID
    element_id: str | None
    source: str
    code: str
    message: str
    message_zh: str
    status: str
    raised_at: datetime
    resolved_at: datetime | None
    resolution: str | None


def offices_of(tx: Connection, case: case_rows.Case) -> dict[str, Label]:
    concerned = {case.office_id, case.receiving_office_id, case.household_office_id}
    rows = tx.execute(
        select(offices.c.id, offices.c.name_zh, offices.c.name_en).where(
            offices.c.id.in_(sorted(concerned))
        )
    )
    return {row.id: Label(row.name_zh, row.name_en) for row in rows}


def duties_of(tx: Connection, case_id: UUID) -> tuple[DutyRow, ...]:
    rows = tx.execute(
        select(case_duties, persons.c.display_name)
        .join(persons, persons.c.id == case_duties.c.person_id)
        .where(case_duties.c.case_id == case_id)
        .order_by(case_duties.c.since, case_duties.c.duty)
    )
    return tuple(DutyRow(row.person_id, row.display_name, row.duty, row.since) for row in rows)


def outbox_of(tx: Connection, case_id: UUID) -> tuple[OutboxRow, ...]:
    rows = tx.execute(
        select(outbox)
        .where(outbox.c.case_id == case_id, outbox.c.operation.not_in(LETTERS))
        .order_by(outbox.c.created_at, outbox.c.number)
    )
    return tuple(
        OutboxRow(
            id=row.id,
            operation=row.operation,
            peer=row.peer,
            basis=row.basis,
            kind=row.kind,
            field_names=tuple(row.field_names),
            status=row.status,
            attempts=row.attempts,
            created_at=row.created_at,
            sent_at=row.sent_at,
            answered_at=row.answered_at,
            next_attempt_at=row.next_attempt_at,
            reference=(row.answer or {}).get("reference"),
            last_error=row.last_error,
        )
        for row in rows
    )


def clocks_of(tx: Connection, case_id: UUID, now: datetime) -> tuple[ClockRow, ...]:
    rows = tx.execute(
        select(clocks)
        .where(clocks.c.case_id == case_id)
        .order_by(clocks.c.task_id.is_not(None), clocks.c.started_at, clocks.c.name)
    )
    return tuple(
        ClockRow(
            id=row.id,
            task_id=row.task_id,
            name=row.name,
            rule_id=row.rule_id,
            status=row.status,
            started_on=row.started_on,
            due_on=row.due_on,
            due_at=row.due_at,
            met_at=row.met_at,
            overdue=row.status == "running" and row.due_at is not None and row.due_at <= now,
            party=row.party,
            explanation=row.explanation,
        )
        for row in rows
    )


def incidents_of(tx: Connection, case_id: UUID) -> tuple[CaseIncident, ...]:
    rows = tx.execute(
        select(incidents).where(incidents.c.case_id == case_id).order_by(incidents.c.raised_at)
    )
    return tuple(
        CaseIncident(
            id=row.id,
            element_id=row.element_id,
            source=row.source,
            code=row.code,
            message=row.message,
            message_zh=incident_words.in_chinese(row.code, row.message),
            status=row.status,
            raised_at=row.raised_at,
            resolved_at=row.resolved_at,
            resolution=row.resolution,
        )
        for row in rows
    )
