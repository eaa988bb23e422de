"""Compiled texts: expressions and unary tests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from feel.compile_tests import INPUT, any_of, compile_test, negated
from feel.compiler import known_names, unit_of
from feel.errors import BudgetExceeded, Code, Diagnostic, FeelSyntaxError, Lines
from feel.limits import MAX_STEPS, Meter
from feel.names import KnownNames
from feel.parser import parse_expression, parse_unary_tests
from feel.runtime import Compiled, Frame, Run
from feel.scope import Scope, Unit
from feel.syntax import Node
from feel.type_names import Types
from feel.values import check_size

Functions = Mapping[str, Callable[..., Any]]
_NONE: Functions = MappingProxyType({})
_NO_NAMES: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A value, and everything that became null on the way to it for a reason worth telling."""

    value: Any
    diagnostics: tuple[Diagnostic, ...] = ()


class _Text:
    """What an expression and a cell have in common."""

    def __init__(self, text: str, unit: Unit, compiled: Compiled) -> None:
        self.text = text
        self._unit = unit
        self._compiled = compiled

    @property
    def names_used(self) -> frozenset[str]:
        """Variables read from the context for certain: no local names, no tails of paths."""
        return frozenset(self._unit.names_used)

    @property
    def maybe_used(self) -> frozenset[str]:
        """Names inside filters that are either entries of the items or variables."""
        return frozenset(self._unit.maybe_used - self._unit.names_used)

    @property
    def paths_used(self) -> frozenset[str]:
        """Like names_used, with what is read of them: `applicant.name`."""
        return frozenset(self._unit.paths_used)

    @property
    def functions_used(self) -> frozenset[str]:
        """Names of the functions called that the text does not define itself."""
        return frozenset(self._unit.functions_used)

    def _functions(self, given: Functions | None) -> Functions:
        own = self._unit.functions
        if not given:
            return own
        return {**own, **given} if own else given

    def _settle(self, run: Run, frame: Frame) -> Any:
        """Evaluate, and turn a spent budget into a diagnostic."""
        try:
            value = self._compiled(frame)
            if type(value) is list or type(value) is dict:
                check_size(value, run.meter)
        except BudgetExceeded as refusal:
            run.note(Code.BUDGET, str(refusal), None)
        except RecursionError:
            run.note(Code.BUDGET, "Expected a shallower evaluation; it nests too deep", None)
        else:
            return value
        return None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"


class Expression(_Text):
    """A FEEL expression, compiled once. Safe to share between threads."""

    def __call__(self, context: Mapping[str, Any]) -> Any:
        """Return the value; null (None) where FEEL says so, whatever the reason."""
        run = Run(context, self._unit.functions)
        return self._settle(run, Frame(run, context))

    def evaluate(
        self,
        context: Mapping[str, Any],
        functions: Functions | None = None,
        meter: Meter | None = None,
    ) -> Evaluation:
        """Return the value with its diagnostics.

        `functions` are added to those given at compilation and come before built-ins. Callers
        that evaluate many texts as one piece of work share a `meter`; then BudgetExceeded is
        still a diagnostic of this text, and the next one finds the budget spent.
        """
        run = Run(context, self._functions(functions), meter)
        value = self._settle(run, Frame(run, context))
        return Evaluation(value, tuple(run.diagnostics))


