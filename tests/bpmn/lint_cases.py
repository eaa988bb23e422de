"""One diagram per rule of lint, and the element that each is to be blamed on: a table."""

from __future__ import annotations

from engine.bpmn import Library
from tests.bpmn.diagrams import HEAD, around, chain, diagram, flow, path

GLOBALS = (
    '<message id="m" name="Paper"/><signal id="sig" name="Flood"/><error id="err" errorCode="E"/>'
    '<escalation id="esc" escalationCode="C"/>'
)
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
BARE = '<startEvent id="s"/><endEvent id="e"/>' + path("s", "e")
LIBRARY = Library(
    processes={"C01"},
    decisions={"fine"},
    forms={"f": {"complete"}},
    operations={"agency.notify": {"status"}, "clock.stop": set()},
    clocks={"processing"},
    limits={"review"},
    groups={"counter"},
    start_variables={"amount"},
    functions={"working_days"},
)


def on(node: str, node_id: str = "x") -> bytes:
    return diagram(around(node, node_id), GLOBALS)


def timer(inside: str, attributes: str = "") -> bytes:
    definition = f"<timerEventDefinition {attributes}>{inside}</timerEventDefinition>"
    return on(f'<intermediateCatchEvent id="x">{definition}</intermediateCatchEvent>')


def boundary(inside: str, attributes: str = "", host: str = '<task id="x"/>') -> bytes:
    event = f'<boundaryEvent id="b" attachedToRef="x" {attributes}>{inside}</boundaryEvent>'
    return diagram(around(host) + event + '<endEvent id="be"/>' + path("b", "be"), GLOBALS)


def multi(inside: str, attributes: str = "") -> bytes:
    tag = "multiInstanceLoopCharacteristics"
    return on(f'<task id="x"><{tag} {attributes}>{inside}</{tag}></task>')


def mapped(*mappings: str) -> bytes:
    held = "".join(mappings)
    return on(f'<task id="x"><extensionElements>{held}</extensionElements></task>')


def script(text: str) -> bytes:
    return on(
        '<scriptTask id="x" scriptFormat="feel" hz:resultVariable="r">'
        f"<script>{text}</script></scriptTask>"
    )


def pools(source: str, target: str) -> bytes:
    """Two pools, `us` with the process and `them` without, and a message flow `mf`."""
    body = '<startEvent id="s"/><task id="x"/><task id="y"/><endEvent id="e"/>' + path(
        "s", "x", "y", "e"
    )
    collaboration = (
        '<collaboration id="c"><participant id="us" processRef="p"/><participant id="them"/>'
        f'<messageFlow id="mf" sourceRef="{source}" targetRef="{target}"/></collaboration>'
    )
    return diagram(body, collaboration)


def lanes(first: str, second: str) -> bytes:
    """Two lanes `l1` and `l2` around the task `x`."""
    held = "".join(
        f'<lane id="{lane}"><flowNodeRef>{node}</flowNodeRef></lane>'
        for lane, node in (("l1", first), ("l2", second))
    )
    return diagram(f'<laneSet id="ls">{held}</laneSet>' + around('<task id="x"/>'))


def fork(gateway: str, first: str = "", second: str = "") -> bytes:
    """`gateway` (id `x`) with flows `a` and `b` to two end events; their conditions are given."""
    body = f'<startEvent id="s"/>{gateway}<endEvent id="e"/><endEvent id="f"/>' + path("s", "x")
    body += flow("a", "x", "e", first or None) + flow("b", "x", "f", second or None)
    return diagram(body, GLOBALS)


def split_and_join(split: str, join: str, first: str = '<task id="p"/>') -> bytes:
    body = f'<startEvent id="s"/><{split} id="x"/>{first}<task id="q"/><{join} id="j"/>'
    body += '<endEvent id="e"/>' + path("s", "x", "p", "j", "e") + path("q", "j")
    return diagram(body + flow("b", "x", "q", "1 = 1" if "excl" in split else None), GLOBALS)


