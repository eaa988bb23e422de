"""Runs scenarios in memory: no database, no clock but the scenario's own, no network.

The caller brings what the interpreter does not know: stand-ins for the operations that answer at
once, and the clocks of the case. Stand-ins are pure functions; what was asked of them is recorded.
Requests without a stand-in (`agency.*`) wait until a step of the scenario answers them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.bpmn import facts
from engine.bpmn.definition import Definition
from engine.bpmn.environment import Environment
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import BadValues, UnknownKey, incidents
from engine.bpmn.scenario_case import (
    Clocks,
    NoClocks,
    Performed,
    ScenarioCase,
    StandIns,
    StepFailed,
    Surroundings,
)
from engine.bpmn.scenario_document import Scenario, ScenarioError, parse_scenario

__all__ = [
    "Clocks",
    "NoClocks",
    "Performed",
    "Result",
    "Scenario",
    "ScenarioError",
    "StandIns",
    "Surroundings",
    "check_scenario",
    "flows_of",
    "parse_scenario",
    "run_scenario",
    "unvisited",
]


@dataclass(frozen=True, slots=True)
class Result:
    """`failures` are sentences; none: the scenario holds. `visited` are (process, element), `taken`
    (process, sequence flow)."""

    failures: tuple[str, ...]
    visited: frozenset[tuple[str, str]]
    taken: frozenset[tuple[str, str]]
    performed: tuple[Performed, ...]
    facts: tuple[Fact, ...]


def check_scenario(
    scenario: Scenario,
    definition: Definition,
    env: Environment,
    around: Surroundings,
) -> Result:
    """Run a scenario twice, straight through and saved and loaded between all steps.

    Both runs must hold and tell the same facts.
    """
    straight = run_scenario(scenario, definition, env, around)
    saved = run_scenario(scenario, definition, env, around, save=True)
    if straight.failures or straight.facts == saved.facts:
        return straight
    told = f"Saved and loaded between its steps it runs differently: {'; '.join(saved.failures)}"
    return replace(straight, failures=(told.removesuffix(": "),))


def run_scenario(
    scenario: Scenario,
    definition: Definition,
    env: Environment,
    around: Surroundings,
    *,
    save: bool = False,
) -> Result:
    """Run a scenario once; with `save` the state is dumped and loaded before every trigger."""
    case = ScenarioCase(definition, env, around, save=save)
    try:
        case.file(scenario.file, scenario.at)
    except ValueError as problem:
        return _result(case, [f"Filing: {problem}"])
    failures: list[str] = []
    for number, step in enumerate(scenario.steps, start=1):
        where = f"Step {number} ({type(step).__name__.lower()})"
        try:
            failures += [f"{where}: {failure}" for failure in case.do(step)]
        except (StepFailed, BadValues, UnknownKey, ScenarioError) as problem:
            return _result(case, [*failures, f"{where}: {problem}"])
    return _result(case, failures + _unexpected_incidents(case))


def unvisited(definitions: Iterable[Definition], results: Iterable[Result]) -> list[str]:
    """Return `process/id` of every element and sequence flow no scenario came to, in the diagrams'
    order."""
    reached = {place for result in results for place in (*result.visited, *result.taken)}
    return [
        f"{definition.process_id}/{each}"
        for definition in definitions
        for each in (*definition.elements, *flows_of(definition))
        if (definition.process_id, each) not in reached
    ]


def flows_of(definition: Definition) -> list[str]:
    """The ids of its sequence flows."""
    return [flow.id for element in definition.elements.values() for flow in element.outgoing]


def _result(case: ScenarioCase, failures: list[str]) -> Result:
    visited = frozenset(
        (fact.process_id, fact.element_id)
        for fact in case.facts
        if isinstance(fact, facts.ElementActivated)
    )
    return Result(
        tuple(failures), visited, frozenset(case.taken), tuple(case.performed), tuple(case.facts)
    )


def _unexpected_incidents(case: ScenarioCase) -> list[str]:
    return [
        f"At the end: nobody expected the incident {each.code} at {each.element_id}: {each.message}"
        for each in incidents(case.state)
        if each.code not in case.expected_incidents
    ]
