"""Facts to rows: the only place that knows what a fact means for the tables.

What opened and ended within one step leaves no row of its own; the history still tells it.
History rows of the diagram are: `element.activated` for what is still active after the step,
`element.completed` and `element.terminated` for what ended. So an element is active if it has an
`activated` row without an ended one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from engine import events
from engine.actors import Actor
from engine.bpmn import facts
from engine.bpmn.codec import encode
from engine.bpmn.definition import UserWork
from engine.bpmn.facts import Fact
from engine.events import CaseRef, Standing
from engine.history import Entry, row
from engine.ids import derived
from feel.values import to_feel
from store.step import Step

SIGNAL_JOB = "signal.deliver"
MESSAGE_JOB = "message.deliver"


@dataclass(slots=True)
class Projection:
    """One step on its way to rows. `assignees` are the checked assignees by task key."""

    case: CaseRef
    actor: Actor
    now: datetime
    step: Step
    standing: Callable[[], Standing]
    returned: bool = False  # the step sends work back: its new tasks say so
    by: UUID | None = None  # who resolved an incident
    assignees: Mapping[str, UUID] = field(default_factory=dict)
    user_work: Callable[[str], UserWork | None] = lambda _key: None
    signal_targets: Callable[[str], Sequence[UUID]] = lambda _name: ()
    announced: list[events.Event] = field(default_factory=list)
    _fleeting: frozenset[str] = frozenset()  # keys that opened and ended in this step
    _elements_over: frozenset[str] = frozenset()
    _requested: frozenset[str] = frozenset()  # service tasks asked for in this step
    _answered: frozenset[str] = frozenset()  # … and those over in it
    _common: dict[str, Any] | None = None  # what all lines of the step's history share

    def project(self, all_facts: Sequence[Fact]) -> list[events.Event]:
        """Fill the step's rows; return what is to be announced once they are written."""
        opened = {fact.key for fact in all_facts if isinstance(fact, _OPENING)}
        ended = {fact.key for fact in all_facts if isinstance(fact, _ENDING)}
        self._fleeting = frozenset(opened & ended)
        self._elements_over = frozenset(
            fact.key
            for fact in all_facts
            if isinstance(fact, facts.ElementCompleted | facts.ElementTerminated)
        )
        self._requested = frozenset(
            fact.key for fact in all_facts if isinstance(fact, facts.ServiceTaskRequested)
        )
        self._answered = frozenset(fact.key for fact in all_facts if isinstance(fact, _ANSWERING))
        for fact in all_facts:
            self._project(fact)
        return self.announced

    def _project(self, fact: Fact) -> None:  # noqa: C901  # sizes: exempt — one for each fact
        match fact:
            case facts.ElementActivated():
                if fact.key not in self._elements_over:
                    self._tell("element.activated", fact)
            case facts.ElementCompleted():
                self._tell("element.completed", fact)
            case facts.ElementTerminated():
                self._tell("element.terminated", fact)
            case facts.ElementRenamed():
                self._rename(fact)
            case facts.UserTaskCreated():
                self._open_task(fact)
            case facts.UserTaskChanged():
                self._change_task(fact)
            case facts.UserTaskCompleted():
                self._end_task(fact.key)
            case facts.UserTaskCancelled():
                self._cancel_task(fact.key)
            case facts.ServiceTaskRequested():
                self._tell("service_task.requested", fact, operation=fact.operation)
                self._wait_for(fact)
            case facts.ServiceTaskCompleted():
                self._tell_key("service_task.completed", fact.key)
                self._wait_ended(fact.key)
            case facts.ServiceTaskCancelled():
                self._tell_key("service_task.cancelled", fact.key)
                self._wait_ended(fact.key)
                self.announced.append(events.ServiceTaskCancelled(self.case, fact.key))
            case facts.TimerScheduled():
                self._set_timer(fact)
            case facts.TimerFired():
                self._end_timer(fact.key, "fired")
            case facts.TimerCancelled():
                self._end_timer(fact.key, "cancelled")
            case facts.MessageAwaited():
                self._await(fact, "message", fact.correlation_key)
            case facts.MessageReceived():
                self._end_wait(fact.key, "received", "message.received")
            case facts.MessageWaitCancelled():
                self._end_wait(fact.key, "cancelled", "message.wait_cancelled")
            case facts.MessageThrown():
                self._throw_message(fact)
            case facts.SignalAwaited():
                self._await(fact, "signal", None)
            case facts.SignalWaitEnded():
                self._end_wait(fact.key, "received", "signal.wait_ended")
            case facts.SignalThrown():
                self._throw_signal(fact)
            case facts.EscalationUncaught():
                self._tell("escalation.uncaught", fact, code=fact.code)
            case facts.DecisionEvaluated():
                self._tell(
                    "decision.evaluated",
                    fact,
                    decision=fact.decision,
                    version=fact.version,
                    rules=list(fact.rules),
                )
            case facts.IncidentRaised():
                self._raise_incident(fact)
            case facts.IncidentResolved():
                self._resolve_incident(fact.key)
            case facts.InstanceCompleted() | facts.InstanceTerminated():
                pass  # the end of the case is the runtime's to write: it knows the outcome
            case _:
                assert_never(fact)

    # --- user tasks -----------------------------------------------------------------------------

    def _open_task(self, fact: facts.UserTaskCreated) -> None:
        if fact.key in self._fleeting:
            return
        task_id = derived(self.case.id, fact.key)
        assignee = self.assignees.get(fact.key)
        self.step.user_tasks.append(
            {
                "id": task_id,
                "office_id": self.case.office_id,
                "case_id": self.case.id,
                "key": fact.key,
                "process_id": fact.process_id,
                "element_id": fact.element_id,
                "name": fact.name[:200],
                "status": "unclaimed" if assignee is None else "claimed",
                "version": 1,
                "form_key": fact.form_key,
                "duty": fact.duty,
                "outcomes": list(fact.outcomes),
                "inputs": as_json(fact.inputs),
                "priority": fact.priority,
                "wait": fact.wait,
                "limit_id": fact.limit,
                "assignee_id": assignee,
                "created_at": self.now,
                "claimed_at": None if assignee is None else self.now,
                "returned": self.returned,
            }
        )
        self.step.groups.extend(
            {"task_id": task_id, "group_name": group, "office_id": self.case.office_id}
            for group in dict.fromkeys(fact.candidate_groups)
        )
        self._tell("user_task.created", fact, name=fact.name)
        self.announced.append(
            events.UserTaskCreated(self.case, task_id, fact.element_id, fact.limit, fact.wait)
        )

    def _change_task(self, fact: facts.UserTaskChanged) -> None:
        if fact.key in self._fleeting:
            return
        task_id = derived(self.case.id, fact.key)
        self.step.changed_tasks.append(
            {
                "task": task_id,
                "element": fact.element_id,
                "task_name": fact.name[:200],
                "form": fact.form_key,
                "task_duty": fact.duty,
                "task_outcomes": list(fact.outcomes),
                "task_priority": fact.priority,
                "is_wait": fact.wait,
            }
        )
        self.step.changed_groups.extend(
            {"task_id": task_id, "group_name": group, "office_id": self.case.office_id}
            for group in dict.fromkeys(fact.candidate_groups)
        )
        self._tell("user_task.changed", fact, name=fact.name)

    def _rename(self, fact: facts.ElementRenamed) -> None:
        self.step.renamed.append(
            {
                "row": derived(self.case.id, fact.key),
                "incident": incident_id_of(self.case.id, fact.key),
                "element": fact.element_id,
            }
        )
        self._tell("element.renamed", fact, before=fact.former_id)

    def _end_task(self, key: str) -> None:
        # The row is completed by the person's own statement, and told by the verb.
        task_id, work = derived(self.case.id, key), self.user_work(key)
        done = self.step.completed
        self.announced.append(
            events.UserTaskEnded(
                self.case,
                task_id,
                element_of(key),
                self.standing,
                duty=work.duty if work else None,
                limit=work.limit if work else None,
                completed_by=done["person"] if done and done["task"] == task_id else None,
            )
        )

    def _cancel_task(self, key: str) -> None:
        if key in self._fleeting:
            return
        self.step.cancelled_tasks.append(derived(self.case.id, key))
        self._tell_key("user_task.cancelled", key)
        self._end_task(key)

    # --- service tasks --------------------------------------------------------------------------

    def _wait_for(self, fact: facts.ServiceTaskRequested) -> None:
        if fact.key not in self._answered:
            whom = str(fact.inputs.get("agency") or "")
            self.announced.append(
                events.ServiceTaskWaits(self.case, fact.key, fact.operation, whom)
            )

    def _wait_ended(self, key: str) -> None:
        if key not in self._requested:
            self.announced.append(events.ServiceTaskEnded(self.case, key))

    # --- timers, messages, signals --------------------------------------------------------------

    def _set_timer(self, fact: facts.TimerScheduled) -> None:
        if fact.key in self._fleeting:
            return
        timer_id = derived(self.case.id, fact.key)
        self.step.timers.append(
            {
                "id": timer_id,
                "office_id": self.case.office_id,
                "case_id": self.case.id,
                "key": fact.key,
                "process_id": fact.process_id,
                "element_id": fact.element_id,
                "due_at": fact.due_at,
                "clock": fact.clock,
                "point": fact.point,
                "status": "waiting",
                "created_at": self.now,
                "fence": 0,
                "attempts": 0,
            }
        )
        due = None if fact.due_at is None else fact.due_at.isoformat()
        self._tell("timer.scheduled", fact, due_at=due, clock=fact.clock)
        if fact.clock is not None:
            self.announced.append(
                events.ClockTimerScheduled(self.case, timer_id, fact.clock, fact.point)
            )

    def _end_timer(self, key: str, how: str) -> None:
        if key not in self._fleeting:
            self.step.ended_timers.append((derived(self.case.id, key), how))
            self._tell_key(f"timer.{how}", key)

    def _await(
        self, fact: facts.MessageAwaited | facts.SignalAwaited, kind: str, correlation: str | None
    ) -> None:
        if fact.key in self._fleeting:
            return
        self.step.waits.append(
            {
                "id": derived(self.case.id, fact.key),
                "office_id": self.case.office_id,
                "case_id": self.case.id,
                "key": fact.key,
                "kind": kind,
                "name": fact.name,
                "correlation_key": correlation,
                "status": "open",
                "created_at": self.now,
            }
        )
        self._tell(f"{kind}.awaited", fact, **{kind: fact.name})

    def _end_wait(self, key: str, how: str, action: str) -> None:
        if key not in self._fleeting:
            self.step.ended_waits.append((derived(self.case.id, key), how))
        self._tell_key(action, key)

    def _throw_message(self, fact: facts.MessageThrown) -> None:
        # Delivered by a job of its own: a step never locks a second case.
        self._tell("message.thrown", fact, message=fact.name)
        self._job(
            MESSAGE_JOB,
            f"message:{fact.key}",
            None,
            {
                "key": fact.key,
                "name": fact.name,
                "correlation_key": fact.correlation_key,
                "payload": as_json(fact.payload),
            },
        )

    def _throw_signal(self, fact: facts.SignalThrown) -> None:
        # Whoever waits now gets it; one job for each case, each in a transaction of its own.
        self._tell("signal.thrown", fact, signal=fact.name)
        for case_id in self.signal_targets(fact.name):
            self._job(
                SIGNAL_JOB,
                f"signal:{fact.key}:{case_id}",
                case_id,
                {"name": fact.name, "payload": as_json(fact.payload)},
            )

    def _job(self, kind: str, key: str, case_id: UUID | None, payload: Mapping[str, Any]) -> None:
        self.step.jobs.append(
            {
                "id": derived(self.case.id, key),
                "office_id": self.case.office_id,
                "kind": kind,
                "case_id": case_id or self.case.id,
                "payload": payload,
                "due_at": self.now,
                "status": "waiting",
                "created_at": self.now,
                "fence": 0,
                "attempts": 0,
            }
        )

    # --- incidents ------------------------------------------------------------------------------

    def _raise_incident(self, fact: facts.IncidentRaised) -> None:
        # What failed waits for somebody here to mend it, no longer for who was asked.
        self._wait_ended(fact.key)
        if fact.key in self._fleeting:
            return
        incident_id = incident_id_of(self.case.id, fact.key)
        self.step.incidents.append(
            {
                "id": incident_id,
                "office_id": self.case.office_id,
                "case_id": self.case.id,
                "key": fact.key,
                "source": "engine",
                "element_id": fact.element_id,
                "code": fact.code[:60],
                "message": fact.message,
                "status": "open",
                "raised_at": self.now,
            }
        )
        self._tell("incident.raised", fact, code=fact.code, message=fact.message)
        self.announced.append(events.IncidentRaised(self.case, incident_id, fact.code))

    def _resolve_incident(self, key: str) -> None:
        if key not in self._fleeting:
            self.step.resolved_incidents.append(
                {
                    "row": incident_id_of(self.case.id, key),
                    "at": self.now,
                    "person": self.by,
                    "resolution_text": "retried",
                }
            )

    # --- history --------------------------------------------------------------------------------

    def _tell(self, action: str, fact: Any, **detail: Any) -> None:
        self._write(action, fact.key, fact.element_id, fact.process_id, detail)

    def _tell_key(self, action: str, key: str) -> None:
        self._write(action, key, element_of(key), None, {})

    def _write(
        self,
        action: str,
        key: str,
        element_id: str,
        process_id: str | None,
        detail: Mapping[str, Any],
    ) -> None:
        line = self._common
        if line is None:
            entry = Entry(
                action,
                self.actor,
                self.now,
                case_id=self.case.id,
                step=self.case.version,
                office_id=self.case.office_id,
            )
            line = self._common = row(entry)
        told = {"action": action, "process_id": process_id, "element_id": element_id}
        self.step.history.append({**line, **told, "object_id": key, "detail": dict(detail)})


_OPENING = (
    facts.UserTaskCreated
    | facts.TimerScheduled
    | facts.MessageAwaited
    | facts.SignalAwaited
    | facts.IncidentRaised
)
_ENDING = (
    facts.UserTaskCancelled
    | facts.TimerFired
    | facts.TimerCancelled
    | facts.MessageReceived
    | facts.MessageWaitCancelled
    | facts.SignalWaitEnded
    | facts.IncidentResolved
)


_ANSWERING = facts.ServiceTaskCompleted | facts.ServiceTaskCancelled | facts.IncidentRaised


def incident_id_of(case_id: UUID, key: str) -> UUID:
    return derived(case_id, f"incident:{key}")


def element_of(key: str) -> str:
    """The element a key names: `pay#1/check#2` → `check`."""
    return key.rpartition("/")[2].partition("#")[0]


def as_json(values: Mapping[str, Any]) -> Any:
    """FEEL values as JSON can hold them, exactly (`engine.bpmn.codec.decode` reads them)."""
    return encode(to_feel(values))
