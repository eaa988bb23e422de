"""What an analyst may set on an element, in words: one list for the page and for the diagram.

`key` is as in `engine.diagram_edits`. A property with options is chosen from them; `feel` says
that its text is checked as an expression by the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from engine import operations
from engine.bpmn.vocabulary import (
    ACTIVITIES,
    ELEMENTS,
    EVENTS,
    GLOBAL_TASKS,
    NAMED,
    PERSON_TASKS,
    Treatment,
)
from engine.packages import GROUPS, Library
from web.element_words import type_name
from web.pages import in_language, worded
from web.visits import say


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Property:
    """`kind` is text, long, lines, choice, choices or check."""

    key: str
    kind: str
    label: str
    help: str = ""
    feel: str = ""  # expression, or empty
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """What properties can be chosen from, for one draft."""

    forms: Sequence[Option] = ()
    decisions: Sequence[Option] = ()
    processes: Sequence[Option] = ()
    clocks: Sequence[Option] = ()
    limits: Sequence[Option] = ()
    groups: Sequence[Option] = field(default_factory=tuple)
    operations: Sequence[Option] = field(default_factory=tuple)


EVENT_KINDS = (
    *("timer", "message", "signal", "error", "escalation", "terminate", "compensate"),
    *("conditional", "link", "cancel"),
)
_FOR: Mapping[str, frozenset[str]] = {
    "people": frozenset(PERSON_TASKS),
    "service": frozenset({"serviceTask"}),
    "script": frozenset({"scriptTask"}),
    "decision": frozenset({"businessRuleTask"}),
    "call": frozenset({"callActivity"}),
    "flow": frozenset({"sequenceFlow"}),
    "message": frozenset({"message"}),
    "process": frozenset({"process"}),
    "mapped": ACTIVITIES | EVENTS,
    "variables": frozenset({"process", "subProcess"}),
}


def names_of(library: Library | None, package_id: str) -> Names:
    """What the draft's package can refer to; nothing where it cannot be read."""
    groups = tuple(Option(each, worded(f"group.{each}", each)) for each in sorted(GROUPS))
    acts = tuple(
        Option(each, say(f"operation.{each.replace('.', '_')}"))
        for each in sorted(operations.RESULTS)
    )
    if library is None:
        return Names(groups=groups, operations=acts)
    known, package = library.names(package_id), library.package(package_id)
    return Names(
        forms=_plain(sorted(package.forms)),
        decisions=_plain(sorted(known.decisions or ())),
        processes=tuple(
            Option(each.manifest.process, f"{each.id} {_title(each.manifest.title)}")
            for each in sorted(library.packages.values(), key=lambda each: each.id)
            if each.id != package_id
        ),
        clocks=_plain(sorted(known.clocks or ())),
        limits=_plain(sorted(known.limits or ())),
        groups=groups,
        operations=acts,
    )


def properties(element_type: str, event: str, names: Names, *, is_loop: bool) -> list[Property]:
    """What can be set on an element of this type, in the order it is asked for."""
    asked: list[Property] = [_asked("name")]
    if element_type in NAMED:
        asked.append(_asked("hz:nameEn"))
    for part, types in _FOR.items():
        if element_type in types:
            asked += _PARTS[part](names)
    if event == "timer":
        asked += _timer(names)
    if is_loop:
        asked += _loop(names)
    return [*asked, _asked("documentation", "long"), _asked("legalBasis", "long")]


def catalogue(names: Names) -> dict[str, Any]:
    """Everything for the diagram editor: by element type, for timers, for loops."""
    types = sorted(NAMED - GLOBAL_TASKS)
    return {
        "types": {
            each: [asdict(one) for one in properties(each, "", names, is_loop=False)]
            for each in types
        },
        "timer": [asdict(each) for each in _timer(names)],
        "loop": [asdict(each) for each in _loop(names)],
        "kinds": {each: type_name(each) for each in types},
        "events": {each: say(f"event.{each}") for each in EVENT_KINDS},
        "executed": sorted(
            name for name, entry in ELEMENTS.items() if entry.treatment is Treatment.EXECUTED
        ),
    }


def _asked(
    key: str, kind: str = "text", feel: str = "", options: Sequence[Option] = ()
) -> Property:
    place = key.replace("hz:", "").replace(".", "_")
    return Property(
        key,
        kind,
        say(f"property.{place}"),
        worded(f"property_help.{place}", ""),
        feel,
        tuple(options),
    )


def _people(names: Names) -> list[Property]:
    duties = [Option(each, say(f"duty.{each}")) for each in ("record", "review", "approve")]
    return [
        _asked("hz:candidateGroups", "choices", options=names.groups),
        _asked("hz:form", "choice", options=names.forms),
        _asked("hz:duty", "choice", options=duties),
        _asked("hz:outcomes"),
        _asked("hz:limit", "choice", options=names.limits),
        _asked("hz:assignee", feel="expression"),
        _asked("hz:priority", feel="expression"),
        _asked("hz:wait", "check"),
    ]


def _service(names: Names) -> list[Property]:
    return [_asked("hz:operation", "choice", options=names.operations)]


def _script(_: Names) -> list[Property]:
    return [_asked("script", "long", "expression"), _asked("hz:resultVariable")]


def _decision(names: Names) -> list[Property]:
    return [
        _asked("hz:decision", "choice", options=names.decisions),
        _asked("hz:resultVariable"),
        _asked("hz:legalDate", feel="expression"),
    ]


def _call(names: Names) -> list[Property]:
    return [_asked("calledElement", "choice", options=names.processes)]


def _flow(_: Names) -> list[Property]:
    return [_asked("condition", "long", "expression")]


def _message(_: Names) -> list[Property]:
    return [_asked("hz:correlationKey", feel="expression")]


def _process(_: Names) -> list[Property]:
    return [_asked("hz:versionTag")]


def _mapped(_: Names) -> list[Property]:
    return [_asked("inputs", "lines", "mappings"), _asked("outputs", "lines", "mappings")]


def _variables(_: Names) -> list[Property]:
    return [_asked("variables", "lines")]


_PARTS = {
    "people": _people,
    "service": _service,
    "script": _script,
    "decision": _decision,
    "call": _call,
    "flow": _flow,
    "message": _message,
    "process": _process,
    "mapped": _mapped,
    "variables": _variables,
}


def _timer(names: Names) -> list[Property]:
    kinds = [
        Option(each, say(f"timer_kind.{each}"))
        for each in ("timeDuration", "timeDate", "timeCycle")
    ]
    missed = [Option(each, say(f"timer_missed.{each}")) for each in ("once", "all", "skip")]
    return [
        _asked("timerKind", "choice", options=kinds),
        _asked("timer"),
        _asked("event.hz:clock", "choice", options=names.clocks),
        _asked("event.hz:point"),
        _asked("event.hz:missed", "choice", options=missed),
    ]


def _loop(_: Names) -> list[Property]:
    return [
        _asked("loop.hz:collection", feel="expression"),
        _asked("loop.hz:elementVariable"),
        _asked("loop.hz:outputCollection"),
        _asked("loop.hz:outputElement", feel="expression"),
    ]


def _plain(values: Sequence[str]) -> tuple[Option, ...]:
    return tuple(Option(each, each) for each in values)


def _title(title: Any) -> str:
    return in_language(title.zh, title.en)
