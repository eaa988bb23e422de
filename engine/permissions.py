"""Who may do what. Pure: verbs ask before they act, pages ask to hide or explain a button.

A refusal is a value with a stable code and a sentence; None means yes. Separation of duties: a
person who recorded a case neither reviews nor approves it, and so on for every pair of duties;
what counts is the person, not the account. The database refuses it as well (`case_duties`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from engine.actors import SUPERVISORS, Actor
from engine.errors import Conflict, EngineError, Forbidden, NotFound, Rejected

HANDLERS = frozenset(
    {
        "counter",
        "reviewer",
        "records",
        "chief",
        "secretary",
        "director",
        "data",
        "field",
        "petition",
    }
)
"""The groups that work on cases."""
ANALYSTS = frozenset({"analyst"})
DEPLOYERS = frozenset({"analyst", "operator"})
READERS_OF_DRAFTS = DEPLOYERS | SUPERVISORS
"""Who sees what analysts are changing: they themselves, and who decides on it."""
CONFIDANTS = frozenset({"chief", "director"})
"""Who sees confidential cases, beside who filed one: child protection needs no more readers."""
MENDERS = frozenset({"operator", "chief", "secretary", "director", "control"})
READERS_OF_HISTORY = frozenset({"auditor", "control", *SUPERVISORS})
OUTSIDE_CHANNELS = frozenset({"online", "agency", "system"})
"""Channels on which nobody at the counter files: the system files for the applicant."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. `kind` decides the class of error a verb raises for it."""

    code: str
    message: str
    kind: type[EngineError] = Forbidden

    def raise_(self) -> NoReturn:
        raise self.kind(self.code, self.message)


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What the decision needs of a user task and its case."""

    id: UUID
    status: str
    office_id: str
    groups: frozenset[str]
    assignee_id: UUID | None = None
    duty: str | None = None
    outcomes: tuple[str, ...] = ()
    case_status: str = "active"
    case_number: str = ""
    confidential: bool = False
    filed_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the decision needs of a case: the offices that have to do with it, its status, and
    whether it is kept in confidence, and who filed it."""

    number: str
    office_id: str
    receiving_office_id: str
    household_office_id: str
    status: str = "active"
    confidential: bool = False
    filed_by: UUID | None = None


Duties = Mapping[UUID, str]
"""Who has exercised which duty in the case: person → `record`, `review` or `approve`."""


def demand(refusal: Refusal | None) -> None:
    """Raise the refusal, if it is one."""
    if refusal is not None:
        refusal.raise_()


# --- user tasks ---------------------------------------------------------------------------------


def may_see_task(task: TaskFacts, actor: Actor) -> Refusal | None:
    if actor.is_system:
        return None
    if task.office_id != actor.office_id or (task.confidential and not in_confidence(task, actor)):
        return Refusal(
            "user_task.not_found", f"There is no user task {task.id} in your office", NotFound
        )
    return None


def may_claim(task: TaskFacts, actor: Actor, duties: Duties) -> Refusal | None:
    """May the actor become the assignee?"""
    return (
        may_see_task(task, actor)
        or _is_person(actor)
        or _case_goes_on(task)
        or _is_open(task)
        or _is_unclaimed(task, actor)
        or _is_candidate(task, actor.groups)
        or _duties_apart(task, actor.person_id, duties)
    )


def may_release(task: TaskFacts, actor: Actor) -> Refusal | None:
    """The assignee may give a task back; a supervisor may take it from them."""
    refusal = may_see_task(task, actor) or _is_open(task)
    if refusal or task.status == "claimed":
        is_supervisor = bool(actor.groups & SUPERVISORS)
        return refusal or (None if is_supervisor else _is_assignee(task, actor))
    return Refusal(
        "user_task.not_claimed",
        f"Expected user task {task.id} to be claimed, but it is not",
        Conflict,
    )


def may_assign(
    task: TaskFacts, actor: Actor, person_id: UUID, groups: Collection[str], duties: Duties
) -> Refusal | None:
    """May the actor give the task to `person_id`, who is in `groups` in the task's office?"""
    return (
        may_see_task(task, actor)
        or _case_goes_on(task)
        or _is_open(task)
        or _is_supervisor(actor, "user_task.assign_forbidden", "assign user tasks")
        or _is_candidate(task, frozenset(groups))
        or _duties_apart(task, person_id, duties)
    )


def may_complete(
    task: TaskFacts, actor: Actor, duties: Duties, outcome: str | None = None
) -> Refusal | None:
    """May the actor finish the task, with this outcome?"""
    return (
        may_see_task(task, actor)
        or _is_person(actor)
        or _is_open(task)
        or _case_goes_on(task)
        or _is_assignee(task, actor)
        or _duties_apart(task, actor.person_id, duties)
        or _is_outcome(task, outcome)
    )


def _is_person(actor: Actor) -> Refusal | None:
    if actor.is_system:
        return Refusal("actor.system", "User tasks are worked on by people, not by the system")
    return None


