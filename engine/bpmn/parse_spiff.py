"""SpiffWorkflow's parser as second reader: it must find the same graph as we did.

Our parser classes lift what its own cannot read: it follows flows by recursion (and fails at some
hundred nodes in a row), allows one flow out of a task, drops signal end events and the error and
escalation starts of event sub-processes, and has no business rule task. Ours make all nodes first
and connect them afterwards. What it still cannot carry is named in the definition's property
`spiff`; the reasons are in docs/adr/0002.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from SpiffWorkflow.bpmn.parser import event_parsers as events
from SpiffWorkflow.bpmn.parser import task_parsers as tasks
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.data_spec import TaskDataReference
from SpiffWorkflow.bpmn.specs.event_definitions import item_aware_event, message, simple, timer
from SpiffWorkflow.bpmn.specs.mixins import EventBasedGatewayMixin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask

from engine.bpmn.definition import Element, EventKind, Kind, TimerKind
from engine.bpmn.findings import Report
from engine.bpmn.normalise import Diagram, DiagramNode, hz
from engine.bpmn.vocabulary import FLOW_NODES

AGREES: Final = "agrees"
READABLE: Final = frozenset(full_tag(tag) for tag in FLOW_NODES)
_RESERVED: Final = frozenset({"Start", "End", "Root", "StartEventSplit", "StartEventJoin"})


class _Flat:
    """Makes the spec of one node and leaves its neighbours to `_FlatProcessParser`."""

    def parse_node(self: Any) -> Any:
        self.task = self.create_task()
        loop = self.xpath("./bpmn:multiInstanceLoopCharacteristics")
        if loop:
            self._add_multiinstance_task(loop[0])
        return self.task

    def _add_multiinstance_task(self: Any, loop: Any) -> None:
        cardinality = self.xpath("./*/bpmn:loopCardinality")
        collection = loop.get(hz("collection"))
        original = self.spec.task_specs.pop(self.task.name)
        sequential = loop.get("isSequential", "false") in {"true", "1"}
        make = self.SEQUENTIAL_MI_CLASS if sequential else self.PARALLEL_MI_CLASS
        self.task = make(
            self.spec,
            original.name,
            "",
            cardinality=cardinality[0].text if cardinality else None,
            data_input=TaskDataReference(collection) if collection else None,
        )
        self._copy_task_attrs(original)
        self.task.inner = original


class _Events:
    """Reads every event definition we execute, wherever we allow it."""

    def get_event_definition(self: Any, xpaths: list[str]) -> Any:
        del xpaths  # the parser's own list leaves out signal ends and typed event starts
        return super().get_event_definition(  # type: ignore[misc]
            [
                events.MESSAGE_EVENT_XPATH,
                events.SIGNAL_EVENT_XPATH,
                events.TIMER_EVENT_XPATH,
                events.ERROR_EVENT_XPATH,
                events.ESCALATION_EVENT_XPATH,
                events.TERMINATION_EVENT_XPATH,
            ]
        )

    def parse_timer_event(self: Any, event: Any) -> Any:
        clock = event.get(hz("clock"))
        if clock is not None:
            return timer.TimeDateEventDefinition(self.node.get("id"), clock)
        return super().parse_timer_event(event)  # type: ignore[misc]


class _SubProcess(_Flat, tasks.SubWorkflowParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        self.process_parser.parser.create_parser(self.node, filename=self.filename, lane=self.lane)
        triggered = self.node.get("triggeredByEvent", "false") in {"true", "1"}
        make = self.EVENT_SUBPROCESS_CLASS if triggered else self.spec_class
        return make(self.spec, self.bpmn_id, subworkflow_spec=self.bpmn_id, **self.bpmn_attributes)


class _FlatProcessParser(ProcessParser):  # type: ignore[misc]
    """Makes the specs of all nodes of one process or sub-process, then connects them."""

    def add_tasks(self) -> None:
        parsers = {}
        for node in self.node:
            if not isinstance(node.tag, str) or node.tag not in READABLE:
                continue
            make, spec_class = self.parser.OVERRIDE_PARSER_CLASSES[node.tag]
            parser = make(self, spec_class, node, self.nsmap, lane=self.lane)
            parser.parse_node()
            attached = self.get_boundary_events(parser.bpmn_id)
            parser.task.attached = {event.get("id") for event in attached}
            parsers[parser.bpmn_id] = parser
        for node_id, parser in parsers.items():
            default = parser.node.get("default")
            for flow in self.get_outgoing_sequence_flows(node_id):
                target = parsers[flow.get("targetRef")].task
                parser.connect_outgoing(target, flow, flow.get("id") == default)


def _flat(parser: type) -> type:
    return type(f"Flat{parser.__name__}", (_Flat, parser), {})


def _event(parser: type) -> type:
    return type(f"Flat{parser.__name__}", (_Flat, _Events, parser), {})


class _FlatGateway(_Flat, tasks.ConditionalGatewayParser):  # type: ignore[misc]
    def connect_outgoing(
        self, outgoing_task: Any, sequence_flow_node: Any, is_default: Any
    ) -> None:
        alone = len(self.process_parser.get_outgoing_sequence_flows(self.bpmn_id)) == 1
        bare = self.parse_condition(sequence_flow_node) is None
        super().connect_outgoing(outgoing_task, sequence_flow_node, is_default or (alone and bare))


class BusinessRuleTask(defaults.ServiceTask):  # type: ignore[misc]
    """SpiffWorkflow's BPMN parser has no business rule task of its own."""


