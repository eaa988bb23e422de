"""Events that are thrown: messages, signals, escalations, errors, terminate.

Errors and escalations are caught by the innermost enclosing event that fits, through called
processes as well. A signal thrown in the instance reaches every wait for it that is open at that
moment, anywhere in the instance, oldest first, before the thrower goes on. It is given out as
`SignalThrown` as well; whoever spreads it to other cases must not give it back to this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from engine.bpmn import facts
from engine.bpmn.definition import Element, EventKind, EventSpec, Kind, Message
from engine.bpmn.interpreter_compensation import cancel_transaction, throw_compensation
from engine.bpmn.interpreter_events import (
    correlation_of,
    heard,
    occur_on_boundary,
    start_event_sub_process,
    start_of,
)
from engine.bpmn.interpreter_run import Blocked, Run
from engine.bpmn.interpreter_tokens import is_inside_item, reach_end
from engine.bpmn.interpreter_variables import given_out, mapped, take_inputs, view
from engine.bpmn.state import ROOT, Activation, Role, Stage, WaitKind


def catcher(
    run: Run, thrower: Activation, kind: EventKind, code: str
) -> tuple[Activation, Element] | None:
    """Return the innermost catching event and the activation it belongs to (the activity of a
    boundary event, the scope of an event sub-process). A matching code goes before a catch-all."""
    inner: Activation | None = None
    current: Activation | None = thrower
    while current is not None:
        candidates = list(_candidates(run, current, inner))
        for wanted in (code, None):
            for element in candidates:
                if element.event is None:
                    continue
                if any(part.code == wanted for part in element.event.of_kind(kind)):
                    return current, element
        inner = current
        current = None if current.role is Role.ROOT else run.parent(current)
    return None


def _candidates(run: Run, current: Activation, inner: Activation | None) -> Iterator[Element]:
    is_scope = current.role in (Role.ROOT, Role.SCOPE, Role.CALL)
    # An event sub-process does not catch what it throws itself, and once an interrupting one has
    # taken over its scope, the scope catches nothing more.
    if inner is not None and is_scope and not current.interrupted:
        for event_sub_process in run.scope(current).event_sub_processes:
            if event_sub_process != inner.element:
                yield start_of(run, current, event_sub_process)
    if current.role not in (Role.ROOT, Role.ITEM) and not is_inside_item(run, current):
        elements = run.definition(current.process).elements
        yield from (elements[boundary] for boundary in elements[current.element].boundary)


def catch(run: Run, where: tuple[Activation, Element], payload: dict[str, Any]) -> None:
    """Let the found catching event occur."""
    activation, element = where
    if element.kind is Kind.BOUNDARY_EVENT:
        occur_on_boundary(run, activation, element, payload)
    else:
        start_event_sub_process(run, activation, element, payload)


def throw(run: Run, activation: Activation, element: Element) -> None:
    """Do what a throwing intermediate or end event is for.

    A multiple event throws its parts in the diagram's order; what ends the scope comes last.
    """
    event = element.event or EventSpec(EventKind.NONE)
    parts = sorted(event.parts or (event,), key=lambda part: part.kind in _LAST)
    last = parts[-1]
    if last.kind is EventKind.ERROR and not _is_caught(run, activation, last):
        raise uncaught(last.code or "")
    # All that can go wrong goes wrong here, before anything was thrown.
    ready = [
        _ready(run, activation, element, part, take_inputs(run, activation, element))
        for part in parts
        if part.kind not in _LAST
    ]
    if last.kind is EventKind.COMPENSATION:
        ready = ready[:-1]
        if not throw_compensation(run, activation, element, last):
            run.push(Stage.LEAVE, activation, {})
    elif last.kind not in _LAST:
        run.push(Stage.LEAVE, activation, {})  # below those who hear it: they go on first
    for act in ready:
        act()
    if last.kind in _LAST:
        _LAST[last.kind](run, activation, element, last)


def throw_from_inside(run: Run, activation: Activation, element: Element, event: EventSpec) -> None:
    """Throw an event that an activity throws by its own behaviour, as a multi-instance does."""
    _ready(run, activation, element, event, {}, is_own=True)()


def _ready(
    run: Run,
    activation: Activation,
    element: Element,
    event: EventSpec,
    payload: dict[str, Any],
    *,
    is_own: bool = False,
) -> Callable[[], None]:
    """Work out what is thrown; what is returned throws it and cannot fail."""
    is_first = not is_own and (element.event is None or element.event.parts[:1] in ((), (event,)))
    key = activation.key if is_first else run.next_key(run.parent(activation), element.id)
    match event.kind:
        case EventKind.MESSAGE if event.message is not None:
            thrown = _message(run, activation, element, event.message, payload, key)
            return partial(run.emit, thrown)
        case EventKind.SIGNAL:
            return partial(_throw_signal, run, activation, element, event.code or "", payload, key)
        case EventKind.ESCALATION:
            return partial(_escalate, run, activation, element, event.code or "", key)
        case EventKind.ERROR:
            return partial(_raise_error, run, activation, event.code or "")
        case EventKind.COMPENSATION:
            unwaited = replace(event, waits=False)
            return partial(_compensate, run, activation, element, unwaited)
    return _nothing


def _nothing() -> None:
    """A none event is there to be passed."""


def send(run: Run, activation: Activation, element: Element, message: Message) -> None:
    """Let a message leave, with the element's own inputs as payload, and go on."""
    payload = take_inputs(run, activation, element)
    run.emit(_message(run, activation, element, message, payload, activation.key))
    run.push(Stage.LEAVE, activation, {})


