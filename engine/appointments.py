"""Appointments of people with an office, as far as cases know of them.

Whatever process agrees on a day reminds of it by the shared part C14, which until then waits for
the message that the appointment was changed. So an appointment to come is such a wait, and moving
it is that message. Places that were booked (P51) are rows of their own, and are moved there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.bpmn.codec import load_state
from engine.bpmn.state import variables
from engine.case_numbers import BY_NUMBER
from engine.errors import Rejected
from engine.operations import Request
from store.tables import bookings, cases, message_waits

CHANGED = "appointment_changed"
"""The message by which a case learns that its appointment is on another day, or on none."""
TOLD = {"matter": "matter", "at": "appointment_at", "place": "place"}


def find_from_diagram(tx: Connection, request: Request, _now: datetime) -> Mapping[str, Any]:
    """The operation `appointment.find`: the office's appointments of the date `day`.

    Gives `{appointments}`, a list of `{number, matter, at, place}` by time; `at` is `HH:MM` of
    Taipei, or None. Of those no place was booked for, only the ones not reminded of yet are known.
    A booked place comes without a `number`, since no message moves it: its `matter` names it.
    Confidential cases are left out: their people move them. Raises Rejected for a `day` that is no
    date.
    """
    day = request.inputs.get("day")
    if not isinstance(day, date) or isinstance(day, datetime):
        raise Rejected(
            "appointment.day",
            f"Expected the input day to be a date; mend the task {request.element_id} in the "
            "diagram",
        )
    office_id = request.case.office_id
    found = [*of_day(tx, office_id, day), *_booked(tx, office_id, day)]
    found.sort(key=lambda one: (one["at"] or "", one["number"] or one["matter"]))
    return {"appointments": found}


def _booked(tx: Connection, office_id: str, day: date) -> list[dict[str, Any]]:
    rows = tx.execute(
        select(cases.c.number, bookings.c.service, bookings.c.at)
        .join(cases, cases.c.id == bookings.c.case_id)
        .where(
            bookings.c.office_id == office_id,
            bookings.c.day == day,
            bookings.c.status == "booked",
        )
    )
    return [
        {"number": None, "matter": f"{row.service} {row.number}", "at": row.at, "place": None}
        for row in rows
    ]


def of_day(tx: Connection, office_id: str, day: date) -> list[dict[str, Any]]:
    """The office's appointments of `day` that no place was booked for, by case number."""
    rows = tx.execute(
        select(cases.c.number, cases.c.state, message_waits.c.key)
        .join(cases, cases.c.id == message_waits.c.case_id)
        .where(
            message_waits.c.office_id == office_id,
            message_waits.c.name == CHANGED,
            message_waits.c.status == "open",
            cases.c.confidential.is_(False),
            cases.c.id.not_in(select(bookings.c.case_id).where(bookings.c.office_id == office_id)),
        )
        .order_by(*BY_NUMBER)
    ).all()
    found = []
    for row in rows:
        known = variables(load_state(row.state), row.key)
        # A form gives a date; a message from outside may have given its text.
        if str(known.get("appointment_on")) == day.isoformat():
            told = {name: known.get(variable) for name, variable in TOLD.items()}
            found.append({"number": row.number, **told})
    return found
