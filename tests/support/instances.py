"""Drives one process instance in a test, and proves with every step what must always hold.

Each trigger is applied twice: to the state as it is, and to the state saved and loaded. Both must
give the same facts and the same bytes, the given state must stay as it was, and the new one must
either be ended or have something that can move it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from engine.bpmn import facts, triggers
from engine.bpmn.definition import Definition
from engine.bpmn.environment import Environment
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import (
    State,
    advance,
    dump_state,
    incidents,
    is_ended,
    load_state,
    start,
    variables,
)
from engine.bpmn.state import Role, WaitKind
from tests.support.processes import process

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Taipei")).astimezone(UTC)

F = TypeVar("F")


class Instance:
    """One instance, its given clock and every fact so far."""

    def __init__(
        self,
        definition: Definition,
        given: Mapping[str, Any] | None = None,
        *called: Definition,
        env: Environment | None = None,
        start_event: str | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> None:
        self.definition = definition
        base = env or Environment()
        self.env = replace(
            base, definitions={**base.definitions, **{each.process_id: each for each in called}}
        )
        self.now = MONDAY
        self.state, self.last = start(
            definition, given or {}, self.now, self.env, start_event=start_event, payload=payload
        )
        assert_alive(self.state)
        self.facts: list[Fact] = list(self.last)

    # Triggers

    def send(self, trigger: triggers.Trigger) -> tuple[Fact, ...]:
        before = dump_state(self.state)
        state, told = advance(self.definition, self.state, trigger, self.now, self.env)
        assert dump_state(self.state) == before, "the given state was changed"

        reloaded = load_state(before)
        again, told_again = advance(self.definition, reloaded, trigger, self.now, self.env)
        assert told_again == told
        assert dump_state(again) == dump_state(state)

        assert_alive(state)
        self.state, self.last = state, told
        self.facts.extend(told)
        self._assert_keys_are_unique()
        return told

    def _assert_keys_are_unique(self) -> None:
        told = [(type(fact), fact.key) for fact in self.facts if hasattr(fact, "key")]
        assert len(told) == len(set(told)), "two facts of one kind share a key"

    def complete(self, element: str, at: int = 0, /, **values: Any) -> tuple[Fact, ...]:
        """Complete the oldest open user task of an element (or the one `at` that place)."""
        return self.send(triggers.CompleteUserTask(self.keys(element)[at], values))

    def answer(self, element: str, at: int = 0, /, **values: Any) -> tuple[Fact, ...]:
        return self.send(triggers.CompleteServiceTask(self.keys(element)[at], values))

    def fail(self, element: str, code: str | None = None) -> tuple[Fact, ...]:
        return self.send(
            triggers.FailServiceTask(self.keys(element)[0], "The agency said no", code)
        )

    def fire(self, element: str) -> tuple[Fact, ...]:
        return self.send(triggers.FireTimer(self.keys(element)[0]))

    def receive(self, element: str, /, **payload: Any) -> tuple[Fact, ...]:
        return self.send(triggers.ReceiveMessage(self.keys(element)[0], payload))

    def signal(self, name: str, /, **payload: Any) -> tuple[Fact, ...]:
        return self.send(triggers.ReceiveSignal(name, payload))

    def retry(self, **values: Any) -> tuple[Fact, ...]:
        return self.send(triggers.RetryIncident(incidents(self.state)[0].key, values))

    def terminate(self, reason: str = "withdrawn") -> tuple[Fact, ...]:
        return self.send(triggers.Terminate(reason))

    def pass_time(self, **span: float) -> None:
        """Let time go by; due timers fire in order, each at its own moment."""
        until = self.now + timedelta(**span)
        while due := self._next_due(until):
            self.now, key = max(due[0], self.now), due[1]
            self.send(triggers.FireTimer(key))
        self.now = until

    def _next_due(self, until: datetime) -> tuple[datetime, str] | None:
        due = [
            (wait.due, key)
            for key, wait in self.state.waits.items()
            if wait.due is not None and wait.due <= until
        ]
        return min(due, key=lambda pair: pair[0], default=None)

    # What is

    def keys(self, element: str) -> list[str]:
        return [key for key, wait in self.state.waits.items() if wait.element == element]

    def open(self, kind: WaitKind = WaitKind.USER) -> list[str]:
        """The elements that wait for a person (or for `kind`), oldest first."""
        return [wait.element for wait in self.state.waits.values() if wait.kind is kind]

    def value(self, name: str, key: str | None = None) -> Any:
        return variables(self.state, key)[name]

    def has(self, name: str, key: str | None = None) -> bool:
        return name in variables(self.state, key)

    def incident_codes(self) -> list[str]:
        return [incident.code for incident in incidents(self.state)]

    # What was

    def told(self, kind: type[F]) -> list[F]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def visited(self, kind: type[Fact] = facts.ElementActivated) -> list[str]:
        return [fact.element_id for fact in self.facts if isinstance(fact, kind)]

    def completed_at(self) -> tuple[str, ...]:
        """The end events the instance ended with; fails if it has not completed."""
        (ended,) = self.told(facts.InstanceCompleted)
        return ended.end_events


def assert_alive(state: State) -> None:
    """Nothing rests without a reason: an ended instance holds nothing, a running one can move."""
    if is_ended(state):
        assert list(state.activations) == [""]
        assert not state.waits
        return
    for activation in state.activations.values():
        if activation.role is Role.LEAF:
            assert any(state.waits[key].listens in ("x", "g") for key in activation.waits), (
                f"{activation.key} rests without a wait"
            )
        else:
            moves = activation.children or any(
                state.waits[key].kind is WaitKind.INCIDENT for key in activation.waits
            )
            assert moves, f"{activation.key} is empty but has not ended"
    for key, wait in state.waits.items():
        assert key in state.activations[wait.owner].waits


def with_boundary(event: object, *, interrupting: bool = True) -> Instance:
    """A user task `a` with one boundary event `b`, standing at the task."""
    return Instance(
        process("p")
        .start()
        .user_task("a")
        .end("done")
        .boundary("a", "b", event, interrupting=interrupting)  # type: ignore[arg-type]
        .user_task("handle")
        .end("handled")
        .build()
    )
