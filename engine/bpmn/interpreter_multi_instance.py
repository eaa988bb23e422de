"""Multi-instances: one activity for each item, each with variables of its own.

Writes inside an item stay in the item. What comes out is the output collection, assembled by index:
an item that was cancelled by the completion condition leaves null at its place.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.bpmn import facts
from engine.bpmn.definition import Behaviour, Element, EventSpec, MultiInstance
from engine.bpmn.interpreter_compensation import remember
from engine.bpmn.interpreter_loops import finish_turn, goes_on_after
from engine.bpmn.interpreter_run import Blocked, Run, Step
from engine.bpmn.interpreter_throwing import throw_from_inside
from engine.bpmn.interpreter_variables import (
    condition,
    evaluate,
    evaluate_as,
    storable,
    view,
    whole_number,
)
from engine.bpmn.state import Activation, Loop, Role, Stage
from feel import Expression

_RESULT = "output element"


def open_multi_instance(
    run: Run, activation: Activation, element: Element, instances: MultiInstance
) -> None:
    """Start the first item of a sequential multi-instance, every item of a parallel one."""
    items = _items(run, activation, instances)
    if not instances.sequential:
        run.spend(len(items))  # refuse a huge fan-out as one incident rather than one per item
        run.budget += len(items)
    _check_names(instances)
    activation.role = Role.MULTI
    activation.loop = Loop(
        len(items),
        items=items if instances.sequential else None,
        results=[None] * len(items) if instances.output_collection else None,
    )
    if not items:
        _finish(run, activation, instances, activation.loop)
    elif instances.sequential:
        run.push_all([_start_item(run, activation, instances, 0, items[0])])
    else:
        run.push_all(
            [_start_item(run, activation, instances, at, item) for at, item in enumerate(items)]
        )


def _items(run: Run, activation: Activation, instances: MultiInstance) -> list[Any]:
    seen = view(run, run.parent(activation))
    if instances.collection is not None:
        items: list[Any] = evaluate_as(run, instances.collection, seen, (list,), "a list")
        return [storable(instances.element_variable or "item", item) for item in items]
    if instances.cardinality is None:
        raise Blocked("multi-instance.none", "Expected a collection or a cardinality, but got none")
    count = whole_number(run, instances.cardinality, seen, "how often to run, as a whole number")
    if count < 0:
        raise Blocked(
            "feel.wrong-type",
            f"Expected `{instances.cardinality.text}` to give how often to run, but got {count}",
        )
    if count > run.env.step_budget:
        run.spend(count)
    return [None] * count


def _check_names(instances: MultiInstance) -> None:
    for name in (instances.element_variable, instances.output_collection):
        if name is not None:
            storable(name, None)


def _start_item(
    run: Run, container: Activation, instances: MultiInstance, at: int, item: Any
) -> Step:
    key = f"{container.key}[{at + 1}]"
    scope = run.add(container, container.element, Role.ITEM, key, container.process)
    scope.variables["loopCounter"] = Decimal(at + 1)
    if instances.element_variable is not None and instances.collection is not None:
        scope.variables[instances.element_variable] = item
    return Step(Stage.ENTER, run.open(scope, container.element))


def finish_item(run: Run, activation: Activation, _data: Any) -> None:
    """One item is done: keep its result; start the next, or complete the whole."""
    container = run.parent(run.parent(activation))
    element = run.element(container)
    if element.loop is not None:
        # Asked before anything changes: if it cannot be said, the incident keeps this step.
        goes_on_after(run, container, element.loop)
        _close_item(run, activation, element)
        finish_turn(run, container, element, element.loop)
    elif element.multi_instance is not None and container.loop is not None:
        _finish_instance(run, activation, element, element.multi_instance, container.loop)
    else:
        raise LookupError(f"Expected {container.element} to be a multi-instance, but it is not")


def _close_item(run: Run, activation: Activation, element: Element) -> None:
    item = run.parent(activation)
    remember(run, activation, element)
    run.emit(facts.ElementCompleted(activation.key, activation.process, activation.element))
    run.close(activation)
    run.close(item)


def _finish_instance(
    run: Run, activation: Activation, element: Element, instances: MultiInstance, loop: Loop
) -> None:
    item = run.parent(activation)
    container = run.parent(item)
    result = None
    if instances.output_element is not None:
        result = storable(_RESULT, evaluate(run, instances.output_element, view(run, item)))
    counts = _counts(loop, len(container.children))
    is_enough = _holds(run, instances.completion_condition, item, counts)
    thrown = _thrown(run, item, instances, loop, counts)
    loop.done += 1
    if loop.results is not None:
        loop.results[_index(item)] = result
    _close_item(run, activation, element)
    if is_enough or loop.done == loop.total:
        run.end_children(container)
        _finish(run, container, instances, loop)
    elif loop.items is not None:
        run.push_all([_start_item(run, container, instances, loop.done, loop.items[loop.done])])
    for event in thrown:
        if run.is_live(container):
            throw_from_inside(run, container, element, event)


def _thrown(
    run: Run, item: Activation, instances: MultiInstance, loop: Loop, counts: dict[str, Decimal]
) -> list[EventSpec]:
    """The events that this completion throws (table 10.30)."""
    if instances.behaviour is Behaviour.ONE and loop.done:
        return []
    return [
        rule.event
        for rule in instances.rules
        if rule.condition is None or _holds(run, rule.condition, item, counts)
    ]


def _index(item: Activation) -> int:
    return int(item.key[item.key.rindex("[") + 1 : -1]) - 1


def _counts(loop: Loop, active: int) -> dict[str, Decimal]:
    return {
        "numberOfInstances": Decimal(loop.total),
        "numberOfActiveInstances": Decimal(active - 1),
        "numberOfCompletedInstances": Decimal(loop.done + 1),
        "numberOfTerminatedInstances": Decimal(0),
    }


def _holds(
    run: Run, asked: Expression | None, item: Activation, counts: dict[str, Decimal]
) -> bool:
    return asked is not None and condition(run, asked, view(run, item, counts))


def _finish(run: Run, container: Activation, instances: MultiInstance, loop: Loop) -> None:
    results = {}
    if instances.output_collection is not None:
        results[instances.output_collection] = loop.results
    run.push(Stage.LEAVE, container, results)
