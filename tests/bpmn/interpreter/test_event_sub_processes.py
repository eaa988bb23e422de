"""Event sub-processes listen while their scope lives; interrupting ones take it over."""

from __future__ import annotations

from engine.bpmn import facts
from engine.bpmn.definition import EventSpec
from engine.bpmn.state import WaitKind
from tests.support.instances import Instance
from tests.support.processes import (
    after,
    error,
    escalation,
    message,
    not_interrupting,
    process,
    signal,
    terminate,
    timer,
)


def with_event_sub(event: EventSpec) -> Instance:
    return Instance(
        process("p")
        .start()
        .parallel("fork")
        .user_task("a")
        .end("done")
        .back_to("fork")
        .user_task("b")
        .event_sub_process(
            "rescue", lambda s: s.start("begin", event).user_task("r").end("rescued")
        )
        .build()
    )


def test_an_interrupting_message_ends_everything_else_in_its_scope() -> None:
    run = with_event_sub(message("withdrawal"))

    run.receive("begin", reason="moved away")

    assert run.open() == ["r"]
    assert run.value("reason") == "moved away"
    assert run.last[:6] == (
        facts.MessageReceived("begin#1"),
        facts.UserTaskCancelled("a#1"),
        facts.ElementTerminated("a#1", "p", "a"),
        facts.UserTaskCancelled("b#1"),
        facts.ElementTerminated("b#1", "p", "b"),
        facts.ElementActivated("rescue#1", "p", "rescue"),
    )
    assert run.open(WaitKind.MESSAGE) == []
    run.complete("r")
    assert run.completed_at() == ()


def test_a_non_interrupting_message_may_come_again_and_again() -> None:
    run = with_event_sub(not_interrupting(message("news")))

    run.receive("begin")
    run.receive("begin")

    assert run.open() == ["a", "b", "r", "r"]
    assert run.keys("r") == ["rescue#1/r#1", "rescue#2/r#1"]


def test_the_scope_waits_for_its_event_sub_process() -> None:
    run = with_event_sub(not_interrupting(message("news")))
    run.receive("begin")

    run.complete("a")
    run.complete("b")
    assert not run.told(facts.InstanceCompleted)
    run.complete("r")

    assert run.completed_at() == ("done",)
    assert run.last[-2] == facts.MessageWaitCancelled("begin#2")


def test_nothing_of_it_runs_when_nothing_was_heard() -> None:
    for event in (message("m"), signal("s"), after("P1D"), error("E"), escalation("X")):
        run = with_event_sub(event)
        run.complete("a")
        run.complete("b")
        assert run.completed_at() == ("done",)
        assert "rescue" not in run.visited()


def test_a_timer_starts_it_and_interrupts() -> None:
    run = with_event_sub(after("P3D"))

    run.pass_time(days=4)

    assert run.open() == ["r"]


def test_a_cycle_starts_it_at_every_turn() -> None:
    run = with_event_sub(not_interrupting(timer(cycle="R2/P1D")))

    run.pass_time(days=9)

    assert run.open() == ["a", "b", "r", "r"]


def test_a_signal_from_outside_starts_it() -> None:
    run = with_event_sub(signal("typhoon"))

    run.signal("typhoon")

    assert run.open() == ["r"]


def test_an_error_inside_the_scope_is_caught_before_any_boundary() -> None:
    definition = (
        process("p")
        .start()
        .sub_process(
            "sub",
            lambda s: (
                s.start("s1")
                .parallel("fork")
                .user_task("inside")
                .end("fail", error("E"))
                .back_to("fork")
                .user_task("beside")
                .event_sub_process("rescue", lambda t: t.start("begin", error("E")).user_task("r"))
            ),
        )
        .user_task("after")
        .boundary("sub", "caught", error("E"))
        .user_task("outside")
        .build()
    )
    run = Instance(definition)

    run.complete("inside")
    assert run.open() == ["r"]
    run.complete("r")

    assert run.open() == ["after"]


