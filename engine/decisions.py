"""The decisions of a closure, ready to be asked by business rule tasks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from engine.bpmn.environment import Decide, DecisionOutcome
from engine.manifests import PackageError
from engine.package_files import read_table
from feel import Code
from feel.dmn import DmnError, Model, TableUse, parse

_IN_CELLS = frozenset({Code.NULL_OPERAND, Code.UNKNOWN_ENTRY})
"""A cell that meets an absent value does not match; that is how tables are read. Whatever else
goes wrong in a decision stops the case rather than being guessed."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of one version of one file."""

    name: str
    model: Model
    version: str  # the file's hash, shortened
    inputs: frozenset[str]

    def decide(
        self, context: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> DecisionOutcome:
        """Evaluate with the variables of `context` that the decision reads."""
        given = {name: context[name] for name in self.inputs if name in context}
        result = self.model.evaluate(self.name, given, functions)
        return DecisionOutcome(
            value=result.value,
            version=self.version,
            rules=tuple(rule for table in result.tables for rule in _rules(table)),
            problems=tuple(
                f"{each.message} (decision {self.name}, {each.element or 'no element'})"
                for each in result.diagnostics
                if each.code not in _IN_CELLS
            ),
        )


def read_decisions(
    files: Mapping[str, bytes], beside: Mapping[str, bytes] | None = None
) -> dict[str, Decision]:
    """All decisions of the files (name → content), by id. Raises PackageError naming the file.

    What the files import is looked for among them, and in the files `beside` them.
    """
    by_namespace = {
        read_table(content, name).namespace: content
        for name, content in {**(beside or {}), **files}.items()
    }
    found: dict[str, Decision] = {}
    for name, content in files.items():
        try:
            model = _parsed(content, _imported(content, name, by_namespace))
        except DmnError as error:
            raise PackageError(name, error.message) from error
        version = hashlib.sha256(content).hexdigest()[:16]
        for decision in read_table(content, name).decisions:
            found[decision] = Decision(decision, model, version, model.input_names(decision))
    return found


@lru_cache(maxsize=512)
def _parsed(content: bytes, imports: tuple[tuple[str, bytes], ...]) -> Model:
    """A model is immutable, and the tables that many packages use are the same bytes."""
    return parse(content, dict(imports), strict=True)


def _imported(
    content: bytes, name: str, by_namespace: Mapping[str, bytes]
) -> tuple[tuple[str, bytes], ...]:
    """What a file imports, and what that imports, by namespace."""
    wanted, found = list(read_table(content, name).imports), dict[str, bytes]()
    for namespace in wanted:
        if namespace in by_namespace and namespace not in found:
            found[namespace] = by_namespace[namespace]
            wanted.extend(read_table(by_namespace[namespace], namespace).imports)
    return tuple(sorted(found.items()))


def bound(
    decisions: Mapping[str, Decision], functions: Mapping[str, Callable[..., Any]]
) -> dict[str, Decide]:
    """The decisions as the interpreter asks them, with the functions of the moment."""
    return {name: partial(_ask, decision, functions) for name, decision in decisions.items()}


def _ask(
    decision: Decision, functions: Mapping[str, Callable[..., Any]], context: Mapping[str, Any]
) -> DecisionOutcome:
    return decision.decide(context, functions)


def _rules(table: TableUse) -> list[str]:
    if table.by_default:
        return [f"{table.table}:default"]
    return [f"{table.table}:{rule.row}" for rule in table.rules]
