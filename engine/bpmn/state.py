"""The state of one running process instance: what is active, what it waits for, its variables.

No history and no definition: what happened is told by facts, what may happen stands in the
`Definition`. A `State` is a value. The interpreter works on a copy and never changes the one it
was given; values inside (lists, contexts) are never changed in place, so copies may share them.

Everything active forms a tree of `Activation`s. Its keys spell the tree:
`pay#1/check#2` is the second run of element `check` inside the first run of sub-process `pay`, and
`vote#1[3]/vote#1` the third item of a multi-instance. The root has the empty key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from feel.values import to_feel

ROOT = ""


class UnknownKey(LookupError):
    """The trigger names nothing that is waiting: it is late, or not of this instance."""

    def __init__(self, key: str, wanted: str) -> None:
        super().__init__(
            f"Expected {wanted} waiting under key {key!r}, but there is none: it was completed or "
            "cancelled before, or belongs to another case"
        )
        self.key = key


class StateFormatError(ValueError):
    """The bytes are no state this version of the interpreter can read."""


class Role(StrEnum):
    """What an activation is in the tree. The letters are the saved form."""

    ROOT = "r"
    SCOPE = "s"  # a sub-process or event sub-process
    CALL = "c"  # a call activity; its children belong to the called process
    MULTI = "m"  # a multi-instance activity as a whole; its children are items
    ITEM = "i"  # one item of it: holds the item's variables, and the one activity inside
    LEAF = "l"
    UNDO = "u"  # a throwing event while what it compensates is worked off, inside it


class WaitKind(StrEnum):
    """Who ends a wait. The letters are the saved form."""

    USER = "u"
    SERVICE = "s"
    TIMER = "t"
    MESSAGE = "m"
    SIGNAL = "g"
    INCIDENT = "i"
    CONDITION = "c"


class Listens(StrEnum):
    """For whom a wait listens; decides what happens when it ends. The letters are saved."""

    SELF = "x"  # its owner goes on
    BOUNDARY = "b"  # a boundary event of its owner occurs
    SCOPE = "e"  # an event sub-process inside its owner starts
    GATEWAY = "g"  # its owner, an event-based gateway, is decided


class Stage(StrEnum):
    """The steps an activation passes through. An incident is a step that could not be done yet,
    kept with what it needs, so a retry is the same step again. The letters are the saved form."""

    ENTER = "n"  # a token arrives
    ARM = "a"  # boundary events begin to listen
    BEGIN = "b"  # the element does what it is for
    OPEN = "o"  # a scope begins to listen, and its start events occur
    LEAVE = "l"  # results become variables
    ITEM = "i"  # one item of a multi-instance is done
    ROUTE = "r"  # tokens leave on the outgoing flows
    CHECK = "c"  # is there anything left in this scope?
    UNDO = "u"  # what was completed last is compensated
    STUCK = "k"  # a join that can never be satisfied


@dataclass(slots=True)
class Loop:
    """How far a multi-instance is. `items` is kept only while items are still to be started."""

    total: int
    done: int = 0
    items: list[Any] | None = None
    results: list[Any] | None = None


class Plan(NamedTuple):
    """A cycle's timetable: turn k is due at `anchor` + k intervals of `text` (`R3/PT1H`)."""

    text: str
    anchor: datetime
    turn: int