class EventBasedGateway(defaults.EventBasedGateway):  # type: ignore[misc]
    """Leaves the events to the elements that follow; SpiffWorkflow's takes them away from those."""

    def connect(self, taskspec: Any) -> None:
        super(EventBasedGatewayMixin, self).connect(taskspec)


class SecondReader(BpmnParser):  # type: ignore[misc]
    """SpiffWorkflow's parser with our parser classes. One per diagram."""

    PROCESS_PARSER_CLASS = _FlatProcessParser
    OVERRIDE_PARSER_CLASSES: Final = {
        full_tag(tag): (make, spec)
        for tag, make, spec in (
            ("startEvent", _event(events.StartEventParser), defaults.StartEvent),
            ("endEvent", _event(events.EndEventParser), defaults.EndEvent),
            (
                "intermediateCatchEvent",
                _event(events.IntermediateCatchEventParser),
                defaults.IntermediateCatchEvent,
            ),
            (
                "intermediateThrowEvent",
                _event(events.IntermediateThrowEventParser),
                defaults.IntermediateThrowEvent,
            ),
            ("boundaryEvent", _event(events.BoundaryEventParser), defaults.BoundaryEvent),
            ("sendTask", _flat(events.SendTaskParser), defaults.SendTask),
            ("receiveTask", _flat(events.ReceiveTaskParser), defaults.ReceiveTask),
            ("task", _flat(TaskParser), defaults.NoneTask),
            ("userTask", _flat(TaskParser), defaults.UserTask),
            ("manualTask", _flat(TaskParser), defaults.ManualTask),
            ("scriptTask", _flat(tasks.ScriptTaskParser), defaults.ScriptTask),
            ("serviceTask", _flat(TaskParser), defaults.ServiceTask),
            ("businessRuleTask", _flat(TaskParser), BusinessRuleTask),
            ("callActivity", _flat(tasks.CallActivityParser), defaults.CallActivity),
            ("subProcess", _SubProcess, defaults.SubWorkflowTask),
            ("exclusiveGateway", _FlatGateway, defaults.ExclusiveGateway),
            ("parallelGateway", _flat(tasks.GatewayParser), defaults.ParallelGateway),
            (
                "eventBasedGateway",
                _flat(events.EventBasedGatewayParser),
                EventBasedGateway,
            ),
        )
    }


