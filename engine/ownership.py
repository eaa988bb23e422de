"""Who answers for a case from its receipt to its end (一處收件、全程服務).

The owner of a case took it in; who has a task of it is another question. It is handed over with
the reason, and the former owner stays in the history. Whoever stands in for an owner on leave acts
as the owner does; the case is not theirs by that.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from engine import absences, assignees, case_service, person_notices
from engine.actors import OFFICE_KEEPERS, SUPERVISORS, Actor, system
from engine.case_rows import Case, load
from engine.clock import legal_day
from engine.confidence import may_be_told
from engine.errors import Conflict, Forbidden, Rejected
from engine.history import Entry, append
from engine.ids import derived
from engine.permissions import HANDLERS, Refusal, demand, may_handle
from store.tables import case_service as rows
from store.tables import cases, office_settings, persons

TOLD = "case.given"
MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class Standing:
    """How the actor stands to a case's owner. `deputy` stands in for an owner who is away;
    `is_wanted`: the office wants one for this process."""

    owner_id: UUID | None
    owner: str | None
    deputy: str | None
    is_wanted: bool
    why_not: Refusal | None  # of handing it over; None for yes


def seen(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> Standing:
    """As `standing`, for a page. Raises NotFound."""
    return standing(tx, load(tx, case_id, actor, lock=False), actor, now)


def standing(tx: Connection, case: Case, actor: Actor, now: datetime) -> Standing:
    """Who answers for a case today, and whether the actor may hand it over."""
    served = case_service.of_case(tx, case.id)
    owner_id = served.owner_id
    deputy = None if owner_id is None else absences.substitute_of(tx, owner_id, legal_day(now))
    return Standing(
        owner_id,
        served.owner,
        None if deputy is None else _name(tx, deputy),
        case.package_id in case_service.owned_packages(tx, case.office_id),
        may_handle(case.facts, actor) or _may_give(actor, owner_id, deputy),
    )


def _may_give(actor: Actor, owner_id: UUID | None, deputy: UUID | None) -> Refusal | None:
    """Its owner, who stands in for them, or a supervisor; what is nobody's anybody takes."""
    if owner_id is None or actor.person_id in (owner_id, deputy) or actor.groups & SUPERVISORS:
        return None
    return Refusal("case.not_owner", "Its owner, their deputy or a supervisor hands a case over")


def hand_over(
    tx: Connection, case_id: UUID, person_id: UUID, reason: str, actor: Actor, now: datetime
) -> None:
    """Make somebody of the office answer for the case from now on, and tell them.

    Raises NotFound, Forbidden, Conflict for a case that does not go on or is theirs already,
    Rejected without a reason where it was somebody's, or for who works on no cases, or may not know
    of a confidential one.
    """
    case = load(tx, case_id, actor)
    case.demand_active()
    now_is = standing(tx, case, actor, now)
    demand(now_is.why_not)
    person = assignees.assignee(tx, person_id, case.office_id)
    if now_is.owner_id == person_id:
        raise Conflict("case.owner_same", f"{person.name} answers for case {case.number} already")
    if not person.groups & HANDLERS or not may_be_told(tx, case.id, [person_id]):
        raise Rejected("case.owner_person", "Expected somebody of the office who works on cases")
    if now_is.owner_id is None and person_id != actor.person_id and not actor.groups & SUPERVISORS:
        raise Forbidden("case.not_owner", "A supervisor gives what is nobody's to somebody")
    text = reason.strip()
    if len(text) > MAX_REASON or (now_is.owner_id is not None and not text):
        raise Rejected(
            "case.owner_reason", f"Say in at most {MAX_REASON} characters why it is handed over"
        )
    case_service.set_owner(tx, case, person_id, now)
    action = "case.owner_named" if now_is.owner_id is None else "case.owner_changed"
    detail = {"former": now_is.owner, "owner": person.name, "reason": text}
    append(tx, _entry(case.id, case.office_id, action, actor, now, **detail))
    if person_id != actor.person_id:
        known = derived(case.id, f"owner/{person_id}/{now.isoformat()}")
        news = person_notices.News(TOLD, case.office_id, case.id, known, {"by": actor.name})
        person_notices.tell(tx, news, [person_id], now)


