"""Events that are caught: what listens, and what happens when it is heard.

An interruption ends activations at once; only then does the catching side go on. Steps of ended
activations fall off the stack (see `interpreter_run`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from engine.bpmn import facts
from engine.bpmn import interpreter_timers as timers
from engine.bpmn.definition import Element, EventKind, EventSpec, Message, MissedTimer, Timer
from engine.bpmn.interpreter_run import Blocked, Run
from engine.bpmn.interpreter_variables import evaluate, view
from engine.bpmn.state import Activation, Listens, Plan, Role, Stage, Wait, WaitKind

# Listening


def prepare(
    run: Run, owner: Activation, element: Element, listens: Listens, seen: Mapping[str, Any]
) -> Wait | None:
    """Return the wait for an element's event, or None where it is thrown inside (error,
    escalation) and looked up when that happens. Raises Blocked; changes nothing."""
    try:
        return _prepare(run, owner, element, listens, seen)
    except Blocked as blocked:
        blocked.element = element.id
        raise


def _prepare(
    run: Run, owner: Activation, element: Element, listens: Listens, seen: Mapping[str, Any]
) -> Wait | None:
    if element.message is not None:  # a receive task
        return _for_message(run, owner, element, listens, element.message, seen)
    event = element.event or EventSpec(EventKind.NONE)
    if event.kind is EventKind.TIMER and event.timer is not None:
        due, plan = timers.first_due(run, event.timer, seen)
        return Wait(WaitKind.TIMER, owner.key, element.id, listens, due=due, plan=plan)
    if event.kind is EventKind.MESSAGE and event.message is not None:
        return _for_message(run, owner, element, listens, event.message, seen)
    if event.kind is EventKind.SIGNAL:
        return Wait(WaitKind.SIGNAL, owner.key, element.id, listens, name=event.code)
    return None


def _for_message(
    run: Run,
    owner: Activation,
    element: Element,
    listens: Listens,
    message: Message,
    seen: Mapping[str, Any],
) -> Wait:
    return Wait(
        WaitKind.MESSAGE,
        owner.key,
        element.id,
        listens,
        name=message.name,
        correlation=correlation_of(run, message, seen),
    )


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
        case _:
            run.emit(facts.SignalAwaited(key, process, wait.element, wait.name or ""))


def listening_element(run: Run, wait: Wait) -> Element:
    """Return the event (or receive task) that a wait was opened for."""
    owner = run.activations[wait.owner]
    process = owner.inner if wait.listens is Listens.SCOPE else owner.process
    return run.definition(process).elements[wait.element]


def _timer(run: Run, wait: Wait) -> Timer:
    event = listening_element(run, wait).event
    if event is None or event.timer is None:
        raise LookupError(f"Expected a timer on {wait.element}, but the definition has none")
    return event.timer


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
        if (wait := prepare(run, activation, elements[boundary], Listens.BOUNDARY, seen))
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
    if start is None and not plain_starts:
        raise Blocked(
            "scope.no-start", f"Expected a plain start event in {scope.inner}, but there is none"
        )
    for key, wait in _prepared_starts(run, scope, shape.event_sub_processes):
        listen(run, run.next_key(scope, key), wait)
    if start is not None:
        happen(run, run.open(scope, start[0]), start[1])
        return
    for element_id in reversed(plain_starts):
        run.push(Stage.ENTER, run.open(scope, element_id))


def is_plain_start(element: Element) -> bool:
    return element.event is None or element.event.kind is EventKind.NONE


def _prepared_starts(
    run: Run, scope: Activation, event_sub_processes: Iterable[str]
) -> list[tuple[str, Wait]]:
    seen = view(run, scope)
    prepared = []
    for event_sub_process in event_sub_processes:
        element = start_of(run, scope, event_sub_process)
        wait = prepare(run, scope, element, Listens.SCOPE, seen)
        if wait is not None:
            prepared.append((element.id, wait))
    return prepared


def start_of(run: Run, scope: Activation, event_sub_process: str) -> Element:
    """Return the start event of an event sub-process in `scope`."""
    definition = run.definition(scope.inner)
    return definition.elements[definition.scopes[event_sub_process].start_events[0]]


# Hearing


_HEARD: dict[WaitKind, Callable[[str], facts.Fact]] = {
    WaitKind.TIMER: facts.TimerFired,
    WaitKind.MESSAGE: facts.MessageReceived,
    WaitKind.SIGNAL: facts.SignalWaitEnded,
}


def heard(run: Run, key: str, payload: dict[str, Any]) -> None:
    """A timer, message or signal came for the wait `key`."""
    element = listening_element(run, run.waits[key])
    wait = run.take_wait(key)
    owner = run.activations[wait.owner]
    if wait.plan is not None and _skip_turn(run, key, wait, element, wait.plan):
        return
    run.emit(_HEARD[wait.kind](key))
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


def _skip_turn(run: Run, key: str, wait: Wait, element: Element, plan: Plan) -> bool:
    event = element.event
    if event is None or event.timer is None or _is_heard_once(wait, element):
        return False
    if not timers.is_skipped(plan, event.timer.missed, run.now):
        return False
    run.emit(facts.TimerCancelled(key))
    owner = run.activations[wait.owner]
    _next_turn(run, wait, plan, event.timer.missed, _counting(run, wait, owner))
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
    if wait.kind is not WaitKind.TIMER:
        listen(run, run.next_key(counting, element.id), wait)
    elif wait.plan is not None:
        _next_turn(run, wait, wait.plan, _timer(run, wait).missed, counting)


def _next_turn(run: Run, wait: Wait, plan: Plan, missed: MissedTimer, counting: Activation) -> None:
    following = timers.after_firing(plan, missed, run.now)
    if following is not None:
        again = Wait(
            wait.kind,
            wait.owner,
            wait.element,
            wait.listens,
            due=timers.due_of(following),
            plan=following,
        )
        listen(run, run.next_key(counting, wait.element), again)


def _decide_gateway(
    run: Run, gateway: Activation, element: Element, key: str, payload: dict[str, Any]
) -> None:
    parent = run.parent(gateway)
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
