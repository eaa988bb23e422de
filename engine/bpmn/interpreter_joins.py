"""Parallel joins: tokens are counted per incoming flow and per scope, so loops cannot fool them."""

from __future__ import annotations

from engine.bpmn.definition import Element, Kind
from engine.bpmn.interpreter_run import Blocked, Run
from engine.bpmn.state import Activation, Stage


def is_join(element: Element) -> bool:
    return element.kind is Kind.PARALLEL_GATEWAY and len(element.incoming) > 1


def satisfies(run: Run, activation: Activation, element: Element, flow_id: str | None) -> bool:
    """Put a token on a join; take one from each flow and say True when each has at least one.

    A second token on one flow waits for the next round (BPMN 2.0.2, 13.4.1).
    """
    if flow_id is None:  # a start; it came along no flow
        return True
    joins = run.parent(activation).joins
    joins[flow_id] = joins.get(flow_id, 0) + 1
    if any(flow not in joins for flow in element.incoming):
        return False
    for flow in element.incoming:
        joins[flow] -= 1
        if not joins[flow]:
            del joins[flow]
    return True


def wait_for_others(run: Run, activation: Activation) -> None:
    """The token is counted in its scope now; nothing of its own remains."""
    scope = run.parent(activation)
    run.close(activation)
    run.push(Stage.CHECK, scope)


def park_starved(run: Run, scope: Activation) -> None:
    """Leave a mark on the first join of a scope in which nothing moves any more."""
    elements = run.definition(scope.inner).elements
    starved = next(
        element_id
        for element_id in run.scope(scope).elements
        if any(flow in scope.joins for flow in elements[element_id].incoming)
    )
    missing = [flow for flow in elements[starved].incoming if flow not in scope.joins]
    run.push(Stage.STUCK, run.open(scope, starved), missing)


def stuck(run: Run, activation: Activation, missing: list[str] | None) -> None:
    """Stop at a join that waits for tokens nobody can send; a retry (None) looks again."""
    if missing is not None:
        raise Blocked(
            "instance.stuck",
            f"Expected a token on each flow into {activation.element}, but nothing is left that "
            f"could come along {', '.join(missing)}",
        )
    wait_for_others(run, activation)