def listening(inside: str, attributes: str = 'triggeredByEvent="true"', more: str = "") -> bytes:
    start = f'<startEvent id="ls">{inside}</startEvent>'
    held = (
        f'<subProcess id="l" {attributes}>{start}<endEvent id="le"/>{path("ls", "le")}</subProcess>'
    )
    return diagram(BARE + held + more, GLOBALS)


def event_gateway(*targets: str, more: str = "") -> bytes:
    flows = "".join(flow(f"g-{n}", "x", f"t{n}") + path(f"t{n}", "e") for n in range(len(targets)))
    body = '<startEvent id="s"/><eventBasedGateway id="x"/>' + "".join(targets)
    return diagram(body + '<endEvent id="e"/>' + path("s", "x") + flows + more, GLOBALS)


def receiving(node_id: str, inside: str = "") -> str:
    return f'<receiveTask id="{node_id}" messageRef="m">{inside}</receiveTask>'


LINK = '<linkEventDefinition name="there"/>'


def target(node_id: str) -> str:
    event = f'<intermediateCatchEvent id="{node_id}">{LINK}</intermediateCatchEvent>'
    return f'{event}<endEvent id="{node_id}-end"/>{path(node_id, f"{node_id}-end")}'


def linked(targets: str) -> bytes:
    throw = f'<intermediateThrowEvent id="x">{LINK}</intermediateThrowEvent>'
    return diagram(f'<startEvent id="s"/>{throw}{path("s", "x")}{targets}')


def compensated(
    tie: str = '<association id="a" sourceRef="b" targetRef="h"/>',
    handler: str = '<task id="h" isForCompensation="true"/>',
    more: str = "",
    names: str = "",
) -> bytes:
    event = f'<boundaryEvent id="b" attachedToRef="x"><compensateEventDefinition {names}/>'
    return diagram(around('<task id="x"/>') + event + "</boundaryEvent>" + handler + more + tie)


WHILE_BOTH = split_and_join("parallelGateway", "parallelGateway").replace(
    b'<task id="p"/><task id="q"/>',
    b"".join(
        f'<scriptTask id="{n}" scriptFormat="feel" hz:resultVariable="r"><script>1</script>'
        "</scriptTask>".encode()
        for n in "pq"
    ),
)

