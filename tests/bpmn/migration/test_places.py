"""Where the tokens of a running instance stand in another version, or why they cannot."""

from __future__ import annotations

from dataclasses import replace

from engine.bpmn import facts
from engine.bpmn.definition import Definition, UserWork
from engine.bpmn.interpreter import dump_state, load_state
from engine.bpmn.migration import Verdict, Weight
from tests.support.moving import Moving, codes, named
from tests.support.processes import process


def straight(*tasks: str, process_id: str = "p") -> Definition:
    built = process(process_id).start()
    for task in tasks:
        built = built.user_task(task)
    return built.end().build()


def forked(*branches: str, join: str = "join", behind: str = "last") -> Definition:
    """Branches of one user task each between a fork and a join; flows are named by their ends."""
    built = process("p").start().parallel("fork")
    for at, branch in enumerate(branches):
        built = built.back_to("fork").user_task(branch)
        built = built.parallel(join) if at == 0 else built.to(join)
    return _named_flows(built.back_to(join).user_task(behind).end().build())


def _named_flows(definition: Definition) -> Definition:
    """Flows called `source>target`, so that two versions agree on what they are called."""
    called = {
        flow.id: f"{flow.source}>{flow.target}"
        for element in definition.elements.values()
        for flow in element.outgoing
    }
    elements = {
        element.id: replace(
            element,
            outgoing=tuple(replace(flow, id=called[flow.id]) for flow in element.outgoing),
            incoming=tuple(called[flow] for flow in element.incoming),
        )
        for element in definition.elements.values()
    }
    return replace(definition, elements=elements, memo={})


# Nothing changes, or only what is not reached yet


def test_an_identical_version_changes_nothing() -> None:
    run = Moving(forked("a", "b"))
    run.complete("a")
    before = dump_state(run.state)

    told = run.move(forked("a", "b"))

    assert told == ()
    assert dump_state(run.state) == before


def test_a_task_added_behind_is_done_by_the_moved_case() -> None:
    run = Moving(straight("a", "b"))

    assert run.plan(straight("a", "check", "b")).verdict is Verdict.CAN
    told = run.move(straight("a", "check", "b"))

    assert told == ()
    for task in ("a", "check", "b"):
        assert run.open() == [task]
        run.complete(task)
    assert run.completed_at() == ("end",)


def test_a_task_taken_out_behind_is_not_asked_for() -> None:
    run = Moving(straight("a", "b", "c"))

    run.move(straight("a", "c"))
    run.complete("a")

    assert run.open() == ["c"]


def test_an_element_that_is_gone_refuses_with_its_id() -> None:
    run = Moving(straight("a", "b"))

    planned = run.plan(straight("other", "b"))

    assert planned.verdict is Verdict.CANNOT
    assert codes(planned) == ["element.gone"]
    assert planned.remarks[0].element_id == "a"
    assert "a" in planned.remarks[0].zh


def test_a_renamed_element_keeps_its_key_and_is_saved_under_its_new_id() -> None:
    run = Moving(straight("a", "b"))

    told = run.move(straight("record", "b"), named=named({"a": "record"}))

    assert told[0] == facts.ElementRenamed("a#1", "p", "record", "a")
    state = load_state(dump_state(run.state))
    assert state.activations["a#1"].element == "record"
    assert run.open() == ["record"]
    run.complete("record")
    assert run.open() == ["b"]


def test_a_renamed_element_is_never_given_a_key_twice() -> None:
    def looping(task: str) -> Definition:
        return (
            process("p")
            .start()
            .user_task(task)
            .xor("again")
            .when("more")
            .to(task)
            .back_to("again")
            .otherwise()
            .end()
            .build()
        )

    run = Moving(looping("a"))
    run.complete("a", more=True)
    run.move(looping("b"), named=named({"a": "b"}))

    run.complete("b", more=True)

    assert run.keys("b") == ["b#3"]


# What is named


def test_names_that_do_not_exist_or_that_meet_are_refused() -> None:
    run = Moving(straight("a", "b"))

    unknown = run.plan(straight("a", "b"), named=named({"x": "y"}))
    doubled = run.plan(straight("a", "b"), named=named({"a": "b"}))
    no_event = run.plan(straight("a", "b"), named=named(rearm=["a"]))

    assert codes(unknown) == ["named.unknown", "named.unknown"]
    assert codes(doubled) == ["named.twice"]
    assert codes(no_event) == ["named.no-event"]


# Open tasks


def test_a_task_with_another_form_is_changed_and_keeps_its_key() -> None:
    run = Moving(straight("a"))
    other = process("p").start().user_task("a", UserWork(("chief",), "other")).end().build()

    planned = run.plan(other)
    told = run.move(other)

    assert planned.verdict is Verdict.TASK_CHANGED
    assert [each.weight for each in planned.remarks] == [Weight.TASK]
    assert "its form, who may do it" in planned.remarks[0].en
    assert told == (
        facts.UserTaskChanged("a#1", "p", "a", "a", ("chief",), "other", None, (), 50, wait=False),
    )
    assert run.keys("a") == ["a#1"]


def test_a_form_with_other_content_changes_the_task_too() -> None:
    run = Moving(straight("a", "b"))

    assert run.plan(straight("a", "c", "b"), forms=["a-form"]).verdict is Verdict.TASK_CHANGED
    assert run.plan(straight("a", "c", "b"), forms=["b-form"]).verdict is Verdict.CAN


def test_a_service_that_was_asked_for_something_else_is_refused() -> None:
    def asking(operation: str) -> Definition:
        return process("p").start().service("s", operation).end().build()

    run = Moving(asking("agency.notify"))

    assert codes(run.plan(asking("agency.look_up"))) == ["service.other-operation"]


