"""What elements of diagrams are called: the name first, the id small after it.

A sentence with elements in it is put together as text, ids between two marks of their own, and
then shown: on a page (`shown`), or where only text goes (`plain`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from markupsafe import Markup, escape
from sqlalchemy import Connection

from engine import deployments, diagram_edits
from engine.bpmn.definition import Definition, Kind
from engine.diagram_edits import Element
from engine.errors import EngineError
from web.pages import in_language, worded
from web.visits import say

_OPEN, _CLOSE = "\ue000", "\ue001"  # of private use: no text holds them
_MOST = 80
_WORD = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Called:
    """The names of elements by their ids, in the reader's language."""

    names: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, element_id: str) -> str:
        """The name and the id; the id alone where nothing is known of it."""
        name = self.names.get(element_id)
        return f"{name} {_OPEN}{element_id}{_CLOSE}" if name else element_id

    def within(self, text: str) -> str:
        """A text in which ids stand, each told with its name."""
        return _WORD.sub(lambda found: self(found.group()), text)


def shown(text: str) -> Markup:
    """A sentence for a page: ids small and in the type of code."""
    told = escape(text).replace(_OPEN, Markup('<small class="code">'))
    return told.replace(_CLOSE, Markup("</small>"))


def plain(text: str) -> str:
    """A sentence for where only text goes: ids in brackets."""
    return text.replace(_OPEN, "(").replace(_CLOSE, ")")


def type_name(element_type: str, event: str = "") -> str:
    """What an element is called by people who draw; `element_type` as BPMN writes it."""
    told = worded(f"element.{element_type}", element_type)
    return f"{told} ({worded(f'event.{event}', event)})" if event else told


def kind_name(kind: str) -> str:
    """The same of a compiled element's kind: `user_task`."""
    first, *rest = ("sub_process" if kind == Kind.EVENT_SUB_PROCESS else kind).split("_")
    return type_name(first + "".join(part.title() for part in rest))


def in_diagrams(*contents: bytes) -> Called:
    """Of these BPMN files; where two know an id, the last one says."""
    names: dict[str, str] = {}
    for content in contents:
        found = {each.id: each for each in _elements(content)}
        names |= {each.id: _name(each, found) for each in found.values()}
    return Called(names)


def in_definitions(definitions: Iterable[Definition]) -> Called:
    """Of these compiled processes; an element without a name is called what it is."""
    return Called(
        {
            element.id: in_language(element.name, element.name_en) or kind_name(element.kind)
            for definition in definitions
            for element in definition.elements.values()
        }
    )


def in_version(tx: Connection, definition_id: UUID) -> Called:
    """Of a deployed version and all it calls; its own process wins."""
    loaded = deployments.definition(tx, definition_id)
    return in_definitions([*loaded.definitions.values(), loaded.definition])


@lru_cache(maxsize=256)
def _elements(content: bytes) -> tuple[Element, ...]:
    try:
        return tuple(diagram_edits.elements(content))
    except EngineError:  # no XML: lint says so
        return ()


_TARGET = re.compile(r"(?<=→ )[\w.-]+")
_PLACES = frozenset({"scope", "boundary", "attached_to", "handler"})


def facet_line(name: str, text: str, called: Called) -> str:
    """One side of what differs between two versions of an element, the elements it names told."""
    short = text if len(text) <= _MOST else f"{text[:_MOST]}…"
    if name == "outgoing":
        return _TARGET.sub(lambda found: called(found.group()), short)
    return called.within(short) if name in _PLACES else short


def remark_line(text: str, element_id: str, called: Called) -> str:
    """A remark on a case that is moved, the element it is about told with its name."""
    if not element_id or called.names.get(element_id, element_id) in text:
        return text
    return re.sub(
        rf"(?<![\w.-]){re.escape(element_id)}(?![\w.-])", called(element_id), text, count=1
    )


def between(element: Element, called: Called) -> str:
    """Both ends of a flow."""
    source, target = (
        called.names.get(element.values.get(end, ""), "—") for end in ("sourceRef", "targetRef")
    )
    return say("studio.flow_between", source=source, target=target)


def _name(element: Element, others: Mapping[str, Element]) -> str:
    own = in_language(element.name, element.values.get("hz:nameEn", ""))
    if own or element.type != "sequenceFlow":
        return own or type_name(element.type, element.event)
    ends = (others.get(element.values.get(end, "")) for end in ("sourceRef", "targetRef"))
    source, target = (_name(end, {}) if end else "—" for end in ends)
    return say("studio.flow_between", source=source, target=target)
