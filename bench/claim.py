"""A whole case in memory: our interpreter beside SpiffWorkflow's own runtime, on one diagram.

The process C: six user tasks, three exclusive gateways with their merges, two call activities, a
non-interrupting and an interrupting boundary timer, a parallel multi-instance of five. It is drawn
twice with the same expressions: FEEL for us, Python for SpiffWorkflow. Both keep their objects in
memory; what ours takes when it also loads and saves its state around every completion is told too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bench.ours import now
from engine.bpmn import Definition, compile_definition, start
from engine.bpmn.codec import dump_state, load_state
from engine.bpmn.environment import Environment
from engine.bpmn.interpreter import advance
from engine.bpmn.state import is_ended
from engine.bpmn.triggers import CompleteUserTask

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:hz="urn:huzheng:bpmn:1" id="d" targetNamespace="urn:huzheng:bench">'
)
TASKS = ("receive", "examine", "decide", "pay", "prepare", "hand_over")
CASE: Mapping[str, Any] = {
    "subject": "claim",
    "amount": 1_200,
    "rate": 3,
    **{f"fact_{n}": f"what the applicant told us of point {n}, in words" for n in range(20)},
}
"""What a case begins with: 1.5 KB of JSON."""


def form_of(number: int) -> dict[str, Any]:
    """What a person enters at one task: about 450 bytes of JSON."""
    return {
        f"answer_{number}_{line}": f"entered at step {number}, line {line}" for line in range(9)
    }


FORMS: Mapping[str, Mapping[str, Any]] = {
    name: form_of(number) for number, name in enumerate(TASKS)
}


# --- the diagram --------------------------------------------------------------------------------


def diagrams(*, ours: bool) -> dict[str, bytes]:
    """Process id → diagram, in the words of one of the two."""
    return {
        "C": document("C", _main(ours=ours)),
        "A": document("A", _called("A", "fee", "amount * rate", ours=ours)),
        "B": document("B", _called("B", "total", "fee + amount", ours=ours)),
    }


def document(process_id: str, inner: str) -> bytes:
    process = (
        f'<process id="{process_id}" name="{process_id}" isExecutable="true">{inner}</process>'
    )
    return f"{HEAD}{process}</definitions>".encode()


def _main(*, ours: bool) -> str:
    loop = '<multiInstanceLoopCharacteristics isSequential="false"><loopCardinality>5</loopCardinality></multiInstanceLoopCharacteristics>'  # noqa: E501
    parts = [
        '<startEvent id="start"/>',
        *(user_task(name, ours=ours) for name in TASKS),
        _choice("is_large"),
        _choice("is_paid"),
        _choice("is_whole"),
        _timer("slow", "examine", "P3D", interrupts=False, ours=ours),
        _script("note_slow", "was_slow", "1", ours=ours),
        '<endEvent id="end_slow"/>',
        _timer("given_up", "pay", "P30D", interrupts=True, ours=ours),
        '<endEvent id="end_given_up"/>',
        _call("first", "A", ("amount", "rate"), ("fee",), ours=ours),
        _call("second", "B", ("amount", "fee"), ("total",), ours=ours),
        _script("tell", "told", "amount + 1", ours=ours, loop=loop),
        '<endEvent id="end"/>',
        flows(
            ("start", "receive"),
            ("receive", "is_large"),
            ("is_large", "examine", "amount > 1000"),
            ("is_large", "is_large_merge"),
            ("examine", "is_large_merge"),
            ("slow", "note_slow"),
            ("note_slow", "end_slow"),
            ("is_large_merge", "first"),
            ("first", "decide"),
            ("decide", "is_paid"),
            ("is_paid", "pay", "fee > 10"),
            ("is_paid", "is_paid_merge"),
            ("pay", "is_paid_merge"),
            ("given_up", "end_given_up"),
            ("is_paid_merge", "prepare"),
            ("prepare", "is_whole"),
            ("is_whole", "hand_over", "amount > 0"),
            ("is_whole", "is_whole_merge"),
            ("hand_over", "is_whole_merge"),
            ("is_whole_merge", "second"),
            ("second", "tell"),
            ("tell", "end"),
        ),
    ]
    return "".join(parts)


def _called(name: str, result: str, expression: str, *, ours: bool) -> str:
    script = _script(f"count_{name}", result, expression, ours=ours)
    lines = flows((f"start_{name}", f"count_{name}"), (f"count_{name}", f"end_{name}"))
    return f'<startEvent id="start_{name}"/>{script}<endEvent id="end_{name}"/>{lines}'


def user_task(name: str, *, ours: bool) -> str:
    ours_only = ' hz:candidateGroups="counter" hz:form="f"' if ours else ""
    return f'<userTask id="{name}" name="{name}"{ours_only}/>'


def _script(name: str, variable: str, expression: str, *, ours: bool, loop: str = "") -> str:
    if ours:
        head = f'<scriptTask id="{name}" scriptFormat="feel" hz:resultVariable="{variable}">'
        return f"{head}{loop}<script>{expression}</script></scriptTask>"
    script = f"<script>{variable} = {expression}</script>"
    return f'<scriptTask id="{name}">{loop}{script}</scriptTask>'


def _call(
    name: str, process: str, inputs: tuple[str, ...], outputs: tuple[str, ...], *, ours: bool
) -> str:
    mapped = ""
    if ours:  # SpiffWorkflow copies everything in and out
        mapped = "".join(f'<hz:input source="{each}" target="{each}"/>' for each in inputs)
        mapped += "".join(f'<hz:output source="{each}" target="{each}"/>' for each in outputs)
        mapped = f"<extensionElements>{mapped}</extensionElements>"
    return f'<callActivity id="{name}" calledElement="{process}">{mapped}</callActivity>'


def _choice(name: str) -> str:
    default = f"{name}-{name}_merge"
    return (
        f'<exclusiveGateway id="{name}" default="{default}"/><exclusiveGateway id="{name}_merge"/>'
    )


def _timer(name: str, at: str, span: str, *, interrupts: bool, ours: bool) -> str:
    written = span if ours else f'"{span}"'
    cancels = str(interrupts).lower()
    return (
        f'<boundaryEvent id="{name}" attachedToRef="{at}" cancelActivity="{cancels}">'
        f'<timerEventDefinition id="{name}_timer"><timeDuration xsi:type="tFormalExpression">'
        f"{written}</timeDuration></timerEventDefinition></boundaryEvent>"
    )


def flows(*flows: tuple[str, ...]) -> str:
    return "".join(
        f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">'
        + "".join(
            f'<conditionExpression xsi:type="tFormalExpression">{each.replace(">", "&gt;")}'
            "</conditionExpression>"
            for each in condition
        )
        + "</sequenceFlow>"
        for source, target, *condition in flows
    )


# --- the two ------------------------------------------------------------------------------------


class Ours:
    """Our interpreter, in memory or `saved`: loaded and dumped around every completion."""

    def __init__(self, *, saved: bool = False) -> None:
        self._is_saved = saved
        made = {name: compile_definition(xml) for name, xml in diagrams(ours=True).items()}
        self._definition: Definition = made["C"]
        self._env = Environment(definitions=made)

    def run_until_last(self) -> bytes:
        """A case that waits for its last task, saved."""
        moment = now()
        state, _told = start(self._definition, CASE, moment, self._env)
        for name in TASKS[:-1]:
            trigger = CompleteUserTask(f"{name}#1", FORMS[name])
            state, _told = advance(self._definition, state, trigger, moment, self._env)
        return dump_state(state)

    def run(self) -> None:
        """One whole case."""
        moment = now()
        state, _told = start(self._definition, CASE, moment, self._env)
        for name, form in FORMS.items():
            if self._is_saved:
                state = load_state(dump_state(state))
            trigger = CompleteUserTask(f"{name}#1", form)
            state, _told = advance(self._definition, state, trigger, moment, self._env)
        if not is_ended(state):
            raise SystemExit("ours: expected a finished case, but it waits")


class Spiff:
    """SpiffWorkflow as its documentation runs it; parsed once, never saved."""

    def __init__(self) -> None:
        parser = BpmnParser()
        for name, xml in diagrams(ours=False).items():
            parser.add_bpmn_str(xml, filename=name)
        self._spec = parser.get_spec("C")
        self._called = parser.get_subprocess_specs("C")

    def run(self) -> None:
        workflow = BpmnWorkflow(self._spec, self._called)
        for task in workflow.get_tasks(state=TaskState.READY):
            task.data.update(CASE)
        workflow.do_engine_steps()
        for name, form in FORMS.items():
            (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
            if task.task_spec.bpmn_id != name:
                raise SystemExit(f"SpiffWorkflow: expected {name}, but {task.task_spec.bpmn_id}")
            task.data.update(form)
            task.run()
            workflow.do_engine_steps()
        if not workflow.is_completed():
            raise SystemExit("SpiffWorkflow: expected a finished case, but it waits")


def measure(rounds: int, cases: int) -> list[tuple[float, float, float]]:
    """CPU milliseconds of a case, round by round side by side: ours in memory, ours saved, and
    SpiffWorkflow's."""
    contestants = (Ours(), Ours(saved=True), Spiff())
    for each in contestants:
        each.run()
    return [
        (
            _cpu_ms(contestants[0].run, cases),
            _cpu_ms(contestants[1].run, cases),
            _cpu_ms(contestants[2].run, cases),
        )
        for _ in range(rounds)
    ]


def _cpu_ms(run: Callable[[], None], cases: int) -> float:
    began = time.process_time()
    for _ in range(cases):
        run()
    return 1000 * (time.process_time() - began) / cases
