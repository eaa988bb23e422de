"""Events that are thrown: messages, signals, escalations, errors, terminate.

Errors and escalations are caught by the innermost enclosing event that fits, through called
processes as well. A signal thrown in the instance reaches every wait for it that is open at that
moment, anywhere in the instance, oldest first, before the thrower goes on. It is given out as
`SignalThrown` as well; whoever spreads it to other cases must not give it back to this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn import facts
from engine.bpmn.definition import Element, EventKind, EventSpec, Kind, Message
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
                event = element.event
                if event is not None and event.kind is kind and event.code == wanted:
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
    """Do what a throwing intermediate or end event is for."""
    event = element.event or EventSpec(EventKind.NONE)
    match event.kind:
        case EventKind.MESSAGE if event.message is not None:
            send(run, activation, element, event.message)
        case EventKind.SIGNAL:
            _throw_signal(run, activation, element, event.code or "")
        case EventKind.ESCALATION:
            _escalate(run, activation, element, event.code or "")
        case EventKind.ERROR:
            _throw_error(run, activation, element, event.code or "")
        case EventKind.TERMINATE:
            _terminate_scope(run, activation, element)
        case _:
            take_inputs(run, activation, element)
            run.push(Stage.LEAVE, activation, {})


def send(run: Run, activation: Activation, element: Element, message: Message) -> None:
    """Let a message leave, with the element's own inputs as payload."""
    payload = take_inputs(run, activation, element)
    correlation = correlation_of(run, message, view(run, activation))
    run.emit(
        facts.MessageThrown(
            activation.key,
            activation.process,
            element.id,
            message.name,
            correlation,
            given_out(payload),
        )
    )
    run.push(Stage.LEAVE, activation, {})


def _throw_signal(run: Run, activation: Activation, element: Element, name: str) -> None:
    payload = take_inputs(run, activation, element)
    run.emit(
        facts.SignalThrown(activation.key, activation.process, element.id, name, given_out(payload))
    )
    run.push(Stage.LEAVE, activation, {})
    spread_signal(run, name, payload)


def spread_signal(run: Run, name: str, payload: dict[str, Any]) -> None:
    """Give a signal to every open wait for it, oldest first."""
    before = len(run.stack)
    for key, wait in list(run.waits.items()):
        if wait.kind is WaitKind.SIGNAL and wait.name == name and run.waits.get(key) is wait:
            heard(run, key, payload.copy())
    run.stack[before:] = reversed(run.stack[before:])


def _escalate(run: Run, activation: Activation, element: Element, code: str) -> None:
    take_inputs(run, activation, element)
    where = catcher(run, activation, EventKind.ESCALATION, code)
    run.push(Stage.LEAVE, activation, {})
    if where is None:
        run.emit(facts.EscalationUncaught(activation.key, activation.process, element.id, code))
    else:
        catch(run, where, {"code": code})


def _throw_error(run: Run, activation: Activation, element: Element, code: str) -> None:
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


def _terminate_scope(run: Run, activation: Activation, element: Element) -> None:
    scope = run.parent(activation)
    _complete_here(run, activation, element)
    run.end_children(scope)
    run.push(Stage.CHECK, scope)


def _complete_here(run: Run, activation: Activation, element: Element) -> None:
    """Complete an end event after which nothing flows."""
    parent = run.parent(activation)
    if parent.key == ROOT:
        reach_end(parent, element)
    run.emit(facts.ElementCompleted(activation.key, activation.process, element.id))
    run.close(activation)
