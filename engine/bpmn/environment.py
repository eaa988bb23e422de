"""What an advance may know beside state and trigger: pinned at deployment, or of the moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.bpmn.definition import Definition


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """What a decision said, and by which rows of which version."""

    value: Any
    version: str
    rules: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()  # sentences; any makes the business rule task an incident


class Decide(Protocol):
    def __call__(self, context: Mapping[str, Any]) -> DecisionOutcome: ...


@dataclass(frozen=True, slots=True)
class Environment:
    """`definitions` are the called processes and `decisions` the tables of the case's own closure.

    `data` is the case's personal data, readable in every expression as `data` and never written by
    one. `functions` are our additions to FEEL (working days, masking …). `step_budget` bounds the
    elements one advance may enter: more is an incident `budget.steps`, never a hang. Into `taken`,
    where there is one, go the (process, sequence flow) that tokens travelled.
    """

    definitions: Mapping[str, Definition] = field(default_factory=dict)
    decisions: Mapping[str, Decide] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    step_budget: int = 1000
    taken: set[tuple[str, str]] | None = None
