"""Each hit policy with a table (DMN 1.3, section 8.2.8)."""

from __future__ import annotations

from typing import Any

import pytest

from feel.dmn import DecisionResult, DmnError
from feel.dmn.hit_policy import HitPolicy
from tests.unit.dmn.models import codes, decide, decision, rows, table

OVERLAPPING = [[">= 18", '"adult"'], [">= 65", '"senior"'], ["< 18", '"minor"']]
GROUPS = {"name": "group", "values": '"senior", "adult", "minor"'}


def run(age: Any, policy: str, output: Any = "group", rows: Any = OVERLAPPING) -> DecisionResult:
    return decide(decision("d", table(["age"], [output], rows, policy)), {"age": age})


def test_unique_takes_the_only_row() -> None:
    result = run(20, "UNIQUE")

    assert result.value == "adult"
    assert rows(result) == [1]
    assert codes(result) == []


def test_unique_refuses_a_second_row_and_names_both() -> None:
    result = run(70, "UNIQUE")

    assert result.value is None
    assert codes(result) == ["several-rules"]
    assert "rows 1, 2" in result.diagnostics[0].message
    assert result.diagnostics[0].element == "table"
    assert rows(result) == [1, 2]


def test_any_takes_rows_that_agree() -> None:
    agreeing = [[">= 18", '"adult"'], [">= 65", '"adult"']]

    result = run(70, "ANY", rows=agreeing)

    assert result.value == "adult"
    assert rows(result) == [1, 2]
    assert codes(run(70, "ANY")) == ["several-rules"]


def test_first_takes_the_uppermost_row() -> None:
    result = run(70, "FIRST")

    assert result.value == "adult"
    assert rows(result) == [1]


def test_priority_takes_the_first_of_the_output_values() -> None:
    result = run(70, "PRIORITY", GROUPS)

    assert result.value == "senior"
    assert rows(result) == [2]


def test_priority_of_several_outputs_goes_from_left_to_right() -> None:
    outputs = [
        {"name": "risk", "values": '"high", "low"'},
        {"name": "note", "values": '"a", "b"'},
    ]
    body = table(["age"], outputs, [["-", '"low"', '"a"'], ["-", '"high"', '"b"']], "PRIORITY")

    assert decide(decision("d", body), {"age": 1}).value == {"risk": "high", "note": "b"}


def test_rule_order_lists_all_rows_as_they_stand() -> None:
    result = run(70, "RULE ORDER")

    assert result.value == ["adult", "senior"]
    assert rows(result) == [1, 2]


def test_output_order_lists_by_output_values() -> None:
    result = run(70, "OUTPUT ORDER", GROUPS)

    assert result.value == ["senior", "adult"]
    assert rows(result) == [2, 1]


def test_collect_lists_all_rows() -> None:
    assert run(70, "COLLECT").value == ["adult", "senior"]


@pytest.mark.parametrize(
    ("aggregation", "matching", "none"),
    [("SUM", 600, None), ("MIN", 100, None), ("MAX", 300, None), ("COUNT", 3, 0)],
)
def test_collect_joins_by_its_operator(aggregation: str, matching: int, none: int | None) -> None:
    fees = [["> 0", "100"], ["> 0", "300"], ["> 0", "200"], ["> 5", "1000"]]
    body = decision("d", table(["n"], ["fee"], fees, "COLLECT", aggregation))

    assert decide(body, {"n": 1}).value == matching
    assert decide(body, {"n": 0}).value == none


def test_no_row_is_told_where_one_is_due() -> None:
    for policy in ("UNIQUE", "ANY", "FIRST"):
        result = run(20, policy, rows=[["> 30", "1"]])
        assert result.value is None
        assert codes(result) == ["no-rule"]


def test_no_row_is_an_empty_list_where_many_may_be() -> None:
    for policy in ("RULE ORDER", "COLLECT"):
        result = run(20, policy, rows=[["> 30", "1"]])
        assert result.value == []
        assert codes(result) == []


def test_default_outputs_stand_in_for_a_missing_row() -> None:
    default = {"name": "group", "default": '"other"'}

    result = run(20, "UNIQUE", default, rows=[["> 30", '"x"']])

    assert result.value == "other"
    assert result.tables[0].by_default
    assert run(20, "COLLECT", default, rows=[["> 30", '"x"']]).value == ["other"]


def test_several_outputs_make_a_context() -> None:
    body = table(["age"], ["fine", "article"], [["-", "300", '"79"']])

    assert decide(decision("d", body), {"age": 1}).value == {"fine": 300, "article": "79"}


@pytest.mark.parametrize(
    ("policy", "aggregation", "outputs", "sentence"),
    [
        ("PRIORITY", "", ["a"], "Expected output values"),
        ("OUTPUT ORDER", "", ["a"], "Expected output values"),
        ("UNIQUE", "SUM", ["a"], "Expected no aggregation"),
        ("COLLECT", "SUM", ["a", "b"], "Expected one output"),
        ("COLLECT", "MEAN", ["a"], "Expected SUM, COUNT, MIN or MAX"),
        ("BEST", "", ["a"], "Expected a hit policy"),
        ("UNIQUE", "", ["a", "a"], "Expected every output to have a name of its own"),
    ],
)
def test_a_policy_that_cannot_work_is_refused(
    policy: str, aggregation: str, outputs: list[str], sentence: str
) -> None:
    row = ["-", *("1" for _ in outputs)]

    with pytest.raises(DmnError, match=sentence) as refusal:
        decide(decision("d", table(["x"], outputs, [row], policy, aggregation)), {"x": 1})

    assert refusal.value.element == "table"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (HitPolicy.UNIQUE, None),
        (HitPolicy.ANY, None),
        (HitPolicy.PRIORITY, "senior"),
        (HitPolicy.FIRST, "adult"),
        (HitPolicy.RULE_ORDER, ["adult", "senior"]),
        (HitPolicy.OUTPUT_ORDER, ["senior", "adult"]),
        (HitPolicy.COLLECT, ["adult", "senior"]),
    ],
)
def test_every_policy_has_its_answer_where_two_rows_match(
    policy: HitPolicy, expected: object
) -> None:
    assert run(70, policy, GROUPS).value == expected


def test_there_is_no_policy_without_such_an_answer() -> None:
    (marked,) = test_every_policy_has_its_answer_where_two_rows_match.pytestmark

    assert {policy for policy, _ in marked.args[1]} == set(HitPolicy)
