"""Flow nodes into elements of the definition: each part of a node is read once, here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.bpmn.compile_events import event_spec, message_of
from engine.bpmn.compile_expressions import Compiling
from engine.bpmn.definition import (
    DecisionCall,
    Element,
    Flow,
    Kind,
    MultiInstance,
    Script,
    ServiceCall,
    UserWork,
    VariableMapping,
)
from engine.bpmn.normalise import (
    DiagramFlow,
    DiagramNode,
    bpmn,
    documentation_of,
    extensions_of,
    hz,
    text_of,
)
from engine.bpmn.vocabulary import ACTIVITIES, EVENTS, FEEL_LANGUAGES
from feel import Expression

DUTIES: Final = ("record", "review", "approve")
MOST_ITEMS: Final = 1_000
"""A literal cardinality above this is refused; at run time the step budget has the last word."""

_KINDS: Final[Mapping[str, Kind]] = {
    "startEvent": Kind.START_EVENT,
    "endEvent": Kind.END_EVENT,
    "intermediateCatchEvent": Kind.INTERMEDIATE_CATCH_EVENT,
    "intermediateThrowEvent": Kind.INTERMEDIATE_THROW_EVENT,
    "boundaryEvent": Kind.BOUNDARY_EVENT,
    "task": Kind.TASK,
    "userTask": Kind.USER_TASK,
    "manualTask": Kind.MANUAL_TASK,
    "scriptTask": Kind.SCRIPT_TASK,
    "serviceTask": Kind.SERVICE_TASK,
    "businessRuleTask": Kind.BUSINESS_RULE_TASK,
    "sendTask": Kind.SEND_TASK,
    "receiveTask": Kind.RECEIVE_TASK,
    "exclusiveGateway": Kind.EXCLUSIVE_GATEWAY,
    "parallelGateway": Kind.PARALLEL_GATEWAY,
    "eventBasedGateway": Kind.EVENT_BASED_GATEWAY,
    "subProcess": Kind.SUB_PROCESS,
    "callActivity": Kind.CALL_ACTIVITY,
}

Parts = dict[str, Any]


def kind_of(node: DiagramNode) -> Kind:
    """The kind of element that `node` becomes."""
    if node.is_event_sub_process:
        return Kind.EVENT_SUB_PROCESS
    if node.tag == "manualTask" and node.xml.get(hz("candidateGroups")) is None:
        return Kind.TASK
    return _KINDS[node.tag]


def compile_element(node: DiagramNode, compiling: Compiling) -> Element:
    """Compile one node. What is wrong with it is in the report, and its part is left out."""
    parts = _PARTS.get(node.tag, _no_part)(node, compiling)
    if node.tag in ACTIVITIES:
        parts["multi_instance"] = _multi_instance(node, compiling)
    if node.tag in EVENTS:
        parts["event"] = event_spec(node, compiling)
    return Element(
        id=node.id,
        kind=kind_of(node),
        name=node.name,
        scope=node.scope,
        outgoing=tuple(_flow(flow, compiling) for flow in node.outgoing),
        incoming=tuple(flow.id for flow in node.incoming),
        boundary=tuple(node.boundary),
        inputs=_mappings(node, "input", compiling),
        outputs=_mappings(node, "output", compiling),
        documentation=documentation_of(node.xml),
        **parts,
    )


def _flow(flow: DiagramFlow, compiling: Compiling) -> Flow:
    # BPMN 8.3.13: the condition of a default flow is not evaluated; lint warns about it.
    condition = None
    if not flow.default:
        condition = compiling.feel(flow.condition, flow.id, "conditionExpression")
    return Flow(flow.id, flow.source, flow.target, condition, flow.default, flow.name)


def _mappings(node: DiagramNode, name: str, compiling: Compiling) -> tuple[VariableMapping, ...]:
    mappings = []
    targets: set[str] = set()
    for mapping in extensions_of(node.xml, name):
        source = compiling.feel(mapping.get("source", ""), node.id, f"hz:{name} source")
        target = compiling.variable(mapping.get("target"), node.id, f"hz:{name} target")
        if target in targets:
            compiling.report.add("mapping.twice", node.id, name=name, target=target)
        targets.add(target)
        if source is not None:
            mappings.append(VariableMapping(source, target))
    return tuple(mappings)


def _multi_instance(node: DiagramNode, compiling: Compiling) -> MultiInstance | None:
    loop = node.xml.find(bpmn("multiInstanceLoopCharacteristics"))
    if loop is None:
        return None
    cardinality = loop.find(bpmn("loopCardinality"))
    collection = loop.get(hz("collection"))
    output, element = loop.get(hz("outputCollection")), loop.get(hz("outputElement"))
    if (cardinality is None) == (collection is None):
        compiling.report.add("multi-instance.one-source", node.id)
    if (output is None) != (element is None):
        compiling.report.add("multi-instance.output-pair", node.id)
    if loop.get(hz("elementVariable")) is not None and collection is None:
        compiling.report.add("multi-instance.element-without-collection", node.id)
    if node.is_event_sub_process:
        compiling.report.add("multi-instance.not-here", node.id)
    return MultiInstance(
        sequential=loop.get("isSequential", "false").strip() in {"true", "1"},
        cardinality=_cardinality(cardinality, node, compiling),
        collection=compiling.feel(collection, node.id, "hz:collection"),
        element_variable=_optional_variable(loop, "elementVariable", node, compiling),
        output_collection=_optional_variable(loop, "outputCollection", node, compiling),
        output_element=compiling.feel(element, node.id, "hz:outputElement"),
        completion_condition=_child(loop, "completionCondition", node, compiling),
    )


def _cardinality(element: Any, node: DiagramNode, compiling: Compiling) -> Expression | None:
    if element is None:
        return None
    text = text_of(element)
    if re.fullmatch(r"=?\s*\d+", text) and int(text.lstrip("= ")[:20]) > MOST_ITEMS:
        compiling.report.add("multi-instance.too-many", node.id, count=text, most=MOST_ITEMS)
    return compiling.feel(text, node.id, "loopCardinality")


def _child(holder: Any, tag: str, node: DiagramNode, compiling: Compiling) -> Expression | None:
    element = holder.find(bpmn(tag))
    return None if element is None else compiling.feel(text_of(element), node.id, tag)


def _optional_variable(
    holder: Any, name: str, node: DiagramNode, compiling: Compiling
) -> str | None:
    value = holder.get(hz(name))
    return None if value is None else compiling.variable(value, node.id, f"hz:{name}")


def _no_part(node: DiagramNode, compiling: Compiling) -> Parts:
    del node, compiling
    return {}


def _user(node: DiagramNode, compiling: Compiling) -> Parts:
    if kind_of(node) is Kind.TASK:
        compiling.report.add("task.manual-of-nobody", node.id)
        return {}
    groups = _list(node, "candidateGroups")
    form = node.xml.get(hz("form"))
    _check_work(node, groups, form, compiling)
    return {
        "user": UserWork(
            candidate_groups=groups,
            form_key=form,
            duty=_one_of(node, "duty", DUTIES, compiling),
            outcomes=_list(node, "outcomes"),
            assignee=compiling.feel(node.xml.get(hz("assignee")), node.id, "hz:assignee"),
            priority=compiling.feel(node.xml.get(hz("priority")), node.id, "hz:priority"),
            limit=node.xml.get(hz("limit")),
            wait=_one_of(node, "wait", ("true", "false"), compiling) == "true",
        )
    }


def _check_work(
    node: DiagramNode, groups: tuple[str, ...], form: str | None, compiling: Compiling
) -> None:
    if not groups:
        compiling.report.add("task.no-group", node.id)
    if not form and node.tag == "userTask":
        compiling.report.add("task.no-form", node.id)
    library = compiling.library
    _known(node, "hz:form", form, library.forms, compiling)
    _known(node, "hz:limit", node.xml.get(hz("limit")), library.limits, compiling)
    for group in groups:
        _known(node, "hz:candidateGroups", group, library.groups, compiling)


def _known(
    node: DiagramNode, what: str, name: str | None, names: Any, compiling: Compiling
) -> None:
    if name and names is not None and name not in names:
        compiling.report.add("reference.unknown", node.id, what=what, name=name)


def _list(node: DiagramNode, name: str) -> tuple[str, ...]:
    parts = (part.strip() for part in node.xml.get(hz(name), "").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _one_of(
    node: DiagramNode, name: str, legal: tuple[str, ...], compiling: Compiling
) -> str | None:
    value: str | None = node.xml.get(hz(name))
    if value is not None and value not in legal:
        compiling.report.add(
            "hz.bad-value", node.id, name=name, value=value, legal=", ".join(legal)
        )
    return value


def _required(node: DiagramNode, name: str, compiling: Compiling) -> str:
    value = node.xml.get(hz(name), "").strip()
    if not value:
        compiling.report.add("hz.required", node.id, name=name, on=node.tag)
    return str(value)


def _result_variable(node: DiagramNode, compiling: Compiling) -> str:
    name = _required(node, "resultVariable", compiling)
    return compiling.variable(name, node.id, "hz:resultVariable") if name else name


def _script(node: DiagramNode, compiling: Compiling) -> Parts:
    language = node.xml.get("scriptFormat", "").strip()
    if language not in FEEL_LANGUAGES:
        compiling.report.add("script.language", node.id, language=language or "–")
    script = node.xml.find(bpmn("script"))
    if script is None:
        compiling.report.add("expression.empty", node.id, part="script")
    result = _result_variable(node, compiling)
    expression = None if script is None else compiling.feel(text_of(script), node.id, "script")
    return {"script": Script(expression, result) if expression is not None else None}


def _service(node: DiagramNode, compiling: Compiling) -> Parts:
    operation = _required(node, "operation", compiling)
    _known(node, "hz:operation", operation, compiling.library.operations, compiling)
    return {"service": ServiceCall(operation)}


def _decision(node: DiagramNode, compiling: Compiling) -> Parts:
    decision = _required(node, "decision", compiling)
    _known(node, "hz:decision", decision, compiling.library.decisions, compiling)
    legal_date = compiling.feel(node.xml.get(hz("legalDate")), node.id, "hz:legalDate")
    return {"decision": DecisionCall(decision, _result_variable(node, compiling), legal_date)}


def _message(node: DiagramNode, compiling: Compiling) -> Parts:
    return {"message": message_of(node, node.xml, compiling)}


def _call(node: DiagramNode, compiling: Compiling) -> Parts:
    called = node.xml.get("calledElement", "")
    if not called:
        compiling.report.add("call.nothing", node.id)
    _known(node, "calledElement", called, compiling.library.processes, compiling)
    return {"called": called or None}


def _boundary(node: DiagramNode, compiling: Compiling) -> Parts:
    del compiling
    return {"attached_to": node.xml.get("attachedToRef")}


_PARTS: Final[Mapping[str, Callable[[DiagramNode, Compiling], Parts]]] = {
    "userTask": _user,
    "manualTask": _user,
    "scriptTask": _script,
    "serviceTask": _service,
    "businessRuleTask": _decision,
    "sendTask": _message,
    "receiveTask": _message,
    "callActivity": _call,
    "boundaryEvent": _boundary,
}
