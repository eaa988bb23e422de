"""Advancing an instance as far as it goes in one step, without writing it.

Applies triggers, does what service tasks ask for at once, and gives early messages to waits that
just opened, until nothing more happens by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection

from engine import deployments, functions, inbox
from engine.bpmn import facts, interpreter
from engine.bpmn.definition import UserWork
from engine.bpmn.environment import Environment
from engine.bpmn.triggers import CompleteServiceTask, FailServiceTask, ReceiveMessage, Trigger
from engine.case_rows import Case
from engine.decisions import bound
from engine.errors import Conflict, EngineError, Rejected
from engine.operations import Request, handler_of

Work: TypeAlias = Callable[
    [deployments.Loaded, interpreter.State, datetime, Environment],
    tuple[interpreter.State, tuple[facts.Fact, ...]],
]
"""What makes a new state out of one: with the version it runs on, and the environment of that."""

ELEMENTS_A_STEP = 1_000
CALLS_A_STEP = 200
"""Operations done at once and early messages taken, in one step; more becomes an incident."""


def environment(
    tx: Connection, case: Case, loaded: deployments.Loaded, data: Mapping[str, Any], now: datetime
) -> Environment:
    """What an advance may know of a case with this personal data, on a version."""
    given = functions.given(now, functions.Place(tx, case.office_id))
    return Environment(
        definitions=loaded.definitions,
        decisions=bound(loaded.decisions, given),
        functions=given,
        data=data,
        step_budget=ELEMENTS_A_STEP,
    )


class Advance:
    """One step on its way: the state, the facts so far, and what was taken from the inbox."""

    def __init__(
        self,
        tx: Connection,
        case: Case,
        data: Mapping[str, Any],
        now: datetime,
        by: UUID | None = None,
    ) -> None:
        self._tx, self._case, self._now, self._by = tx, case, now, by
        self._loaded = deployments.definition(tx, case.definition_id)
        self._env = environment(tx, case, self._loaded, data, now)
        self.facts: list[facts.Fact] = []
        self.taken: list[tuple[str, inbox.Received]] = []
        self._calls = 0
        self._before: interpreter.State | None = None

    def load(self, state: interpreter.State | None) -> None:
        self.state = interpreter.load_state(self._case.state) if state is None else state
        self._before = self.state

    def user_work(self, key: str) -> UserWork | None:
        """What the diagram says of a user task that was open before the step.

        A task that came from another version still has the limit it began with.
        """
        before = self._before
        wait = None if before is None else before.waits.get(key)
        if before is None or wait is None:
            return None
        process = before.activations[wait.owner].process
        element = self._loaded.definitions[process].elements.get(wait.element)
        work = None if element is None else element.user
        return replace(work, limit=wait.name) if work is not None and wait.name else work

    def change(self, work: Work) -> None:
        """Let `work` make the new state: a deed that is no trigger of the process."""
        self.state, told = work(self._loaded, self.state, self._now, self._env)
        self.facts.extend(told)

    def start(self, variables: Mapping[str, Any]) -> None:
        try:
            self.state, told = interpreter.start(
                self._loaded.definition, variables, self._now, self._env
            )
        except interpreter.BadValues as bad:
            raise Rejected("variables.bad", f"These values cannot be filed: {bad}") from bad
        self.facts.extend(told)

    def apply(self, trigger: Trigger) -> None:
        try:
            self.state, told = interpreter.advance(
                self._loaded.definition, self.state, trigger, self._now, self._env
            )
        except interpreter.UnknownKey as unknown:
            raise Conflict(
                "case.moved_on", f"Case {self._case.number} has gone on: {unknown}"
            ) from unknown
        except interpreter.BadValues as bad:
            raise Rejected("variables.bad", f"These values cannot be taken: {bad}") from bad
        self.facts.extend(told)

    def settle(self) -> None:
        """Do what the facts ask for at once, and what that asks for, until nothing does."""
        at = 0
        while at < len(self.facts):
            fact = self.facts[at]
            at += 1
            match fact:
                case facts.ServiceTaskRequested() if fact.key in self.state.waits:
                    self._request(fact)
                case facts.MessageAwaited() if fact.key in self.state.waits:
                    self._take_early(fact)

    def _request(self, fact: facts.ServiceTaskRequested) -> None:
        handler = handler_of(fact.operation)
        if handler is None:
            self._fail(fact, f"No part of this system does the operation {fact.operation}")
            return
        if not self._may_call():
            self._fail(fact, f"More than {CALLS_A_STEP} operations in one step; look for a loop")
            return
        request = Request(
            case=self._case.ref,
            key=fact.key,
            element_id=fact.element_id,
            name=fact.name,
            operation=fact.operation,
            inputs=fact.inputs,
            data=self._env.data,
            process_id=fact.process_id,
            case_key=self._case.key,
            by=self._by,
        )
        try:
            result = handler(self._tx, request, self._now)
        except EngineError as refusal:
            self._fail(fact, refusal.message)
            return
        if result is not None:
            self.apply(CompleteServiceTask(fact.key, result))

    def _fail(self, fact: facts.ServiceTaskRequested, message: str) -> None:
        self.apply(FailServiceTask(fact.key, message))

    def _take_early(self, fact: facts.MessageAwaited) -> None:
        message = inbox.early(self._tx, self._case.ref, fact.name, fact.correlation_key, self._now)
        if message is None or not self._may_call():
            return
        if inbox.move(self._tx, message.id, "early", "correlated", self._case.id):
            self.taken.append((fact.element_id, message))
            self.apply(ReceiveMessage(fact.key, message.payload))

    def _may_call(self) -> bool:
        self._calls += 1
        return self._calls <= CALLS_A_STEP
