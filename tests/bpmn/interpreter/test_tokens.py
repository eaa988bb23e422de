"""Sequence flows, gateways and loops: where tokens go."""

from __future__ import annotations

import pytest

from engine.bpmn import facts
from engine.bpmn.environment import Environment
from engine.bpmn.interpreter import UnknownKey, incidents, is_ended
from engine.bpmn.triggers import CompleteServiceTask, CompleteUserTask
from tests.support.instances import Instance
from tests.support.processes import process


def test_a_straight_process_waits_at_its_user_task_and_then_completes() -> None:
    definition = process("p").start().user_task("review").end("done").build()

    run = Instance(definition)
    assert run.open() == ["review"]
    run.complete("review")

    assert run.completed_at() == ("done",)
    assert run.visited() == ["start", "review", "done"]
    assert run.visited(facts.ElementCompleted) == ["start", "review", "done"]


def test_an_exclusive_gateway_takes_the_first_true_flow_in_the_diagrams_order() -> None:
    definition = (
        process("p")
        .start()
        .xor("x")
        .when("n > 10")
        .end("large")
        .back_to("x")
        .otherwise()
        .end("small")
        .back_to("x")
        .when("n > 5")
        .end("medium")
        .build()
    )

    assert Instance(definition, {"n": 11}).completed_at() == ("large",)
    assert Instance(definition, {"n": 6}).completed_at() == ("medium",)
    assert Instance(definition, {"n": 5}).completed_at() == ("small",)


def test_an_exclusive_gateway_without_a_way_on_is_an_incident_and_can_be_put_right() -> None:
    definition = process("p").start().xor("x").when("n > 10").end("large").build()

    run = Instance(definition, {"n": 1})
    assert run.incident_codes() == ["gateway.no-flow"]
    assert "x" in incidents(run.state)[0].message

    run.retry(n=11)
    assert run.completed_at() == ("large",)


def test_conditional_flows_out_of_an_activity_are_all_taken_when_true() -> None:
    definition = (
        process("p")
        .start()
        .task("a")
        .when("n > 1")
        .user_task("b")
        .back_to("a")
        .when("n > 2")
        .user_task("c")
        .back_to("a")
        .otherwise()
        .user_task("d")
        .build()
    )

    assert Instance(definition, {"n": 3}).open() == ["b", "c"]
    assert Instance(definition, {"n": 2}).open() == ["b"]
    assert Instance(definition, {"n": 1}).open() == ["d"]


def test_an_activity_whose_conditions_are_all_false_is_an_incident() -> None:
    definition = process("p").start().task("a").when("n > 1").end().build()

    assert Instance(definition, {"n": 0}).incident_codes() == ["gateway.no-flow"]


def fork_and_join() -> object:
    return (
        process("p")
        .start()
        .parallel("fork")
        .user_task("a")
        .parallel("join")
        .user_task("after")
        .end()
        .back_to("fork")
        .user_task("b")
        .to("join")
        .build()
    )


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_join_waits_for_every_branch(order: tuple[str, str]) -> None:
    run = Instance(fork_and_join())

    run.complete(order[0])
    assert "after" not in run.open()
    run.complete(order[1])

    assert run.open() == ["after"]
    assert run.visited().count("join") == 1


def test_tokens_that_meet_without_a_gateway_each_run_the_activity() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .user_task("a")
        .user_task("both")
        .back_to("fork")
        .user_task("b")
        .to("both")
        .build()
    )
    run = Instance(definition)

    run.complete("a")
    run.complete("b")

    assert run.open() == ["both", "both"]
    assert run.keys("both") == ["both#1", "both#2"]


def test_a_join_keeps_a_second_token_on_one_flow_for_the_next_round() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .task("a1")
        .xor("merge")
        .parallel("join")
        .user_task("after")
        .end()
        .back_to("fork")
        .task("a2")
        .to("merge")
        .back_to("fork")
        .user_task("b1")
        .xor("other")
        .to("join")
        .back_to("fork")
        .user_task("b2")
        .to("other")
        .build()
    )
    run = Instance(definition)

    run.complete("b1")
    assert run.open() == ["b2", "after"]
    run.complete("b2")

    assert run.open() == ["after", "after"]
    assert run.visited().count("join") == 2


def test_a_join_that_can_never_be_satisfied_is_an_incident_that_names_it() -> None:
    definition = (
        process("p")
        .start()
        .xor("x")
        .when("true")
        .user_task("a")
        .parallel("join")
        .end()
        .back_to("x")
        .otherwise()
        .user_task("b")
        .to("join")
        .build()
    )
    run = Instance(definition)

    run.complete("a")

    assert run.incident_codes() == ["instance.stuck"]
    assert incidents(run.state)[0].element_id == "join"
    assert not run.told(facts.InstanceCompleted)
    run.retry()
    assert run.incident_codes() == ["instance.stuck"]
    first, second = run.told(facts.IncidentRaised)
    assert first.key != second.key


def test_every_branch_runs_until_it_waits_before_the_next_one_begins() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .script("a1", "x", "1")
        .script("a2", "x", "2")
        .user_task("a3")
        .back_to("fork")
        .script("b1", "x", "3")
        .user_task("b2")
        .build()
    )

    run = Instance(definition)

    assert run.visited()[2:] == ["a1", "a2", "a3", "b1", "b2"]


def test_a_loop_without_a_wait_stops_as_an_incident_and_goes_on_when_retried() -> None:
    definition = (
        process("p")
        .start()
        .script("count", "n", "n + 1")
        .xor("again")
        .when("n < 100")
        .to("count")
        .back_to("again")
        .otherwise()
        .end()
        .build()
    )

    run = Instance(definition, {"n": 0}, env=Environment(step_budget=60))
    assert run.incident_codes() == ["budget.steps"]
    while not is_ended(run.state):
        run.retry()

    assert run.value("n") == 100
    assert len(run.told(facts.IncidentRaised)) == 3


def test_a_trigger_for_something_done_or_foreign_is_refused() -> None:
    run = Instance(process("p").start().user_task("a").user_task("b").end().build())
    run.complete("a")

    for trigger in (
        CompleteUserTask("a#1"),
        CompleteUserTask("elsewhere#1"),
        CompleteServiceTask("b#1"),
    ):
        with pytest.raises(UnknownKey, match=trigger.key):
            run.send(trigger)
    run.complete("b")
    with pytest.raises(UnknownKey):
        run.send(CompleteUserTask("b#1"))


def test_an_instance_ends_when_its_last_token_does_even_without_an_end_event() -> None:
    run = Instance(process("p").start().user_task("a").build())

    run.complete("a")

    assert run.completed_at() == ()


def test_terminating_from_outside_cancels_everything_open() -> None:
    run = Instance(fork_and_join())

    told = run.terminate("withdrawn by the applicant")

    assert told == (
        facts.UserTaskCancelled("a#1"),
        facts.ElementTerminated("a#1", "p", "a"),
        facts.UserTaskCancelled("b#1"),
        facts.ElementTerminated("b#1", "p", "b"),
        facts.InstanceTerminated("p", "withdrawn by the applicant"),
    )
    assert is_ended(run.state)
