"""People move, add and cancel tokens, skip and repeat; what would go wrong is refused."""

from __future__ import annotations

import pytest

from engine.bpmn import facts
from engine.bpmn.definition import Definition
from engine.bpmn.token_moves import Add, Cancel, Move, Repeat, Skip
from engine.bpmn.token_moves_list import targets, tokens
from engine.bpmn.token_moves_rules import Act
from tests.bpmn.migration.test_places import forked, straight
from tests.bpmn.migration.test_scopes import inside, items
from tests.support.moving import Moving
from tests.support.processes import after, compensation, message, process


def acts_of(run: Moving) -> dict[str, tuple[Act, ...]]:
    found = tokens(run.definition, run.state, run.env, run.now)
    return {token.key: token.acts for token in found}


# Moving


def test_a_token_moves_back_and_the_work_is_done_again() -> None:
    run = Moving(straight("a", "b", "c"))
    run.complete("a")
    run.complete("b")

    told = run.do(Move("c#1", "a"))

    assert told[:2] == (
        facts.UserTaskCancelled("c#1"),
        facts.ElementTerminated("c#1", "p", "c"),
    )
    for task in ("a", "b", "c"):
        run.complete(task)
    assert run.completed_at() == ("end",)


def test_a_token_moves_forward_to_the_end() -> None:
    run = Moving(straight("a", "b"))

    run.do(Move("a#1", "end"))

    assert run.completed_at() == ("end",)


def test_a_token_that_is_gone_is_refused() -> None:
    run = Moving(straight("a", "b"))
    run.complete("a")

    assert run.refusal(Move("a#1", "b")).code == "token.unknown"
    assert run.refusal(Cancel(">nowhere")).code == "token.unknown"


@pytest.mark.parametrize("to", ["nowhere", "x"])
def test_a_token_moves_only_to_what_can_begin(to: str) -> None:
    guarded = (
        process("p").start().user_task("a").end().boundary("a", "x", after("P1D")).end("e").build()
    )
    run = Moving(guarded)

    assert run.refusal(Move("a#1", to)).code == "token.no-target"


def test_a_token_does_not_enter_or_leave_a_sub_process() -> None:
    run = Moving(inside("a", "b"))

    assert run.refusal(Move("sub#1/a#1", "behind")).code == "token.other-scope"
    run.complete("a")
    run.complete("b")
    assert run.refusal(Move("behind#1", "b")).code == "token.other-scope"
    run.do(Move("behind#1", "sub"))
    assert run.open() == ["a"]


def test_a_token_does_not_pass_its_branchs_join_alone() -> None:
    run = Moving(forked("a", "b"))

    refused = run.refusal(Move("a#1", "last"))

    assert refused.code == "token.apart"
    assert {refused.element_id, refused.facts["other"]} == {"b", "last"}


def test_a_token_moves_onto_a_flow_and_waits_at_the_join() -> None:
    run = Moving(forked("a", "b"))

    run.do(Move("a#1", "a>join"))
    run.complete("b")

    assert run.open() == ["last"]


def test_a_token_that_waits_at_a_join_moves_back() -> None:
    run = Moving(forked("a", "b"))
    run.complete("a")

    run.do(Move(">a>join", "a"))

    assert sorted(run.open()) == ["a", "b"]
    run.complete("a")
    run.complete("b")
    assert run.open() == ["last"]


def test_targets_are_the_elements_of_the_scope() -> None:
    run = Moving(inside("a", "b"))

    found = targets(run.definition, run.state, "sub#1/a#1", run.env, run.now)

    assert [element.id for element in found] == ["s", "a", "b", "e"]


# Adding and cancelling


def test_a_branch_that_was_cancelled_is_added_again() -> None:
    def either() -> Definition:
        return (
            process("p")
            .start()
            .inclusive("fork")
            .when("true")
            .user_task("a")
            .inclusive("join")
            .back_to("fork")
            .when("true")
            .user_task("b")
            .to("join")
            .user_task("last")
            .end()
            .build()
        )

    run = Moving(either())
    run.do(Cancel("b#1"))
    assert run.open() == ["a"]

    run.do(Add("a#1", "b"))
    run.complete("a")
    assert run.open() == ["b"]
    run.complete("b")

    assert run.open() == ["last"]


def test_a_cancelled_token_lets_an_inclusive_join_go_on() -> None:
    built = process("p").start().parallel("fork").user_task("a").inclusive("join")
    definition = built.back_to("fork").user_task("b").to("join").user_task("last").end().build()
    run = Moving(definition)
    run.complete("a")

    run.do(Cancel("b#1"))

    assert run.open() == ["last"]


def test_a_token_that_a_join_needs_is_not_cancelled() -> None:
    run = Moving(forked("a", "b"))

    assert run.refusal(Cancel("a#1")).code == "token.starved"
    run.complete("a")
    assert run.refusal(Cancel(">a>join")).code == "token.starved"


def test_the_last_token_of_a_scope_is_not_cancelled() -> None:
    assert Moving(straight("a")).refusal(Cancel("a#1")).code == "token.last"
    assert Moving(inside("a")).refusal(Cancel("sub#1/a#1")).code == "token.last"


