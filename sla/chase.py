"""Chasing an overdue case (查催, C13): a case of its own, started by a rung or by a supervisor.

One chase per overdue case is open at a time: a second clock that runs out joins the first. The
owner answers on the page of their task, with a reason and a new date; the answer stands on the
overdue desk and on the printed slip.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, bindparam, or_, select

from engine import case_rows, confidence, events, kept_words, keys, messages, notes, person_notices
from engine import cases as engine_cases
from engine.absences import substitute_of
from engine.actors import SUPERVISORS, Actor, system
from engine.bpmn.interpreter import load_state, variables
from engine.clock import legal_day
from engine.errors import Conflict, Forbidden, NotFound
from engine.history import Entry, append
from engine.ids import derived
from sla.audiences import Firing, holders, members
from sla.parties import Party
from store.prepared import Prepared
from store.tables import cases, clocks, persons, user_tasks

PACKAGE = "C13"
CLOSED = "case_closed"  # the message by which a chase learns that its case is done
DESK = "desk"  # in place of a rung: a supervisor asked
ANSWERED_AT = frozenset({"explain_delay", "explain_for_owner"})
_OPEN = ("active", "suspended")


@dataclass(frozen=True, slots=True)
class Chase:
    """A chase of a case, as the desk and the slip show it.

    `by_rung` is the point of the ladder, None where `asked_by` (a name) asked. `new_date` and
    `reason_class` are None until somebody has answered; `task_id` is the task to answer with.
    """

    case_id: UUID
    number: str
    overdue_case_id: UUID
    overdue_number: str
    clock: str
    overdue_since: date | None
    asked_at: datetime
    asked_by: str | None
    by_rung: str | None
    question: str
    is_open: bool
    owner: str | None
    task_id: UUID | None
    reason_class: str | None
    reason_text: str
    new_date: date | None

    @property
    def is_answered(self) -> bool:
        return self.new_date is not None


# --- asking -------------------------------------------------------------------------------------


def start(tx: Connection, firing: Firing, now: datetime) -> None:
    """File the chase of a rung, linked to the overdue case. None if one is open already."""
    if _open_chase(tx, firing.case.id) is not None:
        return
    values = {
        "overdue_case": firing.case.number,
        "overdue_clock": firing.clock.name,
        "overdue_since": firing.clock.due_on,
        "rung": firing.rung.at_point,
        "owner": _owner(tx, firing.case.id, firing.clock.task_id, now),
    }
    try:
        _file(tx, firing.case.id, values, firing.rung.office_id, now)
    except NotFound as missing:
        if missing.code != "definition.none_active":
            raise
        # The office has not deployed the chase: the rung itself still reaches its people.


def ask(tx: Connection, case_id: UUID, question: str, actor: Actor, now: datetime) -> UUID:
    """A supervisor asks the owner of an overdue case for the reason and a new date.

    Returns the id of the chase. Raises NotFound, Forbidden; Conflict where the office is not late
    with the case (an applicant may be), it is chased already, or no chase is deployed.
    """
    case = case_rows.load(tx, case_id, actor)
    _demand_may_ask(case, actor)
    clock = _to_explain(tx, case, now)
    if (known := _open_chase(tx, case.id)) is not None:
        raise Conflict("chase.open", f"Case {case.number} is chased already", number=known.number)
    words, note_id = question.strip(), uuid4()
    values = {
        "overdue_case": case.number,
        "overdue_clock": clock.name,
        "overdue_since": clock.due_on,
        "rung": DESK,
        "owner": _owner(tx, case.id, clock.task_id, now),
        "question": kept_words.place(note_id) if words else None,
        "asked_by": str(actor.person_id),
    }
    try:
        chase = _file(tx, case.id, values, case.office_id, now)
    except NotFound as missing:
        raise Conflict(
            "chase.not_deployed", f"Expected process {PACKAGE} to be deployed for the office"
        ) from missing
    if words:
        home = notes.Home(chase.id, case.office_id, keys.of_case(tx, chase.id))
        notes.leave(tx, home, words, actor.person_id, now, note_id)
    append(tx, _asked(case, chase, actor, now))
    news = person_notices.News(
        "chase.asked",
        case.office_id,
        case.id,
        chase.id,
        {"number": case.number, "chase": str(chase.id), "clock": clock.name},
    )
    asked = _with_substitutes(tx, holders(tx, case.office_id, case.id, clock.task_id), now)
    person_notices.tell(tx, news, asked, now)
    return chase.id


def _demand_may_ask(case: case_rows.Case, actor: Actor) -> None:
    if case.office_id != actor.office_id:
        raise Forbidden("case.other_office", f"Case {case.number} is with another office now")
    if not actor.groups & SUPERVISORS:
        raise Forbidden("chase.forbidden", "Only supervisors chase cases")
    if case.package_id == PACKAGE:
        raise Conflict("chase.of_chase", "A chase is not chased itself")
    case.demand_active()


def _asked(case: case_rows.Case, chase: engine_cases.Filed, actor: Actor, now: datetime) -> Entry:
    return Entry(
        "case.chase_asked",
        actor,
        now,
        case_id=case.id,
        object_id=str(chase.id),
        detail={"chase": chase.number},
        office_id=case.office_id,
    )


def _file(
    tx: Connection, case_id: UUID, values: Mapping[str, Any], office_id: str, now: datetime
) -> engine_cases.Filed:
    command = engine_cases.FileCase(
        package_id=PACKAGE, channel="rung", values=values, data={}, parent_case_id=case_id
    )
    return engine_cases.file(tx, command, system(office_id), now)


def _open_chase(tx: Connection, case_id: UUID) -> Any:
    return tx.execute(
        select(cases.c.id, cases.c.number)
        .where(
            cases.c.parent_case_id == case_id,
            cases.c.package_id == PACKAGE,
            cases.c.status.in_(_OPEN),
        )
        .limit(1)
    ).first()


def _to_explain(tx: Connection, case: case_rows.Case, now: datetime) -> Any:
    """The limit of the office that ended first. Raises Conflict where only an applicant is late."""
    late = tx.execute(
        select(clocks)
        .where(clocks.c.case_id == case.id, clocks.c.status == "running", clocks.c.due_at <= now)
        .order_by(clocks.c.due_at)
    ).all()
    of_office = next((clock for clock in late if clock.party == Party.OFFICE), None)
    if of_office is not None:
        return of_office
    if late:
        raise Conflict(
            "chase.applicant",
            f"It is the applicant who is late in case {case.number}; its owner has nothing to "
            f"explain, do what the law lets the office do next",
        )
    raise Conflict("chase.not_overdue", f"Expected case {case.number} to be overdue")


def _owner(tx: Connection, case_id: UUID, task_id: UUID | None, now: datetime) -> str | None:
    """Who has the late work, or stands in for them: the slip is theirs to answer.

    None if nobody took the work, or several did.
    """
    wanted = select(user_tasks.c.assignee_id).where(
        user_tasks.c.case_id == case_id,
        user_tasks.c.status == "claimed",
        user_tasks.c.assignee_id.is_not(None),
    )
    if task_id is not None:
        wanted = wanted.where(user_tasks.c.id == task_id)
    owners = set(tx.scalars(wanted))
    if len(owners) != 1:
        return None
    owner = owners.pop()
    instead = substitute_of(tx, owner, legal_day(now))
    may_answer = confidence.may_be_told(tx, case_id, [instead] if instead else [])
    return str(next(iter(may_answer), owner))


def _with_substitutes(tx: Connection, people: Sequence[UUID], now: datetime) -> list[UUID]:
    instead = (substitute_of(tx, person, legal_day(now)) for person in people)
    return [*people, *(person for person in instead if person is not None)]


# --- answers ------------------------------------------------------------------------------------


def tell_answered(tx: Connection, event: events.UserTaskEnded, now: datetime) -> None:
    """The owner has answered: whoever asked hears of it, else the chiefs of the office."""
    if event.case.package_id != PACKAGE or event.element_id not in ANSWERED_AT:
        return
    row = tx.execute(
        select(cases.c.parent_case_id, cases.c.state, user_tasks.c.status)
        .join(user_tasks, user_tasks.c.case_id == cases.c.id)
        .where(user_tasks.c.id == event.task_id)
    ).first()
    if row is None or row.status != "completed" or row.parent_case_id is None:
        return
    told = variables(load_state(row.state))
    asked_by = told.get("asked_by")
    people = [UUID(asked_by)] if asked_by else members(tx, event.case.office_id, ("chief",))
    detail = {"number": told.get("overdue_case"), "chase": str(event.case.id)}
    news = person_notices.News(
        "chase.answered",
        event.case.office_id,
        row.parent_case_id,
        derived(event.task_id, "answered"),
        detail,
    )
    person_notices.tell(tx, news, people, now)


def tell_closed(
    tx: Connection, event: events.CaseClosed | events.CaseWithdrawn, now: datetime
) -> None:
    """The overdue case is done: its open chases end. As a job, so that no step locks two cases."""
    if _OPEN_CHASES.first(tx, {"case": event.case.id}) is not None:
        messages.throw(tx, event.case, CLOSED, event.case.number, now)


_OPEN_CHASES = Prepared(  # asked at the end of every case
    select(cases.c.id)
    .where(
        cases.c.parent_case_id == bindparam("case"),
        cases.c.package_id == PACKAGE,
        or_(*(cases.c.status == status for status in _OPEN)),
    )
    .limit(1)
)


# --- reading ------------------------------------------------------------------------------------


def latest_of(tx: Connection, case_ids: Collection[UUID]) -> dict[UUID, Chase]:
    """The latest chase of each case that has one, in two statements."""
    if not case_ids:
        return {}
    rows = tx.execute(
        _SHOWN.where(_chases.c.parent_case_id.in_(case_ids)).order_by(_chases.c.filed_at)
    ).all()
    latest = {row.parent_case_id: row for row in rows}
    return {chase.overdue_case_id: chase for chase in _shown(tx, list(latest.values()))}


def slip(tx: Connection, chase_id: UUID, actor: Actor) -> Chase:
    """One chase, to be printed. Raises NotFound out of the actor's office."""
    row = tx.execute(
        _SHOWN.where(
            _chases.c.id == chase_id,
            _chases.c.office_id == actor.office_id,
            confidence.open_to(actor, _chases.c.id),
        )
    ).first()
    if row is None:
        raise NotFound("chase.not_found", "There is no such chase in your office")
    return _shown(tx, [row])[0]


