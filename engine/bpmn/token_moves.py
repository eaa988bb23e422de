"""What a person may do to the tokens of an instance: move, add, cancel; skip and repeat. Pure.

A deed is done whole or refused with a sentence: tokens stay in their scope, the items of a
multi-instance are not torn apart, and the diagram can still end without a step done twice or a
join that waits for ever (`migration_outlook`). What a deed would let stop at once is refused too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from engine.bpmn import facts
from engine.bpmn import interpreter_tokens as routing
from engine.bpmn.definition import Definition, Element, Flow, Kind
from engine.bpmn.environment import Environment
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import finish
from engine.bpmn.interpreter_ad_hoc import ad_hoc_of
from engine.bpmn.interpreter_events import is_plain_start
from engine.bpmn.interpreter_joins import take
from engine.bpmn.interpreter_run import Blocked, Run
from engine.bpmn.interpreter_tokens import is_inside_item
from engine.bpmn.interpreter_variables import BadValues, from_outside, mapped, view, write
from engine.bpmn.migration_comparison import flow_of
from engine.bpmn.migration_outlook import apart, arrival, concurrent, net_of, unforeseen
from engine.bpmn.migration_places import marking_of
from engine.bpmn.migration_sentences import Remark
from engine.bpmn.state import Activation, Role, Stage, State, WaitKind, is_ended

Values: TypeAlias = Mapping[str, Any]
_AT_JOIN: Final = ">"


class CannotDo(Exception):
    """The deed is refused; `remark` says why in both languages."""

    def __init__(self, remark: Remark) -> None:
        super().__init__(remark.en)
        self.remark = remark


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


class Act(StrEnum):
    """The deeds by name."""

    MOVE = "move"
    ADD = "add"
    CANCEL = "cancel"
    SKIP = "skip"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `key` names it in deeds: an activation's, or `<scope>><flow>` of one that waits
    at a join. `inside` is how many sub-processes, calls and items lie around it."""

    key: str
    process_id: str
    element_id: str
    name: str
    kind: str
    inside: int
    acts: tuple[Act, ...]


# Looking


def tokens(definition: Definition, state: State, env: Environment, now: datetime) -> list[Token]:
    """Return every token with what may be tried with it, outermost first, joins after their scope's
    activities. Whether a deed is refused in the end depends on where it leads."""
    if is_ended(state):
        return []
    run = Run(definition, state, now, env)
    found: list[Token] = []
    for activation in run.activations.values():
        if activation.entered and activation.role not in (Role.ROOT, Role.ITEM):
            acts = tuple(act for act in Act if _refusal(run, activation, act) is None)
            found.append(_token(run, activation, acts))
        waiting = (name for name in activation.joins if not name.startswith(("+", "=")))
        found.extend(_waiting_token(run, activation, name) for name in waiting)
    return found


def _token(run: Run, activation: Activation, acts: tuple[Act, ...]) -> Token:
    element = run.element(activation)
    return Token(
        activation.key,
        activation.process,
        element.id,
        element.name,
        str(element.kind),
        activation.key.count("/"),
        acts,
    )


def _waiting_token(run: Run, scope: Activation, flow_id: str) -> Token:
    definition = run.definition(scope.inner)
    flow = flow_of(definition, flow_id)
    join = definition.elements[flow.target] if flow else None
    acts = (Act.MOVE, Act.CANCEL) if _scope_refusal(run, scope, flow_id) is None else ()
    return Token(
        f"{scope.key}{_AT_JOIN}{flow_id}",
        scope.inner,
        join.id if join else flow_id,
        join.name if join else "",
        str(join.kind) if join else "",
        scope.key.count("/") + bool(scope.key),
        acts,
    )


def targets(
    definition: Definition, state: State, key: str, env: Environment, now: datetime
) -> list[Element]:
    """Return the elements a token may be moved to, in the diagram's order. Raises CannotDo."""
    run = Run(definition, state, now, env)
    scope, _ = _scope_and_activation(run, key)
    elements = run.definition(scope.inner).elements
    return [
        elements[each]
        for each in run.scope(scope).elements
        if _may_begin(run, scope, elements[each])
    ]


