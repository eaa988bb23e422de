"""What a person may do to the tokens of an instance: move, add, cancel; skip and repeat. Pure.

A deed is done whole or refused with a sentence: tokens stay in their scope, the items of a
multi-instance are not torn apart, and the diagram can still end without a step done twice or a
join that waits for ever (`migration_outlook`). What a deed would let stop at once is refused too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from engine.bpmn import facts
from engine.bpmn import interpreter_tokens as routing
from engine.bpmn.definition import Definition, Element, Flow
from engine.bpmn.environment import Environment
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import finish
from engine.bpmn.interpreter_joins import take
from engine.bpmn.interpreter_run import Blocked, Run
from engine.bpmn.interpreter_variables import BadValues, from_outside, mapped, view, write
from engine.bpmn.migration_outlook import arrival
from engine.bpmn.migration_sentences import Remark
from engine.bpmn.state import Activation, Role, Stage, State, WaitKind, is_ended
from engine.bpmn.token_moves_rules import (
    AT_JOIN,
    Act,
    CannotDo,
    checked,
    demand_tokens_left,
    destination,
    goes_the_usual_way,
    judge,
)

__all__ = ["Add", "Cancel", "CannotDo", "Deed", "Move", "Repeat", "Skip", "do"]

Values: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """Cancel the token `key`, and begin at `to` in the same scope: an element, or a flow, on which
    the token then arrives (at a join it waits for the others)."""

    key: str
    to: str


@dataclass(frozen=True, slots=True)
class Add:
    """Begin one more token at `to` (as in `Move`) in the scope of the token `beside`."""

    beside: str
    to: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Take the token `key` out of the instance."""

    key: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Leave the activity `key` as if it were completed with `values`; nothing of it is done."""

    key: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repeat:
    """End the activity `key` and begin it anew."""

    key: str


Deed: TypeAlias = Move | Add | Cancel | Skip | Repeat


def do(
    definition: Definition, state: State, deed: Deed, now: datetime, env: Environment
) -> tuple[State, tuple[Fact, ...]]:
    """Do the deed and let the instance run until it waits or ends. Raises CannotDo; then nothing
    has changed."""
    run = Run(definition, state, now, env)
    if is_ended(state):
        raise CannotDo(Remark("instance.ended"))
    try:
        _do(run, deed)
    except Blocked as blocked:
        raise CannotDo(_incident(blocked.element or "", blocked.message)) from blocked
    except BadValues as bad:
        raise CannotDo(Remark("deed.values", facts={"message": str(bad)})) from bad
    result = finish(run)
    for fact in result[1]:
        if isinstance(fact, facts.IncidentRaised):
            raise CannotDo(_incident(fact.element_id, fact.message))
    return result


def _incident(element_id: str, message: str) -> Remark:
    return Remark("deed.incident", "", element_id, "", {"message": message})


def _do(run: Run, deed: Deed) -> None:
    match deed:
        case Move(key, to):
            scope, activation = checked(run, key, Act.MOVE)
            flow, element = destination(run, scope, to)
            _leave_place(run, scope, activation, key)
            _begin(run, scope, flow, element)
        case Add(beside, to):
            scope, _ = checked(run, beside, Act.ADD)
            flow, element = destination(run, scope, to)
            _begin(run, scope, flow, element)
        case Cancel(key):
            scope, activation = checked(run, key, Act.CANCEL)
            _leave_place(run, scope, activation, key)
            demand_tokens_left(run, scope, key)
            judge(run, scope, [])
        case Skip(key, values):
            _, activation = checked(run, key, Act.SKIP)
            _skip(run, _activity(activation, key), from_outside(values))
        case Repeat(key):
            _, activation = checked(run, key, Act.REPEAT)
            again = _activity(activation, key)
            parent = run.parent(again)
            run.end(again)
            run.push(Stage.ENTER, run.open(parent, again.element))


def _activity(activation: Activation | None, key: str) -> Activation:
    if activation is None:
        raise CannotDo(Remark("token.not-movable", element_id=key))
    return activation


def _leave_place(run: Run, scope: Activation, activation: Activation | None, key: str) -> None:
    if activation is not None:
        run.end(activation)
    else:
        take(scope.joins, [key.partition(AT_JOIN)[2]])


def _begin(run: Run, scope: Activation, flow: Flow | None, element: Element) -> None:
    definition = run.definition(scope.inner)
    judge(run, scope, [arrival(definition, flow) if flow else element.id])
    run.push(Stage.ENTER, run.open(scope, element.id), flow.id if flow else None)


def _skip(run: Run, activation: Activation, values: dict[str, Any]) -> None:
    element = run.element(activation)
    _demand_values(run, activation, element, values)
    run.end_children(activation)
    for key in list(activation.waits):
        if run.waits[key].kind in _OWN:
            run.cancel_wait(key)
    if goes_the_usual_way(run, activation):
        run.push(Stage.LEAVE, activation, values)
        return
    # Not by LEAVE and ROUTE: what was not done is neither told as completed nor compensated.
    parent = run.parent(activation)
    for name, value in _results(run, activation, element, values).items():
        write(run, parent, name, value)
    flows = routing.outgoing(run, activation, element) * element.completion_quantity
    run.end(activation)
    if flows:
        routing.arrive(run, parent, flows)
    else:
        run.push(Stage.CHECK, parent)


_OWN: Final = frozenset({WaitKind.USER, WaitKind.SERVICE, WaitKind.INCIDENT})


def _results(
    run: Run, activation: Activation, element: Element, values: dict[str, Any]
) -> dict[str, Any]:
    if element.outputs and activation.role is not Role.MULTI:
        return mapped(run, element.outputs, view(run, activation, over=values))
    return values


def _demand_values(
    run: Run, activation: Activation, element: Element, values: dict[str, Any]
) -> None:
    """Refuse if the element gives a variable that is neither given nor there already."""
    seen = view(run, activation, over=values)
    # The collection of a multi-instance is given by all items together.
    is_item = routing.is_inside_item(run, activation)
    missing = [name for name in _gives(element, is_item=is_item) if name not in seen]
    if missing:
        told = {"names": ", ".join(missing)}
        raise CannotDo(
            Remark("skip.needs-values", activation.process, element.id, activation.key, told)
        )


def _gives(element: Element, *, is_item: bool) -> list[str]:
    """The variables an element always gives by itself, before its outputs are mapped."""
    if element.multi_instance is not None and not is_item:
        collection = element.multi_instance.output_collection
        return [collection] if collection else []
    given = [
        element.script.result_variable if element.script else None,
        element.decision.result_variable if element.decision else None,
    ]
    return [name for name in given if name]
