"""Compensation and transactions: what was completed is made good, the last one first."""

from __future__ import annotations

import pytest

from engine.bpmn.definition import Behaviour, Kind
from engine.bpmn.facts import ElementTerminated
from tests.support.instances import Instance
from tests.support.processes import Builder, cancel, compensation, each, error, message, process


def booked(builder: Builder, *names: str) -> Builder:
    """User tasks in a row, each with a handler `undo_<name>`."""
    for name in names:
        builder = builder.user_task(name).compensated(name, f"undo_{name}")
    return builder


def test_what_was_completed_is_compensated_in_reverse_order_one_after_the_other() -> None:
    definition = (
        booked(process("p").start(), "a", "b")
        .user_task("c")
        .throw("back", compensation())
        .end()
        .build()
    )
    run = Instance(definition)
    for name in ("a", "b", "c"):
        run.complete(name)

    assert run.open() == ["undo_b"]
    run.complete("undo_b")
    assert run.open() == ["undo_a"]
    run.complete("undo_a")

    assert run.completed_at() == ("end",)


def test_what_was_not_completed_is_not_compensated() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .user_task("a")
        .compensated("a", "undo_a")
        .throw("back", compensation())
        .end("a_end")
        .back_to("fork")
        .user_task("b")
        .compensated("b", "undo_b")
        .end("b_end")
        .build()
    )
    run = Instance(definition)

    run.complete("a")
    assert sorted(run.open()) == ["b", "undo_a"]
    run.complete("undo_a")
    run.complete("b")

    assert "undo_b" not in run.visited()
    assert set(run.completed_at()) == {"a_end", "b_end"}


def test_one_activity_may_be_named_and_each_of_its_runs_is_compensated_once() -> None:
    definition = (
        process("p")
        .start()
        .xor("head")
        .user_task("a")
        .compensated("a", "undo_a")
        .xor("again")
        .when("again = true")
        .to("head")
        .back_to("again")
        .otherwise()
        .user_task("b")
        .compensated("b", "undo_b")
        .throw("back", compensation("a"))
        .throw("back_again", compensation("a"))
        .end()
        .build()
    )
    run = Instance(definition)
    run.complete("a", again=True)
    run.complete("a", again=False)
    run.complete("b")

    assert run.open() == ["undo_a"]
    run.complete("undo_a")
    assert run.open() == ["undo_a"]
    run.complete("undo_a")

    assert run.completed_at() == ("end",)
    assert run.visited().count("undo_a") == 2
    assert "undo_b" not in run.visited()


def test_a_thrower_need_not_wait() -> None:
    definition = (
        booked(process("p").start(), "a")
        .throw("back", compensation(waits=False))
        .user_task("go_on")
        .end()
        .build()
    )
    run = Instance(definition)

    run.complete("a")
    assert sorted(run.open()) == ["go_on", "undo_a"]
    run.complete("go_on")
    assert run.open() == ["undo_a"]
    run.complete("undo_a")

    assert run.completed_at() == ("end",)


def test_throwing_where_nothing_is_to_be_made_good_passes() -> None:
    assert Instance(
        process("p").start().throw("back", compensation()).end("e", compensation()).build()
    ).completed_at() == ("e",)


def test_a_completed_sub_process_is_compensated_through_its_parts_with_its_own_variables() -> None:
    inner = lambda s: booked(s.start("s0"), "a", "b").end("inner_end")  # noqa: E731
    definition = (
        process("p")
        .start()
        .sub_process("s", inner, declares=("seat",))
        .user_task("c")
        .end("e", compensation())
        .build()
    )
    run = Instance(definition)
    run.complete("a", seat=7)
    run.complete("b")
    assert not run.has("seat")
    run.complete("c")

    assert run.open() == ["undo_b"]
    assert run.value("seat", run.keys("undo_b")[0]) == 7
    run.complete("undo_b")
    run.complete("undo_a")

    assert run.completed_at() == ("e",)


def test_a_compensation_event_sub_process_takes_the_place_of_the_handlers() -> None:
    def body(s: Builder) -> Builder:
        s.event_sub_process(
            "own",
            lambda h: (
                h.start("undo_start", compensation())
                .user_task("own_way")
                .throw("and_a", compensation("a"))
                .end("own_end")
            ),
        )
        return booked(s.start("s0"), "a", "b").end("inner_end")

    definition = (
        process("p").start().sub_process("s", body).user_task("c").end("e", compensation()).build()
    )
    run = Instance(definition)
    for name in ("a", "b", "c"):
        run.complete(name)

    assert run.open() == ["own_way"]
    run.complete("own_way")
    assert run.open() == ["undo_a"]
    run.complete("undo_a")

    assert run.completed_at() == ("e",)
    assert "undo_b" not in run.visited()


