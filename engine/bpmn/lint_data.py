"""Data: names that nothing gives a value to, and branches that write one variable at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from engine.bpmn.compile_expressions import CASE_FACTS, Compiling
from engine.bpmn.definition import Element, EventKind, Kind
from engine.bpmn.lint_tokens import reachable
from engine.bpmn.normalise import DiagramNode
from feel.builtin_table import BUILTINS

MOST_VISITS: Final = 50_000
"""Each split looks at all that follows it. Enough for dozens of splits in the largest process;
a diagram made of nothing but splits is not worth the square of its size."""


def check_data(compiling: Compiling, elements: Mapping[str, Element]) -> None:
    """Check the names that expressions use and the variables that parallel branches write."""
    _check_names(compiling, elements)
    _check_case_facts(compiling)
    _check_functions(compiling)
    _check_clocks(compiling, elements)
    budget = MOST_VISITS
    for node in compiling.diagram.nodes.values():
        if budget > 0 and len(_parallel_flows(node)) > 1:
            budget -= _check_branches(node, compiling, elements)


def _check_names(compiling: Compiling, elements: Mapping[str, Element]) -> None:
    # Without a library nobody can say what forms and services bring; a message may bring anything.
    library = compiling.library
    if library.forms is None or library.operations is None or library.start_variables is None:
        return
    if any(_receives(element) for element in elements.values()):
        return
    for place, expression in compiling.expressions:
        for name in sorted(expression.names_used - compiling.names):
            compiling.report.add(
                "expression.unknown-name", place.element_id, part=place.part, name=name
            )


def _check_case_facts(compiling: Compiling) -> None:
    for place, expression in compiling.expressions:
        for path in sorted(expression.paths_used):
            owner, _, fact = path.partition(".")
            if owner == "case" and fact and fact.split(".")[0] not in CASE_FACTS:
                known = ", ".join(sorted(CASE_FACTS))
                compiling.report.add(
                    "expression.unknown-case-fact", place.element_id, fact=path, known=known
                )


def _check_functions(compiling: Compiling) -> None:
    given = compiling.library.functions
    if given is None:
        return
    for place, expression in compiling.expressions:
        for name in sorted(expression.functions_used - BUILTINS.keys() - given - compiling.names):
            compiling.report.add("expression.unknown-function", place.element_id, name=name)


def _check_clocks(compiling: Compiling, elements: Mapping[str, Element]) -> None:
    """The clock that a `clock.…` operation is given as plain text must be one of limits.yaml."""
    known = compiling.library.clocks
    if known is None:
        return
    for element in elements.values():
        if element.service is None or not element.service.operation.startswith("clock."):
            continue
        for mapping in element.inputs:
            if mapping.target == "clock" and not mapping.source.names_used:
                name = mapping.source({})
                if name not in known:
                    compiling.report.add("reference.unknown", element.id, what="clock", name=name)


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
) -> int:
    """Warn where two branches of one split write one name before they meet again.

    Returns how many nodes were visited.
    """
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
    return sum(len(branch) for branch in branches)


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
