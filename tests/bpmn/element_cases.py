# sizes: exempt — a table: one pair of diagrams for each name of the standard
"""Diagrams that differ in one executed thing each, for `test_elements`: a table and its pieces."""

from __future__ import annotations

from tests.bpmn.diagrams import around, flow, path

GLOBALS = (
    '<message id="m1" name="Paper"/><message id="m2" name="Other"/><signal id="s1" name="Flood"/>'
    '<signal id="s2" name="Other"/><error id="r1" errorCode="E1"/><error id="r2" errorCode="E2"/>'
    '<escalation id="c1" escalationCode="C1"/><escalation id="c2" escalationCode="C2"/>'
    '<globalTask id="g0" name="Any"/><globalUserTask id="g1" hz:candidateGroups="counter" '
    'hz:form="f"/><globalManualTask id="g2" hz:candidateGroups="counter" hz:form="f"/>'
    '<globalScriptTask id="g3" scriptLanguage="feel" hz:resultVariable="r"><script>1</script>'
    '</globalScriptTask><globalBusinessRuleTask id="g4" hz:decision="d" hz:resultVariable="r"/>'
    '<messageEventDefinition id="d1" messageRef="m1"/>'
    '<messageEventDefinition id="d2" messageRef="m2"/>'
)
SERVICE = '<serviceTask id="x" hz:operation="agency.notify">{}</serviceTask>'
USER = '<userTask id="x" hz:candidateGroups="counter" hz:form="f" {}/>'
FORK = (
    '<startEvent id="s"/>{}<endEvent id="e"/><endEvent id="e2"/>'
    + path("s", "x", "e")
    + flow("second", "x", "e2")
)


def caught(definition: str, attributes: str = "") -> str:
    return around(
        f'<intermediateCatchEvent id="x" {attributes}>{definition}</intermediateCatchEvent>'
    )


def thrown(definition: str) -> str:
    return around(f'<intermediateThrowEvent id="x">{definition}</intermediateThrowEvent>')


def ended(definition: str) -> str:
    return f'<startEvent id="s"/><endEvent id="e">{definition}</endEvent>{path("s", "e")}'


def guarded(event: str, definition: str) -> str:
    """A sub-process `x` with a boundary event `b` on it."""
    inner = '<startEvent id="xs"/><endEvent id="xe"/>' + path("xs", "xe")
    boundary = f'<boundaryEvent id="b" attachedToRef="x" {event}>{definition}</boundaryEvent>'
    return (
        around(f'<subProcess id="x">{inner}</subProcess>')
        + boundary
        + '<endEvent id="be"/>'
        + path("b", "be")
    )


def listening(start: str, definition: str, sub_process: str = 'triggeredByEvent="true"') -> str:
    inner = f'<startEvent id="ls" {start}>{definition}</startEvent><endEvent id="le"/>'
    return around('<task id="x"/>') + (
        f'<subProcess id="l" {sub_process}>{inner}{path("ls", "le")}</subProcess>'
    )


def timed(inside: str, attributes: str = "") -> str:
    return caught(f"<timerEventDefinition {attributes}>{inside}</timerEventDefinition>")


def many(inside: str, attributes: str = "") -> str:
    tag = "multiInstanceLoopCharacteristics"
    return around(f'<task id="x"><{tag} {attributes}>{inside}</{tag}></task>')


def choice(inside: str, default: str = "") -> str:
    gateway = f'<exclusiveGateway id="x" {default}/>'
    return FORK.format(gateway).replace(
        'targetRef="e2"></sequenceFlow>', f'targetRef="e2">{inside}</sequenceFlow>'
    )


SEVEN = "<timeDuration>P7D</timeDuration>"
EVENT_GATEWAY = (
    '<startEvent id="s"/><eventBasedGateway id="x"/>'
    '<receiveTask id="a" messageRef="m1"/><receiveTask id="b" messageRef="m2"/>'
    '<endEvent id="e"/>' + path("s", "x", "a", "e") + path("x", "b") + flow("b-e", "b", "e")
)
SCRIPT = (
    '<scriptTask id="x" scriptFormat="feel" hz:resultVariable="r"><script>{}</script></scriptTask>'
)
RULES = '<businessRuleTask id="x" hz:decision="d" hz:resultVariable="r" {}/>'
EXTENSION = "<extensionElements>{}</extensionElements>"
MAPPED = f'<task id="x">{EXTENSION}</task>'

