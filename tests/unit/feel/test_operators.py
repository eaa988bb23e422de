"""Operators, by the tables of DMN 1.3, section 10.3.2."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from feel.values import YearsMonths
from tests.unit.feel.evaluating import assert_gives, codes

UTC = dt.UTC
TAIPEI = dt.timezone(dt.timedelta(hours=8))

ARITHMETIC: list[tuple[str, Any]] = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("10 - 4 - 3", 3),
    ("8 / 4 / 2", 1),
    ("-2 ** 2", 4),
    ("3 ** 4 ** 5", 3486784401),
    ("2 ** -1", Decimal("0.5")),
    ("1 / 3", Decimal("0.3333333333333333333333333333333333")),
    ("2 / 3", Decimal("0.6666666666666666666666666666666667")),
    ("0.1 + 0.2", Decimal("0.3")),
    (".5 * 2", 1),
    ("- -3", 3),
    ('"foo" + "bar"', "foobar"),
    ('@"2026-01-31" + @"P1M"', dt.date(2026, 2, 28)),
    ('@"2024-02-29" + @"P1Y"', dt.date(2025, 2, 28)),
    ('@"2026-03-02" - @"P1D"', dt.date(2026, 3, 1)),
    ('@"P1D" + @"2026-03-02"', dt.date(2026, 3, 3)),
    ('@"2026-03-02" - @"2026-02-02"', dt.timedelta(days=28)),
    (
        '@"2026-03-02T08:00:00+08:00" + @"PT36H"',
        dt.datetime(2026, 3, 3, 20, tzinfo=TAIPEI),
    ),
    (
        '@"2026-03-02T08:00:00+08:00" - @"2026-03-02T00:00:00Z"',
        dt.timedelta(),
    ),
    ('@"2026-10-24T12:00:00@Europe/Paris" + @"P1D" = @"2026-10-25T11:00:00@Europe/Paris"', True),
    ('@"23:30:00" + @"PT1H"', dt.time(0, 30)),
    ('@"10:00:00" - @"08:30:00"', dt.timedelta(minutes=90)),
    ('@"P1Y" + @"P2M"', YearsMonths(14)),
    ('@"P1Y" - @"P2M"', YearsMonths(10)),
    ('@"P1Y" * 2.5', YearsMonths(30)),
    ('@"P1Y" / 5', YearsMonths(2)),
    ('@"P1Y" / @"P3M"', 4),
    ('@"P1D" * 1.5', dt.timedelta(hours=36)),
    ('2 * @"P1D"', dt.timedelta(days=2)),
    ('@"P1D" / @"PT8H"', 3),
    ('@"P1D" / 4', dt.timedelta(hours=6)),
    ('-@"P1D"', dt.timedelta(days=-1)),
    ('-@"P1Y"', YearsMonths(-12)),
]


@pytest.mark.parametrize(("text", "expected"), ARITHMETIC)
def test_arithmetic_follows_the_tables(text: str, expected: Any) -> None:
    assert_gives(text, expected)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 / 0", "division-by-zero"),
        ('@"P1D" / 0', "division-by-zero"),
        ("1 + null", "null-operand"),
        ("null * 2", "null-operand"),
        ('1 + "1"', "wrong-type"),
        ('"a" - "b"', "wrong-type"),
        ("true + 1", "wrong-type"),
        ('@"P1D" + @"P1M"', "wrong-type"),
        ('@"2026-03-02T08:00:00" - @"2026-03-02T08:00:00Z"', "wrong-type"),
        ("-true", "wrong-type"),
        ("-null", "null-operand"),
        ("(-1) ** 0.5", "out-of-range"),
        ("10 ** 99999", "out-of-range"),
        ("10 ** 1000000", "out-of-range"),
        ('@"9999-12-31" + @"P1D"', "out-of-range"),
        ('@"9999-12-31" + @"P1M"', "out-of-range"),
        ('@"P999999999D" * 1000', "out-of-range"),
    ],
)
def test_what_cannot_be_calculated_is_null_with_the_reason(text: str, code: str) -> None:
    assert_gives(text, None)
    assert codes(text) == [code]


COMPARISON: list[tuple[str, Any]] = [
    ("1 = 1.0", True),
    ("1 != 2", True),
    ("1 < 2", True),
    ("2 <= 2", True),
    ("3 > 2", True),
    ("3 >= 4", False),
    ('"a" < "b"', True),
    ('"戶" = "戶"', True),
    ("null = null", True),
    ("null = 1", False),
    ("1 = null", False),
    ("null != null", False),
    ("[1, 2] = [1, 2]", True),
    ("[1, 2] = [2, 1]", False),
    ("[1] = [null]", False),
    ("{a: 1, b: 2} = {b: 2, a: 1}", True),
    ("{a: 1} = {a: 2}", False),
    ("[1..3] = [1..3]", True),
    ("[1..3] = [1..3)", False),
    ('@"2026-03-02" < @"2026-03-03"', True),
    ('@"2026-03-02T08:00:00+08:00" = @"2026-03-02T00:00:00Z"', True),
    ('@"2026-03-02T08:00:00" = @"2026-03-02T00:00:00Z"', False),
    ('@"08:00:00+08:00" = @"00:00:00Z"', True),
    ('@"P1Y" = @"P12M"', True),
    ('@"P1D" = @"PT24H"', True),
    ('@"P1Y" = @"P365D"', None),
    ("1 between 1 and 2", True),
    ("1 between 2 and 3", False),
    ("1 between null and 3", None),
    ("5 between 1 and null", None),
    ("5 between 6 and null", False),
    ('@"2026-03-02" between @"2026-01-01" and @"2026-12-31"', True),
]


@pytest.mark.parametrize(("text", "expected"), COMPARISON)
def test_comparison_follows_the_tables(text: str, expected: Any) -> None:
    assert_gives(text, expected)


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
@pytest.mark.parametrize(
    ("pair", "code"),
    [
        ("null {} 1", "null-operand"),
        ("1 {} null", "null-operand"),
        ('1 {} "1"', "wrong-type"),
        ("true {} false", "wrong-type"),
        ("[1] {} [2]", "wrong-type"),
    ],
)
def test_no_order_is_null_with_the_reason(operator: str, pair: str, code: str) -> None:
    text = pair.format(operator)

    assert_gives(text, None)
    assert codes(text) == [code]


TRUTH = [
    # a, b, a and b, a or b: table 50 of the standard, "otherwise" is null
    ("true", "true", True, True),
    ("true", "false", False, True),
    ("true", "null", None, True),
    ("false", "true", False, True),
    ("false", "false", False, False),
    ("false", "null", False, None),
    ("null", "true", None, True),
    ("null", "false", False, None),
    ("null", "null", None, None),
    ("true", '"x"', None, True),
    ('"x"', "false", False, None),
]


@pytest.mark.parametrize(("a", "b", "both", "either"), TRUTH)
def test_logic_has_three_values(a: str, b: str, both: Any, either: Any) -> None:
    assert_gives(f"{a} and {b}", both)
    assert_gives(f"{a} or {b}", either)


def test_logic_goes_no_further_than_needed() -> None:
    assert codes("x != null and x > 3", {"x": None}) == []
    assert codes("x = null or x > 3", {"x": None}) == []
    assert codes("true and 5") == ["wrong-type"]


IN: list[tuple[str, Any]] = [
    ("5 in [1..5]", True),
    ("5 in [1..5)", False),
    ("5 in [1..5[", False),
    ("1 in (1..5]", False),
    ("1 in ]1..5]", False),
    ("5 in > 4", True),
    ("5 in (> 4)", True),
    ("5 in (< 3, > 4)", True),
    ("5 in (1, 2, 5)", True),
    ("5 in [1, 2, 5]", True),
    ("5 in ([1..3], [4..6])", True),
    ("5 in 5", True),
    ("null in null", True),
    ("null in [1, null]", True),
    ("null in (< 5)", None),
    ('"a" in ("b", "c")', False),
    ("[1, 2] in [[1, 2], [3]]", True),
    ("5 in [[1..3], [4..6]]", True),
    ("5 in (? > 4)", True),
    ('@"2026-03-02" in [@"2026-03-01"..@"2026-03-31"]', True),
    ("not(5 in [1..3])", True),
]


@pytest.mark.parametrize(("text", "expected"), IN)
def test_in_looks_into_ranges_lists_and_tests(text: str, expected: Any) -> None:
    assert_gives(text, expected)


INSTANCES = [
    ("1", "number"),
    ('"x"', "string"),
    ("true", "boolean"),
    ('@"2026-03-02"', "date"),
    ('@"08:00:00"', "time"),
    ('@"2026-03-02T08:00:00"', "date and time"),
    ('@"P1D"', "days and time duration"),
    ('@"P1M"', "years and months duration"),
    ("[1, 2]", "list<number>"),
    ("[1, 2]", "list"),
    ("[]", "list<string>"),
    ('{a: 1, b: "x"}', "context<a: number, b: string>"),
    ("{a: 1}", "context"),
    ("[1..2]", "range<number>"),
    ("function(a, b) a", "function<number, number> -> number"),
    ("1", "Any"),
    ("null", "Null"),
]


@pytest.mark.parametrize(("text", "wanted"), INSTANCES)
def test_a_value_is_an_instance_of_its_type(text: str, wanted: str) -> None:
    assert_gives(f"({text}) instance of {wanted}", True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1", "string"),
        ("null", "number"),
        ('@"2026-03-02T08:00:00"', "date"),
        ("[1, true]", "list<number>"),
        ("{a: 1}", "context<a: string>"),
        ("{a: 1}", "context<b: number>"),
        ("function(a) a", "function<number, number> -> number"),
        ("true", "number"),
    ],
)
def test_a_value_is_not_an_instance_of_another_type(text: str, wanted: str) -> None:
    assert_gives(f"({text}) instance of {wanted}", False)
