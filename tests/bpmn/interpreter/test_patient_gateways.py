"""Inclusive and complex gateways, and activities that need several tokens."""

from __future__ import annotations

import itertools

import pytest

from engine.bpmn.definition import Definition
from tests.support.instances import Instance
from tests.support.processes import after, process


def fork(*names: str) -> Definition:
    """An inclusive fork into user tasks, each taken when its name is in `wanted`; then a join."""
    drawn = process("p").start().inclusive("fork")
    for name in names:
        drawn = drawn.back_to("fork").when(f'list contains(wanted, "{name}")').user_task(name)
    drawn = drawn.inclusive("join").user_task("after").end()
    for name in names[:-1]:
        drawn = drawn.back_to(name).to("join")
    return drawn.build()


ALL = ("a", "b", "c")


@pytest.mark.parametrize(
    "wanted", [each for n in (1, 2, 3) for each in itertools.permutations(ALL, n)]
)
def test_an_inclusive_join_waits_for_exactly_what_its_fork_sent(wanted: tuple[str, ...]) -> None:
    run = Instance(fork(*ALL), {"wanted": list(wanted)})
    assert sorted(run.open()) == sorted(wanted)

    for name in wanted[:-1]:
        run.complete(name)
        assert "after" not in run.open()
    run.complete(wanted[-1])

    assert run.open() == ["after"]


def test_an_inclusive_fork_without_a_true_condition_takes_the_default_or_is_an_incident() -> None:
    definition = (
        process("p").start().inclusive("x").when("n = 1").end("one").back_to("x").otherwise()
        .end("other").build()
    )  # fmt: skip
    assert Instance(definition, {"n": 1}).completed_at() == ("one",)
    assert Instance(definition, {"n": 2}).completed_at() == ("other",)
    assert Instance(fork("a"), {"wanted": []}).incident_codes() == ["gateway.no-flow"]


def test_a_token_that_can_still_come_through_a_loop_is_waited_for() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .user_task("a")
        .inclusive("join")
        .end()
        .back_to("fork")
        .user_task("b")
        .xor("again")
        .when("again = true")
        .to("b")
        .back_to("again")
        .otherwise()
        .to("join")
        .build()
    )
    run = Instance(definition)

    run.complete("a")
    assert run.open() == ["b"]
    run.complete("b", again=True)
    assert run.open() == ["b"]
    run.complete("b", again=False)

    assert run.completed_at() == ("end",)
    assert run.visited().count("join") == 1


def test_a_join_in_a_loop_waits_anew_each_time_round() -> None:
    definition = (
        process("p")
        .start()
        .xor("head")
        .inclusive("fork")
        .user_task("a")
        .inclusive("join")
        .user_task("look")
        .xor("again")
        .when("again = true")
        .to("head")
        .back_to("again")
        .otherwise()
        .end()
        .back_to("fork")
        .when("both = true")
        .user_task("b")
        .to("join")
        .build()
    )
    run = Instance(definition, {"both": True})

    run.complete("a")
    assert run.open() == ["b"]
    run.complete("b")
    run.complete("look", again=True, both=False)
    assert run.open() == ["a"]
    run.complete("a")
    run.complete("look", again=False)

    assert run.completed_at() == ("end",)


def test_a_boundary_event_may_still_send_a_token() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .user_task("a")
        .inclusive("join")
        .end()
        .back_to("fork")
        .user_task("b")
        .end("b_done")
        .boundary("b", "late", after("P1D"))
        .to("join")
        .build()
    )
    run = Instance(definition)

    run.complete("a")
    assert not run.visited().count("join")
    run.complete("b")

    assert run.visited().count("join") == 1
    assert set(run.completed_at()) == {"end", "b_done"}


def test_an_interrupted_branch_is_not_waited_for_any_more() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .user_task("a")
        .inclusive("join")
        .end()
        .back_to("fork")
        .user_task("b")
        .to("join")
        .boundary("b", "late", after("P1D"))
        .end("gave_up")
        .build()
    )
    run = Instance(definition)

    run.complete("a")
    run.pass_time(days=2)

    assert set(run.completed_at()) == {"end", "gave_up"}


def test_two_inclusive_joins_that_wait_for_each_other_do_not_hang() -> None:
    """Each could still get a token through the other, so by the letter of 13.4.3 both wait for
    ever. The first one goes on when nothing else is left."""
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .inclusive("one")
        .task("to_two")
        .inclusive("two")
        .xor("back")
        .when("n < 1")
        .to("one")
        .back_to("back")
        .otherwise()
        .end()
        .back_to("fork")
        .to("two")
        .build()
    )
    run = Instance(definition, {"n": 1})

    assert run.completed_at() == ("end",)


def complex_of(condition: str) -> Definition:
    drawn = process("p").start().parallel("fork")
    for name in ALL:
        drawn = drawn.back_to("fork").user_task(name)
    drawn = drawn.complex("first_two", condition)
    for name in ALL[:-1]:
        drawn = drawn.back_to(name).to("first_two")
    return drawn.back_to("first_two").user_task("after").end().build()


def test_a_complex_gateway_goes_on_once_when_enough_have_come() -> None:
    run = Instance(complex_of("activationCount >= 2"))

    run.complete("c")
    assert run.open() == ["a", "b"]
    run.complete("a")
    assert sorted(run.open()) == ["after", "b"]
    run.complete("b")
    assert run.open() == ["after"]
    run.complete("after")

    assert run.completed_at() == ("end",)
    assert run.visited().count("after") == 1


def test_a_complex_gateway_whose_condition_never_comes_true_is_an_incident() -> None:
    run = Instance(complex_of("activationCount >= 4"))

    for name in ALL:
        run.complete(name)

    assert run.incident_codes() == ["instance.stuck"]


def test_stragglers_go_on_where_a_condition_asks_for_them() -> None:
    drawn = process("p").start().parallel("fork").user_task("a")
    drawn = drawn.complex("x", "activationCount >= 1").back_to("fork").user_task("b").to("x")
    definition = (
        drawn.when("waitingForStart")
        .user_task("first")
        .back_to("x")
        .when("not(waitingForStart)")
        .user_task("late")
        .build()
    )
    run = Instance(definition)

    run.complete("a")
    assert sorted(run.open()) == ["b", "first"]
    run.complete("b")

    assert sorted(run.open()) == ["first", "late"]


def test_an_activity_may_need_several_tokens_and_send_several() -> None:
    definition = (
        process("p")
        .start()
        .task("two_out", completion_quantity=2)
        .user_task("each")
        .user_task("pair", start_quantity=2)
        .end()
        .build()
    )
    run = Instance(definition)
    assert run.open() == ["each", "each"]

    run.complete("each")
    assert run.open() == ["each"]
    run.complete("each")
    assert run.open() == ["pair"]
    run.complete("pair")

    assert run.completed_at() == ("end",)


def test_a_token_too_few_is_an_incident() -> None:
    run = Instance(process("p").start().user_task("pair", start_quantity=2).end().build())

    assert run.incident_codes() == ["instance.stuck"]