CASES: dict[str, tuple[bytes, str]] = {
    "xml.too-large": (diagram("<documentation>" + "a" * 2_100_000 + "</documentation>"), ""),
    "xml.encoding": (b'<?xml version="1.0" encoding="UTF-7"?><a/>', ""),
    "xml.doctype": (b"<!DOCTYPE a><a/>", ""),
    "xml.malformed": (b"<a>", ""),
    "xml.too-deep": (diagram("<subProcess>" * 150 + "</subProcess>" * 150), ""),
    "xml.not-bpmn": (b"<html/>", ""),
    "xml.schema": (
        on('<task id="x"><outgoing>x-e</outgoing><incoming>s-x</incoming></task>'),
        "x",
    ),
    "vocabulary.refused-element": (diagram(BARE + '<choreographyTask id="x"/>'), "x"),
    "vocabulary.refused-attribute": (
        on('<task id="x"><standardLoopCharacteristics loopMaximum="1"/></task>').replace(
            b"<definitions ", b'<definitions typeLanguage="x" expressionLanguage="xpath" '
        ),
        "",
    ),
    "vocabulary.unknown-element": (on('<robotTask id="x"/>'), "x"),
    "vocabulary.unknown-attribute": (on('<task id="x" colour="red"/>'), "x"),
    "hz.unknown-attribute": (on('<task id="x" hz:colour="red"/>'), "x"),
    "hz.unknown-element": (mapped("<hz:colour/>"), "x"),
    "hz.misplaced": (mapped('<hz:variable name="v"/>'), "x"),
    "hz.missing-attribute": (mapped('<hz:input target="v"/>'), "x"),
    "hz.required": (on('<serviceTask id="x"/>'), "x"),
    "hz.bad-value": (
        on('<userTask id="x" hz:candidateGroups="c" hz:form="f" hz:duty="admire"/>'),
        "x",
    ),
    "extension.other-engine": (
        on('<task id="x" xmlns:c="http://camunda.org/schema/1.0/bpmn" c:asyncBefore="true"/>'),
        "x",
    ),
    "extension.ignored": (on('<task id="x" xmlns:c="urn:c" c:colour="red"/>'), ""),
    "process.none": (f"{HEAD}</definitions>".encode(), ""),
    "process.several": (
        diagram(BARE).replace(
            b"</definitions>", b'<process id="q" isExecutable="true"/></definitions>'
        ),
        "",
    ),
    "process.not-executable": (diagram(BARE, '<process id="q" isExecutable="false"/>'), "q"),
    "diagram.too-large": (chain(1_600), ""),
    "id.missing": (diagram(BARE + "<task/>"), ""),
    "id.duplicate": (diagram(BARE + '<task id="s"/>'), "s"),
    "reference.unknown": (on('<sendTask id="x" messageRef="nothing"/>'), "x"),
    "global.same-name": (diagram(BARE, GLOBALS + '<message id="m2" name="Paper"/>'), "m2"),
    "flow.unknown-end": (diagram(BARE + flow("f", "s", "nowhere")), "f"),
    "flow.crosses-scope": (
        diagram(
            around('<subProcess id="x"><startEvent id="xs"/><endEvent id="xe"/></subProcess>')
            + flow("f", "s", "xe")
        ),
        "f",
    ),
    "flow.listed-not-drawn": (on('<task id="x"><outgoing>other</outgoing></task>'), "x"),
    "flow.drawn-not-listed": (
        fork('<task id="x"><outgoing>a</outgoing></task>'),
        "x",
    ),
    "flow.default-elsewhere": (on('<task id="x" default="s-x"/>'), "x"),
    "flow.default-condition": (fork('<task id="x" default="a"/>', "1 = 1"), "a"),
    "flow.condition-not-here": (fork('<parallelGateway id="x"/>', "1 = 1"), "a"),
    "flow.not-exhaustive": (fork('<exclusiveGateway id="x"/>', "1 = 1", "1 = 2"), "x"),
    "start.none": (diagram('<endEvent id="e"/>'), "p"),
    "start.several": (diagram(BARE + '<startEvent id="t"/>' + path("t", "e")), "p"),
    "start.incoming": (on('<task id="x"/>').replace(b'targetRef="e"', b'targetRef="s"'), "s"),
    "end.outgoing": (diagram(around('<task id="x"/>') + flow("f", "e", "x")), "e"),
    "event.no-outgoing": (diagram('<startEvent id="s"/>'), "s"),
    "event.not-together": (
        on(f'<intermediateThrowEvent id="x">{SIGNAL}{LINK}</intermediateThrowEvent>'),
        "x",
    ),
    "link.several-targets": (linked(target("y") + target("z")), "z"),
    "link.no-target": (linked(""), "x"),
    "link.no-source": (diagram(BARE + target("y")), "y"),
    "link.connected": (
        diagram(
            around(f'<intermediateThrowEvent id="x">{LINK}</intermediateThrowEvent>') + target("y")
        ),
        "x",
    ),
    "compensation.no-handler": (compensated(tie=""), "b"),
    "compensation.bad-handler": (compensated(handler='<task id="h"/>'), "b"),
    "compensation.flow": (compensated(more=path("b", "e")), "b"),
    "compensation.handler-connected": (compensated(more=path("h", "e")), "h"),
    "compensation.unknown-activity": (
        on(
            '<intermediateThrowEvent id="x"><compensateEventDefinition activityRef="gone"/>'
            "</intermediateThrowEvent>"
        ),
        "x",
    ),
    "compensation.names-activity": (compensated(names='activityRef="x"'), "b"),
    "cancel.outside": (
        diagram(BARE.replace('"e"/>', '"e"><cancelEventDefinition/></endEvent>', 1)),
        "e",
    ),
    "cancel.no-way-out": (
        on(
            '<transaction id="x"><startEvent id="ts"/><endEvent id="te"><cancelEventDefinition/>'
            f"</endEvent>{path('ts', 'te')}</transaction>"
        ),
        "te",
    ),
    "ad-hoc.bounded": (
        on('<adHocSubProcess id="x"><endEvent id="xe"/><task id="t"/></adHocSubProcess>'),
        "x",
    ),
    "ad-hoc.empty": (on('<adHocSubProcess id="x"/>'), "x"),
    "instantiate.incoming": (
        on('<receiveTask id="x" messageRef="m" instantiate="true"/>'),
        "x",
    ),
    "instantiate.inside": (
        on(
            '<subProcess id="x"><receiveTask id="r" messageRef="m" instantiate="true"/>'
            f'<endEvent id="xe"/>{path("r", "xe")}</subProcess>'
        ),
        "r",
    ),
    "event-gateway.parallel": (
        event_gateway(receiving("t0"), receiving("t1")).replace(
            b'<eventBasedGateway id="x"', b'<eventBasedGateway id="x" eventGatewayType="Parallel"'
        ),
        "x",
    ),
    "loop.endless": (on('<task id="x"><standardLoopCharacteristics/></task>'), "x"),
    "loop.bad-maximum": (
        on('<task id="x"><standardLoopCharacteristics loopMaximum="0"/></task>'),
        "x",
    ),
    "activity.bad-quantity": (on('<task id="x" startQuantity="1000"/>'), "x"),
    "multi-instance.no-event": (
        multi("<loopCardinality>3</loopCardinality>", 'behavior="None"'),
        "x",
    ),
    "multi-instance.bad-event": (
        multi(
            "<loopCardinality>3</loopCardinality><complexBehaviorDefinition>"
            '<condition>true</condition><event id="v"><terminateEventDefinition/></event>'
            "</complexBehaviorDefinition>",
            'behavior="Complex"',
        ),
        "x",
    ),
    "complex.no-condition": (
        split_and_join("parallelGateway", "complexGateway"),
        "j",
    ),
    "event.not-here": (on('<intermediateCatchEvent id="x"/>'), "x"),
    "event.nothing-to-interrupt": (
        diagram(BARE.replace('id="s"', 'id="s" isInterrupting="false"')),
        "s",
    ),
    "event.error-must-interrupt": (
        boundary('<errorEventDefinition errorRef="err"/>', 'cancelActivity="false"'),
        "b",
    ),
    "event.no-reference": (boundary("<signalEventDefinition/>"), "b"),
    "event.no-code": (
        diagram(
            around(
                '<intermediateThrowEvent id="x"><signalEventDefinition signalRef="empty"/>'
                "</intermediateThrowEvent>"
            ),
            '<signal id="empty"/>',
        ),
        "empty",
    ),
    "message.missing": (on('<sendTask id="x"/>'), "x"),
    "message.no-name": (
        diagram(around('<sendTask id="x" messageRef="m"/>'), '<message id="m"/>'),
        "m",
    ),
    "boundary.unknown-host": (
        boundary(SIGNAL).replace(b'attachedToRef="x"', b'attachedToRef="?"'),
        "b",
    ),
    "boundary.bad-host": (boundary(SIGNAL, host='<parallelGateway id="x"/>'), "b"),
    "boundary.incoming": (
        boundary(SIGNAL).replace(b'targetRef="be"', b'targetRef="b"'),
        "b",
    ),
    "boundary.no-outgoing": (boundary(SIGNAL).replace(b'sourceRef="b"', b'sourceRef="x"'), "b"),
    "boundary.never": (boundary('<errorEventDefinition errorRef="err"/>'), "b"),
    "event-sub-process.connected": (listening(SIGNAL, more=flow("f", "s", "l")), "l"),
    "timer.no-time": (timer(""), "x"),
    "timer.clock-and-time": (timer("<timeDate>2026-03-02</timeDate>", 'hz:clock="c"'), "x"),
    "timer.point-without-clock": (timer("<timeDate>2026-03-02</timeDate>", 'hz:point="due"'), "x"),
    "timer.bad-point": (timer("", 'hz:clock="c" hz:point="soon"'), "x"),
    "timer.unreadable": (timer("<timeDuration>P1M2D</timeDuration>"), "x"),
    "timer.no-zone": (
        timer('<timeDate>date and time("2026-03-02T09:00:00")</timeDate>'),
        "x",
    ),
    "timer.fast-cycle": (timer("<timeCycle>R/PT1S</timeCycle>"), "x"),
    "timer.missed-without-cycle": (
        timer("<timeDuration>P1D</timeDuration>", 'hz:missed="all"'),
        "x",
    ),
    "activity.no-outgoing": (
        diagram('<startEvent id="s"/><task id="x"/>' + path("s", "x")),
        "x",
    ),
    "task.no-group": (on('<userTask id="x" hz:form="f"/>'), "x"),
    "task.no-form": (on('<userTask id="x" hz:candidateGroups="c"/>'), "x"),
    "task.manual-of-nobody": (on('<manualTask id="x"/>'), "x"),
    "script.language": (script("1").replace(b'"feel"', b'"python"'), "x"),
    "call.nothing": (on('<callActivity id="x"/>'), "x"),
    "mapping.twice": (
        mapped('<hz:input source="1" target="v"/>', '<hz:input source="2" target="v"/>'),
        "x",
    ),
    "variable.bad-name": (mapped('<hz:output source="1" target="data.name"/>'), "x"),
    "variable.read-only": (mapped('<hz:output source="1" target="case"/>'), "x"),
    "multi-instance.one-source": (multi(""), "x"),
    "multi-instance.output-pair": (multi("", 'hz:collection="[1]" hz:outputCollection="o"'), "x"),
    "multi-instance.element-without-collection": (
        multi("<loopCardinality>3</loopCardinality>", 'hz:elementVariable="v"'),
        "x",
    ),
    "multi-instance.too-many": (multi("<loopCardinality>1000000000</loopCardinality>"), "x"),
    "multi-instance.not-here": (
        listening(SIGNAL).replace(
            b'<startEvent id="ls">',
            b'<multiInstanceLoopCharacteristics hz:collection="[1]"/><startEvent id="ls">',
        ),
        "l",
    ),
    "gateway.no-outgoing": (
        diagram('<startEvent id="s"/><parallelGateway id="x"/>' + path("s", "x")),
        "x",
    ),
    "exclusive.no-condition": (fork('<exclusiveGateway id="x"/>', "1 = 1"), "b"),
    "parallel.pointless": (on('<parallelGateway id="x"/>'), "x"),
    "event-gateway.too-few": (event_gateway(receiving("t0")), "x"),
    "event-gateway.bad-target": (event_gateway(receiving("t0"), '<task id="t1"/>'), "x"),
    "event-gateway.shared-target": (
        event_gateway(receiving("t0"), receiving("t1"), more=flow("f", "t0", "t1")),
        "x",
    ),
    "event-gateway.decorated-target": (
        event_gateway(
            receiving("t0"),
            receiving("t1", '<multiInstanceLoopCharacteristics hz:collection="[1]"/>'),
        ),
        "x",
    ),
    "element.unreachable": (diagram(BARE + '<task id="x"/>' + path("x", "e")), "x"),
    "join.starves": (split_and_join("exclusiveGateway", "parallelGateway"), "j"),
    "merge.runs-twice": (split_and_join("parallelGateway", "exclusiveGateway"), "j"),
    "expression.empty": (script(" "), "x"),
    "expression.syntax": (script("1 +"), "x"),
    "expression.unknown-name": (script("amuont * 2"), "x"),
    "expression.unknown-case-fact": (script("case.colour"), "x"),
    "expression.unknown-function": (script("wroking_days(1)"), "x"),
    "data.written-twice": (WHILE_BOTH, "q"),
    "message-flow.unknown-end": (pools("us", "nobody"), "mf"),
    "message-flow.bad-end": (pools("them", "e"), "mf"),
    "message-flow.same-pool": (pools("x", "y"), "mf"),
    "lane.unknown-node": (lanes("nobody", "x"), "l1"),
    "name.no-english": (on('<task id="x" name="登記"/>'), "x"),
    "lane.shared-node": (lanes("x", "x"), "l2"),
}
"""`spiff.disagrees` cannot be drawn: it says that a reader is wrong. See test_second_reader."""
