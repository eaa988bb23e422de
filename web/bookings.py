"""Appointments at the counter: the day's list, booking for somebody on the phone, who has come.

Booking is one page that is done by keyboard: the matter, a turn, who comes. The turns are links and
buttons of the server's; without JavaScript it works alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import case_service, user_tasks
from engine.clock import legal_day
from engine.errors import EngineError, Rejected
from engine.minguo import DateError, parse_date
from sla import booking_list, booking_places, bookings
from web import service_wishes
from web.booked_drafts import begun
from web.deeds import settle
from web.errors import sentence, status_of
from web.pages import page, worded
from web.policies import HANDLING, policy
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("bookings", __name__)
DAYS_SHOWN = 7
CHANNELS = ("phone", "counter")
CONTACTS = ("sms", "phone", "email")
FIELDS = ("name", "phone", "id_number", "email")
ONE_DAY = timedelta(days=1)
Days = Sequence[tuple[date, Sequence[bookings.Free]]]


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns one can choose from: by day, and where the earlier and later ones are."""

    first: date
    days: Days
    earlier: date | None
    later: date


# --- the day ------------------------------------------------------------------------------------


@blueprint.get("/bookings")
@policy(HANDLING)
def day() -> ResponseReturnValue:
    """Who is expected on a day (`?day=`, today), and what has become of them."""
    return _day()


@blueprint.post("/bookings/<uuid:case_id>/arrive")
@policy(HANDLING)
def arrive(case_id: UUID) -> ResponseReturnValue:
    """They have come: note it, and open the form of their matter with what is known filled in."""

    def deed(tx: Connection, at: datetime) -> str:
        return begun(tx, bookings.arrive(tx, case_id, actor(), at), at)

    return _done(deed)


@blueprint.post("/bookings/<uuid:case_id>/start")
@policy(HANDLING)
def start(case_id: UUID) -> ResponseReturnValue:
    """Open that form again, for somebody who came and whose case was not started yet."""

    def deed(tx: Connection, at: datetime) -> str:
        return begun(tx, _start_task(tx, case_id), at)

    return _done(deed)


@blueprint.post("/bookings/<uuid:case_id>/without-case")
@policy(HANDLING)
def without_case(case_id: UUID) -> ResponseReturnValue:
    """They came and needed no case."""

    def deed(tx: Connection, at: datetime) -> str:
        done = user_tasks.Completion({"case_number": None}, {}, bookings.WITHOUT_CASE)
        user_tasks.complete(tx, _start_task(tx, case_id), done, actor(), at)
        return _list_address(tx, case_id)

    return _done(deed, "bookings.served")


@blueprint.post("/bookings/<uuid:case_id>/cancel")
@policy(HANDLING)
def cancel(case_id: UUID) -> ResponseReturnValue:
    """Take it back, for a reason; the person is told and the place is free."""

    def deed(tx: Connection, at: datetime) -> str:
        bookings.cancel(tx, case_id, request.form.get("reason", ""), actor(), at)
        return _list_address(tx, case_id)

    return _done(deed, "bookings.cancelled")


def _done(deed: Any, done: str | None = None) -> ResponseReturnValue:
    try:
        return settle(deed, done)
    except EngineError as refused:
        return _day(sentence(refused), status_of(refused))


def _start_task(tx: Connection, case_id: UUID) -> UUID:
    row = booking_list.one(tx, case_id, actor())
    if row.task_id is None or row.to_answer:
        raise Rejected("booking.not_started", "Nobody has come for this appointment yet")
    return row.task_id


def _list_address(tx: Connection, case_id: UUID) -> str:
    row = booking_list.one(tx, case_id, actor())
    return url_for("web.bookings.day", day=row.day.isoformat())


def _day(told: str | None = None, status: int = 200) -> Response:
    today = legal_day(now())
    chosen = _asked_day("day") or today
    with reading() as tx:
        rows = booking_list.of_day(tx, chosen, actor())
        return page(
            tx,
            "bookings.html",
            status=status,
            rows=rows,
            chosen=chosen,
            before=chosen - ONE_DAY,
            after=chosen + ONE_DAY,
            answering=booking_list.to_answer(tx, actor()),
            figures_of=booking_list.figures(tx, actor().office_id, today),
            titles=_titles(tx, {row.service for row in rows}),
            told=told,
        )


# --- booking and moving -------------------------------------------------------------------------


@blueprint.get("/bookings/new")
@policy(HANDLING)
def new() -> ResponseReturnValue:
    """The matter (`?service=`), then its turns from a day on (`?from=`), and who comes."""
    return _new()