class UnaryTests(_Text):
    """A cell of a decision table, compiled once."""

    def __init__(self, text: str, unit: Unit, compiled: Compiled, tests: Sequence[Compiled]):
        super().__init__(text, unit, compiled)
        self._tests = tuple(tests)

    @property
    def any_value(self) -> bool:
        """Whether the cell is `-` (or empty), which every input fits."""
        return not self._tests

    def judge(self, frame: Frame) -> bool | None:
        """Judge the `?` of `frame`; for callers that judge many cells in one run.

        Raises BudgetExceeded, which `evaluate` turns into a diagnostic.
        """
        return self._compiled(frame)  # type: ignore[no-any-return]

    def position(self, value: Any, meter: Meter) -> int | None:
        """Return which of the tests, counted from 0, holds first for `value`."""
        run = Run(_NO_NAMES, self._unit.functions, meter)
        frame = Frame(run, _NO_NAMES, None, {INPUT: value})
        return next((at for at, test in enumerate(self._tests) if test(frame) is True), None)

    def matches(self, input_value: Any, context: Mapping[str, Any]) -> bool:
        """Say whether the tests hold for `input_value`; unknown is not a match."""
        return self.evaluate(input_value, context).value is True

    def evaluate(
        self,
        input_value: Any,
        context: Mapping[str, Any],
        functions: Functions | None = None,
        meter: Meter | None = None,
    ) -> Evaluation:
        """Return True, False or None (unknown) with the diagnostics."""
        run = Run(context, self._functions(functions), meter)
        frame = Frame(run, context, None, {INPUT: run.convert(INPUT, input_value, None)})
        value = self._settle(run, frame)
        return Evaluation(value, tuple(run.diagnostics))


def compile_expression(
    text: str,
    *,
    names: Collection[str] = (),
    functions: Functions | None = None,
    types: Types | None = None,
) -> Expression:
    """Compile `text`, or raise FeelSyntaxError.

    `names` are the variables that may occur; names with blanks or symbols (`戶籍 地址`,
    `fee-code`) can only be told from operators if they are among them, also when they stand
    behind a point. `functions` are Python callables that take and give FEEL values.
    """
    given = functions or _NONE
    node = _parsed(text, lambda: _tree(text, known_names(names, given.keys())))
    unit = unit_of(names, given, types or {})
    scope = Scope(unit)
    return Expression(text, unit, _parsed(text, lambda: scope.compile(node)))


def compile_unary_tests(
    text: str,
    *,
    names: Collection[str] = (),
    functions: Functions | None = None,
    types: Types | None = None,
) -> UnaryTests:
    """Compile a decision table cell, or raise FeelSyntaxError; see compile_expression."""
    given = functions or _NONE
    is_negated, nodes = _parsed(
        text, lambda: parse_unary_tests(text, known_names(names, given.keys()))
    )
    unit = unit_of(names, given, types or {})
    scope = Scope(unit, None, {INPUT})
    tests = _parsed(text, lambda: tuple(compile_test(node, scope) for node in nodes))
    if not tests:
        return UnaryTests(text, unit, lambda _: True, ())
    joined = any_of(tests)
    return UnaryTests(text, unit, negated(joined) if is_negated else joined, tests)


@lru_cache(maxsize=8_192)
def _tree(text: str, names: KnownNames) -> Node:
    """A library says `= data` thousands of times, and every diagram is read more than once."""
    return parse_expression(text, names)


def unreadable_tests(text: str) -> UnaryTests:
    """Return what stands for a cell that is no FEEL: no input is known to fit it."""

    def unknown(_frame: Frame) -> None:
        return None

    return UnaryTests(text, unit_of((), _NONE, {}), unknown, (unknown,))


def _parsed(text: str, work: Callable[[], Any]) -> Any:
    try:
        return work()
    except RecursionError:
        raise FeelSyntaxError(
            "Expected a shallower expression; split it into several",
            Lines(text).position(0, len(text)),
        ) from None


def evaluate_text(
    text: str, context: Mapping[str, Any], functions: Functions | None = None
) -> Evaluation:
    """Compile and evaluate once. The names of `context` (and of contexts in it) are known.

    Raises FeelSyntaxError.
    """
    names: set[str] = set()
    _collect_names(context, names, 0)
    return compile_expression(text, names=names, functions=functions).evaluate(context)


def _collect_names(context: Mapping[str, Any], into: set[str], depth: int) -> None:
    for name, value in context.items():
        if len(into) > MAX_STEPS // 100:
            return
        into.add(str(name))
        inner = value[0] if isinstance(value, list | tuple) and value else value
        if isinstance(inner, Mapping) and depth < 10:
            _collect_names(inner, into, depth + 1)
