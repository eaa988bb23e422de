"""What is done to people and their accounts: each deed a form of the person's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import (
    absences,
    account_states,
    accounts,
    departures,
    grants,
    passwords,
    people,
    person_entries,
)
from engine.accounts import NewAccount
from engine.errors import EngineError, Rejected
from engine.minguo import DateError, parse_date
from engine.people import NewPerson
from engine.person_entries import PersonEntry
from web.deeds import Result, report, settle
from web.errors import sentence, status_of
from web.pages import page
from web.people import ABSENCES, ADMINISTRATION, STAFF, person_page, wall
from web.policies import policy
from web.visits import actor, reading, say

blueprint = Blueprint("staff", __name__)
PARTS = ("name", "latin_name", "section", "email")
NEW = (*PARTS, "login", "group")
MAX_NAME, MAX_SECTION = 80, 40


@blueprint.get("/operations/people/new")
@policy(ADMINISTRATION)
def new() -> ResponseReturnValue:
    return _new_form()


@blueprint.post("/operations/people/new")
@policy(ADMINISTRATION)
def create() -> ResponseReturnValue:
    """Enter a person with a way to sign in; the password is shown once."""
    entered = {name: request.form.get(name, "").strip() for name in NEW}
    errors = {name: say("form.required") for name in ("name", "login") if not entered[name]}
    for name, most in (("name", MAX_NAME), ("latin_name", MAX_NAME), ("section", MAX_SECTION)):
        if len(entered[name]) > most:
            errors[name] = say("people.too_long", n=most)
    if errors:
        return _new_form(errors, entered, 422)
    made: list[str] = []

    def deed(tx: Connection, at: datetime) -> list[Result]:
        made.clear()
        person_id = people.create_person(
            tx,
            NewPerson(
                actor().office_id,
                entered["name"],
                entered["section"],
                entered["email"] or None,
                entered["latin_name"],
            ),
            actor(),
            wall(),
        )
        if entered["group"]:
            grants.grant(tx, person_id, entered["group"], say("people.at_entry"), actor(), wall())
        password = passwords.made_up((entered["login"], entered["name"]))
        account = NewAccount(person_id, entered["login"], password)
        accounts.create_account(tx, account, actor(), wall())
        made.append(password)
        return [Result(str(person_id), entered["login"], is_done=True)]

    try:
        (done,) = report(deed)
    except EngineError as refused:
        part = refused.code.removeprefix("person.")
        at = "login" if refused.code.startswith("account.") else part if part in NEW else "name"
        return _new_form({at: sentence(refused)}, entered, status_of(refused))
    return _once_shown(UUID(done.row), done.told, made)


@blueprint.post("/operations/people/<uuid:person_id>/accounts/<uuid:account_id>/reset")
@policy(ADMINISTRATION)
def reset(person_id: UUID, account_id: UUID) -> ResponseReturnValue:
    """Make a new password, shown once; the person must change it at once."""
    made: list[str] = []

    def deed(tx: Connection, at: datetime) -> list[Result]:
        made.clear()
        made.append(accounts.reset_password(tx, account_id, actor(), wall()))
        login = accounts.account(tx, account_id).login
        return [Result(str(person_id), login, is_done=True)]

    try:
        (done,) = report(deed)
    except EngineError as refused:
        return person_page(person_id, sentence(refused), "accounts", status=status_of(refused))
    return _once_shown(person_id, done.told, made)


@blueprint.post(
    "/operations/people/<uuid:person_id>/accounts/<uuid:account_id>/<any(lock, unlock, enable):act>"
)
@policy(ADMINISTRATION)
def change_account(person_id: UUID, account_id: UUID, act: str) -> ResponseReturnValue:
    """Lock, unlock, or bring an account back into use."""
    reason = request.form.get("reason", "")

    def deed(tx: Connection) -> None:
        if act == "lock":
            account_states.lock(tx, account_id, reason, actor(), wall())
        elif act == "unlock":
            account_states.unlock(tx, account_id, actor(), wall())
        else:
            account_states.enable(tx, account_id, reason, actor(), wall())

    return _done(person_id, "accounts", deed, f"people.done.{act}")


@blueprint.post("/operations/people/<uuid:person_id>/accounts")
@policy(ADMINISTRATION)
def add_account(person_id: UUID) -> ResponseReturnValue:
    """Another way to sign in for the same person; separation of duties is about the person."""
    login = request.form.get("login", "").strip()
    made: list[str] = []

    def deed(tx: Connection, at: datetime) -> list[Result]:
        made.clear()
        made.append(passwords.made_up((login,)))
        accounts.create_account(tx, NewAccount(person_id, login, made[0]), actor(), wall())
        return [Result(str(person_id), login, is_done=True)]

    try:
        (done,) = report(deed)
    except EngineError as refused:
        told = sentence(refused)
        return person_page(person_id, told, "accounts", {"login": login}, status_of(refused))
    return _once_shown(person_id, done.told, made)


@blueprint.post("/operations/people/<uuid:person_id>/entry")
@policy(ADMINISTRATION)
def correct(person_id: UUID) -> ResponseReturnValue:
    """Put names, section and e-mail address right."""
    entered = {name: request.form.get(name, "").strip() for name in PARTS}

    def deed(tx: Connection) -> None:
        person_entries.correct(tx, person_id, PersonEntry(**entered), actor(), wall())

    return _done(person_id, "entry", deed, "people.done.corrected", entered)


# --- groups -------------------------------------------------------------------------------------


@blueprint.post("/operations/people/<uuid:person_id>/groups")
@policy(ADMINISTRATION)
def give_group(person_id: UUID) -> ResponseReturnValue:
    """Give a group, or ask for one that a second person has to approve."""
    group, reason = request.form.get("group", ""), request.form.get("reason", "")

    def deed(tx: Connection) -> None:
        grants.grant(tx, person_id, group, reason, actor(), wall())

    asked = group in people.GUARDED
    done = "people.done.asked" if asked else "people.done.given"
    return _done(person_id, "groups", deed, done, {"group": group, "reason": reason})


@blueprint.post("/operations/people/<uuid:person_id>/groups/<group>/leave")
@policy(ADMINISTRATION)
def take_group(person_id: UUID, group: str) -> ResponseReturnValue:
    def deed(tx: Connection) -> None:
        people.leave(tx, person_id, group, actor(), wall())

    return _done(person_id, "groups", deed, "people.done.taken")


@blueprint.post("/operations/grants/<uuid:grant_id>/<any(approve, refuse):act>")
@policy(STAFF)
def decide(grant_id: UUID, act: str) -> ResponseReturnValue:
    """The second person approves, or does not."""

    def deed(tx: Connection, at: datetime) -> str:
        grants.decide(tx, grant_id, actor(), wall(), approve=act == "approve")
        return url_for("web.people.show")

    return settle(deed, f"people.done.{act}")


# --- leave and departure ------------------------------------------------------------------------


@blueprint.post("/operations/people/<uuid:person_id>/absences")
@policy(ABSENCES)
def set_absence(person_id: UUID) -> ResponseReturnValue:
    """Days of leave and who stands in."""
    entered = {name: request.form.get(name, "") for name in ("first_day", "last_day", "deputy")}

    def deed(tx: Connection) -> None:
        deputy = UUID(entered["deputy"]) if entered["deputy"] else None
        first, last = _day(entered["first_day"]), _day(entered["last_day"])
        absences.set_absence(tx, absences.Absence(person_id, first, last, deputy), actor(), wall())

    return _done(person_id, "absences", deed, "people.done.absence", entered)


@blueprint.post("/operations/people/<uuid:person_id>/absences/<uuid:absence_id>/end")
@policy(ABSENCES)
def end_absence(person_id: UUID, absence_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection) -> None:
        absences.end_absence(tx, absence_id, actor(), wall())

    return _done(person_id, "absences", deed, "people.done.absence_ended")


@blueprint.post("/operations/people/<uuid:person_id>/departure")
@policy(ADMINISTRATION)
def depart(person_id: UUID) -> ResponseReturnValue:
    """End of service: accounts out of use, groups gone, open tasks given back one by one."""
    entered = {name: request.form.get(name, "") for name in ("last_day", "reason")}

    def deed(tx: Connection, at: datetime) -> list[Result]:
        last = _day(entered["last_day"])
        done = departures.end_service(tx, person_id, last, entered["reason"], actor(), at)
        return [
            Result(
                f"{each.case_number} {each.task_name}",
                say("people.given_back") if each.refusal is None else sentence(each.refusal),
                is_done=each.refusal is None,
            )
            for each in done
        ]

    try:
        results = report(deed)
    except EngineError as refused:
        told = sentence(refused)
        return person_page(person_id, told, "departure", entered, status_of(refused))
    with reading() as tx:
        return page(
            tx,
            "results.html",
            results=results,
            title=say("people.departed"),
            back=url_for("web.people.one", person_id=person_id),
        )


# --- below --------------------------------------------------------------------------------------


def _done(
    person_id: UUID,
    at: str,
    act: Callable[[Connection], None],
    done: str,
    entered: dict[str, str] | None = None,
) -> ResponseReturnValue:
    def deed(tx: Connection, _moment: datetime) -> str:
        act(tx)
        return url_for("web.people.one", person_id=person_id)

    try:
        return settle(deed, done)
    except EngineError as refused:
        return person_page(person_id, sentence(refused), at, entered, status_of(refused))


def _day(text: str) -> date:
    try:
        return parse_date(text.strip())
    except DateError as wrong:
        raise Rejected("people.day", wrong.en, zh=wrong.zh, en=wrong.en) from wrong


def _once_shown(person_id: UUID, login: str, made: list[str]) -> Response:
    """The password stands on this page and nowhere else; sent again, the page has none to show."""
    with reading() as tx:
        return page(
            tx,
            "password_once.html",
            login=login,
            password=made[0] if made else None,
            person_id=person_id,
        )


def _new_form(
    errors: dict[str, str] | None = None, entered: dict[str, str] | None = None, status: int = 200
) -> Response:
    with reading() as tx:
        return page(
            tx,
            "new_person.html",
            status=status,
            errors=errors or {},
            entered=entered or dict.fromkeys(NEW, ""),
            groups=sorted(people.GROUPS),
            guarded=people.GUARDED,
        )
