"""What may be done to which token, and where it may go: judged before anything is touched. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from engine.bpmn.definition import Definition, Element, Flow, Kind
from engine.bpmn.interpreter_ad_hoc import ad_hoc_of
from engine.bpmn.interpreter_events import is_plain_start
from engine.bpmn.interpreter_run import Run
from engine.bpmn.interpreter_tokens import is_inside_item
from engine.bpmn.migration_comparison import flow_of
from engine.bpmn.migration_outlook import apart, concurrent, net_of, unforeseen
from engine.bpmn.migration_places import marking_of
from engine.bpmn.migration_sentences import Remark
from engine.bpmn.state import Activation, Role

AT_JOIN: Final = ">"
"""Between scope and flow in the key of a token that waits at a join; in no key of an activation."""


class CannotDo(Exception):
    """The deed is refused; `remark` says why in both languages."""

    def __init__(self, remark: Remark) -> None:
        super().__init__(remark.en)
        self.remark = remark


class Act(StrEnum):
    """The deeds by name."""

    MOVE = "move"
    ADD = "add"
    CANCEL = "cancel"
    SKIP = "skip"
    REPEAT = "repeat"


def scope_and_activation(run: Run, key: str) -> tuple[Activation, Activation | None]:
    """Return the scope of a token, and the token's activation (None: it waits at a join)."""
    scope_key, is_waiting, flow_id = key.partition(AT_JOIN)
    if is_waiting:
        scope = run.activations.get(scope_key)
        if scope is None or flow_id not in scope.joins:
            raise CannotDo(Remark("token.unknown"))
        return scope, None
    activation = run.activations.get(key)
    if activation is None or not activation.entered or activation.parent is None:
        raise CannotDo(Remark("token.unknown"))
    return run.parent(activation), activation


def checked(run: Run, key: str, act: Act) -> tuple[Activation, Activation | None]:
    scope, activation = scope_and_activation(run, key)
    remark = (
        scope_refusal(run, scope, key.partition(AT_JOIN)[2])
        if activation is None
        else refusal(run, activation, act)
    )
    if remark is not None:
        raise CannotDo(remark)
    return scope, activation


def refusal(run: Run, activation: Activation, act: Act) -> Remark | None:
    """Say why the deed is not for this activation, whatever it leads to."""
    element = run.element(activation)
    is_event_sub_process = element.kind is Kind.EVENT_SUB_PROCESS
    if activation.role is Role.UNDO or (is_event_sub_process and act is not Act.CANCEL):
        return Remark("token.not-movable", activation.process, element.id, activation.key)
    if act in (Act.SKIP, Act.REPEAT):
        return _activity_refusal(run, activation, element, act)
    return scope_refusal(run, run.parent(activation), element.id)


def _activity_refusal(
    run: Run, activation: Activation, element: Element, act: Act
) -> Remark | None:
    parent = run.parent(activation)
    is_fit = element.kind not in _NO_ACTIVITIES and not element.for_compensation
    if not is_fit or parent.undo is not None or activation.undo is not None:
        return Remark("token.not-movable", activation.process, element.id, activation.key)
    if act is Act.SKIP and goes_the_usual_way(run, activation):
        definition = run.definition(activation.process)
        if any(definition.elements[each].handler for each in element.boundary):
            return Remark("skip.compensated", activation.process, element.id, activation.key)
    return None


def scope_refusal(run: Run, scope: Activation, element_id: str) -> Remark | None:
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


# Where to


def destination(run: Run, scope: Activation, to: str) -> tuple[Flow | None, Element]:
    definition = run.definition(scope.inner)
    flow = flow_of(definition, to)
    element = definition.elements.get(flow.target if flow else to)
    if element is None:
        raise CannotDo(Remark("token.no-target", scope.inner, to, scope.key))
    inside = scope.element if scope.role is Role.SCOPE else None
    if element.scope != inside:
        raise CannotDo(Remark("token.other-scope", scope.inner, to, scope.key))
    if flow is None and not may_begin(run, scope, element):
        raise CannotDo(Remark("token.no-target", scope.inner, to, scope.key))
    return flow, element


def may_begin(run: Run, scope: Activation, element: Element) -> bool:
    if element.kind is Kind.START_EVENT:
        return is_plain_start(element)
    is_inside = element.id in run.scope(scope).event_sub_processes
    return not (element.kind is Kind.BOUNDARY_EVENT or element.for_compensation or is_inside)


def demand_tokens_left(run: Run, scope: Activation, key: str) -> None:
    if not marking_of(run.definition(scope.inner), run.activations, run.waits, scope):
        raise CannotDo(Remark("token.last", scope.inner, "", key))


def judge(run: Run, scope: Activation, arriving: list[str]) -> None:
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
    flow = flow_of(definition, place.removeprefix(AT_JOIN))
    return flow.target if flow else place.removeprefix("=")


def goes_the_usual_way(run: Run, activation: Activation) -> bool:
    """Items and ad-hoc activities are counted when they are done, so they leave as all do."""
    return is_inside_item(run, activation) or ad_hoc_of(run, run.parent(activation)) is not None
