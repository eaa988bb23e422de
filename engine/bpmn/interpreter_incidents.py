"""Incidents: a step that cannot be done is kept as it is, and a person may have it tried again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn import facts
from engine.bpmn.interpreter_run import Blocked, Run, Step
from engine.bpmn.interpreter_variables import write
from engine.bpmn.state import ROOT, Activation, Role, Stage, Trouble, Wait, WaitKind


def raise_incident(run: Run, step: Step, blocked: Blocked) -> None:
    """Keep the step until it is retried."""
    activation = step.activation
    element = blocked.element or activation.element
    trouble = Trouble(blocked.code, blocked.message, element, step.stage, step.data)
    key = _key(run, activation, element)
    activation.troubled = True
    run.wait(key, Wait(WaitKind.INCIDENT, activation.key, element, trouble=trouble))
    process = activation.inner if activation.role is Role.ROOT else activation.process
    run.emit(facts.IncidentRaised(key, process, element, blocked.code, blocked.message))


def _key(run: Run, activation: Activation, element: str) -> str:
    # The first incident of an activation bears its key; another one needs a key of its own.
    if activation.key != ROOT and not activation.troubled:
        return activation.key
    counting = activation if activation.parent is None else run.parent(activation)
    return run.next_key(counting, element)


def retry(run: Run, key: str, values: Mapping[str, Any]) -> None:
    """Do the kept step once more, after `values` were written where it reads them."""
    wait = run.take_wait(key)
    trouble = wait.trouble
    if trouble is None:
        raise LookupError(f"Expected an incident under key {key!r}, but it is another wait")
    activation = run.activations[wait.owner]
    run.emit(facts.IncidentResolved(key))
    data = trouble.data
    if trouble.stage is Stage.LEAVE:
        # What the element completed with hides the variables around it, so put it right there.
        data = {name: values.get(name, value) for name, value in trouble.data.items()}
        values = {name: value for name, value in values.items() if name not in data}
    for name, value in values.items():
        write(run, activation, name, value)
    run.push(trouble.stage, activation, None if trouble.stage is Stage.STUCK else data)
