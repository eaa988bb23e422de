"""Boxed expressions: texts, contexts, lists, relations, invocations, functions, and the boxed
conditional, for, some, every and filter of DMN 1.4."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from feel.dmn.item_types import ItemType
from feel.dmn.work import Work
from feel.errors import BudgetExceeded, Code, Fault
from feel.expression import Expression
from feel.invocation import invoke
from feel.limits import check_length
from feel.runtime import Run
from feel.values import Function, Range, kind

Scope = Mapping[str, Any]


class Boxed(Protocol):
    """Anything that has a value in a scope."""

    def evaluate(self, scope: Scope, work: Work) -> Any: ...


@dataclass(frozen=True)
class Text:
    """A literal expression; None is an empty cell, or one that is no FEEL: both are null."""

    expression: Expression | None
    element: str
    fault: str = ""

    def evaluate(self, scope: Scope, work: Work) -> Any:
        if self.expression is None:
            return work.note(Code.UNREADABLE, self.fault, self.element) if self.fault else None
        evaluation = self.expression.evaluate(scope, work.functions, work.meter)
        work.take(evaluation.diagnostics, self.element)
        return evaluation.value


@dataclass(frozen=True)
class Typed:
    """An expression whose `typeRef` says what it must give; anything else becomes null."""

    inner: Boxed
    type: ItemType
    element: str

    def evaluate(self, scope: Scope, work: Work) -> Any:
        value = self.inner.evaluate(scope, work)
        return work.checked(value, self.type, self.element, "the value")


@dataclass(frozen=True)
class ContextEntry:
    name: str | None
    value: Boxed
    type: ItemType | None
    element: str


@dataclass(frozen=True)
class BoxedContext:
    """Entries see those above them; an entry without a name is the value of the whole."""

    entries: tuple[ContextEntry, ...]

    def evaluate(self, scope: Scope, work: Work) -> Any:
        inside = dict(scope)
        values: dict[str, Any] = {}
        for entry in self.entries:
            value = entry.value.evaluate(inside, work)
            if entry.name is None:
                return value
            value = work.checked(value, entry.type, entry.element, repr(entry.name))
            inside[entry.name] = values[entry.name] = value
        return values


@dataclass(frozen=True)
class BoxedList:
    items: tuple[Boxed, ...]

    def evaluate(self, scope: Scope, work: Work) -> Any:
        return [item.evaluate(scope, work) for item in self.items]


@dataclass(frozen=True)
class BoxedRelation:
    """A table of values: a list with one context per row."""

    columns: tuple[str, ...]
    types: tuple[ItemType | None, ...]
    element: str
    rows: tuple[tuple[Boxed, ...], ...]

    def evaluate(self, scope: Scope, work: Work) -> Any:
        return [
            {
                name: work.checked(cell.evaluate(scope, work), wanted, self.element, repr(name))
                for name, wanted, cell in zip(self.columns, self.types, row, strict=True)
            }
            for row in self.rows
        ]


@dataclass(frozen=True)
class BoxedFunction:
    """A function definition, or the logic of a business knowledge model."""

    name: str
    parameters: tuple[str, ...]
    types: tuple[ItemType | None, ...]
    body: Boxed
    result: ItemType | None
    element: str

    def evaluate(self, scope: Scope, work: Work) -> Any:
        def call(_run: Run, arguments: list[Any]) -> Any:
            work.meter.enter()
            try:
                values = {
                    name: work.checked(argument, wanted, self.element, f"the parameter {name!r}")
                    for name, wanted, argument in zip(
                        self.parameters, self.types, arguments, strict=True
                    )
                }
                value = self.body.evaluate({**scope, self.name: function, **values}, work)
                return work.checked(value, self.result, self.element, f"{self.name!r}")
            finally:
                work.meter.leave()

        function = Function(self.name, self.parameters, call)
        return function


@dataclass(frozen=True)
class BoxedInvocation:
    """A call whose arguments stand in rows."""

    callee: Boxed
    names: tuple[str, ...]
    types: tuple[ItemType | None, ...]
    arguments: tuple[Boxed, ...]
    element: str

    def evaluate(self, scope: Scope, work: Work) -> Any:
        function = self.callee.evaluate(scope, work)
        if type(function) is not Function:
            work.note(
                Code.NO_SUCH_FUNCTION,
                f"Expected a function to invoke, but got {kind(function)}",
                self.element,
            )
            return None
        arguments = [
            work.checked(argument.evaluate(scope, work), wanted, self.element, repr(name))
            for name, wanted, argument in zip(self.names, self.types, self.arguments, strict=True)
        ]
        run = Run(scope, work.functions, work.meter)
        try:
            return invoke(run, function, arguments, self.names)
        except Fault as fault:
            work.note(fault.code, fault.message, self.element)
        except BudgetExceeded as refusal:
            work.note(Code.BUDGET, str(refusal), self.element)
        finally:
            work.take(run.diagnostics, self.element)
        return None


@dataclass(frozen=True)
class BoxedConditional:
    condition: Boxed
    then: Boxed
    otherwise: Boxed
    element: str

    def evaluate(self, scope: Scope, work: Work) -> Any:
        judged = self.condition.evaluate(scope, work)
        if type(judged) is not bool:
            code = Code.NULL_OPERAND if judged is None else Code.WRONG_TYPE
            work.note(
                code, f"Expected true or false as condition, not {kind(judged)}", self.element
            )
        return (self.then if judged is True else self.otherwise).evaluate(scope, work)


@dataclass(frozen=True)
class BoxedIterator:
    """A boxed for (with `partial`), some, every or filter, told apart by `join`."""

    variable: str
    source: Boxed
    body: Boxed
    join: Callable[[list[Any], list[Any]], Any]
    element: str
    is_filter: bool = False

    def evaluate(self, scope: Scope, work: Work) -> Any:
        items = self._items(self.source.evaluate(scope, work), work)
        results: list[Any] = []
        try:
            for item in items:
                work.meter.spend(1 + len(scope))
                inside = {**scope, self.variable: item}
                if self.is_filter and type(item) is dict:
                    inside = {**scope, **item, self.variable: item}
                elif not self.is_filter:
                    inside["partial"] = results.copy()
                    work.meter.spend(len(results))
                results.append(self.body.evaluate(inside, work))
            check_length(len(results))
        except BudgetExceeded as refusal:
            return work.note(Code.BUDGET, str(refusal), self.element)
        return self.join(items, results)

    def _items(self, source: Any, work: Work) -> list[Any]:
        if type(source) is list:
            return source
        if type(source) is Range:
            return self._whole_numbers(source, work)
        if source is None:
            work.note(Code.NULL_OPERAND, "Expected a list to go through, not null", self.element)
            return []
        return [source]

    def _whole_numbers(self, source: Range, work: Work) -> list[Any]:
        ends = (source.start, source.end)
        if any(type(end) is not Decimal or end != end.to_integral_value() for end in ends):
            work.note(Code.WRONG_TYPE, "Expected a range of whole numbers", self.element)
            return []
        first = int(source.start) + (not source.start_included)
        last = int(source.end) - (not source.end_included)
        work.meter.spend(max(0, last - first))
        return [Decimal(number) for number in range(first, last + 1)]


def collected(_items: list[Any], results: list[Any]) -> Any:
    return results


def some(_items: list[Any], results: list[Any]) -> bool | None:
    if any(result is True for result in results):
        return True
    return None if any(type(result) is not bool for result in results) else False


def every(_items: list[Any], results: list[Any]) -> bool | None:
    if any(result is False for result in results):
        return False
    return None if any(type(result) is not bool for result in results) else True


def kept(items: list[Any], results: list[Any]) -> list[Any]:
    return [item for item, result in zip(items, results, strict=True) if result is True]
