"""Compiles what decides, repeats and defines: if, for, some, every, function."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from feel import syntax
from feel.errors import Code, FeelError, Position
from feel.limits import MAX_LIST, check_length
from feel.runtime import Compiled, Frame, Run
from feel.scope import Scope
from feel.type_names import conforms, function_type
from feel.values import Function, Range, kind


def conditional(node: syntax.If, scope: Scope) -> Compiled:
    condition, then = scope.compile(node.condition), scope.compile(node.then)
    otherwise, at = scope.compile(node.otherwise), node.condition.at

    def choose(frame: Frame) -> Any:
        judged = condition(frame)
        if judged is True:
            return then(frame)
        if judged is not False:
            note_condition(frame.run, judged, at)
        return otherwise(frame)

    return choose


def note_condition(run: Run, judged: Any, at: Position) -> None:
    code = Code.NULL_OPERAND if judged is None else Code.WRONG_TYPE
    run.note(code, f"Expected the condition to be true or false, but got {kind(judged)}", at)


class _NothingToGoThrough(FeelError):
    """What should be a list, a range or one value is null; then so is the whole loop."""


class _Iterations:
    """The compiled `x in xs, y in ys` of a for, some or every."""

    def __init__(self, iterations: tuple[syntax.Iteration, ...], scope: Scope) -> None:
        self._sources: list[tuple[str, Compiled, Compiled | None, Position]] = []
        for iteration in iterations:
            until = scope.compile(iteration.until) if iteration.until else None
            source = scope.compile(iteration.source)
            self._sources.append((iteration.name, source, until, iteration.at))
            scope = scope.inner({iteration.name})
        self.scope = scope

    def frames(self, frame: Frame, level: int = 0) -> Iterator[Frame]:
        """Yield the frame of every round. Raises _NothingToGoThrough for a null list."""
        name, source, until, at = self._sources[level]
        start = source(frame)
        if until is None:
            elements = _elements(frame.run, start, at)
        else:
            elements = _steps(frame.run, start, until(frame), at)
        last = level + 1 == len(self._sources)
        for element in elements:
            frame.run.meter.spend(1)
            inner = frame.inner({name: element})
            if last:
                yield inner
            else:
                yield from self.frames(inner, level + 1)


def _elements(run: Run, source: Any, at: Position) -> Iterable[Any]:
    if type(source) is list:
        return source
    if type(source) is Range:
        return _range_elements(run, source, at)
    if source is None:
        run.note(Code.NULL_OPERAND, "Expected a list to go through, but got null", at)
        raise _NothingToGoThrough
    return (source,)


def _range_elements(run: Run, source: Range, at: Position) -> Iterable[Any]:
    elements = _steps(run, source.start, source.end, at)
    return (
        element
        for element in elements
        if (source.start_included or element != source.start)
        and (source.end_included or element != source.end)
    )


def _steps(run: Run, start: Any, end: Any, at: Position) -> Iterable[Any]:
    """Yield start, start ± 1, … end: whole numbers or days, up or down."""
    if type(start) is Decimal and type(end) is Decimal:
        if start == start.to_integral_value() and end == end.to_integral_value():
            return _whole_numbers(int(start), int(end))
    elif type(start) is dt.date and type(end) is dt.date:
        days = _whole_numbers(start.toordinal(), end.toordinal())
        return (dt.date.fromordinal(int(day)) for day in days)
    run.note(
        Code.NULL_OPERAND if start is None or end is None else Code.WRONG_TYPE,
        f"Expected whole numbers or dates around '..', but got {kind(start)} and {kind(end)}",
        at,
    )
    raise _NothingToGoThrough


def _whole_numbers(start: int, end: int) -> Iterator[Decimal]:
    step = 1 if start <= end else -1
    return (Decimal(number) for number in range(start, end + step, step))


def loop(node: syntax.For, scope: Scope) -> Compiled:
    iterations = _Iterations(node.iterations, scope)
    body = iterations.scope.inner({"partial"}).compile(node.body)
    weight = syntax.measure(node.body)[0]
    with_partial = syntax.mentions(node.body, "partial")

    def collect(frame: Frame) -> list[Any] | None:
        try:
            return go_through(frame)
        except _NothingToGoThrough:
            return None

    def go_through(frame: Frame) -> list[Any]:
        results: list[Any] = []
        for inner in iterations.frames(frame):
            inner.run.meter.spend(weight)
            partial: list[Any] = []
            if with_partial:
                # A copy, so that no list can come to contain itself.
                inner.run.meter.spend(len(results))
                partial = results.copy()
            results.append(body(inner.inner({"partial": partial})))
            if len(results) > MAX_LIST:
                check_length(len(results))
        return results

    return collect


def quantified(node: syntax.Quantified, scope: Scope) -> Compiled:
    iterations = _Iterations(node.iterations, scope)
    body = iterations.scope.compile(node.body)
    weight = syntax.measure(node.body)[0]
    decisive, at = node.quantifier == "some", node.body.at

    def judge(frame: Frame) -> bool | None:
        try:
            return go_through(frame)
        except _NothingToGoThrough:
            return None

    def go_through(frame: Frame) -> bool | None:
        unknown = False
        for inner in iterations.frames(frame):
            inner.run.meter.spend(weight)
            judged: object = body(inner)
            if judged is decisive:
                return decisive
            if type(judged) is not bool:
                unknown = True
                if judged is not None:
                    note_condition(frame.run, judged, at)
        return None if unknown else not decisive

    return judge


def function_definition(node: syntax.FunctionDefinition, scope: Scope) -> Compiled:
    body = scope.inner(node.parameters).compile(node.body)
    weight = syntax.measure(node.body)[0]
    parameters, types, known, at = node.parameters, node.types, scope.unit.types, node.at
    result = function_type(node, {}).result

    def check(run: Run, arguments: list[Any]) -> bool:
        for name, wanted, argument in zip(parameters, types, arguments, strict=True):
            if wanted is not None and not conforms(argument, wanted, known, run.meter):
                run.note(
                    Code.WRONG_TYPE,
                    f"Expected {wanted} for the parameter {name!r}, but got {kind(argument)}",
                    at,
                )
                return False
        return True

    def define(frame: Frame) -> Function:
        def call(run: Run, arguments: list[Any]) -> Any:
            if not check(run, arguments):
                return None
            run.meter.enter()
            try:
                run.meter.spend(weight)
                values = dict(zip(parameters, arguments, strict=True))
                return body(Frame(run, frame.names, frame, values))
            finally:
                run.meter.leave()

        return Function("function", parameters, call, types, result)

    return define
