"""One case as its page shows it. Personal data is masked; `engine.cases.reveal` shows it clear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engine import (
    case_list,
    case_parts,
    case_rows,
    deployments,
    notes,
    notice_reads,
    permissions,
    personal_data,
    worklist,
)
from engine.actors import Actor
from engine.case_links import CaseRow, Link, relations_of
from engine.case_parts import CaseIncident, ClockRow, DutyRow, OutboxRow
from engine.case_standing import CasePath, HistoryEvent, PaperRow, standing_of
from engine.forms import Label
from engine.notes import Note
from engine.notice_reads import NoticeRow
from engine.permissions import Refusal
from engine.worklist import TaskRow

__all__ = ["CaseView", "case_view"]


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything on a case's page. `refusals` has `annotate`, `withdraw`, `suspend`, `resume`,
    `reveal`, `mend`, `steps`, `link`, `serve` and `looks`, each None for yes; `offices` are names
    by office id. `linked` are the case it was started for and those started for it, `links` what
    people linked, `same_person` other cases of the office with the same ID number."""

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
    path: CasePath
    papers: tuple[PaperRow, ...]
    parent_id: UUID | None
    linked: tuple[CaseRow, ...]
    links: tuple[Link, ...]
    same_person: tuple[CaseRow, ...]
    refusals: Mapping[str, Refusal | None]


def case_view(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> CaseView:
    """Raises NotFound, also for cases the actor's office has nothing to do with."""
    case = case_rows.load(tx, case_id, actor, lock=False)
    loaded = deployments.definition(tx, case.definition_id)
    standing = standing_of(tx, case, loaded)
    relations = relations_of(tx, case_id, actor, now)
    return CaseView(
        row=case_list.demand_one(tx, case_id, now),
        version=case.version,
        definition_id=case.definition_id,
        definition_version=loaded.version,
        receiving_office_id=case.receiving_office_id,
        household_office_id=case.household_office_id,
        offices=case_parts.offices_of(tx, case),
        suspended_reason=_why_it_rests(tx, case),
        data=personal_data.items(case.data, loaded.forms.values()),
        tasks=tuple(worklist.of_case(tx, case_id, actor, now)),
        duties=case_parts.duties_of(tx, case_id),
        outbox=case_parts.outbox_of(tx, case_id),
        notices=notice_reads.of_case(tx, case_id),
        clocks=case_parts.clocks_of(tx, case_id, now),
        incidents=case_parts.incidents_of(tx, case_id),
        notes=notes.of_case(tx, case),
        timeline=standing.timeline,
        path=standing.path,
        papers=standing.papers,
        parent_id=relations.parent_id,
        linked=relations.linked,
        links=relations.links,
        same_person=relations.same_person,
        refusals=_refusals(case, actor),
    )


def _why_it_rests(tx: Connection, case: case_rows.Case) -> str | None:
    if case.status != "suspended":
        return None
    said = notes.last_said(tx, case, notes.SUSPENSION)
    return None if said is None else said.text


def _refusals(case: case_rows.Case, actor: Actor) -> dict[str, Refusal | None]:
    facts = case.facts
    is_active = None if case.status == "active" else permissions.not_active(*_named(case))
    is_suspended = None if case.status == "suspended" else permissions.not_active(*_named(case))
    return {
        "annotate": permissions.may_handle(facts, actor),
        "withdraw": permissions.may_handle(facts, actor) or is_active,
        "suspend": permissions.may_suspend(facts, actor) or is_active,
        "resume": permissions.may_suspend(facts, actor) or is_suspended,
        "transfer": permissions.may_transfer(facts, actor) or is_active,
        "reveal": permissions.may_reveal(facts, actor, purpose="?"),
        "link": permissions.may_handle(facts, actor),
        "serve": permissions.may_handle(facts, actor),
        "looks": permissions.may_see_looks(facts, actor),
        "mend": permissions.may_mend(case.office_id, actor),
        "steps": permissions.may_move_tokens(facts, actor),
    }


def _named(case: case_rows.Case) -> tuple[str, str]:
    return case.number, case.status
