"""Text that is no expression, and text and data that ask for too much."""

from __future__ import annotations

import pytest

from feel import FeelSyntaxError, compile_expression, evaluate_text
from feel.limits import MAX_TEXT, Meter
from feel.patterns import MAX_PATTERN
from tests.unit.feel.evaluating import codes, value

SYNTAX = [
    ("", "Expected an expression, but found end of the text", 0),
    ("1 +", "Expected an expression, but found end of the text", 3),
    ("1 2", "Expected an operator or the end of the text, but found '2'", 2),
    ("(1", "Expected ')', but found end of the text", 2),
    ("[1, 2", "Expected ',' or ']', but found end of the text", 5),
    ("if a then b", "Expected 'else' after the value of 'then', but found end of the text", 11),
    (
        "for x return x",
        "Expected 'in' after the name of the iteration variable, but found 'return'",
        6,
    ),
    ("a == b", "Expected an expression, but found '='; write = instead", 3),
    ("a，b", "Expected an operator or the end of the text, but found '，'; write , instead", 1),
    ("'a'", 'Expected an expression, but found "\'"; write " instead', 0),
    ('"abc', "Expected a closing double quote, but the string never ends", 0),
    ("/* abc", "Expected */ to close the comment, but the comment never ends", 0),
    ('@"2026-02-30"', "Expected a day of the calendar, but there is no 2026-02-30", 0),
    ("{a: 1, a: 2}", "Expected every key once, but 'a' comes twice, but found '2'", 10),
    ("f(1, b: 2)", "Expected arguments either all with names or all without", 8),
    ("function(a) external {}", "Expected a FEEL expression (external functions are not run)", 12),
    ("1e" + "9" * 30, "Expected a number of at most 34 digits", 0),
    ("a & b", "Expected an operator or the end of the text, but found '&'", 2),
    ("1 instance of list<number", "Expected '>' after the type of the elements of list", 25),
]


@pytest.mark.parametrize(("text", "sentence", "start"), SYNTAX)
def test_a_refusal_says_what_was_expected_and_found(text: str, sentence: str, start: int) -> None:
    with pytest.raises(FeelSyntaxError) as refusal:
        compile_expression(text)

    assert refusal.value.message.startswith(sentence)
    assert refusal.value.position.start == start


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + ")" * 5000,
        "[" * 5000,
        "{a:" * 5000,
        "-" * 5000 + "1",
        "1" + "+1" * 5000,
        "1" + "**1" * 5000,
        "if true then " * 1000 + "1",
        "a" + ".b" * 5000,
        "a" + "[1]" * 5000,
        "not(" * 4000 + "true" + ")" * 4000,
        "function() " * 1500 + "1",
        "x instance of " + "list<" * 3000,
        "1" * 35,
        "1e99999",
        "x" * (MAX_TEXT + 1),
    ],
)
def test_text_that_is_too_deep_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(FeelSyntaxError):
        compile_expression(text)


@pytest.mark.parametrize("joiner", [" and ", " or ", ", "])
def test_long_but_flat_text_is_fine(joiner: str) -> None:
    text = "[" + joiner.join(["true"] * 1500) + "]"

    assert len(compile_expression(text)({})) in {1, 1500}


