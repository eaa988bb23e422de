"""Pools, message flows and lanes: only people read them, but what they say must make sense.

The rules are those of BPMN 2.0.2, 9.3 and table 7.4 (message flows) and 10.8 (lanes). They are
asked of the file as it was drawn, before what is not executed is left out.
"""

from __future__ import annotations

from typing import Any, Final

from engine.bpmn.findings import Report
from engine.bpmn.normalise import bpmn, local
from engine.bpmn.vocabulary import ACTIVITIES, FLOW_NODES

_POOL: Final = "participant"
_MAY_SEND: Final = frozenset(ACTIVITIES | {_POOL, "endEvent", "intermediateThrowEvent"})
_MAY_TAKE: Final = frozenset(
    ACTIVITIES | {_POOL, "startEvent", "intermediateCatchEvent", "boundaryEvent"}
)


def check_collaboration(root: Any, report: Report) -> None:
    """Check every message flow and every lane of the file."""
    known = {element.get("id"): element for element in root.iter() if element.get("id")}
    pools = {
        each.get("id"): _unprefixed(each.get("processRef") or each.get("id"))
        for each in root.iter(bpmn(_POOL))
    }
    for flow in root.iter(bpmn("messageFlow")):
        _check_message_flow(flow, known, pools, report)
    for lanes in root.iter(bpmn("laneSet")):
        _check_lanes(lanes, known, report)


def _check_message_flow(
    flow: Any, known: dict[str, Any], pools: dict[str, str], report: Report
) -> None:
    name = flow.get("id") or ""
    owners = []
    for attribute, fitting in (("sourceRef", _MAY_SEND), ("targetRef", _MAY_TAKE)):
        end = _unprefixed(flow.get(attribute, ""))
        element = known.get(end)
        if element is None:
            report.add("message-flow.unknown-end", name, end=end)
            return
        if local(element) not in fitting or not _carries_messages(element):
            does = "send" if attribute == "sourceRef" else "receive"
            report.add("message-flow.bad-end", name, end=end, tag=local(element), does=does)
            return
        owners.append(pools.get(end) or _process_of(element))
    if owners[0] == owners[1]:
        report.add("message-flow.same-pool", name, process=owners[0])


def _carries_messages(element: Any) -> bool:
    """An event must be of kind message; several definitions may hold one."""
    if not local(element).endswith("Event"):
        return True
    kinds = {local(child) for child in element}
    return bool(kinds & {"messageEventDefinition", "eventDefinitionRef"})


def _process_of(element: Any) -> str:
    around = (each.get("id") for each in element.iterancestors(bpmn("process")))
    return next(around, None) or ""


def _check_lanes(lanes: Any, known: dict[str, Any], report: Report) -> None:
    """A lane holds nodes of its process, and a node lies in one lane of a set."""
    seen: dict[str, str] = {}
    for lane in lanes.iterfind(bpmn("lane")):
        name = lane.get("id") or ""
        for reference in lane.iterfind(bpmn("flowNodeRef")):
            node = _unprefixed(reference.text or "")
            element = known.get(node)
            if element is None or local(element) not in FLOW_NODES:
                report.add("lane.unknown-node", name, node=node)
            elif seen.setdefault(node, name) != name:
                report.add("lane.shared-node", name, node=node, other=seen[node])


def _unprefixed(reference: str) -> str:
    return reference.strip().rpartition(":")[2]
