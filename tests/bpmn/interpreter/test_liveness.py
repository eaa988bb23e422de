"""Whatever the diagram: an instance never ends with work left and never rests without a reason.

The diagrams are drawn at random and mostly nonsense (joins that cannot be satisfied, loops without
a wait, errors nobody catches). `Instance` asserts after each step that something can move it.
"""

from __future__ import annotations

import random

import pytest

from engine.bpmn.definition import EventKind, EventSpec
from engine.bpmn.environment import Environment
from engine.bpmn.interpreter import is_ended, variables
from engine.bpmn.state import WaitKind
from engine.bpmn.triggers import (
    CompleteServiceTask,
    CompleteUserTask,
    FailServiceTask,
    FireTimer,
    ReceiveMessage,
    ReceiveSignal,
    RetryIncident,
    Terminate,
    Trigger,
)
from tests.support.instances import Instance
from tests.support.processes import (
    Builder,
    after,
    each,
    error,
    escalation,
    message,
    not_interrupting,
    process,
    signal,
    terminate,
    timer,
)


class Scribble:
    """Draws one random process."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def draw(self, builder: Builder, depth: int = 0) -> Builder:
        nodes = [self.name("start")]
        builder.start(nodes[0])
        for _ in range(self.random.randint(2, 7)):
            builder.back_to(self.random.choice(nodes))
            self.condition(builder)
            nodes.append(self.node(builder, depth))
        for _ in range(self.random.randint(0, 5)):
            source, target = self.random.choice(nodes), self.random.choice(nodes[1:])
            if not source.startswith("end") and not target.startswith("catcher"):
                builder.back_to(source)
                self.condition(builder)
                builder.to(target)
        if self.random.random() < 0.5:
            self.event_sub_process(builder, depth)
        return builder

    def condition(self, builder: Builder) -> None:
        choice = self.random.random()
        if choice < 0.2:
            builder.when("n < 20")
        elif choice < 0.3:
            builder.when("missing")
        elif choice < 0.4:
            builder.otherwise()

    def node(self, builder: Builder, depth: int) -> str:
        kinds = [
            *("user", "script", "xor", "parallel", "service", "catch", "throw", "end", "task"),
            *(("sub", "call") if depth < 2 else ()),
        ]
        kind = self.random.choice(kinds)
        name = self.name(kind)
        self.add(builder, kind, name, depth)
        if kind in ("user", "service", "sub", "call") and self.random.random() < 0.4:
            event = self.random.choice(
                [after("P1D"), message("m"), signal("s"), error(), escalation("E")]
            )
            interrupting = event.kind is EventKind.ERROR or self.random.random() < 0.5
            boundary = self.name("catcher")
            builder.boundary(name, boundary, event, interrupting=interrupting)
            builder.user_task(self.name("caught"))
        return name

    def add(self, builder: Builder, kind: str, name: str, depth: int) -> None:  # noqa: C901
        loop = self.random.choice([None, None, each(times="2"), each("list", sequential=True)])
        match kind:
            case "user":
                builder.user_task(name, multi_instance=loop)
            case "service":
                builder.service(name, multi_instance=loop)
            case "script":
                builder.script(name, "n", self.random.choice(["n + 1", "n + 1", "missing + 1"]))
            case "xor":
                builder.xor(name)
            case "parallel":
                builder.parallel(name)
            case "task":
                builder.task(name)
            case "catch":
                builder.catch(name, self.random.choice([after("P1D"), message("m"), signal("s")]))
            case "throw":
                builder.throw(name, self.random.choice([signal("s"), escalation("E")]))
            case "end":
                builder.end(name, self.random.choice(ENDS))
            case "call":
                builder.call(name, "called", inputs={"n": "n", "list": "list"}, multi_instance=loop)
            case _:
                builder.sub_process(name, lambda b: self.draw(b, depth + 1), multi_instance=loop)

    def event_sub_process(self, builder: Builder, depth: int) -> None:
        event = self.random.choice(
            [message("m"), signal("s"), error("X"), timer(cycle="R3/P1D"), escalation("E")]
        )
        if event.kind is not EventKind.ERROR and self.random.random() < 0.5:
            event = not_interrupting(event)
        name = self.name("rescue")
        builder.event_sub_process(
            name, lambda b: b.start(self.name("begin"), event).user_task(self.name("r"))
        )


PLAIN = EventSpec(EventKind.NONE)
ENDS = [PLAIN, PLAIN, error("X"), terminate(), escalation("E"), signal("s")]


def some_trigger(run: Instance, chance: random.Random) -> Trigger:
    key = chance.choice(list(run.state.waits))
    match run.state.waits[key].kind:
        case WaitKind.USER:
            return CompleteUserTask(key, chance.choice([{}, {"n": 3}, {"list": [1, None]}]))
        case WaitKind.SERVICE:
            code = chance.choice([None, "X"])
            return chance.choice([CompleteServiceTask(key), FailServiceTask(key, "no", code)])
        case WaitKind.TIMER:
            return FireTimer(key)
        case WaitKind.MESSAGE:
            return ReceiveMessage(key, {})
        case WaitKind.SIGNAL:
            return ReceiveSignal("s", {})
        case _:
            return RetryIncident(key, {"missing": chance.choice([True, 1])})


@pytest.mark.parametrize("block", range(10))
def test_a_random_process_is_always_ended_stuck_aloud_or_waiting(block: int) -> None:
    ended = stuck = 0
    for seed in range(block * 40, block * 40 + 40):
        scribble = Scribble(seed)
        called = scribble.draw(process("called"), depth=2).build()
        definition = scribble.draw(process("p")).build()
        run = Instance(
            definition, {"n": 0, "list": [1, 2]}, called, env=Environment(step_budget=60)
        )
        chance = random.Random(seed)
        for _ in range(25):
            if is_ended(run.state) or len(run.state.waits) > 150:
                break
            run.send(some_trigger(run, chance))
            variables(run.state)
        ended += is_ended(run.state)
        stuck += "instance.stuck" in run.incident_codes()
        if not is_ended(run.state):
            run.send(Terminate("enough"))
            assert is_ended(run.state)

    assert ended > 0
    assert ended < 40
