"""People: colleagues to give work to; and for who administers them, their groups and accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from engine import grants, people, staff_list
from engine.actors import SUPERVISORS
from engine.clock import legal_day
from engine.permissions import HANDLERS
from engine.staff_list import READERS, StaffFilter, StaffRow
from store.tables import memberships, persons
from web.calendar_months import day_text
from web.pages import page
from web.policies import Policy, policy
from web.visits import actor, context, reading

blueprint = Blueprint("people", __name__)
STAFF = Policy(READERS)
ADMINISTRATION = Policy(frozenset({"operator"}))
ABSENCES = Policy(frozenset({"operator"}) | SUPERVISORS)
PAGE_ROWS = 50
PRINTED = 200


@blueprint.get("/operations/people")
@policy(STAFF)
def show() -> ResponseReturnValue:
    """The people of the office, those who have left apart; what waits for a second person."""
    wanted = StaffFilter(request.args.get("q", "").strip()[:80], "left" in request.args)
    moment = wall()
    with reading() as tx:
        found = staff_list.staff(tx, actor(), wanted, request.args.get("cursor"), PAGE_ROWS, moment)
        return page(
            tx,
            "people.html",
            rows=found.rows,
            next_cursor=found.next_cursor,
            wanted=wanted,
            waiting=grants.waiting(tx, actor().office_id),
            day_text=day_text,
            may_change=ADMINISTRATION.admits(actor()),
        )


@blueprint.get("/operations/people/review")
@policy(STAFF)
def review() -> ResponseReturnValue:
    """The quarterly review of accounts, to be printed and signed."""
    moment = wall()
    with reading() as tx:
        rows: list[StaffRow] = []
        cursor = None
        while True:
            found = staff_list.staff(tx, actor(), StaffFilter(), cursor, PRINTED, moment)
            rows.extend(found.rows)
            cursor = found.next_cursor
            if cursor is None:
                break
        return page(tx, "account_review.html", rows=rows, made_at=moment, legal_day=legal_day)


@blueprint.get("/operations/people/<uuid:person_id>")
@policy(STAFF)
def one(person_id: UUID) -> ResponseReturnValue:
    return person_page(person_id)


def person_page(
    person_id: UUID,
    told: str = "",
    at: str = "",
    entered: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The page of one person; `told` is a refusal, shown at the deed `at` with what was typed."""
    with reading() as tx:
        row = staff_list.person(tx, person_id, actor(), wall())
        return page(
            tx,
            "person.html",
            status=status,
            person=row,
            story=staff_list.story(tx, row, actor()),
            waiting=grants.waiting(tx, actor().office_id, person_id),
            groups=sorted(people.GROUPS - set(row.groups)),
            guarded=people.GUARDED,
            deputies=[
                each for each in people.of_office(tx, actor().office_id) if each.id != row.id
            ],
            may_change=ADMINISTRATION.admits(actor()),
            may_absence=ABSENCES.admits(actor()),
            told=told,
            refused_at=at,
            entered=entered or {},
        )


def wall() -> datetime:
    """The time people sit in front of the screen: sign-ins and passwords live by it."""
    return context().wall_clock.now()


# --- colleagues ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Colleague:
    id: UUID
    name: str
    groups: tuple[str, ...]


def colleagues(tx: Connection, office_id: str) -> list[Colleague]:
    """Everybody of the office who works on cases, by name."""
    rows = tx.execute(
        select(persons.c.id, persons.c.display_name, memberships.c.group_name)
        .join(memberships, memberships.c.person_id == persons.c.id)
        .where(memberships.c.office_id == office_id, memberships.c.group_name.in_(HANDLERS))
        .order_by(persons.c.display_name, memberships.c.group_name)
    ).all()
    found: dict[UUID, Colleague] = {}
    for person_id, name, group in rows:
        known = found.get(person_id)
        groups = (*known.groups, group) if known else (group,)
        found[person_id] = Colleague(person_id, name, groups)
    return list(found.values())
