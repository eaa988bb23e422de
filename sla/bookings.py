"""Appointments: book a place, move it, cancel it, note who comes, and start what they came for.

The course of an appointment is process P51; these verbs file its case and tell it what happens.
Its places lie in `sla.booking_places`, its rules in `sla.booking_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import case_service, messages, ownership, task_view, user_tasks
from engine import cases as engine_cases
from engine.actors import Actor
from engine.case_rows import load
from engine.clock import legal_day
from engine.errors import Conflict, EngineError, NotFound, Rejected
from engine.filing import FileCase, Filed
from engine.permissions import demand, may_handle
from sla import booking_places
from sla.booking_places import Wanted, person_hash
from sla.booking_rules import PACKAGE, Slot, book_of
from store.tables import bookings
from store.tables import user_tasks as tasks

ARRIVED, MOVED = "booking_arrived", "booking_moved"
START = "start_booked_case"
"""The task of P51 that waits for the case somebody came for."""
FILED, WITHOUT_CASE = "filed", "without_case"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody books. `data` is personal data as the start form has it: `applicant` with
    `name` and `id_number`, `contact` with `phone` and `email`; `contact` how they are told;
    `served` in which language, for which needs, at which branch."""

    service: str
    day: date
    at: str
    contact: str
    data: Mapping[str, Any] = field(default_factory=dict)
    served: case_service.Wish = case_service.NO_WISH


@dataclass(frozen=True, slots=True)
class Free:
    """A turn with the places left."""

    slot: Slot
    left: int


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment whose person has come, and whose case waits to be started."""

    task_id: UUID
    case_id: UUID
    number: str
    service: str
    contact: str | None
    data: Mapping[str, Any]


def free(
    tx: Connection, office_id: str, service: str, first: date, last: date, now: datetime
) -> list[Free]:
    """The turns open to a matter from `first` to `last`, by day and time, full ones included.

    Raises Rejected (`booking.service`) for a matter that cannot be booked at the office.
    """
    book = book_of(tx, office_id, now)
    group = None if book is None else book.group_of(service)
    if book is None or group is None:
        raise _refused(booking_places.NOT_BOOKABLE, service=service)
    held = booking_places.taken(tx, office_id, first, last)
    return [
        Free(slot, max(slot.window.places - held.get((slot.day, slot.at, slot.window.id), 0), 0))
        for slot in book.slots(group, first, last)
    ]


def book(tx: Connection, wish: Wish, channel: str, actor: Actor, now: datetime) -> Filed:
    """Book a place: a case of P51 in the actor's office, which has it or is not filed at all.

    Raises Rejected (`booking.service`, `booking.closed`, `booking.blocked`, `form.errors`),
    Conflict (`booking.full`: somebody has taken the last place), Forbidden, NotFound.
    """
    wanted = Wanted(wish.service, wish.day, wish.at, channel, person_hash(wish.data))
    _demand_open(tx, actor.office_id, wanted, now)
    values = {
        "service": wish.service,
        "booking_on": wish.day.isoformat(),
        "booking_at": wish.at,
        "contact": wish.contact,
    }
    served = replace(wish.served, package_id=wish.service)
    command = FileCase(PACKAGE, channel, values=values, data=wish.data, wish=served)
    filed = engine_cases.file(tx, command, actor, now)
    if tx.scalar(select(bookings.c.case_id).where(bookings.c.case_id == filed.id)) is None:
        raise _refused(booking_places.FULL)
    return filed


def move(tx: Connection, case_id: UUID, to: tuple[date, str], actor: Actor, now: datetime) -> None:
    """Move an appointment to another day and time. Refusals as `book`; nothing is moved then.

    Raises also Conflict (`booking.ended`) for one that people came to, or that has ended.
    """
    day, at = to
    row = _open(tx, case_id, actor)
    wanted = Wanted(row.service, day, at, row.channel, None)
    _demand_open(tx, row.office_id, wanted, now)
    told = {"new_on": day.isoformat(), "new_at": at}
    messages.send_to_case(tx, case_id, MOVED, told, actor, now)
    if (held := _row(tx, case_id)) is None or (held.day, held.at) != (day, at):
        raise _refused(booking_places.FULL)


def cancel(tx: Connection, case_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Take an appointment back: its case is withdrawn, its place is free, its person is told.

    Raises Rejected (`case.reason`), Conflict (`booking.ended`), Forbidden, NotFound.
    """
    _open(tx, case_id, actor)
    engine_cases.withdraw(tx, case_id, reason, actor, now)


