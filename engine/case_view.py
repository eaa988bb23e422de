"""One case as its page shows it. Personal data is masked; `engine.cases.reveal` shows it clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import (
    case_list,
    case_rows,
    deployments,
    history,
    notes,
    permissions,
    personal_data,
    worklist,
)
from engine.actors import Actor
from engine.case_list import CaseRow
from engine.deployments import Loaded
from engine.errors import NotFound
from engine.forms import Label
from engine.history import HistoryEvent
from engine.notes import Note
from engine.permissions import Refusal
from engine.worklist import TaskRow
from store.tables import (
    case_duties,
    cases,
    clocks,
    incidents,
    notices,
    offices,
    outbox,
    persons,
)


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
class NoticeRow:
    id: UUID
    number: str
    kind: str
    channel: str
    issued_at: datetime
    served_on: date | None
    proof: str | None


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
    explanation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseIncident:
    id: UUID
    element_id: str | None
    source: str
    code: str
    message: str
    status: str
    raised_at: datetime
    resolved_at: datetime | None
    resolution: str | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything on a case's page. `refusals` has `annotate`, `withdraw`, `suspend`, `resume`,
    `reveal` and `mend`, each None for yes; `offices` are names by office id."""

    row: CaseRow
    version: int
    definition_id: UUID
    definition_version: int
    receiving_office_id: str
    household_office_id: str
    offices: Mapping[str, Label]
    suspended_reason: str | None
    data: tuple[personal_data.DataItem, ...]
    tasks: tuple[TaskRow, ...]
    duties: tuple[DutyRow, ...]
    outbox: tuple[OutboxRow, ...]
    notices: tuple[NoticeRow, ...]
    clocks: tuple[ClockRow, ...]
    incidents: tuple[CaseIncident, ...]
    notes: tuple[Note, ...]
    timeline: tuple[HistoryEvent, ...]
    parent_id: UUID | None
    linked: tuple[CaseRow, ...]
    refusals: Mapping[str, Refusal | None]


def case_view(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> CaseView:
    """Raises NotFound, also for cases the actor's office has nothing to do with."""
    case = case_rows.load(tx, case_id, actor, lock=False)
    row = case_list.one(tx, case_id, now)
    if row is None:
        raise NotFound("case.not_found", "There is no such case in your office")
    loaded = deployments.definition(tx, case.definition_id)
    parent_id = tx.execute(select(cases.c.parent_case_id).where(cases.c.id == case_id)).scalar_one()
    return CaseView(
        row=row,
        version=case.version,
        definition_id=case.definition_id,
        definition_version=loaded.version,
        receiving_office_id=case.receiving_office_id,
        household_office_id=case.household_office_id,
        offices=_offices(tx, case),
        suspended_reason=case.suspended_reason,
        data=personal_data.items(case.data, loaded.forms.values()),
        tasks=tuple(worklist.of_case(tx, case_id, actor, now)),
        duties=_duties(tx, case_id),
        outbox=_outbox(tx, case_id),
        notices=_notices(tx, case_id),
        clocks=_clocks(tx, case_id, now),
        incidents=_incidents(tx, case_id),
        notes=notes.of_case(tx, case),
        timeline=tuple(history.timeline(tx, case_id, element_names(loaded))),
        parent_id=parent_id,
        linked=_linked(tx, case_id, parent_id, actor, now),
        refusals=_refusals(case, actor),
    )


def element_names(loaded: Loaded) -> dict[str, str]:
    """The names in the diagrams of a version, by element id; the case's own process wins."""
    names: dict[str, str] = {}
    for definition in (*loaded.definitions.values(), loaded.definition):
        for element_id, element in definition.elements.items():
            if element.name:
                names[element_id] = element.name
    return names


def _refusals(case: case_rows.Case, actor: Actor) -> dict[str, Refusal | None]:
    facts = case.facts
    is_active = None if case.status == "active" else permissions.not_active(*_named(case))
    is_suspended = None if case.status == "suspended" else permissions.not_active(*_named(case))
    return {
        "annotate": permissions.may_handle(facts, actor),
        "withdraw": permissions.may_handle(facts, actor) or is_active,
        "suspend": permissions.may_suspend(facts, actor) or is_active,
        "resume": permissions.may_suspend(facts, actor) or is_suspended,
        "reveal": permissions.may_reveal(facts, actor, purpose="?"),
        "mend": permissions.may_mend(case.office_id, actor),
    }


def _named(case: case_rows.Case) -> tuple[str, str]:
    return case.number, case.status


# --- personal data ------------------------------------------------------------------------------


# --- what belongs to it -------------------------------------------------------------------------


def _offices(tx: Connection, case: case_rows.Case) -> dict[str, Label]:
    concerned = {case.office_id, case.receiving_office_id, case.household_office_id}
    rows = tx.execute(
        select(offices.c.id, offices.c.name_zh, offices.c.name_en).where(
            offices.c.id.in_(sorted(concerned))
        )
    )
    return {row.id: Label(row.name_zh, row.name_en) for row in rows}


def _duties(tx: Connection, case_id: UUID) -> tuple[DutyRow, ...]:
    rows = tx.execute(
        select(case_duties, persons.c.display_name)
        .join(persons, persons.c.id == case_duties.c.person_id)
        .where(case_duties.c.case_id == case_id)
        .order_by(case_duties.c.since, case_duties.c.duty)
    )
    return tuple(DutyRow(row.person_id, row.display_name, row.duty, row.since) for row in rows)


def _outbox(tx: Connection, case_id: UUID) -> tuple[OutboxRow, ...]:
    rows = tx.execute(
        select(outbox)
        .where(outbox.c.case_id == case_id, outbox.c.operation != "mail.send")
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


def _notices(tx: Connection, case_id: UUID) -> tuple[NoticeRow, ...]:
    columns = [notices.c[name] for name in ("id", "number", "kind", "channel", "issued_at")]
    rows: Sequence[Any] = tx.execute(
        select(*columns, notices.c.served_on, notices.c.proof)
        .where(notices.c.case_id == case_id)
        .order_by(notices.c.issued_at)
    ).all()
    return tuple(NoticeRow(*row) for row in rows)


def _clocks(tx: Connection, case_id: UUID, now: datetime) -> tuple[ClockRow, ...]:
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
            explanation=row.explanation,
        )
        for row in rows
    )


def _incidents(tx: Connection, case_id: UUID) -> tuple[CaseIncident, ...]:
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
            status=row.status,
            raised_at=row.raised_at,
            resolved_at=row.resolved_at,
            resolution=row.resolution,
        )
        for row in rows
    )


def _linked(
    tx: Connection, case_id: UUID, parent_id: UUID | None, actor: Actor, now: datetime
) -> tuple[CaseRow, ...]:
    rows = case_list.linked(tx, case_id, parent_id, now)
    return tuple(row for row in rows if actor.is_system or row.office_id == actor.office_id)