_BEYOND: Final = frozenset(
    {
        *("inclusiveGateway", "complexGateway", "transaction", "adHocSubProcess"),
        *("conditionalEventDefinition", "linkEventDefinition", "compensateEventDefinition"),
        *("cancelEventDefinition", "standardLoopCharacteristics", "multiple events", "quantities"),
        *("instantiate", "data"),
    }
)

_SPECS: Final[Mapping[Kind, type]] = {
    Kind.START_EVENT: defaults.StartEvent,
    Kind.END_EVENT: defaults.EndEvent,
    Kind.INTERMEDIATE_CATCH_EVENT: defaults.IntermediateCatchEvent,
    Kind.INTERMEDIATE_THROW_EVENT: defaults.IntermediateThrowEvent,
    Kind.BOUNDARY_EVENT: defaults.BoundaryEvent,
    Kind.USER_TASK: defaults.UserTask,
    Kind.MANUAL_TASK: defaults.ManualTask,
    Kind.SCRIPT_TASK: defaults.ScriptTask,
    Kind.SERVICE_TASK: defaults.ServiceTask,
    Kind.BUSINESS_RULE_TASK: BusinessRuleTask,
    Kind.SEND_TASK: defaults.SendTask,
    Kind.RECEIVE_TASK: defaults.ReceiveTask,
    Kind.EXCLUSIVE_GATEWAY: defaults.ExclusiveGateway,
    Kind.PARALLEL_GATEWAY: defaults.ParallelGateway,
    Kind.EVENT_BASED_GATEWAY: EventBasedGateway,
    Kind.SUB_PROCESS: defaults.SubWorkflowTask,
    Kind.EVENT_SUB_PROCESS: defaults.EventSubprocess,
    Kind.CALL_ACTIVITY: defaults.CallActivity,
}

_EVENTS: Final[Mapping[str, type]] = {
    EventKind.NONE: simple.NoneEventDefinition,
    EventKind.MESSAGE: message.MessageEventDefinition,
    EventKind.SIGNAL: item_aware_event.SignalEventDefinition,
    EventKind.ERROR: item_aware_event.ErrorEventDefinition,
    EventKind.ESCALATION: item_aware_event.EscalationEventDefinition,
    EventKind.TERMINATE: simple.TerminateEventDefinition,
    TimerKind.DATE: timer.TimeDateEventDefinition,
    TimerKind.DURATION: timer.DurationTimerEventDefinition,
    TimerKind.CYCLE: timer.CycleTimerEventDefinition,
}


def read_again(diagram: Diagram, elements: Mapping[str, Element], report: Report) -> str:
    """Let SpiffWorkflow read `diagram` and compare; returns `agrees` or `cannot carry: why`.

    A difference is an error finding: one of the two readers is wrong, and nobody knows which.
    """
    beyond = sorted(_beyond(diagram))
    if beyond:
        return f"cannot carry: {', '.join(beyond)}"
    taken = _RESERVED.intersection(diagram.nodes)
    if taken:
        return f"cannot carry: it keeps these ids for itself: {', '.join(sorted(taken))}"
    reader = SecondReader()
    try:
        reader.add_bpmn_xml(diagram.root)
        specs = {scope: reader.get_spec(scope or diagram.process_id) for scope in diagram.scopes}
    except ValidationException as problem:
        return f"cannot carry: {problem}"
    for scope, spec in specs.items():
        for name, difference in _compare(diagram, elements, scope, spec):
            report.add("spiff.disagrees", name, difference=difference)
    return AGREES


