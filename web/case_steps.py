"""A diagram told as a list of steps: for small windows, for screen readers, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engine.bpmn.definition import Definition, Element, Kind
from engine.diagrams import Marks
from engine.history import Names

State = Literal["incident", "active", "done", "ahead"]
TOLD = frozenset(
    {
        Kind.USER_TASK,
        Kind.MANUAL_TASK,
        Kind.SERVICE_TASK,
        Kind.SEND_TASK,
        Kind.RECEIVE_TASK,
        Kind.CALL_ACTIVITY,
        Kind.INTERMEDIATE_CATCH_EVENT,
    }
)
"""What somebody does or waits for. Decisions and scripts pass at once and stay on the diagram."""


@dataclass(frozen=True, slots=True)
class Step:
    """`ahead` is also what this case did not need: a way not taken."""

    name: str
    name_en: str
    state: State


def steps_of(definition: Definition, marks: Marks, names: Names) -> list[Step]:
    """The named steps of a process in the order of its flows."""
    return [
        Step(element.name, names.in_english(element.name, element.id), _state(element, marks))
        for element in _in_order(definition)
        if element.name and (element.kind in TOLD or _is_reached_end(element, marks))
    ]


def _is_reached_end(element: Element, marks: Marks) -> bool:
    """How it ended is a step; how it might have ended is not."""
    return element.kind is Kind.END_EVENT and element.id in marks.done


def _state(element: Element, marks: Marks) -> State:
    if element.id in marks.incidents:
        return "incident"
    if element.id in marks.active:
        return "active"
    return "done" if element.id in marks.done else "ahead"


def _in_order(definition: Definition) -> Iterator[Element]:
    """Every element once: along the flows, a sub-process before what is in it, branches in turn."""
    elements = definition.elements
    beginnings = [e.id for e in elements.values() if not e.incoming and e.attached_to is None]
    waiting, met = list(reversed(beginnings)), set[str]()
    while waiting:
        element = elements[waiting.pop()]
        if element.id in met:
            continue
        met.add(element.id)
        yield element
        inner = [e.id for e in elements.values() if e.scope == element.id and not e.incoming]
        onward = [flow.target for flow in element.outgoing]
        waiting.extend(reversed([*inner, *onward, *element.boundary]))