def test_a_task_does_not_become_something_else_half_way() -> None:
    run = Moving(straight("a"))
    other = process("p").start().service("a").end().build()

    assert codes(run.plan(other)) == ["element.other-kind"]


def test_an_element_that_failed_before_it_began_may_become_something_else() -> None:
    broken = process("p").start().script("a", "x", "nowhere + 1").end().build()
    run = Moving(broken)
    assert run.incident_codes() == ["feel.unknown-name"]

    run.move(process("p").start().user_task("a").end().build())
    run.retry()

    assert run.open() == ["a"]


def test_a_failed_gateway_is_mended_by_its_new_flows() -> None:
    def choosing(condition: str) -> Definition:
        return process("p").start().xor("g").when(condition).end("e").build()

    run = Moving(choosing("false"))
    assert run.incident_codes() == ["gateway.no-flow"]

    run.move(choosing("true"))
    run.retry()

    assert run.completed_at() == ("e",)


# Joins


def test_a_token_at_a_join_waits_there_in_the_new_version() -> None:
    run = Moving(forked("a", "b"))
    run.complete("a")
    longer = _named_flows(
        process("p")
        .start()
        .parallel("fork")
        .user_task("a")
        .parallel("join")
        .back_to("fork")
        .user_task("b")
        .user_task("more")
        .to("join")
        .user_task("last")
        .end()
        .build()
    )

    run.move(longer)
    run.complete("b")
    assert run.open() == ["more"]
    run.complete("more")

    assert run.open() == ["last"]


def test_a_token_at_a_join_whose_flow_is_gone_is_refused() -> None:
    run = Moving(forked("a", "b", "c"))
    run.complete("a")

    planned = run.plan(forked("b", "c"))

    assert codes(planned) == ["join.flow-gone"]
    assert planned.remarks[0].element_id == "join"
    assert planned.remarks[0].facts["flow"] == "a>join"


def test_a_token_at_a_join_whose_flow_leads_elsewhere_is_refused_until_it_is_named() -> None:
    run = Moving(forked("a", "b"))
    run.complete("a")
    between = (
        process("p")
        .start()
        .parallel("fork")
        .user_task("a")
        .user_task("new")
        .parallel("join")
        .back_to("fork")
        .user_task("b")
        .to("join")
        .user_task("last")
        .end()
        .build()
    )
    drawn_over = _named_flows(between)
    # As editors do it: a task dropped on a flow leaves the flow's id in front of it.
    renamed = {"a>new": "a>join", "new>join": "new_flow"}
    elements = {
        each.id: replace(
            each,
            outgoing=tuple(replace(f, id=renamed.get(f.id, f.id)) for f in each.outgoing),
            incoming=tuple(renamed.get(f, f) for f in each.incoming),
        )
        for each in drawn_over.elements.values()
    }
    new = replace(drawn_over, elements=elements, memo={})

    assert codes(run.plan(new)) == ["join.flow-moved"]
    run.move(new, named=named(flows={"a>join": "new_flow"}))
    run.complete("b")

    assert run.open() == ["last"]


def test_a_join_that_has_all_it_needs_now_goes_on() -> None:
    run = Moving(forked("a", "b", "c"))
    run.complete("a")
    run.complete("b")
    without_c = (
        process("p")
        .start()
        .parallel("fork")
        .user_task("a")
        .parallel("join")
        .back_to("fork")
        .user_task("b")
        .to("join")
        .user_task("last")
        .end()
        .back_to("fork")
        .user_task("c")
        .end("done")
        .build()
    )

    run.move(_named_flows(without_c))

    assert run.open() == ["c", "last"]


def test_a_new_branch_into_a_join_that_was_passed_by_is_refused() -> None:
    run = Moving(forked("a", "b"))

    planned = run.plan(forked("a", "b", "c"))

    assert codes(planned) == ["join.starved"]


def test_branches_that_became_a_sequence_are_refused() -> None:
    run = Moving(forked("a", "b"))

    planned = run.plan(straight("a", "b", "last"))

    assert codes(planned) == ["tokens.apart"]


def test_a_sequence_that_became_branches_is_refused_before_the_join() -> None:
    run = Moving(straight("a", "b", "last"))
    assert codes(run.plan(forked("a", "b"))) == ["join.starved"]
    run.complete("a")
    run.complete("b")

    assert run.plan(forked("a", "b")).verdict is Verdict.CAN


def test_a_join_that_became_another_gateway_is_refused() -> None:
    run = Moving(forked("a", "b"))
    run.complete("a")
    inclusive = (
        process("p")
        .start()
        .parallel("fork")
        .user_task("a")
        .inclusive("join")
        .back_to("fork")
        .user_task("b")
        .to("join")
        .user_task("last")
        .end()
        .build()
    )

    assert codes(run.plan(_named_flows(inclusive))) == ["join.other-kind"]


def test_a_stuck_join_is_looked_at_again() -> None:
    def joined(gate: str) -> Definition:
        built = process("p").start().xor("g").when("true").user_task("a").parallel("join")
        built = built.back_to("g").otherwise().user_task("b")
        if gate == "join":
            return _named_flows(built.to("join").user_task("last").end().build())
        return _named_flows(built.end("other").back_to("join").user_task("last").end().build())

    run = Moving(joined("join"))
    run.complete("a")
    assert run.incident_codes() == ["instance.stuck"]

    run.move(joined("apart"))

    assert run.incident_codes() == []
    assert run.open() == ["last"]
