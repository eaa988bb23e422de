"""The counterparts of `docs/adr/0001/*.py`: what SpiffWorkflow's runtime gets wrong, done right.

Each test runs the process of the script with the same letter; the script shows the fault.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from engine.bpmn import facts
from engine.bpmn.interpreter import advance, dump_state, load_state, start
from engine.bpmn.triggers import CompleteUserTask
from tests.support.instances import MONDAY, Instance
from tests.support.processes import message, process


def rework() -> Any:
    return (
        process("rework")
        .start()
        .xor("again")
        .parallel("fork")
        .user_task("legal")
        .parallel("join")
        .user_task("approve")
        .xor("enough")
        .when("ok = true")
        .end("done")
        .back_to("enough")
        .otherwise()
        .to("again")
        .back_to("fork")
        .user_task("medical")
        .to("join")
        .build()
    )


def test_s1_a_join_in_a_rework_loop_waits_for_both_branches_in_every_round() -> None:
    run = Instance(rework())

    for _round in range(5):
        run.complete("legal")
        assert run.open() == ["medical"]
        run.complete("medical")
        assert run.open() == ["approve"]
        run.complete("approve", ok=False)
        run.complete("medical")
        assert run.open() == ["legal"]
        run.complete("legal")
        run.complete("approve", ok=False)


def branches() -> Instance:
    definition = (
        process("branches")
        .start()
        .parallel("fork")
        .user_task("a")
        .parallel("join")
        .user_task("after")
        .back_to("fork")
        .user_task("b")
        .to("join")
        .build()
    )
    return Instance(definition, {"status": "new", "items": ["x"], "nested": {"list": [1]}})


def test_s2_the_branch_that_comes_last_does_not_undo_what_it_never_touched() -> None:
    run = branches()

    run.complete("a", status="checked", items=["x", "from a"])
    run.complete("b", note="b")

    assert run.value("status") == "checked"
    assert run.value("items") == ["x", "from a"]


def test_s3_no_branch_and_no_past_state_sees_an_edit_in_place() -> None:
    run = branches()
    before = run.state
    nested = {"list": [1]}

    run.complete("a", nested=nested)
    nested["list"].append("edited after the fact")

    assert run.value("nested") == {"list": [1]}
    assert dump_state(before) == dump_state(branches().state)


def counting() -> Any:
    return (
        process("counting")
        .start()
        .xor("again")
        .user_task("work")
        .script("count", "n", "n + 1")
        .xor("enough")
        .when("n < limit")
        .to("again")
        .back_to("enough")
        .otherwise()
        .end("done")
        .build()
    )


def calls_made(work: Callable[[], Any]) -> int:
    """Count the Python and C calls of `work`: a measure of cost that no machine's load moves."""
    count = 0

    def seen(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_s4_a_loop_of_3000_rounds_ends_and_every_round_costs_the_same() -> None:
    definition = counting()
    env = Instance(definition, {"n": 0, "limit": 1}).env
    state, told = start(definition, {"n": 0, "limit": 3000}, MONDAY, env)
    costs, sizes = {}, {}
    completed = 0

    while not any(isinstance(fact, facts.InstanceCompleted) for fact in told):
        trigger = CompleteUserTask(next(iter(state.waits)))

        def step(state: Any = state, trigger: Any = trigger) -> None:
            nonlocal saved, told
            loaded = load_state(dump_state(state))
            following, told = advance(definition, loaded, trigger, MONDAY, env)
            saved = following

        saved = state
        completed += 1
        if completed in (1200, 2900):
            costs[completed] = calls_made(step)
            sizes[completed] = len(dump_state(saved))
        else:
            step()
        state = saved

    assert completed == 3000
    assert costs[1200] == costs[2900]
    assert sizes[1200] == sizes[2900]


def test_s4_the_state_of_a_long_loop_holds_no_history() -> None:
    run = Instance(counting(), {"n": 0, "limit": 100})
    run.complete("work")
    early = len(dump_state(run.state))
    for _round in range(80):
        run.complete("work")

    assert len(dump_state(run.state)) <= early + len("00") * 6  # two digits more per counter


def test_s4_the_cost_of_a_step_does_not_depend_on_the_size_of_the_diagram() -> None:
    def costs(elements: int) -> int:
        builder = process("chain").start()
        for at in range(elements):
            builder = builder.user_task(f"t{at:04}")
        definition = builder.build()
        env = Instance(definition).env
        state, _ = start(definition, {}, MONDAY, env)
        state, _ = advance(definition, state, CompleteUserTask("t0000#1"), MONDAY, env)
        return calls_made(
            lambda: advance(definition, state, CompleteUserTask("t0001#1"), MONDAY, env)
        )

    assert costs(5) == costs(2000)


def test_s5_instances_of_one_definition_know_nothing_of_each_other() -> None:
    definition = (
        process("shared")
        .start()
        .user_task("a")
        .end("done")
        .event_sub_process(
            "rescue", lambda s: s.start("begin", message("stop")).user_task("r").end("stopped")
        )
        .build()
    )
    first = Instance(definition)
    first.receive("begin")
    first.complete("r")

    second = Instance(definition)

    assert second.open() == ["a"]
    assert "rescue" not in second.visited()
    second.complete("a")
    assert second.completed_at() == ("done",)


def test_s6_starting_a_long_chain_of_parallel_blocks_touches_only_its_first_block() -> None:
    builder = process("blocks").start()
    for at in range(12):
        builder = builder.parallel(f"fork{at}").user_task(f"t{at}_0").parallel(f"join{at}")
        for branch in (1, 2):
            builder.back_to(f"fork{at}").user_task(f"t{at}_{branch}").to(f"join{at}")
        builder.back_to(f"join{at}")

    run = Instance(builder.end().build())

    assert run.visited() == ["start", "fork0", "t0_0", "t0_1", "t0_2"]
    assert len(dump_state(run.state)) < 600