def _message(
    run: Run,
    activation: Activation,
    element: Element,
    message: Message,
    payload: dict[str, Any],
    key: str,
) -> facts.MessageThrown:
    correlation = correlation_of(run, message, view(run, activation))
    return facts.MessageThrown(
        key, activation.process, element.id, message.name, correlation, given_out(payload)
    )


def _throw_signal(
    run: Run,
    activation: Activation,
    element: Element,
    name: str,
    payload: dict[str, Any],
    key: str,
) -> None:
    run.emit(facts.SignalThrown(key, activation.process, element.id, name, given_out(payload)))
    spread_signal(run, name, payload)


def spread_signal(run: Run, name: str, payload: dict[str, Any]) -> None:
    """Give a signal to every open wait for it, oldest first."""
    before = len(run.stack)
    for key, wait in list(run.waits.items()):
        if wait.kind is WaitKind.SIGNAL and wait.name == name and run.waits.get(key) is wait:
            heard(run, key, payload.copy())
    run.stack[before:] = reversed(run.stack[before:])


def _compensate(run: Run, activation: Activation, element: Element, event: EventSpec) -> None:
    throw_compensation(run, activation, element, event)


def _escalate(run: Run, activation: Activation, element: Element, code: str, key: str) -> None:
    where = catcher(run, activation, EventKind.ESCALATION, code)
    if where is None:
        run.emit(facts.EscalationUncaught(key, activation.process, element.id, code))
    else:
        catch(run, where, {"code": code})


def _is_caught(run: Run, activation: Activation, event: EventSpec) -> bool:
    return catcher(run, activation, EventKind.ERROR, event.code or "") is not None


def _raise_error(run: Run, activation: Activation, code: str) -> None:
    where = catcher(run, activation, EventKind.ERROR, code)
    if where is not None:
        catch(run, where, {"code": code})


def _throw_error(run: Run, activation: Activation, element: Element, event: EventSpec) -> None:
    code = event.code or ""
    where = catcher(run, activation, EventKind.ERROR, code)
    if where is None:
        raise uncaught(code)
    payload = {**mapped(run, element.inputs, view(run, activation)), "code": code}
    _complete_here(run, activation, element)
    catch(run, where, payload)


def uncaught(code: str) -> Blocked:
    return Blocked(
        "error.uncaught",
        f"Expected a boundary event or an event sub-process that catches error {code!r}, but no "
        "enclosing one does",
    )


def _terminate_scope(run: Run, activation: Activation, element: Element, _event: EventSpec) -> None:
    scope = run.parent(activation)
    _complete_here(run, activation, element)
    run.end_children(scope)
    run.push(Stage.CHECK, scope)


def _cancel(run: Run, activation: Activation, element: Element, _event: EventSpec) -> None:
    cancel_transaction(run, activation, element)


_LAST: Final[Mapping[EventKind, Callable[[Run, Activation, Element, EventSpec], None]]] = {
    EventKind.ERROR: _throw_error,
    EventKind.TERMINATE: _terminate_scope,
    EventKind.CANCEL: _cancel,
}


def _complete_here(run: Run, activation: Activation, element: Element) -> None:
    """Complete an end event after which nothing flows."""
    parent = run.parent(activation)
    if parent.key == ROOT:
        reach_end(parent, element)
    run.emit(facts.ElementCompleted(activation.key, activation.process, element.id))
    run.close(activation)
