"""The diagram in normal form: every reference resolved, every flow listed at both its ends.

BPMN says many things in several ways. Here each is said in one: references lose their QName
prefixes, `eventDefinitionRef` becomes the definition it points to, sequence flows without an id get
one, `default` is a mark on the flow, outgoing flows stand in the order the diagram gives them, and
what is ignored on purpose is gone. Nothing recurses, so a chain of a thousand elements is no
different from one of ten. The cleaned tree is kept for the second reader (`parse_spiff`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from lxml.etree import QName

from engine.bpmn.findings import Report
from engine.bpmn.normalise_global_tasks import bring_global_tasks
from engine.bpmn.vocabulary import BPMN, FLOW_NODES, HOLDS_DATA, HZ, IN_ENGLISH, SUB_PROCESSES

MAX_ELEMENTS: Final = 1_500
"""Flow nodes in one process. The largest real process we know has about 120."""

_REFERENCES: Final = (
    *("sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "signalRef"),
    *("errorRef", "escalationRef", "calledElement", "activityRef"),
    *("oneBehaviorEventRef", "noneBehaviorEventRef"),
)


_SAYS_NOTHING: Final[Mapping[str, frozenset[str]]] = {
    # attribute → values that are the same as leaving it out (BPMN 2.0.2, tables 10.3, 10.26 …)
    "isForCompensation": frozenset({"false", "0"}),
    "parallelMultiple": frozenset({"false", "0"}),
    "testBefore": frozenset({"false", "0"}),
    "waitForCompletion": frozenset({"true", "1"}),
    "startQuantity": frozenset({"1"}),
    "completionQuantity": frozenset({"1"}),
    "behavior": frozenset({"All"}),
    "instantiate": frozenset({"false", "0"}),
    "eventGatewayType": frozenset({"Exclusive"}),
    "ordering": frozenset({"Parallel"}),
    "cancelRemainingInstances": frozenset({"true", "1"}),
}


@dataclass(slots=True, eq=False)
class DiagramFlow:
    """A sequence flow. `condition` is the text of its condition, stripped, None without one."""

    id: str
    source: str
    target: str
    name: str
    condition: str | None
    scope: str | None
    xml: Any
    default: bool = False


@dataclass(slots=True, eq=False)
class DiagramNode:
    """A flow node. `definitions` are its event definitions as XML, references resolved."""

    id: str
    tag: str
    name: str
    scope: str | None
    xml: Any
    outgoing: list[DiagramFlow] = field(default_factory=list)
    incoming: list[DiagramFlow] = field(default_factory=list)
    boundary: list[str] = field(default_factory=list)
    definitions: list[Any] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)  # what a compensation event is tied to

    @property
    def instantiates(self) -> bool:
        """Whether an instance begins here, though it is no start event."""
        return flag(self.xml, "instantiate", default=False)

    @property
    def is_event_sub_process(self) -> bool:
        return self.tag == "subProcess" and flag(self.xml, "triggeredByEvent", default=False)


@dataclass(slots=True, eq=False)
class Diagram:
    """One executable process. `scopes` maps a scope (None: the process) to its nodes' ids."""

    process_id: str
    name: str
    root: Any
    process: Any
    nodes: dict[str, DiagramNode] = field(default_factory=dict)
    flows: dict[str, DiagramFlow] = field(default_factory=dict)
    scopes: dict[str | None, list[str]] = field(default_factory=dict)
    global_elements: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    """What holds data (data objects, properties, inputs, outputs), by id."""

    def starts_in(self, scope: str | None) -> list[DiagramNode]:
        """What an instance of the scope may begin with: start events, receive tasks that
        instantiate, and the events behind a gateway that does."""
        found = []
        for node in self.in_scope(scope):
            if node.tag == "startEvent" or (node.tag == "receiveTask" and node.instantiates):
                found.append(node)
            elif node.tag == "eventBasedGateway" and node.instantiates:
                found += [self.nodes[flow.target] for flow in node.outgoing]
        return found

    def in_scope(self, scope: str | None) -> Iterator[DiagramNode]:
        return (self.nodes[node_id] for node_id in self.scopes[scope])


def bpmn(tag: str) -> str:
    return f"{{{BPMN}}}{tag}"


def hz(name: str) -> str:
    return f"{{{HZ}}}{name}"


def english_of(element: Any) -> str:
    """What an element is called in English; empty where the diagram does not say."""
    return str(element.get(hz(IN_ENGLISH), "")).strip()


def local(element: Any) -> str:
    return str(QName(element).localname)


def text_of(element: Any | None) -> str:
    """All text inside `element`, stripped; empty for None."""
    return "" if element is None else "".join(element.itertext()).strip()


def flag(element: Any, attribute: str, *, default: bool) -> bool:
    """Read an xsd:boolean attribute."""
    value = element.get(attribute)
    return default if value is None else value.strip() in {"true", "1"}


