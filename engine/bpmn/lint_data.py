"""Data: names that nothing gives a value to, and branches that write one variable at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.bpmn.compile_expressions import Compiling
from engine.bpmn.definition import Element, EventKind, Kind
from engine.bpmn.lint_tokens import reachable
from engine.bpmn.normalise import DiagramNode


def check_data(compiling: Compiling, elements: Mapping[str, Element]) -> None:
    """Check the names that expressions use and the variables that parallel branches write."""
    _check_names(compiling, elements)
    for node in compiling.diagram.nodes.values():
        if len(_parallel_flows(node)) > 1:
            _check_branches(node, compiling, elements)


def _check_names(compiling: Compiling, elements: Mapping[str, Element]) -> None:
    # Without a library nobody can say what forms and services bring; a message may bring anything.
    library = compiling.library
    if library.forms is None or library.operations is None or library.start_variables is None:
        return
    if any(_receives(element) for element in elements.values()):
        return
    for place, expression in compiling.expressions:
        for name in sorted(expression.names - compiling.names):
            compiling.report.add(
                "expression.unknown-name", place.element_id, part=place.part, name=name
            )


def _receives(element: Element) -> bool:
    if element.outputs:
        return False
    if element.kind is Kind.RECEIVE_TASK:
        return True
    caught = element.event is not None and element.event.kind in {
        EventKind.MESSAGE,
        EventKind.SIGNAL,
    }
    return caught and element.kind not in {Kind.INTERMEDIATE_THROW_EVENT, Kind.END_EVENT}


def _parallel_flows(node: DiagramNode) -> list[str]:
    """The targets of flows that tokens may take at the same time."""
    if node.tag in {"exclusiveGateway", "eventBasedGateway"}:
        return []
    return [flow.target for flow in node.outgoing]


def _check_branches(
    node: DiagramNode, compiling: Compiling, elements: Mapping[str, Element]
) -> None:
    """Warn where two branches of one split write one name before they meet again."""
    branches = [
        reachable(compiling.diagram, [target], barrier=node.id) for target in _parallel_flows(node)
    ]
    times: dict[str, int] = {}
    for branch in branches:
        for node_id in branch:
            times[node_id] = times.get(node_id, 0) + 1
    writers: dict[str, tuple[int, str]] = {}
    for at, branch in enumerate(branches):
        own = sorted(node_id for node_id in branch if times[node_id] == 1)
        for node_id in own:
            for name in _writes(elements[node_id], compiling):
                first = writers.setdefault(name, (at, node_id))
                if first[0] != at:
                    compiling.report.add("data.written-twice", node_id, name=name, other=first[1])


def _writes(element: Element, compiling: Compiling) -> Iterable[str]:
    """The case variables that `element` is seen to write, as far as the diagram tells."""
    if element.multi_instance is not None:
        output = element.multi_instance.output_collection
        return [output] if output else []
    if element.outputs:
        return [mapping.target for mapping in element.outputs]
    if element.script is not None:
        return [element.script.result_variable]
    if element.decision is not None:
        return [element.decision.result_variable]
    if element.user is not None:
        forms = compiling.library.forms or {}
        outcome = ["outcome"] if element.user.outcomes else []
        return [*forms.get(element.user.form_key or "", ()), *outcome]
    return []
