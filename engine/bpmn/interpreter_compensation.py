"""Compensation: what was completed is made good, the last one first (BPMN 2.0.2, 10.7 and 13.5.5).

A scope remembers what was completed in it and has something to make it good: a handler at a
compensation boundary event, or, of a sub-process, a compensation event sub-process or something
inside it. A thrown compensation takes those records and works them off one by one, in the reverse
order of completion. A sub-process comes to life again for it, with its variables as they were.
A cancelled transaction ends what is active in it, compensates the rest, and leaves by its cancel
event (10.3.5.3).
"""

from __future__ import annotations

from engine.bpmn import facts
from engine.bpmn.definition import Definition, Element, EventKind, EventSpec, Kind
from engine.bpmn.interpreter_events import occur_on_boundary, open_event_sub_process, start_of
from engine.bpmn.interpreter_run import Blocked, Run
from engine.bpmn.interpreter_variables import take_inputs
from engine.bpmn.state import Activation, Done, Listens, Role, Stage


def remember(run: Run, activation: Activation, element: Element) -> None:
    """Keep what was just completed, if anything could make it good."""
    if activation.role is Role.MULTI:
        run.parent(activation).done.extend(activation.done)  # its items were remembered by it
        return
    keeper = run.parent(activation)
    is_scope = activation.role in (Role.SCOPE, Role.CALL)
    if element.kind is Kind.EVENT_SUB_PROCESS or element.for_compensation:
        return
    if (
        activation.done
        or (element.boundary and _handler(run, activation.process, element))
        or (is_scope and _own_start(run, activation) is not None)
    ):
        own = activation.variables if is_scope else {}
        if keeper.role is Role.ITEM:
            own = {**keeper.variables, **own}
            keeper = run.parent(keeper)
        keeper.done.append(Done(element.id, own, activation.done))


def _handler(run: Run, process: str, element: Element) -> str | None:
    elements = run.definition(process).elements
    handlers = (elements[boundary].handler for boundary in element.boundary)
    return next((handler for handler in handlers if handler), None)


def _own_start(run: Run, scope: Activation) -> Element | None:
    """Return the start of the scope's own compensation event sub-process, if it has one."""
    for event_sub_process in run.scope(scope).event_sub_processes:
        start = start_of(run, scope, event_sub_process)
        if start.event is not None and start.event.of_kind(EventKind.COMPENSATION):
            return start
    return None


# Throwing


def throw_compensation(
    run: Run, activation: Activation, element: Element, event: EventSpec
) -> bool:
    """Begin to compensate. Say whether the thrower waits: then it leaves when all is done."""
    take_inputs(run, activation, element)
    records = _take(run, run.parent(activation), event.activity)
    if not records:
        return False
    container = activation
    if not event.waits:
        parent = run.parent(activation)
        key = run.next_key(parent, element.id)
        container = run.add(parent, element.id, Role.UNDO, key, parent.inner)
    container.role = Role.UNDO
    container.undo = records
    run.push(Stage.UNDO, container)
    return event.waits


def _take(run: Run, scope: Activation, activity: str | None) -> list[Done]:
    """Take the records that a throw in `scope` means, oldest first, out of the scopes they lie in.

    From inside an event sub-process it means those of the scope around it as well (10.5.6).
    """
    taken: list[Done] = []
    keeper: Activation | None = scope
    while keeper is not None:
        meant = [each for each in keeper.done if activity in (None, each.element)]
        keeper.done = [each for each in keeper.done if each not in meant]
        taken = meant + taken
        inside = keeper.role is Role.SCOPE and _is_event_sub_process(run, keeper)
        keeper = run.parent(keeper) if inside else None
    return taken


def _is_event_sub_process(run: Run, scope: Activation) -> bool:
    return run.element(scope).kind is Kind.EVENT_SUB_PROCESS


# Working off


def undo(run: Run, container: Activation, _data: object) -> None:
    """Compensate what was completed last; when nothing is left, the container goes on."""
    if container.undo:
        _compensate(run, container, container.undo.pop())
        return
    container.undo = None
    if container.role is Role.UNDO:
        _go_on(run, container)
        return
    parent = run.parent(container)
    run.emit(facts.ElementCompleted(container.key, container.process, container.element))
    run.close(container)
    run.push(Stage.CHECK, parent)


def _compensate(run: Run, container: Activation, done: Done) -> None:
    definition = run.definition(container.inner)
    element = definition.elements[done.element]
    handler = _handler(run, container.inner, element)
    if handler is None:
        _revive(run, container, definition, element, done)
        return
    place = container
    if done.variables:  # those of an item: the handler sees them as the activity did
        key = f"{container.key}[{len(container.undo or ()) + 1}]"
        place = run.add(container, container.element, Role.ITEM, key, container.inner)
        place.variables = done.variables.copy()
    run.push(Stage.ENTER, run.open(place, handler))


def _revive(
    run: Run, container: Activation, definition: Definition, element: Element, done: Done
) -> None:
    """Let a completed sub-process or called process make itself good."""
    scope = run.open(container, element.id)
    scope.role = Role.SCOPE if element.called is None else Role.CALL
    scope.inner = element.called or definition.process_id
    scope.variables = done.variables.copy()
    scope.entered = True
    run.emit(facts.ElementActivated(scope.key, scope.process, scope.element))
    start = _own_start(run, scope)
    if start is None:
        scope.undo = list(done.inner)
        run.push(Stage.UNDO, scope)
    else:
        scope.undo = []
        scope.done = list(done.inner)
        open_event_sub_process(run, scope, start, {})


def _go_on(run: Run, container: Activation) -> None:
    element = run.element(container)
    event = element.event or EventSpec(EventKind.NONE)
    if event.kind is EventKind.CANCEL:
        _leave_transaction(run, container, element)
    elif container.entered:
        container.role = Role.LEAF
        run.push(Stage.LEAVE, container, {})
    else:  # nobody waited for it
        parent = run.parent(container)
        run.close(container)
        run.push(Stage.CHECK, parent)


# Transactions


def cancel_transaction(run: Run, activation: Activation, element: Element) -> None:
    """A cancel end event is reached: end what is active, then compensate what was completed."""
    del element
    transaction = run.parent(activation)
    transaction.joins.clear()
    transaction.interrupted = True
    for key in list(transaction.waits):
        if run.waits[key].listens is Listens.SCOPE:
            run.cancel_wait(key)
    for key in list(transaction.children):
        if key != activation.key:
            run.end(run.activations[key])
    activation.role = Role.UNDO
    activation.undo, transaction.done = transaction.done, []
    run.push(Stage.UNDO, activation)


def _leave_transaction(run: Run, container: Activation, element: Element) -> None:
    transaction = run.parent(container)
    elements = run.definition(transaction.process).elements
    for boundary in elements[transaction.element].boundary:
        event = elements[boundary].event
        if event is not None and event.of_kind(EventKind.CANCEL):
            run.emit(facts.ElementCompleted(container.key, container.process, element.id))
            run.close(container)
            occur_on_boundary(run, transaction, elements[boundary], {})
            return
    raise Blocked(
        "transaction.no-cancel",
        f"Expected a cancel boundary event on {transaction.element}, by which the cancelled "
        "transaction leaves, but there is none",
    )
