"""Stories with their diagrams beside them, in an old and a new version (`diagrams/`)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from engine.bpmn import compile_definition
from engine.bpmn.definition import Definition
from engine.bpmn.migration import Verdict, What, compare
from engine.bpmn.state import WaitKind
from engine.bpmn.token_moves import Move, Repeat, Skip
from tests.support.instances import MONDAY
from tests.support.moving import Moving, codes, named

FOLDER = Path(__file__).parent / "diagrams"


def version(story: str, which: str) -> Definition:
    return compile_definition((FOLDER / f"{story}.{which}.bpmn").read_bytes())


def test_a_task_dropped_on_a_flow_into_a_join_needs_the_flow_named() -> None:
    run = Moving(version("rework", "old"))
    run.complete("fee")

    assert codes(run.plan(version("rework", "new"))) == ["join.flow-moved"]
    run.move(version("rework", "new"), named=named(flows={"from_fee": "from_receipt"}))
    run.complete("papers")

    assert run.open() == ["review"]


def test_the_join_of_a_rework_loop_is_right_in_every_round_after_a_move() -> None:
    run = Moving(version("rework", "old"))
    run.complete("papers")

    run.move(version("rework", "new"))
    run.complete("fee")
    assert run.open() == ["receipt"]
    run.complete("receipt")
    run.complete("review", outcome="return")
    assert sorted(run.open()) == ["fee", "papers"]
    run.complete("fee")
    run.complete("receipt")
    assert run.open() == ["papers"]
    run.complete("papers")
    run.complete("review", outcome="approve")

    assert run.completed_at() == ("end",)


def test_a_sub_process_with_a_timer_and_a_new_way_out_goes_on() -> None:
    run = Moving(version("visit", "old"))
    run.pass_time(days=2)

    planned = run.plan(version("visit", "new"))
    run.move(version("visit", "new"))

    assert planned.verdict is Verdict.TASK_CHANGED
    assert sorted(codes(planned)) == ["task.changed", "timer.kept", "wait.begins"]
    assert run.state.waits[run.keys("late")[0]].due == MONDAY + timedelta(days=7)
    run.pass_time(days=6)
    assert sorted(run.open()) == ["knock", "remind"]
    assert run.open(WaitKind.MESSAGE) == ["told"]
    run.receive("told")
    assert run.open() == ["confirm"]
    run.complete("confirm")
    assert run.completed_at() == ()


def test_steps_are_moved_repeated_and_skipped_in_a_moved_case() -> None:
    run = Moving(version("visit", "old"))
    run.move(version("visit", "new"))
    run.complete("knock")

    run.do(Move(run.keys("note")[0], "knock"))
    run.do(Repeat(run.keys("knock")[0]))
    run.do(Skip("visit#1"))

    assert run.completed_at() == ("end",)


def test_versions_are_compared_by_element() -> None:
    old, new = version("visit", "old"), version("visit", "new")

    found = {each.element_id: each for each in compare({"p": old}, {"p": new})}

    whats = {key: each.what for key, each in found.items() if each.what is not What.SAME}
    assert whats == {
        "knock": What.CHANGED,
        "late": What.CHANGED,
        "note": What.NEW,
        "withdrawn": What.NEW,
        "told": What.NEW,
        "confirm": What.NEW,
        "gone": What.NEW,
    }
    assert {facet.name for facet in found["knock"].facets} == {"name", "outgoing"}
    (timer,) = found["late"].facets
    assert (timer.name, "P7D" in timer.before, "P14D" in timer.after) == ("event", True, True)