def test_each_item_of_a_multi_instance_is_compensated_with_its_own_variables() -> None:
    definition = (
        process("p")
        .start()
        .user_task("a", multi_instance=each("people", item="person", sequential=True))
        .compensated("a", "undo_a")
        .end("e", compensation())
        .build()
    )
    run = Instance(definition, {"people": ["Lin", "Chen"]})
    run.complete("a")
    run.complete("a")

    assert run.value("person", run.keys("undo_a")[0]) == "Chen"
    run.complete("undo_a")
    assert run.value("person", run.keys("undo_a")[0]) == "Lin"
    run.complete("undo_a")

    assert run.completed_at() == ("e",)


def test_a_called_process_is_compensated_too() -> None:
    called = booked(process("called").start(), "a").end("called_end").build()
    definition = (
        process("p").start().call("c", "called").user_task("b").end("e", compensation()).build()
    )
    run = Instance(definition, {}, called)
    run.complete("a")
    run.complete("b")

    assert run.open() == ["undo_a"]
    run.complete("undo_a")

    assert run.completed_at() == ("e",)


def test_an_error_handler_may_compensate_what_the_scope_around_it_did() -> None:
    def handle(h: Builder) -> Builder:
        return h.start("failed", error("E")).throw("back", compensation()).end("handled")

    definition = (
        booked(process("p").start(), "a")
        .service("call_out")
        .end()
        .event_sub_process("on_error", handle)
        .build()
    )
    run = Instance(definition)
    run.complete("a")
    run.fail("call_out", "E")

    assert run.open() == ["undo_a"]
    run.complete("undo_a")

    assert run.completed_at() == ()


def test_a_compensation_that_is_interrupted_ends_with_its_scope() -> None:
    inner = lambda s: booked(s.start("s0"), "a").throw("back", compensation()).end("x")  # noqa: E731
    definition = (
        process("p")
        .start()
        .sub_process("s", inner)
        .end()
        .boundary("s", "stop", message("Stop"))
        .end("stopped")
        .build()
    )
    run = Instance(definition)
    run.complete("a")
    run.receive("stop")

    assert run.completed_at() == ("stopped",)
    assert "undo_a" in run.visited(ElementTerminated)


def transaction(*, cancelled: str = "ok = false") -> Instance:
    def body(t: Builder) -> Builder:
        t = t.start("t0").parallel("fork").user_task("other").end("other_end").back_to("fork")
        t = booked(t, "a", "b").xor("x").when(cancelled).end("cancelled", cancel())
        return t.back_to("x").otherwise().end("fine")

    definition = (
        process("p")
        .start()
        .transaction("t", body)
        .end("committed")
        .boundary("t", "on_cancel", cancel())
        .end("called_off")
        .build()
    )
    return Instance(definition)


def test_a_cancelled_transaction_ends_what_is_active_and_compensates_the_rest() -> None:
    run = transaction()
    run.complete("a")
    run.complete("b", ok=False)

    assert run.visited(ElementTerminated) == ["other"]
    assert run.open() == ["undo_b"]
    run.complete("undo_b")
    run.complete("undo_a")

    assert run.completed_at() == ("called_off",)


def test_a_transaction_that_is_not_cancelled_is_a_sub_process() -> None:
    run = transaction()
    run.complete("a")
    run.complete("b", ok=True)
    run.complete("other")

    assert run.completed_at() == ("committed",)


@pytest.mark.parametrize("behaviour", list(Behaviour))
def test_a_multi_instance_throws_as_its_behaviour_says(behaviour: Behaviour) -> None:
    from dataclasses import replace

    from engine.bpmn.definition import BehaviourRule
    from tests.support.processes import escalation, feel, not_interrupting

    rule = BehaviourRule(
        escalation("DONE"),
        feel("numberOfCompletedInstances = 2") if behaviour is Behaviour.COMPLEX else None,
    )
    rules = () if behaviour is Behaviour.ALL else (rule,)
    items = replace(each(times="3"), behaviour=behaviour, rules=rules)
    definition = (
        process("p")
        .start()
        .user_task("a", multi_instance=items)
        .end()
        .boundary("a", "heard", not_interrupting(escalation("DONE")), interrupting=False)
        .end("heard_end")
        .build()
    )
    run = Instance(definition)
    for _ in range(3):
        run.complete("a")

    times = {Behaviour.ALL: 0, Behaviour.NONE: 3, Behaviour.ONE: 1, Behaviour.COMPLEX: 1}
    assert run.visited().count("heard") == times[behaviour]


def test_a_handler_may_be_a_script() -> None:
    definition = (
        process("p")
        .start()
        .user_task("a")
        .compensated("a", "undo_a", Kind.TASK)
        .end("e", compensation())
        .build()
    )
    run = Instance(definition)
    run.complete("a")

    assert run.completed_at() == ("e",)
    assert "undo_a" in run.visited()
