"""What can become of a marking: which places are active together, and whether a scope can end."""

from __future__ import annotations

from engine.bpmn.definition import Definition
from engine.bpmn.migration_outlook import Outlook, apart, concurrent, net_of, outlook, unforeseen
from tests.bpmn.migration.test_places import forked, straight
from tests.support.processes import process, terminate


def wrongly_joined() -> Definition:
    """One of two branches is taken, and both are waited for."""
    return (
        process("p")
        .start()
        .xor("choose")
        .when("x")
        .user_task("a")
        .parallel("join")
        .back_to("choose")
        .otherwise()
        .user_task("b")
        .to("join")
        .end()
        .build()
    )


def stopped() -> Definition:
    """A branch that ends everything, beside one that waits at a join."""
    built = process("p").start().parallel("fork").user_task("a").parallel("join").end()
    built = built.back_to("fork").user_task("b").xor("g").when("stop").end("stop", terminate())
    return built.back_to("g").otherwise().to("join").build()


def test_branches_are_active_together_and_a_sequence_is_not() -> None:
    related = concurrent(forked("a", "b"), None)
    net = net_of(forked("a", "b"), None)

    assert apart(net, ["a", "b"], related) is None
    assert apart(net, ["a", ">b>join"], related) is None
    assert apart(net, ["a", "last"], related) == ("a", "last")
    assert apart(net, ["a", "a"], related) == ("a", "a")
    assert concurrent(straight("a", "b"), None) == frozenset()


def test_a_marking_that_ends_and_one_that_starves() -> None:
    net = net_of(forked("a", "b"), None)

    assert outlook(net, ["a", "b"]) == Outlook(None, can_end=True, is_whole=True)
    assert outlook(net, ["a"]) == Outlook((">a>join",), can_end=False, is_whole=True)


def test_a_terminate_end_event_takes_all_other_tokens_along() -> None:
    net = net_of(stopped(), None)

    assert outlook(net, ["stop", "a"]) == Outlook(None, can_end=True, is_whole=True)


def test_a_scope_that_cannot_end_is_unforeseen_even_where_the_diagram_itself_is_wrong() -> None:
    assert unforeseen(wrongly_joined(), None, ["a"])
    assert not unforeseen(stopped(), None, ["a", "b"])


def test_tokens_that_multiply_for_ever_are_given_up_in_time() -> None:
    flood = (
        process("p")
        .start()
        .user_task("again")
        .parallel("fork")
        .to("again")
        .back_to("fork")
        .user_task("more")
        .parallel("join")
        .back_to("fork")
        .user_task("other")
        .to("join")
        .end()
        .build()
    )

    assert not outlook(net_of(flood, None), ["again"]).is_whole
