"""Scopes inside scopes: embedded sub-processes and called processes."""

from __future__ import annotations

import pytest

from engine.bpmn import facts
from engine.bpmn.environment import Environment
from engine.bpmn.interpreter import active_elements, advance
from engine.bpmn.triggers import CompleteUserTask
from tests.support.instances import Instance
from tests.support.processes import after, message, process


def test_active_elements_are_told_outermost_first_with_their_process() -> None:
    called = process("C").start("cs").user_task("ask").build()
    caller = (
        process("p").start().sub_process("sub", lambda s: s.start("s1").call("call", "C")).build()
    )

    run = Instance(caller, {}, called)

    assert active_elements(run.state) == [
        ("p", "sub", "sub#1"),
        ("p", "call", "sub#1/call#1"),
        ("C", "ask", "sub#1/call#1/ask#1"),
    ]


def test_each_run_of_a_sub_process_counts_its_elements_anew() -> None:
    definition = (
        process("p")
        .start()
        .sub_process("sub", lambda s: s.start("s1").user_task("a").end("e1"))
        .xor("x")
        .when("again = true")
        .to("sub")
        .back_to("x")
        .otherwise()
        .end()
        .build()
    )
    run = Instance(definition)

    run.complete("a", again=True)

    assert run.keys("a") == ["sub#2/a#1"]


def test_an_unknown_called_process_is_an_incident_that_a_deployment_can_mend() -> None:
    caller = process("p").start().call("call", "C").end().build()
    run = Instance(caller)
    assert run.incident_codes() == ["call.unknown-process"]

    called = process("C").start("cs").end("ce").build()
    run.env = Environment(definitions={"C": called})
    run.retry()

    assert run.completed_at() == ("end",)


def test_a_missing_definition_of_a_running_call_is_the_callers_mistake() -> None:
    called = process("C").start("cs").user_task("ask").build()
    run = Instance(process("p").start().call("call", "C").build(), {}, called)

    with pytest.raises(LookupError, match="process C"):
        advance(run.definition, run.state, CompleteUserTask("call#1/ask#1"), run.now, Environment())


def test_the_wrong_definition_is_refused() -> None:
    run = Instance(process("p").start().user_task("a").build())

    with pytest.raises(ValueError, match="process p"):
        advance(process("q").start().build(), run.state, CompleteUserTask("a#1"), run.now, run.env)


def test_interrupting_a_call_ends_everything_in_it_innermost_first() -> None:
    inner = process("D").start("ds").user_task("deep").build()
    outer = process("C").start("cs").call("call_d", "D").build()
    caller = (
        process("p")
        .start()
        .call("call_c", "C")
        .boundary("call_c", "late", after("P1D"))
        .user_task("chase")
        .build()
    )
    run = Instance(caller, {}, outer, inner)

    run.pass_time(days=1)

    assert [fact.element_id for fact in run.told(facts.ElementTerminated)] == [
        "deep",
        "call_d",
        "call_c",
    ]
    assert run.open() == ["chase"]


def test_a_process_that_calls_itself_for_ever_is_an_incident() -> None:
    definition = process("p").start().call("again", "p").end().build()

    run = Instance(definition, {}, definition, env=Environment(step_budget=2000))

    assert run.incident_codes() == ["budget.steps"]
    run.terminate()


def test_only_the_root_process_tells_its_end_events() -> None:
    called = process("C").start("cs").end("ce").build()

    run = Instance(process("p").start().call("call", "C").end("done").build(), {}, called)

    assert run.completed_at() == ("done",)


def test_a_sub_process_with_a_stuck_join_does_not_let_the_process_end() -> None:
    definition = (
        process("p")
        .start()
        .sub_process(
            "sub",
            lambda s: (
                s.start("s1")
                .xor("x")
                .when("true")
                .parallel("join")
                .end("e1")
                .back_to("x")
                .otherwise()
                .to("join")
            ),
        )
        .end()
        .build()
    )

    run = Instance(definition)

    assert run.incident_codes() == ["instance.stuck"]
    assert run.told(facts.IncidentRaised)[0].element_id == "join"


def test_calling_a_process_without_a_plain_start_is_an_incident() -> None:
    called = process("C").start("by_message", message("m")).user_task("ask").build()

    run = Instance(process("p").start().call("call", "C").end().build(), {}, called)

    assert run.incident_codes() == ["scope.no-start"]
