"""What an analyst may name beside two versions: fields of the form, and what was entered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from engine import deployments
from engine.bpmn.definition import Definition, Element, EventKind
from engine.bpmn.migration import Compared, Versions, What
from engine.packages import LADDER
from engine.story_words import CLOCKS
from sla.migrations import clock_names
from web.element_words import Called, facet_line, in_definitions, plain, remark_line, shown
from web.pages import in_language
from web.texts import has_text
from web.visits import lang, say

_WAITING = frozenset({EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL, EventKind.CONDITIONAL})


def called_in(sides: Versions) -> Called:
    """The elements of both versions; the new one's names where both have an id."""
    return in_definitions([*sides.old.values(), *sides.new.values()])


def telling(called: Called) -> dict[str, Any]:
    """What the templates need to tell elements by their names."""
    return {
        "element_names": called.names,
        "facet_line": lambda name, text: shown(facet_line(name, text, called)),
        "remark_line": lambda text, element_id: shown(remark_line(text, element_id, called)),
        "element_told": lambda element_id: shown(called(element_id)),
    }


def key_of(key: str, *, of_ladder: bool) -> str:
    """The text for a key of `migrations`: of a plan of a ladder its own, which speaks of limits."""
    rest = key.removeprefix("migrations.")
    has_own = of_ladder and has_text(lang(), f"migrations.ladder.{rest}")
    return f"migrations.ladder.{rest}" if has_own else key


def words_of(*, of_ladder: bool) -> Callable[..., str]:
    """What the pages of plans say: of cases, or of limits where the plan is of a ladder."""
    return lambda key, **facts: say(key_of(key, of_ladder=of_ladder), **facts)


def is_of_ladder(tx: Connection, definition_id: UUID) -> bool:
    """Whether a version is one of a ladder: no case runs on it. Raises NotFound."""
    return deployments.definition(tx, definition_id).package.kind == LADDER


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the analyst may name: a form field, what it is about, and what it may become."""

    field: str
    process_id: str
    place: str
    name: str
    options: Sequence[tuple[str, str]]


def gone_elements(found: Sequence[Compared], called: Called) -> Iterator[Choice]:
    """What is gone, each with the new elements it may have become."""
    new = [each for each in found if each.what is What.NEW]
    for gone in (each for each in found if each.what is What.GONE):
        options = [
            (each.element_id, plain(called(each.element_id)))
            for each in new
            if (each.process_id, each.kind) == (gone.process_id, gone.kind)
        ]
        if options:
            yield Choice(
                f"element:{gone.process_id}:{gone.element_id}",
                gone.process_id,
                gone.element_id,
                called.names.get(gone.element_id, ""),
                options,
            )


def gone_flows(sides: Versions, called: Called) -> Iterator[Choice]:
    """Flows into joins that are gone or lead elsewhere, with the flows that lead there now."""
    for process_id, old in sides.old.items():
        new = sides.new.get(process_id)
        if new is None:
            continue
        for join in (each for each in old.elements.values() if len(each.incoming) > 1):
            after = new.elements.get(join.id)
            if after is None or "gateway" not in join.kind:
                continue
            fresh = [flow for flow in after.incoming if flow not in join.incoming]
            for flow in join.incoming:
                if flow not in after.incoming and fresh:
                    options = [(each, _flow_label(new, each, called)) for each in fresh]
                    field = f"flow:{process_id}:{flow}"
                    told = _flow_label(old, flow, called)
                    yield Choice(field, process_id, flow, told, options)


def changed_events(sides: Versions, found: Sequence[Compared], called: Called) -> Iterator[Choice]:
    """Events that wait and differ: they keep what they wait for unless they are named."""
    for each in found:
        if each.what is not What.CHANGED:
            continue
        element = sides.new[each.process_id].elements[each.element_id]
        names = {facet.name for facet in each.facets}
        if _waits(element) and names & {"event", "message"}:
            field = f"rearm:{each.process_id}:{each.element_id}"
            name = called.names.get(each.element_id, "")
            yield Choice(field, each.process_id, each.element_id, name, ())


def _waits(element: Element) -> bool:
    event = element.event
    if event is None:
        return element.message is not None
    return any(part.kind in _WAITING for part in event.parts or (event,))


def _flow_label(definition: Definition, flow_id: str, called: Called) -> str:
    for element in definition.elements.values():
        for flow in element.outgoing:
            if flow.id == flow_id:
                return plain(f"{called(element.id)} → {called(flow.target)}")
    return flow_id


def named(form: MultiDict[str, str]) -> dict[str, Any]:
    """What the form names, as `engine.migrations_named` has it."""
    processes: dict[str, dict[str, Any]] = {}
    for field, value in form.items():
        kind, _, rest = field.partition(":")
        process_id, _, place = rest.partition(":")
        if not value or not place or kind not in ("element", "flow", "rearm"):
            continue
        part = processes.setdefault(process_id, {})
        if kind == "rearm":
            part.setdefault("rearm", []).append(place)
        else:
            part.setdefault(f"{kind}s", {})[place] = value
    return {"processes": processes, "clocks": form.getlist("clock")}


def clock_choices(limits: bytes | None) -> list[tuple[str, str]]:
    """The clocks a version's limits have, each with its words."""
    return [(name, clock_words(name)) for name in sorted(clock_names(limits))]


def clock_words(name: str) -> str:
    """What people call a clock; an analyst's new one is shown by its name."""
    return in_language(*CLOCKS.get(name, (name, name)))