def _case_goes_on(task: TaskFacts) -> Refusal | None:
    if task.case_status == "active":
        return None
    return not_active(task.case_number, task.case_status)


def _is_open(task: TaskFacts) -> Refusal | None:
    if task.status in ("unclaimed", "claimed"):
        return None
    return Refusal(
        "user_task.ended",
        f"Expected user task {task.id} to be open, but it is {task.status}",
        Conflict,
    )


def _is_unclaimed(task: TaskFacts, actor: Actor) -> Refusal | None:
    if task.status == "unclaimed":
        return None
    if task.assignee_id == actor.person_id:
        return Refusal(
            "user_task.already_yours", f"You have claimed user task {task.id} already", Conflict
        )
    return Refusal(
        "user_task.already_claimed",
        f"Expected to claim user task {task.id}, but somebody else has claimed it",
        Conflict,
    )


def _is_candidate(task: TaskFacts, groups: frozenset[str]) -> Refusal | None:
    if task.groups & groups:
        return None
    return Refusal(
        "user_task.not_candidate",
        f"User task {task.id} is for {', '.join(sorted(task.groups))}, and the person is in none "
        "of these groups",
    )


def _is_assignee(task: TaskFacts, actor: Actor) -> Refusal | None:
    if task.status == "unclaimed":
        return Refusal(
            "user_task.not_claimed", f"Claim user task {task.id} before you complete it", Conflict
        )
    if task.assignee_id == actor.person_id:
        return None
    return Refusal("user_task.not_assignee", f"User task {task.id} is assigned to somebody else")


def _duties_apart(task: TaskFacts, person_id: UUID | None, duties: Duties) -> Refusal | None:
    earlier = duties.get(person_id) if person_id and task.duty else None
    if earlier is None or earlier == task.duty:
        return None
    return Refusal(
        "duty.conflict",
        f"Duties are kept apart: who had the duty “{earlier}” in case {task.case_number} cannot "
        f"have the duty “{task.duty}” in it",
    )


def _is_outcome(task: TaskFacts, outcome: str | None) -> Refusal | None:
    if not task.outcomes and outcome is None:
        return None
    if outcome in task.outcomes:
        return None
    listed = ", ".join(task.outcomes) or "no outcome at all"
    return Refusal(
        "user_task.outcome",
        f"Expected one of the task's outcomes ({listed}), got {outcome or 'none'}",
        Rejected,
    )


def _is_supervisor(actor: Actor, code: str, what: str) -> Refusal | None:
    if actor.is_system or actor.groups & SUPERVISORS:
        return None
    return Refusal(code, f"Only a supervisor may {what}")


# --- cases --------------------------------------------------------------------------------------


def not_active(number: str, status: str) -> Refusal:
    """The refusal for a case that does not go on."""
    code = "case.suspended" if status == "suspended" else "case.ended"
    return Refusal(code, f"Expected case {number} to be active, but it is {status}", Conflict)


def may_file(
    package_id: str, starts: Collection[str], groups: Collection[str], channel: str, actor: Actor
) -> Refusal | None:
    """May the actor file a case of the package on this channel?

    The channel `rung` is the ladder of an overdue clock: the system's alone, whatever `starts` is.
    """
    if channel == "rung" and actor.is_system:
        return None
    if channel not in starts:
        listed = ", ".join(starts) or "none: it is only called by other processes"
        return Refusal(
            "case.channel", f"{package_id} is filed by {listed}; got {channel}", Rejected
        )
    if actor.is_system or actor.groups & frozenset(groups):
        return None
    return Refusal(
        "case.file_forbidden", f"{package_id} is filed by {', '.join(groups)}, not by your groups"
    )


def may_see(case: CaseFacts, actor: Actor) -> Refusal | None:
    """The offices that have, received or keep the household of a case see it; others do not.

    A confidential case is seen by who filed it and by the office's CONFIDANTS only. Everybody else
    hears what they hear of a case that there is not.
    """
    offices = {case.office_id, case.receiving_office_id, case.household_office_id}
    if actor.is_system:
        return None
    if actor.office_id in offices and (not case.confidential or in_confidence(case, actor)):
        return None
    return Refusal("case.not_found", "There is no such case in your office", NotFound)


def in_confidence(case: CaseFacts | TaskFacts, actor: Actor) -> bool:
    """Whether the actor filed it, or is a chief or director of the office that has it."""
    has_filed = actor.person_id is not None and case.filed_by == actor.person_id
    return has_filed or (actor.office_id == case.office_id and bool(actor.groups & CONFIDANTS))


def may_handle(case: CaseFacts, actor: Actor) -> Refusal | None:
    """May the actor withdraw or annotate it: work on cases, in the office that has it now?"""
    return may_see(case, actor) or _is_current_office(case, actor) or _is_handler(actor)


def may_print_receipt(case: CaseFacts, actor: Actor) -> Refusal | None:
    """May the actor hand over the receipt again? Also in the office that received the case."""
    return may_see(case, actor) or _is_handler(actor)


def may_draft(actor: Actor) -> Refusal | None:
    """May the actor begin to enter a matter, and keep what was typed?"""
    return _is_handler(actor)


