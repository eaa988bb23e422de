"""What makes a case move: the interpreter's only input beside state, time and environment.

`key` is the key of the fact that opened the wait (`UserTaskCreated`, `TimerScheduled`, …). A
trigger whose key the state does not know is refused with `UnknownKey`: it is late, or not ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Values: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CompleteUserTask:
    """`values` is a patch: only what the person changed."""

    key: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompleteServiceTask:
    key: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FailServiceTask:
    """With `error_code` a BPMN error is thrown from the task; without, the task is an incident."""

    key: str
    message: str
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class FireTimer:
    key: str


@dataclass(frozen=True, slots=True)
class ReceiveMessage:
    key: str
    payload: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceiveSignal:
    """Every wait for the signal `name` in this case receives it."""

    name: str
    payload: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RetryIncident:
    """Try the element again, after `values` were put right in the scope of the incident."""

    key: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terminate:
    """End the instance from outside; everything open is cancelled."""

    reason: str


Trigger: TypeAlias = (
    CompleteUserTask
    | CompleteServiceTask
    | FailServiceTask
    | FireTimer
    | ReceiveMessage
    | ReceiveSignal
    | RetryIncident
    | Terminate
)
