"""One step of one case: load, advance, project, write. The only module that runs instances.

A step applies triggers, does what service tasks ask for at once, gives early messages to waits
that just opened, and writes everything in the caller's transaction. People who lost a race get a
Conflict, beats judge again (`STALE`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine import confidence, deployments, events, history, subjects
from engine.actors import Actor
from engine.addressees import cases_hearing, person_for
from engine.advancing import Advance, Work
from engine.bpmn import facts, interpreter
from engine.bpmn.triggers import Trigger
from engine.case_rows import Case, load, seal_data
from engine.errors import Conflict, Forbidden
from engine.ids import derived
from engine.projection import Projection
from store.database import wake
from store.step import DutyTaken, Row, StaleVersion, Step, write_step

_SOON = timedelta(seconds=1)  # a timer due later is seen by the beat without being woken

STALE = "case.stale"
"""The code of the Conflict for a case that changed between loading and writing. Nothing is done:
people look again, beats judge again."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Who causes a step, and what belongs to it beside the process itself.

    `entries` begin the step's history. `data` is the case's personal data after the deed, where
    the deed changes it. `completed` and `duty` are rows for `store.step`.
    """

    actor: Actor
    entries: Sequence[history.Entry] = ()
    data: Mapping[str, Any] | None = None
    completed: Row | None = None
    duty: Row | None = None
    returned: bool = False
    reason: str = ""  # of a withdrawal
    new_status: str = "active"
    definition_id: UUID | None = None  # the version the case goes on with, if that is another


def turn(tx: Connection, case: Case, status: str, entry: history.Entry, now: datetime) -> None:
    """Write a deed that moves no token: the case's status and version, and the line of history.

    Raises Conflict (`STALE`) if the case was changed since it was loaded.
    """
    step = Step(
        case_id=case.id,
        version=case.version,
        status=case.status,
        at=now,
        state=case.state,
        new_status=status,
        history=[history.row(entry)],
    )
    try:
        write_step(tx, step)
    except StaleVersion as stale:
        raise Conflict(STALE, f"Case {case.number} was changed meanwhile; look again") from stale


def apply(
    tx: Connection, case_id: UUID, triggers: Sequence[Trigger], deed: Deed, now: datetime
) -> None:
    """Load an active case and let it go on. Raises NotFound, Conflict, Rejected."""
    case = load(tx, case_id, deed.actor)
    case.demand_active()
    step(tx, case, triggers, deed, now)


def step(
    tx: Connection,
    case: Case,
    triggers: Sequence[Trigger],
    deed: Deed,
    now: datetime,
    state: interpreter.State | None = None,
) -> None:
    """Let a loaded case go on by these triggers, and write the step.

    `state` is the case's, where the caller has read it already.
    """
    data = case.data if deed.data is None else deed.data
    advance = Advance(tx, case, data, now, deed.actor.person_id)
    advance.load(state)
    for trigger in triggers:
        advance.apply(trigger)
    advance.settle()
    _Writing(tx, case, deed, now, advance).write()


def change(tx: Connection, case: Case, work: Work, deed: Deed, now: datetime) -> None:
    """Let a loaded case go on from the state that `work` makes, and write the step.

    `case` names the version that it goes on with.
    """
    advance = Advance(tx, case, case.data, now, deed.actor.person_id)
    advance.load(None)
    advance.change(work)
    advance.settle()
    _Writing(tx, case, deed, now, advance).write()


def start(
    tx: Connection, case: Case, variables: Mapping[str, Any], deed: Deed, now: datetime
) -> None:
    """Begin the process of a case whose row was just inserted."""
    advance = Advance(tx, case, case.data, now, deed.actor.person_id)
    advance.start(variables)
    advance.settle()
    _Writing(tx, case, deed, now, advance).write()


class _Writing:
    """One step being written and announced."""

    def __init__(
        self, tx: Connection, case: Case, deed: Deed, now: datetime, advance: Advance
    ) -> None:
        self._tx, self._case, self._deed, self._now = tx, case, deed, now
        self._advance = advance
        self._ref = case.ref

    def write(self) -> None:
        """Write the step's rows, then announce it."""
        ending = self._ending()
        step = self._new_step(ending)
        projection = Projection(
            self._ref,
            self._deed.actor,
            self._now,
            step,
            self._standing,
            returned=self._deed.returned,
            by=self._deed.actor.person_id,
            assignees=self._assignees(step),
            user_work=self._advance.user_work,
            signal_targets=partial(cases_hearing, self._tx, self._case),
        )
        step.history.extend(history.row(entry) for entry in self._deed.entries)
        step.history.extend(history.row(entry) for entry in self._taken())
        announced = projection.project(self._advance.facts)
        if self._case.confidential:
            step.groups = confidence.candidates(step.groups)
            step.changed_groups = confidence.candidates(step.changed_groups)
        if ending is not None:
            step.history.append(history.row(self._ended_entry(ending)))
            announced.append(ending)
        self._write(step)
        self._keep_findable()
        for each in announced:
            events.announce(self._tx, each, self._now)
        self._wake(step)

    def _standing(self) -> events.Standing:
        data = self._case.data if self._deed.data is None else self._deed.data
        known = interpreter.variables(self._advance.state)
        return events.Standing(self._case.key, data, known)

    def _new_step(self, ending: events.CaseClosed | events.CaseWithdrawn | None) -> Step:
        case, deed = self._case, self._deed
        step = Step(
            case_id=case.id,
            version=case.version,
            status=case.status,
            at=self._now,
            state=interpreter.dump_state(self._advance.state),
            new_status=deed.new_status,
            completed=deed.completed,
            duty=deed.duty,
            definition_id=deed.definition_id,
        )
        if deed.data is not None:
            step.data = (seal_data(case.key, deed.data), case.data_version)
        if ending is not None:
            is_closed = isinstance(ending, events.CaseClosed)
            step.new_status = "closed" if is_closed else "withdrawn"
            step.outcome = ending.outcome if isinstance(ending, events.CaseClosed) else "withdrawn"
            step.closed_at = self._now
        return step

    def _keep_findable(self) -> None:
        case, data = self._case, self._deed.data
        if data is not None:
            package = deployments.definition(self._tx, case.definition_id).package
            subjects.follow(self._tx, case.office_id, case.id, package, (case.data, data))

    def _write(self, step: Step) -> None:
        try:
            write_step(self._tx, step)
        except StaleVersion as stale:
            raise Conflict(
                STALE,
                f"Case {self._case.number} was changed by somebody else meanwhile; look again",
                number=self._case.number,
            ) from stale
        except DutyTaken as taken:
            raise Forbidden(
                "duty.conflict",
                f"Duties are kept apart: you have had another one in case {self._case.number}",
            ) from taken

    def _ending(self) -> events.CaseClosed | events.CaseWithdrawn | None:
        """How the case ended, if it did: the process variable `result` says it, else the end event.

        `withdrawn` is the result of a withdrawal, whoever draws it in the diagram.
        """
        for fact in reversed(self._advance.facts):
            match fact:
                case facts.InstanceTerminated():
                    return self._withdrawn(self._deed.reason or fact.reason)
                case facts.InstanceCompleted():
                    known = interpreter.variables(self._advance.state)
                    result = known.get("result")
                    outcome = result if isinstance(result, str) else ",".join(fact.end_events)
                    if outcome == "withdrawn":
                        told = known.get("withdrawal_reason") or known.get("reason")
                        reason = self._deed.reason or (told if isinstance(told, str) else "")
                        return self._withdrawn(reason)
                    return events.CaseClosed(self._ref, self._deed.actor, outcome[:40])
        return None

    def _withdrawn(self, reason: str) -> events.CaseWithdrawn:
        return events.CaseWithdrawn(self._ref, self._deed.actor, reason)

    def _ended_entry(self, ending: events.CaseClosed | events.CaseWithdrawn) -> history.Entry:
        if isinstance(ending, events.CaseClosed):
            return self._entry("case.closed", None, {"outcome": ending.outcome})
        return self._entry("case.withdrawn", None, {})  # its words lie under the case's key

    def _entry(
        self,
        action: str,
        object_id: str | None,
        detail: Mapping[str, Any],
        element_id: str | None = None,
    ) -> history.Entry:
        return history.Entry(
            action,
            self._deed.actor,
            self._now,
            case_id=self._case.id,
            step=self._ref.version,
            element_id=element_id,
            object_id=object_id,
            detail=detail,
            office_id=self._case.office_id,
        )

    def _taken(self) -> Iterator[history.Entry]:
        for element_id, message in self._advance.taken:
            detail = {"message": message.name, "peer": message.peer}
            yield self._entry("message.correlated", str(message.id), detail, element_id)

    def _assignees(self, step: Step) -> dict[str, UUID]:
        """The assignees the diagram names, where they may have the task. Others: an incident."""
        found: dict[str, UUID] = {}
        for fact in self._advance.facts:
            if isinstance(fact, facts.UserTaskCreated) and fact.assignee:
                person = person_for(self._tx, self._case, fact)
                if person is None:
                    step.incidents.append(self._no_assignee(fact))
                else:
                    found[fact.key] = person
        return found

    def _no_assignee(self, fact: facts.UserTaskCreated) -> Row:
        return {
            "id": derived(self._case.id, f"assignee:{fact.key}"),
            "office_id": self._case.office_id,
            "case_id": self._case.id,
            "key": None,
            "source": "engine",
            "element_id": fact.element_id,
            "code": "user_task.assignee",
            "message": f"Expected {fact.element_id} to name a person of the office who may have "
            "the task; it is open to its candidate groups instead",
            "status": "open",
            "raised_at": self._now,
        }

    def _wake(self, step: Step) -> None:
        if step.jobs:
            wake(self._tx, "jobs")
        soon = self._now + _SOON
        if any(row["due_at"] is not None and row["due_at"] <= soon for row in step.timers):
            wake(self._tx, "timers")