def may_suspend(case: CaseFacts, actor: Actor) -> Refusal | None:
    return (
        may_see(case, actor)
        or _is_current_office(case, actor)
        or _is_supervisor(actor, "case.suspend_forbidden", "suspend and resume cases")
    )


def may_transfer(case: CaseFacts, actor: Actor) -> Refusal | None:
    """May the actor hand the case over to another office? A supervisor of the one that has it."""
    return (
        may_see(case, actor)
        or _is_current_office(case, actor)
        or _is_supervisor(actor, "case.transfer_forbidden", "hand a case over to another office")
    )


def may_reveal(case: CaseFacts, actor: Actor, purpose: str) -> Refusal | None:
    """May the actor see personal data? Whoever works on cases, and says why."""
    if not purpose.strip():
        return Refusal(
            "reveal.purpose", "Say for what purpose the personal data is looked at", Rejected
        )
    return may_see(case, actor) or _is_handler(actor)


def may_search(actor: Actor) -> Refusal | None:
    """May the actor look for cases by a name, an ID number or a birth date, and say why?"""
    if actor.is_system or actor.groups & (HANDLERS | READERS_OF_HISTORY):
        return None
    return Refusal("case.search_forbidden", "Only those who work on cases search by a person")


def may_see_looks(case: CaseFacts, actor: Actor) -> Refusal | None:
    """May the actor see who looked at personal data of the case? Supervisors and auditors."""
    return may_see(case, actor) or may_audit(actor)


def may_audit(actor: Actor) -> Refusal | None:
    """May the actor see who looked at personal data and searched by it, in the office?"""
    if actor.is_system or actor.groups & READERS_OF_HISTORY:
        return None
    return Refusal("looks.forbidden", "Only supervisors and auditors see who looked at what")


def may_search_offices(actor: Actor) -> bool:
    """Whether the actor searches the offices below their own, too (a city's supervision)."""
    return actor.is_system or bool(actor.groups & READERS_OF_HISTORY)


def _is_current_office(case: CaseFacts, actor: Actor) -> Refusal | None:
    if actor.is_system or actor.office_id == case.office_id:
        return None
    return Refusal("case.other_office", f"Case {case.number} is with another office now")


def _is_handler(actor: Actor) -> Refusal | None:
    if actor.is_system or actor.groups & HANDLERS:
        return None
    return Refusal("case.not_handler", "Only those who work on cases may do this")


# --- processes and their faults -----------------------------------------------------------------


def may_deploy(actor: Actor) -> Refusal | None:
    if actor.is_system or actor.groups & DEPLOYERS:
        return None
    return Refusal("definition.deploy_forbidden", "Only analysts and operators deploy processes")


def may_approve(created_by: UUID | None, actor: Actor) -> Refusal | None:
    """Four eyes: who proposed a version does not approve it."""
    if not actor.is_system and not actor.groups & (ANALYSTS | SUPERVISORS):
        return Refusal(
            "definition.approve_forbidden", "Only analysts and supervisors approve versions"
        )
    if actor.person_id == created_by:
        return Refusal(
            "definition.four_eyes", "A version is approved by somebody other than its author"
        )
    return None


def may_plan_moves(actor: Actor) -> Refusal | None:
    """May the actor propose to move running cases of the office to another version?"""
    if actor.is_system or actor.groups & DEPLOYERS:
        return None
    return Refusal("migration.forbidden", "Only analysts and operators propose to move cases")


def may_decide_moves(created_by: UUID | None, actor: Actor) -> Refusal | None:
    """Four eyes: who proposed to move cases does not approve it."""
    if not actor.is_system and not actor.groups & (DEPLOYERS | SUPERVISORS):
        return Refusal(
            "migration.decide_forbidden", "Only analysts, operators and supervisors approve it"
        )
    if actor.person_id == created_by:
        return Refusal(
            "migration.four_eyes", "Moving cases is approved by somebody other than its author"
        )
    return None


def may_move_tokens(case: CaseFacts, actor: Actor) -> Refusal | None:
    """May the actor move, skip, repeat and cancel steps of the case? Who mends cases, where it is
    now."""
    refusal = may_see(case, actor) or _is_current_office(case, actor)
    if refusal or actor.is_system or actor.groups & MENDERS:
        return refusal
    return Refusal("token.forbidden", "Only operators and supervisors move steps of a case")


def may_mend(office_id: str, actor: Actor) -> Refusal | None:
    """May the actor retry and resolve incidents of the office?"""
    if not actor.is_system and actor.office_id != office_id:
        return Refusal("incident.not_found", "There is no such incident in your office", NotFound)
    if actor.is_system or actor.groups & MENDERS:
        return None
    return Refusal("incident.forbidden", "Only operators and supervisors mend incidents")


def urgency(priority: int, urgent_at: datetime | None, created_at: datetime) -> tuple[Any, ...]:
    """The order of a worklist: higher priority, earlier due, older; sorts ascending."""
    return (-priority, urgent_at is None, urgent_at or created_at, created_at)