def arrive(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> UUID:
    """The person has come: the task to start their case, which the actor then has.

    Raises Rejected (`booking.other_day`), Conflict (`booking.ended`; `message.not_awaited` where
    the booking still has to be answered), Forbidden, NotFound.
    """
    row = _open(tx, case_id, actor)
    if row.day != legal_day(now):
        raise Rejected(
            "booking.other_day",
            f"The appointment is on {row.day}; move it to today, or serve them without it",
            day=row.day,
        )
    messages.send_to_case(tx, case_id, ARRIVED, {}, actor, now)
    task_id = start_task(tx, case_id)
    if task_id is None:
        raise Conflict("booking.ended", "The appointment has gone on meanwhile; look at its case")
    user_tasks.claim(tx, task_id, actor, now)
    ownership.take(tx, case_id, actor, now)
    return task_id


def start_task(tx: Connection, case_id: UUID) -> UUID | None:
    """The open task that starts the case, once the person has come."""
    found: UUID | None = tx.scalar(
        select(tasks.c.id).where(
            tasks.c.case_id == case_id,
            tasks.c.element_id == START,
            tasks.c.status.in_(("unclaimed", "claimed")),
        )
    )
    return found


def find(tx: Connection, task_id: UUID, package_id: str, actor: Actor) -> Booked:
    """The appointment that an open task of the actor is about, to be started as this matter.

    Raises NotFound, Forbidden, Conflict (`booking.not_yours`) where it is no such task, or somebody
    else's, or done, Rejected (`booking.other_matter`) for another matter than the one booked.
    """
    task = task_view.task_view(tx, task_id, actor)
    is_of = (task.process_id, task.element_id) == (PACKAGE, START)
    if not is_of or task.may_complete is not None:
        raise Conflict(
            "booking.not_yours",
            "Expected an open task of yours that starts a booked case; claim it, or choose another",
        )
    row = _row(tx, task.case_id)
    if row is None or row.service != package_id:
        booked = "" if row is None else row.service
        raise Rejected(
            "booking.other_matter", f"Expected the matter that was booked, {booked}", service=booked
        )
    case = load(tx, task.case_id, actor, lock=False)
    contact = task.context.get("contact")
    return Booked(task_id, case.id, case.number, row.service, contact, case.data)


def start(
    tx: Connection, task_id: UUID, command: FileCase, actor: Actor, now: datetime
) -> tuple[Filed, Booked]:
    """File what the person came for, as a case that follows from the appointment, and end it. Who
    answered for the appointment answers for the case, unless they are away.

    Raises what `find` and `engine.cases.file` raise.
    """
    booked = find(tx, task_id, command.package_id, actor)
    owner_id = ownership.present_owner(tx, booked.case_id, now)
    wish = replace(command.wish, owner_id=owner_id)
    command = replace(command, parent_case_id=booked.case_id, wish=wish)
    filed = engine_cases.file(tx, command, actor, now)
    done = user_tasks.Completion({"case_number": filed.number}, {}, FILED)
    user_tasks.complete(tx, task_id, done, actor, now)
    return filed, booked


def _open(tx: Connection, case_id: UUID, actor: Actor) -> Any:
    """The place of an appointment that goes on, for somebody who may handle it."""
    case = load(tx, case_id, actor)
    demand(may_handle(case.facts, actor))
    row = _row(tx, case_id)
    if row is None:
        raise NotFound("booking.not_found", "There is no such appointment in your office")
    if row.status != "booked":
        raise Conflict(
            "booking.ended",
            f"Expected appointment {case.number} to be open, but it is {row.status}",
            status=row.status,
        )
    return row


def _row(tx: Connection, case_id: UUID) -> Any:
    return tx.execute(select(bookings).where(bookings.c.case_id == case_id)).first()


def _demand_open(tx: Connection, office_id: str, wanted: Wanted, now: datetime) -> None:
    book = book_of(tx, office_id, now)
    if book is None:
        raise _refused(booking_places.NOT_BOOKABLE, service=wanted.service)
    slot = booking_places.refusal(tx, office_id, book, wanted)
    if isinstance(slot, str):
        raise _refused(slot, service=wanted.service)
    held = booking_places.taken(tx, office_id, slot.day, slot.day)
    if held.get((slot.day, slot.at, slot.window.id), 0) >= slot.window.places:
        raise _refused(booking_places.FULL)


def _refused(why: str, **facts: Any) -> EngineError:
    match why:
        case booking_places.NOT_BOOKABLE:
            return Rejected(
                "booking.service", "This matter cannot be booked here; choose another", **facts
            )
        case booking_places.NOT_OPEN:
            return Rejected("booking.closed", "No turn is open then; choose one of those shown")
        case booking_places.BLOCKED:
            return Rejected(
                "booking.blocked", "Too many appointments were missed; please call the office"
            )
        case _:
            return Conflict(
                "booking.full", "The last place of that time has just been taken; choose another"
            )
