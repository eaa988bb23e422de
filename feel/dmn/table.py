"""Runs decision tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from feel.compile_tests import INPUT
from feel.dmn.boxed import Boxed, Scope, Text
from feel.dmn.hit_policy import AGGREGATORS, HitPolicy, Match, Outcome, decide
from feel.dmn.item_types import ItemType
from feel.dmn.work import MatchedRule, TableUse, Work
from feel.errors import BudgetExceeded, Code, Fault
from feel.expression import UnaryTests
from feel.runtime import Frame, Run


@dataclass(frozen=True)
class Input:
    """A column of conditions. `label` is the text of its expression."""

    label: str
    value: Text
    type: ItemType | None
    allowed: UnaryTests | None
    element: str


@dataclass(frozen=True)
class Output:
    """A column of results; `name` may be empty if it is the only one."""

    name: str
    type: ItemType | None
    allowed: UnaryTests | None
    default: Boxed | None
    element: str


@dataclass(frozen=True)
class Cell:
    """One condition; `tests` is None where everything fits."""

    tests: UnaryTests | None
    element: str


@dataclass(frozen=True)
class Rule:
    """One row."""

    id: str
    conditions: tuple[Cell, ...]
    results: tuple[Boxed, ...]
    annotations: dict[str, str]


@dataclass(frozen=True)
class DecisionTable:
    """A decision table; one whose columns are rows (or a cross) differs on screen only."""

    id: str
    decision: str
    policy: HitPolicy
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    def evaluate(self, scope: Scope, work: Work) -> Any:
        try:
            return self._evaluate(scope, work)
        except BudgetExceeded as refusal:
            return work.note(Code.BUDGET, str(refusal), self.id)

    def _evaluate(self, scope: Scope, work: Work) -> Any:
        work.meter.spend(1 + len(self.rules))
        inputs = [self._input(column, scope, work) for column in self.inputs]
        matches = self._matches(inputs, scope, work)
        try:
            outcome = decide(self.policy, matches, work.meter) if matches else None
        except Fault as fault:
            self._record(work, inputs, matches)
            return work.note(fault.code, fault.message, self.id)
        used = list(outcome.used) if outcome else []
        self._record(work, inputs, used, by_default=outcome is None and self._has_defaults)
        return self._joined(outcome, scope, work)

    # --- conditions ----------------------------------------------------------------------

    def _input(self, column: Input, scope: Scope, work: Work) -> Any:
        value = column.value.evaluate(scope, work)
        value = work.checked(value, column.type, column.element, f"the input {column.label!r}")
        if (
            value is not None
            and column.allowed is not None
            and column.allowed.position(value, work.meter) is None
        ):
            work.note(
                Code.INPUT_VALUE,
                f"Expected the input {column.label!r} to be one of {column.allowed.text}, "
                "but it is not",
                column.element,
            )
            return None
        return value

    def _matches(self, inputs: list[Any], scope: Scope, work: Work) -> list[Match]:
        run = Run(scope, work.functions, work.meter)
        frames = [Frame(run, scope, None, {INPUT: value}) for value in inputs]
        matches: list[Match] = []
        for index, rule in enumerate(self.rules):
            if not _fits(rule, frames, run, work):
                continue
            values = [result.evaluate(scope, work) for result in rule.results]
            values = [
                self._checked(output, value, work)
                for output, value in zip(self.outputs, values, strict=True)
            ]
            matches.append(Match(index, self._shaped(values), self._rank(values, work)))
            if self.policy is HitPolicy.FIRST:
                break
        return matches

    # --- results -------------------------------------------------------------------------

    def _checked(self, output: Output, value: Any, work: Work) -> Any:
        what = f"the output {output.name!r}" if output.name else "the output"
        value = work.checked(value, output.type, output.element, what)
        if (
            value is not None
            and output.allowed is not None
            and output.allowed.position(value, work.meter) is None
        ):
            work.note(
                Code.OUTPUT_VALUE,
                f"Expected {what} to be one of {output.allowed.text}, but it is not",
                output.element,
            )
            return None
        return value

    def _rank(self, values: list[Any], work: Work) -> tuple[int, ...]:
        """Where each output stands in its list of output values; what is not there comes last."""
        if not self.policy.ordered:
            return ()
        ranks: list[int] = []
        for output, value in zip(self.outputs, values, strict=True):
            if output.allowed is not None:
                position = output.allowed.position(value, work.meter)
                ranks.append(1_000_000 if position is None else position)
        return tuple(ranks)

    def _shaped(self, values: list[Any]) -> Any:
        if len(self.outputs) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _joined(self, outcome: Outcome | None, scope: Scope, work: Work) -> Any:
        if outcome is None:
            return self._without_match(scope, work)
        if not self.aggregation:
            return outcome.value
        try:
            return AGGREGATORS[self.aggregation](outcome.value)
        except Fault as fault:
            return work.note(fault.code, fault.message, self.id)

    @property
    def _has_defaults(self) -> bool:
        return any(output.default is not None for output in self.outputs)

    def _without_match(self, scope: Scope, work: Work) -> Any:
        if self._has_defaults:
            values = [
                output.default.evaluate(scope, work) if output.default else None
                for output in self.outputs
            ]
            default = self._shaped(values)
            return default if self.policy.single or self.aggregation else [default]
        if self.aggregation:
            return AGGREGATORS[self.aggregation]([])
        if not self.policy.single:
            return []
        return work.note(Code.NO_RULE, "Expected a row to match, but none does", self.id)

    def _record(
        self, work: Work, inputs: list[Any], used: list[Match], *, by_default: bool = False
    ) -> None:
        rules = tuple(
            MatchedRule(
                match.index + 1, self.rules[match.index].id, self.rules[match.index].annotations
            )
            for match in used
        )
        seen = tuple(zip((column.label for column in self.inputs), inputs, strict=True))
        work.tables.append(
            TableUse(self.decision, self.id, str(self.policy), seen, rules, by_default)
        )


def _fits(rule: Rule, frames: list[Frame], run: Run, work: Work) -> bool:
    for cell, frame in zip(rule.conditions, frames, strict=True):
        if cell.tests is None:
            continue
        fits = cell.tests.judge(frame) is True
        if run.diagnostics:
            work.take(run.diagnostics, cell.element)
            run.diagnostics.clear()
        if not fits:
            return False
    return True