@blueprint.post("/bookings/new")
@policy(HANDLING)
def book() -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        on, time = _turn()
        service, contact = request.form.get("service", ""), request.form.get("contact", "")
        served = service_wishes.wished()
        wish = bookings.Wish(service, on, time, contact, _who(), served)
        filed = bookings.book(tx, wish, request.form.get("channel", ""), actor(), at)
        return url_for("web.bookings.booked", case_id=filed.id)

    try:
        return settle(deed)
    except EngineError as refused:
        return _new(refused)


@blueprint.get("/bookings/<uuid:case_id>")
@policy(HANDLING)
def booked(case_id: UUID) -> ResponseReturnValue:
    """One appointment: to be read back to the person, with what to bring; to move or cancel it."""
    return _one(case_id)


@blueprint.post("/bookings/<uuid:case_id>/move")
@policy(HANDLING)
def move(case_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        bookings.move(tx, case_id, _turn(), actor(), at)
        return url_for("web.bookings.booked", case_id=case_id)

    try:
        return settle(deed, "bookings.moved")
    except EngineError as refused:
        return _one(case_id, sentence(refused), status_of(refused))


def _new(refused: EngineError | None = None) -> Response:
    errors = _errors(refused)
    service = request.values.get("service", "")
    with reading() as tx:
        office_id = actor().office_id
        known = [each.package for each, _ in booking_list.services(tx, office_id, now())]
        is_known = service in {package.id for package in known}
        return page(
            tx,
            "booking_new.html",
            status=200 if refused is None else status_of(refused),
            services=known,
            service=service if is_known else "",
            turns=_turns(tx, service) if is_known else None,
            chosen=request.form.get("turn", ""),
            typed={name: request.form.get(name, "") for name in (*FIELDS, "contact", "channel")},
            served=service_wishes.offered(tx, request.form if request.form else None),
            channel_words=[(each, worded(f"channel.{each}", each)) for each in CHANNELS],
            contact_words=[(each, say(f"bookings.contacts.{each}")) for each in CONTACTS],
            errors=errors,
            told=sentence(refused) if refused is not None and not errors else None,
        )


def _one(case_id: UUID, told: str | None = None, status: int = 200) -> Response:
    with reading() as tx:
        row = booking_list.one(tx, case_id, actor())
        is_open = row.status == "booked"
        return page(
            tx,
            "booking.html",
            status=status,
            row=row,
            title=booking_list.title_of(tx, actor().office_id, row.service),
            serving=case_service.of_case(tx, case_id),
            papers=booking_places.papers(tx, actor().office_id, row.service, now()),
            turns=_turns(tx, row.service) if is_open else None,
            chosen=request.form.get("turn", ""),
            told=told,
        )


def _turns(tx: Connection, service: str) -> Turns:
    today = legal_day(now())
    first = max(_asked_day("from") or today, today)
    free = bookings.free(
        tx, actor().office_id, service, first, first + timedelta(days=DAYS_SHOWN - 1), now()
    )
    days = [(on, list(turns)) for on, turns in groupby(free, key=lambda each: each.slot.day)]
    earlier = max(first - timedelta(days=DAYS_SHOWN), today) if first > today else None
    return Turns(first, days, earlier, first + timedelta(days=DAYS_SHOWN))


def _turn() -> tuple[date, str]:
    """The chosen turn, as the page writes it: `2026-03-12 10:30`."""
    day_text, _, at = request.form.get("turn", "").partition(" ")
    try:
        return date.fromisoformat(day_text), at
    except ValueError as wrong:
        raise Rejected("booking.turn", "Choose one of the turns") from wrong


def _who() -> dict[str, Any]:
    typed = {name: request.form.get(name, "").strip() or None for name in FIELDS}
    return {
        "applicant": {"name": typed["name"], "id_number": typed["id_number"]},
        "contact": {"phone": typed["phone"], "email": typed["email"]},
    }


def _errors(refused: EngineError | None) -> dict[str, str]:
    """What is wrong with which field, by its name on the page."""
    found = refused.facts.get("errors", ()) if refused is not None else ()
    return {each.path.rpartition(".")[2]: each.text(lang()) for each in found}


def _asked_day(name: str) -> date | None:
    typed = request.values.get(name, "").strip()
    if not typed:
        return None
    try:
        return parse_date(typed)
    except DateError:
        return None


def _titles(tx: Connection, services: set[str]) -> dict[str, Any]:
    office_id = actor().office_id
    return {each: booking_list.title_of(tx, office_id, each) for each in services}
