"""Links between cases: the same person, the same household, what caused it; with a reason.

The reason is encrypted with the key of the case it was entered on. A link is seen from both sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, insert, or_, select
from sqlalchemy.exc import IntegrityError

from engine import case_list, case_rows, keys
from engine.actors import Actor
from engine.case_list import CaseRow
from engine.confidence import seen_by
from engine.errors import Conflict, NotFound, Rejected
from engine.history import Entry, append
from engine.permissions import demand, may_handle
from store.tables import case_links, cases, persons

__all__ = [
    "CaseRow",
    "Link",
    "NewLink",
    "Relations",
    "link",
    "links_of",
    "of_same_person",
    "relations_of",
    "unlink",
]
KINDS = ("person", "household", "cause", "duplicate", "other")
MAX_REASON = 500
MOST_SAME_PERSON = 10


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a case to `row`. `is_ours`: entered on this case, not on the other."""

    id: UUID
    kind: str
    reason: str
    author: str  # "" for the system
    at: datetime
    is_ours: bool
    row: CaseRow


@dataclass(frozen=True, slots=True)
class Relations:
    """`parent_id` is the case this one was started for; `linked` that case and those started for
    this one; `links` what people linked; `same_person` others with the same ID number."""

    parent_id: UUID | None
    linked: tuple[CaseRow, ...]
    links: tuple[Link, ...]
    same_person: tuple[CaseRow, ...]


@dataclass(frozen=True, slots=True)
class NewLink:
    """`number` is the whole number of the other case."""

    number: str
    kind: str
    reason: str


def link(tx: Connection, case_id: UUID, new: NewLink, actor: Actor, now: datetime) -> UUID:
    """Link the case to another that the actor may see. Both histories tell of it, but for that of
    a case that others see as well who may not see the other.

    Raises NotFound, Forbidden, Rejected (`link.kind`, `link.reason`, `link.itself`), Conflict
    (`link.exists`).
    """
    case = case_rows.load(tx, case_id, actor, lock=False)
    demand(may_handle(case.facts, actor))
    if new.kind not in KINDS:
        raise Rejected("link.kind", f"Expected one of {', '.join(KINDS)}, got {new.kind!r}")
    reason = new.reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise Rejected("link.reason", f"Say in 1 to {MAX_REASON} characters why they are linked")
    other = _by_number(tx, new.number, actor)
    if other.id == case.id:
        raise Rejected("link.itself", "A case is not linked to itself")
    if _between(tx, case.id, other.id) is not None:
        raise _exists(case.number, other.number)
    link_id = uuid4()
    row = {
        "id": link_id,
        "office_id": case.office_id,
        "case_id": case.id,
        "other_id": other.id,
        "kind": new.kind,
        "ciphertext": case.key.seal("case_links", reason.encode()),
        "person_id": actor.person_id,
        "at": now,
    }
    try:
        with tx.begin_nested():
            tx.execute(insert(case_links), row)
    except IntegrityError as taken:
        raise _exists(case.number, other.number) from taken
    _tell(tx, "case.linked", (case, other), {"link": new.kind}, actor, now)
    return link_id


def unlink(tx: Connection, case_id: UUID, link_id: UUID, actor: Actor, now: datetime) -> None:
    """Take a link away, from either side. Raises NotFound, Forbidden."""
    case = case_rows.load(tx, case_id, actor, lock=False)
    demand(may_handle(case.facts, actor))
    row = tx.execute(
        select(case_links).where(
            case_links.c.id == link_id,
            or_(case_links.c.case_id == case_id, case_links.c.other_id == case_id),
        )
    ).first()
    if row is None:
        raise NotFound("link.not_found", "The link is not there any more")
    other_id = row.other_id if row.case_id == case_id else row.case_id
    other = case_rows.load(tx, other_id, actor, lock=False)
    tx.execute(delete(case_links).where(case_links.c.id == link_id))
    _tell(tx, "case.unlinked", (case, other), {}, actor, now)


