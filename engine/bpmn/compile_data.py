"""The standard's own data flow (BPMN 2.0.2, 10.4): inputs, outputs and their associations.

A data object, property, data input or data output is a variable: its name where that can be one,
else its id. The associations of an activity or event become the same mappings as `hz:input` and
`hz:output`: an association copies, `assignment`s map part by part, a `transformation` computes. An
association with an end that holds no data is a drawing, as editors make it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from engine.bpmn.compile_expressions import Compiling
from engine.bpmn.definition import VariableMapping
from engine.bpmn.normalise import DiagramNode, bpmn, local, text_of

_PLAIN: Final = re.compile(r"[^\W\d_]\w*")
_TAGS: Final = {"input": "dataInputAssociation", "output": "dataOutputAssociation"}


def mappings_of(node: DiagramNode, way: str, compiling: Compiling) -> Iterator[VariableMapping]:
    """What associations copy into the element (`way` is input) or out of it (output)."""
    tag = _TAGS[way]
    for association in node.xml.findall(bpmn(tag)):
        for source, target in _copies(association, compiling):
            expression = compiling.feel(source, node.id, tag)
            name = compiling.variable(target, node.id, tag)
            if expression is not None:
                yield VariableMapping(expression, name)


def _copies(association: Any, compiling: Compiling) -> Iterator[tuple[str, str]]:
    assignments = association.findall(bpmn("assignment"))
    for assignment in assignments:
        yield text_of(assignment.find(bpmn("from"))), text_of(assignment.find(bpmn("to")))
    target = _held(association, "targetRef", compiling)
    transformation = association.find(bpmn("transformation"))
    if assignments or target is None:
        return
    if transformation is not None:
        yield text_of(transformation), target
    elif (source := _held(association, "sourceRef", compiling)) is not None:
        yield source, target


def _held(association: Any, tag: str, compiling: Compiling) -> str | None:
    return data_name(text_of(association.find(bpmn(tag))), compiling)


def data_name(reference: str, compiling: Compiling) -> str | None:
    """The variable that the data element with this id is; None if there is none of it."""
    data = compiling.diagram.data
    element = data.get(reference.rpartition(":")[2])
    if element is not None and local(element) == "dataObjectReference":
        element = data.get(element.get("dataObjectRef", "").rpartition(":")[2])
    return None if element is None else variable_name(element)


def variable_name(element: Any) -> str:
    """The name of the variable that a data element is."""
    name = element.get("name", "").strip()
    return name if _PLAIN.fullmatch(name) else str(element.get("id"))
