"""What is not an operator: if, for, some, every, filters, paths, contexts, functions, names."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import Any

import pytest

from feel import compile_expression
from feel.values import Range, YearsMonths
from tests.unit.feel.evaluating import assert_gives, codes

PEOPLE = [{"name": "甲", "age": 17}, {"name": "乙", "age": 20}, {"name": "丙", "age": 65}]
CONTEXT: dict[str, Any] = {
    "xs": [1, 2, 3, 4],
    "people": PEOPLE,
    "applicant": {
        "name": "甲",
        "戶籍 地址": "某市",
        "fee-code": "F1",
        "born": dt.date(2008, 2, 29),
    },
    "戶籍 地址": "某縣",
    "days late": 20,
    "fee-code": 7,
    "fee": 10,
    "code": 3,
    "for whom": "丁",
    "nothing": None,
    "age": 18,
}

CASES: list[tuple[str, Any]] = [
    ('if age >= 18 then "adult" else "minor"', "adult"),
    ("if 1 > 2 then 1 else if 2 > 1 then 2 else 3", 2),
    ("if nothing then 1 else 2", 2),
    ("for x in xs return x * x", [1, 4, 9, 16]),
    ("for x in 1..3 return x", [1, 2, 3]),
    ("for x in 3..1 return x", [3, 2, 1]),
    ("for x in [1..3) return x", [1, 2]),
    ("for x in 1..2, y in x..2 return [x, y]", [[1, 1], [1, 2], [2, 2]]),
    ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", [1, 1, 2, 6, 24]),
    (
        'for d in @"2026-02-28"..@"2026-03-01" return d',
        [dt.date(2026, 2, 28), dt.date(2026, 3, 1)],
    ),
    ("for x in nothing return x", None),
    ("some x in xs satisfies x > 3", True),
    ("every x in xs satisfies x > 3", False),
    ("every x in [] satisfies false", True),
    ("some x in [] satisfies true", False),
    ("some x in [1, null] satisfies x > 1", None),
    ("every x in xs, y in xs satisfies x + y < 9", True),
    ("xs[1]", 1),
    ("xs[-1]", 4),
    ("xs[age - 16]", 2),
    ("xs[item > 2]", [3, 4]),
    ("xs[item > 2][1]", 3),
    ("people[age > 18].name", ["乙", "丙"]),
    ("people[item.age > 18 and age < 60].name", ["乙"]),
    ("people[name = applicant.name][1].age", 17),
    ("5[1]", 5),
    ("5[item > 6]", []),
    ("nothing[1]", None),
    ("nothing[item > 1]", []),
    ("[][item > 1]", []),
    ("people.age", [17, 20, 65]),
    ("applicant.戶籍 地址", "某市"),
    ("戶籍 地址", "某縣"),
    ("戶籍  地址", "某縣"),
    ("applicant.fee-code", "F1"),
    ("fee-code", 7),
    ("fee - code", 7),
    ("fee -code", 7),
    ("days late * 2", 40),
    ("for whom", "丁"),
    ("applicant.born.year", 2008),
    ("{a: 1, b: a + 1}.b", 2),
    ('{"a b": 1, c: 2}', {"a b": 1, "c": 2}),
    ("{a b: 1}.a b", 1),
    ("{fee-code: 1, c: fee-code + 1}.c", 2),
    ("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(5)}.r", 120),
    ("(function(a, b) a - b)(3, 1)", 2),
    ("{f: function(a: number, b: number) a - b}.f(b: 1, a: 3)", 2),
    ("{f: function(a: string) a}.f(1)", None),
    ("[1..3].start", 1),
    ("(1..3].start included", False),
    ("(> 3).end", None),
    ("1 // a comment\n + /* another */ 2", 3),
    ('"\\u6236\\"\\n\\\\"', '戶"\n\\'),
    ('"\\uD83D\\uDE00\\U01F600"', "😀😀"),
    ("1e3", 1000),
    ("[1, [2, 3]][2][1]", 2),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_expressions_have_their_value(text: str, expected: Any) -> None:
    assert_gives(text, expected, CONTEXT)


PARTS: list[tuple[str, Any]] = [
    ('@"2026-03-02".year', 2026),
    ('@"2026-03-02".month', 3),
    ('@"2026-03-02".day', 2),
    ('@"2026-03-02".weekday', 1),
    ('@"2026-03-02T08:09:10.5Z".second', 10.5),
    ('@"2026-03-02T08:09:10+08:00".time offset', dt.timedelta(hours=8)),
    ('@"2026-03-02T08:09:10@Asia/Taipei".timezone', "Asia/Taipei"),
    ('@"2026-03-02T08:09:10".timezone', None),
    ('@"2026-03-02T08:09:10".time offset', None),
    ('@"08:09:10".hour', 8),
    ('@"08:09:10".minute', 9),
    ('@"P1DT2H3M4.5S".days', 1),
    ('@"P1DT2H3M4.5S".hours', 2),
    ('@"P1DT2H3M4.5S".minutes', 3),
    ('@"P1DT2H3M4.5S".seconds', 4.5),
    ('@"-P1DT2H".hours', -2),
    ('@"P1Y2M".years', 1),
    ('@"-P1Y2M".months', -2),
]


@pytest.mark.parametrize(("text", "expected"), PARTS)
def test_temporal_values_have_parts(text: str, expected: Any) -> None:
    assert_gives(text, expected)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("unknown", ["unknown-name"]),
        ("applicant.nickname", ["unknown-entry"]),
        ("nothing.name", ["null-operand"]),
        ("age.year", ["unknown-entry"]),
        ("f(1)", ["no-such-function"]),
        ("age(1)", ["no-such-function"]),
        ("xs[9]", ["out-of-range"]),
        ("xs[0]", ["out-of-range"]),
        ("if nothing then 1 else 2", ["null-operand"]),
        ("if 1 then 1 else 2", ["wrong-type"]),
        ("for x in nothing return x", ["null-operand"]),
        ("for x in 1..1.5 return x", ["wrong-type"]),
        ("now()", ["no-clock"]),
        ("today()", ["no-clock"]),
        ("[1..null]", ["null-operand"]),
        ("(function(a) a)(1, 2)", ["bad-argument"]),
        ("(function(a) a)(b: 2)", ["bad-argument"]),
        ("substring(1, 2)", ["wrong-type"]),
        ("substring()", ["bad-argument"]),
        ("substring(text: 1)", ["bad-argument"]),
        ('get value(applicant, "nickname")', []),
    ],
)
def test_a_null_that_nobody_wrote_has_a_reason(text: str, found: list[str]) -> None:
    assert codes(text, CONTEXT) == found


def test_a_diagnostic_tells_its_place() -> None:
    evaluation = compile_expression("1 +\n  (2 / 0)").evaluate({})

    position = evaluation.diagnostics[0].position
    assert position is not None
    assert (position.line, position.column, position.start, position.end) == (2, 4, 7, 12)


def test_names_used_are_the_free_ones() -> None:
    expression = compile_expression(
        "for x in xs return x + y + applicant.name + count(xs[item > limit]) + {a: b, c: a}.c",
        names={"limit"},
    )

    assert expression.names_used == {"xs", "y", "applicant", "limit", "b"}
    assert "applicant.name" in expression.paths_used
    assert expression.functions_used == {"count"}


def test_names_in_filters_may_be_entries() -> None:
    expression = compile_expression("people[age > 18]")

    assert expression.names_used == {"people"}
    assert expression.maybe_used == {"age"}


def test_values_from_python_are_taken_as_feel_values() -> None:
    given = MappingProxyType({"n": 1, "f": 0.1, "xs": (1, 2), "c": MappingProxyType({"a": (3,)})})

    assert_gives("n + f", 1.1, given)
    assert_gives("xs[2]", 2, given)
    assert_gives("c.a[1]", 3, given)
    assert_gives("d.total", None, {"d": YearsMonths(3)})
    assert_gives("3 in r", True, {"r": Range(1, 3)})


@pytest.mark.parametrize("value", [object(), b"bytes", float("nan"), float("inf"), {1, 2}, len])
def test_other_python_objects_do_not_cross_the_border(value: object) -> None:
    assert_gives("x", None, {"x": value})
    assert codes("x", {"x": value}) in (["wrong-type"], ["out-of-range"])


def test_functions_are_given_at_compilation_or_evaluation() -> None:
    def working_days(start: dt.date, length: int) -> dt.date:
        return start + dt.timedelta(days=int(length))

    text = 'working days(start: @"2026-03-02", length: 2)'
    given = {"working days": working_days}

    early = compile_expression(text, functions=given)
    assert early({}) == dt.date(2026, 3, 4)
    late = compile_expression(text, names=given.keys())
    assert late.evaluate({}, given).value == dt.date(2026, 3, 4)
    assert [d.code for d in late.evaluate({}).diagnostics] == ["no-such-function"]


def test_a_given_function_that_refuses_is_a_diagnostic() -> None:
    def refuse() -> None:
        raise ValueError("Expected a calendar for 2031, but there is none")

    evaluation = compile_expression("f()", functions={"f": refuse}).evaluate({})

    assert evaluation.value is None
    assert evaluation.diagnostics[0].message == "Expected a calendar for 2031, but there is none"
    too_many = compile_expression("f(1)", functions={"f": refuse}).evaluate({})
    assert too_many.diagnostics[0].code == "bad-argument"


def test_now_and_today_are_given() -> None:
    moment = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
    expression = compile_expression("now()")

    assert expression.evaluate({}, {"now": lambda: moment}).value == moment
    assert expression.evaluate({"now": moment}).value == moment
    assert compile_expression("today()")({"today": dt.date(2026, 3, 2)}) == dt.date(2026, 3, 2)