# Doing


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
            scope, activation = _checked(run, key, Act.MOVE)
            flow, element = _destination(run, scope, to)
            _leave_place(run, scope, activation, key)
            _begin(run, scope, flow, element)
        case Add(beside, to):
            scope, _ = _checked(run, beside, Act.ADD)
            flow, element = _destination(run, scope, to)
            _begin(run, scope, flow, element)
        case Cancel(key):
            scope, activation = _checked(run, key, Act.CANCEL)
            _leave_place(run, scope, activation, key)
            _demand_tokens_left(run, scope, key)
            _judge(run, scope, [])
        case Skip(key, values):
            _, activation = _checked(run, key, Act.SKIP)
            _skip(run, _activity(activation, key), from_outside(values))
        case Repeat(key):
            _, activation = _checked(run, key, Act.REPEAT)
            again = _activity(activation, key)
            parent = run.parent(again)
            run.end(again)
            run.push(Stage.ENTER, run.open(parent, again.element))


def _activity(activation: Activation | None, key: str) -> Activation:
    if activation is None:
        raise CannotDo(Remark("token.not-movable", element_id=key))
    return activation


# What may be touched


def _scope_and_activation(run: Run, key: str) -> tuple[Activation, Activation | None]:
    """Return the scope of a token, and the token's activation (None: it waits at a join)."""
    scope_key, is_waiting, flow_id = key.partition(_AT_JOIN)
    if is_waiting:
        scope = run.activations.get(scope_key)
        if scope is None or flow_id not in scope.joins:
            raise CannotDo(Remark("token.unknown"))
        return scope, None
    activation = run.activations.get(key)
    if activation is None or not activation.entered or activation.parent is None:
        raise CannotDo(Remark("token.unknown"))
    return run.parent(activation), activation


def _checked(run: Run, key: str, act: Act) -> tuple[Activation, Activation | None]:
    scope, activation = _scope_and_activation(run, key)
    refusal = (
        _scope_refusal(run, scope, key.partition(_AT_JOIN)[2])
        if activation is None
        else _refusal(run, activation, act)
    )
    if refusal is not None:
        raise CannotDo(refusal)
    return scope, activation


def _refusal(run: Run, activation: Activation, act: Act) -> Remark | None:
    """Say why the deed is not for this activation, whatever it leads to."""
    element = run.element(activation)
    is_event_sub_process = element.kind is Kind.EVENT_SUB_PROCESS
    if activation.role is Role.UNDO or (is_event_sub_process and act is not Act.CANCEL):
        return Remark("token.not-movable", activation.process, element.id, activation.key)
    if act in (Act.SKIP, Act.REPEAT):
        return _activity_refusal(run, activation, element, act)
    return _scope_refusal(run, run.parent(activation), element.id)


def _activity_refusal(
    run: Run, activation: Activation, element: Element, act: Act
) -> Remark | None:
    parent = run.parent(activation)
    is_fit = element.kind not in _NO_ACTIVITIES and not element.for_compensation
    if not is_fit or parent.undo is not None or activation.undo is not None:
        return Remark("token.not-movable", activation.process, element.id, activation.key)
    if act is Act.SKIP and _goes_the_usual_way(run, activation):
        definition = run.definition(activation.process)
        if any(definition.elements[each].handler for each in element.boundary):
            return Remark("skip.compensated", activation.process, element.id, activation.key)
    return None


def _scope_refusal(run: Run, scope: Activation, element_id: str) -> Remark | None:
    """Say why tokens are not moved, added or cancelled in a scope."""
    code = None
    if scope.role not in (Role.ROOT, Role.SCOPE, Role.CALL):
        code = "token.in-items"
    elif ad_hoc_of(run, scope) is not None:
        code = "token.in-ad-hoc"
    elif scope.undo is not None or scope.interrupted:
        code = "token.in-compensation"
    return None if code is None else Remark(code, scope.inner, element_id, scope.key)


