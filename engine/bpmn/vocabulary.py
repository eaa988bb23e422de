"""Every element and attribute of BPMN 2.0, and what we do with it: the completeness guard's list.

*Executed*: the definition carries it. *Ignored*: it says nothing about how a case runs, and the
reason is written here. *Refused*: it would change how a case runs and we do not run it, so a
diagram that uses it is not deployed. Nothing is left out: a test walks the standard's own schema
and asks this module about each name in it.

An element that is ignored or refused takes everything inside it along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XML: Final = "http://www.w3.org/XML/1998/namespace"
HZ: Final = "urn:huzheng:bpmn:1"

VENDORS: Final[Mapping[str, str]] = {
    "http://camunda.org/schema/1.0/bpmn": "Camunda 7",
    "http://camunda.org/schema/zeebe/1.0": "Camunda 8 (Zeebe)",
    "http://activiti.org/bpmn": "Activiti",
    "http://flowable.org/bpmn": "Flowable",
    "http://www.omg.org/spec/BPMN/non-normative/extensions/jbpm": "jBPM",
    "http://www.jboss.org/drools": "jBPM",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "SpiffWorkflow",
}
"""Namespaces whose extensions another engine would execute: worth more than a note."""

FEEL_LANGUAGES: Final = frozenset(
    {
        "feel",
        "FEEL",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "http://www.omg.org/spec/DMN/20180521/FEEL/",
        "https://www.omg.org/spec/DMN/20180521/FEEL/",
        "http://www.omg.org/spec/FEEL/20140401",
        "http://www.omg.org/spec/DMN/20151101/FEEL",
    }
)


class Treatment(StrEnum):
    EXECUTED = "executed"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """`zh` and `en` complete the sentence “… because it …”; empty where executed.

    A refused *attribute* may still stand there with one of the values `harmless`. An ignored
    *element* with `look_inside` is ignored itself, but what it holds is judged.
    """

    treatment: Treatment
    zh: str = ""
    en: str = ""
    harmless: frozenset[str] = frozenset()
    look_inside: bool = False


EXECUTED: Final = Entry(Treatment.EXECUTED)


def _ignored(zh: str, en: str, *, look_inside: bool = False) -> Entry:
    return Entry(Treatment.IGNORED, zh, en, look_inside=look_inside)


def _refused(zh: str, en: str, harmless: Iterable[str] = ()) -> Entry:
    return Entry(Treatment.REFUSED, zh, en, frozenset(harmless))


_NOT_YET = ("目前尚未支援", "is not supported yet")
_PICTURE = ("只供閱讀，不影響案件的執行", "is there to be read and does not change how a case runs")
_TYPING = (
    "只描述資料的型別，而我們的值自帶型別",
    "only describes the type of data, and our values carry their own",
)
_INTERFACE = (
    "描述外部服務的介面，而服務由 hz:operation 指名",
    "describes the interface of a service, and services are named by hz:operation",
)
_DATA = (
    "是資料流的標準寫法，本引擎以 hz:input 與 hz:output 對應資料",
    "is the standard's own data mapping, where we use hz:input and hz:output",
)
_SETS = (
    "描述輸入輸出的組合，而活動開始時取得全部輸入、結束時給出全部輸出",
    "describes combinations of inputs or outputs, and an activity takes all its inputs when it "
    "begins and gives all its outputs when it ends",
)
_RESOURCE = (
    "指派人員，本引擎以 hz:candidateGroups 與 hz:assignee 表示",
    "assigns people, where we use hz:candidateGroups and hz:assignee",
)
_CORRELATION = (
    "是訊息關聯的標準寫法，本引擎以訊息的 hz:correlationKey 表示",
    "is the standard's own correlation, where we use hz:correlationKey on the message",
)
_LINK = (
    "與連結的名稱所說的相同",
    "says what the name of the link says already",
)
_CHOREOGRAPHY = (
    "是多方之間的編舞或會談，不是可執行的流程",
    "belongs to choreography, which is an agreement between parties and not a process that runs",
)
_ABSTRACT = (
    "在標準中是抽象元件，不能直接使用",
    "is abstract in the standard and cannot be used itself",
)
_IO = _refused(*_DATA)


def _entries(entry: Entry, *names: str) -> dict[str, Entry]:
    return dict.fromkeys(names, entry)


ELEMENTS: Final[Mapping[str, Entry]] = {
    **_entries(
        EXECUTED,
        *("definitions", "process", "message", "signal", "error", "escalation"),
        *("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent"),
        *("boundaryEvent", "messageEventDefinition", "timerEventDefinition"),
        *("signalEventDefinition", "errorEventDefinition", "escalationEventDefinition"),
        *("terminateEventDefinition", "eventDefinitionRef"),
        *("timeDate", "timeDuration", "timeCycle"),
        *("task", "userTask", "manualTask", "scriptTask", "script", "serviceTask"),
        *("businessRuleTask", "sendTask", "receiveTask", "subProcess", "callActivity"),
        *("exclusiveGateway", "parallelGateway", "eventBasedGateway"),
        *("inclusiveGateway", "complexGateway", "activationCondition"),
        *("adHocSubProcess", "transaction", "cancelEventDefinition", "compensateEventDefinition"),
        *("conditionalEventDefinition", "condition", "linkEventDefinition"),
        *("standardLoopCharacteristics", "loopCondition", "complexBehaviorDefinition", "event"),
        *("sequenceFlow", "conditionExpression", "incoming", "outgoing"),
        *("multiInstanceLoopCharacteristics", "loopCardinality", "completionCondition"),
        *("documentation", "extensionElements"),
        *("globalTask", "globalUserTask", "globalManualTask", "globalScriptTask"),
        "globalBusinessRuleTask",
    ),
    # Not yet: each is refused today and may be executed by a later version.
    **_entries(
        _refused(*_NOT_YET),
        "implicitThrowEvent",
    ),
    # A link is known by its name; the standard's own references say the same once more.
    **_entries(_ignored(*_LINK), "source", "target"),
    # Data of the standard: what moves values is executed, the rest describes.
    **_entries(
        EXECUTED,
        *("ioSpecification", "dataInput", "dataOutput", "dataInputAssociation"),
        *("dataOutputAssociation", "sourceRef", "targetRef", "assignment", "from", "to"),
        *("transformation", "dataObject", "dataObjectReference", "property"),
        *("loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem"),
    ),
    **_entries(
        _ignored(*_SETS),
        *("inputSet", "outputSet", "dataInputRefs", "optionalInputRefs", "inputSetRefs"),
        *("whileExecutingInputRefs", "outputSetRefs", "dataOutputRefs", "optionalOutputRefs"),
        *("whileExecutingOutputRefs",),
    ),
    **_entries(_IO, "ioBinding", "dataAssociation"),
    **_entries(
        _ignored(*_PICTURE, look_inside=True),
        *("collaboration", "extension"),
    ),
    **_entries(
        _ignored(*_PICTURE),
        *("dataStore", "dataStoreReference", "dataState"),
        *("participant", "participantMultiplicity", "messageFlow", "messageFlowAssociation"),
        *("participantAssociation", "innerParticipantRef", "outerParticipantRef"),
        *("participantRef", "messageFlowRef"),
        *("conversation", "subConversation", "callConversation", "conversationLink"),
        *("conversationAssociation", "globalConversation", "choreographyRef"),
        *("laneSet", "lane", "childLaneSet", "flowNodeRef", "partitionElement"),
        *("artifact", "association", "group", "textAnnotation", "text", "category"),
        *("categoryValue", "categoryValueRef", "auditing", "monitoring", "relationship"),
        *("partnerEntity", "partnerRole", "supports"),
    ),
    **_entries(_ignored(*_TYPING), "itemDefinition"),
    **_entries(
        _ignored(*_INTERFACE),
        *("interface", "operation", "endPoint", "endPointRef", "interfaceRef", "errorRef"),
        *("inMessageRef", "outMessageRef", "supportedInterfaceRef", "resource"),
        *("resourceParameter",),
    ),
    **_entries(_refused(*_INTERFACE), "operationRef"),
    **_entries(
        _refused(
            "引入其他檔案，而每個流程檔必須完整",
            "draws in another file, and a process file must be complete in itself",
        ),
        "import",
    ),
    **_entries(
        _refused(*_RESOURCE),
        *("resourceRole", "performer", "humanPerformer", "potentialOwner", "resourceRef"),
        *("resourceParameterBinding", "resourceAssignmentExpression", "formalExpression"),
        *("expression",),
    ),
    **_entries(
        _refused(
            "描述畫面，而表單由 hz:form 指名",
            "describes a screen, and forms are named by hz:form",
        ),
        "rendering",
    ),
    **_entries(
        _refused(*_CORRELATION),
        *("correlationKey", "correlationProperty", "correlationPropertyBinding"),
        *("correlationPropertyRef", "correlationPropertyRetrievalExpression"),
        *("correlationSubscription", "messagePath", "dataPath"),
    ),
    **_entries(
        _refused(*_CHOREOGRAPHY),
        *("choreography", "choreographyTask", "subChoreography", "callChoreography"),
        *("globalChoreographyTask", "choreographyActivity"),
    ),
    **_entries(
        _refused(*_ABSTRACT),
        *("activity", "baseElement", "baseElementWithMixedContent", "callableElement"),
        *("catchEvent", "throwEvent", "conversationNode", "eventDefinition", "flowElement"),
        *("flowNode", "gateway", "loopCharacteristics", "rootElement"),
    ),
}

_LANGUAGE = _refused(
    "指定了其他運算式語言，而本引擎只執行 FEEL",
    "asks for another expression language, and only FEEL is executed",
    FEEL_LANGUAGES,
)
_FALSE = _refused(*_NOT_YET, {"false", "0"})

ATTRIBUTES: Final[Mapping[tuple[str, str], Entry]] = {
    # The element "*" stands for every element that has no entry of its own for the attribute.
    ("*", "id"): EXECUTED,
    ("*", "name"): EXECUTED,
    ("*", "default"): EXECUTED,
    ("*", "messageRef"): EXECUTED,
    ("*", "isForCompensation"): EXECUTED,
    ("*", "parallelMultiple"): EXECUTED,
    ("*", "instantiate"): EXECUTED,
    ("*", "startQuantity"): EXECUTED,
    ("*", "completionQuantity"): EXECUTED,
    ("*", "operationRef"): _refused(*_INTERFACE),
    ("*", "implementation"): _ignored(*_INTERFACE),
    ("*", "gatewayDirection"): _ignored(
        "由順序流即可看出", "can be seen from the sequence flows themselves"
    ),
    ("*", "structureRef"): _ignored(*_TYPING),
    ("*", "itemRef"): _ignored(*_TYPING),
    ("*", "language"): _LANGUAGE,
    ("*", "evaluatesToTypeRef"): _ignored(*_TYPING),
    ("*", "textFormat"): _ignored(*_PICTURE),
    ("definitions", "id"): _ignored(*_PICTURE),
    ("definitions", "name"): _ignored(*_PICTURE),
    ("definitions", "targetNamespace"): _ignored(
        "流程以其 id 識別，不以命名空間", "is not how a process is known, its id is"
    ),
    ("definitions", "exporter"): _ignored(*_PICTURE),
    ("definitions", "exporterVersion"): _ignored(*_PICTURE),
    ("definitions", "typeLanguage"): _ignored(*_TYPING),
    ("definitions", "expressionLanguage"): _LANGUAGE,
    ("documentation", "id"): _ignored(*_PICTURE),
    ("extension", "definition"): _ignored(*_PICTURE),
    ("extension", "mustUnderstand"): _refused(
        "要求執行者必須理解該擴充", "demands that its extension is understood", {"false", "0"}
    ),
    ("process", "processType"): _ignored(*_PICTURE),
    ("process", "isClosed"): _ignored(*_PICTURE),
    ("process", "isExecutable"): EXECUTED,
    ("process", "definitionalCollaborationRef"): _ignored(*_PICTURE),
    ("scriptTask", "scriptFormat"): EXECUTED,
    ("callActivity", "calledElement"): EXECUTED,
    ("globalScriptTask", "scriptLanguage"): EXECUTED,
    ("subProcess", "triggeredByEvent"): EXECUTED,
    ("boundaryEvent", "attachedToRef"): EXECUTED,
    ("boundaryEvent", "cancelActivity"): EXECUTED,
    ("startEvent", "isInterrupting"): EXECUTED,
    ("eventBasedGateway", "eventGatewayType"): EXECUTED,
    ("adHocSubProcess", "ordering"): EXECUTED,
    ("adHocSubProcess", "cancelRemainingInstances"): EXECUTED,
    ("adHocSubProcess", "triggeredByEvent"): _FALSE,
    ("dataObjectReference", "dataObjectRef"): EXECUTED,
    ("*", "itemSubjectRef"): _ignored(*_TYPING),
    ("*", "isCollection"): _ignored(*_TYPING),
    ("assignment", "id"): _ignored(*_PICTURE),
    ("sequenceFlow", "sourceRef"): EXECUTED,
    ("sequenceFlow", "targetRef"): EXECUTED,
    ("sequenceFlow", "isImmediate"): _ignored(
        "在可執行的流程中恆為真", "is always true of a process that runs"
    ),
    ("signalEventDefinition", "signalRef"): EXECUTED,
    ("errorEventDefinition", "errorRef"): EXECUTED,
    ("escalationEventDefinition", "escalationRef"): EXECUTED,
    ("error", "errorCode"): EXECUTED,
    ("escalation", "escalationCode"): EXECUTED,
    ("multiInstanceLoopCharacteristics", "isSequential"): EXECUTED,
    ("multiInstanceLoopCharacteristics", "behavior"): EXECUTED,
    ("multiInstanceLoopCharacteristics", "oneBehaviorEventRef"): EXECUTED,
    ("multiInstanceLoopCharacteristics", "noneBehaviorEventRef"): EXECUTED,
    ("standardLoopCharacteristics", "testBefore"): EXECUTED,
    ("standardLoopCharacteristics", "loopMaximum"): EXECUTED,
    ("compensateEventDefinition", "activityRef"): EXECUTED,
    ("compensateEventDefinition", "waitForCompletion"): EXECUTED,
    ("transaction", "method"): _ignored(
        "交易由補償事件還原，不依協定", "names a protocol, and ours is compensation"
    ),
    ("transaction", "triggeredByEvent"): _FALSE,
}

PERSON_TASKS: Final = ("userTask", "manualTask")

_ANY_PERSON = frozenset(
    {"candidateGroups", "form", "duty", "outcomes", "assignee", "priority", "limit", "wait"}
)
HZ_ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "process": frozenset({"versionTag"}),
    "userTask": _ANY_PERSON,
    "manualTask": _ANY_PERSON,
    "scriptTask": frozenset({"resultVariable", "failure"}),
    "globalUserTask": _ANY_PERSON,
    "globalManualTask": _ANY_PERSON,
    "globalScriptTask": frozenset({"resultVariable", "failure"}),
    "globalBusinessRuleTask": frozenset({"decision", "resultVariable", "legalDate", "failure"}),
    "serviceTask": frozenset({"operation"}),
    "businessRuleTask": frozenset({"decision", "resultVariable", "legalDate", "failure"}),
    "message": frozenset({"correlationKey"}),
    "multiInstanceLoopCharacteristics": frozenset(
        {"collection", "elementVariable", "outputCollection", "outputElement"}
    ),
    "timerEventDefinition": frozenset({"clock", "point", "missed"}),
}

IN_ENGLISH: Final = "nameEn"
"""What an element is called in English, on whatever people read the name of (`NAMED`)."""

HOLDS_DATA: Final = (
    *("dataObject", "dataObjectReference", "property", "dataInput", "dataOutput"),
    *("inputDataItem", "outputDataItem"),
)

TASKS: Final = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "scriptTask",
        "serviceTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
    }
)
GLOBAL_TASKS: Final = frozenset(
    {
        "globalTask",
        "globalUserTask",
        "globalManualTask",
        "globalScriptTask",
        "globalBusinessRuleTask",
    }
)
SUB_PROCESSES: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES: Final = TASKS | SUB_PROCESSES | {"callActivity"}
EVENTS: Final = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
    }
)
GATEWAYS: Final = frozenset(
    {
        "exclusiveGateway",
        "inclusiveGateway",
        "parallelGateway",
        "complexGateway",
        "eventBasedGateway",
    }
)
FLOW_NODES: Final = ACTIVITIES | EVENTS | GATEWAYS
NAMED: Final = FLOW_NODES | GLOBAL_TASKS | {"process", "participant", "lane", "sequenceFlow"}

HZ_ELEMENTS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    # our element → the elements whose extensionElements may hold it, its attributes (all required)
    "variable": (frozenset({"process"}) | SUB_PROCESSES, frozenset({"name"})),
    "input": (ACTIVITIES | EVENTS, frozenset({"source", "target"})),
    "output": (ACTIVITIES | EVENTS, frozenset({"source", "target"})),
}


def of_element(name: str) -> Entry | None:
    """What we do with the BPMN element `name`; None if BPMN has no such element."""
    return ELEMENTS.get(name)


def of_attribute(element: str, attribute: str) -> Entry | None:
    """What we do with `attribute` on `element`; None if neither the standard nor we know it.

    An attribute of an element that is ignored or refused as a whole shares its fate, except where
    the element is looked into.
    """
    entry = ATTRIBUTES.get((element, attribute))
    if entry is not None:
        return entry
    owner = ELEMENTS.get(element)
    if owner is not None and owner.treatment is not Treatment.EXECUTED:
        return owner
    return ATTRIBUTES.get(("*", attribute))