def test_a_token_that_would_do_steps_twice_is_not_added() -> None:
    run = Moving(straight("a", "b"))

    assert run.refusal(Add("a#1", "b")).code == "token.apart"
    assert run.refusal(Add("a#1", "a")).code == "token.apart"


# Skipping and repeating


def test_a_skipped_task_is_left_with_the_values_given() -> None:
    built = process("p").start().user_task("a").xor("g").when("ok").user_task("b").end()
    run = Moving(built.back_to("g").otherwise().end("other").build())

    assert run.refusal(Skip("a#1")).code == "deed.incident"
    told = run.do(Skip("a#1", {"ok": True}))

    assert facts.ElementTerminated("a#1", "p", "a") in told
    assert run.value("ok") is True
    assert run.open() == ["b"]


def test_values_that_cannot_be_variables_are_refused() -> None:
    assert Moving(straight("a")).refusal(Skip("a#1", {"data": 1})).code == "deed.values"


def test_outputs_of_a_skipped_task_are_mapped_from_the_values_given() -> None:
    definition = (
        process("p").start().service("s", outputs={"answer": "reply + 1"}).user_task("b").end()
    ).build()
    run = Moving(definition)

    assert run.refusal(Skip("s#1")).code == "deed.incident"
    run.do(Skip("s#1", {"reply": 1}))

    assert run.value("answer") == 2


def test_a_script_that_fails_is_skipped_with_its_result() -> None:
    definition = process("p").start().script("s", "x", "nowhere + 1").user_task("b").end().build()
    run = Moving(definition)

    assert run.refusal(Skip("s#1")).code == "skip.needs-values"
    told = run.do(Skip("s#1", {"x": 7}))

    assert facts.IncidentResolved("s#1") in told
    assert (run.value("x"), run.open()) == (7, ["b"])


def test_a_whole_sub_process_is_skipped_or_repeated() -> None:
    run = Moving(inside("a", "b"))
    run.complete("a")

    run.do(Repeat("sub#1"))
    assert run.keys("a") == ["sub#2/a#1"]
    run.do(Skip("sub#2"))

    assert run.open() == ["behind"]


def test_a_repeated_task_is_a_new_task() -> None:
    definition = straight("a", "b")
    run = Moving(definition)

    told = run.do(Repeat("a#1"))

    assert told[0] == facts.UserTaskCancelled("a#1")
    assert run.keys("a") == ["a#2"]
    run.complete("a")
    assert run.open() == ["b"]


def test_one_item_is_skipped_or_repeated_but_not_moved() -> None:
    run = Moving(items())
    first = run.keys("vote")[0]

    assert run.refusal(Move(first, "behind")).code == "token.in-items"
    assert run.refusal(Cancel(first)).code == "token.in-items"
    run.do(Repeat(first))
    run.do(Skip(run.keys("vote")[-1]))
    run.complete("vote")
    run.complete("vote")

    assert run.open() == ["behind"]
    assert run.value("results") == [2, 4, 6]


def test_all_items_are_skipped_with_their_results() -> None:
    run = Moving(items())

    assert run.refusal(Skip("vote#1")).code == "skip.needs-values"
    run.do(Skip("vote#1", {"results": [1]}))

    assert run.open() == ["behind"]


def test_what_was_skipped_is_not_compensated() -> None:
    definition = (
        process("p")
        .start()
        .user_task("book")
        .compensated("book", "undo")
        .user_task("a")
        .throw("back", compensation())
        .end()
        .build()
    )
    run = Moving(definition)

    run.do(Skip("book#1"))
    run.complete("a")

    assert run.completed_at() == ("end",)


def test_nothing_is_moved_while_something_is_compensated_or_after_an_interruption() -> None:
    definition = (
        process("p")
        .start()
        .user_task("a")
        .end()
        .event_sub_process(
            "rescue", lambda s: s.start("begin", message("m")).user_task("r").end("rescued")
        )
        .build()
    )
    run = Moving(definition)
    run.receive("begin")

    assert run.refusal(Add("rescue#1", "a")).code == "token.not-movable"
    assert run.refusal(Cancel("rescue#1")).code == "token.in-compensation"
    run.do(Move("rescue#1/r#1", "rescued"))
    assert run.completed_at() == ()


def test_a_gateway_is_neither_skipped_nor_repeated() -> None:
    race = process("p").start().first_event("g").catch("yes", message("m")).end().build()
    run = Moving(race)

    assert run.refusal(Skip("g#1")).code == "token.not-movable"
    run.do(Move("g#1", "end"))
    assert run.completed_at() == ("end",)


def test_tokens_tell_what_may_be_tried() -> None:
    run = Moving(forked("a", "b"))
    run.complete("a")

    assert acts_of(run) == {
        "b#1": (Act.MOVE, Act.ADD, Act.CANCEL, Act.SKIP, Act.REPEAT),
        ">a>join": (Act.MOVE, Act.CANCEL),
    }
    run.complete("b")
    run.complete("last")
    assert acts_of(run) == {}


def test_an_ended_instance_has_no_tokens() -> None:
    run = Moving(straight("a"))
    run.complete("a")

    assert run.refusal(Cancel("a#1")).code == "instance.ended"
