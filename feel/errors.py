"""What can go wrong with an expression: before it runs (syntax) and while it runs (diagnostics)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum


class Code(StrEnum):
    """The stable codes of diagnostics; other packages and translations rely on them."""

    UNKNOWN_NAME = "unknown-name"
    UNKNOWN_ENTRY = "unknown-entry"
    WRONG_TYPE = "wrong-type"
    NULL_OPERAND = "null-operand"
    NO_SUCH_FUNCTION = "no-such-function"
    BAD_ARGUMENT = "bad-argument"
    DIVISION_BY_ZERO = "division-by-zero"
    OUT_OF_RANGE = "out-of-range"
    NO_CLOCK = "no-clock"
    BUDGET = "budget"
    # Only from decision models:
    UNREADABLE = "unreadable"
    MISSING_INPUT = "missing-input"
    INPUT_VALUE = "input-value"
    OUTPUT_VALUE = "output-value"
    SEVERAL_RULES = "several-rules"
    NO_RULE = "no-rule"


@dataclass(frozen=True, slots=True)
class Position:
    """A stretch of the text: `line` and `column` count from 1, `start` and `end` from 0."""

    line: int
    column: int
    start: int
    end: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


class Lines:
    """Turns offsets of one text into positions."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        self._starts += [at + 1 for at, character in enumerate(text) if character == "\n"]

    def position(self, start: int, end: int) -> Position:
        line = bisect_right(self._starts, start)
        return Position(line, start - self._starts[line - 1] + 1, start, end)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Why a value became null. `element` names the DMN element that holds the text, if any."""

    code: Code
    message: str
    position: Position | None = None
    element: str | None = None

    def within(self, element: str) -> Diagnostic:
        """Return this diagnostic as one of `element`, unless it already names its own."""
        return self if self.element is not None else replace(self, element=element)

    def __str__(self) -> str:
        place = f" ({self.position})" if self.position else ""
        owner = f" in {self.element}" if self.element else ""
        return f"{self.code}: {self.message}{place}{owner}"


class FeelError(Exception):
    """The base of what this package raises on purpose."""


class FeelSyntaxError(FeelError):
    """The text is not an expression. `message` is a sentence; `position` says where."""

    def __init__(self, message: str, position: Position) -> None:
        super().__init__(f"{message} ({position})")
        self.message = message
        self.position = position


class Fault(FeelError):
    """A function cannot give a value; the call becomes null and `message` its diagnostic.

    Functions handed to FEEL from outside raise it to say in one sentence why they refuse.
    """

    def __init__(self, message: str, code: Code = Code.BAD_ARGUMENT) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class BudgetExceeded(FeelError):
    """The evaluation would take more steps, depth or memory than any honest expression does."""