def relations_of(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> Relations:
    """Every case it has to do with, as far as the actor's office sees them; who reads is checked.

    A case that two of these name is told once: linked by people before found by number.
    """
    parent_id = tx.execute(select(cases.c.parent_case_id).where(cases.c.id == case_id)).scalar_one()
    linked = tuple(
        row for row in case_list.linked(tx, case_id, parent_id, actor, now) if _is_seen(row, actor)
    )
    links = tuple(links_of(tx, case_id, actor, now))
    known = {row.case_id for row in linked} | {each.row.case_id for each in links}
    same = of_same_person(tx, case_id, actor, now)
    return Relations(
        parent_id, linked, links, tuple(row for row in same if row.case_id not in known)
    )


def links_of(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> list[Link]:
    """The links of a case, oldest first, to cases the actor's office has to do with."""
    rows = tx.execute(
        select(case_links, persons.c.display_name)
        .outerjoin(persons, persons.c.id == case_links.c.person_id)
        .where(or_(case_links.c.case_id == case_id, case_links.c.other_id == case_id))
        .order_by(case_links.c.at, case_links.c.id)
    ).all()
    if not rows:
        return []
    ends = {row.id: row.other_id if row.case_id == case_id else row.case_id for row in rows}
    known = {row.case_id: row for row in case_list.several(tx, list(ends.values()), actor, now)}
    return [
        _link(tx, row, known[ends[row.id]], is_ours=row.case_id == case_id)
        for row in rows
        if ends[row.id] in known and _is_seen(known[ends[row.id]], actor)
    ]


def of_same_person(
    tx: Connection, case_id: UUID, actor: Actor, now: datetime
) -> tuple[CaseRow, ...]:
    """Other cases of the office with the same ID number, newest first, the newest ten."""
    mine = select(cases.c.subject_hash).where(cases.c.id == case_id).scalar_subquery()
    ids = tx.scalars(
        select(cases.c.id)
        .where(
            cases.c.office_id == actor.office_id,
            cases.c.subject_hash == mine,
            cases.c.id != case_id,
            seen_by(actor),
        )
        .order_by(cases.c.id.desc())
        .limit(MOST_SAME_PERSON)
    ).all()
    return tuple(reversed(case_list.several(tx, ids, actor, now)))


def _link(tx: Connection, row: Any, other: CaseRow, *, is_ours: bool) -> Link:
    reason = keys.open_sealed(tx, row.case_id, "case_links", row.ciphertext).decode()
    return Link(row.id, row.kind, reason, row.display_name or "", row.at, is_ours, other)


def _is_seen(row: CaseRow, actor: Actor) -> bool:
    return actor.is_system or row.office_id == actor.office_id


def _by_number(tx: Connection, number: str, actor: Actor) -> case_rows.Case:
    found = tx.scalar(select(cases.c.id).where(cases.c.number == number.strip().upper()))
    if found is None:
        raise NotFound("link.no_case", "There is no case of this number in your office")
    try:
        return case_rows.load(tx, found, actor, lock=False)
    except NotFound as unseen:
        raise NotFound("link.no_case", "There is no case of this number in your office") from unseen


def _between(tx: Connection, one: UUID, other: UUID) -> UUID | None:
    found: UUID | None = tx.scalar(
        select(case_links.c.id).where(
            or_(
                (case_links.c.case_id == one) & (case_links.c.other_id == other),
                (case_links.c.case_id == other) & (case_links.c.other_id == one),
            )
        )
    )
    return found


def _exists(number: str, other: str) -> Conflict:
    return Conflict("link.exists", f"Cases {number} and {other} are linked already")


def _tell(
    tx: Connection,
    action: str,
    both: tuple[case_rows.Case, case_rows.Case],
    detail: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    """Both histories say it, each naming the other case, unless that is confidential and its own
    is not: then whoever reads it would learn of the other."""
    append(
        tx,
        *(
            Entry(
                action,
                actor,
                now,
                case_id=case.id,
                detail={**detail, "other": other.number},
                office_id=case.office_id,
            )
            for case, other in (both, both[::-1])
            if case.confidential or not other.confidential
        ),
    )
