"""Built-in functions, by the tables 72 to 79 of DMN 1.3 (with the standard's own examples)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from feel.builtin_table import BUILTINS
from feel.values import YearsMonths
from tests.unit.feel.evaluating import assert_gives, codes, value

LOCAL_EIGHT = dt.datetime.combine(dt.date(2026, 3, 2), dt.time(8))

CONVERSION: list[tuple[str, Any]] = [
    ('date("2026-03-02")', dt.date(2026, 3, 2)),
    ("date(2026, 3, 2)", dt.date(2026, 3, 2)),
    ('date(@"2026-03-02T08:00:00")', dt.date(2026, 3, 2)),
    ("date(year: 2026, day: 2, month: 3)", dt.date(2026, 3, 2)),
    ('date and time("2026-03-02T08:00:00")', LOCAL_EIGHT),
    ('date and time("2026-03-02")', dt.datetime.combine(dt.date(2026, 3, 2), dt.time())),
    ('date and time(@"2026-03-02", @"08:00:00Z")', dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)),
    (
        'string(date and time(@"2026-03-02T00:00:00Z", "Asia/Taipei"))',
        "2026-03-02T08:00:00@Asia/Taipei",
    ),
    ('time("08:00:00")', dt.time(8)),
    ('time(@"2026-03-02T08:00:00Z")', dt.time(8, tzinfo=dt.UTC)),
    ("time(8, 30, 15.5)", dt.time(8, 30, 15, 500_000)),
    ('string(time(8, 30, 0, @"PT8H"))', "08:30:00+08:00"),
    ('duration("P1DT2H")', dt.timedelta(days=1, hours=2)),
    ('duration("-P1Y2M")', YearsMonths(-14)),
    (
        'years and months duration(date("2011-12-22"), date("2013-08-24"))',
        YearsMonths(20),
    ),
    ('years and months duration(@"2013-08-24", @"2011-12-22")', YearsMonths(-20)),
    ('number("1 000,0", " ", ",")', 1000),
    ('number("1,000.0", ",", ".")', 1000),
    ('number("1500")', 1500),
    ('number("-.5")', Decimal("-0.5")),
    ("string(1.1)", "1.1"),
    ("string(2.50)", "2.50"),
    ("string(1e3)", "1000"),
    ("string(null)", None),
    ("string(true)", "true"),
    ('string("a")', "a"),
    ('string([1, "a", null])', '[1, "a", null]'),
    ('string({a: 1, b: "x"})', '{a: 1, b: "x"}'),
    ("string([1..3))", "[1..3)"),
    ('string(@"P1DT2H0.5S")', "P1DT2H0.5S"),
    ('string(@"-P1DT2H")', "-P1DT2H"),
    ('string(@"PT0S")', "PT0S"),
    ('string(@"P13M")', "P1Y1M"),
    ('string(@"2026-03-02T08:00:00.5+08:00")', "2026-03-02T08:00:00.5+08:00"),
    ('range("[1..3)") = [1..3)', True),
    ('date("2026-02-30")', None),
    ('date("26-02-01")', None),
    ('time("24:00:00")', None),
    ('duration("P1Y2D")', None),
    ('duration("P")', None),
    ('number("1.2.3")', None),
    ('number("1,0", ",", ",")', None),
]

STRINGS: list[tuple[str, Any]] = [
    ('substring("foobar", 3)', "obar"),
    ('substring("foobar", 3, 3)', "oba"),
    ('substring("foobar", -2, 1)', "a"),
    ('substring("\\U01F40Eab", 2)', "ab"),
    ('substring(string: "foobar", start position: 3)', "obar"),
    ('substring("foobar", 0)', None),
    ('string length("foo")', 3),
    ('string length("\\U01F40Eab")', 3),
    ('upper case("aBc4")', "ABC4"),
    ('lower case("aBc4")', "abc4"),
    ('substring before("foobar", "bar")', "foo"),
    ('substring before("foobar", "xyz")', ""),
    ('substring before("foobar", "foo")', ""),
    ('substring after("foobar", "ob")', "ar"),
    ('substring after("", "a")', ""),
    ('substring after("foobar", "xyz")', ""),
    ('substring after("foobar", "")', "foobar"),
    ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
    ('replace("2026-03-02", "-", "/")', "2026/03/02"),
    ('replace("a.b", ".", "x", "q")', "axb"),
    ('replace("ab", "(a)(b)", "$2\\\\$")', "b$"),
    ('contains("foobar", "of")', False),
    ('starts with("foobar", "fo")', True),
    ('ends with("foobar", "r")', True),
    ('matches("foobar", "^fo*b")', True),
    ('matches("FOO", "foo", "i")', True),
    ('split("John Doe", "\\\\s")', ["John", "Doe"]),
    ('split("a;b;c;;", ";")', ["a", "b", "c", "", ""]),
    ('string join(["a", "b", null], ", ")', "a, b"),
    ('string join(["a", "b"])', "ab"),
    ("not(true)", False),
    ("not(null)", None),
]

LISTS: list[tuple[str, Any]] = [
    ("list contains([1, 2, 3], 2)", True),
    ("list contains([1, null], null)", True),
    ("count([1, 2, 3])", 3),
    ("count([])", 0),
    ("count(5)", 1),
    ("min([1, 2, 3])", 1),
    ("min(3, 2)", 2),
    ('max(@"2026-03-02", @"2026-03-03")', dt.date(2026, 3, 3)),
    ("min([])", None),
    ("max([1, null])", None),
    ("sum([1, 2, 3])", 6),
    ("sum(1, 2, 3)", 6),
    ("sum([])", None),
    ('sum([@"P1D", @"PT12H"])', dt.timedelta(hours=36)),
    ("mean([1, 2, 3])", 2),
    ("product([2, 3, 4])", 24),
    ("median(8, 2, 5, 3, 4)", 4),
    ("median([6, 1, 2, 3])", 2.5),
    ("stddev(2, 4, 7, 5)", Decimal("2.081665999466132735282297706979931")),
    ("stddev([1])", None),
    ("mode(6, 3, 9, 6, 6)", [6]),
    ("mode([6, 1, 9, 6, 1])", [1, 6]),
    ("mode([])", []),
    ("all([true, true])", True),
    ("all([true, null])", None),
    ("all([false, null])", False),
    ("all([])", True),
    ("any([false, true])", True),
    ("any([false, null])", None),
    ("any([])", False),
    ("sublist([4, 5, 6], 1, 2)", [4, 5]),
    ("sublist([4, 5, 6], -2)", [5, 6]),
    ("append([1], 2, 3)", [1, 2, 3]),
    ("concatenate([1, 2], [3])", [1, 2, 3]),
    ("insert before([1, 3], 1, 2)", [2, 1, 3]),
    ("remove([1, 2, 3], 2)", [1, 3]),
    ("list replace([1, 2, 3], -1, 9)", [1, 2, 9]),
    ("list replace([2, 4, 7], function(item, newItem) item < newItem, 5)", [5, 5, 7]),
    ("reverse([1, 2, 3])", [3, 2, 1]),
    ("index of([1, 2, 3, 2], 2)", [2, 4]),
    ("union([1, 2], [2, 3])", [1, 2, 3]),
    ("distinct values([1, 2, 3, 2, 1])", [1, 2, 3]),
    ('distinct values([1, "1", true, [1], [1], null, null])', [1, "1", True, [1], None]),
    ("flatten([[1, 2], [[3]], 4])", [1, 2, 3, 4]),
    ("sort([3, 1, 2])", [1, 2, 3]),
    ("sort([3, 1, 4, 5, 2], function(x, y) x < y)", [1, 2, 3, 4, 5]),
    ("sort([{a: 2}, {a: 1}], function(x, y) x.a < y.a)", [{"a": 1}, {"a": 2}]),
    ('sort([1, "a"])', None),
    ("sum([1, null])", None),
]

NUMBERS: list[tuple[str, Any]] = [
    ("decimal(1/3, 2)", Decimal("0.33")),
    ("decimal(1.5, 0)", 2),
    ("decimal(2.5, 0)", 2),
    ("string(decimal(2.5, 2))", "2.50"),
    ("decimal(1234, -2)", 1200),
    ("floor(1.5)", 1),
    ("floor(-1.5)", -2),
    ("floor(-1.56, 1)", Decimal("-1.6")),
    ("ceiling(1.5)", 2),
    ("ceiling(-1.5)", -1),
    ("round up(5.5, 0)", 6),
    ("round up(-1.126, 2)", Decimal("-1.13")),
    ("round down(-5.5, 0)", -5),
    ("round half up(-5.5, 0)", -6),
    ("round half down(5.5, 0)", 5),
    ("abs(-10)", 10),
    ('abs(@"-PT5H")', dt.timedelta(hours=5)),
    ('abs(@"-P1M")', YearsMonths(1)),
    ("modulo(12, 5)", 2),
    ("modulo(-12, 5)", 3),
    ("modulo(12, -5)", -3),
    ("modulo(10.1, 4.5)", Decimal("1.1")),
    ("sqrt(16)", 4),
    ("sqrt(-1)", None),
    ("decimal(log(10), 8)", Decimal("2.30258509")),
    ("log(0)", None),
    ("decimal(exp(5), 6)", Decimal("148.413159")),
    ("odd(5)", True),
    ("odd(-3)", True),
    ("even(5)", False),
    ("even(0)", True),
    ("modulo(1, 0)", None),
    ("exp(1000000)", None),
]

DATES: list[tuple[str, Any]] = [
    ("day of year(date(2019, 9, 17))", 260),
    ("day of week(date(2019, 9, 17))", "Tuesday"),
    ("month of year(date(2019, 9, 17))", "September"),
    ("week of year(date(2019, 9, 17))", 38),
    ("week of year(date(2003, 12, 29))", 1),
    ("week of year(date(2005, 1, 1))", 53),
    ('is(@"08:00:00Z", @"08:00:00+00:00")', True),
    ('is(@"08:00:00Z", @"09:00:00+01:00")', False),
    ('is(@"2012-12-25", @"23:00:50")', False),
    ('is(date("2012-12-25"), date("2012-12-25"))', True),
]

CONTEXTS: list[tuple[str, Any]] = [
    ('get value({key1: "value1"}, "key1")', "value1"),
    ('get value({key1: "value1"}, "unexistent-key")', None),
    ('get value({a: {b: 1}}, ["a", "b"])', 1),
    ("get entries({a: 1})", [{"key": "a", "value": 1}]),
    ('context([{key: "a", value: 1}])', {"a": 1}),
    ('context([{key: "a", value: 1}, {key: "a", value: 1}])', None),
    ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
    ('context put({a: {b: 1}}, ["a", "b"], 2)', {"a": {"b": 2}}),
    ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
]


@pytest.mark.parametrize(
    ("text", "expected"), CONVERSION + STRINGS + LISTS + NUMBERS + DATES + CONTEXTS
)
def test_functions_give_what_the_tables_say(text: str, expected: Any) -> None:
    assert_gives(text, expected)


RANGES: list[tuple[str, bool]] = [
    ("before(1, 10)", True),
    ("before(10, 1)", False),
    ("before(1, [1..10])", False),
    ("before(1, (1..10])", True),
    ("before(1, [5..10])", True),
    ("before([1..10], 10)", False),
    ("before([1..10), 10)", True),
    ("before([1..10], [10..20])", False),
    ("before([1..10), [10..20])", True),
    ("after(10, 5)", True),
    ("after(12, [2..5])", True),
    ("after([11..20], [1..11))", True),
    ("meets([1..5], [5..10])", True),
    ("meets([1..5), [5..10])", False),
    ("met by([5..10], [1..5])", True),
    ("met by([5..10], [1..5))", False),
    ("overlaps([5..10], [1..6])", True),
    ("overlaps([1..5], [5..8])", True),
    ("overlaps([1..5), [5..8])", False),
    ("overlaps before([1..5], [3..8])", True),
    ("overlaps before([1..5), (1..5])", True),
    ("overlaps before([1..5], [1..5])", False),
    ("overlaps after([3..8], [1..5])", True),
    ("overlaps after((1..5], [1..5))", True),
    ("finishes(10, [1..10])", True),
    ("finishes(10, [1..10))", False),
    ("finishes([5..10], [1..10])", True),
    ("finished by([1..10], (5..10])", True),
    ("includes([1..10], 5)", True),
    ("includes([1..10), 10)", False),
    ("includes([1..10], (1..10))", True),
    ("includes((1..10), [1..10])", False),
    ("during(5, (1..10))", True),
    ("during([4..6], [1..10])", True),
    ("starts(1, [1..10])", True),
    ("starts([1..5], [1..10])", True),
    ("starts((1..5], [1..10])", False),
    ("started by([1..10], [1..5])", True),
    ("coincides(5, 5)", True),
    ("coincides([1..5], [1..5))", False),
    ("includes((>= 3), 5)", True),
    ("before((< 3), [3..4])", True),
    ("overlaps((> 3), (< 3))", False),
    ('during(@"2026-03-02", [@"2026-03-01"..@"2026-03-31"])', True),
]


@pytest.mark.parametrize(("text", "expected"), RANGES)
def test_relations_of_ranges_follow_the_table(text: str, expected: bool) -> None:
    assert_gives(text, expected)


def test_relations_need_one_order() -> None:
    assert codes('before(1, "a")') == ["wrong-type"]
    assert codes("before(1, null)") == ["null-operand"]


STANDARD = """
date; date and time; time; number; string; duration; years and months duration; not; substring;
string length; upper case; lower case; substring before; substring after; replace; contains;
starts with; ends with; matches; split; list contains; count; min; max; sum; mean; all; any;
sublist; append; concatenate; insert before; remove; reverse; index of; union; distinct values;
flatten; product; median; stddev; mode; decimal; floor; ceiling; abs; modulo; sqrt; log; exp; odd;
even; is; before; after; meets; met by; overlaps; overlaps before; overlaps after; finishes;
finished by; includes; during; starts; started by; coincides; day of year; day of week;
month of year; week of year; sort; get value; get entries
"""


def test_every_function_of_the_standard_is_there() -> None:
    assert {name.strip() for name in STANDARD.split(";")} <= set(BUILTINS)


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_every_function_takes_null_without_breaking(name: str) -> None:
    for signature in BUILTINS[name].signatures:
        nulls = ", ".join(["null"] * len(signature.parameters))

        value(f"{name}({nulls})")  # whatever it is: no exception


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_parameters_may_be_named_as_in_the_standard(name: str) -> None:
    signature = BUILTINS[name].signatures[0]
    named = ", ".join(f"{parameter.name}: null" for parameter in signature.parameters)

    assert "bad-argument" not in codes(f"{name}({named})")
