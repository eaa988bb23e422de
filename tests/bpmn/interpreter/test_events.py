"""Timers, messages, signals, errors, escalations, terminate, and the event-based gateway."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn import facts
from engine.bpmn.definition import MissedTimer
from engine.bpmn.interpreter import incidents
from engine.bpmn.state import WaitKind
from tests.support.instances import MONDAY, Instance
from tests.support.processes import (
    after,
    error,
    escalation,
    message,
    process,
    signal,
    terminate,
    timer,
)


def with_boundary(event: object, *, interrupting: bool = True) -> Instance:
    return Instance(
        process("p")
        .start()
        .user_task("a")
        .end("done")
        .boundary("a", "b", event, interrupting=interrupting)  # type: ignore[arg-type]
        .user_task("handle")
        .end("handled")
        .build()
    )


# Timers


def test_an_intermediate_timer_waits_for_its_time() -> None:
    run = Instance(process("p").start().catch("wait", after("P7D")).end("done").build())

    (scheduled,) = run.told(facts.TimerScheduled)
    assert scheduled == facts.TimerScheduled("wait#1", "p", "wait", MONDAY + timedelta(days=7))
    run.pass_time(days=6, hours=23)
    assert not run.told(facts.TimerFired)
    run.pass_time(hours=1)

    assert run.completed_at() == ("done",)


@pytest.mark.parametrize(
    ("date", "due"),
    [
        ('date("2026-03-05")', datetime(2026, 3, 4, 16, tzinfo=UTC)),
        ('date and time("2026-03-05T10:00:00+08:00")', datetime(2026, 3, 5, 2, tzinfo=UTC)),
        ('date and time("2026-03-05T10:00:00@Asia/Taipei")', datetime(2026, 3, 5, 2, tzinfo=UTC)),
    ],
)
def test_a_date_means_midnight_in_taipei_and_a_moment_its_own_zone(
    date: str, due: datetime
) -> None:
    run = Instance(process("p").start().catch("wait", timer(date=date)).end().build())

    assert run.told(facts.TimerScheduled)[0].due_at == due


def test_a_duration_in_months_ends_on_the_last_day_of_a_short_month() -> None:
    definition = process("p").start().user_task("a").catch("wait", after("P1M")).end().build()
    run = Instance(definition)
    run.now = datetime(2026, 1, 31, 1, 0, tzinfo=UTC)

    run.complete("a")

    assert run.told(facts.TimerScheduled)[0].due_at == datetime(2026, 2, 28, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (timer(date='date and time("2026-03-05T10:00:00")'), "timer.no-zone"),
        (timer("7"), "feel.wrong-type"),
        (timer(date="null"), "feel.wrong-type"),
        (timer("unknown"), "feel.unknown-name"),
        (timer(cycle="every hour"), "timer.cycle"),
        (timer('duration("P9999Y")'), "timer.range"),
    ],
)
def test_a_timer_that_gives_no_time_is_an_incident_at_the_timer(event: object, code: str) -> None:
    run = with_boundary(event)

    assert run.incident_codes() == [code]
    assert incidents(run.state)[0].element_id == "b"
    assert run.open() == []


def test_a_timer_on_a_clock_of_the_case_has_no_time_of_its_own() -> None:
    run = Instance(process("p").start().catch("wait", timer(clock="processing")).end().build())

    assert run.told(facts.TimerScheduled) == [
        facts.TimerScheduled("wait#1", "p", "wait", None, "processing", "due")
    ]
    run.fire("wait")
    assert run.completed_at() == ("end",)


# Boundary events


def test_an_interrupting_boundary_timer_ends_its_task_and_goes_its_own_way() -> None:
    run = with_boundary(after("P1D"))

    run.pass_time(days=1)

    assert run.last == (
        facts.TimerFired("b#1"),
        facts.UserTaskCancelled("a#1"),
        facts.ElementTerminated("a#1", "p", "a"),
        facts.ElementActivated("b#1", "p", "b"),
        facts.ElementCompleted("b#1", "p", "b"),
        facts.ElementActivated("handle#1", "p", "handle"),
        run.told(facts.UserTaskCreated)[1],
    )
    run.complete("handle")
    assert run.completed_at() == ("handled",)


def test_a_boundary_timer_is_cancelled_when_its_task_is_left() -> None:
    run = with_boundary(after("P1D"))

    run.complete("a")

    assert facts.TimerCancelled("b#1") in run.last
    assert run.completed_at() == ("done",)


def test_a_non_interrupting_boundary_event_runs_beside_its_task() -> None:
    run = with_boundary(after("P1D"), interrupting=False)

    run.pass_time(days=1)
    assert run.open() == ["a", "handle"]
    run.pass_time(days=9)
    assert run.open() == ["a", "handle"]
    run.complete("a")
    run.complete("handle")

    assert run.completed_at() == ("done", "handled")


def test_several_boundary_timers_fire_each_at_its_own_time() -> None:
    definition = (
        process("p")
        .start()
        .user_task("a")
        .end()
        .boundary("a", "warn", after("P1D"), interrupting=False)
        .task("warned")
        .boundary("a", "stop", after("P3D"))
        .user_task("late")
        .boundary("a", "warn_again", after("P2D"), interrupting=False)
        .task("warned_again")
        .build()
    )
    run = Instance(definition)

    run.pass_time(days=4)

    assert run.visited()[2:] == ["warn", "warned", "warn_again", "warned_again", "stop", "late"]


def cycle(text: str, missed: MissedTimer) -> Instance:
    return with_boundary(timer(cycle=text, missed=missed), interrupting=False)


def test_a_cycle_counts_from_its_plan_not_from_when_it_fired() -> None:
    run = cycle("R3/PT1H", MissedTimer.ONCE)

    run.now = MONDAY + timedelta(hours=1, minutes=20)
    run.fire("b")

    assert [each.due_at for each in run.told(facts.TimerScheduled)] == [
        MONDAY + timedelta(hours=1),
        MONDAY + timedelta(hours=2),
    ]
    run.pass_time(hours=9)
    assert run.visited().count("b") == 3
    assert run.open(WaitKind.TIMER) == []


@pytest.mark.parametrize(
    ("missed", "fired", "next_due"),
    [(MissedTimer.ONCE, 1, 6), (MissedTimer.ALL, 5, 6), (MissedTimer.SKIP, 0, 6)],
)
def test_what_a_downtime_swallowed_is_fired_once_all_or_not(
    missed: MissedTimer, fired: int, next_due: int
) -> None:
    run = cycle("R/PT1H", missed)

    run.now = MONDAY + timedelta(hours=5, minutes=30)
    run.pass_time(minutes=0)

    assert run.visited().count("b") == fired
    (timer_key,) = run.keys("b")
    assert run.state.waits[timer_key].due == MONDAY + timedelta(hours=next_due)


def test_skip_still_fires_a_turn_that_is_only_a_little_late() -> None:
    run = cycle("R/PT1H", MissedTimer.SKIP)

    run.now = MONDAY + timedelta(hours=1, minutes=59)
    run.pass_time(minutes=0)

    assert run.visited().count("b") == 1


def test_missed_turns_count_against_the_number_of_turns() -> None:
    run = cycle("R3/PT1H", MissedTimer.ONCE)

    run.now = MONDAY + timedelta(hours=2, minutes=30)
    run.pass_time(minutes=0)
    run.pass_time(hours=5)

    assert run.visited().count("b") == 2


def test_a_monthly_cycle_does_not_drift_over_short_months() -> None:
    definition = (
        process("p")
        .start()
        .user_task("first")
        .user_task("a")
        .boundary("a", "b", timer(cycle="R/P1M"), interrupting=False)
        .build()
    )
    run = Instance(definition)
    run.now = datetime(2026, 1, 31, 1, 0, tzinfo=UTC)
    run.complete("first")

    run.pass_time(days=100)

    days = [
        each.due_at.date().isoformat() for each in run.told(facts.TimerScheduled) if each.due_at
    ]
    assert days == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]


def test_a_cycle_with_a_start_has_its_first_turn_then() -> None:
    run = cycle("R2/2026-03-03T09:00+08:00/P1D", MissedTimer.ONCE)

    run.pass_time(days=5)

    assert [each.due_at for each in run.told(facts.TimerScheduled)] == [
        MONDAY + timedelta(days=1),
        MONDAY + timedelta(days=2),
    ]
    assert run.visited().count("b") == 2


def test_a_long_downtime_of_a_short_cycle_costs_no_time() -> None:
    run = cycle("R/PT1S", MissedTimer.ONCE)

    run.now = MONDAY + timedelta(days=3650)
    run.fire("b")

    assert run.told(facts.TimerScheduled)[-1].due_at == run.now + timedelta(seconds=1)


# Messages


def test_a_message_is_awaited_by_name_and_key_and_brings_its_payload() -> None:
    definition = process("p").start().catch("wait", message("paid", "number")).end().build()
    run = Instance(definition, {"number": "A-1"})

    assert run.told(facts.MessageAwaited) == [
        facts.MessageAwaited("wait#1", "p", "wait", "paid", "A-1")
    ]
    run.receive("wait", amount=30)

    assert run.value("amount") == 30
    assert facts.MessageReceived("wait#1") in run.last


def test_a_payload_passes_through_the_output_mappings_of_its_event() -> None:
    definition = (
        process("p").start().receive("wait", "paid", outputs={"fee": "amount * 2"}).end().build()
    )
    run = Instance(definition)

    run.receive("wait", amount=30, extra=1)

    assert run.value("fee") == 60
    assert not run.has("extra")


def test_a_number_may_correlate_and_null_may_not() -> None:
    definition = process("p").start().catch("wait", message("paid", "number")).end().build()

    run = Instance(definition, {"number": 100})
    assert run.told(facts.MessageAwaited)[0].correlation_key == "100"

    run = Instance(definition, {"number": None})
    assert run.incident_codes() == ["message.no-correlation-key"]
    run.retry(number="A")
    assert run.told(facts.MessageAwaited)[0].correlation_key == "A"


def test_a_non_interrupting_message_boundary_hears_again_under_a_new_key() -> None:
    run = with_boundary(message("news"), interrupting=False)

    run.receive("b", n=1)
    run.receive("b", n=2)

    assert [each.key for each in run.told(facts.MessageAwaited)] == ["b#1", "b#2", "b#3"]
    assert run.open() == ["a", "handle", "handle"]
    run.complete("a")
    assert facts.MessageWaitCancelled("b#3") in run.last


def test_a_thrown_message_leaves_with_the_inputs_of_its_event() -> None:
    definition = (
        process("p")
        .start()
        .send("tell", "moved", "number", inputs={"to": '"x"'})
        .end("end", message("closed"))
        .build()
    )

    run = Instance(definition, {"number": "A-1"})

    assert run.told(facts.MessageThrown) == [
        facts.MessageThrown("tell#1", "p", "tell", "moved", "A-1", {"to": "x"}),
        facts.MessageThrown("end#1", "p", "end", "closed", None, {}),
    ]


def test_an_instance_may_begin_with_a_message() -> None:
    definition = (
        process("p")
        .start("plain")
        .user_task("usual")
        .start("by_message", message("report"))
        .user_task("special")
        .build()
    )

    run = Instance(definition, start_event="by_message", payload={"who": "x"})
    assert run.open() == ["special"]
    assert run.value("who") == "x"
    assert Instance(definition).open() == ["usual"]
    with pytest.raises(ValueError, match="by_message"):
        Instance(definition, start_event="nowhere")


def test_a_process_that_only_starts_by_message_does_not_start_plainly() -> None:
    definition = process("p").start("m", message("report")).end().build()

    with pytest.raises(ValueError, match="only starts with one of m"):
        Instance(definition)


# Signals


def test_a_signal_reaches_every_wait_for_it_and_no_other() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .catch("one", signal("s"))
        .user_task("after_one")
        .back_to("fork")
        .catch("two", signal("s"))
        .user_task("after_two")
        .back_to("fork")
        .catch("other", signal("t"))
        .build()
    )
    run = Instance(definition)

    run.signal("s", level=3)

    assert run.open() == ["after_one", "after_two"]
    assert run.open(WaitKind.SIGNAL) == ["other"]
    assert run.value("level") == 3
    assert run.signal("unheard") == ()


def test_a_signal_thrown_inside_interrupts_before_the_thrower_goes_on() -> None:
    definition = (
        process("p")
        .start()
        .sub_process(
            "sub",
            lambda s: (
                s.start("s1")
                .throw("shout", signal("stop"), inputs={"why": '"typhoon"'})
                .user_task("never")
            ),
        )
        .boundary("sub", "heard", signal("stop"))
        .user_task("stopped")
        .build()
    )

    run = Instance(definition)

    assert run.open() == ["stopped"]
    assert "never" not in run.visited()
    assert run.value("why") == "typhoon"
    assert run.told(facts.SignalThrown) == [
        facts.SignalThrown("sub#1/shout#1", "p", "shout", "stop", {"why": "typhoon"})
    ]


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
