"""What an advance made true: the interpreter's only output beside the new state.

A closed list; `engine/projection.py` turns each into rows and is the only place that does. A fact
carries a `key`, unique within the case and the same whenever the same step is computed again:
`<scope path>/<element id>#<occurrence>`. Row ids are UUIDv5 of (case id, key), so a retried step
makes the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

Values: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ElementActivated:
    key: str
    process_id: str
    element_id: str


@dataclass(frozen=True, slots=True)
class ElementCompleted:
    key: str
    process_id: str
    element_id: str


@dataclass(frozen=True, slots=True)
class ElementTerminated:
    """It was active and something interrupted it."""

    key: str
    process_id: str
    element_id: str


@dataclass(frozen=True, slots=True)
class ElementRenamed:
    """What is active, or waits, under `key` has another id since its case was moved."""

    key: str
    process_id: str
    element_id: str
    former_id: str


@dataclass(frozen=True, slots=True)
class UserTaskCreated:
    key: str
    process_id: str
    element_id: str
    name: str
    candidate_groups: tuple[str, ...]
    form_key: str | None
    duty: str | None
    outcomes: tuple[str, ...]
    assignee: str | None  # person id
    priority: int
    limit: str | None
    wait: bool
    inputs: Values = field(default_factory=dict)  # the task's own variables (explicit inputs)


@dataclass(frozen=True, slots=True)
class UserTaskChanged:
    """An open task looks otherwise since its case was moved to another version. It keeps its key,
    its inputs, its assignee, and the limit it began with."""

    key: str
    process_id: str
    element_id: str
    name: str
    candidate_groups: tuple[str, ...]
    form_key: str | None
    duty: str | None
    outcomes: tuple[str, ...]
    priority: int
    wait: bool


@dataclass(frozen=True, slots=True)
class UserTaskCompleted:
    key: str


@dataclass(frozen=True, slots=True)
class UserTaskCancelled:
    key: str


@dataclass(frozen=True, slots=True)
class ServiceTaskRequested:
    key: str
    process_id: str
    element_id: str
    name: str
    operation: str
    inputs: Values


@dataclass(frozen=True, slots=True)
class ServiceTaskCompleted:
    key: str


@dataclass(frozen=True, slots=True)
class ServiceTaskCancelled:
    key: str


@dataclass(frozen=True, slots=True)
class TimerScheduled:
    """`due_at` is aware UTC; None when the timer waits for `clock` to reach `point`."""

    key: str
    process_id: str
    element_id: str
    due_at: datetime | None
    clock: str | None = None
    point: str = "due"


@dataclass(frozen=True, slots=True)
class TimerFired:
    key: str


@dataclass(frozen=True, slots=True)
class TimerCancelled:
    key: str


@dataclass(frozen=True, slots=True)
class MessageAwaited:
    key: str
    process_id: str
    element_id: str
    name: str
    correlation_key: str | None


@dataclass(frozen=True, slots=True)
class MessageReceived:
    key: str


@dataclass(frozen=True, slots=True)
class MessageWaitCancelled:
    key: str


@dataclass(frozen=True, slots=True)
class MessageThrown:
    key: str
    process_id: str
    element_id: str
    name: str
    correlation_key: str | None
    payload: Values


@dataclass(frozen=True, slots=True)
class SignalAwaited:
    key: str
    process_id: str
    element_id: str
    name: str


@dataclass(frozen=True, slots=True)
class SignalWaitEnded:
    key: str


@dataclass(frozen=True, slots=True)
class SignalThrown:
    key: str
    process_id: str
    element_id: str
    name: str
    payload: Values


@dataclass(frozen=True, slots=True)
class EscalationUncaught:
    """An escalation nobody caught: noted, and the process goes on (BPMN 10.5.1)."""

    key: str
    process_id: str
    element_id: str
    code: str


@dataclass(frozen=True, slots=True)
class DecisionEvaluated:
    key: str
    process_id: str
    element_id: str
    decision: str
    version: str
    rules: tuple[str, ...]  # "<table>:<row number>" of every row that matched
    result: Any


@dataclass(frozen=True, slots=True)
class IncidentRaised:
    """The branch at `key` cannot go on without a person; other branches can."""

    key: str
    process_id: str
    element_id: str
    code: str  # stable, e.g. feel.unknown-name, gateway.no-flow, error.uncaught, budget.steps
    message: str


@dataclass(frozen=True, slots=True)
class IncidentResolved:
    key: str


@dataclass(frozen=True, slots=True)
class InstanceCompleted:
    process_id: str
    end_events: tuple[str, ...]  # ids of the end events of the process that were reached


@dataclass(frozen=True, slots=True)
class InstanceTerminated:
    """Ended from outside (withdrawal), not by its own terminate end event."""

    process_id: str
    reason: str


Fact: TypeAlias = (
    ElementActivated
    | ElementCompleted
    | ElementTerminated
    | ElementRenamed
    | UserTaskCreated
    | UserTaskChanged
    | UserTaskCompleted
    | UserTaskCancelled
    | ServiceTaskRequested
    | ServiceTaskCompleted
    | ServiceTaskCancelled
    | TimerScheduled
    | TimerFired
    | TimerCancelled
    | MessageAwaited
    | MessageReceived
    | MessageWaitCancelled
    | MessageThrown
    | SignalAwaited
    | SignalWaitEnded
    | SignalThrown
    | EscalationUncaught
    | DecisionEvaluated
    | IncidentRaised
    | IncidentResolved
    | InstanceCompleted
    | InstanceTerminated
)
