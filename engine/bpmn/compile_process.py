"""The compile path: bytes of BPMN in, an immutable definition or findings out.

Read safely → every name accounted for → the standard's schema → normal form → structure → elements
→ SpiffWorkflow as second reader → definition. Lint and compilation are one walk, so that what lint
lets pass is what deploys.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from engine.bpmn.compile_elements import compile_element
from engine.bpmn.compile_expressions import Compiling, declared_in, names_in
from engine.bpmn.compile_fingerprint import FORMAT, fingerprint
from engine.bpmn.definition import Definition, Element, Scope
from engine.bpmn.findings import DefinitionRefused, Finding, Report
from engine.bpmn.library import Library
from engine.bpmn.lint_data import check_data
from engine.bpmn.lint_structure import check_drawing, check_structure
from engine.bpmn.lint_vocabulary import check_vocabulary
from engine.bpmn.normalise import (
    Diagram,
    bpmn,
    documentation_of,
    english_of,
    hz,
    local,
    normalise,
)
from engine.bpmn.parse_spiff import read_again
from engine.bpmn.parse_xml import check_schema, read


def compile_definition(xml: bytes, *, library: Library | None = None) -> Definition:
    """Compile the one executable process in `xml`.

    `library` names what the diagram may refer to; parts it does not know are not checked. Raises
    DefinitionRefused, with every finding, if there is an error; warnings and notes do not refuse.
    """
    report = Report()
    definition = _compile(xml, library or Library(), report)
    if definition is None or report.has_errors:
        raise DefinitionRefused(report.findings)
    return definition


def lint(xml: bytes, *, library: Library | None = None) -> list[Finding]:
    """Return everything there is to say about `xml`, errors first; never raises for bad content."""
    report = Report()
    _compile(xml, library or Library(), report)
    return report.findings


def _compile(xml: bytes, library: Library, report: Report) -> Definition | None:
    root = read(xml, report)
    if root is None:
        return None
    if root.tag != bpmn("definitions"):
        report.add("xml.not-bpmn", "", name=local(root))
        return None
    left_out = check_vocabulary(root, report)
    check_drawing(root, report)
    if not report.has_errors:
        # The guard's sentences are better than the schema's, so it speaks first.
        check_schema(root, report)
    diagram = normalise(root, left_out, report)
    if diagram is None:
        return None
    compiling = Compiling(diagram, report, library, names_in(diagram, library))
    check_structure(compiling)
    elements = {node.id: compile_element(node, compiling) for node in diagram.nodes.values()}
    scopes = _scopes(compiling)
    check_data(compiling, elements)
    if report.has_errors:
        return None
    agreement = read_again(diagram, elements, report)
    return _definition(diagram, elements, scopes, agreement)


def _scopes(compiling: Compiling) -> dict[str | None, Scope]:
    diagram = compiling.diagram
    return {
        scope: Scope(
            id=scope,
            start_events=tuple(node.id for node in diagram.starts_in(scope)),
            event_sub_processes=tuple(
                n.id for n in diagram.in_scope(scope) if n.is_event_sub_process
            ),
            elements=tuple(node_ids),
            declares=declared_in(compiling, scope),
        )
        for scope, node_ids in diagram.scopes.items()
    }


def _definition(
    diagram: Diagram,
    elements: dict[str, Element],
    scopes: dict[str | None, Scope],
    agreement: str,
) -> Definition:
    every = elements.values()
    messages = (
        message
        for element in every
        for message in (element.message, element.event.message if element.event else None)
    )
    return Definition(
        process_id=diagram.process_id,
        name=diagram.name,
        hash=fingerprint(diagram),
        elements=MappingProxyType(elements),
        scopes=MappingProxyType(scopes),
        calls=_names(element.called for element in every),
        decisions=_names(element.decision.decision for element in every if element.decision),
        forms=_names(element.user.form_key for element in every if element.user),
        operations=_names(element.service.operation for element in every if element.service),
        messages=_names(message.name for message in messages if message),
        version_tag=diagram.process.get(hz("versionTag"), ""),
        documentation=documentation_of(diagram.process),
        name_en=english_of(diagram.process),
        properties=MappingProxyType({"spiff": agreement, "format": FORMAT}),
    )


def _names(names: Iterable[str | None]) -> frozenset[str]:
    return frozenset(name for name in names if name)
