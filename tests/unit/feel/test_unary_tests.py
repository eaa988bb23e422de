"""Cells of decision tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from feel import FeelSyntaxError, compile_unary_tests

CONTEXT = {"limit": 10, "kinds": ["a", "b"], "age": 20, "resident": True, "戶籍 地址": "某市"}

CASES: list[tuple[str, Any, bool]] = [
    ("-", 5, True),
    ("-", None, True),
    ("", 5, True),
    (" - ", "x", True),
    ("5", 5, True),
    ("5", 6, False),
    ("-5", -5, True),
    ("< 10", 5, True),
    ("< 10", 10, False),
    (">= limit", 10, True),
    ("= 5", 5, True),
    ("!= 5", 5, False),
    ("[1..5]", 5, True),
    ("[1..5)", 5, False),
    ("]1..5]", 1, False),
    ("(1..5[", 5, False),
    ("1, 2, 3", 2, True),
    ("< 3, > 8", 9, True),
    ('"a", "b"', "b", True),
    ('"a","b"', "c", False),
    ("not(5)", 5, False),
    ("not(5)", 6, True),
    ("not(< 3, > 8)", 5, True),
    ('not("a", "b")', "b", False),
    ('not("a")', None, True),
    ("not(< 5)", None, False),
    ("< 5", None, False),
    ("null", None, True),
    ("null", 5, False),
    ("not(null)", 5, True),
    ("true", True, True),
    ("false", True, False),
    ("true", None, False),
    ("false", False, True),
    ("kinds", "a", True),
    ("kinds", "c", False),
    ("limit", 10, True),
    ("? > 3 and ? < limit", 5, True),
    ('starts with(?, "A")', "A1", True),
    ("? in [1, 2]", 2, True),
    ('list contains(?, "a")', ["a"], True),
    ("age >= 18 and resident", "anything", True),
    ("age < 18", "anything", False),
    ('not(contains(?, "x"))', "abc", True),
    ("戶籍 地址", "某市", True),
    ('@"2026-03-02"', dt.date(2026, 3, 2), True),
    ('[date("2026-01-01")..date("2026-12-31")]', dt.date(2026, 3, 2), True),
    ('> @"2026-03-02"', dt.date(2026, 3, 3), True),
    ('<= duration("P15D")', dt.timedelta(days=15), True),
    ("[1, 2]", [1, 2], True),
    ("[1, 2]", 2, True),
    ("for x in 1..3 return x", 3, True),
    ('"5"', 5, False),
    ("not(true) or ? = 5", 5, True),
]


@pytest.mark.parametrize(("text", "given", "expected"), CASES)
def test_a_cell_matches(text: str, given: Any, expected: bool) -> None:
    tests = compile_unary_tests(text, names=CONTEXT.keys())

    assert tests.matches(given, CONTEXT) is expected


def test_a_missing_input_is_unknown_and_no_fault_of_the_cell() -> None:
    evaluation = compile_unary_tests("< 5").evaluate(None, {})

    assert evaluation.value is None
    assert evaluation.diagnostics == ()


def test_an_input_of_another_kind_is_told() -> None:
    evaluation = compile_unary_tests("< 5").evaluate("x", {})

    assert evaluation.value is None
    assert [found.code for found in evaluation.diagnostics] == ["wrong-type"]


def test_a_test_that_judges_nothing_is_told() -> None:
    evaluation = compile_unary_tests("? + 1").evaluate(1, {})

    assert [found.code for found in evaluation.diagnostics] == ["wrong-type"]


@pytest.mark.parametrize("text", ["<", "1 2", "not(", "1,", ", 1", "- -", "[1..]", "not(1) 2"])
def test_what_is_no_test_is_refused(text: str) -> None:
    with pytest.raises(FeelSyntaxError):
        compile_unary_tests(text)


def test_names_of_a_cell_are_known() -> None:
    assert compile_unary_tests("> limit + ?").names_used == {"limit"}
