"""The compile path as a whole: normal form, hash, growth, and what a definition promises."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from engine.bpmn import DefinitionRefused, compile_definition
from tests.bpmn.diagrams import HEAD, around, carried, chain, diagram, flow, path
from tests.bpmn.lint_cases import GLOBALS


def calls_to_compile(xml: bytes) -> int:
    """How many Python functions are called: a measure of work that no busy machine disturbs."""
    count = 0

    def notice(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(notice)
    try:
        compile_definition(xml)
    finally:
        sys.setprofile(None)
    return count


def forks(width: int) -> bytes:
    """Parallel splits in a row, each joined again: the shape that looks at what follows it."""
    ids = ["s"]
    body = '<startEvent id="s"/>'
    for at in range(width):
        body += f'<parallelGateway id="a{at}"/><task id="b{at}"/><task id="c{at}"/>'
        body += f'<parallelGateway id="d{at}"/>' + path(f"a{at}", f"c{at}", f"d{at}")
        ids += [f"a{at}", f"b{at}", f"d{at}"]
    return diagram(body + '<endEvent id="e"/>' + path(*ids, "e"))


@pytest.mark.parametrize("shape", [chain, forks])
def test_work_grows_with_the_size_of_the_diagram_and_not_faster(shape: object) -> None:
    assert callable(shape)
    compile_definition(shape(10))

    small, large = calls_to_compile(shape(90)), calls_to_compile(shape(360))

    assert large < 4.4 * small


def test_a_chain_of_fifteen_hundred_compiles_at_any_recursion_limit() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(200)
    try:
        definition = compile_definition(chain(1_498))
    finally:
        sys.setrecursionlimit(limit)

    assert len(definition.elements) == 1_500
    assert definition.properties["spiff"] == "agrees"


def test_prefixes_comments_white_space_layout_and_order_do_not_change_the_hash() -> None:
    plain = (
        f'{HEAD}<message id="m" name="Paper"/><process id="p" isExecutable="true">'
        '<startEvent id="s"/><receiveTask id="x" messageRef="m"/><endEvent id="e"/>'
        f"{path('s', 'x', 'e')}</process></definitions>"
    )
    dressed = """<?xml version="1.0" encoding="UTF-8"?>
    <b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:t="urn:test"
        xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:h="urn:huzheng:bpmn:1"
        targetNamespace="urn:test" exporter="another editor">
      <!-- a remark -->
      <b:collaboration id="c"><b:participant id="pool" processRef="p"/></b:collaboration>
      <b:process id="p" isExecutable="true" processType="Private">
        <b:laneSet id="ls"><b:lane id="l"><b:flowNodeRef>x</b:flowNodeRef></b:lane></b:laneSet>
        <b:endEvent id="e"><b:incoming>x-e</b:incoming></b:endEvent>
        <b:sequenceFlow id="x-e" sourceRef="x" targetRef="e"/>
        <b:receiveTask id="x" messageRef="t:m" implementation="##WebService"
            isForCompensation="false"/>
        <b:startEvent id="s"/>
        <b:sequenceFlow id="s-x" sourceRef="s" targetRef="x"/>
        <b:textAnnotation id="note"><b:text>look here</b:text></b:textAnnotation>
      </b:process>
      <b:message id="m" name="Paper"/>
      <di:BPMNDiagram id="d"><di:BPMNPlane id="plane" bpmnElement="c"/></di:BPMNDiagram>
    </b:definitions>"""

    one, other = compile_definition(plain.encode()), compile_definition(dressed.encode())

    assert one.hash == other.hash
    assert dict(sorted(one.elements.items())) == dict(sorted(other.elements.items()))


def test_the_same_diagram_has_the_same_hash_always() -> None:
    """Pinned: a change of this value is a new compiler format, see compile_fingerprint.FORMAT."""
    assert compile_definition(chain(2)).hash == compile_definition(chain(2)).hash
    assert len(compile_definition(chain(2)).hash) == 64


def test_words_that_people_see_change_the_hash() -> None:
    named = compile_definition(diagram(around('<task id="x" name="審核"/>'))).hash
    other = compile_definition(diagram(around('<task id="x" name="複核"/>'))).hash
    told = compile_definition(
        diagram(around('<task id="x" name="審核"><documentation>慢慢看</documentation></task>'))
    ).hash

    assert len({named, other, told}) == 3


def test_the_order_of_conditions_is_that_of_the_outgoing_list() -> None:
    gateway = (
        '<exclusiveGateway id="x" default="d"><outgoing>b</outgoing><outgoing>a</outgoing>'
        "<outgoing>d</outgoing></exclusiveGateway>"
    )
    body = f'<startEvent id="s"/>{gateway}<endEvent id="e"/>' + path("s", "x")
    body += flow("a", "x", "e", "1 = 1") + flow("b", "x", "e", "1 = 2") + flow("d", "x", "e")

    definition = compile_definition(diagram(body))

    assert [one.id for one in definition.elements["x"].outgoing] == ["b", "a", "d"]
    assert definition.elements["x"].outgoing[2].default


def test_sequence_flows_without_an_id_get_one_that_stays() -> None:
    twice = '<sequenceFlow sourceRef="s" targetRef="e"/>' * 2
    xml = diagram('<startEvent id="s"/><endEvent id="e"/>' + twice)

    definition = compile_definition(xml)

    assert [one.id for one in definition.elements["s"].outgoing] == ["s--e", "s--e--2"]
    assert definition.hash == compile_definition(xml).hash


def test_several_flows_out_of_an_activity_are_kept_as_they_are() -> None:
    body = '<startEvent id="s"/><task id="x" default="c"/><endEvent id="e"/>' + path("s", "x")
    body += flow("a", "x", "e") + flow("b", "x", "e", "1 = 1") + flow("c", "x", "e")

    flows = compile_definition(diagram(body)).elements["x"].outgoing

    assert [(one.id, one.condition is not None, one.default) for one in flows] == [
        ("a", False, False),
        ("b", True, False),
        ("c", False, True),
    ]


def test_a_leading_equals_sign_is_dropped() -> None:
    xml = diagram(
        around(
            '<callActivity id="x" calledElement="C"><extensionElements>'
            '<hz:input source="= 1 + 1" target="v"/></extensionElements></callActivity>'
        )
    )

    (mapping,) = compile_definition(xml).elements["x"].inputs

    assert mapping.source.text == "1 + 1"
    assert mapping.source({}) == 2


@pytest.mark.parametrize(
    ("inside", "value"),
    [
        ("<timeDuration>P2W</timeDuration>", 'duration("P14D")'),
        ("<timeDuration>P1Y2M</timeDuration>", 'duration("P14M")'),
        ("<timeDuration>PT0.5S</timeDuration>", 'duration("PT0.5S")'),
        ("<timeDuration>= duration(d)</timeDuration>", 'duration("P1D")'),
        ("<timeDate>2026-03-02</timeDate>", 'date("2026-03-02")'),
        (
            "<timeDate>2026-03-02T09:00+08:00</timeDate>",
            'date and time("2026-03-02T09:00:00+08:00")',
        ),
        ("<timeCycle>R/P1D</timeCycle>", '"R/P1D"'),
        ('<timeCycle>"R" + "3/PT1H"</timeCycle>', '"R3/PT1H"'),
    ],
)
def test_timers_hold_feel_whatever_they_are_written_in(inside: str, value: str) -> None:
    from feel import compile_expression

    definition = f"<timerEventDefinition>{inside}</timerEventDefinition>"
    event = f'<intermediateCatchEvent id="x">{definition}</intermediateCatchEvent>'

    compiled = compile_definition(diagram(around(event))).elements["x"].event

    assert compiled is not None
    assert compiled.timer is not None
    assert compiled.timer.expression is not None
    assert compiled.timer.expression({"d": "P1D"}) == compile_expression(value)({})


@pytest.mark.parametrize(
    "inside",
    [
        "<timeDuration>P1M2D</timeDuration>",
        "<timeDuration>PT</timeDuration>",
        "<timeDate>2026-02-30</timeDate>",
        "<timeDate>2026-03-02T09:00</timeDate>",
        '<timeDate>@"2026-03-02T09:00:00"</timeDate>',
        "<timeCycle>R/PT0S</timeCycle>",
        "<timeCycle>R0/PT1H</timeCycle>",
        "<timeCycle>R3/2026-03-02T09:00/PT1H</timeCycle>",
        "<timeCycle>0 0 9 * * MON</timeCycle>",
    ],
)
def test_times_that_are_none_are_refused_at_deployment(inside: str) -> None:
    definition = f"<timerEventDefinition>{inside}</timerEventDefinition>"
    event = f'<intermediateCatchEvent id="x">{definition}</intermediateCatchEvent>'

    with pytest.raises(DefinitionRefused) as refused:
        compile_definition(diagram(around(event)))

    assert {finding.element_id for finding in refused.value.findings} == {"x"}


def test_a_definition_cannot_be_changed() -> None:
    definition = compile_definition(chain(1))

    with pytest.raises(TypeError):
        definition.elements["new"] = definition.elements["s"]  # type: ignore[index]


def test_event_definitions_by_reference_are_the_same_as_written_out() -> None:
    globals_ = GLOBALS + '<messageEventDefinition id="shared" messageRef="m"/>'
    event = '<intermediateThrowEvent id="x">{}</intermediateThrowEvent>'
    by_reference = event.format("<eventDefinitionRef>shared</eventDefinitionRef>")
    written = event.format('<messageEventDefinition messageRef="m"/>')

    one = compile_definition(diagram(around(by_reference), globals_))
    other = compile_definition(diagram(around(written), globals_))

    assert carried(one) == carried(other)