def test_an_error_thrown_by_the_rescue_itself_goes_outward() -> None:
    definition = (
        process("p")
        .start()
        .sub_process(
            "sub",
            lambda s: (
                s.start("s1")
                .end("fail", error("E"))
                .event_sub_process(
                    "rescue", lambda t: t.start("begin", error("E")).end("again", error("E"))
                )
            ),
        )
        .boundary("sub", "caught", error("E"))
        .user_task("outside")
        .build()
    )

    run = Instance(definition)

    assert run.open() == ["outside"]
    assert run.visited().count("rescue") == 1


def test_a_failed_service_in_the_process_is_caught_by_its_event_sub_process() -> None:
    definition = (
        process("p")
        .start()
        .service("notify")
        .event_sub_process("rescue", lambda s: s.start("begin", error()).user_task("r"))
        .build()
    )
    run = Instance(definition)

    run.fail("notify", "AGENCY_FAILED")

    assert run.open() == ["r"]


def test_an_escalation_starts_a_non_interrupting_one_beside_the_work() -> None:
    definition = (
        process("p")
        .start()
        .throw("raise", escalation("late"))
        .user_task("work")
        .event_sub_process(
            "chief", lambda s: s.start("begin", not_interrupting(escalation())).user_task("decide")
        )
        .build()
    )

    assert sorted(Instance(definition).open()) == ["decide", "work"]


def test_once_interrupted_a_scope_listens_no_more() -> None:
    definition = (
        process("p")
        .start()
        .user_task("a")
        .event_sub_process("one", lambda s: s.start("b1", message("m1")).user_task("r1"))
        .event_sub_process("two", lambda s: s.start("b2", message("m2")).user_task("r2"))
        .build()
    )
    run = Instance(definition)

    run.receive("b1")

    assert run.open(WaitKind.MESSAGE) == []
    assert facts.MessageWaitCancelled("b2#1") in run.last


def test_it_listens_only_while_its_own_scope_lives() -> None:
    definition = (
        process("p")
        .start()
        .sub_process(
            "sub",
            lambda s: (
                s.start("s1")
                .user_task("inside")
                .event_sub_process(
                    "rescue", lambda t: t.start("begin", message("m")).user_task("r")
                )
            ),
        )
        .user_task("after")
        .build()
    )
    run = Instance(definition)

    assert run.keys("begin") == ["sub#1/begin#1"]
    run.complete("inside")

    assert facts.MessageWaitCancelled("sub#1/begin#1") in run.last
    assert run.open() == ["after"]


def test_a_terminate_end_inside_it_ends_only_itself() -> None:
    definition = (
        process("p")
        .start()
        .user_task("a")
        .event_sub_process(
            "beside",
            lambda s: (
                s.start("begin", not_interrupting(message("m")))
                .parallel("f")
                .user_task("x")
                .back_to("f")
                .user_task("y")
                .end("stop", terminate())
            ),
        )
        .build()
    )
    run = Instance(definition)
    run.receive("begin")

    run.complete("y")

    assert run.open() == ["a"]


def test_it_declares_variables_of_its_own_and_sees_those_of_its_scope() -> None:
    definition = (
        process("p")
        .start()
        .user_task("a")
        .event_sub_process(
            "note",
            lambda s: (
                s.start("begin", not_interrupting(message("m")))
                .script("set", "mine", "shared + 1")
                .user_task("look")
            ),
            declares=("mine",),
        )
        .build()
    )
    run = Instance(definition, {"shared": 1})

    run.receive("begin")

    assert run.value("mine", "note#1/look#1") == 2
    assert not run.has("mine")


def test_a_called_process_listens_for_itself() -> None:
    called = (
        process("C")
        .start("cs")
        .user_task("inside")
        .event_sub_process("rescue", lambda s: s.start("begin", message("m")).user_task("r"))
        .build()
    )
    caller = process("p").start().call("call", "C").user_task("after").build()
    run = Instance(caller, {}, called)

    assert run.told(facts.MessageAwaited)[0].process_id == "C"
    run.receive("begin")
    run.complete("r")

    assert run.open() == ["after"]