_chases, _overdue, _answering = cases.alias("chases"), cases.alias("overdue"), user_tasks.alias()
_SHOWN = (
    select(
        _chases.c.id,
        _chases.c.number,
        _chases.c.parent_case_id,
        _chases.c.status,
        _chases.c.filed_at,
        _chases.c.state,
        _overdue.c.number.label("overdue_number"),
        _answering.c.id.label("task_id"),
        _answering.c.assignee_id,
    )
    .join(_overdue, _overdue.c.id == _chases.c.parent_case_id)
    .outerjoin(
        _answering,
        (_answering.c.case_id == _chases.c.id)
        & _answering.c.status.in_(("unclaimed", "claimed"))
        & _answering.c.element_id.in_(sorted(ANSWERED_AT)),
    )
    .where(_chases.c.package_id == PACKAGE)
)


def _shown(tx: Connection, rows: Sequence[Any]) -> list[Chase]:
    values = kept_words.told(tx, [variables(load_state(row.state)) for row in rows])
    known = list(zip(rows, values, strict=True))
    mentioned = {
        str(person)
        for row, told in known
        for person in (told.get("asked_by"), told.get("owner"), row.assignee_id)
        if person is not None
    }
    wanted = select(persons.c.id, persons.c.display_name).where(
        persons.c.id.in_([UUID(person) for person in mentioned])
    )
    names = {str(row.id): row.display_name for row in tx.execute(wanted)}
    return [_chase(row, told, names) for row, told in known]


def _chase(row: Any, told: Mapping[str, Any], names: Mapping[str, str]) -> Chase:
    asked_by, owner = told.get("asked_by"), row.assignee_id or told.get("owner")
    return Chase(
        case_id=row.id,
        number=row.number,
        overdue_case_id=row.parent_case_id,
        overdue_number=row.overdue_number,
        clock=told.get("overdue_clock") or "",
        overdue_since=told.get("overdue_since"),
        asked_at=row.filed_at,
        asked_by=names.get(str(asked_by)),
        by_rung=None if told.get("rung") == DESK else told.get("rung"),
        question=told.get("question") or "",
        is_open=row.status in _OPEN,
        owner=names.get(str(owner)),
        task_id=row.task_id,
        reason_class=told.get("reason_class"),
        reason_text=told.get("reason_text") or "",
        new_date=told.get("new_date"),
    )
