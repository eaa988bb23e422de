"""One advance at work: a private copy of the state, a stack of steps, and the facts so far.

Work is a stack, so a branch runs until it waits before the next one in the diagram's order begins.
A step names an activation; when something has ended that activation meanwhile, the step is dropped.
That is how an interruption comes first: it ends activations at once, and what they still had to do
falls off the stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from engine.bpmn import facts
from engine.bpmn.definition import Definition, Element, Scope
from engine.bpmn.environment import Environment
from engine.bpmn.facts import Fact
from engine.bpmn.state import (
    ROOT,
    Activation,
    Ended,
    Role,
    Stage,
    State,
    Wait,
    WaitKind,
)

OFFICE_ZONE = ZoneInfo("Asia/Taipei")


class Blocked(Exception):
    """A step cannot be done; becomes an incident. `element` names where to look, if elsewhere."""

    def __init__(self, code: str, message: str, *, element: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.element = element


class Step(NamedTuple):
    stage: Stage
    activation: Activation
    data: Any = None


class Run:
    """The working copy of one advance."""

    __slots__ = (
        "_given",
        "activations",
        "budget",
        "definitions",
        "ended",
        "env",
        "facts",
        "now",
        "process_id",
        "stack",
        "waits",
    )

    def __init__(
        self, definition: Definition, state: State, now: datetime, env: Environment
    ) -> None:
        if definition.process_id != state.process_id:
            raise ValueError(
                f"Expected the definition of process {state.process_id}, which this state runs, "
                f"but got the one of {definition.process_id}"
            )
        if now.tzinfo is None:
            raise ValueError("Expected `now` with a time zone, but got a naive datetime")
        self.process_id = state.process_id
        self.definitions: dict[str, Definition] = {definition.process_id: definition}
        self.activations = {key: a.copy() for key, a in state.activations.items()}
        self.waits: dict[str, Wait] = dict(state.waits)
        self.ended = state.ended
        self.env = env
        self.now = now
        self.budget = env.step_budget
        self.facts: list[Fact] = []
        self.stack: list[tuple[Stage, Activation, Any]] = []  # plain tuples: made at every step
        self._given: Mapping[str, Any] | None = None

    @property
    def given(self) -> Mapping[str, Any]:
        """What every expression sees beside the variables."""
        if self._given is None:
            self._given = self._given_to_expressions()
        return self._given

    def _given_to_expressions(self) -> Mapping[str, Any]:
        local = self.now.astimezone(OFFICE_ZONE)
        given = {"data": self.env.data, "now": local, "today": local.date()}
        case = self.activations[ROOT].variables.get("case")
        return given if case is None else {**given, "case": case}

    def state(self) -> State:
        return State(self.process_id, self.activations, self.waits, self.ended)

    # Definitions

    def definition(self, process_id: str) -> Definition:
        """Return a running process's definition; the caller must have given it."""
        found = self.definitions.get(process_id)
        if found is None:
            found = self.env.definitions.get(process_id)
            if found is None:
                raise LookupError(
                    f"Expected the definition of the called process {process_id} in the "
                    "environment, because the instance is inside it, but it is not there"
                )
            self.definitions[process_id] = found
        return found

    def element(self, activation: Activation) -> Element:
        node: Element | None = activation.node
        if node is None:
            node = self.definition(activation.process).elements[activation.element]
            activation.node = node
        return node

    def scope(self, activation: Activation) -> Scope:
        """Return what a root, sub-process or called process holds."""
        inside = activation.element if activation.role is Role.SCOPE else None
        return self.definition(activation.inner).scopes[inside]

    # The tree

    def parent(self, activation: Activation) -> Activation:
        return self.activations[activation.parent or ROOT]

    def next_key(self, parent: Activation, element_id: str) -> str:
        """Return the key of the next run of an element inside `parent`."""
        occurrence = parent.counters.get(element_id, 0) + 1
        parent.counters[element_id] = occurrence
        name = f"{element_id}#{occurrence}"
        return f"{parent.key}/{name}" if parent.key else name

    def open(self, parent: Activation, element_id: str, key: str | None = None) -> Activation:
        """Put a new activation into the tree; it has not begun."""
        key = key or self.next_key(parent, element_id)
        return self.add(parent, element_id, Role.LEAF, key, parent.inner)

    def add(
        self, parent: Activation, element_id: str, role: Role, key: str, process: str
    ) -> Activation:
        activation = Activation(key, element_id, role, process, process, parent.key)
        self.activations[key] = activation
        parent.children[key] = None
        return activation

    def close(self, activation: Activation) -> None:
        """Take an activation without children out of the tree, and end what it waited for."""
        if activation.waits:
            for key in list(activation.waits):
                self.cancel_wait(key)
        del self.parent(activation).children[activation.key]
        del self.activations[activation.key]

    def is_live(self, activation: Activation) -> bool:
        return self.activations.get(activation.key) is activation

    def end(self, activation: Activation) -> None:
        """Interrupt an activation and everything inside it, innermost first."""
        for each in list(self._innermost_first(activation)):
            self.close(each)
            if each.entered:
                self.emit(facts.ElementTerminated(each.key, each.process, each.element))

    def end_children(self, activation: Activation) -> None:
        """Interrupt everything inside a scope; the scope itself stays."""
        activation.joins.clear()
        for key in list(activation.children):
            self.end(self.activations[key])

    def _innermost_first(self, top: Activation) -> Iterator[Activation]:
        # Without recursion: called processes may nest deeper than Python's stack.
        order = [top]
        for activation in order:
            order.extend(self.activations[key] for key in reversed(activation.children))
        return reversed(order)

    # Waits

    def wait(self, key: str, wait: Wait) -> None:
        self.waits[key] = wait
        self.activations[wait.owner].waits[key] = None

    def take_wait(self, key: str) -> Wait:
        wait = self.waits.pop(key)
        del self.activations[wait.owner].waits[key]
        return wait

    def cancel_wait(self, key: str) -> None:
        told = _CANCELLED.get(self.take_wait(key).kind)
        if told is not None:
            self.emit(told(key))

    # Work and facts

    def spend(self, elements: int) -> None:
        """Take elements to be entered off the budget, or raise Blocked."""
        if elements > self.budget:
            raise Blocked(
                "budget.steps",
                f"Expected to come to rest within {self.env.step_budget} elements, but the "
                "process goes on: look for a loop that no person or timer interrupts",
            )
        self.budget -= elements

    def push(self, stage: Stage, activation: Activation, data: Any = None) -> None:
        self.stack.append((stage, activation, data))

    def push_all(self, steps: Sequence[Step]) -> None:
        """Put several steps on the stack, the first to be done first."""
        self.stack.extend(reversed(steps))

    def emit(self, fact: Fact) -> None:
        self.facts.append(fact)

    def complete_instance(self, root: Activation) -> None:
        for key in list(root.waits):
            self.cancel_wait(key)
        self.ended = Ended.COMPLETED
        self.emit(facts.InstanceCompleted(self.process_id, tuple(root.ends)))


_CANCELLED: dict[WaitKind, Callable[[str], Fact]] = {
    WaitKind.USER: facts.UserTaskCancelled,
    WaitKind.SERVICE: facts.ServiceTaskCancelled,
    WaitKind.TIMER: facts.TimerCancelled,
    WaitKind.MESSAGE: facts.MessageWaitCancelled,
    WaitKind.SIGNAL: facts.SignalWaitEnded,
    WaitKind.INCIDENT: facts.IncidentResolved,
}