_NO_ACTIVITIES: Final = frozenset(
    {
        Kind.START_EVENT,
        Kind.END_EVENT,
        Kind.BOUNDARY_EVENT,
        Kind.EVENT_SUB_PROCESS,
        Kind.EXCLUSIVE_GATEWAY,
        Kind.INCLUSIVE_GATEWAY,
        Kind.PARALLEL_GATEWAY,
        Kind.COMPLEX_GATEWAY,
        Kind.EVENT_BASED_GATEWAY,
    }
)


# Moving


def _destination(run: Run, scope: Activation, to: str) -> tuple[Flow | None, Element]:
    definition = run.definition(scope.inner)
    flow = flow_of(definition, to)
    element = definition.elements.get(flow.target if flow else to)
    if element is None:
        raise CannotDo(Remark("token.no-target", scope.inner, to, scope.key))
    inside = scope.element if scope.role is Role.SCOPE else None
    if element.scope != inside:
        raise CannotDo(Remark("token.other-scope", scope.inner, to, scope.key))
    if flow is None and not _may_begin(run, scope, element):
        raise CannotDo(Remark("token.no-target", scope.inner, to, scope.key))
    return flow, element


def _may_begin(run: Run, scope: Activation, element: Element) -> bool:
    if element.kind is Kind.START_EVENT:
        return is_plain_start(element)
    is_inside = element.id in run.scope(scope).event_sub_processes
    return not (element.kind is Kind.BOUNDARY_EVENT or element.for_compensation or is_inside)


def _leave_place(run: Run, scope: Activation, activation: Activation | None, key: str) -> None:
    if activation is not None:
        run.end(activation)
    else:
        take(scope.joins, [key.partition(_AT_JOIN)[2]])


def _begin(run: Run, scope: Activation, flow: Flow | None, element: Element) -> None:
    definition = run.definition(scope.inner)
    _judge(run, scope, [arrival(definition, flow) if flow else element.id])
    run.push(Stage.ENTER, run.open(scope, element.id), flow.id if flow else None)


def _demand_tokens_left(run: Run, scope: Activation, key: str) -> None:
    if not marking_of(run.definition(scope.inner), run.activations, run.waits, scope):
        raise CannotDo(Remark("token.last", scope.inner, "", key))


def _judge(run: Run, scope: Activation, arriving: list[str]) -> None:
    """Refuse if the scope could go wrong with the tokens it has and those that arrive."""
    definition = run.definition(scope.inner)
    inside = scope.element if scope.role is Role.SCOPE else None
    marking = [
        *marking_of(definition, run.activations, run.waits, scope),
        *arriving,
    ]
    pair = apart(net_of(definition, inside), marking, concurrent(definition, inside))
    if pair is not None:
        one, other = (_element_at(definition, place) for place in pair)
        raise CannotDo(Remark("token.apart", scope.inner, one, scope.key, {"other": other}))
    if unforeseen(definition, inside, marking):
        raise CannotDo(Remark("token.starved", scope.inner, "", scope.key))


def _element_at(definition: Definition, place: str) -> str:
    flow = flow_of(definition, place.removeprefix(_AT_JOIN))
    return flow.target if flow else place.removeprefix("=")


# Skipping


def _goes_the_usual_way(run: Run, activation: Activation) -> bool:
    """Items and ad-hoc activities are counted when they are done, so they leave as all do."""
    return is_inside_item(run, activation) or ad_hoc_of(run, run.parent(activation)) is not None


def _skip(run: Run, activation: Activation, values: dict[str, Any]) -> None:
    element = run.element(activation)
    _demand_values(run, activation, element, values)
    run.end_children(activation)
    for key in list(activation.waits):
        if run.waits[key].kind in _OWN:
            run.cancel_wait(key)
    if _goes_the_usual_way(run, activation):
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
    is_item = is_inside_item(run, activation)  # the collection is given by all items together
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