def normalise(
    root: Any, left_out: Iterable[tuple[Any, str | None]], report: Report
) -> Diagram | None:
    """Bring `root` into normal form, in place. None, with findings, if there is no process in it.

    `left_out` are the elements and attributes that the completeness guard ignores; they go.
    """
    tied = [
        (_unprefixed(each.get("sourceRef", "")), _unprefixed(each.get("targetRef", "")))
        for each in root.iter(bpmn("association"))
    ]
    for element, attribute in left_out:
        if attribute is not None:
            del element.attrib[attribute]
        elif element.getparent() is not None:
            element.getparent().remove(element)
    processes = root.findall(bpmn("process"))
    if len(processes) != 1:
        rule = "process.several" if processes else "process.none"
        report.add(rule, "", ids=", ".join(process.get("id", "?") for process in processes))
        return None
    process = processes[0]
    if not process.get("id"):
        report.add("id.missing", "", name="process", line=process.sourceline)
        return None
    diagram = Diagram(process.get("id"), process.get("name", ""), root, process)
    _strip_prefixes(root)
    _drop_defaults(root)
    _check_ids(root, report)
    bring_global_tasks(root)
    diagram.global_elements = {
        el.get("id"): el for el in root if el.get("id") and el is not process
    }
    diagram.data = {el.get("id"): el for el in root.iter(*map(bpmn, HOLDS_DATA)) if el.get("id")}
    _collect(diagram, report)
    if len(diagram.nodes) > MAX_ELEMENTS:
        report.add("diagram.too-large", "", count=len(diagram.nodes), most=MAX_ELEMENTS)
        return None
    _connect(diagram, report)
    _attach(diagram, report)
    _associate(diagram, tied)
    _link(diagram, report)
    return diagram


def _strip_prefixes(root: Any) -> None:
    for element in root.iter():
        for name in _REFERENCES:
            value = element.get(name)
            if value is not None:
                element.set(name, _unprefixed(value))
        if local(element) in {"incoming", "outgoing", "eventDefinitionRef"}:
            element.text = _unprefixed(element.text or "")


def _drop_defaults(root: Any) -> None:
    for element in root.iter():
        for name, values in _SAYS_NOTHING.items():
            if element.get(name, "").strip() in values:
                del element.attrib[name]


def _unprefixed(reference: str) -> str:
    return reference.strip().rpartition(":")[2]


def _check_ids(root: Any, report: Report) -> None:
    seen: set[str] = set()
    for element in root.iter():
        own = element.get("id")
        if own is not None and own in seen:
            report.add("id.duplicate", own)
        seen.add(own or "")


def _collect(diagram: Diagram, report: Report) -> None:
    containers: list[tuple[Any, str | None]] = [(diagram.process, None)]
    flows: list[tuple[Any, str | None]] = []
    while containers:
        container, scope = containers.pop()
        diagram.scopes[scope] = []
        for element in container:
            tag = local(element)
            if tag == "sequenceFlow":
                flows.append((element, scope))
            elif tag in FLOW_NODES:
                added = _add_node(diagram, element, scope, report)
                if added and tag in SUB_PROCESSES:
                    containers.append((element, element.get("id")))
    for element, scope in flows:
        _add_flow(diagram, element, scope)


def _add_node(diagram: Diagram, element: Any, scope: str | None, report: Report) -> bool:
    node_id = element.get("id")
    if not node_id:
        report.add("id.missing", scope or "", name=local(element), line=element.sourceline)
        return False
    if node_id in diagram.nodes:
        return False
    node = DiagramNode(node_id, local(element), element.get("name", ""), scope, element)
    node.definitions = _event_definitions(diagram, node, report)
    diagram.nodes[node_id] = node
    diagram.scopes[scope].append(node_id)
    return True


def _event_definitions(diagram: Diagram, node: DiagramNode, report: Report) -> list[Any]:
    for reference in node.xml.findall(bpmn("eventDefinitionRef")):
        target = diagram.global_elements.get(reference.text)
        if target is None or not local(target).endswith("EventDefinition"):
            report.add("reference.unknown", node.id, what="eventDefinition", name=reference.text)
            node.xml.remove(reference)
        else:
            copy = deepcopy(target)
            del copy.attrib["id"]
            node.xml.replace(reference, copy)
    return [child for child in node.xml if local(child).endswith("EventDefinition")]


def _add_flow(diagram: Diagram, element: Any, scope: str | None) -> None:
    source, target = element.get("sourceRef", ""), element.get("targetRef", "")
    if not element.get("id"):
        wished, turn = f"{source}--{target}", 1
        while (flow_id := wished if turn == 1 else f"{wished}--{turn}") in diagram.flows:
            turn += 1
        element.set("id", flow_id)
    condition = element.find(bpmn("conditionExpression"))
    flow = DiagramFlow(
        id=element.get("id"),
        source=source,
        target=target,
        name=element.get("name", ""),
        condition=None if condition is None else text_of(condition),
        scope=scope,
        xml=element,
    )
    diagram.flows.setdefault(flow.id, flow)


