"""Two versions side by side, element by element: the same, changed in what, gone, or new. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import Any, Final

from engine.bpmn.definition import Definition, Element, Flow
from feel import Expression

Definitions = Mapping[str, Definition]
"""A version: the definition of its process and of all it can call, by process id."""
_ByProcess = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Instructions:
    """What the analyst names beside the two versions.

    `elements` and `flows` give the new id for an old one, by process id; what is not named keeps
    its id. `rearm` lists events (new ids, by process id) that begin to wait anew instead of
    keeping what they wait for. `clocks` are clocks of the case that are counted anew by the new
    version's limits; the others keep their due times.
    """

    elements: _ByProcess = field(default_factory=dict)
    flows: _ByProcess = field(default_factory=dict)
    rearm: Mapping[str, frozenset[str]] = field(default_factory=dict)
    clocks: frozenset[str] = frozenset()

    def element(self, process_id: str, element_id: str) -> str:
        return self.elements.get(process_id, {}).get(element_id, element_id)

    def flow(self, process_id: str, flow_id: str) -> str:
        return self.flows.get(process_id, {}).get(flow_id, flow_id)

    def arms_anew(self, process_id: str, element_id: str) -> bool:
        return element_id in self.rearm.get(process_id, frozenset())


class What(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing that differs, as short texts: `form_key`, `timer`, `outgoing` …"""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One element of a process. `element_id` is the new id (the old one of what is gone)."""

    process_id: str
    element_id: str
    former_id: str
    name: str
    kind: str
    what: What
    facets: tuple[Facet, ...] = ()


def compare(
    old: Definitions, new: Definitions, instructions: Instructions | None = None
) -> tuple[Compared, ...]:
    """Return every element of both versions, those of the old one first, in the diagram's order."""
    named = instructions or Instructions()
    return tuple(
        compared
        for process_id in dict.fromkeys((*old, *new))
        for compared in _of_process(process_id, old.get(process_id), new.get(process_id), named)
    )


def _of_process(
    process_id: str, old: Definition | None, new: Definition | None, named: Instructions
) -> Iterator[Compared]:
    before = old.elements if old else {}
    after = new.elements if new else {}
    taken = set()
    for element in before.values():
        new_id = named.element(process_id, element.id)
        other = after.get(new_id)
        if other is None:
            yield Compared(
                process_id, element.id, element.id, element.name, element.kind, What.GONE
            )
            continue
        taken.add(new_id)
        found = facets(process_id, element, other, named)
        what = What.CHANGED if found else What.SAME
        yield Compared(process_id, new_id, element.id, other.name, other.kind, what, found)
    for element in after.values():
        if element.id not in taken:
            yield Compared(process_id, element.id, "", element.name, element.kind, What.NEW)


def facets(
    process_id: str, old: Element, new: Element, named: Instructions | None = None
) -> tuple[Facet, ...]:
    """Return what differs between an element and what it became, ids read through the plan."""
    said, says = _said(process_id, old, named or Instructions()), _said(process_id, new, None)
    return tuple(
        Facet(name, said.get(name, ""), says.get(name, ""))
        for name in dict.fromkeys((*said, *says))
        if said.get(name, "") != says.get(name, "")
    )


def _said(process_id: str, element: Element, named: Instructions | None) -> dict[str, str]:
    def now(element_id: str) -> str:
        return named.element(process_id, element_id) if named else element_id

    said = {
        "kind": str(element.kind),
        "name": element.name,
        "scope": now(element.scope) if element.scope else "",
        "outgoing": "; ".join(_flow_text(flow, now(flow.target)) for flow in element.outgoing),
        "boundary": ", ".join(sorted(now(each) for each in element.boundary)),
        "attached_to": now(element.attached_to) if element.attached_to else "",
        "handler": now(element.handler) if element.handler else "",
    }
    for name in _PLAIN:
        said[name] = _text(getattr(element, name))
    if element.user is not None:
        for each in fields(element.user):
            said[each.name] = _text(getattr(element.user, each.name))
    return said


_PLAIN: Final = tuple(
    each.name
    for each in fields(Element)
    if each.name
    not in {
        "id", "kind", "name", "scope", "outgoing", "incoming", "boundary", "attached_to",
        "handler", "user",
    }
)  # fmt: skip


def _flow_text(flow: Flow, target: str) -> str:
    condition = f" [{flow.condition.text}]" if flow.condition else ""
    return f"→ {target}{condition}{' (default)' if flow.default else ''}"


def _text(value: Any) -> str:
    """A part of an element as one short line; equal parts give equal lines."""
    if value is None or value is False or value == () or value == "":
        return ""
    if isinstance(value, Expression):
        return value.text
    if is_dataclass(value):
        told = ((each.name, _text(getattr(value, each.name))) for each in fields(value))
        return ", ".join(f"{name}: {text}" for name, text in told if text)
    if isinstance(value, tuple):
        return "; ".join(_text(each) for each in value)
    return "yes" if value is True else str(value)


def said_of(part: Any) -> str:
    """A part of a definition (an event, a message …) as one short line for a sentence."""
    return _text(part)


def flow_of(definition: Definition, flow_id: str) -> Flow | None:
    """Return a flow by id."""
    known: dict[str, Flow] | None = definition.memo.get("flows by id")
    if known is None:
        known = definition.memo["flows by id"] = {
            flow.id: flow for element in definition.elements.values() for flow in element.outgoing
        }
    return known.get(flow_id)
