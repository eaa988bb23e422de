"""What the engine announces to listeners: the fact, with its case on it, in the same transaction.

Listeners are wired in `app.py` in one list; they get the transaction and write in it, and never
reach the network. An exception in a listener undoes the step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from engine.actors import Actor
from engine.keyring import CaseKey


@dataclass(frozen=True, slots=True)
class CaseRef:
    """What every listener needs of a case."""

    id: UUID
    number: str
    office_id: str
    package_id: str
    definition_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A case in the middle of a transaction: its key, personal data and variables, in the clear."""

    key: CaseKey
    data: Mapping[str, Any]
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseFiled:
    case: CaseRef
    actor: Actor
    filed_at: datetime
    variables: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    key: CaseKey | None = None  # the case's, so that nobody has to read and unwrap it again


@dataclass(frozen=True, slots=True)
class CaseClosed:
    case: CaseRef
    actor: Actor
    outcome: str


@dataclass(frozen=True, slots=True)
class CaseWithdrawn:
    case: CaseRef
    actor: Actor
    reason: str


@dataclass(frozen=True, slots=True)
class CaseSuspended:
    case: CaseRef
    actor: Actor
    reason: str


@dataclass(frozen=True, slots=True)
class CaseResumed:
    case: CaseRef
    actor: Actor


@dataclass(frozen=True, slots=True)
class CaseMigrated:
    """The case goes on with another version. `clocks` are counted anew by its limits; the others
    keep their due times."""

    case: CaseRef
    actor: Actor
    clocks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UserTaskCreated:
    case: CaseRef
    task_id: UUID
    element_id: str
    limit: str | None
    wait: bool


@dataclass(frozen=True, slots=True)
class UserTaskEnded:
    """Completed by somebody, or cancelled; with its duty and its limit, if it has any.

    `standing` tells how the case stands after the step, so that nobody has to load it again.
    """

    case: CaseRef
    task_id: UUID
    element_id: str
    standing: Callable[[], Standing]
    duty: str | None = None
    limit: str | None = None
    completed_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class ClockTimerScheduled:
    """A timer waits for a clock of the case: the keeper of clocks arms it."""

    case: CaseRef
    timer_id: UUID
    clock: str
    point: str


@dataclass(frozen=True, slots=True)
class ServiceTaskWaits:
    """A service task was not done at once: the case waits for whoever was asked. `whom` is the
    agency the diagram names, empty for another operation."""

    case: CaseRef
    key: str
    operation: str
    whom: str


@dataclass(frozen=True, slots=True)
class ServiceTaskEnded:
    """A service task the case waited for is over: answered, cancelled, or failed."""

    case: CaseRef
    key: str


@dataclass(frozen=True, slots=True)
class ServiceTaskCancelled:
    case: CaseRef
    key: str


@dataclass(frozen=True, slots=True)
class CaseTransferred:
    """The case is with another office now, which `case` names; it came from `former`."""

    case: CaseRef
    actor: Actor
    former: str
    reason: str


@dataclass(frozen=True, slots=True)
class LimitHeld:
    """A diagram lets a limit of the case stand still, for this ground."""

    case: CaseRef
    ground: str


@dataclass(frozen=True, slots=True)
class LimitGoesOn:
    """What a limit of the case stood still for is over: the papers came, the answer is there."""

    case: CaseRef
    ground: str


@dataclass(frozen=True, slots=True)
class ApplicantWritten:
    """A letter to the applicant was issued; who knows an address tells them that it is there."""

    case: CaseRef
    notice_id: UUID


@dataclass(frozen=True, slots=True)
class AbsenceSet:
    """Leave of a member of staff was entered, of these days; of no case."""

    office_id: str
    person_name: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class IncidentRaised:
    case: CaseRef
    incident_id: UUID
    code: str


Event: TypeAlias = (
    CaseFiled
    | CaseClosed
    | CaseWithdrawn
    | CaseSuspended
    | CaseResumed
    | CaseMigrated
    | UserTaskCreated
    | UserTaskEnded
    | ClockTimerScheduled
    | ServiceTaskWaits
    | ServiceTaskEnded
    | ServiceTaskCancelled
    | CaseTransferred
    | LimitHeld
    | LimitGoesOn
    | ApplicantWritten
    | AbsenceSet
    | IncidentRaised
)
AnyEvent = TypeVar("AnyEvent", bound=Event)
Listener: TypeAlias = Callable[[Connection, Any, datetime], None]

_listeners: dict[type[Any], list[Listener]] = {}


def subscribe(
    kind: type[AnyEvent], listener: Callable[[Connection, AnyEvent, datetime], None]
) -> None:
    """Call `listener(tx, event, now)` for every event of `kind`. Twice is once."""
    known = _listeners.setdefault(kind, [])
    if listener not in known:
        known.append(listener)


def announce(tx: Connection, event: Event, now: datetime) -> None:
    for listener in _listeners.get(type(event), ()):
        listener(tx, event, now)


def forget_listeners() -> None:
    """For tests that wire their own list."""
    _listeners.clear()
