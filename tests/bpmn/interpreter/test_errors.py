"""Errors, escalations, terminate ends and event-based gateways."""

from __future__ import annotations

from engine.bpmn import facts
from tests.support.instances import Instance
from tests.support.processes import (
    after,
    error,
    escalation,
    message,
    process,
    terminate,
)

# Errors


def test_an_error_end_goes_to_the_innermost_boundary_that_fits() -> None:
    definition = (
        process("p")
        .start()
        .sub_process(
            "outer",
            lambda s: (
                s.start("s1")
                .sub_process("inner", lambda t: t.start("s2").end("fail", error("E1")))
                .boundary("inner", "other_code", error("E2"))
                .user_task("wrong")
                .boundary("inner", "any_code", error())
                .user_task("right")
            ),
        )
        .boundary("outer", "same_code", error("E1"))
        .user_task("too_far")
        .build()
    )

    run = Instance(definition)

    assert run.open() == ["right"]
    assert facts.ElementTerminated("outer#1/inner#1", "p", "inner") in run.facts


def test_a_matching_code_goes_before_catching_any() -> None:
    definition = (
        process("p")
        .start()
        .sub_process("sub", lambda s: s.start("s1").end("fail", error("E1")))
        .boundary("sub", "any_code", error())
        .user_task("general")
        .boundary("sub", "e1", error("E1"))
        .user_task("exact")
        .build()
    )

    assert Instance(definition).open() == ["exact"]


def test_an_error_interrupts_the_branches_beside_it_before_they_do_anything() -> None:
    definition = (
        process("p")
        .start()
        .sub_process(
            "sub",
            lambda s: (
                s.start("s1")
                .parallel("fork")
                .end("fail", error("E"))
                .back_to("fork")
                .script("side", "touched", "true")
                .user_task("open")
            ),
        )
        .boundary("sub", "caught", error("E"))
        .user_task("handle")
        .build()
    )

    run = Instance(definition)

    assert run.open() == ["handle"]
    assert not run.has("touched")
    assert "side" not in run.visited()


def test_an_uncaught_error_is_an_incident_and_never_an_end() -> None:
    run = Instance(process("p").start().end("fail", error("E")).build())

    assert run.incident_codes() == ["error.uncaught"]
    assert not run.told(facts.InstanceCompleted)
    run.retry()
    assert run.incident_codes() == ["error.uncaught"]


def test_an_error_crosses_a_call_to_the_callers_boundary_with_its_code() -> None:
    called = process("C").start("cs").end("fail", error("E7"), inputs={"why": '"x"'}).build()
    caller = (
        process("p")
        .start()
        .call("call", "C")
        .boundary("call", "caught", error(), outputs={"got": "code + why"})
        .user_task("handle")
        .build()
    )

    run = Instance(caller, {}, called)

    assert run.open() == ["handle"]
    assert run.value("got") == "E7x"
    assert not run.has("code")


def test_a_failed_service_throws_its_error_to_its_own_boundary() -> None:
    definition = (
        process("p")
        .start()
        .service("notify")
        .boundary("notify", "failed", error("AGENCY_FAILED"), outputs={"why": "message"})
        .user_task("by_hand")
        .build()
    )
    run = Instance(definition)

    run.fail("notify", "AGENCY_FAILED")

    assert run.open() == ["by_hand"]
    assert run.value("why") == "The agency said no"
    assert run.last[0] == facts.ServiceTaskCancelled("notify#1")


# Escalations


def sub_with_escalation(*, interrupting: bool) -> Instance:
    return Instance(
        process("p")
        .start()
        .sub_process(
            "sub", lambda s: s.start("s1").throw("raise", escalation("late")).user_task("inside")
        )
        .user_task("after")
        .boundary("sub", "caught", escalation("late"), interrupting=interrupting)
        .user_task("chief")
        .build()
    )


def test_a_non_interrupting_escalation_lets_the_thrower_go_on() -> None:
    assert sorted(sub_with_escalation(interrupting=False).open()) == ["chief", "inside"]


def test_an_interrupting_escalation_ends_the_thrower() -> None:
    assert sub_with_escalation(interrupting=True).open() == ["chief"]


def test_an_escalation_nobody_catches_is_told_and_the_flow_goes_on() -> None:
    run = Instance(process("p").start().end("done", escalation("late")).build())

    assert run.told(facts.EscalationUncaught) == [
        facts.EscalationUncaught("done#1", "p", "done", "late")
    ]
    assert run.completed_at() == ("done",)


def test_an_escalation_crosses_a_call() -> None:
    called = process("C").start("cs").throw("raise", escalation("late")).user_task("inside").build()
    caller = (
        process("p")
        .start()
        .call("call", "C")
        .boundary("call", "caught", escalation("late"), interrupting=False)
        .user_task("chief")
        .build()
    )

    assert sorted(Instance(caller, {}, called).open()) == ["chief", "inside"]


# Terminate


def test_a_terminate_end_ends_everything_in_its_process_at_once() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .user_task("a")
        .end("stop", terminate())
        .back_to("fork")
        .user_task("b")
        .end("normal")
        .build()
    )
    run = Instance(definition)

    run.complete("a")

    assert run.completed_at() == ("stop",)
    assert facts.UserTaskCancelled("b#1") in run.last


def test_a_terminate_end_inside_a_sub_process_ends_only_that() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .sub_process(
            "sub",
            lambda s: (
                s.start("s1")
                .parallel("inner_fork")
                .end("stop", terminate())
                .back_to("inner_fork")
                .user_task("inside")
            ),
        )
        .user_task("after_sub")
        .back_to("fork")
        .user_task("beside")
        .build()
    )

    assert Instance(definition).open() == ["after_sub", "beside"]


def test_a_terminate_end_inside_a_called_process_ends_the_call_normally() -> None:
    called = (
        process("C")
        .start("cs")
        .script("set", "x", "1")
        .parallel("f")
        .end("stop", terminate())
        .back_to("f")
        .user_task("inside")
        .build()
    )
    caller = process("p").start().call("call", "C", outputs={"y": "x"}).user_task("after").build()

    run = Instance(caller, {}, called)

    assert run.open() == ["after"]
    assert run.value("y") == 1
    assert facts.ElementCompleted("call#1", "p", "call") in run.facts


# Event-based gateway


def race() -> Instance:
    return Instance(
        process("p")
        .start()
        .first_event("race")
        .catch("paid", message("paid"))
        .end("good")
        .back_to("race")
        .catch("late", after("P7D"))
        .end("too_late")
        .back_to("race")
        .catch("sooner", after("P3D"))
        .end("soon")
        .back_to("race")
        .receive("withdrawn", "withdrawal")
        .end("gone")
        .build()
    )


def test_the_first_event_wins_and_the_others_are_cancelled() -> None:
    run = race()

    run.receive("paid", amount=1)

    assert run.completed_at() == ("good",)
    assert run.value("amount") == 1
    assert facts.TimerCancelled("late#1") in run.last
    assert facts.MessageWaitCancelled("withdrawn#1") in run.last


def test_the_shorter_of_two_timers_at_a_gateway_wins() -> None:
    run = race()

    run.pass_time(days=10)

    assert run.completed_at() == ("soon",)


def test_a_receive_task_may_stand_behind_an_event_gateway() -> None:
    run = race()

    run.receive("withdrawn")

    assert run.completed_at() == ("gone",)
