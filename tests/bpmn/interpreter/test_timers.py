"""Timers: dates, durations, cycles, boundaries, downtimes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn import facts
from engine.bpmn.definition import MissedTimer
from engine.bpmn.interpreter import incidents
from engine.bpmn.state import WaitKind
from tests.support.instances import MONDAY, Instance, with_boundary
from tests.support.processes import (
    after,
    process,
    timer,
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
