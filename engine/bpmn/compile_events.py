"""Events: which definition an event carries, and whether it may stand where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from engine.bpmn.compile_expressions import Compiling
from engine.bpmn.definition import EventKind, EventSpec, Message, MissedTimer, Timer, TimerKind
from engine.bpmn.durations import (
    NotATime,
    looks_like_duration,
    parse_cycle,
    parse_date,
    parse_duration,
    parse_moment,
)
from engine.bpmn.normalise import DiagramNode, bpmn, flag, hz, link_name, local, text_of
from engine.bpmn.vocabulary import ACTIVITIES
from feel import Expression

_KINDS: Final[Mapping[str, EventKind]] = {
    "messageEventDefinition": EventKind.MESSAGE,
    "timerEventDefinition": EventKind.TIMER,
    "signalEventDefinition": EventKind.SIGNAL,
    "errorEventDefinition": EventKind.ERROR,
    "escalationEventDefinition": EventKind.ESCALATION,
    "terminateEventDefinition": EventKind.TERMINATE,
    "conditionalEventDefinition": EventKind.CONDITIONAL,
    "linkEventDefinition": EventKind.LINK,
    "compensateEventDefinition": EventKind.COMPENSATION,
    "cancelEventDefinition": EventKind.CANCEL,
}

_N, _M, _T, _S = EventKind.NONE, EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL
_ERR, _ESC, _END = EventKind.ERROR, EventKind.ESCALATION, EventKind.TERMINATE
_IF, _LINK = EventKind.CONDITIONAL, EventKind.LINK
_COMP, _CANCEL = EventKind.COMPENSATION, EventKind.CANCEL

ALLOWED: Final[Mapping[str, frozenset[EventKind]]] = {
    # BPMN 2.0.2, tables 10.84 to 10.89. A process does not start by a condition: it would be one
    # over data that nobody holds before there is a case.
    "start of the process": frozenset({_N, _M, _T, _S}),
    "start of a sub-process": frozenset({_N}),
    "start of an event sub-process": frozenset({_M, _T, _S, _ERR, _ESC, _IF, _COMP}),
    "intermediateCatchEvent": frozenset({_M, _T, _S, _IF, _LINK}),
    "intermediateThrowEvent": frozenset({_N, _M, _S, _ESC, _COMP, _LINK}),
    "boundaryEvent": frozenset({_M, _T, _S, _ERR, _ESC, _IF, _COMP, _CANCEL}),
    "endEvent": frozenset({_N, _M, _S, _ERR, _ESC, _END, _COMP, _CANCEL}),
}
_ALONE: Final = frozenset({_LINK, _COMP, _CANCEL, _END})
"""Kinds that are no part of a catching multiple event; a throwing one may compensate or end."""

_ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(T.*)?\Z", re.DOTALL)
_MOMENT_CALL: Final = re.compile(r'date and time\(\s*"([^"]*)"\s*\)|@"(\d{4}-[^"]*T[^"]*)"')
_ZONE: Final = re.compile(r"(?:Z|[+-]\d\d:\d\d(?::\d\d)?|@[\w/+-]+)\Z")
_POINT: Final = re.compile(r"due(?:\+\d{1,3}wd)?|[01](?:\.\d{1,4})?|\.\d{1,4}")
_THROWING: Final = frozenset({"intermediateThrowEvent", "endEvent"})


def event_spec(node: DiagramNode, compiling: Compiling) -> EventSpec | None:
    """Compile what `node` waits for or throws; None, with a finding, if it may not stand there."""
    place = place_of(node, compiling)
    kinds = [_KINDS[local(definition)] for definition in node.definitions] or [EventKind.NONE]
    for kind in kinds:
        if kind not in ALLOWED[place]:
            legal = ", ".join(sorted(ALLOWED[place]))
            compiling.report.add("event.not-here", node.id, kind=kind, place=place, legal=legal)
            return None
    interrupting = _is_interrupting(node, place, kinds, compiling)
    if kinds == [EventKind.NONE]:
        return EventSpec(EventKind.NONE, interrupting=interrupting)
    parts = [_part(node, definition, compiling) for definition in node.definitions]
    if None in parts:
        return None
    known = tuple(replace(part, interrupting=interrupting) for part in parts if part is not None)
    return known[0] if len(known) == 1 else _multiple(node, known, compiling)


def _multiple(
    node: DiagramNode, parts: tuple[EventSpec, ...], compiling: Compiling
) -> EventSpec | None:
    """Several definitions on one event (BPMN 2.0.2, 10.5.5): any of them, or all."""
    kinds = {part.kind for part in parts}
    is_all = flag(node.xml, "parallelMultiple", default=False)
    thrown_inside = kinds & {EventKind.ERROR, EventKind.ESCALATION}
    if node.tag in _THROWING:
        endings = [part for part in parts if part.kind in (_ERR, _END, _CANCEL)]
        odd = kinds & {_LINK} or (len(endings) > 1 and {endings[1].kind})
    else:
        odd = kinds & _ALONE or (is_all and thrown_inside)
    if odd:
        compiling.report.add("event.not-together", node.id, kind=", ".join(sorted(odd)))
        return None
    kind = EventKind.PARALLEL_MULTIPLE if is_all else EventKind.MULTIPLE
    return EventSpec(kind, interrupting=parts[0].interrupting, parts=parts)


def event_of(node: DiagramNode, definition: Any, compiling: Compiling) -> EventSpec | None:
    """Compile an event definition that `node` throws by its own behaviour."""
    kind = _KINDS.get(local(definition))
    if kind not in (EventKind.SIGNAL, EventKind.MESSAGE, EventKind.ESCALATION, EventKind.ERROR):
        compiling.report.add("multi-instance.bad-event", node.id, kind=local(definition))
        return None
    return _part(node, definition, compiling)


def _part(node: DiagramNode, definition: Any, compiling: Compiling) -> EventSpec | None:
    kind = _KINDS[local(definition)]
    match kind:
        case EventKind.TIMER:
            return EventSpec(kind, timer=_timer(node, definition, compiling))
        case EventKind.MESSAGE:
            return EventSpec(kind, message=message_of(node, definition, compiling))
        case EventKind.CONDITIONAL:
            return EventSpec(kind, condition=_condition(node, definition, compiling))
        case EventKind.COMPENSATION:
            return _compensation(node, definition, compiling)
        case EventKind.SIGNAL | EventKind.ERROR | EventKind.ESCALATION:
            return EventSpec(kind, code=_code(node, kind, definition, compiling))
        case EventKind.LINK:
            if not link_name(node):
                compiling.report.add("event.no-reference", node.id, kind=kind)
            return EventSpec(kind, code=link_name(node))
    return EventSpec(kind)


def _condition(node: DiagramNode, definition: Any, compiling: Compiling) -> Expression | None:
    condition = definition.find(bpmn("condition"))
    if condition is None:
        compiling.report.add("expression.empty", node.id, part="condition")
        return None
    return compiling.feel(text_of(condition), node.id, "condition")


def _compensation(node: DiagramNode, definition: Any, compiling: Compiling) -> EventSpec:
    activity = definition.get("activityRef")
    if activity is not None and node.tag not in _THROWING:
        compiling.report.add("compensation.names-activity", node.id)
    elif activity is not None:
        meant = compiling.diagram.nodes.get(activity)
        if (
            meant is None
            or meant.tag not in ACTIVITIES
            or meant.scope not in _around(node, compiling)
        ):
            compiling.report.add("compensation.unknown-activity", node.id, activity=activity)
    waits = flag(definition, "waitForCompletion", default=True)
    return EventSpec(EventKind.COMPENSATION, activity=activity, waits=waits)


def _around(node: DiagramNode, compiling: Compiling) -> set[str | None]:
    """The scopes whose activities a compensation thrown by `node` may mean (10.5.6)."""
    scopes = {node.scope}
    scope = node.scope
    while scope is not None and compiling.diagram.nodes[scope].is_event_sub_process:
        scope = compiling.diagram.nodes[scope].scope
        scopes.add(scope)
    return scopes


def kind_of(node: DiagramNode) -> EventKind:
    """What kind of event `node` is."""
    if not node.definitions:
        return EventKind.NONE
    if len(node.definitions) > 1:
        is_all = flag(node.xml, "parallelMultiple", default=False)
        return EventKind.PARALLEL_MULTIPLE if is_all else EventKind.MULTIPLE
    return _KINDS[local(node.definitions[0])]


def place_of(node: DiagramNode, compiling: Compiling) -> str:
    """Where the event stands, as `ALLOWED` names it."""
    if node.tag != "startEvent":
        return node.tag
    if node.scope is None:
        return "start of the process"
    scope = compiling.diagram.nodes[node.scope]
    kind = "an event sub-process" if scope.is_event_sub_process else "a sub-process"
    return f"start of {kind}"


def _is_interrupting(
    node: DiagramNode, place: str, kinds: list[EventKind], compiling: Compiling
) -> bool:
    if place == "boundaryEvent":
        interrupting = flag(node.xml, "cancelActivity", default=True)
    else:
        interrupting = flag(node.xml, "isInterrupting", default=True)
        if not interrupting and place != "start of an event sub-process":
            compiling.report.add("event.nothing-to-interrupt", node.id)
    if not interrupting and {EventKind.ERROR, EventKind.CANCEL}.intersection(kinds):
        compiling.report.add("event.error-must-interrupt", node.id)
    return interrupting


def message_of(node: DiagramNode, holder: Any, compiling: Compiling) -> Message | None:
    """The message that `holder` (an event definition, a send or receive task) refers to."""
    reference = holder.get("messageRef")
    if not reference:
        compiling.report.add("message.missing", node.id)
        return None
    element = _global(node, "message", reference, compiling)
    if element is None:
        return None
    name = element.get("name", "").strip()
    if not name:
        compiling.report.add("message.no-name", reference)
    key = element.get(hz("correlationKey"))
    return Message(name, compiling.feel(key, reference, "hz:correlationKey"))


def _code(node: DiagramNode, kind: EventKind, definition: Any, compiling: Compiling) -> str | None:
    """The name of a signal, the code of an error or escalation; None catches every code."""
    attribute = "name" if kind is EventKind.SIGNAL else f"{kind}Code"
    reference = definition.get(f"{kind}Ref")
    if not reference:
        if kind is EventKind.SIGNAL or node.tag in _THROWING:
            compiling.report.add("event.no-reference", node.id, kind=kind)
        return None
    element = _global(node, str(kind), reference, compiling)
    if element is None:
        return None
    code = str(element.get(attribute, "")).strip()
    if not code:
        compiling.report.add("event.no-code", reference, kind=kind, attribute=attribute)
    return code


def _global(node: DiagramNode, tag: str, reference: str, compiling: Compiling) -> Any | None:
    element = compiling.diagram.global_elements.get(reference)
    if element is None or local(element) != tag:
        compiling.report.add("reference.unknown", node.id, what=tag, name=reference)
        return None
    return element


def _timer(node: DiagramNode, definition: Any, compiling: Compiling) -> Timer | None:
    times = [child for child in definition if local(child) in _TIMES]
    clock = definition.get(hz("clock"))
    if clock is not None:
        if times:
            compiling.report.add("timer.clock-and-time", node.id)
        return _of_clock(node, definition, clock.strip(), compiling)
    if len(times) != 1:
        compiling.report.add("timer.no-time", node.id)
        return None
    kind, compile_text = _TIMES[local(times[0])]
    missed = _missed(node, definition, kind, compiling)
    if definition.get(hz("point")) is not None:
        compiling.report.add("timer.point-without-clock", node.id)
    text = text_of(times[0]).removeprefix("=").strip()
    try:
        feel = compile_text(node, text, compiling)
    except NotATime as problem:
        compiling.report.add("timer.unreadable", node.id, text=text, problem=problem)
        return None
    is_literal = kind is TimerKind.DURATION and looks_like_duration(text)
    span = parse_duration(text) if is_literal else None
    expression = compiling.feel(feel, node.id, local(times[0]))
    return Timer(kind, expression, missed=missed, span=span)


def _of_clock(node: DiagramNode, definition: Any, clock: str, compiling: Compiling) -> Timer:
    point = definition.get(hz("point"), "due").strip()
    if not _POINT.fullmatch(point):
        compiling.report.add("timer.bad-point", node.id, point=point)
    known = compiling.library.clocks
    if known is not None and clock not in known:
        compiling.report.add("reference.unknown", node.id, what="hz:clock", name=clock)
    return Timer(TimerKind.DATE, None, clock=clock, point=point)


def _missed(
    node: DiagramNode, definition: Any, kind: TimerKind, compiling: Compiling
) -> MissedTimer:
    text = definition.get(hz("missed"))
    if text is None:
        return MissedTimer.ONCE
    if text not in set(MissedTimer):
        compiling.report.add(
            "hz.bad-value", node.id, name="missed", value=text, legal="once, all, skip"
        )
        return MissedTimer.ONCE
    if kind is not TimerKind.CYCLE:
        compiling.report.add("timer.missed-without-cycle", node.id)
    return MissedTimer(text)


def _date_text(node: DiagramNode, text: str, compiling: Compiling) -> str:
    iso = _ISO_DATE.match(text)
    if iso and iso.group(1):
        return f'date and time("{parse_moment(text).isoformat()}")'
    if iso:
        return f'date("{parse_date(text).isoformat()}")'
    for in_call, in_literal in _MOMENT_CALL.findall(text):
        if not _ZONE.search(in_call or in_literal):
            compiling.report.add("timer.no-zone", node.id, text=in_call or in_literal)
    return text


def _duration_text(node: DiagramNode, text: str, compiling: Compiling) -> str:
    return parse_duration(text).feel if looks_like_duration(text) else text


def _cycle_text(node: DiagramNode, text: str, compiling: Compiling) -> str:
    if not re.match(r"R\d*/", text):
        return text
    cycle = parse_cycle(text)
    if cycle.turns is None and not cycle.every.months and cycle.every.time.total_seconds() < 60:
        compiling.report.add("timer.fast-cycle", node.id, text=text)
    return f'"{text}"'


_TIMES: Final[Mapping[str, tuple[TimerKind, Callable[[DiagramNode, str, Compiling], str]]]] = {
    "timeDate": (TimerKind.DATE, _date_text),
    "timeDuration": (TimerKind.DURATION, _duration_text),
    "timeCycle": (TimerKind.CYCLE, _cycle_text),
}
