# sizes: exempt — dispatch over the closed list of triggers
"""The token interpreter: BPMN 2.0.2 semantics as a function from state and trigger to state and
facts. Pure: it reads no clock, does no I/O, keeps nothing, and never changes what it is given.

    state, facts = start(definition, {"case": {...}}, now, env)
    state, facts = advance(definition, state, CompleteUserTask("review#1", {"ok": True}), now, env)

The same arguments always give the same state, the same facts, the same keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, assert_never

from engine.bpmn import facts
from engine.bpmn import interpreter_joins as joins
from engine.bpmn import interpreter_tokens as tokens
from engine.bpmn.codec import dump_state, load_state
from engine.bpmn.definition import Definition, EventKind
from engine.bpmn.environment import Environment
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter_activities import begin
from engine.bpmn.interpreter_compensation import undo
from engine.bpmn.interpreter_events import (
    arm,
    declare,
    heard,
    is_plain_start,
    open_scope,
    settle,
)
from engine.bpmn.interpreter_incidents import raise_incident, retry
from engine.bpmn.interpreter_multi_instance import finish_item
from engine.bpmn.interpreter_run import Blocked, Run, Step
from engine.bpmn.interpreter_throwing import catch, catcher, spread_signal, uncaught
from engine.bpmn.interpreter_variables import BadValues, from_outside
from engine.bpmn.state import (
    ROOT,
    Activation,
    Ended,
    Role,
    Stage,
    State,
    StateFormatError,
    UnknownKey,
    WaitKind,
    active_elements,
    incidents,
    is_ended,
    variables,
    with_case,
)
from engine.bpmn.triggers import (
    CompleteServiceTask,
    CompleteUserTask,
    FailServiceTask,
    FireTimer,
    ReceiveMessage,
    ReceiveSignal,
    RetryIncident,
    Terminate,
    Trigger,
)

__all__ = [
    "BadValues",
    "State",
    "StateFormatError",
    "UnknownKey",
    "active_elements",
    "advance",
    "dump_state",
    "finish",
    "incidents",
    "is_ended",
    "load_state",
    "start",
    "variables",
    "with_case",
]

_STAGES: Final[Mapping[Stage, Callable[[Run, Activation, Any], None]]] = {
    Stage.ENTER: tokens.enter,
    Stage.ARM: arm,
    Stage.BEGIN: begin,
    Stage.OPEN: open_scope,
    Stage.LEAVE: tokens.leave,
    Stage.ITEM: finish_item,
    Stage.ROUTE: tokens.route,
    Stage.CHECK: tokens.check,
    Stage.STUCK: joins.stuck,
    Stage.UNDO: undo,
}


def start(
    definition: Definition,
    variables: Mapping[str, Any],
    now: datetime,
    env: Environment,
    *,
    start_event: str | None = None,
    payload: Mapping[str, Any] | None = None,
) -> tuple[State, tuple[Fact, ...]]:
    """Start an instance and let it run until it waits or ends.

    `variables` become the process's; `case` among them holds the case facts. `start_event` names
    the message, timer or signal start event that began it, which takes `payload` into variables;
    without it the plain start event does. Raises BadValues, ValueError for a start event that is
    not there.
    """
    given = dict(variables)
    case = given.pop("case", None)
    root = Activation(ROOT, "", Role.ROOT, definition.process_id, definition.process_id, None)
    root.variables = from_outside(given)
    if case is not None:
        root.variables["case"] = _case(case)
    run = Run(definition, State(definition.process_id, {ROOT: root}, {}), now, env)
    root = run.activations[ROOT]
    declare(run, root)
    begun_by = _start_event(definition, start_event)
    data = (begun_by, from_outside(payload or {})) if begun_by else None
    run.push(Stage.OPEN, root, data)
    return finish(run)


def _case(case: Any) -> Any:
    return from_outside({"facts": case})["facts"]


def _start_event(definition: Definition, wanted: str | None) -> str | None:
    """Return the id of a start event that is not the plain one, or None for the plain one."""
    events = {name: definition.elements[name] for name in definition.scopes[None].start_events}
    plain = [name for name, element in events.items() if is_plain_start(element)]
    if wanted is None and not plain:
        raise ValueError(
            f"Expected a plain start event in {definition.process_id}, but it only starts with "
            f"one of {', '.join(events)}"
        )
    if wanted is not None and wanted not in events:
        raise ValueError(
            f"Expected a start event of {definition.process_id}, but got {wanted!r}; it has "
            f"{', '.join(events)}"
        )
    return wanted


def advance(
    definition: Definition, state: State, trigger: Trigger, now: datetime, env: Environment
) -> tuple[State, tuple[Fact, ...]]:
    """Apply one trigger and run until the instance waits or ends.

    Raises UnknownKey when nothing waits for the trigger, BadValues when its values cannot be
    variables, LookupError when `env` lacks the definition of a called process that is running.
    """
    run = Run(definition, state, now, env)
    if run.ended is not Ended.NO:
        raise UnknownKey(str(getattr(trigger, "key", "")), "something")
    _apply(run, trigger)
    return finish(run)


def finish(run: Run) -> tuple[State, tuple[Fact, ...]]:
    """Do what is on the stack, and what comes of it, until the instance waits or ends."""
    stack, activations = run.stack, run.activations
    while stack or settle(run) or joins.resolve_all(run):
        while stack:
            stage, activation, data = stack.pop()
            if activations.get(activation.key) is activation:
                try:
                    _STAGES[stage](run, activation, data)
                except Blocked as blocked:
                    _stop_at(run, Step(stage, activation, data), blocked)
    return run.state(), tuple(run.facts)


def _stop_at(run: Run, step: Step, blocked: Blocked) -> None:
    if not _is_error_of_the_model(run, step, blocked):
        raise_incident(run, step, blocked)


def _is_error_of_the_model(run: Run, step: Step, blocked: Blocked) -> bool:
    """Throw a failed script or decision as the BPMN error its diagram makes of it, if caught."""
    if step.stage is not Stage.BEGIN or step.activation.role is not Role.LEAF:
        return False
    code = run.element(step.activation).failure
    where = None if code is None else catcher(run, step.activation, EventKind.ERROR, code)
    if where is None:
        return False
    catch(run, where, {"code": code, "message": blocked.message})
    return True


def _apply(run: Run, trigger: Trigger) -> None:  # noqa: C901  (a dispatch over a closed list)
    match trigger:
        case CompleteUserTask(key, values):
            _expect(run, key, WaitKind.USER, "a user task")
            _complete(run, key, values, facts.UserTaskCompleted)
        case CompleteServiceTask(key, values):
            _expect(run, key, WaitKind.SERVICE, "a service task")
            _complete(run, key, values, facts.ServiceTaskCompleted)
        case FailServiceTask():
            _expect(run, trigger.key, WaitKind.SERVICE, "a service task")
            _fail_service(run, trigger)
        case FireTimer(key):
            _expect(run, key, WaitKind.TIMER, "a timer")
            heard(run, key, {})
        case ReceiveMessage(key, payload):
            _expect(run, key, WaitKind.MESSAGE, "a wait for a message")
            heard(run, key, from_outside(payload))
        case ReceiveSignal(name, payload):
            spread_signal(run, name, from_outside(payload))
        case RetryIncident(key, values):
            _expect(run, key, WaitKind.INCIDENT, "an incident")
            retry(run, key, from_outside(values))
        case Terminate(reason):
            _terminate(run, reason)
        case _:
            assert_never(trigger)


def _expect(run: Run, key: str, kind: WaitKind, wanted: str) -> None:
    wait = run.waits.get(key)
    if wait is None or wait.kind is not kind:
        raise UnknownKey(key, wanted)


def _complete(
    run: Run, key: str, values: Mapping[str, Any], completed: Callable[[str], Fact]
) -> None:
    owned = from_outside(values)
    wait = run.take_wait(key)
    run.emit(completed(key))
    run.push(Stage.LEAVE, run.activations[wait.owner], owned)


def _fail_service(run: Run, failed: FailServiceTask) -> None:
    activation = run.activations[run.waits[failed.key].owner]
    run.cancel_wait(failed.key)
    if failed.error_code is None:
        blocked = Blocked("service.failed", failed.message)
    else:
        where = catcher(run, activation, EventKind.ERROR, failed.error_code)
        if where is not None:
            catch(run, where, {"code": failed.error_code, "message": failed.message})
            return
        blocked = uncaught(failed.error_code)
        blocked.message = f"{failed.message}. {blocked.message}"
    raise_incident(run, Step(Stage.BEGIN, activation, data=True), blocked)


def _terminate(run: Run, reason: str) -> None:
    root = run.activations[ROOT]
    run.end_children(root)
    for key in list(root.waits):
        run.cancel_wait(key)
    run.ended = Ended.TERMINATED
    run.emit(facts.InstanceTerminated(run.process_id, reason))
