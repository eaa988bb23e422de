"""What can be booked, for everybody: which matters, when, the next free turns, what to bring."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Blueprint, Response
from sqlalchemy import Connection

from engine import office_contacts
from engine.clock import legal_day
from sla import booking_list, bookings
from web.pages import bare_page
from web.policies import PUBLIC, policy
from web.procedures import for_all, offices_of, words_for_all
from web.visits import now, reading

blueprint = Blueprint("appointments", __name__)
AHEAD = timedelta(days=10)
MOST_TURNS = 5


@blueprint.get("/appointments")
@policy(PUBLIC)
@for_all
def show() -> Response:
    """The matters of an office (`?office=`) that can be booked; nothing personal."""
    with reading() as tx:
        offices, office = offices_of(tx)
        found = list(booking_list.bookable(tx, office.id, now())) if office else []
        shown = [(each, _soon(tx, office.id, each.service, now())) for each in found if office]
        contact = office_contacts.of_office(tx, office.id) if office else None
    return bare_page(
        "appointments.html",
        offices=offices,
        office=office,
        bookable=shown,
        contact=contact,
        **words_for_all(),
    )


def _soon(tx: Connection, office_id: str, service: str, at: datetime) -> list[bookings.Free]:
    """The first turn with a place left on each of the next days."""
    today = legal_day(at)
    free = bookings.free(tx, office_id, service, today, today + AHEAD, at)
    by_day: dict[date, bookings.Free] = {}
    for each in free:
        if each.left:
            by_day.setdefault(each.slot.day, each)
    return list(by_day.values())[:MOST_TURNS]
