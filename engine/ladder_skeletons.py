"""What a new ladder begins with: one rung, complete enough to run."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from engine.package_files import LIMITS
from engine.xml_edits import quoted


@dataclass(frozen=True, slots=True)
class Named:
    """The package's id, its process, and its title in both languages."""

    id: str
    process: str
    zh: str
    en: str


def files(named: Named, diagram: bytes | None) -> dict[str, bytes]:
    """The files of a ladder beside its manifest, around `diagram` if there is one. For its
    rehearsals it is bound to a limit of three working days."""
    path = f"{named.id.lower()}.bpmn"
    if diagram is not None:
        return {path: diagram, LIMITS: _LIMITS}
    return {path: _diagram(named), LIMITS: _LIMITS, "scenarios/happy.yaml": _SCENARIO}


def _diagram(named: Named) -> bytes:
    told = _DIAGRAM.format(
        id=named.id,
        process=quoted(named.process),
        zh=quoted(named.zh),
        en=quoted(named.en),
        text=escape(named.zh),
    )
    return told.encode()


_LIMITS = b"""clocks:
  limit: {rule: PROC_WORKDAY, length: 3, unit: working_day, start: filed, stop: closed}
"""
_SCENARIO = """title: {zh-TW: 期滿提醒, en: A reminder at the end}
at: 2026-03-02T09:00+08:00
file:
  values: {}
steps:
  - clock: {name: limit, point: due}
  - expect: {status: closed, ended_at: [end_top], variables: {told: owner}, incidents: []}
""".encode()
_DIAGRAM = """\
<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" \
xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\
 xmlns:hz="urn:huzheng:bpmn:1" \
id="definitions_{id}" targetNamespace="urn:huzheng:process">
  <bpmn:process id={process} name={zh} \
hz:nameEn={en} \
isExecutable="true" hz:versionTag="1">
    <bpmn:documentation>{text}</bpmn:documentation>
    <bpmn:extensionElements>
      <hz:variable name="clock" />
      <hz:variable name="told" />
    </bpmn:extensionElements>
    <bpmn:startEvent id="start_limit" name="期限起算" hz:nameEn="The limit begins">
      <bpmn:outgoing>start_to_due</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:intermediateCatchEvent id="due" name="期限屆滿" hz:nameEn="The limit has ended">
      <bpmn:incoming>start_to_due</bpmn:incoming>
      <bpmn:outgoing>due_to_warn_owner</bpmn:outgoing>
      <bpmn:timerEventDefinition id="due_timer" hz:clock="limit" hz:point="due" />
    </bpmn:intermediateCatchEvent>
    <bpmn:serviceTask id="warn_owner" name="提醒承辦" hz:nameEn="Remind the owner" \
hz:operation="ladder.warn">
      <bpmn:extensionElements>
        <hz:input source='"owner"' target="to" />
      </bpmn:extensionElements>
      <bpmn:incoming>due_to_warn_owner</bpmn:incoming>
      <bpmn:outgoing>warn_owner_to_end</bpmn:outgoing>
    </bpmn:serviceTask>
    <bpmn:endEvent id="end_top" name="階梯已盡" hz:nameEn="The top of the ladder">
      <bpmn:incoming>warn_owner_to_end</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="start_to_due" sourceRef="start_limit" targetRef="due" />
    <bpmn:sequenceFlow id="due_to_warn_owner" sourceRef="due" targetRef="warn_owner" />
    <bpmn:sequenceFlow id="warn_owner_to_end" sourceRef="warn_owner" targetRef="end_top" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement={process}>
      <bpmndi:BPMNShape id="start_limit_shape" bpmnElement="start_limit">
        <dc:Bounds x="160" y="102" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="153" y="144" width="50" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="due_shape" bpmnElement="due">
        <dc:Bounds x="250" y="102" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="243" y="144" width="50" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="warn_owner_shape" bpmnElement="warn_owner">
        <dc:Bounds x="340" y="80" width="100" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="end_top_shape" bpmnElement="end_top">
        <dc:Bounds x="500" y="102" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="493" y="144" width="50" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="start_to_due_edge" bpmnElement="start_to_due">
        <di:waypoint x="196" y="120" />
        <di:waypoint x="250" y="120" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="due_to_warn_owner_edge" bpmnElement="due_to_warn_owner">
        <di:waypoint x="286" y="120" />
        <di:waypoint x="340" y="120" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="warn_owner_to_end_edge" bpmnElement="warn_owner_to_end">
        <di:waypoint x="440" y="120" />
        <di:waypoint x="500" y="120" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
