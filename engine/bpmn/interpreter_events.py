"""Events that are caught: what listens, and what happens when it is heard.

An interruption ends activations at once; only then does the catching side go on. Steps of ended
activations fall off the stack (see `interpreter_run`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from engine.bpmn import facts
from engine.bpmn import interpreter_timers as timers
from engine.bpmn.definition import (
    Element,
    EventKind,
    EventSpec,
    Message,
    MissedTimer,
    Scope,
    Timer,
)
from engine.bpmn.interpreter_ad_hoc import ad_hoc_of, open_ad_hoc
from engine.bpmn.interpreter_run import Blocked, Run
from engine.bpmn.interpreter_variables import evaluate, view
from engine.bpmn.state import Activation, Listens, Plan, Role, Stage, Wait, WaitKind

HAS_BEEN_TRUE: Final = "has been true"
"""The name of a wait for a condition that must be false before it can come true again."""


# Listening


def prepare(
    run: Run, owner: Activation, element: Element, listens: Listens, seen: Mapping[str, Any]
) -> list[Wait]:
    """Return the waits for an element's event: several for a multiple one, none where it is thrown
    inside (error, escalation) and looked up when that happens. Raises Blocked; changes nothing."""
    try:
        if element.message is not None:  # a receive task
            wait = Wait(WaitKind.MESSAGE, owner.key, element.id, listens)
            return [_for_message(run, wait, element.message, seen)]
        event = element.event or EventSpec(EventKind.NONE)
        if not event.parts:
            return _prepared(run, Wait(WaitKind.TIMER, owner.key, element.id, listens), event, seen)
        return [
            wait
            for at, part in enumerate(event.parts)
            for wait in _prepared(
                run, Wait(WaitKind.TIMER, owner.key, element.id, listens, part=at), part, seen
            )
        ]
    except Blocked as blocked:
        blocked.element = element.id
        raise


def _prepared(run: Run, blank: Wait, event: EventSpec, seen: Mapping[str, Any]) -> list[Wait]:
    if event.kind is EventKind.TIMER and event.timer is not None:
        due, plan = timers.first_due(run, event.timer, seen)
        return [replace(blank, kind=WaitKind.TIMER, due=due, plan=plan)]
    if event.kind is EventKind.MESSAGE and event.message is not None:
        return [_for_message(run, blank, event.message, seen)]
    if event.kind is EventKind.SIGNAL:
        return [replace(blank, kind=WaitKind.SIGNAL, name=event.code)]
    if event.kind is EventKind.CONDITIONAL:
        return [replace(blank, kind=WaitKind.CONDITION)]
    return []


def _for_message(run: Run, blank: Wait, message: Message, seen: Mapping[str, Any]) -> Wait:
    correlation = correlation_of(run, message, seen)
    return replace(blank, kind=WaitKind.MESSAGE, name=message.name, correlation=correlation)


def correlation_of(run: Run, message: Message, seen: Mapping[str, Any]) -> str | None:
    """Return the text a message is matched by, or None where its name is enough."""
    if message.correlation_key is None:
        return None
    value = evaluate(run, message.correlation_key, seen)
    if type(value) is str and value:
        return value
    if type(value) is Decimal:
        return format(value.normalize(), "f")
    raise Blocked(
        "message.no-correlation-key",
        f"Expected `{message.correlation_key.text}` to give the text or number by which message "
        f"{message.name} is matched, but it gave {value!r}",
    )


def listen(run: Run, key: str, wait: Wait) -> None:
    """Open a prepared wait and tell it."""
    run.wait(key, wait)
    owner = run.activations[wait.owner]
    process = owner.inner if wait.listens is Listens.SCOPE else owner.process
    match wait.kind:
        case WaitKind.TIMER:
            timer = _timer(run, wait)
            run.emit(
                facts.TimerScheduled(key, process, wait.element, wait.due, timer.clock, timer.point)
            )
        case WaitKind.MESSAGE:
            run.emit(
                facts.MessageAwaited(key, process, wait.element, wait.name or "", wait.correlation)
            )
        case WaitKind.SIGNAL:
            run.emit(facts.SignalAwaited(key, process, wait.element, wait.name or ""))
        case _:
            pass  # a condition: it is looked at whenever the instance comes to rest


def listening_element(run: Run, wait: Wait) -> Element:
    """Return the event (or receive task) that a wait was opened for."""
    owner = run.activations[wait.owner]
    process = owner.inner if wait.listens is Listens.SCOPE else owner.process
    return run.definition(process).elements[wait.element]


def listening_event(run: Run, wait: Wait) -> EventSpec:
    """Return the event definition that a wait was opened for."""
    event = listening_element(run, wait).event or EventSpec(EventKind.NONE)
    return event if wait.part is None else event.parts[wait.part]


def _timer(run: Run, wait: Wait) -> Timer:
    timer = listening_event(run, wait).timer
    if timer is None:
        raise LookupError(f"Expected a timer on {wait.element}, but the definition has none")
    return timer


def arm(run: Run, activation: Activation, _data: Any) -> None:
    """Let the boundary events of an activity listen, then let it begin.

    All are prepared before the first listens.
    """
    parent = run.parent(activation)
    elements = run.definition(activation.process).elements
    seen = view(run, parent)
    waits = [
        wait
        for boundary in run.element(activation).boundary
        for wait in prepare(run, activation, elements[boundary], Listens.BOUNDARY, seen)
    ]
    for wait in waits:
        listen(run, run.next_key(parent, wait.element), wait)
    run.push(Stage.BEGIN, activation)


def open_scope(run: Run, scope: Activation, start: tuple[str, Any] | None) -> None:
    """Let a scope's event sub-processes listen, and its start event occur.

    `start` names another start event than the plain one, and what it was started with.
    """
    shape = run.scope(scope)
    elements = run.definition(scope.inner).elements
    plain_starts = [each for each in shape.start_events if is_plain_start(elements[each])]
    ad_hoc = ad_hoc_of(run, scope)
    if start is None and not plain_starts and ad_hoc is None:
        raise Blocked(
            "scope.no-start", f"Expected a plain start event in {scope.inner}, but there is none"
        )
    for key, wait in _prepared_starts(run, scope, shape.event_sub_processes):
        listen(run, run.next_key(scope, key), wait)
    if ad_hoc is not None:
        open_ad_hoc(run, scope, ad_hoc)
        return
    if start is not None:
        for element_id in _awaited_too(elements, shape, start[0]):
            run.push(Stage.ENTER, run.open(scope, element_id))
        happen(run, run.open(scope, start[0]), start[1])
        return
    for element_id in reversed(plain_starts):
        run.push(Stage.ENTER, run.open(scope, element_id))


def _awaited_too(elements: Mapping[str, Element], shape: Scope, begun_by: str) -> list[str]:
    """Return the other events of a parallel instantiating gateway: the first began the instance,
    and it waits for the rest (BPMN 2.0.2, 10.6.6)."""
    for element_id in shape.elements:
        gateway = elements[element_id]
        targets = [flow.target for flow in gateway.outgoing]
        if gateway.instantiates and gateway.all_events and begun_by in targets:
            return [target for target in reversed(targets) if target != begun_by]
    return []


def is_plain_start(element: Element) -> bool:
    """Say whether it begins without a trigger (a receive task has one)."""
    if element.message is not None:
        return False
    return element.event is None or element.event.kind is EventKind.NONE


def _prepared_starts(
    run: Run, scope: Activation, event_sub_processes: Iterable[str]
) -> list[tuple[str, Wait]]:
    seen = view(run, scope)
    prepared: list[tuple[str, Wait]] = []
    for event_sub_process in event_sub_processes:
        element = start_of(run, scope, event_sub_process)
        waits = prepare(run, scope, element, Listens.SCOPE, seen)
        prepared.extend((element.id, wait) for wait in waits)
    return prepared


def start_of(run: Run, scope: Activation, event_sub_process: str) -> Element:
    """Return the start event of an event sub-process in `scope`."""
    definition = run.definition(scope.inner)
    return definition.elements[definition.scopes[event_sub_process].start_events[0]]


# Conditions


def settle(run: Run) -> bool:
    """Everything waits: let one condition that has come true be heard. Say whether one was.

    A condition over names without a value yet is not true; it is no fault to wait for them.
    """
    for key, wait in list(run.waits.items()):
        if wait.kind is not WaitKind.CONDITION:
            continue
        is_true = _holds(run, wait)
        if is_true and wait.name is None:
            heard(run, key, {})
            return True
        if not is_true and wait.name is not None:
            run.waits[key] = replace(wait, name=None)
    return False


def _holds(run: Run, wait: Wait) -> bool:
    condition = listening_event(run, wait).condition
    owner = run.activations[wait.owner]
    place = run.parent(owner) if wait.listens is Listens.BOUNDARY else owner
    if condition is None:
        return False
    return condition.evaluate(view(run, place), functions=run.env.functions).value is True


# Hearing


_HEARD: dict[WaitKind, Callable[[str], facts.Fact]] = {
    WaitKind.TIMER: facts.TimerFired,
    WaitKind.MESSAGE: facts.MessageReceived,
    WaitKind.SIGNAL: facts.SignalWaitEnded,
}


def heard(run: Run, key: str, payload: dict[str, Any]) -> None:
    """A timer, message or signal came, or a condition became true, for the wait `key`."""
    element = listening_element(run, run.waits[key])
    wait = run.take_wait(key)
    owner = run.activations[wait.owner]
    if wait.plan is not None and _skip_turn(run, key, wait, element, wait.plan):
        return
    if wait.kind in _HEARD:
        run.emit(_HEARD[wait.kind](key))
    whole = payload if wait.part is None else _whole(run, owner, wait, element, payload)
    if whole is not None:
        _occur(run, key, wait, element, whole)


def _occur(run: Run, key: str, wait: Wait, element: Element, payload: dict[str, Any]) -> None:
    owner = run.activations[wait.owner]
    match wait.listens:
        case Listens.SELF:
            run.push(Stage.LEAVE, owner, payload)
        case Listens.GATEWAY:
            _decide_gateway(run, owner, element, key, payload)
        case Listens.BOUNDARY:
            _listen_again(run, wait, element, run.parent(owner))
            occur_on_boundary(run, owner, element, payload, key)
        case Listens.SCOPE:
            _listen_again(run, wait, element, owner)
            start_event_sub_process(run, owner, element, payload)


def _whole(
    run: Run, owner: Activation, wait: Wait, element: Element, payload: dict[str, Any]
) -> dict[str, Any] | None:
    """One part of a multiple event was heard: return the payload of the event, None if parts of a
    parallel one are still missing."""
    others = [
        key
        for key in owner.waits
        if (other := run.waits[key]).element == wait.element and other.listens is wait.listens
    ]
    if element.event is not None and element.event.kind is EventKind.PARALLEL_MULTIPLE:
        owner.heard[element.id] = {**owner.heard.get(element.id, {}), **payload}
        return None if others else owner.heard.pop(element.id)
    if _is_heard_once(wait, element):
        for key in others:
            run.cancel_wait(key)
    return payload


def _skip_turn(run: Run, key: str, wait: Wait, element: Element, plan: Plan) -> bool:
    if _is_heard_once(wait, element):
        return False
    missed = _timer(run, wait).missed
    if not timers.is_skipped(plan, missed, run.now):
        return False
    run.emit(facts.TimerCancelled(key))
    owner = run.activations[wait.owner]
    _next_turn(run, wait, plan, missed, _counting(run, wait, owner))
    return True


def _counting(run: Run, wait: Wait, owner: Activation) -> Activation:
    return run.parent(owner) if wait.listens is Listens.BOUNDARY else owner


def _is_heard_once(wait: Wait, element: Element) -> bool:
    interrupting = element.event is None or element.event.interrupting
    return interrupting or wait.listens not in (Listens.BOUNDARY, Listens.SCOPE)


def _listen_again(run: Run, wait: Wait, element: Element, counting: Activation) -> None:
    """A non-interrupting event may occur again: under a new key, since the old one is used up."""
    if _is_heard_once(wait, element):
        return
    if element.event is not None and element.event.kind is EventKind.PARALLEL_MULTIPLE:
        owner = run.activations[wait.owner]
        for part in prepare(run, owner, element, wait.listens, view(run, counting)):
            listen(run, run.next_key(counting, element.id), part)
    elif wait.kind is WaitKind.CONDITION:
        listen(run, run.next_key(counting, element.id), replace(wait, name=HAS_BEEN_TRUE))
    elif wait.kind is not WaitKind.TIMER:
        listen(run, run.next_key(counting, element.id), wait)
    elif wait.plan is not None:
        _next_turn(run, wait, wait.plan, _timer(run, wait).missed, counting)


def _next_turn(run: Run, wait: Wait, plan: Plan, missed: MissedTimer, counting: Activation) -> None:
    following = timers.after_firing(plan, missed, run.now)
    if following is not None:
        again = replace(wait, due=timers.due_of(following), plan=following)
        listen(run, run.next_key(counting, wait.element), again)


def _decide_gateway(
    run: Run, gateway: Activation, element: Element, key: str, payload: dict[str, Any]
) -> None:
    parent = run.parent(gateway)
    if run.env.taken is not None:
        ways = run.element(gateway).outgoing
        run.env.taken.update((gateway.process, way.id) for way in ways if way.target == element.id)
    run.emit(facts.ElementCompleted(gateway.key, gateway.process, gateway.element))
    run.close(gateway)
    happen(run, run.open(parent, element.id, key), payload)


def happen(run: Run, activation: Activation, payload: dict[str, Any]) -> None:
    """A caught event occurs: it is active for an instant and leaves with its payload."""
    activation.entered = True
    run.emit(facts.ElementActivated(activation.key, activation.process, activation.element))
    run.push(Stage.LEAVE, activation, payload)


def occur_on_boundary(
    run: Run, host: Activation, element: Element, payload: dict[str, Any], key: str | None = None
) -> None:
    """A boundary event occurs; an interrupting one ends its activity first."""
    parent = run.parent(host)
    if element.event is None or element.event.interrupting:
        run.end(host)
    happen(run, run.open(parent, element.id, key), payload)


def start_event_sub_process(
    run: Run, scope: Activation, start: Element, payload: dict[str, Any]
) -> None:
    """An event sub-process starts; an interrupting one ends everything else in its scope first."""
    if start.event is None or start.event.interrupting:
        run.end_children(scope)
        scope.interrupted = True
        for key in list(scope.waits):
            if run.waits[key].listens is Listens.SCOPE:
                run.cancel_wait(key)
    open_event_sub_process(run, scope, start, payload)


def open_event_sub_process(
    run: Run, scope: Activation, start: Element, payload: dict[str, Any]
) -> None:
    """Let an event sub-process begin inside `scope`; nothing is interrupted."""
    event_sub_process = run.open(scope, start.scope or "")
    event_sub_process.role = Role.SCOPE
    event_sub_process.entered = True
    run.emit(
        facts.ElementActivated(
            event_sub_process.key, event_sub_process.process, event_sub_process.element
        )
    )
    declare(run, event_sub_process)
    run.push(Stage.OPEN, event_sub_process, (start.id, payload))


def declare(run: Run, scope: Activation) -> None:
    """Give a scope the variables it declares; those without a value yet are null."""
    for name in run.scope(scope).declares:
        scope.variables.setdefault(name, None)
