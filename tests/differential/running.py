"""Runs one model on SpiffWorkflow and on our interpreter, user task by user task.

Both sides show the same face: which user tasks are open, complete one with values, what was passed,
what the variables are in the end.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import compile_definition, facts
from engine.bpmn.definition import Definition, Kind
from engine.bpmn.environment import Environment
from engine.bpmn.interpreter import (
    advance,
    dump_state,
    incidents,
    is_ended,
    load_state,
    start,
    variables,
)
from engine.bpmn.state import WaitKind
from engine.bpmn.triggers import CompleteUserTask
from tests.differential.drawing import for_spiff, for_us
from tests.differential.models import Model, walk

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MOST_STEPS = 150


class Side(Protocol):
    def open(self) -> list[str]:
        """Names of the open user tasks, sorted."""

    def complete(self, name: str, values: Mapping[str, int]) -> None:
        """Complete the one of that name that has been open longest."""

    def passed(self) -> Counter[str]:
        """How often each user and script task was completed."""

    def is_ended(self) -> bool: ...

    def data(self) -> dict[str, Any]: ...


@dataclass
class Trace:
    """What can be compared: the open tasks before each completion, and how it ended."""

    opened: list[tuple[str, ...]] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    ended: bool = False
    passed: dict[str, int] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


def run(model: Model, side: Side, seed: int) -> Trace:
    """Complete user tasks in an order that depends on the seed and on what is open only."""
    choice = random.Random(seed)
    writes = {block.name: _written_by(block.kind, block) for block in _users(model)}
    trace = Trace()
    for step in range(MOST_STEPS):
        names = side.open()
        trace.opened.append(tuple(names))
        if not names:
            break
        name = choice.choice(sorted(set(names)))
        trace.completed.append(name)
        side.complete(name, {writes[name]: step % 7})
    trace.ended = side.is_ended()
    trace.passed = dict(sorted(side.passed().items()))
    trace.data = {name: v for name, v in side.data().items() if name not in model.spoiled}
    return trace


def _users(model: Model) -> list[Any]:
    bodies = [model.main, *model.called.values()]
    return [b for body in bodies for b in walk(body) if b.kind in ("user", "mi_user")]


def _written_by(kind: str, block: Any) -> str:
    return f"{block.name}_result" if kind == "mi_user" else str(block.variable)


class Spiff:
    """The oracle."""

    def __init__(self, model: Model) -> None:
        parser = BpmnParser()
        for process_id, text in for_spiff(model).items():
            parser.add_bpmn_str(text, filename=process_id)
        spec = parser.get_spec("main")
        self.workflow = BpmnWorkflow(spec, parser.get_subprocess_specs("main"))
        self.workflow.set_data(**model.start)
        for task in self.workflow.get_tasks(state=TaskState.READY):
            task.data.update(model.start)
        self.workflow.do_engine_steps()

    def _ready(self) -> list[Any]:
        return list(self.workflow.get_tasks(state=TaskState.READY, manual=True))

    def open(self) -> list[str]:
        return sorted(task.task_spec.bpmn_id for task in self._ready())

    def complete(self, name: str, values: Mapping[str, int]) -> None:
        task = next(t for t in self._ready() if t.task_spec.bpmn_id == name)
        task.data.update(values)
        task.run()
        self.workflow.do_engine_steps()

    def passed(self) -> Counter[str]:
        return Counter(
            task.task_spec.bpmn_id
            for task in self.workflow.get_tasks(state=TaskState.COMPLETED)
            if type(task.task_spec).__name__ in ("UserTask", "ScriptTask")
        )

    def is_ended(self) -> bool:
        return bool(self.workflow.is_completed())

    def data(self) -> dict[str, Any]:
        return dict(self.workflow.last_task.data) if self.is_ended() else {}


class Ours:
    """The interpreter, saved and loaded before every step."""

    def __init__(self, model: Model) -> None:
        definitions = {name: compile_definition(text) for name, text in for_us(model).items()}
        self.definition: Definition = definitions["main"]
        self.env = Environment(definitions=definitions)
        state, told = start(self.definition, model.start, NOW, self.env)
        self.saved = dump_state(state)
        self.told = list(told)

    @property
    def state(self) -> Any:
        return load_state(self.saved)

    def open(self) -> list[str]:
        waits = self.state.waits.values()
        assert not incidents(self.state), incidents(self.state)
        return sorted(wait.element for wait in waits if wait.kind is WaitKind.USER)

    def complete(self, name: str, values: Mapping[str, int]) -> None:
        state = self.state
        key = next(key for key, wait in state.waits.items() if wait.element == name)
        state, told = advance(self.definition, state, CompleteUserTask(key, values), NOW, self.env)
        self.saved = dump_state(state)
        self.told += told

    def passed(self) -> Counter[str]:
        return Counter(
            fact.element_id
            for fact in self.told
            if isinstance(fact, facts.ElementCompleted) and self._is_task(fact)
        )

    def _is_task(self, fact: facts.ElementCompleted) -> bool:
        element = self.env.definitions[fact.process_id].elements[fact.element_id]
        # A multi-instance as a whole is no task of its own; its items lie in `…[n]/`.
        is_whole = element.multi_instance and not fact.key.rpartition("/")[0].endswith("]")
        return element.kind in (Kind.USER_TASK, Kind.SCRIPT_TASK) and not is_whole

    def is_ended(self) -> bool:
        return is_ended(self.state)

    def data(self) -> dict[str, Any]:
        return {name: _plain(value) for name, value in variables(self.state).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, Decimal) else value
