"""The places of appointments: who has which, and the operations by which P51 takes and frees them.

A place is a row with a seat of its own number; two who take the last one at once meet at a unique
key, so exactly one of them has it. A place that is free again keeps its row, without a seat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import case_service, deployments, keys, office_contacts, procedures
from engine.clock import legal_day
from engine.errors import NotFound, Rejected
from engine.identity_numbers import canonical
from engine.operations import Request
from sla.booking_rules import Book, Slot, Terms, book_of
from store.tables import bookings, cases, offices

NOT_BOOKABLE, NOT_OPEN, BLOCKED, FULL = "not_bookable", "not_open", "blocked", "full"
"""Why there is no place."""
LIVE = ("booked", "arrived")
FREED = ("no_show", "cancelled")
ENDS = ("arrived", "started", "served", *FREED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants: `person` is their hash, None where neither number nor phone is known."""

    service: str
    day: date
    at: str
    channel: str
    person: str | None


def person_hash(data: Mapping[str, Any]) -> str | None:
    """Who is counted when nobody comes: by the ID number, else by the phone."""
    applicant, contact = data.get("applicant") or {}, data.get("contact") or {}
    if number := applicant.get("id_number"):
        return keys.keyed_hash("booking", canonical(number))
    digits = "".join(each for each in str(contact.get("phone") or "") if each.isdigit())
    return keys.keyed_hash("booking", digits) if digits else None


