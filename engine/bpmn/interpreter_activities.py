"""What each kind of element does once a token has come to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.bpmn import facts
from engine.bpmn.definition import DecisionCall, Element, Kind, ServiceCall, UserWork
from engine.bpmn.environment import DecisionOutcome
from engine.bpmn.interpreter_events import declare, listen, prepare
from engine.bpmn.interpreter_loops import open_loop
from engine.bpmn.interpreter_multi_instance import open_multi_instance
from engine.bpmn.interpreter_run import Blocked, Run
from engine.bpmn.interpreter_throwing import send, throw
from engine.bpmn.interpreter_tokens import is_inside_item
from engine.bpmn.interpreter_variables import (
    evaluate,
    evaluate_as,
    given_out,
    mapped,
    storable,
    take_inputs,
    view,
    whole_number,
)
from engine.bpmn.state import Activation, Listens, Role, Stage, Wait, WaitKind

PLAIN_PRIORITY: Final = 50


def begin(run: Run, activation: Activation, again: Any) -> None:
    """Let the element do what it is for. `again` is set when a service is asked once more."""
    element = run.element(activation)
    if element.repeats and not is_inside_item(run, activation):
        _open_turns(run, activation, element)
    elif element.kind is Kind.SERVICE_TASK and element.service is not None:
        _request_service(run, activation, element, element.service, again=bool(again))
    else:
        _BEGIN[element.kind](run, activation, element)


def _open_turns(run: Run, activation: Activation, element: Element) -> None:
    if element.multi_instance is not None:
        open_multi_instance(run, activation, element, element.multi_instance)
    elif element.loop is not None:
        open_loop(run, activation, element, element.loop)


def _pass(run: Run, activation: Activation, _element: Element) -> None:
    run.push(Stage.ROUTE, activation)


def _complete_at_once(run: Run, activation: Activation, element: Element) -> None:
    take_inputs(run, activation, element)
    run.push(Stage.LEAVE, activation, {})


def _ask_person(run: Run, activation: Activation, element: Element) -> None:
    work = element.user or UserWork(())
    inputs = take_inputs(run, activation, element)
    seen = view(run, activation)
    assignee = None
    if work.assignee is not None:
        assignee = evaluate_as(
            run, work.assignee, seen, (str, type(None)), "the id of a person, or null"
        )
    priority = PLAIN_PRIORITY
    if work.priority is not None:
        priority = whole_number(run, work.priority, seen, "a priority as a whole number")
    run.wait(activation.key, Wait(WaitKind.USER, activation.key, element.id))
    run.emit(
        facts.UserTaskCreated(
            activation.key,
            activation.process,
            element.id,
            element.name,
            work.candidate_groups,
            work.form_key,
            work.duty,
            work.outcomes,
            assignee,
            priority,
            work.limit,
            work.wait,
            given_out(inputs),
        )
    )


def _run_script(run: Run, activation: Activation, element: Element) -> None:
    take_inputs(run, activation, element)
    script = element.script
    if script is None:
        run.push(Stage.LEAVE, activation, {})
        return
    value = evaluate(run, script.expression, view(run, activation))
    name = script.result_variable
    run.push(Stage.LEAVE, activation, {name: storable(name, value)})


def _request_service(
    run: Run, activation: Activation, element: Element, service: ServiceCall, *, again: bool
) -> None:
    inputs = take_inputs(run, activation, element)
    # A service that failed is asked again under a new key: the old one has had its answer.
    key = run.next_key(run.parent(activation), element.id) if again else activation.key
    run.wait(key, Wait(WaitKind.SERVICE, activation.key, element.id))
    run.emit(
        facts.ServiceTaskRequested(
            key, activation.process, element.id, element.name, service.operation, given_out(inputs)
        )
    )


def _decide(run: Run, activation: Activation, element: Element) -> None:
    take_inputs(run, activation, element)
    call = element.decision
    if call is None:
        run.push(Stage.LEAVE, activation, {})
        return
    outcome = _outcome(run, activation, call)
    name = call.result_variable
    value = storable(name, outcome.value)
    run.emit(
        facts.DecisionEvaluated(
            activation.key,
            activation.process,
            element.id,
            call.decision,
            outcome.version,
            outcome.rules,
            outcome.value,
        )
    )
    run.push(Stage.LEAVE, activation, {name: value})


def _outcome(run: Run, activation: Activation, call: DecisionCall) -> DecisionOutcome:
    decide = run.env.decisions.get(call.decision)
    if decide is None:
        raise Blocked(
            "decision.unknown",
            f"Expected decision {call.decision} to be deployed with the process, but it is not",
        )
    seen: Mapping[str, Any] = view(run, activation)
    if call.legal_date is not None:
        seen = view(run, activation, {"legal_date": evaluate(run, call.legal_date, seen)})
    outcome = decide(seen)
    if outcome.problems:
        raise Blocked("decision.failed", "; ".join(outcome.problems))
    return outcome


def _send(run: Run, activation: Activation, element: Element) -> None:
    if element.message is None:
        _complete_at_once(run, activation, element)
    else:
        send(run, activation, element, element.message)


def _await_event(run: Run, activation: Activation, element: Element) -> None:
    take_inputs(run, activation, element)
    waits = prepare(run, activation, element, Listens.SELF, view(run, activation))
    if not waits:  # a link: what comes here goes on
        run.push(Stage.LEAVE, activation, {})
    for at, wait in enumerate(waits):
        key = run.next_key(run.parent(activation), element.id) if at else activation.key
        listen(run, key, wait)


def _race_events(run: Run, activation: Activation, element: Element) -> None:
    elements = run.definition(activation.process).elements
    seen = view(run, activation)
    waits = [
        wait
        for flow in element.outgoing
        for wait in prepare(run, activation, elements[flow.target], Listens.GATEWAY, seen)
    ]
    if not waits:
        raise Blocked("gateway.no-event", f"Expected events to wait for behind {element.id}")
    parent = run.parent(activation)
    for wait in waits:
        listen(run, run.next_key(parent, wait.element), wait)


def _open_sub_process(run: Run, activation: Activation, element: Element) -> None:
    take_inputs(run, activation, element)
    activation.role = Role.SCOPE
    declare(run, activation)
    run.push(Stage.OPEN, activation)


def _call(run: Run, activation: Activation, element: Element) -> None:
    called = element.called or ""
    definition = run.env.definitions.get(called)
    if definition is None:
        raise Blocked(
            "call.unknown-process",
            f"Expected process {called} to be deployed with the process that calls it, "
            "but it is not",
        )
    inputs = mapped(run, element.inputs, view(run, run.parent(activation)))
    activation.role = Role.CALL
    activation.inner = called
    activation.variables = inputs
    declare(run, activation)
    run.push(Stage.OPEN, activation)


_BEGIN: Final[Mapping[Kind, Callable[[Run, Activation, Element], None]]] = {
    Kind.START_EVENT: _complete_at_once,
    Kind.INTERMEDIATE_CATCH_EVENT: _await_event,
    Kind.INTERMEDIATE_THROW_EVENT: throw,
    Kind.END_EVENT: throw,
    Kind.TASK: _complete_at_once,
    Kind.USER_TASK: _ask_person,
    Kind.MANUAL_TASK: _ask_person,
    Kind.SCRIPT_TASK: _run_script,
    Kind.SERVICE_TASK: _complete_at_once,
    Kind.BUSINESS_RULE_TASK: _decide,
    Kind.SEND_TASK: _send,
    Kind.RECEIVE_TASK: _await_event,
    Kind.EXCLUSIVE_GATEWAY: _pass,
    Kind.INCLUSIVE_GATEWAY: _pass,
    Kind.PARALLEL_GATEWAY: _pass,
    Kind.COMPLEX_GATEWAY: _pass,
    Kind.EVENT_BASED_GATEWAY: _race_events,
    Kind.SUB_PROCESS: _open_sub_process,
    Kind.TRANSACTION: _open_sub_process,
    Kind.AD_HOC_SUB_PROCESS: _open_sub_process,
    Kind.CALL_ACTIVITY: _call,
}
