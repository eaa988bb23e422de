"""Seeded bugs of the interpreter, each a small change of one function.

A suite that does not notice them would not notice ours. As a pytest plugin
(`-p tests.differential.mutants` with MUTANT=<name> in the environment) this module puts one of them
into a whole test run.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from engine.bpmn import (
    interpreter,
    interpreter_compensation,
    interpreter_events,
    interpreter_joins,
    interpreter_throwing,
)
from engine.bpmn import interpreter_multi_instance as multi_instance
from engine.bpmn import interpreter_tokens as tokens
from engine.bpmn.definition import Element, EventKind, Flow, Kind
from engine.bpmn.interpreter_run import Blocked, Run
from engine.bpmn.state import ROOT, Activation, Listens, Stage, WaitKind

Patch = Callable[[Any, Any, Any], None]
"""(object or dict, attribute or key, new value)."""


def join_per_process(patch: Patch) -> None:
    """Joins count tokens for the whole process instead of for their scope."""

    def join(run: Run, _activation: Activation, element: Element, flow_id: Any) -> bool:
        counts = run.activations[ROOT].joins
        counts[flow_id] = counts.get(flow_id, 0) + 1
        if any(flow not in counts for flow in element.incoming):
            return False
        for flow in element.incoming:
            counts[flow] -= 1
            if not counts[flow]:
                del counts[flow]
        return True

    patch(interpreter_joins, "_join", join)


def join_counts_tokens_not_flows(patch: Patch) -> None:
    """A join fires when it has as many tokens as flows, wherever they came from."""

    def join(run: Run, activation: Activation, element: Element, _flow_id: Any) -> bool:
        counts = run.parent(activation).joins
        counts[element.id] = counts.get(element.id, 0) + 1
        if counts[element.id] < len(element.incoming):
            return False
        del counts[element.id]
        return True

    patch(interpreter_joins, "_join", join)


def boundary_timer_not_cancelled(patch: Patch) -> None:
    """Leaving an activity forgets to cancel the timers on its boundary."""
    cancel_wait = Run.cancel_wait

    def careless(run: Run, key: str) -> None:
        wait = run.waits[key]
        if wait.kind is WaitKind.TIMER and wait.listens is Listens.BOUNDARY:
            run.take_wait(key)  # the row of the timer stays
        else:
            cancel_wait(run, key)

    patch(Run, "cancel_wait", careless)


def results_in_order_of_completion(patch: Patch) -> None:
    """A multi-instance appends results as they come."""
    finish_item = multi_instance.finish_item

    def finish(run: Run, activation: Activation, data: Any) -> None:
        loop = run.parent(run.parent(activation)).loop
        done = loop.done if loop else 0
        multi_instance._index, original = (lambda _item: done), multi_instance._index
        try:
            finish_item(run, activation, data)
        finally:
            multi_instance._index = original

    patch(interpreter._STAGES, Stage.ITEM, finish)


def default_before_conditions(patch: Patch) -> None:
    """An exclusive gateway takes its default without looking at the conditions."""
    first_true = tokens._first_true

    def hasty(run: Run, activation: Activation, element: Element) -> Flow:
        defaults = [flow for flow in element.outgoing if flow.default]
        return defaults[0] if defaults else first_true(run, activation, element)

    patch(tokens, "_first_true", hasty)


def terminate_ends_the_parent_too(patch: Patch) -> None:
    """A terminate end event ends the whole process and not only its own scope."""

    terminate_scope = interpreter_throwing._terminate_scope

    def terminate(run: Run, activation: Activation, element: Element, event: Any) -> None:
        root, scope = run.activations[ROOT], run.parent(activation)
        terminate_scope(run, activation, element, event)
        if scope is not root:
            run.end_children(root)
            run.push(Stage.CHECK, root)

    patch(interpreter_throwing._LAST, EventKind.TERMINATE, terminate)


def occurrence_not_advanced(patch: Patch) -> None:
    """Every run of an element gets the key of the first."""

    def next_key(_run: Run, parent: Activation, element_id: str) -> str:
        return f"{parent.key}/{element_id}#1" if parent.key else f"{element_id}#1"

    patch(Run, "next_key", next_key)


def interruption_after_further_work(patch: Patch) -> None:
    """What is still to do in a scope is done before a boundary event interrupts it."""
    occur = interpreter_events.occur_on_boundary

    def late(run: Run, host: Activation, element: Element, *more: Any) -> None:
        interpreter._finish(run)
        if run.is_live(host):
            occur(run, host, element, *more)

    patch(interpreter_events, "occur_on_boundary", late)
    patch(interpreter_throwing, "occur_on_boundary", late)


def values_replace_all_variables(patch: Patch) -> None:
    """Completing a user task replaces the variables instead of patching them."""
    leave = tokens.leave

    def overwrite(run: Run, activation: Activation, values: dict[str, Any]) -> None:
        if run.element(activation).kind is Kind.USER_TASK:
            run.activations[ROOT].variables.clear()
        leave(run, activation, values)

    patch(interpreter._STAGES, Stage.LEAVE, overwrite)


def losers_of_a_race_still_listen(patch: Patch) -> None:
    """The events an event-based gateway did not choose are not cancelled."""

    def decide(run: Run, gateway: Activation, element: Element, key: str, payload: Any) -> None:
        parent = run.parent(gateway)
        interpreter_events.happen(run, run.open(parent, element.id, key), payload)

    patch(interpreter_events, "_decide_gateway", decide)


def escalation_always_interrupts(patch: Patch) -> None:
    """A caught escalation ends the activity it came from, interrupting or not."""
    catch = interpreter_throwing.catch

    def harsh(run: Run, where: tuple[Activation, Element], payload: dict[str, Any]) -> None:
        activation, element = where
        catch(run, where, payload)
        if element.kind is Kind.BOUNDARY_EVENT and run.is_live(activation):
            run.end(activation)

    patch(interpreter_throwing, "catch", harsh)


def uncaught_error_ends_quietly(patch: Patch) -> None:
    """An error nobody catches is taken for a normal end."""
    throw_error = interpreter_throwing._throw_error

    def quiet(run: Run, activation: Activation, element: Element, event: Any) -> None:
        try:
            throw_error(run, activation, element, event)
        except Blocked:
            run.push(Stage.LEAVE, activation, {})

    patch(interpreter_throwing, "_is_caught", lambda *_: True)
    patch(interpreter_throwing._LAST, EventKind.ERROR, quiet)


def inclusive_join_in_haste(patch: Patch) -> None:
    """An inclusive join goes on with the first token that comes."""

    def may_go_on(_run: Run, scope: Activation, _definition: Any, element: Element) -> bool:
        return any(flow in scope.joins for flow in element.incoming)

    patch(interpreter_joins, "_may_go_on", may_go_on)


def compensation_in_order_of_completion(patch: Patch) -> None:
    """What was completed first is compensated first."""
    take = interpreter_compensation._take

    def forward(run: Run, scope: Activation, activity: Any) -> list[Any]:
        return take(run, scope, activity)[::-1]

    patch(interpreter_compensation, "_take", forward)


def condition_heard_only_once(patch: Patch) -> None:
    """A condition that was heard is never heard again, though it became false meanwhile."""
    settle = interpreter_events.settle

    def forgetful(run: Run) -> bool:
        heard = {key: wait for key, wait in run.waits.items() if wait.name == _HEARD}
        result = settle(run)
        run.waits.update({key: wait for key, wait in heard.items() if key in run.waits})
        return result

    patch(interpreter, "settle", forgetful)


_HEARD = interpreter_events.HAS_BEEN_TRUE


MUTANTS: dict[str, Callable[[Patch], None]] = {
    mutant.__name__: mutant
    for mutant in (
        join_per_process,
        join_counts_tokens_not_flows,
        boundary_timer_not_cancelled,
        results_in_order_of_completion,
        default_before_conditions,
        terminate_ends_the_parent_too,
        occurrence_not_advanced,
        interruption_after_further_work,
        values_replace_all_variables,
        losers_of_a_race_still_listen,
        escalation_always_interrupts,
        uncaught_error_ends_quietly,
        inclusive_join_in_haste,
        compensation_in_order_of_completion,
        condition_heard_only_once,
    )
}


def put_in(target: Any, name: Any, value: Any) -> None:
    if isinstance(target, dict):
        target[name] = value
    else:
        setattr(target, name, value)


def pytest_configure() -> None:
    """As a plugin: put the mutant named in the environment into this run, if any is."""
    name = os.environ.get("MUTANT")
    if name:
        MUTANTS[name](put_in)
