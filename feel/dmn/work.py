"""One evaluation of a model: what is shared by all its texts, and what it finds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from types import MappingProxyType
from typing import Any

from feel.dmn.item_types import ItemType
from feel.errors import Code, Diagnostic
from feel.limits import MAX_DIAGNOSTICS, Meter
from feel.runtime import Run
from feel.values import Function, kind, midnight_of


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """A row that decided. `row` counts from 1, as the editor shows it."""

    row: int
    id: str
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class TableUse:
    """One run through one table: which inputs it saw and which rows it used."""

    decision: str
    table: str
    hit_policy: str
    inputs: tuple[tuple[str, Any], ...]
    rules: tuple[MatchedRule, ...]
    by_default: bool = False


@dataclass
class Work:
    """What all texts of one evaluation share."""

    functions: Mapping[str, Callable[..., Any]]
    meter: Meter = field(default_factory=Meter)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    tables: list[TableUse] = field(default_factory=list)

    def note(self, code: Code, message: str, element: str) -> Any:
        """Record why a value is null. Returns that null."""
        self.take([Diagnostic(code, message, None, element)], element)
        return None

    def take(self, diagnostics: Iterable[Diagnostic], element: str) -> None:
        for diagnostic in diagnostics:
            if len(self.diagnostics) < MAX_DIAGNOSTICS:
                self.diagnostics.append(diagnostic.within(element))

    def checked(self, value: Any, wanted: ItemType | None, element: str, what: str) -> Any:
        """Return `value` if it is of the type, else null with a diagnostic (DMN 1.3, 10.3.2.9.4).

        A list of one element stands for the element, an element for such a list, and a date for
        its midnight in UTC. The value
        itself is not told: diagnostics are kept with incidents, and it may be about a person.
        """
        if type(value) is Function and wanted is not None and wanted.base == "function":
            return self._guarded(value, wanted, element)
        if wanted is None or wanted(value, self.meter):
            return value
        if wanted.is_collection and type(value) is not list and wanted([value], self.meter):
            return [value]
        if type(value) is list and len(value) == 1 and wanted(value[0], self.meter):
            return value[0]
        if type(value) is dt.date:
            midnight = midnight_of(value)
            if wanted(midnight, self.meter):
                return midnight
        self.note(
            Code.WRONG_TYPE,
            f"Expected {wanted.name} for {what}, but got a {kind(value)} that is none",
            element,
        )
        return None

    def _guarded(self, function: Function, wanted: ItemType, element: str) -> Function:
        """Return the function with its arguments and its result held to the function type."""
        types = tuple(wanted.parameters.values())
        if wanted.result is None and not any(types):
            return function

        def call(run: Run, arguments: list[Any]) -> Any:
            held = [
                self.checked(argument, each, element, "the argument")
                for argument, each in zip_longest(arguments, types[: len(arguments)])
            ]
            value = function.call(run, held)
            return self.checked(value, wanted.result, element, f"{function.name!r}")

        return replace(function, call=call)