LINKED = (
    '<startEvent id="s"/><intermediateThrowEvent id="x"><linkEventDefinition name="there"/>'
    '</intermediateThrowEvent><intermediateCatchEvent id="y"><linkEventDefinition name="there"/>'
    '</intermediateCatchEvent><endEvent id="e"/>' + path("s", "x") + path("y", "e")
)
COMPENSATED = around('<task id="x"/>') + (
    '<boundaryEvent id="b" attachedToRef="x"><compensateEventDefinition/></boundaryEvent>'
    '<task id="h" isForCompensation="true"/><association id="a" sourceRef="b" targetRef="h"/>'
)
TASKS = '<startEvent id="xs"/><task id="t"/><endEvent id="xe"/>' + path("xs", "t", "xe")
BEGUN = (
    '<startEvent id="s"/><eventBasedGateway id="x" instantiate="true"/>'
    '<receiveTask id="a" messageRef="m1"/><receiveTask id="b" messageRef="m2"/>'
    '<endEvent id="e"/>' + path("s", "e") + path("x", "a", "e") + path("x", "b", "e")
)
TWO_EVENTS = '<signalEventDefinition signalRef="s1"/><messageEventDefinition messageRef="m1"/>'
COMPLEX = (
    '<complexBehaviorDefinition><condition>true</condition><event id="v">'
    '<signalEventDefinition signalRef="s1"/></event></complexBehaviorDefinition>'
)


def behaving(behaviour: str, inside: str, attributes: str = "") -> str:
    return many(
        f"<loopCardinality>3</loopCardinality>{inside}", f'behavior="{behaviour}" {attributes}'
    )


def looped(attributes: str = "") -> str:
    loop = f"<standardLoopCharacteristics {attributes}><loopCondition>n = 1</loopCondition>"
    return around(f'<task id="x">{loop}</standardLoopCharacteristics></task>')


DATA = (
    '<dataObject id="o1" name="家戶"/><dataObject id="o2" name="結果"/>'
    '<dataObjectReference id="q1" dataObjectRef="o1"/>'
    '<dataObjectReference id="q2" dataObjectRef="o2"/>'
)
SETS = (
    "<inputSet><dataInputRefs>in1</dataInputRefs></inputSet>"
    "<outputSet><dataOutputRefs>out1</dataOutputRefs></outputSet>"
)
IO = '<ioSpecification><dataInput id="in1" name="who"/><dataOutput id="out1" name="found"/>{}'
TAKES = (
    "<dataInputAssociation><sourceRef>q1</sourceRef><targetRef>in1</targetRef>{}"
    "</dataInputAssociation>"
)
GIVES = (
    "<dataOutputAssociation><sourceRef>out1</sourceRef><targetRef>q2</targetRef>"
    "</dataOutputAssociation>"
)


def with_data(takes: str = TAKES.format(""), gives: str = GIVES, own: str = "") -> str:
    specification = IO.format(SETS) + "</ioSpecification>"
    return DATA + around(f'<task id="x">{specification}{own}{takes}{gives}</task>')


ASSIGNED = "<assignment><from>{}</from><to>{}</to></assignment>"
ITEMS = (
    "<loopDataInputRef>{}</loopDataInputRef><loopDataOutputRef>o2</loopDataOutputRef>"
    '<inputDataItem id="i1" name="person"/><outputDataItem id="i2" name="said"/>'
)


def over_data(inside: str = ITEMS.format("o1")) -> str:
    return DATA + many(inside)


def ad_hoc(attributes: str = "") -> str:
    return around(f'<adHocSubProcess id="x" {attributes}><task id="t"/></adHocSubProcess>')


def conditional(text: str) -> str:
    condition = f"<condition>{text}</condition>"
    return caught(f"<conditionalEventDefinition>{condition}</conditionalEventDefinition>")


def complex_join(least: str) -> str:
    condition = f"<activationCondition>activationCount &gt;= {least}</activationCondition>"
    gateway = f'<complexGateway id="x">{condition}</complexGateway>'
    return (
        f'<startEvent id="s"/><parallelGateway id="g"/>{gateway}<endEvent id="e"/>'
        + path("s", "g", "x", "e")
        + flow("second", "g", "x")
    )


