"""Small process definitions built in code, for tests that should not need a diagram.

    claim = (
        process("claim")
        .start()
        .user_task("review")
        .xor("decide")
        .when("ok = true").end("approved")
        .back_to("decide").otherwise().end("refused")
        .build()
    )

The builder stands at one element; a step adds the next one and draws a flow to it. `to` draws a
flow to an element that is there already, `back_to` moves without drawing. Expressions are FEEL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.bpmn.definition import (
    AdHoc,
    DecisionCall,
    Definition,
    Element,
    EventKind,
    EventSpec,
    Flow,
    Kind,
    Message,
    MissedTimer,
    MultiInstance,
    Scope,
    Script,
    ServiceCall,
    StandardLoop,
    Timer,
    TimerKind,
    UserWork,
    VariableMapping,
)
from feel import Expression, compile_expression
from tests.bpmn.diagrams import carried

Body = Callable[["Builder"], "Builder"]


def feel(text: str | None) -> Expression | None:
    return None if text is None else compile_expression(text)


def _expression(text: str) -> Expression:
    return compile_expression(text)


# Events, for start, catch, throw, boundary and end


def timer(
    duration: str | None = None,
    *,
    date: str | None = None,
    cycle: str | None = None,
    clock: str | None = None,
    missed: MissedTimer = MissedTimer.ONCE,
) -> EventSpec:
    """`duration` and `date` are FEEL, `cycle` is an ISO 8601 text, `clock` names a case clock."""
    if duration is not None:
        spec = Timer(TimerKind.DURATION, feel(duration), missed=missed)
    elif date is not None:
        spec = Timer(TimerKind.DATE, feel(date), missed=missed)
    elif cycle is not None:
        spec = Timer(TimerKind.CYCLE, feel(f'"{cycle}"'), missed=missed)
    else:
        spec = Timer(TimerKind.DATE, None, clock=clock)
    return EventSpec(EventKind.TIMER, timer=spec)


def after(iso: str) -> EventSpec:
    return timer(f'duration("{iso}")')


def message(name: str, correlation: str | None = None) -> EventSpec:
    return EventSpec(EventKind.MESSAGE, message=Message(name, feel(correlation)))


def signal(name: str) -> EventSpec:
    return EventSpec(EventKind.SIGNAL, code=name)


def error(code: str | None = None) -> EventSpec:
    return EventSpec(EventKind.ERROR, code=code)


def escalation(code: str | None = None) -> EventSpec:
    return EventSpec(EventKind.ESCALATION, code=code)


def terminate() -> EventSpec:
    return EventSpec(EventKind.TERMINATE)


def each(  # sizes: exempt — a builder: one keyword per difference
    collection: str | None = None,
    *,
    times: str | None = None,
    sequential: bool = False,
    item: str | None = None,
    into: str | None = None,
    result: str | None = None,
    until: str | None = None,
) -> MultiInstance:
    return MultiInstance(
        sequential,
        cardinality=feel(times),
        collection=feel(collection),
        element_variable=item,
        output_collection=into,
        output_element=feel(result),
        completion_condition=feel(until),
    )


def mappings(values: Mapping[str, str] | None) -> tuple[VariableMapping, ...]:
    """`{target: FEEL source}`."""
    return tuple(
        VariableMapping(_expression(source), target) for target, source in (values or {}).items()
    )


def loop(
    condition: str | None = None, *, before: bool = False, most: int | None = None
) -> StandardLoop:
    return StandardLoop(feel(condition), before, most)


def when_true(condition: str) -> EventSpec:
    return EventSpec(EventKind.CONDITIONAL, condition=feel(condition))


def any_of(*parts: EventSpec) -> EventSpec:
    return EventSpec(EventKind.MULTIPLE, parts=parts)


def all_of(*parts: EventSpec) -> EventSpec:
    return EventSpec(EventKind.PARALLEL_MULTIPLE, parts=parts)


def compensation(activity: str | None = None, *, waits: bool = True) -> EventSpec:
    return EventSpec(EventKind.COMPENSATION, activity=activity, waits=waits)


def cancel() -> EventSpec:
    return EventSpec(EventKind.CANCEL)


@dataclass
class _Draft:
    """What the whole process has so far."""

    process_id: str
    elements: dict[str, Element] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    scopes: dict[str | None, Scope] = field(default_factory=dict)


class Builder:
    """Stands at one element of one scope of a draft."""

    def __init__(self, draft: _Draft, scope: str | None = None) -> None:
        self._draft = draft
        self._scope = scope
        self._at: str | None = None
        self._condition: Expression | None = None
        self._default = False
        draft.scopes.setdefault(scope, Scope(scope, ()))

    # Drawing

    def add(self, element: Element) -> Builder:
        """Put an element into this scope, with a flow to it from where the builder stands."""
        element = replace(element, scope=self._scope)
        self._draft.elements[element.id] = element
        scope = self._draft.scopes[self._scope]
        self._draft.scopes[self._scope] = replace(
            scope,
            elements=(*scope.elements, element.id),
            start_events=(
                (*scope.start_events, element.id)
                if element.kind is Kind.START_EVENT
                else scope.start_events
            ),
            event_sub_processes=(
                (*scope.event_sub_processes, element.id)
                if element.kind is Kind.EVENT_SUB_PROCESS
                else scope.event_sub_processes
            ),
        )
        if element.kind is Kind.EVENT_SUB_PROCESS:
            return self
        if self._at is not None and element.kind not in (Kind.BOUNDARY_EVENT, Kind.START_EVENT):
            return self.to(element.id)
        return self.back_to(element.id)

    def to(self, element_id: str) -> Builder:
        """Draw a flow to an element; the builder stands there then."""
        source = self._at
        assert source is not None
        self._draft.flows.append(
            Flow(
                f"f{len(self._draft.flows) + 1}_{source}_{element_id}",
                source,
                element_id,
                self._condition,
                self._default,
            )
        )
        return self.back_to(element_id)

    def back_to(self, element_id: str | None) -> Builder:
        """Go on drawing from an element that is there already."""
        self._at = element_id
        self._condition, self._default = None, False
        return self

    def when(self, condition: str) -> Builder:
        """The next flow has this condition."""
        self._condition = _expression(condition)
        return self

    def otherwise(self) -> Builder:
        """The next flow is the default."""
        self._default = True
        return self

    # Elements

    def start(
        self, element_id: str = "start", event: EventSpec | None = None, **more: Any
    ) -> Builder:
        spec = event or EventSpec(EventKind.NONE)
        return self.add(_element(element_id, Kind.START_EVENT, event=spec, **more))

    def end(self, element_id: str = "end", event: EventSpec | None = None, **more: Any) -> Builder:
        spec = event or EventSpec(EventKind.NONE)
        return self.add(_element(element_id, Kind.END_EVENT, event=spec, **more))

    def catch(self, element_id: str, event: EventSpec, **more: Any) -> Builder:
        return self.add(_element(element_id, Kind.INTERMEDIATE_CATCH_EVENT, event=event, **more))

    def throw(self, element_id: str, event: EventSpec, **more: Any) -> Builder:
        return self.add(_element(element_id, Kind.INTERMEDIATE_THROW_EVENT, event=event, **more))

    def task(self, element_id: str, **more: Any) -> Builder:
        return self.add(_element(element_id, Kind.TASK, **more))

    def user_task(self, element_id: str, work: UserWork | None = None, **more: Any) -> Builder:
        user = work or UserWork(("counter",), form_key=f"{element_id}-form")
        return self.add(_element(element_id, Kind.USER_TASK, user=user, **more))

    def script(self, element_id: str, variable: str, expression: str, **more: Any) -> Builder:
        script = Script(_expression(expression), variable)
        return self.add(_element(element_id, Kind.SCRIPT_TASK, script=script, **more))

    def service(self, element_id: str, operation: str = "agency.notify", **more: Any) -> Builder:
        return self.add(
            _element(element_id, Kind.SERVICE_TASK, service=ServiceCall(operation), **more)
        )

    def decide(
        self, element_id: str, decision: str, into: str, legal_date: str | None = None, **more: Any
    ) -> Builder:
        call = DecisionCall(decision, into, feel(legal_date))
        return self.add(_element(element_id, Kind.BUSINESS_RULE_TASK, decision=call, **more))

    def send(
        self, element_id: str, name: str, correlation: str | None = None, **more: Any
    ) -> Builder:
        sent = Message(name, feel(correlation))
        return self.add(_element(element_id, Kind.SEND_TASK, message=sent, **more))

    def receive(
        self, element_id: str, name: str, correlation: str | None = None, **more: Any
    ) -> Builder:
        awaited = Message(name, feel(correlation))
        return self.add(_element(element_id, Kind.RECEIVE_TASK, message=awaited, **more))

    def call(self, element_id: str, process_id: str, **more: Any) -> Builder:
        return self.add(_element(element_id, Kind.CALL_ACTIVITY, called=process_id, **more))

    def xor(self, element_id: str) -> Builder:
        return self.add(_element(element_id, Kind.EXCLUSIVE_GATEWAY))

    def parallel(self, element_id: str) -> Builder:
        return self.add(_element(element_id, Kind.PARALLEL_GATEWAY))

    def inclusive(self, element_id: str) -> Builder:
        return self.add(_element(element_id, Kind.INCLUSIVE_GATEWAY))

    def complex(self, element_id: str, activation: str | None = None) -> Builder:
        return self.add(_element(element_id, Kind.COMPLEX_GATEWAY, activation=feel(activation)))

    def first_event(self, element_id: str) -> Builder:
        return self.add(_element(element_id, Kind.EVENT_BASED_GATEWAY))

    def sub_process(
        self, element_id: str, body: Body, *, declares: tuple[str, ...] = (), **more: Any
    ) -> Builder:
        self.add(_element(element_id, Kind.SUB_PROCESS, **more))
        self._fill(element_id, body, declares)
        return self

    def transaction(self, element_id: str, body: Body, **more: Any) -> Builder:
        self.add(_element(element_id, Kind.TRANSACTION, **more))
        self._fill(element_id, body, ())
        return self

    def ad_hoc(
        self,
        element_id: str,
        body: Body,
        until: str | None = None,
        *,
        sequential: bool = False,
        cancels: bool = True,
    ) -> Builder:
        """`body` adds activities; `back_to(None)` between them draws no flow."""
        shape = AdHoc(feel(until), sequential=sequential, cancel_remaining=cancels)
        self.add(_element(element_id, Kind.AD_HOC_SUB_PROCESS, ad_hoc=shape))
        self._fill(element_id, body, ())
        return self

    def compensated(self, host: str, handler: str, kind: Kind = Kind.USER_TASK) -> Builder:
        """Let `handler` make `host` good; the builder stands at `host` afterwards."""
        user = UserWork(("counter",)) if kind is Kind.USER_TASK else None
        self._at = None
        self.add(_element(handler, kind, user=user, for_compensation=True))
        event = EventSpec(EventKind.COMPENSATION)
        self.boundary(host, f"{host}_compensation", event, handler=handler)
        return self.back_to(host)

    def event_sub_process(
        self, element_id: str, body: Body, *, declares: tuple[str, ...] = ()
    ) -> Builder:
        """`body` begins with `.start(…, event)`; the builder stays where it stands."""
        self.add(_element(element_id, Kind.EVENT_SUB_PROCESS))
        self._fill(element_id, body, declares)
        return self

    def _fill(self, element_id: str, body: Body, declares: tuple[str, ...]) -> None:
        body(Builder(self._draft, element_id))
        filled = self._draft.scopes[element_id]
        self._draft.scopes[element_id] = replace(filled, declares=declares)

    def boundary(
        self,
        host: str,
        element_id: str,
        event: EventSpec,
        *,
        interrupting: bool = True,
        **more: Any,
    ) -> Builder:
        """Attach a boundary event to `host`; the builder stands at the event."""
        spec = replace(event, interrupting=interrupting)
        self.add(_element(element_id, Kind.BOUNDARY_EVENT, event=spec, attached_to=host, **more))
        attached = self._draft.elements[host]
        self._draft.elements[host] = replace(attached, boundary=(*attached.boundary, element_id))
        return self

    def declares(self, *names: str) -> Builder:
        scope = self._draft.scopes[self._scope]
        self._draft.scopes[self._scope] = replace(scope, declares=names)
        return self

    def build(self) -> Definition:
        draft = self._draft
        elements = {
            element.id: replace(
                element,
                outgoing=tuple(flow for flow in draft.flows if flow.source == element.id),
                incoming=tuple(flow.id for flow in draft.flows if flow.target == element.id),
            )
            for element in draft.elements.values()
        }
        calls = frozenset(element.called for element in elements.values() if element.called)
        said = repr((draft.process_id, carried(elements), carried(draft.scopes)))
        digest = hashlib.sha256(said.encode()).hexdigest()
        return Definition(
            draft.process_id, draft.process_id, digest, elements, dict(draft.scopes), calls=calls
        )


def _element(
    element_id: str,
    kind: Kind,
    *,
    inputs: Mapping[str, str] | None = None,
    outputs: Mapping[str, str] | None = None,
    **more: Any,
) -> Element:
    return Element(
        element_id,
        kind,
        element_id,
        None,
        inputs=mappings(inputs),
        outputs=mappings(outputs),
        **more,
    )


def process(process_id: str) -> Builder:
    return Builder(_Draft(process_id))


def not_interrupting(event: EventSpec) -> EventSpec:
    """The same event as the start of an event sub-process that interrupts nothing."""
    return replace(event, interrupting=False)
