"""Multi-instances: one activity for each item, each with variables of its own.

Writes inside an item stay in the item. What comes out is the output collection, assembled by index:
an item that was cancelled by the completion condition leaves null at its place.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.bpmn import facts
from engine.bpmn.definition import Element, MultiInstance
from engine.bpmn.interpreter_run import Blocked, Run, Step
from engine.bpmn.interpreter_variables import (
    condition,
    evaluate,
    evaluate_as,
    storable,
    view,
    whole_number,
)
from engine.bpmn.state import Activation, Loop, Role, Stage

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
    """Keep one item's result; start the next, or complete the whole."""
    item = run.parent(activation)
    container = run.parent(item)
    instances = run.element(container).multi_instance
    loop = container.loop
    if instances is None or loop is None:
        raise LookupError(f"Expected {container.element} to be a multi-instance, but it is not")
    result = None
    if instances.output_element is not None:
        result = storable(_RESULT, evaluate(run, instances.output_element, view(run, item)))
    is_enough = _is_enough(run, item, instances, loop, len(container.children))
    loop.done += 1
    if loop.results is not None:
        loop.results[_index(item)] = result
    run.emit(facts.ElementCompleted(activation.key, activation.process, activation.element))
    run.close(activation)
    run.close(item)
    if is_enough or loop.done == loop.total:
        run.end_children(container)
        _finish(run, container, instances, loop)
    elif loop.items is not None:
        run.push_all([_start_item(run, container, instances, loop.done, loop.items[loop.done])])


def _index(item: Activation) -> int:
    return int(item.key[item.key.rindex("[") + 1 : -1]) - 1


def _is_enough(
    run: Run, item: Activation, instances: MultiInstance, loop: Loop, active: int
) -> bool:
    if instances.completion_condition is None:
        return False
    counts = {
        "numberOfInstances": Decimal(loop.total),
        "numberOfActiveInstances": Decimal(active - 1),
        "numberOfCompletedInstances": Decimal(loop.done + 1),
    }
    return condition(run, instances.completion_condition, view(run, item, counts))


def _finish(run: Run, container: Activation, instances: MultiInstance, loop: Loop) -> None:
    results = {}
    if instances.output_collection is not None:
        results[instances.output_collection] = loop.results
    run.push(Stage.LEAVE, container, results)