def in_transaction(ending: str) -> str:
    inner = f'<startEvent id="xs"/><endEvent id="xe">{ending}</endEvent>' + path("xs", "xe")
    if ending:
        boundary = f'<boundaryEvent id="b" attachedToRef="x">{ending}</boundaryEvent>'
        boundary += '<endEvent id="be"/>' + path("b", "be")
    else:
        boundary = ""
    return around(f'<transaction id="x">{inner}</transaction>') + boundary


CASES: dict[str, tuple[str, str]] = {
    # BPMN elements
    "startEvent": (ended(""), ended("").replace('"s"', '"other"')),
    "endEvent": (ended(""), ended("").replace('"e"', '"other"')),
    "intermediateCatchEvent": (timed(SEVEN), around('<task id="x"/>')),
    "intermediateThrowEvent": (thrown(""), around('<task id="x"/>')),
    "boundaryEvent": (
        guarded("", '<errorEventDefinition errorRef="r1"/>'),
        guarded("", '<errorEventDefinition errorRef="r1"/>').replace('"b"', '"other"'),
    ),
    "messageEventDefinition": (thrown('<messageEventDefinition messageRef="m1"/>'), thrown("")),
    "timerEventDefinition": (
        timed(SEVEN),
        caught('<signalEventDefinition signalRef="s1"/>'),
    ),
    "signalEventDefinition": (ended('<signalEventDefinition signalRef="s1"/>'), ended("")),
    "errorEventDefinition": (ended('<errorEventDefinition errorRef="r1"/>'), ended("")),
    "escalationEventDefinition": (
        thrown('<escalationEventDefinition escalationRef="c1"/>'),
        thrown(""),
    ),
    "terminateEventDefinition": (ended("<terminateEventDefinition/>"), ended("")),
    "eventDefinitionRef": (
        thrown("<eventDefinitionRef>d1</eventDefinitionRef>"),
        thrown("<eventDefinitionRef>d2</eventDefinitionRef>"),
    ),
    "timeDate": (
        timed("<timeDate>2026-03-02T09:00+08:00</timeDate>"),
        timed("<timeDate>2026-03-02T09:00Z</timeDate>"),
    ),
    "timeDuration": (timed(SEVEN), timed(SEVEN.replace("P7D", "P8D"))),
    "timeCycle": (
        timed("<timeCycle>R3/PT1H</timeCycle>"),
        timed("<timeCycle>R4/PT1H</timeCycle>"),
    ),
    "task": (around('<task id="x"/>'), ended("")),
    "userTask": (around(USER.format("")), around('<task id="x"/>')),
    "manualTask": (
        around('<manualTask id="x" hz:candidateGroups="counter"/>'),
        around('<task id="x"/>'),
    ),
    "scriptTask": (around(SCRIPT.format("1")), around('<task id="x"/>')),
    "script": (around(SCRIPT.format("1")), around(SCRIPT.format("2"))),
    "serviceTask": (around(SERVICE.format("")), around('<task id="x"/>')),
    "businessRuleTask": (around(RULES.format("")), around('<task id="x"/>')),
    "sendTask": (around('<sendTask id="x" messageRef="m1"/>'), around('<task id="x"/>')),
    "receiveTask": (around('<receiveTask id="x" messageRef="m1"/>'), around('<task id="x"/>')),
    "subProcess": (guarded("", '<errorEventDefinition errorRef="r1"/>'), around('<task id="x"/>')),
    "callActivity": (
        around('<callActivity id="x" calledElement="C01"/>'),
        around('<task id="x"/>'),
    ),
    "exclusiveGateway": (around('<exclusiveGateway id="x"/>'), around('<task id="x"/>')),
    "parallelGateway": (around('<parallelGateway id="x"/>'), around('<task id="x"/>')),
    "eventBasedGateway": (EVENT_GATEWAY, around('<task id="x"/>')),
    "adHocSubProcess": (
        ad_hoc(),
        ad_hoc().replace("adHocSubProcess", "transaction").replace('<task id="t"/>', TASKS),
    ),
    "inclusiveGateway": (around('<inclusiveGateway id="x"/>'), around('<task id="x"/>')),
    "complexGateway": (around('<complexGateway id="x"/>'), around('<task id="x"/>')),
    "activationCondition": (complex_join("1"), complex_join("2")),
    "transaction": (in_transaction(""), in_transaction("").replace("transaction", "subProcess")),
    "cancelEventDefinition": (in_transaction("<cancelEventDefinition/>"), in_transaction("")),
    "compensateEventDefinition": (ended("<compensateEventDefinition/>"), ended("")),
    "conditionalEventDefinition": (conditional("n = 1"), around('<task id="x"/>')),
    "condition": (conditional("n = 1"), conditional("n = 2")),
    "linkEventDefinition": (LINKED, LINKED.replace('name="there"', 'name="elsewhere"')),
    "standardLoopCharacteristics": (looped(), around('<task id="x"/>')),
    "loopCondition": (looped(), looped().replace("n = 1", "n = 2")),
    "complexBehaviorDefinition": (behaving("Complex", COMPLEX), behaving("All", "")),
    "event": (
        behaving("Complex", COMPLEX),
        behaving("Complex", COMPLEX.replace('signalRef="s1"', 'signalRef="s2"')),
    ),
    "sequenceFlow": (ended(""), ended("").replace('"s-e"', '"other"')),
    "conditionExpression": (
        choice("<conditionExpression>1 = 1</conditionExpression>", 'default="x-e"'),
        choice("<conditionExpression>1 = 2</conditionExpression>", 'default="x-e"'),
    ),
    "multiInstanceLoopCharacteristics": (
        many("<loopCardinality>3</loopCardinality>"),
        around('<task id="x"/>'),
    ),
    "loopCardinality": (
        many("<loopCardinality>3</loopCardinality>"),
        many("<loopCardinality>4</loopCardinality>"),
    ),
    "completionCondition": (
        many(
            "<loopCardinality>3</loopCardinality>"
            "<completionCondition>numberOfCompletedInstances > 1</completionCondition>"
        ),
        many("<loopCardinality>3</loopCardinality>"),
    ),
    "documentation": (
        around('<task id="x"><documentation>Look twice</documentation></task>'),
        around('<task id="x"/>'),
    ),
    "extensionElements": (
        around(MAPPED.format('<hz:output source="1" target="y"/>')),
        around(MAPPED.format("")),
    ),
    # incoming and outgoing: the order of the list is the order in which conditions are tried
    "outgoing": (
        FORK.format('<task id="x"><outgoing>x-e</outgoing><outgoing>second</outgoing></task>'),
        FORK.format('<task id="x"><outgoing>second</outgoing><outgoing>x-e</outgoing></task>'),
    ),
    # BPMN attributes
    "*.id": (around('<task id="x"/>'), around('<task id="y"/>', "y")),
    "*.name": (around('<task id="x" name="核對"/>'), around('<task id="x" name="審核"/>')),
    "*.default": (
        FORK.format('<task id="x" default="second"/>'),
        FORK.format('<task id="x" default="x-e"/>'),
    ),
    "*.messageRef": (
        around('<sendTask id="x" messageRef="m1"/>'),
        around('<sendTask id="x" messageRef="m2"/>'),
    ),
    "callActivity.calledElement": (
        around('<callActivity id="x" calledElement="C01"/>'),
        around('<callActivity id="x" calledElement="C02"/>'),
    ),
    "subProcess.triggeredByEvent": (
        listening("", '<signalEventDefinition signalRef="s1"/>'),
        around('<task id="x"/>'),
    ),
    "boundaryEvent.attachedToRef": (
        guarded("", '<escalationEventDefinition escalationRef="c1"/>'),
        guarded("", '<escalationEventDefinition escalationRef="c1"/>')
        .replace('"x"', '"y"')
        .replace("s-x", "other"),
    ),
    "boundaryEvent.cancelActivity": (
        guarded('cancelActivity="true"', '<signalEventDefinition signalRef="s1"/>'),
        guarded('cancelActivity="false"', '<signalEventDefinition signalRef="s1"/>'),
    ),
    "startEvent.isInterrupting": (
        listening('isInterrupting="true"', '<signalEventDefinition signalRef="s1"/>'),
        listening('isInterrupting="false"', '<signalEventDefinition signalRef="s1"/>'),
    ),
    "sequenceFlow.sourceRef": (
        FORK.format('<task id="x"/>'),
        FORK.format('<task id="x"/>').replace('"second" sourceRef="x"', '"second" sourceRef="s"'),
    ),
    "sequenceFlow.targetRef": (
        FORK.format('<task id="x"/>')
        .replace('targetRef="e2"', 'targetRef="e"')
        .replace('<endEvent id="e2"/>', ""),
        FORK.format('<task id="x"/>'),
    ),
    "signalEventDefinition.signalRef": (
        ended('<signalEventDefinition signalRef="s1"/>'),
        ended('<signalEventDefinition signalRef="s2"/>'),
    ),
    "errorEventDefinition.errorRef": (
        ended('<errorEventDefinition errorRef="r1"/>'),
        ended('<errorEventDefinition errorRef="r2"/>'),
    ),
    "escalationEventDefinition.escalationRef": (
        ended('<escalationEventDefinition escalationRef="c1"/>'),
        ended('<escalationEventDefinition escalationRef="c2"/>'),
    ),
    "multiInstanceLoopCharacteristics.isSequential": (
        many("<loopCardinality>3</loopCardinality>", 'isSequential="true"'),
        many("<loopCardinality>3</loopCardinality>", 'isSequential="false"'),
    ),
    "*.isForCompensation": (COMPENSATED, around('<task id="x"/>')),
    "*.parallelMultiple": (
        caught(TWO_EVENTS, 'parallelMultiple="true"'),
        caught(TWO_EVENTS),
    ),
    "*.instantiate": (
        BEGUN,
        EVENT_GATEWAY,
    ),
    "eventBasedGateway.eventGatewayType": (
        BEGUN,
        BEGUN.replace('instantiate="true"', 'instantiate="true" eventGatewayType="Parallel"'),
    ),
    "adHocSubProcess.ordering": (ad_hoc('ordering="Sequential"'), ad_hoc()),
    "adHocSubProcess.cancelRemainingInstances": (
        ad_hoc('cancelRemainingInstances="false"'),
        ad_hoc(),
    ),
    "*.startQuantity": (around('<task id="x" startQuantity="2"/>'), around('<task id="x"/>')),
    "*.completionQuantity": (
        around('<task id="x" completionQuantity="2"/>'),
        around('<task id="x"/>'),
    ),
    "multiInstanceLoopCharacteristics.behavior": (
        behaving("None", "", 'noneBehaviorEventRef="d1"'),
        behaving("All", "", 'noneBehaviorEventRef="d1"'),
    ),
    "multiInstanceLoopCharacteristics.oneBehaviorEventRef": (
        behaving("One", "", 'oneBehaviorEventRef="d1"'),
        behaving("One", "", 'oneBehaviorEventRef="d2"'),
    ),
    "multiInstanceLoopCharacteristics.noneBehaviorEventRef": (
        behaving("None", "", 'noneBehaviorEventRef="d1"'),
        behaving("None", "", 'noneBehaviorEventRef="d2"'),
    ),
    "standardLoopCharacteristics.testBefore": (looped('testBefore="true"'), looped()),
    "standardLoopCharacteristics.loopMaximum": (looped('loopMaximum="3"'), looped()),
    "compensateEventDefinition.activityRef": (
        around('<task id="x"/>').replace(
            '<endEvent id="e"/>',
            '<endEvent id="e"><compensateEventDefinition activityRef="x"/></endEvent>',
        ),
        around('<task id="x"/>').replace(
            '<endEvent id="e"/>', '<endEvent id="e"><compensateEventDefinition/></endEvent>'
        ),
    ),
    "compensateEventDefinition.waitForCompletion": (
        ended('<compensateEventDefinition waitForCompletion="false"/>'),
        ended("<compensateEventDefinition/>"),
    ),
    "ioSpecification": (with_data(), DATA + around('<task id="x"/>')),
    "dataInput": (with_data(), with_data().replace('name="who"', 'name="whose"')),
    "dataOutput": (with_data(), with_data().replace('name="found"', 'name="seen"')),
    "dataInputAssociation": (with_data(), with_data(takes="")),
    "dataOutputAssociation": (with_data(), with_data(gives="")),
    "sourceRef": (with_data(), with_data().replace("Ref>q1<", "Ref>q2<")),
    "targetRef": (with_data(), with_data().replace("Ref>q2<", "Ref>q1<")),
    "assignment": (with_data(TAKES.format(ASSIGNED.format("1", "y"))), with_data()),
    "from": (
        with_data(TAKES.format(ASSIGNED.format("1", "y"))),
        with_data(TAKES.format(ASSIGNED.format("2", "y"))),
    ),
    "to": (
        with_data(TAKES.format(ASSIGNED.format("1", "y"))),
        with_data(TAKES.format(ASSIGNED.format("1", "z"))),
    ),
    "transformation": (
        with_data(TAKES.format("<transformation>1 + 1</transformation>")),
        with_data(),
    ),
    "dataObject": (with_data(), with_data().replace("家戶", "住戶")),
    "dataObjectReference": (with_data(), with_data().replace('"q1"', '"q9"')),
    "dataObjectReference.dataObjectRef": (
        with_data(),
        with_data().replace('id="q1" dataObjectRef="o1"', 'id="q1" dataObjectRef="o2"'),
    ),
    "property": (
        '<property id="o3" name="門牌"/>' + with_data().replace("Ref>q1<", "Ref>o3<"),
        '<property id="o3" name="地址"/>' + with_data().replace("Ref>q1<", "Ref>o3<"),
    ),
    "loopDataInputRef": (over_data(), over_data(ITEMS.format("o2"))),
    "loopDataOutputRef": (over_data(), over_data().replace("Ref>o2<", "Ref>o1<")),
    "inputDataItem": (over_data(), over_data().replace("person", "child")),
    "outputDataItem": (over_data(), over_data().replace("said", "told")),
    # Ours
    "scriptTask.hz:failure": (
        around(SCRIPT.format("1").replace("<script>", "<script>", 1)),
        around(SCRIPT.format("1").replace('id="x"', 'id="x" hz:failure="BAD"')),
    ),
    "businessRuleTask.hz:failure": (
        around(RULES.format('hz:failure="BAD"')),
        around(RULES.format("")),
    ),
    "userTask.hz:candidateGroups": (
        around(USER.format("")),
        around(USER.format("").replace("counter", "counter, reviewer")),
    ),
    "userTask.hz:form": (
        around(USER.format("")),
        around(USER.format("").replace('"f"', '"g"')),
    ),
    **{
        f"userTask.hz:{name}": (
            around(USER.format(f'hz:{name}="{value}"')),
            around(USER.format("")),
        )
        for name, value in {
            "duty": "review",
            "outcomes": "approve,return",
            "assignee": "case.number",
            "priority": "70",
            "limit": "review",
            "wait": "true",
        }.items()
    },
    "scriptTask.hz:resultVariable": (
        around(SCRIPT.format("1")),
        around(SCRIPT.format("1").replace('"r"', '"q"')),
    ),
    "serviceTask.hz:operation": (
        around(SERVICE.format("")),
        around(SERVICE.format("").replace("agency.notify", "agency.look_up")),
    ),
    "businessRuleTask.hz:decision": (
        around(RULES.format("")),
        around(RULES.format("").replace('"d"', '"other"')),
    ),
    "businessRuleTask.hz:resultVariable": (
        around(RULES.format("")),
        around(RULES.format("").replace('"r"', '"q"')),
    ),
    "businessRuleTask.hz:legalDate": (
        around(RULES.format('hz:legalDate="case.filed_at"')),
        around(RULES.format("")),
    ),
    "multiInstanceLoopCharacteristics.hz:collection": (
        many("", 'hz:collection="[1, 2]"'),
        many("", 'hz:collection="[1, 3]"'),
    ),
    "multiInstanceLoopCharacteristics.hz:elementVariable": (
        many("", 'hz:collection="[1, 2]" hz:elementVariable="item"'),
        many("", 'hz:collection="[1, 2]"'),
    ),
    "multiInstanceLoopCharacteristics.hz:outputCollection": (
        many("", 'hz:collection="[1]" hz:outputCollection="xs" hz:outputElement="loopCounter"'),
        many("", 'hz:collection="[1]" hz:outputCollection="ys" hz:outputElement="loopCounter"'),
    ),
    "multiInstanceLoopCharacteristics.hz:outputElement": (
        many("", 'hz:collection="[1]" hz:outputCollection="xs" hz:outputElement="loopCounter"'),
        many("", 'hz:collection="[1]" hz:outputCollection="xs" hz:outputElement="1"'),
    ),
    "timerEventDefinition.hz:clock": (
        timed("", 'hz:clock="processing"'),
        timed("", 'hz:clock="statutory"'),
    ),
    "timerEventDefinition.hz:point": (
        timed("", 'hz:clock="processing" hz:point="0.8"'),
        timed("", 'hz:clock="processing"'),
    ),
    "timerEventDefinition.hz:missed": (
        timed("<timeCycle>R3/PT1H</timeCycle>", 'hz:missed="all"'),
        timed("<timeCycle>R3/PT1H</timeCycle>"),
    ),
    "hz:variable": (
        EXTENSION.format('<hz:variable name="y"/>') + ended(""),
        ended(""),
    ),
    "hz:input": (
        around(MAPPED.format('<hz:input source="1" target="y"/>')),
        around('<task id="x"/>'),
    ),
    "hz:output": (
        around(MAPPED.format('<hz:output source="1" target="y"/>')),
        around('<task id="x"/>'),
    ),
}
_PERSON = 'hz:candidateGroups="counter" hz:form="f"'
_ON_PERSON_TASKS = (
    ("candidateGroups", _PERSON, _PERSON.replace("counter", "reviewer")),
    ("form", _PERSON, _PERSON.replace('"f"', '"g"')),
    *(
        (name, _PERSON, f'{_PERSON} hz:{name}="{value}"')
        for name, value in {
            "duty": "review",
            "outcomes": "approve,return",
            "assignee": "case.number",
            "priority": "70",
            "limit": "review",
            "wait": "true",
        }.items()
    ),
)
WITH_OTHER_GLOBALS: dict[str, tuple[str, str, str]] = {
    # what is said on a global element: (body, the globals, what they become)
    "message": (around('<sendTask id="x" messageRef="m1"/>'), '"Paper"', '"Book"'),
    "message.hz:correlationKey": (
        around('<receiveTask id="x" messageRef="m1"/>'),
        'name="Paper"',
        'name="Paper" hz:correlationKey="case.number"',
    ),
    "signal": (ended('<signalEventDefinition signalRef="s1"/>'), '"Flood"', '"Fire"'),
    "error": (ended('<errorEventDefinition errorRef="r1"/>'), '"E1"', '"E9"'),
    "error.errorCode": (ended('<errorEventDefinition errorRef="r1"/>'), '"E1"', '"E8"'),
    "escalation": (ended('<escalationEventDefinition escalationRef="c1"/>'), '"C1"', '"C9"'),
    "escalation.escalationCode": (
        ended('<escalationEventDefinition escalationRef="c1"/>'),
        '"C1"',
        '"C8"',
    ),
    **{
        # what is said on a global task is said on the call activity that becomes it
        name: (around(f'<callActivity id="x" calledElement="{task}"/>'), before, after)
        for name, task, before, after in (
            ("globalTask", "g0", 'name="Any"', 'name="Other"'),
            ("globalUserTask", "g1", "globalUserTask", "globalManualTask"),
            ("globalManualTask", "g2", "globalManualTask", "globalUserTask"),
            ("globalScriptTask", "g3", "<script>1<", "<script>2<"),
            ("globalBusinessRuleTask", "g4", 'hz:decision="d"', 'hz:decision="other"'),
            ("globalScriptTask.hz:resultVariable", "g3", '="r"><script', '="q"><script'),
            ("globalScriptTask.hz:failure", "g3", 'id="g3"', 'id="g3" hz:failure="BAD"'),
            ("globalBusinessRuleTask.hz:decision", "g4", 'hz:decision="d"', 'hz:decision="e"'),
            ("globalBusinessRuleTask.hz:resultVariable", "g4", 'Variable="r"/>', 'Variable="q"/>'),
            ("globalBusinessRuleTask.hz:legalDate", "g4", 'id="g4"', 'id="g4" hz:legalDate="n"'),
            ("globalBusinessRuleTask.hz:failure", "g4", 'id="g4"', 'id="g4" hz:failure="BAD"'),
            *(
                (f"global{kind}Task.hz:{attribute}", task, before, after)
                for kind, task in (("User", "g1"), ("Manual", "g2"))
                for attribute, before, after in _ON_PERSON_TASKS
            ),
        )
    },
}
