"""Multi-instances, parallel and one after the other, on every kind of activity."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.bpmn import facts
from engine.bpmn.environment import DecisionOutcome, Environment
from engine.bpmn.interpreter import variables
from tests.support.instances import Instance
from tests.support.processes import after, each, error, escalation, process


def votes(**more: Any) -> Instance:
    loop = each("people", item="person", into="votes", result="vote", **more)
    definition = process("p").start().user_task("ask", multi_instance=loop).user_task("after")
    return Instance(definition.build(), {"people": ["chen", "lin", "wu"]})


def test_parallel_items_are_open_together_and_results_stand_by_index() -> None:
    run = votes()
    assert run.keys("ask") == [
        "ask#1[1]/ask#1",
        "ask#1[2]/ask#1",
        "ask#1[3]/ask#1",
    ]
    assert run.value("person", "ask#1[2]/ask#1") == "lin"

    run.complete("ask", 2, vote="third")
    run.complete("ask", 0, vote="first")
    run.complete("ask", 0, vote="second")

    assert run.value("votes") == ["first", "second", "third"]
    assert run.open() == ["after"]
    assert not run.has("vote")


def test_sequential_items_come_one_after_the_other() -> None:
    run = votes(sequential=True)

    for name in ("chen", "lin", "wu"):
        assert len(run.open()) == 1
        assert run.value("person", run.keys("ask")[0]) == name
        run.complete("ask", vote=name)

    assert run.value("votes") == ["chen", "lin", "wu"]


@pytest.mark.parametrize("sequential", [False, True])
def test_enough_is_enough_and_the_rest_is_cancelled(*, sequential: bool) -> None:
    run = votes(sequential=sequential, until="numberOfCompletedInstances >= 2")

    run.complete("ask", 0, vote="a")
    run.complete("ask", 0, vote="b")

    assert run.value("votes") == ["a", "b", None]
    assert run.open() == ["after"]
    if not sequential:
        assert facts.UserTaskCancelled("ask#1[3]/ask#1") in run.last


def test_the_completion_condition_sees_what_the_item_wrote() -> None:
    run = votes(until='vote = "veto"')

    run.complete("ask", 1, vote="veto")

    assert run.open() == ["after"]
    assert run.value("votes") == [None, "veto", None]


@pytest.mark.parametrize("sequential", [False, True])
def test_an_empty_collection_completes_at_once(*, sequential: bool) -> None:
    loop = each("people", item="person", into="votes", result="vote", sequential=sequential)
    definition = process("p").start().user_task("ask", multi_instance=loop).end().build()

    run = Instance(definition, {"people": []})

    assert run.completed_at() == ("end",)
    assert run.value("votes") == []


@pytest.mark.parametrize("sequential", [False, True])
def test_items_may_be_null(*, sequential: bool) -> None:
    loop = each("list", item="x", into="out", result="x = null", sequential=sequential)
    definition = process("p").start().task("t", multi_instance=loop).end().build()

    run = Instance(definition, {"list": [None, 1, None]})

    assert run.value("out") == [True, False, True]


def test_a_cardinality_counts_the_items() -> None:
    loop = each(times="n + 1", into="out", result="loopCounter * 10")
    definition = process("p").start().task("t", multi_instance=loop).end().build()

    run = Instance(definition, {"n": 2})

    assert run.value("out") == [Decimal(10), Decimal(20), Decimal(30)]


def test_what_an_item_writes_stays_in_the_item() -> None:
    loop = each("list", item="x", into="out", result="twice")
    definition = process("p").start().script("s", "twice", "x * 2", multi_instance=loop).end()

    run = Instance(definition.build(), {"list": [1, 2, 3]})

    assert variables(run.state) == {
        "list": [1, 2, 3],
        "out": [2, 4, 6],
    }


def test_mappings_are_applied_for_each_item() -> None:
    loop = each("list", item="x", into="out", result="kept")
    definition = (
        process("p")
        .start()
        .user_task(
            "u", inputs={"shown": "x * 100"}, outputs={"kept": "shown + given"}, multi_instance=loop
        )
        .build()
    )
    run = Instance(definition, {"list": [1, 2]})

    assert run.value("shown", run.keys("u")[1]) == 200
    run.complete("u", 1, given=5)
    run.complete("u", 0, given=7)

    assert run.value("out") == [107, 205]


@pytest.mark.parametrize("sequential", [False, True])
def test_every_kind_of_activity_can_be_a_multi_instance(  # sizes: exempt — a table of kinds
    *, sequential: bool
) -> None:
    called = process("C").start("cs").script("c", "y", "x + 1").end("ce").build()
    env = Environment(decisions={"d": lambda seen: DecisionOutcome(seen["x"], "1")})

    def loop(result: str) -> Any:
        return each(
            "list", item="x", into=f"out_{result[:1]}", result=result, sequential=sequential
        )

    definition = (
        process("p")
        .start()
        .sub_process(
            "sub",
            lambda s: s.start("s1").script("in_sub", "s", "x").end("e1"),
            multi_instance=loop("s"),
        )
        .call(
            "call",
            "C",
            inputs={"x": "x"},
            outputs={"c": "y"},
            multi_instance=loop("c"),
        )
        .decide("rule", "d", "r", multi_instance=loop("r"))
        .service("notify", inputs={"n": "x"}, multi_instance=loop("n"))
        .receive("hear", "news", multi_instance=loop("h"))
        .send("tell", "news", multi_instance=each("list", sequential=sequential))
        .end("done")
        .build()
    )
    run = Instance(definition, {"list": [1, 2]}, called, env=env)
    run.answer("notify", n="a")
    run.answer("notify", n="b")
    run.receive("hear", h="x")
    run.receive("hear", h="y")

    assert run.completed_at() == ("done",)
    assert [run.value(f"out_{name}") for name in "scrnh"] == [
        [1, 2],
        [2, 3],
        [1, 2],
        ["a", "b"],
        ["x", "y"],
    ]
    assert len(run.told(facts.MessageThrown)) == 2
    assert [each.inputs for each in run.told(facts.ServiceTaskRequested)] == [{"n": 1}, {"n": 2}]


def test_each_item_of_a_called_process_joins_its_own_tokens() -> None:
    called = (
        process("C")
        .start("cs")
        .parallel("fork")
        .user_task("a")
        .parallel("join")
        .user_task("after")
        .back_to("fork")
        .user_task("b")
        .to("join")
        .build()
    )
    caller = process("p").start().call("call", "C", multi_instance=each(times="2")).build()
    run = Instance(caller, {}, called)

    run.complete("a", 0)
    run.complete("b", 1)

    assert "after" not in run.open()


def test_a_boundary_event_belongs_to_the_whole() -> None:
    definition = (
        process("p")
        .start()
        .user_task("ask", multi_instance=each(times="3"))
        .user_task("normal")
        .boundary("ask", "late", after("P1D"))
        .user_task("chase")
        .build()
    )
    run = Instance(definition)
    assert len(run.told(facts.TimerScheduled)) == 1
    run.complete("ask")

    run.pass_time(days=1)

    assert run.open() == ["chase"]
    assert len(run.told(facts.UserTaskCancelled)) == 2


def test_an_error_in_one_item_reaches_the_boundary_of_the_whole() -> None:
    definition = (
        process("p")
        .start()
        .service("notify", multi_instance=each(times="2"))
        .boundary("notify", "failed", error("X"))
        .user_task("by_hand")
        .build()
    )
    run = Instance(definition)

    run.fail("notify", "X")

    assert run.open() == ["by_hand"]
    assert len(run.told(facts.ServiceTaskCancelled)) == 2


def test_an_escalation_in_one_item_leaves_the_others_alone() -> None:
    definition = (
        process("p")
        .start()
        .sub_process(
            "sub",
            lambda s: s.start("s1").user_task("a").end("up", escalation("E")),
            multi_instance=each(times="2"),
        )
        .boundary("sub", "caught", escalation("E"), interrupting=False)
        .user_task("chief")
        .build()
    )
    run = Instance(definition)

    run.complete("a")

    assert run.open() == ["a", "chief"]


@pytest.mark.parametrize(
    ("loop", "code"),
    [
        (each("7", item="x"), "feel.wrong-type"),
        (each("unknown", item="x"), "feel.unknown-name"),
        (each(times="1.5"), "feel.wrong-type"),
        (each(times="-1"), "feel.wrong-type"),
        (each(times="5000"), "budget.steps"),
        (each("[1]", item="_x"), "variable.name"),
        (each("[1]", item="x", into="data"), "variable.name"),
        (each("[1]", item="x", until="x"), "feel.wrong-type"),
    ],
)
def test_a_multi_instance_that_says_no_number_or_list_is_one_incident(loop: Any, code: str) -> None:
    run = Instance(process("p").start().task("t", multi_instance=loop).end().build())

    assert run.incident_codes() == [code]


def test_a_failing_output_element_keeps_the_item_until_it_is_put_right() -> None:
    loop = each("[1, 2]", item="x", into="out", result="x + missing")
    run = Instance(process("p").start().user_task("u", multi_instance=loop).end().build())

    run.complete("u")
    assert run.incident_codes() == ["feel.unknown-name"]
    run.retry(missing=10)
    run.complete("u", missing=20)

    assert run.value("out") == [11, 22]


def test_the_state_shrinks_as_items_complete() -> None:
    loop = each(times="50")
    run = Instance(process("p").start().user_task("u", multi_instance=loop).end().build())
    assert len(run.state.activations) == 102

    run.complete("u", 30)

    assert len(run.state.activations) == 100