def take(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> None:
    """Make the actor answer for a case that is nobody's, where the office wants one who does."""
    case = load(tx, case_id, actor)
    is_wanted = case.package_id in case_service.owned_packages(tx, case.office_id)
    served = case_service.of_case(tx, case_id)
    if actor.person_id is None or served.owner_id is not None or not is_wanted:
        return
    case_service.set_owner(tx, case, actor.person_id, now)
    named = _entry(case_id, case.office_id, "case.owner_named", actor, now, owner=actor.name)
    append(tx, named)


def present_owner(tx: Connection, case_id: UUID, now: datetime) -> UUID | None:
    """Who answers for a case, unless they are away today."""
    owner_id = case_service.answers_of(tx, case_id).owner_id
    is_away = owner_id is not None and absences.is_away(tx, owner_id, legal_day(now))
    return None if is_away else owner_id


def answers_as(tx: Connection, actor: Actor, now: datetime) -> tuple[UUID, ...]:
    """Whose cases are the actor's today: their own, and those of whom they stand in for."""
    if actor.person_id is None:
        return ()
    return actor.person_id, *absences.stands_in_for(tx, actor.person_id, legal_day(now))


def give_back(tx: Connection, person_id: UUID, now: datetime) -> int:
    """Nobody answers for the open cases of who has left; the history says so. How many."""
    found = tx.execute(
        select(rows.c.case_id, rows.c.office_id, persons.c.display_name)
        .join(cases, cases.c.id == rows.c.case_id)
        .join(persons, persons.c.id == rows.c.owner_id)
        .where(rows.c.owner_id == person_id, cases.c.status.in_(("active", "suspended")))
    ).all()
    for row in found:
        mine = (rows.c.case_id == row.case_id, rows.c.owner_id == person_id)
        tx.execute(update(rows).where(*mine).values(owner_id=None, owned_since=None))
        by_system = system(row.office_id)
        detail = {"former": row.display_name}
        append(tx, _entry(row.case_id, row.office_id, "case.owner_left", by_system, now, **detail))
    return len(found)


# --- which cases --------------------------------------------------------------------------------


def want(
    tx: Connection, packages: Collection[str], known: Collection[str], actor: Actor, now: datetime
) -> None:
    """Say for which processes of the office's `known` ones a case has an owner.

    It counts for what is filed from now on. Raises Forbidden unless a supervisor or an operator,
    Rejected for a process that is none.
    """
    if not actor.groups & (OFFICE_KEEPERS | SUPERVISORS):
        raise Forbidden("desk.not_yours", "Only supervisors and operators change desks")
    unknown = sorted(set(packages) - set(known))
    if unknown:
        raise Rejected("desk.criterion", f"{unknown[0]!r} is no process", value=unknown[0])
    chosen, before = sorted(set(packages)), case_service.owned_packages(tx, actor.office_id)
    here = (
        office_settings.c.office_id == actor.office_id,
        office_settings.c.name == case_service.OWNED,
    )
    tx.execute(delete(office_settings).where(*here))
    values = {"office_id": actor.office_id, "name": case_service.OWNED, "value": chosen}
    made = {"source": "", "changed_by": actor.person_id, "changed_at": now}
    tx.execute(insert(office_settings).values(**values, **made))
    detail = {"before": _listed(sorted(before)), "after": _listed(chosen)}
    append(tx, Entry("office.owned_changed", actor, now, detail=detail))


def _listed(packages: Sequence[str]) -> str:
    return ", ".join(packages) or "—"


def _name(tx: Connection, person_id: UUID) -> str | None:
    name: str | None = tx.scalar(select(persons.c.display_name).where(persons.c.id == person_id))
    return name


def _entry(
    case_id: UUID, office_id: str, action: str, actor: Actor, now: datetime, **detail: object
) -> Entry:
    return Entry(action, actor, now, case_id=case_id, detail=detail, office_id=office_id)
