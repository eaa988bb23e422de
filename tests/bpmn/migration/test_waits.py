"""Timers, messages and conditions of a moved instance: kept to the minute, ended, or begun anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.bpmn import facts
from engine.bpmn.definition import Definition, EventSpec
from engine.bpmn.migration import Verdict
from engine.bpmn.state import WaitKind
from tests.support.instances import MONDAY
from tests.support.moving import Moving, codes, named
from tests.support.processes import (
    after,
    all_of,
    any_of,
    message,
    not_interrupting,
    process,
    signal,
    timer,
    when_true,
)


def caught(event: EventSpec, *behind: str) -> Definition:
    built = process("p").start().catch("c", event)
    for task in behind:
        built = built.user_task(task)
    return built.end().build()


def guarded(*events: tuple[str, EventSpec], interrupting: bool = True) -> Definition:
    """A user task `a` with boundary events."""
    built = process("p").start().user_task("a").end()
    for name, event in events:
        built = built.boundary("a", name, event, interrupting=interrupting).end(f"{name}_end")
    return built.build()


def listening(*events: tuple[str, EventSpec]) -> Definition:
    """A user task, and event sub-processes that begin with an event each."""
    built = process("p").start().user_task("a").end()
    for name, event in events:
        start = not_interrupting(event)
        built = built.event_sub_process(
            f"sub_{name}",
            lambda s, n=name, e=start: s.start(n, e).user_task(f"do_{n}").end(f"e_{n}"),
        )
    return built.build()


# Kept


def test_a_timer_keeps_its_due_time_whatever_the_new_diagram_says() -> None:
    run = Moving(caught(after("P5D")))
    run.pass_time(days=2)

    planned = run.plan(caught(after("P30D")))
    told = run.move(caught(after("P30D")))

    assert codes(planned) == ["timer.kept"]
    assert told == ()
    assert run.state.waits["c#1"].due == MONDAY + timedelta(days=5)


def test_a_timer_that_is_named_begins_anew() -> None:
    run = Moving(caught(after("P5D")))
    run.pass_time(days=2)

    told = run.move(caught(after("P30D")), named=named(rearm=["c"]))

    assert told[:2] == (
        facts.TimerCancelled("c#1"),
        facts.TimerScheduled("c#2", "p", "c", MONDAY + timedelta(days=32)),
    )
    run.fire("c")
    assert run.completed_at() == ("end",)


def test_a_cycle_keeps_its_plan() -> None:
    cycle = timer(cycle="R3/PT1H")
    run = Moving(guarded(("t", cycle), interrupting=False))
    run.pass_time(hours=1)
    longer = guarded(("t", cycle), ("other", message("m")), interrupting=False)

    run.move(longer)
    run.pass_time(hours=5)

    assert len([f for f in run.told(facts.TimerFired) if f.key.startswith("t#")]) == 3


def test_a_cycle_does_not_become_another_kind_of_timer_unless_named() -> None:
    run = Moving(guarded(("t", timer(cycle="R3/PT1H")), interrupting=False))
    once = guarded(("t", after("PT9H")), interrupting=False)

    assert codes(run.plan(once)) == ["event.other"]
    assert run.plan(once, named=named(rearm=["t"])).verdict is Verdict.CAN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (message("one"), message("two")),
        (message("one", '"a"'), message("one", '"b"')),
        (signal("one"), signal("two")),
        (message("one"), after("P1D")),
        (message("one"), any_of(message("one"), after("P1D"))),
        (any_of(message("one"), signal("s")), all_of(message("one"), signal("s"))),
    ],
)
def test_what_waits_for_something_else_is_refused_unless_it_is_named(
    old: EventSpec, new: EventSpec
) -> None:
    run = Moving(caught(old))

    assert set(codes(run.plan(caught(new)))) == {"event.other"}
    run.move(caught(new), named=named(rearm=["c"]))

    assert all(wait.element == "c" for wait in run.state.waits.values())
    assert len(run.state.waits) == len(new.parts or (new,))


def test_a_message_that_is_awaited_as_before_is_not_awaited_anew() -> None:
    run = Moving(caught(message("one", '"a"')))

    assert run.move(caught(message("one", '"a"'), "behind")) == ()
    run.receive("c")

    assert run.open() == ["behind"]


def test_a_condition_is_judged_by_the_new_diagram() -> None:
    run = Moving(caught(when_true("x > 5")), {"x": 3})

    planned = run.plan(caught(when_true("x > 2")))
    run.move(caught(when_true("x > 2")))

    assert codes(planned) == ["condition.other"]
    assert run.completed_at() == ("end",)


def test_parts_that_were_heard_stay_heard() -> None:
    both = all_of(message("one"), message("two"))
    run = Moving(caught(both))
    run.receive("c", got=1)

    run.move(caught(both, "behind"))
    run.receive("c")

    assert run.open() == ["behind"]
    assert run.value("got") == 1


# Ended and begun


def test_a_boundary_event_that_is_gone_ends_and_a_new_one_begins() -> None:
    run = Moving(guarded(("old", after("P1D"))))
    run.pass_time(hours=1)

    planned = run.plan(guarded(("new", after("P2D"))))
    told = run.move(guarded(("new", after("P2D"))))

    assert codes(planned) == ["wait.ends", "wait.begins"]
    assert told == (
        facts.TimerCancelled("old#1"),
        facts.TimerScheduled("new#1", "p", "new", MONDAY + timedelta(hours=49)),
    )
    assert run.open() == ["a"]


def test_a_boundary_event_that_has_occurred_is_not_new() -> None:
    once = guarded(("t", after("PT1H")), interrupting=False)
    run = Moving(once)
    run.pass_time(hours=2)
    more = guarded(("t", after("PT1H")), ("m", message("m")), interrupting=False)

    run.move(more)

    assert run.open(WaitKind.TIMER) == []
    assert run.open(WaitKind.MESSAGE) == ["m"]


def test_a_renamed_boundary_event_keeps_its_due_time() -> None:
    run = Moving(guarded(("old", after("P1D"))))
    run.pass_time(hours=3)

    told = run.move(guarded(("new", after("P1D"))), named=named({"old": "new"}))

    assert told == (facts.ElementRenamed("old#1", "p", "new", "old"),)
    assert run.state.waits["old#1"].due == MONDAY + timedelta(days=1)
    run.fire("new")
    assert run.completed_at() == ("new_end",)


def test_event_sub_processes_end_and_begin_with_the_version() -> None:
    run = Moving(listening(("one", message("one")), ("two", message("two"))))

    planned = run.plan(listening(("two", message("two")), ("three", message("three"))))
    run.move(listening(("two", message("two")), ("three", message("three"))))

    assert codes(planned) == ["wait.ends", "wait.begins"]
    assert sorted(run.open(WaitKind.MESSAGE)) == ["three", "two"]
    run.receive("three")
    assert sorted(run.open()) == ["a", "do_three"]


def test_a_scope_that_was_taken_over_listens_to_nothing_new() -> None:
    def interrupted(*names: str) -> Definition:
        built = process("p").start().user_task("a").end()
        for name in names:
            built = built.event_sub_process(
                f"sub_{name}",
                lambda s, n=name: s.start(n, message(n)).user_task(f"do_{n}").end(f"e_{n}"),
            )
        return built.build()

    run = Moving(interrupted("one"))
    run.receive("one")

    run.move(interrupted("one", "two"))

    assert run.open(WaitKind.MESSAGE) == []
    assert run.open() == ["do_one"]


def test_an_event_that_cannot_be_worked_out_refuses_the_move() -> None:
    run = Moving(guarded())

    planned = run.plan(guarded(("t", timer("nowhere"))))

    assert "expression.fails" in codes(planned)
    assert planned.result is None


def test_a_clocks_timer_is_left_to_the_keeper_of_clocks() -> None:
    run = Moving(guarded(("t", timer(clock="processing"))))

    told = run.move(guarded(("t", timer(clock="processing")), ("m", message("m"))))

    assert told == (facts.MessageAwaited("m#1", "p", "m", "m", None),)