def _beyond(diagram: Diagram) -> set[str]:
    """What is drawn and SpiffWorkflow does not run, or runs otherwise than the standard says."""
    drawn: set[str] = {"data"} if diagram.data else set()
    for node in diagram.nodes.values():
        drawn.add(node.tag)
        drawn.update(child.tag.rpartition("}")[2] for child in node.xml)
        if len(node.definitions) > 1:
            drawn.add("multiple events")
        if {"startQuantity", "completionQuantity"}.intersection(node.xml.attrib):
            drawn.add("quantities")
        if node.instantiates:
            drawn.add("instantiate")
    return drawn & _BEYOND


def _compare(
    diagram: Diagram, elements: Mapping[str, Element], scope: str | None, spec: Any
) -> Iterator[tuple[str, str]]:
    ours = set(diagram.scopes[scope])
    for node in diagram.in_scope(scope):
        task_spec = spec.task_specs.get(node.id)
        for difference in _differences(node, elements[node.id], task_spec, ours):
            yield node.id, difference
    for name, task_spec in spec.task_specs.items():
        theirs = getattr(task_spec, "bpmn_id", None)
        if theirs is not None and theirs not in ours:
            yield name, "an element that we do not know"


def _differences(node: DiagramNode, element: Element, spec: Any, ids: set[str]) -> list[str]:
    if spec is None:
        return ["the element is missing"]
    is_multiple = isinstance(spec, MultiInstanceTask)
    if is_multiple != (element.multi_instance is not None):
        return ["multi-instance"]
    inner = spec.inner if is_multiple else spec
    found = []
    if type(inner) is not _SPECS.get(element.kind, type(inner)):
        found.append(f"kind: {type(inner).__name__}")
    if (inner.bpmn_name or "") != element.name:
        found.append(f"name: {inner.bpmn_name}")
    ours = Counter(flow.target for flow in element.outgoing)
    theirs = Counter(target.name for target in spec.outputs if target.name in ids)
    if ours != theirs:
        found.append(f"outgoing: {sorted(theirs)}")
    if spec.attached != set(element.boundary):
        found.append(f"boundary events: {sorted(spec.attached)}")
    return found + _own_differences(node, element, inner)


def _own_differences(node: DiagramNode, element: Element, spec: Any) -> list[str]:
    """What only some kinds of element have."""
    found = _event_differences(element, spec)
    if element.kind is Kind.EXCLUSIVE_GATEWAY:
        found += _choice_differences(node, spec)
    if element.called is not None and spec.spec != element.called:
        found.append(f"called process: {spec.spec}")
    return found


def _event_differences(element: Element, spec: Any) -> list[str]:
    event = element.event
    if event is None:
        waited = element.message
        if waited is not None and spec.event_definition.name != waited.name:
            return [f"message: {spec.event_definition.name}"]
        return []
    definition = spec.event_definition
    read = definition.__class__
    if read is not _EVENTS[event.timer.kind if event.timer else event.kind]:
        return [f"event: {read.__name__}"]
    found = []
    if event.message and definition.name != event.message.name:
        found.append(f"message: {definition.name}")
    attribute = _CODES.get(event.kind)
    if attribute is not None and getattr(definition, attribute) != event.code:
        found.append(f"code: {getattr(definition, attribute)}")
    if element.kind is Kind.BOUNDARY_EVENT and spec.cancel_activity != event.interrupting:
        found.append(f"interrupting: {spec.cancel_activity}")
    return found


_CODES: Final = {EventKind.SIGNAL: "name", EventKind.ERROR: "code", EventKind.ESCALATION: "code"}


def _choice_differences(node: DiagramNode, spec: Any) -> list[str]:
    ours = {
        (flow.condition, flow.target)
        for flow in node.outgoing
        if not flow.default and flow.condition
    }
    theirs = {
        (condition.args[0].strip(), target)
        for condition, target in spec.cond_task_specs
        if condition is not None
    }
    default = next((flow.target for flow in node.outgoing if flow.default), None)
    found = [f"conditions: {sorted(theirs)}"] if ours != theirs else []
    if default is not None and spec.default_task_spec != default:
        found.append(f"default: {spec.default_task_spec}")
    return found
