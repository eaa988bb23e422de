"""What is seen where, and what a write changes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.bpmn import facts
from engine.bpmn.definition import UserWork
from engine.bpmn.environment import Environment
from engine.bpmn.interpreter import BadValues, UnknownKey, variables, with_case
from engine.bpmn.triggers import CompleteUserTask
from tests.support.instances import MONDAY, Instance
from tests.support.processes import feel, process


def test_a_completed_user_task_writes_only_what_it_was_completed_with() -> None:
    run = Instance(process("p").start().user_task("a").end().build(), {"keep": 1, "change": 1})

    run.complete("a", change=2)

    assert variables(run.state) == {"keep": Decimal(1), "change": Decimal(2)}


def test_parallel_branches_do_not_lose_each_others_edits() -> None:
    definition = (
        process("p")
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
    run = Instance(definition, {"status": "new"})

    run.complete("a", status="checked")
    run.complete("b", note="b never touched the status")

    assert run.value("status") == "checked"


def test_the_caller_cannot_reach_into_the_state_through_what_it_gave_or_got() -> None:
    given: dict[str, Any] = {"applicant": {"tags": ["x"]}}
    definition = process("p").start().user_task("a", inputs={"who": "applicant"}).end().build()
    run = Instance(definition, given)

    given["applicant"]["tags"].append("from outside")
    (created,) = run.told(facts.UserTaskCreated)
    created.inputs["who"]["tags"].append("through a fact")
    variables(run.state)["applicant"]["tags"].append("through the read-out")

    assert run.value("applicant") == {"tags": ["x"]}
    assert run.value("who", "a#1") == {"tags": ["x"]}


def test_inputs_are_the_tasks_own_and_go_with_it() -> None:
    definition = (
        process("p")
        .start()
        .user_task("a", inputs={"amount": "fee * 2"})
        .script("b", "seen", "fee")
        .end()
        .build()
    )
    run = Instance(definition, {"fee": 100})

    assert run.value("amount", "a#1") == 200
    run.complete("a", fee=5)

    assert variables(run.state) == {"fee": Decimal(5), "seen": Decimal(5)}


def test_with_outputs_only_mapped_values_leave() -> None:
    definition = (
        process("p")
        .start()
        .user_task("a", inputs={"limit": "10"}, outputs={"verdict": "outcome", "left": "limit - n"})
        .end()
        .build()
    )
    run = Instance(definition)

    run.complete("a", outcome="approve", n=4)

    assert variables(run.state) == {"verdict": "approve", "left": Decimal(6)}


def test_a_sub_process_shares_the_process_but_keeps_what_it_declares() -> None:
    definition = (
        process("p")
        .start()
        .sub_process("sub", lambda s: s.start("s1").user_task("a").end("e1"), declares=("draft",))
        .user_task("after")
        .end()
        .build()
    )
    run = Instance(definition, {"shared": 1})

    assert run.value("draft", "sub#1/a#1") is None
    run.complete("a", draft="inside", shared=2)

    assert variables(run.state) == {"shared": Decimal(2)}


def test_a_sub_process_with_outputs_lets_nothing_else_out() -> None:
    definition = (
        process("p")
        .start()
        .sub_process(
            "sub",
            lambda s: s.start("s1").user_task("a").end("e1"),
            inputs={"start": "10"},
            outputs={"total": "start + more"},
        )
        .end()
        .build()
    )
    run = Instance(definition)

    run.complete("a", more=5)

    assert variables(run.state) == {"total": Decimal(15)}


def test_a_called_process_sees_only_its_mappings_and_gives_back_only_its_mappings() -> None:
    called = process("C").start("cs").user_task("ask").end("ce").build()
    caller = (
        process("p")
        .start()
        .call("call", "C", inputs={"question": "topic"}, outputs={"answer": "reply"})
        .end()
        .build()
    )
    run = Instance(caller, {"topic": "fees", "secret": 1, "case": {"number": "A1"}}, called)

    seen = variables(run.state, "call#1/ask#1")
    assert seen == {"question": "fees", "case": {"number": "A1"}}
    run.complete("ask", reply="none", secret=2)

    assert run.value("answer") == "none"
    assert run.value("secret") == 1
    assert not run.has("reply")


def test_personal_data_and_case_facts_are_visible_to_expressions_in_called_processes() -> None:
    called = (
        process("C").start("cs").script("s", "line", "case.number + data.name").end("ce").build()
    )
    caller = process("p").start().call("call", "C", outputs={"line": "line"}).end().build()

    run = Instance(
        caller, {"case": {"number": "A1"}}, called, env=Environment(data={"name": "陳小明"})
    )

    assert run.value("line") == "A1陳小明"


def test_new_case_facts_are_seen_by_what_comes_after() -> None:
    definition = process("p").start().user_task("a").script("s", "at", "case.office").end().build()
    run = Instance(definition, {"case": {"office": "one"}})

    run.state = with_case(run.state, {"office": "two"})
    run.complete("a")

    assert run.value("at") == "two"


def test_functions_given_by_the_environment_and_the_given_moment_are_there() -> None:
    definition = (
        process("p").start().script("s", "x", "twice(4)").script("d", "day", "today()").end()
    )
    env = Environment(functions={"twice": lambda n: n * 2})

    run = Instance(definition.build(), env=env)

    assert run.value("x") == 8
    assert run.value("day") == date(2026, 3, 2)


@pytest.mark.parametrize("name", ["_x", "1x", "a+b", "", "data", "case", "__builtins__"])
def test_names_that_are_no_variables_are_refused_by_name(name: str) -> None:
    definition = process("p").start().user_task("a").end().build()
    with pytest.raises(BadValues, match="Expected a variable name"):
        Instance(definition, {name: 1} if name != "case" else {"_": 1})

    run = Instance(definition)
    with pytest.raises(BadValues, match=repr(name).replace("+", r"\+")):
        run.send(CompleteUserTask("a#1", {name: 1}))
    assert run.open() == ["a"]


def test_chinese_names_and_names_with_blanks_are_variables() -> None:
    run = Instance(process("p").start().user_task("a").end().build())

    run.complete("a", **{"戶籍地址": "臺北市", "days late": 3})

    assert run.value("戶籍地址") == "臺北市"
    assert run.value("days late") == 3


def test_a_value_that_cannot_be_saved_is_refused_with_its_name() -> None:
    run = Instance(process("p").start().user_task("a").end().build())

    with pytest.raises(BadValues, match="'x'"):
        run.complete("a", x=object())


def test_a_function_as_the_value_of_a_variable_is_an_incident() -> None:
    run = Instance(process("p").start().script("s", "f", "function(x) x + 1").end().build())

    assert run.incident_codes() == ["variable.value"]


def test_the_variables_of_an_unknown_place_are_refused() -> None:
    run = Instance(process("p").start().user_task("a").end().build())

    with pytest.raises(UnknownKey):
        variables(run.state, "b#1")


def test_a_user_task_tells_who_may_do_it_and_how_urgent_it_is() -> None:
    work = UserWork(
        ("reviewer", "chief"),
        "form",
        "review",
        ("approve", "return"),
        assignee=feel("owner"),
        priority=feel("10 * 7"),
        limit="review",
        wait=True,
    )
    definition = process("p").start().user_task("a", work, inputs={"n": "1"}).end().build()

    (created,) = Instance(definition, {"owner": "officer-7"}).told(facts.UserTaskCreated)

    assert created == facts.UserTaskCreated(
        "a#1",
        "p",
        "a",
        "a",
        ("reviewer", "chief"),
        "form",
        "review",
        ("approve", "return"),
        "officer-7",
        70,
        "review",
        True,
        {"n": Decimal(1)},
    )


def test_a_naive_now_is_refused() -> None:
    definition = process("p").start().user_task("a").end().build()
    run = Instance(definition)
    run.now = MONDAY.replace(tzinfo=None)

    with pytest.raises(ValueError, match="time zone"):
        run.complete("a")
