"""What a filing follows from, beside the citizen who stands there: a paper that was taken in while
the national system was down (A2), or an appointment whose person has come (P51).

The form carries the open task of it; filing the case completes that task in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import flash, request, url_for
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from engine import cases
from sla import bookings, reentries
from sla.booking_rules import PACKAGE
from web.visits import actor, say

REENTRY, BOOKING = "reentry", "booking"
"""The fields that name the task: of the paper that the form enters, of the appointment."""


@dataclass(frozen=True, slots=True)
class Ties:
    """The tasks that the form says it follows from; None: it does not."""

    reentry: UUID | None = None
    booking: UUID | None = None

    def filed(self, tx: Connection, command: cases.FileCase, at: datetime) -> cases.Filed:
        """File the case, and end what it follows from."""
        if self.reentry is not None:
            filed, paper = reentries.enter(tx, self.reentry, command, actor(), at)
            flash(say("filing.reentered", number=paper.number), "done")
            return filed
        if self.booking is not None:
            filed, booked = bookings.start(tx, self.booking, command, actor(), at)
            flash(say("bookings.started", number=booked.number), "done")
            return filed
        return cases.file(tx, command, actor(), at)

    def paper(self, tx: Connection, package_id: str) -> reentries.Paper | None:
        if self.reentry is None:
            return None
        return reentries.find(tx, self.reentry, package_id, actor())

    def booked(self, tx: Connection, package_id: str) -> bookings.Booked | None:
        if self.booking is None:
            return None
        return bookings.find(tx, self.booking, package_id, actor())


def own_page(package_id: str) -> str | None:
    """Where a matter is begun that has a page of its own: of an appointment one chooses a turn."""
    return url_for("web.bookings.new") if package_id == PACKAGE else None


def ties_of(typed: MultiDict[str, str] | None) -> Ties:
    """What the form that is sent, its draft or its address names."""

    def named(field: str) -> UUID | None:
        told = (typed.get(field) if typed else None) or request.values.get(field)
        try:
            return UUID(told) if told else None
        except ValueError:
            return None

    return Ties(named(REENTRY), named(BOOKING))