EXPENSIVE = [
    "for x in 1..10000000 return x",
    "count(for x in 1..1000, y in 1..1000 return x)",
    "some x in 1..10000, y in 1..10000 satisfies x * y < 0",
    "{f: function(n) f(n), r: f(1)}.r",
    "{f: function(n) 1 + f(n + 1), r: f(1)}.r",
    "{f: function(n) if n = 0 then 0 else f(n - 1) + f(n - 1), r: f(30)}.r",
    "for x in 1..1000 return [partial, partial]",
    "for x in 1..5000 return if x = 1 then [1] else [partial[-1]]",
    "for x in 1..60 return if x = 1 then [1] else [partial[-1], partial[-1]]",
    'for x in 1..60 return if x = 1 then "aaaaaaaa" else partial[-1] + partial[-1]',
    "flatten(for x in 1..40 return if x = 1 then [1] else [partial[-1], partial[-1]])",
    "string(for x in 1..40 return if x = 1 then [1] else [partial[-1], partial[-1]])",
    "{d: for x in 1..55 return if x = 1 then [1] else [partial[-1], partial[-1]], "
    "r: d[-1] = (for x in 1..55 return if x = 1 then [1] else [partial[-1], partial[-1]])[-1]}.r",
    "sort(for x in 1..20000 return modulo(x * 7919, 20011), function(a, b) a < b)",
    'count(for x in 1..40000 return string join(for y in 1..9 return "aaaaaaaaaaaaaaaaaaaaaaaa"))',
    "count(for x in 1..40000 return append((for y in 1..300 return y), x))",
    "distinct values(for x in 1..5000 return [x])",
    "(for x in 1..3000 return x)[count((for y in 1..3000 return y)[item > 0]) > 0]",
    'replace(string join(for x in 1..20000 return "a"), "a", "bbbbbbbbbb")',
    'matches(string join(for x in 1..30000 return "a"), "(a|a|a|a|a|a)*(a|aa)*(a|aaa)*b")',
]


@pytest.mark.parametrize("text", EXPENSIVE)
def test_work_without_end_is_a_diagnostic(text: str) -> None:
    evaluation = evaluate_text(text, {})

    assert evaluation.value is None
    assert [str(found.code) for found in evaluation.diagnostics][-1] == "budget"


@pytest.mark.parametrize(
    "text",
    [
        "x.__class__",
        "x.__class__.__mro__",
        "{}.__class__",
        '"a".upper',
        '"a".__class__',
        "[1].append",
        "1.real",
        '@"2026-03-02".ctime',
        '@"2026-03-02".__class__',
        "(function() 1).call",
        "count.__globals__",
        "item.format",
    ],
)
def test_no_path_reaches_into_python(text: str) -> None:
    try:
        evaluation = evaluate_text(text, {"x": 1})
    except FeelSyntaxError:
        return
    assert evaluation.value in (None, [None])
    assert evaluation.diagnostics


def test_names_of_python_mean_nothing() -> None:
    for text in ("__import__", "__builtins__", "eval", "open"):
        assert codes(text) == ["unknown-name"]
    assert codes('__import__("os")') == ["no-such-function"]


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(a*)*b", "(a|a)*b", "a*a*a*a*a*a*b", "(.*)(.*)(.*)(.*)x"]
)
def test_patterns_that_ruin_other_engines_take_their_measured_time(pattern: str) -> None:
    assert value(f'matches("{"a" * 200}!", "{pattern}")') is False


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[",
        "[]",
        "a**",
        "*a",
        "(?=a)",
        "\\\\1(a)",
        "a{2,1}",
        "a{99999}",
        "(((a{50}){50}){50})",
        "\\\\q",
        "[b-a]",
        "\\\\p{Klingon}",
        "a" * (MAX_PATTERN + 1),
        "(" * 100 + "a" + ")" * 100,
    ],
)
def test_patterns_that_are_none_are_diagnostics(pattern: str) -> None:
    assert codes(f'matches("a", "{pattern}")') == ["bad-argument"]


def test_a_shared_meter_bounds_many_expressions_together() -> None:
    meter = Meter(1000)
    expression = compile_expression("count(for x in 1..100 return x)")

    results = [expression.evaluate({}, meter=meter).value for _ in range(5)]

    assert results[0] == 100
    assert results[-1] is None


def test_memory_is_bounded_as_time_is() -> None:
    long = {"s": "x" * 90_000, "xs": list(range(10_000)), "c": {str(n): n for n in range(5_000)}}

    for body in ('s + "a"', "upper case(s)", "reverse(xs)", 'context put(c, "a", 1)', "xs + xs"):
        found = codes(f"count(for x in 1..40000 return {body})", long)
        assert found[-1] == "budget" or set(found) == {"wrong-type"}


def test_a_deep_value_from_outside_is_refused() -> None:
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]

    assert codes("x", {"x": deep}) == ["budget"]
