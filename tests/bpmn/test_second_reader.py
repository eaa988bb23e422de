"""SpiffWorkflow reads every diagram again; if it sees another graph, nothing is deployed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.bpmn import compile_definition
from engine.bpmn.definition import Element, EventKind, Kind, TimerKind
from engine.bpmn.findings import Report
from engine.bpmn.lint_vocabulary import check_vocabulary
from engine.bpmn.normalise import normalise
from engine.bpmn.parse_spiff import read_again
from engine.bpmn.parse_xml import read
from tests.bpmn.diagrams import around, chain, diagram, path
from tests.bpmn.element_cases import CASES, GLOBALS

RICH = diagram(
    '<startEvent id="s"/><exclusiveGateway id="g" default="g-u"/>'
    '<userTask id="u" name="審核" hz:candidateGroups="counter" hz:form="f"/>'
    '<boundaryEvent id="b" attachedToRef="u" cancelActivity="false"><timerEventDefinition>'
    "<timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>"
    '<callActivity id="c" calledElement="C01"><multiInstanceLoopCharacteristics '
    'hz:collection="[1]"/></callActivity><sendTask id="m" messageRef="m1"/>'
    '<endEvent id="e"><errorEventDefinition errorRef="r1"/></endEvent><endEvent id="be"/>'
    + path("s", "g", "u", "c", "m", "e")
    + path("b", "be")
    + '<sequenceFlow id="skip" sourceRef="g" targetRef="m"><conditionExpression>1 = 1'
    "</conditionExpression></sequenceFlow>",
    GLOBALS,
)


def read_with(element_id: str, change: Callable[[Element], Element]) -> list[str]:
    """Read RICH, with one element of ours changed as if our compiler were wrong."""
    report = Report()
    root = read(RICH, report)
    tree = normalise(root, check_vocabulary(root, report), report)
    assert tree is not None
    elements = dict(compile_definition(RICH).elements)
    elements[element_id] = change(elements[element_id])
    read_again(tree, elements, report)
    return [finding.element_id for finding in report.findings]


def event_with(element: Element, **changes: object) -> Element:
    assert element.event is not None
    return replace(element, event=replace(element.event, **changes))


def timer_of_another_kind(element: Element) -> Element:
    assert element.event is not None
    assert element.event.timer is not None
    return event_with(element, timer=replace(element.event.timer, kind=TimerKind.DATE))


WRONG: dict[str, tuple[str, Callable[[Element], Element]]] = {
    "another kind": ("u", lambda one: replace(one, kind=Kind.MANUAL_TASK)),
    "another name": ("u", lambda one: replace(one, name="other")),
    "a lost flow": ("s", lambda one: replace(one, outgoing=())),
    "a doubled flow": ("s", lambda one: replace(one, outgoing=one.outgoing * 2)),
    "a lost boundary event": ("u", lambda one: replace(one, boundary=())),
    "a lost multi-instance": ("c", lambda one: replace(one, multi_instance=None)),
    "another called process": ("c", lambda one: replace(one, called="C02")),
    "another message": (
        "m",
        lambda one: replace(one, message=replace(one.message, name="x")),  # type: ignore[type-var]
    ),
    "another event": ("e", lambda one: event_with(one, kind=EventKind.TERMINATE)),
    "another code": ("e", lambda one: event_with(one, code="E9")),
    "another timer": ("b", timer_of_another_kind),
    "an interruption": ("b", lambda one: event_with(one, interrupting=True)),
}


def test_the_two_readers_agree_on_a_diagram_with_everything_in_it() -> None:
    assert compile_definition(RICH).properties["spiff"] == "agrees"
    assert read_with("u", lambda one: one) == []


@pytest.mark.parametrize("fault", WRONG)
def test_a_fault_in_our_reading_is_seen_by_the_second_reader(fault: str) -> None:
    element_id, change = WRONG[fault]

    assert read_with(element_id, change) == [element_id]


BEYOND = {
    *("ioSpecification", "dataInput", "dataOutput", "dataInputAssociation", "assignment", "from"),
    *("dataOutputAssociation", "sourceRef", "targetRef", "to", "transformation", "dataObject"),
    *("dataObjectReference", "dataObjectReference.dataObjectRef", "property"),
    *("loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem"),
    *("activationCondition", "complexGateway", "condition", "conditionalEventDefinition"),
    *("compensateEventDefinition", "compensateEventDefinition.activityRef", "inclusiveGateway"),
    *("compensateEventDefinition.waitForCompletion", "cancelEventDefinition", "transaction"),
    *("linkEventDefinition", "loopCondition", "standardLoopCharacteristics"),
    *("standardLoopCharacteristics.testBefore", "standardLoopCharacteristics.loopMaximum"),
    *("*.startQuantity", "*.completionQuantity", "*.parallelMultiple"),
    *("*.isForCompensation", "*.instantiate", "eventBasedGateway.eventGatewayType"),
    *("adHocSubProcess", "adHocSubProcess.ordering", "adHocSubProcess.cancelRemainingInstances"),
}
"""What SpiffWorkflow does not run, or runs otherwise than the standard says."""


@pytest.mark.parametrize("name", CASES)
def test_what_we_execute_is_within_its_reach_or_said_not_to_be(name: str) -> None:
    told = [compile_definition(diagram(body, GLOBALS)).properties["spiff"] for body in CASES[name]]

    if name in BEYOND:
        assert any(each.startswith("cannot carry: ") for each in told)
    else:
        assert told == ["agrees", "agrees"]


def test_what_its_own_parser_cannot_read_ours_lets_it_read() -> None:
    assert compile_definition(chain(1_000)).properties["spiff"] == "agrees"
    activity = around('<task id="x"/>') + '<endEvent id="f"/>' + path("x", "f")
    assert compile_definition(diagram(activity)).properties["spiff"] == "agrees"


def test_what_it_cannot_carry_is_said_and_deployed_all_the_same() -> None:
    body = '<startEvent id="Start"/><endEvent id="End"/>' + path("Start", "End")

    definition = compile_definition(diagram(body))

    assert definition.properties["spiff"] == (
        "cannot carry: it keeps these ids for itself: End, Start"
    )
