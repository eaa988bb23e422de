"""Scopes, calls, items and what was completed, in another version of a running instance."""

from __future__ import annotations

from dataclasses import replace

from engine.bpmn.definition import Definition
from engine.bpmn.migration import Verdict
from engine.bpmn.state import WaitKind
from tests.bpmn.migration.test_places import straight
from tests.support.moving import Moving, codes, named
from tests.support.processes import (
    Builder,
    after,
    compensation,
    each,
    error,
    loop,
    message,
    process,
)


def inside(*tasks: str, scope: str = "sub") -> Definition:
    def body(sub: Builder) -> Builder:
        sub = sub.start("s")
        for task in tasks:
            sub = sub.user_task(task)
        return sub.end("e")

    return process("p").start().sub_process(scope, body).user_task("behind").end().build()


def test_a_token_in_a_sub_process_stays_in_it() -> None:
    run = Moving(inside("a", "b"))

    run.move(inside("a", "more", "b"))
    for task in ("a", "more", "b", "behind"):
        run.complete(task)

    assert run.completed_at() == ("end",)


def test_a_sub_process_may_be_renamed_and_its_tokens_keep_their_keys() -> None:
    run = Moving(inside("a", "b"))

    run.move(inside("a", "b", scope="other"), named=named({"sub": "other"}))
    run.complete("a")

    assert run.keys("b") == ["sub#1/b#1"]
    run.complete("b")
    assert run.open() == ["behind"]


def test_a_task_wrapped_into_a_sub_process_is_refused() -> None:
    run = Moving(straight("a", "behind"))

    assert codes(run.plan(inside("a"))) == ["element.other-scope"]


def test_a_called_process_is_moved_with_its_caller() -> None:
    def calling(called: str) -> Definition:
        return process("p").start().call("c", called).user_task("behind").end().build()

    run = Moving(calling("q"), {}, straight("a", "b", process_id="q"))

    assert codes(run.plan(calling("r"), straight("a", process_id="r"))) == ["call.other-process"]
    assert codes(run.plan(calling("q"), straight("x", process_id="q"))) == ["element.gone"]
    run.move(calling("q"), straight("a", "more", "b", process_id="q"))
    for task in ("a", "more", "b"):
        run.complete(task)
    assert run.open() == ["behind"]


def items(into: str | None = "results", *, sequential: bool = False) -> Definition:
    shape = each("[1, 2, 3]", item="n", into=into, result="n * 2", sequential=sequential)
    return (
        process("p")
        .start()
        .user_task("vote", multi_instance=shape)
        .user_task("behind")
        .end()
        .build()
    )


def test_items_go_on_with_what_they_have() -> None:
    run = Moving(items())
    run.complete("vote", 1)
    longer = items()

    run.move(replace(longer, hash="another"))
    run.complete("vote")
    run.complete("vote")

    assert run.open() == ["behind"]
    assert run.value("results") == [2, 4, 6]


def test_items_that_open_otherwise_are_refused() -> None:
    run = Moving(items())

    assert codes(run.plan(items(sequential=True))) == ["items.other"]
    assert codes(run.plan(items(into=None))) == ["items.other"]


def test_the_runs_of_a_loop_are_not_items() -> None:
    looping = process("p").start().user_task("vote", loop=loop("more", most=3)).end().build()
    run = Moving(looping)

    assert codes(run.plan(items())) == ["items.other"]


def booked(handler: str | None = "undo") -> Definition:
    built = process("p").start().service("book")
    if handler:
        built = built.compensated("book", handler)
    return built.user_task("a").throw("back", compensation()).end().build()


def test_what_was_completed_is_compensated_by_the_new_handler() -> None:
    run = Moving(booked())
    run.answer("book")

    run.move(booked("undo_anew"))
    run.complete("a")

    assert run.open() == ["undo_anew"]
    run.complete("undo_anew")
    assert run.completed_at() == ("end",)


def test_what_was_completed_and_cannot_be_made_good_any_more_is_refused() -> None:
    run = Moving(booked())
    run.answer("book")

    assert codes(run.plan(booked(None))) == ["compensation.lost"]
    assert codes(run.plan(straight("a"))) == ["compensation.gone"]


def test_variables_a_scope_declares_anew_keep_the_values_seen_there() -> None:
    def body(sub: Builder) -> Builder:
        return sub.start("s").user_task("a").script("read", "out", "x + 1").end("e")

    old = process("p").start().sub_process("sub", body).user_task("z").end().build()
    new = (
        process("p").start().sub_process("sub", body, declares=("x",)).user_task("z").end().build()
    )
    run = Moving(old, {"x": 4})

    run.move(new)
    run.complete("a")

    assert run.value("out") == 5


def test_an_ended_instance_has_nothing_to_move() -> None:
    run = Moving(straight("a"))
    run.complete("a")

    assert codes(run.plan(straight("a", "b"))) == ["instance.ended"]


def test_an_error_is_caught_where_the_new_version_catches_it() -> None:
    def failing(*, caught: bool) -> Definition:
        built = process("p").start().service("s").user_task("n").end()
        if caught:
            built = built.boundary("s", "oops", error("E1")).user_task("mend").end("mended")
        return built.build()

    run = Moving(failing(caught=False))
    run.move(failing(caught=True))

    run.fail("s", "E1")

    assert run.open() == ["mend"]


def test_events_of_a_race_are_those_of_the_new_version() -> None:
    def racing(*names: str) -> Definition:
        built = process("p").start().first_event("g")
        for name in names:
            built = built.back_to("g").catch(name, message(name)).end(f"{name}_end")
        return built.build()

    run = Moving(racing("yes", "no"))

    run.move(racing("yes", "later"))

    assert sorted(run.open(WaitKind.MESSAGE)) == ["later", "yes"]
    run.receive("later")
    assert run.completed_at() == ("later_end",)


def test_a_race_without_any_event_left_is_refused() -> None:
    old = process("p").start().first_event("g").catch("yes", message("m")).end().build()
    new = process("p").start().first_event("g").catch("no", message("n")).end().build()
    run = Moving(old)
    empty = replace(
        new, elements={**new.elements, "g": replace(new.elements["g"], outgoing=())}, memo={}
    )

    assert run.plan(new).verdict is Verdict.CAN
    assert "gateway.no-event" in codes(run.plan(empty)) or "join.starved" in codes(run.plan(empty))


def test_timers_in_sub_processes_are_waited_for_under_their_keys() -> None:
    def timed(task: str) -> Definition:
        return (
            process("p")
            .start()
            .sub_process("sub", lambda s: s.start("s").catch("t", after("P2D")).user_task(task))
            .end()
            .build()
        )

    run = Moving(timed("a"))
    due = run.state.waits["sub#1/t#1"].due
    run.pass_time(days=1)

    run.move(timed("b"))

    assert run.state.waits["sub#1/t#1"].due == due
