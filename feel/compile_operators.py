"""Compiles operators: arithmetic, comparison, logic, ranges and `instance of`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from feel import syntax
from feel.arithmetic import negate, operate
from feel.comparison import OPERATORS, compare, contains
from feel.errors import Code, Fault, Position
from feel.runtime import Compiled, Frame, Run
from feel.scope import Scope
from feel.type_names import is_instance
from feel.values import NUMBERS, Range, equal, kind, weight

_FAST = {"+": NUMBERS.add, "-": NUMBERS.subtract, "*": NUMBERS.multiply}


def arithmetic(node: syntax.Arithmetic, scope: Scope) -> Compiled:
    left, right = scope.compile(node.left), scope.compile(node.right)
    symbol, at = node.operator, node.at
    fast = _FAST.get(symbol)

    def slow(frame: Frame, a: Any, b: Any) -> Any:
        try:
            result = operate(symbol, a, b)
        except Fault as fault:
            return frame.run.note(fault.code, fault.message, at)
        frame.run.meter.spend(weight(result))
        return result

    if fast is None:
        return lambda frame: slow(frame, left(frame), right(frame))

    def calculate(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        if type(a) is Decimal and type(b) is Decimal:
            try:
                return fast(a, b)
            except ArithmeticError:
                pass  # the slow path says it in a sentence
        return slow(frame, a, b)

    return calculate


def negation(node: syntax.Negation, scope: Scope) -> Compiled:
    if isinstance(node.operand, syntax.Literal) and type(node.operand.value) is Decimal:
        constant = -node.operand.value
        return lambda _: constant
    operand, at = scope.compile(node.operand), node.at

    def calculate(frame: Frame) -> Any:
        try:
            return negate(operand(frame))
        except Fault as fault:
            return frame.run.note(fault.code, fault.message, at)

    return calculate


def comparison(node: syntax.Comparison, scope: Scope) -> Compiled:
    if node.operator in {"=", "!="}:
        return _equality(node, scope)
    left, right = scope.compile(node.left), scope.compile(node.right)
    symbol, at = node.operator, node.at
    fast = OPERATORS[symbol]

    def calculate(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        if type(a) is Decimal and type(b) is Decimal:
            return fast(a, b)
        return ordered(frame.run, symbol, a, b, at)

    return calculate


def ordered(run: Run, symbol: str, a: Any, b: Any, at: Position) -> bool | None:
    """Compare, and note why where there is no order."""
    result = compare(symbol, a, b)
    if result is None:
        note_unordered(run, symbol, a, b, at)
    return result


def note_unordered(run: Run, symbol: str, a: Any, b: Any, at: Position) -> None:
    if a is None or b is None:
        side = "left" if a is None else "right"
        run.note(
            Code.NULL_OPERAND, f"Expected a value on the {side} of '{symbol}', but got null", at
        )
        return
    run.note(
        Code.WRONG_TYPE,
        f"Expected two values in one order around '{symbol}', but got {kind(a)} and {kind(b)}",
        at,
    )


_EASY = (str, Decimal, bool)


def _equality(node: syntax.Comparison, scope: Scope) -> Compiled:
    left, right = scope.compile(node.left), scope.compile(node.right)
    negated, at, symbol = node.operator == "!=", node.at, node.operator

    def calculate(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        kind_of = type(a)
        if kind_of is type(b) and kind_of in _EASY:
            return (a == b) is not negated
        result = equal(a, b, frame.run.meter)
        if result is None:
            return note_unordered(frame.run, symbol, a, b, at)
        return result is not negated

    return calculate


def logic(node: syntax.Logic, scope: Scope) -> Compiled:
    """Three-valued: `and` looks for a false, `or` for a true; left to right, no further than
    needed, so that `x != null and x > 3` does not complain about a null x."""
    operands = tuple(scope.compile(operand) for operand in node.operands)
    decisive, symbol, at = node.operator == "or", node.operator, node.at

    def judge(frame: Frame) -> bool | None:
        unknown = False
        for operand in operands:
            value: object = operand(frame)
            if value is decisive:
                return decisive
            if type(value) is not bool:
                unknown = True
                if value is not None:
                    frame.run.note(
                        Code.WRONG_TYPE,
                        f"Expected true or false beside '{symbol}', but got a {kind(value)}",
                        at,
                    )
        return None if unknown else not decisive

    return judge


def between(node: syntax.Between, scope: Scope) -> Compiled:
    value, low, high = (scope.compile(part) for part in (node.value, node.low, node.high))
    at = node.at

    def judge(frame: Frame) -> bool | None:
        subject = value(frame)
        above = ordered(frame.run, ">=", subject, low(frame), at)
        if above is False:
            return False
        below = ordered(frame.run, "<=", subject, high(frame), at)
        if below is False:
            return False
        return True if above and below else None

    return judge


def instance_of(node: syntax.InstanceOf, scope: Scope) -> Compiled:
    value, wanted, types = scope.compile(node.value), node.type, scope.unit.types
    return lambda frame: is_instance(value(frame), wanted, types, frame.run.meter)


def range_literal(node: syntax.RangeLiteral, scope: Scope) -> Compiled:
    low, high, at = scope.compile(node.start), scope.compile(node.end), node.at
    start_included, end_included = node.start_included, node.end_included

    def build(frame: Frame) -> Range | None:
        start, end = low(frame), high(frame)
        if compare("<=", start, end) is not None:
            return Range(start, end, start_included, end_included)
        note_unordered(frame.run, "..", start, end, at)
        if (start is None) is (end is None):
            return None
        # DMN 1.4: a null end is no bound. The note stays, for outside of decision tables nobody
        # writes such a range on purpose.
        return Range(
            start,
            end,
            start_included and start is not None,
            end_included and end is not None,
        )

    return build


def comparison_value(node: syntax.UnaryComparison, scope: Scope) -> Compiled:
    """`< 5` as a value: an interval with one end."""
    operand, symbol, at = scope.compile(node.operand), node.operator, node.at

    def build(frame: Frame) -> Range | None:
        end = operand(frame)
        if compare("<=", end, end) is None:
            note_unordered(frame.run, symbol, end, end, at)
            return None
        if symbol == "=":
            return Range(end, end)
        if symbol in {"<", "<="}:
            return Range(None, end, start_included=False, end_included=symbol == "<=")
        return Range(end, None, start_included=symbol == ">=", end_included=False)

    return build


def in_range(run: Run, interval: Range, value: Any, at: Position) -> bool | None:
    """Say whether `value` is in `interval`, and note it where that cannot be said."""
    result = contains(interval, value)
    if result is None:
        other = interval.start if interval.start is not None else interval.end
        note_unordered(run, "in", value, other, at)
    return result
