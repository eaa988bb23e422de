"""Rules of DMN 1.4 and 1.5 that are easily got wrong, case by case."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from feel import compile_expression, compile_unary_tests
from feel.values import YearsMonths
from tests.unit.feel.evaluating import assert_gives, codes

EQUALITY: list[tuple[str, Any]] = [
    # Dates and times are compared by their value in whole seconds, wherever they are.
    ('@"08:00:00.25" = @"08:00:00.75"', True),
    ('@"2026-03-02T08:00:00.1" = @"2026-03-02T08:00:00.2"', True),
    ('@"08:00:00" = @"08:00:01"', False),
    ('@"2026-03-02T08:00:00+08:00" = @"2026-03-02T00:00:00Z"', True),
    ('@"2026-03-02T08:00:00@Asia/Taipei" = @"2026-03-02T08:00:00+08:00"', True),
    ('@"2026-03-02T08:00:00@Asia/Taipei" = @"2026-03-02T08:00:00@Asia/Tokyo"', False),
    ('@"08:00:00@Asia/Taipei" = @"08:00:00+08:00"', True),
    ('@"08:00:00@Asia/Taipei" = @"09:00:00@Asia/Tokyo"', True),
    ('@"08:00:00@Asia/Taipei" = @"08:00:00@Asia/Tokyo"', False),
    # One with a zone and one without are two different things, not two that cannot be compared.
    ('@"08:00:00@Asia/Taipei" = @"08:00:00"', False),
    ('@"2026-03-02T08:00:00Z" != @"2026-03-02T08:00:00"', True),
    # A date stands for its midnight in UTC beside a date and time.
    ('@"2026-03-02" = @"2026-03-02T00:00:00Z"', True),
    ('@"2026-03-02T01:00:00Z" = @"2026-03-02"', False),
    ('@"2026-03-02" < @"2026-03-02T01:00:00Z"', True),
    ('@"2026-03-02" < @"2026-03-02T01:00:00"', None),
    ('@"2026-03-02T10:10:10+08:00" - @"2026-03-01" = @"P1DT2H10M10S"', True),
    ('@"2026-03-01" - @"2026-03-02T10:10:10+08:00" = @"-P1DT2H10M10S"', True),
    ('@"2026-03-02T10:10:10" - @"2026-03-01"', None),
    ('@"2026-03-01" - @"2026-03-02T10:10:10"', None),
    ('@"P1Y" = @"P365D"', None),
    ("[1] = 1", None),
    # `is` compares the offsets too.
    ('is(@"08:00:00+08:00", @"09:00:00+09:00")', False),
    ('is(@"08:00:00@Australia/Melbourne", @"08:00:00@Australia/Sydney")', True),
    ('is(@"2026-03-02", @"2026-03-02T00:00:00Z")', False),
    ('is(@"P0Y", @"P0D")', False),
]

RANGES: list[tuple[str, Any]] = [
    ("(< 10) = (nothing..10)", True),
    ("(<= 10) = (nothing..10]", True),
    ("(> 10) = (10..nothing)", True),
    ("(>= 10) = [10..nothing)", True),
    ("(= 10) = [10..10]", True),
    ("[nothing..10].start", None),
    ("[nothing..10].start included", False),
    ("[nothing..nothing]", None),
    ('range("[1..3]") = [1..3]', True),
    ('range(" ( 1 .. 3 [ ") = (1..3)', True),
    ('range("[-1..1.5]") = [-1..1.5]', True),
    ('range("[\\"a\\"..\\"c\\"]") = ["a".."c"]', True),
    ('range("[@\\"2026-03-02\\"..@\\"2026-03-09\\"]") = [@"2026-03-02"..@"2026-03-09"]', True),
    ('range("[date(\\"2026-03-02\\")..)") = (>= @"2026-03-02")', True),
    ('range("(date and time(\\"2026-03-02T08:00:00\\")..)") = (> @"2026-03-02T08:00:00")', True),
    ('range("(..duration(\\"P1D\\")]") = (<= @"P1D")', True),
    ('range("[..2]")', None),
    ('range("[1..]")', None),
    ('range("(..)")', None),
    ('range("[1..\\"a\\"]")', None),
    ('range("[1..x]")', None),
    ('range("[date(today)..)")', None),
    ('range("[1..3")', None),
    ("[1..3] instance of range<number>", True),
    ("[1..3] instance of range<string>", False),
]

TYPES: list[tuple[str, Any]] = [
    ("null instance of Any", False),
    ("null instance of Null", True),
    ("{a: null} instance of context<a: string>", True),
    ("{a: 1, b: 2} instance of context<a: number>", True),
    ('{a: "x"} instance of context<a: number>', False),
    ("[1, null] instance of list<number>", True),
    ("(function() 1) instance of function<> -> Any", True),
    ("(function() 1) instance of function<> -> number", True),
    ("(function() 1) instance of function<> -> string", False),
    ("(function() 1 > 0) instance of function<> -> boolean", True),
    ("(function(a: string) a) instance of function<string> -> string", True),
    ("(function(a: string) a) instance of function<string> -> number", False),
    ("(function(a) a) instance of function<string> -> number", True),  # nothing is known of it
    ("(function(a: string) 1) instance of function<string, string> -> number", False),
    # Parameters are contravariant, results covariant.
    (
        "(function(a: context<x: string>) 1)"
        " instance of function<context<x: string, y: string>> -> number",
        True,
    ),
    (
        "(function(a: context<x: string, y: string>) 1)"
        " instance of function<context<x: string>> -> number",
        False,
    ),
    ("(function() {x: 1, y: 2}) instance of function<> -> context<x: number>", True),
    ("(function() {x: 1}) instance of function<> -> context<x: number, y: number>", False),
    ("(function() [1]) instance of function<> -> list<number>", True),
    ("(function() function(a) 1) instance of function<> -> function<Any> -> number", True),
]

ITERATION: list[tuple[str, Any]] = [
    ("for x in nothing return x", None),
    ("for x in [1], y in nothing return x", None),
    ("for x in 1..nothing return x", None),
    ("some x in nothing satisfies x > 1", None),
    ("every x in nothing satisfies x > 1", None),
    ("for x in [] return x", []),
    ("every x in [] satisfies x > 1", True),
    ("for x in 3..1 return x", [3, 2, 1]),
    ("[{item: 1}, {item: 2}][item >= 2]", [{"item": 2}]),
    ("[{a: 1}, {a: 2}][item.a >= 2]", [{"a": 2}]),
]

ARGUMENTS: list[tuple[str, Any]] = [
    ("all()", None),
    ("any()", None),
    ("mode()", None),
    ("concatenate()", None),
    ("all([])", True),
    ("any([])", False),
    ("floor(1.56, nothing)", None),
    ("floor(n: 1.56)", 1),
    ("floor(n: 1.56, scale: nothing)", None),
    ('substring(string: "foobar", start position: 3)', "obar"),
    ('substring("foobar", 3, nothing)', "obar"),
    ("time(8, 0, 0, nothing)", dt.time(8)),
    ("is(value1: 1)", None),
    ('number("1.000", ".", ".")', None),
    ('date("01211-12-31")', None),
    # A backslash that begins no escape is a character.
    (r'"a\d"', "a\\d"),
    (r'matches("a1", "a\d")', True),
]

PATTERNS: list[tuple[str, Any]] = [
    (r'matches("Mum", "([md])[aeiou]\1", "i")', True),
    (r'matches("Mud", "([md])[aeiou]\1", "i")', False),
    (r'matches("abab", "^(ab)\1$")', True),
    (r'replace("aabbc", "(.)\1", "<$1>")', "<a><b>c"),
    (r'matches("a", "(a)|b\1")', True),
    (r'matches("aa", "(a\1)")', None),  # not closed yet
    (r'matches("a", "(.)\2")', None),
    (r'matches("a1", "(a)[\1]")', None),
    ('matches("Q", "[^q]", "i")', False),
    ('matches("o", "[A-Z-[OI]]", "i")', False),
    (r'matches("戶籍", "^\p{IsCJKUnifiedIdeographs}+$")', True),
    (r'matches("abc", "\P{IsBasicLatin}")', False),
    (r'matches("abc", "\p{IsNowhere}")', None),
    (r'matches("a\n", "^$", "m")', False),
    (r'matches("a\n\nb", "^$", "m")', True),
    ('matches("hello world", "hello[ ]world", "x")', True),
    ('matches("helloworld", "hello[ ]world", "x")', False),
    ('matches("helloworld", "hello world", "x")', True),
]

DESCENDANTS: list[tuple[str, Any]] = [
    ('{a: {b: {c: {x: "1"}, x: "2"}}}...x', ["1", "2"]),
    ("{a: {x: 1}, x: 2}...x[1]", 1),
    ("[{x: 1}, [{x: 2}]]...x", [1, 2]),
    ("{x: {x: 1}}...x", [{"x": 1}, 1]),
    ("{x: null, y: {x: 1}}...x", [1]),
    ('{p: {kind: "a", name: "g"}, q: {p: {kind: "b"}}}...p[kind = "a"]...name', ["g"]),
    ("{null: 1}...x", []),
    ("1...a", []),
    ("null...a", []),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [*EQUALITY, *RANGES, *TYPES, *ITERATION, *ARGUMENTS, *PATTERNS, *DESCENDANTS],
)
def test_an_expression_has_the_value_that_the_standard_gives_it(text: str, expected: Any) -> None:
    assert_gives(text, expected, {"nothing": None})


def test_a_range_that_is_open_for_want_of_a_value_is_told() -> None:
    assert codes("3 in [1..limit]", {"limit": None}) == ["null-operand"]


@pytest.mark.parametrize(
    ("cell", "given", "fits"),
    [
        ("?", "anything", True),  # the input is what it is
        ("?", False, True),
        ('"bar", string length(?) = 3', "foo", True),
        ('"bar", string length("?") = 1', "foo", False),  # it is true, and true is not "foo"
        ("not(1, 2)", 3, True),
        ("null", None, True),
        ("-", None, True),
    ],
)
def test_a_cell_fits_as_the_standard_says(cell: str, given: Any, fits: bool) -> None:
    assert compile_unary_tests(cell).matches(given, {}) is fits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date("-2026-03-02")', None),
        ('date("10000-01-01")', None),
        ('string(time("08:00:00.123456789"))', "08:00:00.123456"),
        ('@"P1M" + @"P1D"', None),
    ],
)
def test_what_lies_beyond_our_dates_is_null_and_fractions_end_at_microseconds(
    text: str, expected: Any
) -> None:
    assert_gives(text, expected)


def test_a_pattern_with_a_back_reference_cannot_run_away() -> None:
    text = "a" * 60

    assert codes(r'matches(t, "^(a*)*(a*)*\2b$")', {"t": text}) == ["budget"]


def test_a_function_remembers_where_it_was_made() -> None:
    text = "{k: 10, f: function(n) n * k, g: function(k) f(2), r: g(99)}.r"

    assert compile_expression(text)({}) == 20


def test_values_of_all_kinds_pass_through_unchanged() -> None:
    given = {"d": dt.date(2026, 3, 2), "m": YearsMonths(14), "s": dt.timedelta(days=1)}

    assert compile_expression("{d: d, m: m, s: s}")(given) == given
