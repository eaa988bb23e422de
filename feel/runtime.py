"""What compiled code works on: one Run per evaluation, one Frame per scope entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from feel.errors import Code, Diagnostic, Fault, Position
from feel.limits import MAX_DIAGNOSTICS, Meter
from feel.values import Range, to_feel

Compiled = Callable[["Frame"], Any]
"""A piece of an expression, compiled: takes the frame, gives a FEEL value, notes what it cannot."""


class Run:
    """One evaluation: what it may read, what it may still spend, and what it found wrong."""

    __slots__ = ("_converted", "diagnostics", "functions", "meter", "names")

    def __init__(
        self,
        names: Mapping[str, Any],
        functions: Mapping[str, Callable[..., Any]],
        meter: Meter | None = None,
    ) -> None:
        self.names = names
        self.functions = functions
        self.meter = meter or Meter()
        self.diagnostics: list[Diagnostic] = []
        self._converted: dict[object, Any] = {}

    def note(self, code: Code, message: str, at: Position | None) -> None:
        """Record why a value is null. Returns None, which is that null."""
        if len(self.diagnostics) < MAX_DIAGNOSTICS:
            self.diagnostics.append(Diagnostic(code, message, at))

    def convert(self, key: object, value: Any, at: Position | None) -> Any:
        """Return the FEEL value of something given from outside, once per evaluation."""
        if type(value) is Decimal and value.is_finite():
            return value
        keep = isinstance(value, Mapping | list | tuple | Range)
        if keep and key in self._converted:
            return self._converted[key]
        try:
            converted = to_feel(value, self.meter)
        except Fault as fault:
            return self.note(fault.code, f"{fault.message} in {_name_of(key)}", at)
        if keep:
            self._converted[key] = converted
        return converted


def _name_of(key: object) -> str:
    return ".".join(key) if isinstance(key, tuple) else str(key)


_NO_VALUES: dict[str, Any] = {}


class Frame:
    """The variables of one scope. `names` is the context of the whole evaluation."""

    __slots__ = ("names", "parent", "run", "values")

    def __init__(
        self,
        run: Run,
        names: Mapping[str, Any],
        parent: Frame | None = None,
        values: dict[str, Any] = _NO_VALUES,
    ) -> None:
        self.run = run
        self.names = names
        self.parent = parent
        self.values = values

    def inner(self, values: dict[str, Any]) -> Frame:
        return Frame(self.run, self.names, self, values)
