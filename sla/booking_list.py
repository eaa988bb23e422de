"""Appointments as they are read: a day at the counter, one of them, and what anybody may know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, func, select

from engine import cases as engine_cases
from engine import citizen_status, deployments, procedures, status_codes
from engine.actors import Actor, system
from engine.clock import legal_day
from engine.deployments import Loaded
from engine.errors import NotFound
from engine.public_words import Text
from sla import booking_places
from sla.booking_rules import Window, book_of
from sla.bookings import START
from store.tables import bookings as places
from store.tables import cases, user_tasks

ANSWER = "answer_booking"
AHEAD = timedelta(days=31)
"""How far the public page looks."""
BY_THEMSELVES = "由預約人自行取消"
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Row:
    """One appointment in a list; the name is masked. `task_id` is the open task of it: to answer
    it (`to_answer`), or to start its case."""

    case_id: UUID
    number: str
    service: str
    day: date
    at: str
    window: str
    status: str
    channel: str
    subject_label: str
    missed: int  # how often this person did not come, in all
    started_number: str | None
    task_id: UUID | None
    to_answer: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the appointments of the last thirty days."""

    booked: int
    came: int
    missed: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Bookable:
    """A matter that can be booked; `windows` within the next 31 days, each once."""

    service: str
    title: Text
    what: Text
    windows: tuple[Window, ...]


def services(tx: Connection, office_id: str, now: datetime) -> list[tuple[Loaded, str]]:
    """What can be booked at an office, each with its group, by id."""
    book = book_of(tx, office_id, now)
    if book is None:
        return []
    found = ((each, book.group_of(each.package.id)) for each in procedures.offered(tx, office_id))
    return sorted(
        ((each, group) for each, group in found if group is not None),
        key=lambda one: one[0].package.id,
    )


def bookable(tx: Connection, office_id: str, now: datetime) -> Iterator[Bookable]:
    """What the public may know of `services`: when they are open in the next 31 days."""
    book = book_of(tx, office_id, now)
    if book is None:
        return
    by_group: dict[str, tuple[Window, ...]] = {}
    for loaded, group in services(tx, office_id, now):
        if group not in by_group:
            slots = book.slots(group, legal_day(now), legal_day(now) + AHEAD)
            by_group[group] = tuple({slot.window.id: slot.window for slot in slots}.values())
        package = loaded.package
        what = package.public.what if package.public else package.summary
        yield Bookable(package.id, package.title, what, by_group[group])


def of_day(tx: Connection, day: date, actor: Actor) -> list[Row]:
    """The appointments of a day in the actor's office, by time; cancelled ones last."""
    rows = tx.execute(_rows(actor.office_id).where(places.c.day == day)).all()
    found = [_row(tx, row) for row in rows]
    return sorted(found, key=lambda row: (row.status == "cancelled", row.at, row.number))


def to_answer(tx: Connection, actor: Actor) -> list[Row]:
    """Online bookings of the actor's office that nobody has answered, the oldest first."""
    rows = tx.execute(
        _rows(actor.office_id)
        .where(user_tasks.c.element_id == ANSWER)
        .order_by(places.c.booked_at)
        .limit(50)
    )
    return [_row(tx, row) for row in rows]


def one(tx: Connection, case_id: UUID, actor: Actor) -> Row:
    """One appointment of the actor's office. Raises NotFound."""
    row = tx.execute(_rows(actor.office_id).where(places.c.case_id == case_id)).first()
    if row is None:
        raise NotFound("booking.not_found", "There is no such appointment in your office")
    return _row(tx, row)


def figures(tx: Connection, office_id: str, today: date) -> Figures:
    """What became of the appointments of the thirty days before today."""
    rows = tx.execute(
        select(places.c.status, func.count())
        .where(
            places.c.office_id == office_id,
            places.c.day.between(today - MONTH, today - timedelta(days=1)),
        )
        .group_by(places.c.status)
    )
    counted: dict[str, int] = {status: int(count) for status, count in rows}
    came = sum(counted.get(status, 0) for status in ("arrived", "started", "served"))
    return Figures(
        booked=sum(counted.values()),
        came=came,
        missed=counted.get("no_show", 0),
        cancelled=counted.get("cancelled", 0),
    )


# --- for whoever booked -------------------------------------------------------------------------


def by_code(tx: Connection, code: str, proof: str) -> Row | None:
    """The appointment of a receipt's code and its proof, as `citizen_status.standing` judges them;
    None for everything else."""
    if citizen_status.standing(tx, code, proof) is None:
        return None
    case_id = status_codes.find(tx, code)
    office_id = tx.scalar(select(places.c.office_id).where(places.c.case_id == case_id))
    if case_id is None or office_id is None:
        return None
    return one(tx, case_id, system(str(office_id)))


def cancel_by_code(tx: Connection, code: str, proof: str, now: datetime) -> bool:
    """Take one's own appointment back. False where code or proof is wrong, or it has ended."""
    row = by_code(tx, code, proof)
    if row is None or row.status != "booked":
        return False
    office_id = tx.scalar(select(cases.c.office_id).where(cases.c.id == row.case_id))
    engine_cases.withdraw(tx, row.case_id, BY_THEMSELVES, system(str(office_id)), now)
    return True


def title_of(tx: Connection, office_id: str, service: str) -> Text:
    """What the office calls a matter; its id where it has no such process any more."""
    try:
        return deployments.active(tx, office_id, service).package.title
    except NotFound:
        return Text(service, service)


def _rows(office_id: str) -> Select[Any]:
    waiting = user_tasks.c.status.in_(("unclaimed", "claimed"))
    named = user_tasks.c.element_id.in_((ANSWER, START))
    return (
        select(places, cases.c.number, cases.c.subject_label)
        .add_columns(user_tasks.c.id.label("task_id"), user_tasks.c.element_id)
        .join(cases, cases.c.id == places.c.case_id)
        .outerjoin(user_tasks, (user_tasks.c.case_id == cases.c.id) & waiting & named)
        .where(places.c.office_id == office_id)
    )


def _row(tx: Connection, row: Any) -> Row:
    return Row(
        case_id=row.case_id,
        number=row.number,
        service=row.service,
        day=row.day,
        at=row.at,
        window=row.window,
        status=row.status,
        channel=row.channel,
        subject_label=row.subject_label,
        missed=booking_places.no_shows(tx, row.office_id, row.person_hash),
        started_number=row.started_number,
        task_id=row.task_id,
        to_answer=row.element_id == ANSWER,
    )
