"""Events: which definition an event carries, and whether it may stand where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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
from engine.bpmn.normalise import DiagramNode, flag, hz, local, text_of

_KINDS: Final[Mapping[str, EventKind]] = {
    "messageEventDefinition": EventKind.MESSAGE,
    "timerEventDefinition": EventKind.TIMER,
    "signalEventDefinition": EventKind.SIGNAL,
    "errorEventDefinition": EventKind.ERROR,
    "escalationEventDefinition": EventKind.ESCALATION,
    "terminateEventDefinition": EventKind.TERMINATE,
}

_N, _M, _T, _S = EventKind.NONE, EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL
_ERR, _ESC, _END = EventKind.ERROR, EventKind.ESCALATION, EventKind.TERMINATE

ALLOWED: Final[Mapping[str, frozenset[EventKind]]] = {
    # BPMN 2.0.2, tables 10.84 to 10.89.
    "start of the process": frozenset({_N, _M, _T, _S}),
    "start of a sub-process": frozenset({_N}),
    "start of an event sub-process": frozenset({_M, _T, _S, _ERR, _ESC}),
    "intermediateCatchEvent": frozenset({_M, _T, _S}),
    "intermediateThrowEvent": frozenset({_N, _M, _S, _ESC}),
    "boundaryEvent": frozenset({_M, _T, _S, _ERR, _ESC}),
    "endEvent": frozenset({_N, _M, _S, _ERR, _ESC, _END}),
}

_ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(T.*)?\Z", re.DOTALL)
_MOMENT_CALL: Final = re.compile(r'date and time\(\s*"([^"]*)"\s*\)|@"(\d{4}-[^"]*T[^"]*)"')
_ZONE: Final = re.compile(r"(?:Z|[+-]\d\d:\d\d(?::\d\d)?|@[\w/+-]+)\Z")
_POINT: Final = re.compile(r"due|[01](?:\.\d{1,4})?|\.\d{1,4}")
_THROWING: Final = frozenset({"intermediateThrowEvent", "endEvent"})


def event_spec(node: DiagramNode, compiling: Compiling) -> EventSpec | None:
    """Compile the event definition of `node`; None, with a finding, if it has none it may have."""
    if len(node.definitions) > 1:
        compiling.report.add("event.several", node.id, count=len(node.definitions))
        return None
    kind = kind_of(node)
    place = place_of(node, compiling)
    if kind not in ALLOWED[place]:
        legal = ", ".join(sorted(ALLOWED[place]))
        compiling.report.add("event.not-here", node.id, kind=kind, place=place, legal=legal)
        return None
    interrupting = _is_interrupting(node, place, kind, compiling)
    if kind in {EventKind.NONE, EventKind.TERMINATE}:
        return EventSpec(kind, interrupting=interrupting)
    if kind is EventKind.TIMER:
        timer = _timer(node, node.definitions[0], compiling)
        return EventSpec(kind, timer=timer, interrupting=interrupting)
    if kind is EventKind.MESSAGE:
        message = message_of(node, node.definitions[0], compiling)
        return EventSpec(kind, message=message, interrupting=interrupting)
    return EventSpec(kind, code=_code(node, kind, compiling), interrupting=interrupting)


def kind_of(node: DiagramNode) -> EventKind:
    """The kind of the first event definition of `node`."""
    if not node.definitions:
        return EventKind.NONE
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


def _is_interrupting(node: DiagramNode, place: str, kind: EventKind, compiling: Compiling) -> bool:
    if place == "boundaryEvent":
        interrupting = flag(node.xml, "cancelActivity", default=True)
    else:
        interrupting = flag(node.xml, "isInterrupting", default=True)
        if not interrupting and place != "start of an event sub-process":
            compiling.report.add("event.nothing-to-interrupt", node.id)
    if kind is EventKind.ERROR and not interrupting:
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


def _code(node: DiagramNode, kind: EventKind, compiling: Compiling) -> str | None:
    """The name of a signal, the code of an error or escalation; None catches every code."""
    attribute = "name" if kind is EventKind.SIGNAL else f"{kind}Code"
    reference = node.definitions[0].get(f"{kind}Ref")
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
    return Timer(kind, compiling.feel(feel, node.id, local(times[0])), missed=missed)


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
