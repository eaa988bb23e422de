"""Flow nodes into elements of the definition: each part of a node is read once, here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.bpmn.compile_activities import activity_parts
from engine.bpmn.compile_data import mappings_of
from engine.bpmn.compile_events import event_spec, message_of
from engine.bpmn.compile_expressions import Compiling
from engine.bpmn.definition import (
    AdHoc,
    DecisionCall,
    Element,
    Flow,
    Kind,
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
    english_of,
    extensions_of,
    flag,
    hz,
    text_of,
)
from engine.bpmn.vocabulary import ACTIVITIES, EVENTS, FEEL_LANGUAGES

DUTIES: Final = ("record", "review", "approve")

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
    "inclusiveGateway": Kind.INCLUSIVE_GATEWAY,
    "complexGateway": Kind.COMPLEX_GATEWAY,
    "subProcess": Kind.SUB_PROCESS,
    "transaction": Kind.TRANSACTION,
    "adHocSubProcess": Kind.AD_HOC_SUB_PROCESS,
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
        parts |= activity_parts(node, compiling)
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
        name_en=english_of(node.xml),
        **parts,
    )


def _flow(flow: DiagramFlow, compiling: Compiling) -> Flow:
    # BPMN 8.3.13: the condition of a default flow is not evaluated; lint warns about it.
    condition = None
    if not flow.default:
        condition = compiling.feel(flow.condition, flow.id, "conditionExpression")
    # Between two link events runs a flow that nobody drew.
    english = "" if flow.xml is None else english_of(flow.xml)
    return Flow(flow.id, flow.source, flow.target, condition, flow.default, flow.name, english)


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
    mappings.extend(mappings_of(node, name, compiling))
    return tuple(mappings)


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
    return {
        "script": Script(expression, result) if expression is not None else None,
        "failure": node.xml.get(hz("failure")),
    }


def _service(node: DiagramNode, compiling: Compiling) -> Parts:
    operation = _required(node, "operation", compiling)
    _known(node, "hz:operation", operation, compiling.library.operations, compiling)
    return {"service": ServiceCall(operation)}


def _decision(node: DiagramNode, compiling: Compiling) -> Parts:
    decision = _required(node, "decision", compiling)
    _known(node, "hz:decision", decision, compiling.library.decisions, compiling)
    legal_date = compiling.feel(node.xml.get(hz("legalDate")), node.id, "hz:legalDate")
    return {
        "decision": DecisionCall(decision, _result_variable(node, compiling), legal_date),
        "failure": node.xml.get(hz("failure")),
    }


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
    handler = node.handlers[0] if len(node.handlers) == 1 else None
    return {"attached_to": node.xml.get("attachedToRef"), "handler": handler}


def _complex(node: DiagramNode, compiling: Compiling) -> Parts:
    condition = node.xml.find(bpmn("activationCondition"))
    if condition is None:
        return {}
    return {"activation": compiling.feel(text_of(condition), node.id, "activationCondition")}


def _event_based(node: DiagramNode, compiling: Compiling) -> Parts:
    del compiling
    all_events = node.xml.get("eventGatewayType", "").strip() == "Parallel"
    return {"instantiates": node.instantiates, "all_events": all_events}


def _receive(node: DiagramNode, compiling: Compiling) -> Parts:
    return {**_message(node, compiling), "instantiates": node.instantiates}


def _ad_hoc(node: DiagramNode, compiling: Compiling) -> Parts:
    condition = node.xml.find(bpmn("completionCondition"))
    completion = None
    if condition is not None:
        completion = compiling.feel(text_of(condition), node.id, "completionCondition")
    sequential = node.xml.get("ordering", "").strip() == "Sequential"
    cancels = flag(node.xml, "cancelRemainingInstances", default=True)
    return {"ad_hoc": AdHoc(completion, sequential=sequential, cancel_remaining=cancels)}


_PARTS: Final[Mapping[str, Callable[[DiagramNode, Compiling], Parts]]] = {
    "userTask": _user,
    "manualTask": _user,
    "scriptTask": _script,
    "serviceTask": _service,
    "businessRuleTask": _decision,
    "sendTask": _message,
    "receiveTask": _receive,
    "eventBasedGateway": _event_based,
    "adHocSubProcess": _ad_hoc,
    "callActivity": _call,
    "boundaryEvent": _boundary,
    "complexGateway": _complex,
}