def _connect(diagram: Diagram, report: Report) -> None:
    for flow in diagram.flows.values():
        ends = [diagram.nodes.get(flow.source), diagram.nodes.get(flow.target)]
        for end, node_id in zip(ends, (flow.source, flow.target), strict=True):
            if node_id == "" or end is None:
                report.add("flow.unknown-end", flow.id, end=node_id)
            elif end.scope != flow.scope:
                report.add("flow.crosses-scope", flow.id, end=node_id)
        source, target = ends
        if source is not None and target is not None:
            source.outgoing.append(flow)
            target.incoming.append(flow)
    for node in diagram.nodes.values():
        _check_lists(node, report)
        _mark_default(node, report)


def _check_lists(node: DiagramNode, report: Report) -> None:
    """Hold the node's own `incoming` and `outgoing` lists against the flows, and take their order.

    A modeller may leave the lists out; where they stand, they must not tell another story.
    """
    for tag, flows in (("incoming", node.incoming), ("outgoing", node.outgoing)):
        listed = [child.text for child in node.xml.findall(bpmn(tag))]
        drawn = {flow.id for flow in flows}
        for flow_id in listed:
            if flow_id not in drawn:
                report.add("flow.listed-not-drawn", node.id, list=tag, flow=flow_id)
        if listed and drawn - set(listed):
            missing = ", ".join(sorted(drawn - set(listed)))
            report.add("flow.drawn-not-listed", node.id, list=tag, flow=missing)
        order = {flow_id: at for at, flow_id in enumerate(listed)}
        flows.sort(key=lambda flow: order.get(flow.id, len(order)))


def _mark_default(node: DiagramNode, report: Report) -> None:
    default = node.xml.get("default")
    if default is None:
        return
    for flow in node.outgoing:
        if flow.id == default:
            flow.default = True
            return
    report.add("flow.default-elsewhere", node.id, flow=default)


def _attach(diagram: Diagram, report: Report) -> None:
    for node in diagram.nodes.values():
        if node.tag != "boundaryEvent":
            continue
        host = diagram.nodes.get(node.xml.get("attachedToRef", ""))
        if host is None or host.scope != node.scope:
            report.add("boundary.unknown-host", node.id, host=node.xml.get("attachedToRef", ""))
        else:
            host.boundary.append(node.id)


def _associate(diagram: Diagram, tied: Iterable[tuple[str, str]]) -> None:
    """Tie compensation events to their handlers. Every other association is a drawing."""
    for source_id, target_id in tied:
        source = diagram.nodes.get(source_id)
        if source is not None and source.tag == "boundaryEvent" and target_id in diagram.nodes:
            source.handlers.append(target_id)


def _link(diagram: Diagram, report: Report) -> None:
    """Make a flow of each pair of link events: one name in one scope (BPMN 2.0.2, 10.5.5)."""
    targets: dict[tuple[str | None, str], DiagramNode] = {}
    for node in _with_link(diagram, "intermediateCatchEvent"):
        name = (node.scope, link_name(node))
        if name in targets:
            report.add("link.several-targets", node.id, name=name[1], other=targets[name].id)
        targets.setdefault(name, node)
    used = set()
    for node in _with_link(diagram, "intermediateThrowEvent"):
        target = targets.get((node.scope, link_name(node)))
        if target is None:
            report.add("link.no-target", node.id, name=link_name(node))
            continue
        used.add(target.id)
        flow = DiagramFlow(
            f"{node.id}--{target.id}", node.id, target.id, "", None, node.scope, None
        )
        node.outgoing.append(flow)
        target.incoming.append(flow)
    for target in targets.values():
        if target.id not in used:
            report.add("link.no-source", target.id, name=link_name(target))


def _with_link(diagram: Diagram, tag: str) -> list[DiagramNode]:
    return [node for node in diagram.nodes.values() if node.tag == tag and link_name(node)]


def link_name(node: DiagramNode) -> str:
    """The name of the link of an event; empty if it has none."""
    definition = node.xml.find(bpmn("linkEventDefinition"))
    return "" if definition is None else definition.get("name", "").strip()


def documentation_of(element: Any) -> str:
    """The texts of all `documentation` children, a blank line between them."""
    texts = (text_of(child) for child in element.findall(bpmn("documentation")))
    return "\n\n".join(text for text in texts if text)


def extensions_of(element: Any, name: str) -> list[Mapping[str, str]]:
    """The attributes of every `hz:{name}` in the element's `extensionElements`, in order."""
    holder = element.find(bpmn("extensionElements"))
    if holder is None:
        return []
    return [dict(child.attrib) for child in holder.findall(hz(name))]
