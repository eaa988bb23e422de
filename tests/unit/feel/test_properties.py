"""What holds for every number, range, list and text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feel import FeelSyntaxError, compile_expression, compile_unary_tests
from feel.builtins_conversion import number_text, temporal_text
from feel.temporal import parse_any
from feel.values import NUMBERS, YearsMonths, same, to_feel

numbers = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=4)
EXPRESSIONS = {
    text: compile_expression(text)
    for text in (
        "a + b",
        "a - b",
        "a * b",
        "a / b",
        "a < b",
        "a = b",
        "modulo(a, b)",
        "x in [a..b]",
        "x in (a..b)",
        "x >= a and x <= b",
        "x > a and x < b",
        "x between a and b",
        "sort(xs)",
        "sum(xs)",
        "reverse(reverse(xs)) = xs",
        "count(xs[item > a]) + count(xs[not(item > a)]) = count(xs)",
        "substring before(s, t) + t + substring after(s, t)",
    )
}


def run(text: str, **context: Any) -> Any:
    return EXPRESSIONS[text](context)


@settings(max_examples=200, deadline=None)
@given(numbers, numbers)
def test_arithmetic_is_that_of_decimal128(a: Decimal, b: Decimal) -> None:
    assert run("a + b", a=a, b=b) == NUMBERS.add(a, b)
    assert run("a - b", a=a, b=b) == NUMBERS.subtract(a, b)
    assert run("a * b", a=a, b=b) == NUMBERS.multiply(a, b)
    assert run("a / b", a=a, b=b) == (NUMBERS.divide(a, b) if b else None)
    assert run("a < b", a=a, b=b) is (a < b)
    assert run("a = b", a=a, b=b) is (a == b)


@settings(max_examples=200, deadline=None)
@given(numbers, numbers.filter(bool))
def test_modulo_has_the_sign_of_the_divisor(a: Decimal, b: Decimal) -> None:
    remainder = run("modulo(a, b)", a=a, b=b)

    assert remainder == 0 or (remainder < 0) == (b < 0)
    assert abs(remainder) < abs(b)
    assert (a - remainder) % b == 0


@settings(max_examples=200, deadline=None)
@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(-9, 9))
def test_ranges_are_two_comparisons(x: int, a: int, b: int) -> None:
    closed = run("x >= a and x <= b", x=x, a=a, b=b)

    assert run("x in [a..b]", x=x, a=a, b=b) is closed
    assert run("x between a and b", x=x, a=a, b=b) is closed
    assert run("x in (a..b)", x=x, a=a, b=b) is run("x > a and x < b", x=x, a=a, b=b)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-50, 50), max_size=20), st.integers(-50, 50))
def test_lists_keep_what_they_hold(xs: list[int], a: int) -> None:
    assert run("sort(xs)", xs=xs) == sorted(xs)
    assert run("sum(xs)", xs=xs) == (sum(xs) if xs else None)
    assert run("reverse(reverse(xs)) = xs", xs=xs) is True
    assert run("count(xs[item > a]) + count(xs[not(item > a)]) = count(xs)", xs=xs, a=a) is True


@settings(max_examples=100, deadline=None)
@given(st.text("ab戶", min_size=1, max_size=6), st.text("ab戶", min_size=1, max_size=2))
def test_a_string_is_what_is_before_and_after(s: str, t: str) -> None:
    joined = run("substring before(s, t) + t + substring after(s, t)", s=s, t=t)

    assert (joined == s) is (t in s)


zones = st.sampled_from([None, dt.UTC, dt.timezone(dt.timedelta(hours=8))])
temporals = st.one_of(
    st.dates(),
    st.times(timezones=zones),
    st.datetimes(timezones=zones),
    st.timedeltas(),
    st.integers(-12000, 12000).map(YearsMonths),
)


@settings(max_examples=300, deadline=None)
@given(temporals)
def test_temporal_values_are_read_as_they_are_written(value: Any) -> None:
    read = parse_any(temporal_text(value))

    assert type(read) is type(value)
    assert same(read, value) is True


@given(numbers)
def test_numbers_are_read_as_they_are_written(value: Decimal) -> None:
    assert compile_expression(number_text(value))({}) == value


feel_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(feel_values)
def test_conversion_is_idempotent_and_equality_reflexive(value: Any) -> None:
    once = to_feel(value)

    assert to_feel(once) == once
    assert same(value, once) is True


words = st.sampled_from(
    [
        *"()[]{}<>=+-*/.,:?@\"'\\# \n",
        "**",
        "..",
        "!=",
        "1",
        "2.5",
        '"x"',
        '@"2026-03-02"',
        "a",
        "戶籍",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "not",
        "between",
        "instance of",
        "function",
        "null",
        "true",
        "date and time",
        "count",
        "list<number>",
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(words, max_size=14).map(" ".join) | st.text(max_size=30))
@example("a.")
@example("\\")
@example("\ud800")
@pytest.mark.parametrize("compile_text", [compile_expression, compile_unary_tests])
def test_any_text_compiles_and_runs_or_is_refused(compile_text: Any, text: str) -> None:
    try:
        compiled = compile_text(text)
    except FeelSyntaxError as refusal:
        assert 0 <= refusal.position.start <= refusal.position.end <= len(text)  # noqa: PT017
        return
    given_value = (1,) if compile_text is compile_unary_tests else ()
    compiled.evaluate(*given_value, {"a": [1, {"b": "x"}], "戶籍": None})


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_python_numbers_keep_their_written_value(value: float) -> None:
    assert compile_expression("x")({"x": value}) == Decimal(repr(value))
