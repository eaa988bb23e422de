"""Where tokens can come: what no token reaches, and joins that wait for one that never comes.

These are patterns, not a proof: a warning names a real risk, silence is no promise. Each pass
visits every flow at most once per split, and none recurses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.bpmn.compile_expressions import Compiling
from engine.bpmn.normalise import Diagram, DiagramFlow, DiagramNode, flag
from engine.bpmn.vocabulary import SUB_PROCESSES

_CHOOSES: Final = frozenset({"exclusiveGateway", "eventBasedGateway"})


def check_tokens(compiling: Compiling) -> None:
    """Report unreachable elements, joins that starve, and merges that run twice."""
    diagram = compiling.diagram
    reached = reachable(diagram, _sources(diagram))
    for node in diagram.nodes.values():
        if node.id not in reached:
            compiling.report.add("element.unreachable", node.id)
    for node in diagram.nodes.values():
        if len(node.incoming) > 1:
            _check_join(node, compiling)


def _sources(diagram: Diagram) -> list[str]:
    """Where tokens appear without a flow, in scopes that can be entered."""
    return [
        node.id
        for node in diagram.in_scope(None)
        if node.tag == "startEvent" or node.is_event_sub_process or node.instantiates
    ]


def reachable(diagram: Diagram, sources: Iterable[str], barrier: str | None = None) -> set[str]:
    """The ids of nodes a token may come to from `sources`, not passing through `barrier`.

    Entering a sub-process reaches its start events and its event sub-processes; an activity reaches
    its boundary events.
    """
    reached: set[str] = set()
    waiting = list(sources)
    while waiting:
        node_id = waiting.pop()
        if node_id in reached or node_id == barrier or node_id not in diagram.nodes:
            continue
        reached.add(node_id)
        node = diagram.nodes[node_id]
        waiting.extend(flow.target for flow in node.outgoing)
        waiting.extend(node.boundary)
        waiting.extend(node.handlers)
        if node.tag in SUB_PROCESSES:
            waiting.extend(
                inner.id
                for inner in diagram.in_scope(node_id)
                if inner.tag == "startEvent"
                or inner.is_event_sub_process
                or (node.tag == "adHocSubProcess" and not inner.incoming)
            )
    return reached


@dataclass(frozen=True, slots=True)
class _Origin:
    """The nearest node behind a flow at which tokens part, and how they part there."""

    node_id: str
    chooses: bool  # one way only; else every way at once


def _check_join(node: DiagramNode, compiling: Compiling) -> None:
    origins: dict[_Origin, int] = {}
    for flow in node.incoming:
        origin = _origin(flow, compiling.diagram)
        if origin is not None:
            origins[origin] = origins.get(origin, 0) + 1
    for origin, count in origins.items():
        if count < 2:
            continue
        if node.tag == "parallelGateway" and origin.chooses:
            compiling.report.add("join.starves", node.id, split=origin.node_id)
        elif node.tag == "exclusiveGateway" and not origin.chooses:
            compiling.report.add("merge.runs-twice", node.id, split=origin.node_id)


def _origin(flow: DiagramFlow, diagram: Diagram) -> _Origin | None:
    """Walk back along the only way until tokens part; None if they come together first."""
    seen: set[str] = set()
    while True:
        node = diagram.nodes.get(flow.source)
        if node is None or node.id in seen:
            return None
        seen.add(node.id)
        if len(node.outgoing) > 1:
            return _Origin(node.id, chooses=node.tag in _CHOOSES)
        if node.tag == "boundaryEvent":
            return _boundary_origin(node)
        if any(_interrupts(diagram.nodes[event]) for event in node.boundary):
            return _Origin(node.id, chooses=True)
        if len(node.incoming) != 1:
            return None
        flow = node.incoming[0]


def _boundary_origin(event: DiagramNode) -> _Origin | None:
    if not _interrupts(event):
        return None
    return _Origin(event.xml.get("attachedToRef", ""), chooses=True)


def _interrupts(event: DiagramNode) -> bool:
    return flag(event.xml, "cancelActivity", default=True)
