"""Who looked at personal data, or searched by it: when, at what, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select, text

from engine import case_rows, deployments
from engine.actors import Actor
from engine.confidence import seen_or_none
from engine.cursors import Order, Page, checked_limit, page_of
from engine.element_names import english
from engine.history import Names
from engine.permissions import demand, may_audit, may_see_looks
from engine.story_names import names_for
from engine.story_words import FIELDS
from store.tables import cases, history, persons

LOOKS = ("case.revealed", "case.data_read", "case.searched")
_ORDER = Order("looks", ("int",))
# Written out, not bound: only so does a database see that the index of exactly these rows serves.
IS_LOOK = text("history.action IN ('case.revealed', 'case.data_read', 'case.searched')")


@dataclass(frozen=True, slots=True)
class Look:
    """One look. `fields` are labels in both languages, `step` is the step that showed them;
    `by` are the kinds of data of a search, `found` how many cases it showed."""

    id: int
    at: datetime
    action: str
    person_id: UUID | None
    name: str
    purpose: str | None
    case_id: UUID | None
    number: str | None
    fields: tuple[tuple[str, str], ...]
    step: str | None
    step_en: str | None
    by: tuple[str, ...]
    found: str | None


@dataclass(frozen=True, slots=True)
class LookFilter:
    """`purpose` is a code of `engine.purposes`; times are aware UTC."""

    action: str | None = None
    person_id: UUID | None = None
    purpose: str | None = None
    since: datetime | None = None
    before: datetime | None = None


def of_case(
    tx: Connection, case_id: UUID, actor: Actor, wanted: LookFilter, cursor: str | None, limit: int
) -> Page[Look]:
    """One page of the looks at a case, the newest first. Raises NotFound, Forbidden."""
    case = case_rows.load(tx, case_id, actor, lock=False)
    demand(may_see_looks(case.facts, actor))
    names = names_for(tx, deployments.definition(tx, case.definition_id))
    query = _query(wanted).where(history.c.case_id == case_id)
    return _page(tx, query, cursor, limit, names)


def of_office(
    tx: Connection, actor: Actor, wanted: LookFilter, cursor: str | None, limit: int
) -> Page[Look]:
    """One page of the looks and searches in the actor's office. Raises Forbidden."""
    demand(may_audit(actor))
    query = _query(wanted).where(history.c.office_id == actor.office_id, seen_or_none(actor))
    return _page(tx, query, cursor, limit, Names(worded=english(tx, actor.office_id).named))


def lookers(tx: Connection, case_id: UUID) -> dict[UUID, str]:
    """Who has looked at a case, by name; the caller has judged who asks."""
    rows = tx.execute(
        select(persons.c.id, persons.c.display_name)
        .join(history, history.c.person_id == persons.c.id)
        .where(history.c.case_id == case_id, IS_LOOK)
        .distinct()
        .order_by(persons.c.display_name)
    )
    return {row.id: row.display_name for row in rows}


def _query(wanted: LookFilter) -> Select[Any]:
    query = (
        select(history, persons.c.display_name, cases.c.number, history.c.id.label("key_0"))
        .outerjoin(persons, persons.c.id == history.c.person_id)
        .outerjoin(cases, cases.c.id == history.c.case_id)
        .where(IS_LOOK)
        .order_by(history.c.id.desc())
    )
    if wanted.action:
        query = query.where(history.c.action == wanted.action)
    if wanted.person_id:
        query = query.where(history.c.person_id == wanted.person_id)
    if wanted.purpose:
        query = query.where(history.c.purpose.startswith(wanted.purpose, autoescape=True))
    if wanted.since:
        query = query.where(history.c.at >= wanted.since)
    if wanted.before:
        query = query.where(history.c.at < wanted.before)
    return query


def _page(
    tx: Connection, query: Select[Any], cursor: str | None, limit: int, names: Names
) -> Page[Look]:
    if cursor is not None:
        query = query.where(history.c.id < _ORDER.decode(cursor)[0])
    rows = tx.execute(query.limit(checked_limit(limit) + 1)).all()
    return page_of(rows, limit, _ORDER, lambda row: _look(row, names))


def _look(row: Any, names: Names) -> Look:
    detail = row.detail
    step = detail.get("name") or names.elements.get(row.element_id)
    return Look(
        id=row.id,
        at=row.at,
        action=row.action,
        person_id=row.person_id,
        name=row.display_name or "",
        purpose=row.purpose,
        case_id=row.case_id,
        number=row.number,
        fields=tuple(_field(names, path) for path in detail.get("paths", ())),
        step=step,
        step_en=names.in_english(step, row.element_id or "") if step else None,
        by=tuple(detail.get("by", ())),
        found=detail.get("found"),
    )


def _field(names: Names, path: str) -> tuple[str, str]:
    return names.fields.get(path) or FIELDS.get(path.rpartition(".")[2]) or (path, path)