class Trouble(NamedTuple):
    """Why a step could not be done, and the step."""

    code: str
    message: str
    element: str  # where a person should look
    stage: Stage
    data: Any


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing waited for, ended by exactly one trigger with its key.

    `name` is the signal or message name, of a condition whether it has been true already, of a user
    task that was moved to another version the limit it began with, if that differs; `due` is aware
    UTC, None for a timer on a clock of the case; `part` counts in a multiple event.
    """

    kind: WaitKind
    owner: str
    element: str
    listens: Listens = Listens.SELF
    name: str | None = None
    correlation: str | None = None
    due: datetime | None = None
    plan: Plan | None = None
    trouble: Trouble | None = None
    part: int | None = None


class Done(NamedTuple):
    """An activity that was completed and can be compensated.

    Of a sub-process or called process `inner` is what was completed in it, and `variables` are its
    own as they stood then (the snapshot of 10.7.2); of one item of a multi-instance, the item's.
    """

    element: str
    variables: dict[str, Any]
    inner: list[Any]  # of Done


@dataclass(slots=True)
class Activation:
    """One run of one element. `process` holds the element, `inner` its children."""

    key: str
    element: str
    role: Role
    process: str
    inner: str
    parent: str | None
    entered: bool = False  # its activation was told as a fact
    troubled: bool = False  # its key has already served for an incident
    interrupted: bool = False  # an interrupting event sub-process took over this scope
    variables: dict[str, Any] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)  # runs so far, by element id
    joins: dict[str, int] = field(default_factory=dict)  # tokens waiting at joins, by flow id
    ends: list[str] = field(default_factory=list)  # end events reached; root only
    loop: Loop | None = None
    heard: dict[str, dict[str, Any]] = field(default_factory=dict)  # parts of parallel multiples
    done: list[Done] = field(default_factory=list)  # what can be compensated, oldest first
    undo: list[Done] | None = None  # what this one is to compensate, the last one first
    children: dict[str, None] = field(default_factory=dict)  # derived, not saved
    waits: dict[str, None] = field(default_factory=dict)  # derived, not saved
    node: Any = field(
        default=None, compare=False, repr=False
    )  # the definition's element, once it was looked up; of one advance only

    def copy(self) -> Activation:
        """Return an activation that can be changed without this one noticing."""
        loop = self.loop
        return Activation(
            self.key,
            self.element,
            self.role,
            self.process,
            self.inner,
            self.parent,
            self.entered,
            self.troubled,
            self.interrupted,
            self.variables.copy(),
            self.counters.copy(),
            self.joins.copy(),
            self.ends.copy(),
            loop and replace(loop, results=loop.results and loop.results.copy()),
            self.heard.copy(),
            self.done.copy(),
            self.undo and self.undo.copy(),
            self.children.copy(),
            self.waits.copy(),
        )


class Ended(StrEnum):
    NO = ""
    COMPLETED = "completed"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class State:
    """One process instance at rest. Treat everything in it as read-only."""

    process_id: str
    activations: Mapping[str, Activation]
    waits: Mapping[str, Wait]
    ended: Ended = Ended.NO


class Incident(NamedTuple):
    key: str
    process_id: str
    element_id: str
    code: str
    message: str


def active_elements(state: State) -> list[tuple[str, str, str]]:
    """Return (process id, element id, key) of everything active, outermost first."""
    return [
        (activation.process, activation.element, activation.key)
        for activation in state.activations.values()
        if activation.entered and activation.role not in (Role.ROOT, Role.ITEM)
    ]


def incidents(state: State) -> list[Incident]:
    """Return what waits for a person to put it right, oldest first."""
    return [
        Incident(
            key,
            place_of(state, wait).process,
            wait.trouble.element,
            wait.trouble.code,
            wait.trouble.message,
        )
        for key, wait in state.waits.items()
        if wait.trouble is not None
    ]


def place_of(state: State, wait: Wait) -> Activation:
    """Return the activation a wait belongs to."""
    return state.activations[wait.owner]


def is_ended(state: State) -> bool:
    """Say whether the instance was completed or terminated; then it takes no trigger."""
    return state.ended is not Ended.NO


def variables(state: State, key: str | None = None) -> dict[str, Any]:
    """Return the variables visible at the wait or activation `key` (None: at the process itself).

    Numbers are Decimals, as everywhere in FEEL. Raises UnknownKey.
    """
    seen: dict[str, Any] = {}
    for activation in reversed(list(upwards(state.activations, _place(state, key)))):
        seen.update(activation.variables)
    case = state.activations[ROOT].variables.get("case")
    if case is not None:
        seen.setdefault("case", case)
    copied: dict[str, Any] = to_feel(seen)
    return copied


def with_case(state: State, case: Mapping[str, Any]) -> State:
    """Return the state with new case facts (`case.office` after a transfer, for example)."""
    root = state.activations[ROOT].copy()
    root.variables["case"] = to_feel(case)
    return replace(state, activations={**state.activations, ROOT: root})


def _place(state: State, key: str | None) -> Activation:
    name = ROOT if key is None else key
    if name in state.waits:
        return place_of(state, state.waits[name])
    if name in state.activations:
        return state.activations[name]
    raise UnknownKey(name, "something")


def upwards(activations: Mapping[str, Activation], start: Activation) -> Iterator[Activation]:
    """Yield the activations whose variables are visible at `start`, innermost first.

    What calls a process is not visible in it: only mappings cross.
    """
    current = start
    yield current
    while current.role not in (Role.ROOT, Role.CALL) and current.parent is not None:
        current = activations[current.parent]
        yield current