def hold(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """The operation `booking.hold`: inputs `service`, `day` (a date), `at` (HH:MM).

    Takes a place for the case, or changes the one it has; then the former is free. At once: `held`,
    `why` there is none (`not_bookable`, `not_open`, `blocked`, `full`), `place` and `papers`, as
    notices have them.
    """
    service, day, at = (request.inputs.get(name) for name in ("service", "day", "at"))
    if not isinstance(day, date) or isinstance(day, datetime):
        raise Rejected("booking.day", f"Expected a date as the input day of {request.element_id}")
    office_id = request.case.office_id
    channel = tx.scalar(select(cases.c.channel).where(cases.c.id == request.case.id))
    wanted = Wanted(str(service), day, str(at), str(channel), person_hash(request.data))
    why = _take(tx, request, wanted, now)
    return {
        "held": why is None,
        "why": why,
        "place": _place(tx, request.case.id, office_id),
        "papers": papers(tx, office_id, wanted.service, now),
    }


def settle(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """The operation `booking.settle`: input `as` (arrived, started, served, no_show, cancelled),
    and of one that was started the case's `number`. At once: `settled`, false where it had ended.
    """
    ending = request.inputs.get("as")
    if ending not in ENDS:
        raise Rejected("booking.ending", f"Expected one of {', '.join(ENDS)}, got {ending!r}")
    values: dict[str, Any] = {"status": ending, "changed_at": now}
    if ending in FREED:
        values["seat"] = None
    if ending == "started":
        values["started_number"] = request.inputs.get("number")
    changed = tx.execute(
        update(bookings)
        .where(bookings.c.case_id == request.case.id, bookings.c.status.in_(LIVE))
        .values(**values)
    )
    return {"settled": changed.rowcount == 1}


def refusal(tx: Connection, office_id: str, book: Book, wanted: Wanted) -> Slot | str:
    """The turn that is wanted, or why it cannot be had; whether it is full is not asked."""
    group = book.group_of(wanted.service)
    if group is None:
        return NOT_BOOKABLE
    slot = book.slot(group, wanted.day, wanted.at)
    if slot is None:
        return NOT_OPEN
    terms = book.terms(wanted.channel)
    until = blocked_until(tx, office_id, wanted.person, terms, legal_day(book.now))
    return slot if until is None else BLOCKED


def blocked_until(
    tx: Connection, office_id: str, person: str | None, terms: Terms, today: date
) -> date | None:
    """Until when somebody who did not come too often cannot book on a channel; None: they can."""
    if terms.no_shows is None or person is None:
        return None
    counted, last = tx.execute(
        select(func.count(), func.max(bookings.c.day)).where(
            bookings.c.office_id == office_id,
            bookings.c.person_hash == person,
            bookings.c.status == "no_show",
            bookings.c.day >= months_on(today, -max(terms.counted_months, terms.blocked_months)),
        )
    ).one()
    if counted < terms.no_shows:
        return None
    until = months_on(last, terms.blocked_months)
    return until if until >= today else None


def no_shows(tx: Connection, office_id: str, person: str | None) -> int:
    """How often somebody did not come, in all."""
    if person is None:
        return 0
    found = tx.scalar(
        select(func.count()).where(
            bookings.c.office_id == office_id,
            bookings.c.person_hash == person,
            bookings.c.status == "no_show",
        )
    )
    return int(found or 0)


def taken(tx: Connection, office_id: str, first: date, last: date) -> dict[tuple[Any, ...], int]:
    """How many places are taken, by (day, at, window)."""
    place = (bookings.c.day, bookings.c.at, bookings.c.window)
    rows = tx.execute(
        select(*place, func.count())
        .where(
            bookings.c.office_id == office_id,
            bookings.c.day.between(first, last),
            bookings.c.seat.is_not(None),
        )
        .group_by(*place)
    )
    return {(day, at, window): int(count) for day, at, window, count in rows}


def months_on(day: date, months: int) -> date:
    """The day `months` later (or earlier), the last of its month where that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _take(tx: Connection, request: Request, wanted: Wanted, now: datetime) -> str | None:
    book = book_of(tx, request.case.office_id, now)
    if book is None:
        return NOT_BOOKABLE
    slot = refusal(tx, request.case.office_id, book, wanted)
    if isinstance(slot, str):
        return slot
    place = {"day": slot.day, "at": slot.at, "window": slot.window.id}
    here = [bookings.c.office_id == request.case.office_id]
    here += [bookings.c[name] == value for name, value in place.items()]
    held = set(tx.scalars(select(bookings.c.seat).where(*here, bookings.c.seat.is_not(None))))
    for seat in range(1, slot.window.places + 1):
        if seat not in held and _seat(tx, request, wanted, {**place, "seat": seat}, now):
            return None
    return FULL


def _seat(
    tx: Connection, request: Request, wanted: Wanted, place: Mapping[str, Any], now: datetime
) -> bool:
    """Sit down, unless somebody was quicker."""
    mine = bookings.c.case_id == request.case.id
    try:
        with tx.begin_nested():
            moved = update(bookings).where(mine, bookings.c.status == "booked")
            if tx.execute(moved.values(**place, changed_at=now)).rowcount == 0:
                row = {
                    "case_id": request.case.id,
                    "office_id": request.case.office_id,
                    "service": wanted.service,
                    **place,
                    "status": "booked",
                    "channel": wanted.channel,
                    "person_hash": wanted.person,
                    "booked_at": now,
                    "changed_at": now,
                }
                tx.execute(insert(bookings), row)
    except IntegrityError:
        return False
    return True


def _place(tx: Connection, case_id: UUID, office_id: str) -> str:
    """Where they are expected: at the branch that was asked for, else at the office."""
    branch = case_service.of_case(tx, case_id).collect
    if branch is not None:
        return f"{branch[0].zh}（{branch[1].address_zh}）"
    name = tx.scalar(select(offices.c.name_zh).where(offices.c.id == office_id))
    address = office_contacts.of_office(tx, office_id).address_zh
    return f"{name}（{address}）" if address else str(name)


def papers(
    tx: Connection, office_id: str, service: str, now: datetime
) -> list[dict[str, str | None]]:
    """What to bring, each paper with whom it concerns, as the office's own version says."""
    try:
        loaded = deployments.active(tx, office_id, service)
    except NotFound:
        return []
    found: list[dict[str, str | None]] = []
    for paper in procedures.procedure(loaded, now).papers:
        zh, en = paper.title.zh, paper.title.en
        if paper.when is not None:
            zh, en = f"{zh}（{paper.when.zh}）", f"{en} ({paper.when.en})"
        found.append({"value": paper.id, "label": zh, "label_en": en, "agency": None})
    return found
