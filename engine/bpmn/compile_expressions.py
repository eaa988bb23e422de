"""FEEL in a diagram: which names it may use, where it stands, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from engine.bpmn.findings import Report
from engine.bpmn.library import Library
from engine.bpmn.normalise import Diagram, bpmn, extensions_of, hz
from feel import Expression, FeelSyntaxError, compile_expression

ALWAYS_KNOWN: Final = frozenset({"case", "data", "outcome"})
"""Case facts, personal data, and the button a person pressed."""

CASE_FACTS: Final = frozenset(
    {"number", "filed_at", "channel", "process", "office", "household_office"}
)
_OF_MULTI_INSTANCES: Final = frozenset(
    {
        *("loopCounter", "numberOfInstances", "numberOfActiveInstances"),
        *("numberOfCompletedInstances", "numberOfTerminatedInstances"),
    }
)
_LOOPS: Final = (bpmn("multiInstanceLoopCharacteristics"), bpmn("standardLoopCharacteristics"))
_OF_COMPLEX_GATEWAYS: Final = frozenset({"activationCount", "waitingForStart"})

READ_ONLY: Final = frozenset({"case", "data"})

_VARIABLE: Final = re.compile(r"[^\W\d]\w*")
_KEYWORDS: Final = frozenset(
    (
        *("and", "between", "else", "every", "external", "false", "for", "function", "if", "in"),
        *("instance", "not", "null", "of", "or", "return", "satisfies", "some", "then", "true"),
    )
)
_WRITING_ATTRIBUTES: Final = tuple(
    hz(name) for name in ("resultVariable", "elementVariable", "outputCollection")
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: the element it belongs to, and which part of it."""

    element_id: str
    part: str


@dataclass(slots=True)
class Compiling:
    """What every part of the compiler needs, and the expressions it has met."""

    diagram: Diagram
    report: Report
    library: Library
    names: frozenset[str]
    expressions: list[tuple[Place, Expression]] = field(default_factory=list)

    def feel(self, text: str | None, element_id: str, part: str) -> Expression | None:
        """Compile `text`; None where there is none, or, with a finding, where it is wrong."""
        bare = (text or "").strip()
        bare = bare.removeprefix("=").strip() if bare.startswith("=") else bare
        if not bare:
            if text is not None:
                self.report.add("expression.empty", element_id, part=part)
            return None
        try:
            expression = compile_expression(bare, names=self.names)
        except FeelSyntaxError as problem:
            self.report.add(
                "expression.syntax",
                element_id,
                part=part,
                text=bare,
                problem=problem.message,
                position=problem.position,
            )
            return None
        self.expressions.append((Place(element_id, part), expression))
        return expression

    def variable(self, name: str | None, element_id: str, part: str) -> str:
        """Check the name of a variable that an element writes; returns it stripped."""
        bare = (name or "").strip()
        if not _VARIABLE.fullmatch(bare) or bare in _KEYWORDS or len(bare) > 100:
            self.report.add("variable.bad-name", element_id, part=part, name=bare)
        elif bare in READ_ONLY:
            self.report.add("variable.read-only", element_id, part=part, name=bare)
        return bare


def names_in(diagram: Diagram, library: Library) -> frozenset[str]:
    """Every variable name the diagram itself writes or declares, and those of its forms."""
    names = set(ALWAYS_KNOWN | (library.start_variables or frozenset()))
    for element in diagram.process.iter():
        names.update(element.get(name) for name in _WRITING_ATTRIBUTES if element.get(name))
        if element.tag in {hz("input"), hz("output")}:
            names.add(element.get("target", ""))
        elif element.tag == hz("variable"):
            names.add(element.get("name", ""))
        elif element.tag in _LOOPS:
            names.update(_OF_MULTI_INSTANCES)
        elif element.tag == bpmn("complexGateway"):
            names.update(_OF_COMPLEX_GATEWAYS)
            names.update(flow.text or "" for flow in element.findall(bpmn("incoming")))
        form = element.get(hz("form"))
        operation = element.get(hz("operation"))
        names.update((library.forms or {}).get(form, ()))
        names.update((library.operations or {}).get(operation, ()))
    for held in diagram.data.values():
        names.update((held.get("name", ""), held.get("id", "")))
    return frozenset(name.strip() for name in names if name.strip())


def declared_in(compiling: Compiling, scope: str | None) -> tuple[str, ...]:
    """The variables that `scope` declares with `hz:variable`."""
    diagram = compiling.diagram
    element = diagram.process if scope is None else diagram.nodes[scope].xml
    owner = scope or diagram.process_id
    return tuple(
        compiling.variable(variable.get("name"), owner, "hz:variable")
        for variable in extensions_of(element, "variable")
    )
