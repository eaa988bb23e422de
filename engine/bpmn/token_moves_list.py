"""The tokens of an instance, as people see them: each with what may be tried with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.bpmn.definition import Definition, Element
from engine.bpmn.environment import Environment
from engine.bpmn.interpreter_run import Run
from engine.bpmn.migration_comparison import flow_of
from engine.bpmn.state import Activation, Role, State, is_ended
from engine.bpmn.token_moves_rules import (
    AT_JOIN,
    Act,
    may_begin,
    refusal,
    scope_and_activation,
    scope_refusal,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `key` names it in deeds: an activation's, or `<scope>><flow>` of one that waits
    at a join. `inside` is how many sub-processes, calls and items lie around it."""

    key: str
    process_id: str
    element_id: str
    name: str
    kind: str
    inside: int
    acts: tuple[Act, ...]


def tokens(definition: Definition, state: State, env: Environment, now: datetime) -> list[Token]:
    """Return every token with what may be tried with it, outermost first, joins after their scope's
    activities. Whether a deed is refused in the end depends on where it leads."""
    if is_ended(state):
        return []
    run = Run(definition, state, now, env)
    found: list[Token] = []
    for activation in run.activations.values():
        if activation.entered and activation.role not in (Role.ROOT, Role.ITEM):
            acts = tuple(act for act in Act if refusal(run, activation, act) is None)
            found.append(_token(run, activation, acts))
        waiting = (name for name in activation.joins if not name.startswith(("+", "=")))
        found.extend(_waiting_token(run, activation, name) for name in waiting)
    return found


def _token(run: Run, activation: Activation, acts: tuple[Act, ...]) -> Token:
    element = run.element(activation)
    return Token(
        activation.key,
        activation.process,
        element.id,
        element.name,
        str(element.kind),
        activation.key.count("/"),
        acts,
    )


def _waiting_token(run: Run, scope: Activation, flow_id: str) -> Token:
    definition = run.definition(scope.inner)
    flow = flow_of(definition, flow_id)
    join = definition.elements[flow.target] if flow else None
    acts = (Act.MOVE, Act.CANCEL) if scope_refusal(run, scope, flow_id) is None else ()
    return Token(
        f"{scope.key}{AT_JOIN}{flow_id}",
        scope.inner,
        join.id if join else flow_id,
        join.name if join else "",
        str(join.kind) if join else "",
        scope.key.count("/") + bool(scope.key),
        acts,
    )


def targets(
    definition: Definition, state: State, key: str, env: Environment, now: datetime
) -> list[Element]:
    """Return the elements a token may be moved to, in the diagram's order. Raises CannotDo."""
    run = Run(definition, state, now, env)
    scope, _ = scope_and_activation(run, key)
    elements = run.definition(scope.inner).elements
    return [
        elements[each]
        for each in run.scope(scope).elements
        if may_begin(run, scope, elements[each])
    ]


def place_of_token(
    definitions: Mapping[str, Definition], state: State, key: str
) -> tuple[str | None, str | None]:
    """Return process and element id of a token, as far as they can be told."""
    scope_key, is_waiting, flow_id = key.partition(AT_JOIN)
    activation = state.activations.get(scope_key)
    if activation is None:
        return None, None
    if not is_waiting:
        return activation.process, activation.element
    flow = flow_of(definitions[activation.inner], flow_id)
    return activation.inner, flow.target if flow else None


def name_of(definitions: Mapping[str, Definition], to: str) -> str:
    """Return what people call an element, or the one a flow leads to."""
    for definition in definitions.values():
        flow = flow_of(definition, to)
        element = definition.elements.get(flow.target if flow else to)
        if element is not None:
            return element.name or element.id
    return to
