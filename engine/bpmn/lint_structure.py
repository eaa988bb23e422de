"""Structure: what may stand where, and what must be connected to what.

The rules are those of BPMN 2.0.2 sections 8, 10 and 13, and of what the interpreter can run. None
of them needs to know what an expression says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.bpmn.compile_events import kind_of
from engine.bpmn.compile_expressions import Compiling
from engine.bpmn.definition import EventKind
from engine.bpmn.findings import Report
from engine.bpmn.lint_collaboration import check_collaboration
from engine.bpmn.lint_names import check_names
from engine.bpmn.lint_tokens import check_tokens
from engine.bpmn.normalise import DiagramNode, bpmn, flag, hz
from engine.bpmn.vocabulary import ACTIVITIES, SUB_PROCESSES

_WAITS: Final = frozenset(
    {
        *(EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL, EventKind.CONDITIONAL),
        *(EventKind.MULTIPLE, EventKind.PARALLEL_MULTIPLE),
    }
)
_THROWS_ESCALATIONS: Final = SUB_PROCESSES | {"callActivity"}
_THROWS_ERRORS: Final = _THROWS_ESCALATIONS | {"serviceTask"}


def check_drawing(root: Any, report: Report) -> None:
    """Check what is only read, in the file as it was drawn: pools, message flows, lanes, names."""
    check_collaboration(root, report)
    check_names(root, report)


def check_structure(compiling: Compiling) -> None:
    """Check every scope, every node with its neighbours, and where tokens can come."""
    for scope in compiling.diagram.scopes:
        _check_starts(scope, compiling)
    for node in compiling.diagram.nodes.values():
        for check in _CHECKS.get(node.tag, _OTHERWISE):
            check(node, compiling)
    _check_globals(compiling)
    check_tokens(compiling)


def _check_starts(scope: str | None, compiling: Compiling) -> None:
    """One start without a trigger in a scope; an event sub-process has one with a trigger."""
    owner = scope or compiling.diagram.process_id
    if scope is not None and compiling.diagram.nodes[scope].tag == "adHocSubProcess":
        _check_ad_hoc(scope, compiling)
        return
    starts = compiling.diagram.starts_in(scope)
    if not starts:
        compiling.report.add("start.none", owner)
        return
    plain = [s for s in starts if s.tag == "startEvent" and kind_of(s) is EventKind.NONE]
    is_process = scope is None
    if len(plain) > 1 or (len(starts) > 1 and not is_process):
        ids = ", ".join(start.id for start in (plain if is_process else starts))
        compiling.report.add("start.several", owner, ids=ids)


def _check_ad_hoc(scope: str, compiling: Compiling) -> None:
    """Nothing in it says where it begins and ends (BPMN 2.0.2, 10.3.5.4)."""
    nodes = list(compiling.diagram.in_scope(scope))
    for node in nodes:
        if node.tag in ("startEvent", "endEvent"):
            compiling.report.add("ad-hoc.bounded", scope, event=node.id)
    if not any(node.tag in ACTIVITIES and not node.incoming for node in nodes):
        compiling.report.add("ad-hoc.empty", scope)


def _instantiating(node: DiagramNode, compiling: Compiling) -> None:
    if not node.instantiates:
        if node.xml.get("eventGatewayType", "").strip() == "Parallel":
            compiling.report.add("event-gateway.parallel", node.id)
        return
    _nothing_in("instantiate.incoming", node, compiling)
    if node.scope is not None:
        compiling.report.add("instantiate.inside", node.id)


def _start(node: DiagramNode, compiling: Compiling) -> None:
    _nothing_in("start.incoming", node, compiling)
    _something_out(node, compiling)
    _no_conditions(node, compiling)


def _end(node: DiagramNode, compiling: Compiling) -> None:
    if node.outgoing:
        compiling.report.add("end.outgoing", node.id, flow=node.outgoing[0].id)
    if kind_of(node) is EventKind.CANCEL:
        scope = compiling.diagram.nodes.get(node.scope or "")
        if scope is None or scope.tag != "transaction":
            compiling.report.add("cancel.outside", node.id)
        elif not any(_cancels(compiling.diagram.nodes[event]) for event in scope.boundary):
            compiling.report.add("cancel.no-way-out", node.id, transaction=scope.id)


def _cancels(event: DiagramNode) -> bool:
    return kind_of(event) is EventKind.CANCEL


def _intermediate(node: DiagramNode, compiling: Compiling) -> None:
    if kind_of(node) is EventKind.LINK:
        _link_end(node, compiling)
        return
    _something_out(node, compiling)
    _no_conditions(node, compiling)


def _link_end(node: DiagramNode, compiling: Compiling) -> None:
    """Nothing is drawn behind the first of a pair of link events, or before the second."""
    is_throw = node.tag == "intermediateThrowEvent"
    drawn = [
        flow for flow in (node.outgoing if is_throw else node.incoming) if flow.xml is not None
    ]
    if drawn:
        compiling.report.add("link.connected", node.id, flow=drawn[0].id)
    if not is_throw:
        _something_out(node, compiling)


def _boundary(node: DiagramNode, compiling: Compiling) -> None:
    _nothing_in("boundary.incoming", node, compiling)
    _no_conditions(node, compiling)
    kind = kind_of(node)
    if kind is EventKind.COMPENSATION:
        _compensation_boundary(node, compiling)
    elif not node.outgoing:
        compiling.report.add("boundary.no-outgoing", node.id)
    host = compiling.diagram.nodes.get(node.xml.get("attachedToRef", ""))
    if host is None:
        return
    if host.tag not in ACTIVITIES or host.is_event_sub_process:
        compiling.report.add("boundary.bad-host", node.id, host=host.id, tag=host.tag)
        return
    if kind is EventKind.CANCEL and host.tag != "transaction":
        compiling.report.add("cancel.outside", node.id)
    throws = host.tag in _THROWS_ERRORS or host.xml.get(hz("failure")) is not None
    never_error = kind is EventKind.ERROR and not throws
    never_escalation = kind is EventKind.ESCALATION and host.tag not in _THROWS_ESCALATIONS
    if never_error or never_escalation:
        compiling.report.add("boundary.never", node.id, kind=kind, host=host.id, tag=host.tag)


def _compensation_boundary(node: DiagramNode, compiling: Compiling) -> None:
    """It leads to its handler by an association, not by a flow (BPMN 2.0.2, 10.5.6)."""
    if node.outgoing:
        compiling.report.add("compensation.flow", node.id, flow=node.outgoing[0].id)
    if len(node.handlers) != 1:
        compiling.report.add("compensation.no-handler", node.id, count=len(node.handlers))
        return
    handler = compiling.diagram.nodes[node.handlers[0]]
    is_meant = flag(handler.xml, "isForCompensation", default=False)
    if handler.tag not in ACTIVITIES or handler.scope != node.scope or not is_meant:
        compiling.report.add("compensation.bad-handler", node.id, handler=handler.id)


def _handler(node: DiagramNode, compiling: Compiling) -> None:
    for flow in (*node.incoming, *node.outgoing):
        compiling.report.add("compensation.handler-connected", node.id, flow=flow.id)


def _activity(node: DiagramNode, compiling: Compiling) -> None:
    if flag(node.xml, "isForCompensation", default=False):
        _handler(node, compiling)
    elif node.is_event_sub_process:
        _event_sub_process(node, compiling)
    elif not node.outgoing:
        scope = compiling.diagram.nodes.get(node.scope or "")
        if scope is None or scope.tag != "adHocSubProcess":
            compiling.report.add("activity.no-outgoing", node.id)
    elif all(flow.condition is not None and not flow.default for flow in node.outgoing):
        compiling.report.add("flow.not-exhaustive", node.id)


def _event_sub_process(node: DiagramNode, compiling: Compiling) -> None:
    if node.incoming or node.outgoing:
        compiling.report.add("event-sub-process.connected", node.id)


def _gateway(node: DiagramNode, compiling: Compiling) -> None:
    if not node.outgoing:
        compiling.report.add("gateway.no-outgoing", node.id)


def _exclusive(node: DiagramNode, compiling: Compiling) -> None:
    others = [flow for flow in node.outgoing if not flow.default]
    without = [flow for flow in others if not flow.condition]
    if len(node.outgoing) > 1:
        for flow in without:
            compiling.report.add("exclusive.no-condition", flow.id, gateway=node.id)
    if others and not without and len(others) == len(node.outgoing):
        compiling.report.add("flow.not-exhaustive", node.id)


def _inclusive(node: DiagramNode, compiling: Compiling) -> None:
    if len(node.outgoing) > 1 and all(
        flow.condition and not flow.default for flow in node.outgoing
    ):
        compiling.report.add("flow.not-exhaustive", node.id)


def _complex(node: DiagramNode, compiling: Compiling) -> None:
    if len(node.incoming) > 1 and node.xml.find(bpmn("activationCondition")) is None:
        compiling.report.add("complex.no-condition", node.id)


def _parallel(node: DiagramNode, compiling: Compiling) -> None:
    _no_conditions(node, compiling)
    if len(node.outgoing) <= 1 and len(node.incoming) <= 1:
        compiling.report.add("parallel.pointless", node.id)


def _event_based(node: DiagramNode, compiling: Compiling) -> None:
    _no_conditions(node, compiling)
    if len(node.outgoing) < 2:
        compiling.report.add("event-gateway.too-few", node.id)
    for flow in node.outgoing:
        target = compiling.diagram.nodes.get(flow.target)
        if target is None:
            continue
        waits = target.tag == "intermediateCatchEvent" and kind_of(target) in _WAITS
        if not waits and target.tag != "receiveTask":
            compiling.report.add("event-gateway.bad-target", node.id, target=target.id)
        elif len(target.incoming) > 1:
            compiling.report.add("event-gateway.shared-target", node.id, target=target.id)
        elif target.boundary or target.xml.find(bpmn(_LOOP)) is not None:
            compiling.report.add("event-gateway.decorated-target", node.id, target=target.id)


_LOOP: Final = "multiInstanceLoopCharacteristics"


def _nothing_in(rule: str, node: DiagramNode, compiling: Compiling) -> None:
    if node.incoming:
        compiling.report.add(rule, node.id, flow=node.incoming[0].id)


def _something_out(node: DiagramNode, compiling: Compiling) -> None:
    if not node.outgoing:
        compiling.report.add("event.no-outgoing", node.id)


def _no_conditions(node: DiagramNode, compiling: Compiling) -> None:
    """BPMN 8.3.13: a condition may stand on flows out of activities and deciding gateways only."""
    for flow in node.outgoing:
        if flow.condition is not None or flow.default:
            compiling.report.add("flow.condition-not-here", flow.id, source=node.id, tag=node.tag)


def _default_condition(node: DiagramNode, compiling: Compiling) -> None:
    for flow in node.outgoing:
        if flow.default and flow.condition is not None:
            compiling.report.add("flow.default-condition", flow.id)


def _check_globals(compiling: Compiling) -> None:
    """Global elements that nobody refers to are harmless, but two of one name are a trap."""
    seen: dict[tuple[str, str], str] = {}
    for element_id, element in compiling.diagram.global_elements.items():
        kind = str(element.tag).rpartition("}")[2]
        name = (
            element.get("errorCode") or element.get("escalationCode") or element.get("name") or ""
        )
        key = (kind, name.strip())
        if name and key in seen and kind in {"message", "signal", "error", "escalation"}:
            compiling.report.add(
                "global.same-name", element_id, kind=kind, name=name, other=seen[key]
            )
        seen.setdefault(key, element_id)


_Check = Callable[[DiagramNode, Compiling], None]
_OTHERWISE: Final[tuple[_Check, ...]] = (_activity, _default_condition)
_CHECKS: Final[Mapping[str, tuple[_Check, ...]]] = {
    "startEvent": (_start,),
    "endEvent": (_end,),
    "intermediateCatchEvent": (_intermediate,),
    "intermediateThrowEvent": (_intermediate,),
    "boundaryEvent": (_boundary,),
    "exclusiveGateway": (_gateway, _exclusive, _default_condition),
    "inclusiveGateway": (_gateway, _inclusive, _default_condition),
    "complexGateway": (_gateway, _complex, _default_condition),
    "parallelGateway": (_gateway, _parallel),
    "eventBasedGateway": (_gateway, _event_based, _instantiating),
    "receiveTask": (*_OTHERWISE, _instantiating),
}
