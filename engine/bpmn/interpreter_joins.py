"""Gateways that wait: tokens are counted per incoming flow and per scope.

A parallel gateway waits for a token on each flow (13.4.1). An inclusive gateway goes on with those
it has when no other can still come (13.4.3); a complex gateway goes on when its condition is true,
and takes the stragglers before it begins anew (13.4.5). Loops cannot fool them: what is counted
belongs to one activation of the scope, and "can still come" is asked of the diagram.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from engine.bpmn.definition import JOINS, PATIENT, Definition, Element, Kind, Scope
from engine.bpmn.interpreter_run import Blocked, Run, Step
from engine.bpmn.interpreter_variables import condition, view
from engine.bpmn.state import Activation, Stage

_SEEN: Final = "+"
_TOKENS: Final = "="


def admits(run: Run, activation: Activation, element: Element, flow_id: str | None) -> bool:
    """Put the token that came along `flow_id` on the element; say whether the element begins.

    None is no flow: a start, or a gateway that `resolve` let go on.
    """
    if flow_id is None:
        return True
    if element.kind in JOINS and len(element.incoming) > 1:
        return _join(run, activation, element, flow_id)
    if element.start_quantity > 1:
        return _gathers(run, activation, element)
    return True


def _join(run: Run, activation: Activation, element: Element, flow_id: str) -> bool:
    joins = run.parent(activation).joins
    joins[flow_id] = joins.get(flow_id, 0) + 1
    if element.kind is Kind.INCLUSIVE_GATEWAY:
        return False  # whether another can still come is known when nothing moves any more
    if element.kind is Kind.COMPLEX_GATEWAY:
        return _complex_begins(run, activation, element)
    if any(flow not in joins for flow in element.incoming):
        return False
    # A second token on one flow waits for the next round (BPMN 2.0.2, 13.4.1).
    take(joins, element.incoming)
    return True


def take(joins: dict[str, int], flows: Iterable[str]) -> list[str]:
    """Take one token off each of the flows that has one; return which had."""
    taken = [flow for flow in flows if flow in joins]
    for flow in taken:
        joins[flow] -= 1
        if not joins[flow]:
            del joins[flow]
    return taken


def _gathers(run: Run, activation: Activation, element: Element) -> bool:
    """Count a token of an activity that needs several (startQuantity, 10.3.1)."""
    joins = run.parent(activation).joins
    name = f"{_TOKENS}{element.id}"
    joins[name] = joins.get(name, 0) + 1
    if joins[name] < element.start_quantity:
        return False
    del joins[name]
    return True


def _complex_begins(run: Run, activation: Activation, element: Element) -> bool:
    joins = run.parent(activation).joins
    if _is_waiting_for_reset(joins, element) or element.activation is None:
        return False
    counts = {flow: Decimal(joins.get(flow, 0)) for flow in element.incoming}
    given = {"activationCount": sum(counts.values(), Decimal()), "waitingForStart": True}
    if not condition(run, element.activation, view(run, activation, {**counts, **given})):
        return False
    for flow in take(joins, element.incoming):
        joins[_SEEN + flow] = 1
    return True


def _is_waiting_for_reset(joins: dict[str, int], element: Element) -> bool:
    return any(_SEEN + flow in joins for flow in element.incoming)


def note_phase(activation: Activation, element: Element, flow_id: str | None) -> None:
    """Let the conditions behind a complex gateway see whether it begins or takes stragglers."""
    is_first = flow_id is not None or len(element.incoming) < 2
    activation.variables["waitingForStart"] = is_first


def wait_for_others(run: Run, activation: Activation) -> None:
    """The token is counted in its scope now; nothing of its own remains."""
    scope = run.parent(activation)
    run.close(activation)
    run.push(Stage.CHECK, scope)


# Gateways that ask whether another token can still come


def resolve_all(run: Run) -> bool:
    """Nothing moves: let one patient gateway go on, if any may. Say whether one did."""
    return any(resolve(run, scope) for scope in list(run.activations.values()) if scope.joins)


def resolve(run: Run, scope: Activation) -> bool:
    """Let the first gateway of `scope` go on to which no other token can come."""
    definition = run.definition(scope.inner)
    for element in _patient_in(definition, run.scope(scope)):
        if _may_go_on(run, scope, definition, element):
            _go_on(run, scope, element)
            return True
    return False


def break_circle(run: Run, scope: Activation) -> bool:
    """Nothing is left in `scope` but tokens at gateways that wait for each other: by the letter of
    13.4.3 for ever. Let the first inclusive one go on."""
    definition = run.definition(scope.inner)
    for element in _patient_in(definition, run.scope(scope)):
        has_token = any(flow in scope.joins for flow in element.incoming)
        if element.kind is Kind.INCLUSIVE_GATEWAY and has_token:
            _go_on(run, scope, element)
            return True
    return False


def _patient_in(definition: Definition, scope: Scope) -> tuple[Element, ...]:
    name = f"patient in {scope.id or ''}"
    known: tuple[Element, ...] | None = definition.memo.get(name)
    if known is None:
        every = (definition.elements[element_id] for element_id in scope.elements)
        known = tuple(element for element in every if element.kind in PATIENT)
        definition.memo[name] = known
    return known


def _may_go_on(run: Run, scope: Activation, definition: Definition, element: Element) -> bool:
    joins = scope.joins
    if element.kind is Kind.INCLUSIVE_GATEWAY:
        marked = [flow for flow in element.incoming if flow in joins]
    elif _is_waiting_for_reset(joins, element):
        marked = [flow for flow in element.incoming if flow in joins or _SEEN + flow in joins]
    else:
        return False
    if not marked:
        return False
    bare = [flow for flow in element.incoming if flow not in marked]
    reach = upstream(definition, element)
    return not any(
        any(token & reach[flow] for flow in bare)
        and not any(token & reach[flow] for flow in marked)
        for token in _tokens(run, scope, definition, element)
    )


def _go_on(run: Run, scope: Activation, element: Element) -> None:
    take(scope.joins, element.incoming)
    for flow in element.incoming:
        scope.joins.pop(_SEEN + flow, None)
    run.push_all([Step(Stage.ENTER, run.open(scope, element.id))])


def _tokens(
    run: Run, scope: Activation, definition: Definition, gateway: Element
) -> Iterator[frozenset[str]]:
    """Yield, for each token of the scope that is not at `gateway`, the flows it may go along."""
    for flow, count in scope.joins.items():
        if count and flow not in gateway.incoming and not flow.startswith((_SEEN, _TOKENS)):
            yield frozenset((flow,))
    for key in scope.children:
        element = definition.elements[run.activations[key].element]
        if element.id != gateway.id:
            yield frozenset(_ways_out(definition, element))


def _ways_out(definition: Definition, element: Element) -> Iterator[str]:
    yield from (flow.id for flow in element.outgoing)
    for boundary in element.boundary:
        yield from (flow.id for flow in definition.elements[boundary].outgoing)


def upstream(definition: Definition, gateway: Element) -> dict[str, frozenset[str]]:
    """Return, for each flow into `gateway`, the flows that lead there without visiting it."""
    known: dict[str, frozenset[str]] | None = definition.memo.get(gateway.id)
    if known is None:
        before = _flows_into(definition)
        known = {flow: _leading_to(definition, before, gateway, flow) for flow in gateway.incoming}
        definition.memo[gateway.id] = known
    return known


def _flows_into(definition: Definition) -> dict[str, str]:
    """The source of each flow; of one that leaves a boundary event, the activity it sits on."""
    return {
        flow.id: element.attached_to or element.id
        for element in definition.elements.values()
        for flow in element.outgoing
    }


def _leading_to(
    definition: Definition, sources: dict[str, str], gateway: Element, last: str
) -> frozenset[str]:
    found = {last}
    waiting = [last]
    while waiting:
        source = sources[waiting.pop()]
        if source == gateway.id:
            continue
        for flow in definition.elements[source].incoming:
            if flow not in found:
                found.add(flow)
                waiting.append(flow)
    return frozenset(found)


# Joins that can never be satisfied


def park_starved(run: Run, scope: Activation) -> None:
    """Leave a mark on the first join of a scope in which nothing moves any more."""
    elements = run.definition(scope.inner).elements
    starved = next(
        element_id
        for element_id in run.scope(scope).elements
        if any(flow in scope.joins for flow in _places(elements[element_id]))
    )
    missing = [flow for flow in elements[starved].incoming if flow not in scope.joins]
    run.push(Stage.STUCK, run.open(scope, starved), missing)


def _places(element: Element) -> tuple[str, ...]:
    return (*element.incoming, f"{_TOKENS}{element.id}")


def stuck(run: Run, activation: Activation, missing: list[str] | None) -> None:
    """Stop at a join that waits for tokens nobody can send; a retry (None) looks again."""
    if missing is not None:
        where = f"come along {', '.join(missing)}" if missing else "let it begin"
        raise Blocked(
            "instance.stuck",
            f"Expected more tokens at {activation.element}, which waits for them, but nothing is "
            f"left that could {where}",
        )
    wait_for_others(run, activation)
