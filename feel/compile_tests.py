"""Compiles tests of one value: the cells of decision tables, and the right side of `in`.

A test gives True, False or None (unknown). The value tested stands in the frame as `?`.
"""

from __future__ import annotations

from typing import Any

from feel import syntax
from feel.builtin_table import BUILTINS
from feel.comparison import compare, is_in
from feel.compile_operators import in_range, note_unordered
from feel.errors import Code
from feel.runtime import Compiled, Frame
from feel.scope import Scope
from feel.syntax import Node
from feel.values import Range, equal, kind

INPUT = "?"

_JUDGEMENTS = (
    syntax.Comparison,
    syntax.Logic,
    syntax.Between,
    syntax.In,
    syntax.InstanceOf,
    syntax.Quantified,
)


def in_operator(node: syntax.In, scope: Scope) -> Compiled:
    value = scope.compile(node.value)
    inside = scope.inner({INPUT})
    tests = any_of(tuple(compile_test(test, inside) for test in node.tests))
    return lambda frame: tests(frame.inner({INPUT: value(frame)}))


def any_of(tests: tuple[Compiled, ...]) -> Compiled:
    """Join tests by a three-valued `or`."""
    if len(tests) == 1:
        return tests[0]

    def judge(frame: Frame) -> bool | None:
        unknown = False
        for test in tests:
            result = test(frame)
            if result is True:
                return True
            unknown = unknown or result is None
        return None if unknown else False

    return judge


def negated(test: Compiled) -> Compiled:
    def judge(frame: Frame) -> bool | None:
        result = test(frame)
        return None if result is None else not result

    return judge


def compile_test(node: Node, scope: Scope) -> Compiled:
    """Compile one positive unary test; the innermost frame at run time holds `?`."""
    if isinstance(node, syntax.UnaryComparison):
        return _comparison_test(node, scope)
    if syntax.mentions(node, INPUT):
        return _judgement(node, scope)
    return _membership(node, scope)


def _comparison_test(node: syntax.UnaryComparison, scope: Scope) -> Compiled:
    operand, symbol, at = scope.compile(node.operand), node.operator, node.at

    def judge(frame: Frame) -> bool | None:
        subject, other = frame.values[INPUT], operand(frame)
        if symbol in {"=", "!="}:
            result = equal(subject, other, frame.run.meter)
            return result if result is None or symbol == "=" else not result
        result = compare(symbol, subject, other)
        if result is None and subject is not None:
            note_unordered(frame.run, symbol, subject, other, at)
        return result

    return judge


def _judgement(node: Node, scope: Scope) -> Compiled:
    """An expression that speaks of `?` itself must say true or false."""
    inner, at = scope.compile(node), node.at
    if isinstance(node, syntax.Name):
        return lambda _: True  # `?` alone: the input is what it is

    def judge(frame: Frame) -> bool | None:
        result = inner(frame)
        if result is None or type(result) is bool:
            return result
        frame.run.note(
            Code.WRONG_TYPE,
            f"Expected a test with '?' to give true or false, but got a {kind(result)}",
            at,
        )
        return None

    return judge


def _membership(node: Node, scope: Scope) -> Compiled:
    """An expression without `?` is a value, a list or a range the input is looked for in."""
    inner, at = scope.compile(node), node.at
    judges_by_itself = isinstance(node, _JUDGEMENTS) and syntax.reads(node, BUILTINS)
    if isinstance(node, syntax.Literal):
        return _constant_test(node.value)

    def judge(frame: Frame) -> bool | None:
        subject, target = frame.values[INPUT], inner(frame)
        if type(target) is Range and type(subject) is not Range:
            return in_range(frame.run, target, subject, at) if subject is not None else None
        if type(target) is bool and judges_by_itself and type(subject) is not bool:
            # `age > 18 and resident` in the column of something else: a condition, not a value.
            return target
        return is_in(subject, target, frame.run.meter)

    return judge


def _constant_test(constant: Any) -> Compiled:
    constant_type = type(constant)

    def judge(frame: Frame) -> bool | None:
        subject = frame.values[INPUT]
        if type(subject) is constant_type and constant_type is str:
            return bool(subject == constant)
        return is_in(subject, constant, frame.run.meter)

    return judge
