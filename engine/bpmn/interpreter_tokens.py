"""How tokens move: they arrive, leave with results, are routed, and a scope notices it is empty."""

from __future__ import annotations

from typing import Any

from engine.bpmn import facts
from engine.bpmn import interpreter_joins as joins
from engine.bpmn.definition import Element, EventKind, Flow, Kind
from engine.bpmn.interpreter_ad_hoc import ad_hoc_of, end_ad_hoc, goes_on, is_enough
from engine.bpmn.interpreter_compensation import remember
from engine.bpmn.interpreter_run import Blocked, Run, Step
from engine.bpmn.interpreter_variables import condition, mapped, view, write_all
from engine.bpmn.state import Activation, Listens, Role, Stage


def arrive(run: Run, parent: Activation, flows: tuple[Flow, ...]) -> None:
    """Send one token along each flow; they go on in the diagram's order."""
    if len(flows) == 1:
        run.push(Stage.ENTER, run.open(parent, flows[0].target), flows[0].id)
        return
    run.push_all([Step(Stage.ENTER, run.open(parent, flow.target), flow.id) for flow in flows])


def enter(run: Run, activation: Activation, flow_id: str | None) -> None:
    """Tell that an element is active, and let it begin. A join lets one token in for all."""
    run.spend(1)
    element = run.element(activation)
    if flow_id is not None and run.env.taken is not None:
        run.env.taken.add((activation.process, flow_id))
    if element.gathers and not joins.admits(run, activation, element, flow_id):
        joins.wait_for_others(run, activation)
        return
    if element.kind is Kind.COMPLEX_GATEWAY:
        joins.note_phase(activation, element, flow_id)
    activation.entered = True
    run.emit(facts.ElementActivated(activation.key, activation.process, activation.element))
    has_boundary = element.boundary and not is_inside_item(run, activation)
    run.push(Stage.ARM if has_boundary else Stage.BEGIN, activation)


def leave(run: Run, activation: Activation, values: dict[str, Any]) -> None:
    """Turn what an element completed with into variables of the scope around it.

    `values` are FEEL values under names that were checked.
    """
    results = _results(run, activation, run.element(activation), values)
    parent = run.parent(activation)
    if results:
        write_all(run, parent, results)
    is_item = parent.role is Role.ITEM and parent.element == activation.element
    run.push(Stage.ITEM if is_item else Stage.ROUTE, activation)


def _results(
    run: Run, activation: Activation, element: Element, values: dict[str, Any]
) -> dict[str, Any]:
    if element.outputs and activation.role is not Role.MULTI:  # they were applied for each item
        return mapped(run, element.outputs, view(run, activation, over=values))
    if element.event is not None and element.event.kind in (EventKind.ERROR, EventKind.ESCALATION):
        return {}  # code and message are there for mappings only
    return values


def route(run: Run, activation: Activation, _data: Any) -> None:
    """Complete an element and send its tokens on."""
    element = run.element(activation)
    flows = outgoing(run, activation, element)
    parent = run.parent(activation)
    ad_hoc = ad_hoc_of(run, parent)
    is_last = ad_hoc is not None and is_enough(run, parent, ad_hoc)
    if element.kind is Kind.END_EVENT and parent.role is Role.ROOT:
        reach_end(parent, element)
    remember(run, activation, element)
    run.emit(facts.ElementCompleted(activation.key, activation.process, activation.element))
    run.close(activation)
    if ad_hoc is not None and is_last:
        end_ad_hoc(run, parent, ad_hoc)
    elif flows:
        arrive(run, parent, flows * element.completion_quantity)
    else:
        run.push(Stage.CHECK, parent)


def reach_end(root: Activation, element: Element) -> None:
    if element.id not in root.ends:
        root.ends.append(element.id)


def outgoing(run: Run, activation: Activation, element: Element) -> tuple[Flow, ...]:
    """Return the flows on which tokens leave."""
    flows = element.outgoing
    if element.kind is Kind.EXCLUSIVE_GATEWAY:
        return (_first_true(run, activation, element),)
    if (
        element.kind is Kind.COMPLEX_GATEWAY
        and activation.variables.get("waitingForStart") is False
    ):
        return _for_stragglers(run, activation, element)
    if element.forks_plainly or element.kind is Kind.PARALLEL_GATEWAY:
        return flows
    return _all_true(run, activation, element)


def _for_stragglers(run: Run, activation: Activation, element: Element) -> tuple[Flow, ...]:
    """Only what asks for it by a condition goes on when a complex gateway begins anew."""
    seen = view(run, activation)
    return tuple(
        flow
        for flow in element.outgoing
        if flow.condition is not None and condition(run, flow.condition, seen)
    )


def _first_true(run: Run, activation: Activation, element: Element) -> Flow:
    seen = view(run, activation)
    for flow in element.outgoing:
        if flow.default:
            continue
        if flow.condition is None or condition(run, flow.condition, seen):
            return flow
    return _default(element)


def _all_true(run: Run, activation: Activation, element: Element) -> tuple[Flow, ...]:
    seen = view(run, activation)
    taken = tuple(
        flow
        for flow in element.outgoing
        if not flow.default and (flow.condition is None or condition(run, flow.condition, seen))
    )
    return taken or (_default(element),)


def _default(element: Element) -> Flow:
    for flow in element.outgoing:
        if flow.default:
            return flow
    raise Blocked(
        "gateway.no-flow",
        f"Expected a way on from {element.id}, but no condition on its outgoing flows is true "
        "and none of them is the default",
    )


def check(run: Run, scope: Activation, _data: Any) -> None:
    """Let a scope end when nothing is left in it; say so if something is left that cannot move."""
    if scope.children:
        return
    if scope.undo is not None:
        run.push(Stage.UNDO, scope)
    elif scope.role is Role.ITEM:  # what was seen by a compensation handler
        parent = run.parent(scope)
        run.close(scope)
        run.push(Stage.CHECK, parent)
    elif scope.joins:
        if not (joins.resolve(run, scope) or joins.break_circle(run, scope)):
            joins.park_starved(run, scope)
    elif scope.role is Role.ROOT:
        run.complete_instance(scope)
    elif not goes_on(run, scope):
        _stop_listening(run, scope)
        run.push(Stage.LEAVE, scope, {})


def _stop_listening(run: Run, scope: Activation) -> None:
    # Its boundary events go on listening until it has left: its results may still be an incident.
    for key in list(scope.waits):
        if run.waits[key].listens is Listens.SCOPE:
            run.cancel_wait(key)


def is_inside_item(run: Run, activation: Activation) -> bool:
    """Say whether this is the activity of one multi-instance item, not the whole."""
    parent = run.parent(activation)
    return parent.role is Role.ITEM and parent.element == activation.element
