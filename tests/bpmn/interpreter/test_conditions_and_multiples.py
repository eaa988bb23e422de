"""Conditional events, events with several definitions, and standard loops."""

from __future__ import annotations

from engine.bpmn.state import WaitKind
from tests.support.instances import Instance
from tests.support.processes import (
    Builder,
    after,
    all_of,
    any_of,
    error,
    loop,
    message,
    not_interrupting,
    process,
    signal,
    when_true,
)


def test_a_conditional_event_waits_until_its_condition_is_true() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .catch("enough", when_true("paid >= 300"))
        .end("go")
        .back_to("fork")
        .user_task("pay")
        .user_task("pay_more")
        .end("paid_up")
        .build()
    )
    run = Instance(definition)
    assert run.open(WaitKind.CONDITION) == ["enough"]

    run.complete("pay", paid=200)
    assert run.open(WaitKind.CONDITION) == ["enough"]
    run.complete("pay_more", paid=300)

    assert set(run.completed_at()) == {"go", "paid_up"}


def test_a_condition_that_is_true_already_is_passed_at_once() -> None:
    definition = process("p").start().catch("c", when_true("n > 1")).end().build()

    assert Instance(definition, {"n": 2}).completed_at() == ("end",)


def test_a_condition_interrupts_its_activity() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .user_task("work")
        .end("worked")
        .back_to("fork")
        .user_task("withdraw")
        .end("withdrawn")
        .boundary("work", "called_off", when_true("off = true"))
        .end("ended")
        .build()
    )
    run = Instance(definition)

    run.complete("withdraw", off=True)

    assert set(run.completed_at()) == {"withdrawn", "ended"}


def test_a_condition_that_interrupts_nothing_fires_each_time_it_comes_true() -> None:
    def count(s: Builder) -> Builder:
        return s.start("high", not_interrupting(when_true("level > 5"))).task("note").end("noted")

    definition = (
        process("p")
        .start()
        .xor("head")
        .user_task("measure")
        .xor("again")
        .when("level >= 0")
        .to("head")
        .back_to("again")
        .otherwise()
        .end()
        .event_sub_process("watch", count)
        .build()
    )
    run = Instance(definition)

    for level in (3, 7, 8, 2, 9):
        run.complete("measure", level=level)
    assert run.visited().count("note") == 2
    run.complete("measure", level=-1)

    assert run.completed_at() == ("end",)


def test_any_part_of_a_multiple_event_is_enough_and_ends_the_others() -> None:
    definition = (
        process("p")
        .start()
        .catch("either", any_of(message("Paper"), signal("Flood"), after("P3D")))
        .end()
        .build()
    )

    by_message = Instance(definition)
    assert len(by_message.state.waits) == 3
    by_message.receive("either", n=1)
    assert by_message.completed_at() == ("end",)

    by_time = Instance(definition)
    by_time.pass_time(days=4)
    assert by_time.completed_at() == ("end",)

    by_signal = Instance(definition)
    by_signal.signal("Flood")
    assert by_signal.completed_at() == ("end",)


def test_all_parts_of_a_parallel_multiple_event_must_come_in_any_order() -> None:
    event = all_of(message("Paper"), signal("Flood"), when_true("n > 1"))
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .catch("all", event)
        .user_task("then")
        .end()
        .back_to("fork")
        .user_task("count")
        .end("counted")
        .build()
    )
    run = Instance(definition)

    run.signal("Flood", a=1)
    run.complete("count", n=2)
    assert run.open() == []
    run.receive("all", b=2)

    assert run.open() == ["then"]
    assert (run.value("a"), run.value("b")) == (1, 2)


def test_a_multiple_boundary_event_may_catch_an_error_or_a_message() -> None:
    definition = (
        process("p")
        .start()
        .service("call_out")
        .end("fine")
        .boundary("call_out", "either", any_of(error("E"), message("Stop")))
        .end("caught")
        .build()
    )
    failed, stopped = Instance(definition), Instance(definition)

    failed.fail("call_out", "E")
    stopped.receive("either")

    assert failed.completed_at() == stopped.completed_at() == ("caught",)


def test_a_parallel_multiple_boundary_that_interrupts_nothing_listens_again() -> None:
    definition = (
        process("p")
        .start()
        .user_task("work")
        .end("worked")
        .boundary("work", "both", all_of(signal("A"), signal("B")), interrupting=False)
        .task("note")
        .end("noted")
        .build()
    )
    run = Instance(definition)

    for name in ("A", "A", "B", "B", "A"):
        run.signal(name)
    assert run.visited().count("note") == 2
    run.complete("work")

    assert set(run.completed_at()) == {"worked", "noted"}


def test_a_multiple_event_throws_all_of_its_parts() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .catch("hear", signal("Flood"))
        .end("heard")
        .back_to("fork")
        .throw("both", any_of(message("Paper"), signal("Flood")))
        .end("thrown")
        .build()
    )
    run = Instance(definition)

    assert set(run.completed_at()) == {"heard", "thrown"}
    assert [type(fact).__name__ for fact in run.facts].count("MessageThrown") == 1


def test_a_loop_runs_until_its_condition_is_false_and_writes_around_itself() -> None:
    definition = process("p").start().script("s", "n", "n + 1", loop=loop("n < 5")).end().build()
    run = Instance(definition, {"n": 0})

    assert run.value("n") == 5
    assert run.completed_at() == ("end",)


def test_a_loop_tested_before_may_not_run_at_all() -> None:
    definition = (
        process("p")
        .start()
        .script("s", "n", "n + 1", loop=loop("n < 0", before=True))
        .end()
        .build()
    )

    assert Instance(definition, {"n": 3}).value("n") == 3


def test_a_loop_of_people_ends_at_its_maximum() -> None:
    definition = process("p").start().user_task("ask", loop=loop(most=2)).end().build()
    run = Instance(definition)

    assert run.value("loopCounter", run.keys("ask")[0]) == 1
    run.complete("ask")
    assert run.value("loopCounter", run.keys("ask")[0]) == 2
    run.complete("ask")

    assert run.completed_at() == ("end",)


def test_a_loop_whose_condition_cannot_be_said_is_an_incident_that_can_be_put_right() -> None:
    definition = process("p").start().user_task("ask", loop=loop("more")).end().build()
    run = Instance(definition)

    run.complete("ask")
    assert run.incident_codes() == ["feel.unknown-name"]
    run.retry(more=False)

    assert run.completed_at() == ("end",)


def test_a_boundary_event_guards_the_whole_loop() -> None:
    definition = (
        process("p")
        .start()
        .user_task("ask", loop=loop("true"))
        .end()
        .boundary("ask", "late", after("P1D"))
        .end("gave_up")
        .build()
    )
    run = Instance(definition)

    run.complete("ask")
    run.pass_time(days=2)

    assert run.completed_at() == ("gave_up",)
