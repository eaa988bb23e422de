"""What a new package begins with: one step of one person, complete enough to run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from engine import form_edits, ladder_skeletons
from engine.errors import Rejected
from engine.manifests import KINDS
from engine.package_files import LIMITS, MANIFEST, xml_root
from engine.packages import LADDER
from engine.xml_edits import quoted
from engine.yaml_edits import scalar

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,19}")


@dataclass(frozen=True, slots=True)
class NewPackage:
    """What the analyst says of it. `process` is the process id, by default the package's."""

    id: str
    kind: str
    title_zh: str
    title_en: str
    process: str = ""


def skeleton(new: NewPackage, diagram: bytes | None = None) -> dict[str, bytes]:
    """The files of a new package, around `diagram` if there is one. Raises Rejected."""
    _check(new)
    process = new.process or new.id
    start_form = f"{new.id.lower()}-start"
    if new.kind == LADDER:
        named = ladder_skeletons.Named(new.id, process, new.title_zh, new.title_en)
        manifest = _manifest(new, process, "")
        return {MANIFEST: manifest, **ladder_skeletons.files(named, diagram)}
    filed = new.kind != "shared"
    files = {
        MANIFEST: _manifest(new, process, start_form if filed else ""),
        f"{new.id.lower()}.bpmn": diagram or _diagram(new, process),
        LIMITS: b"clocks: {}\ntasks: {}\nladders: {}\n",
    }
    if filed:
        form = form_edits.new_form(
            start_form, f"{new.title_zh}申請", f"Application: {new.title_en}"
        )
        files[f"forms/{start_form}.form"] = form_edits.add_field(
            form,
            {
                "type": "textfield",
                "key": "data.applicant.name",
                "label": "申請人姓名",
                "label_en": "Applicant's name",
                "required": "true",
                "kind": "person_name",
            },
        )
    if diagram is None:
        files["forms/handle.form"] = form_edits.add_field(
            form_edits.new_form("handle", "承辦", "Handle"),
            {"type": "textarea", "key": "note", "label": "辦理情形", "label_en": "What was done"},
        )
        files["scenarios/happy.yaml"] = _scenario(filed=filed)
    return files


def process_of(diagram: bytes, where: str) -> tuple[str, str]:
    """Id and name of the executable process in a diagram from outside. Raises PackageError for
    what is not XML, with the line; Rejected for what has no process."""
    root = xml_root(diagram, where)
    found = root.findall("{*}process")
    runs = [each for each in found if each.get("isExecutable") == "true"] or found
    if not runs or not runs[0].get("id"):
        raise Rejected(
            "package.no_process",
            f"{where} line {root.sourceline}: the element {root.tag.rpartition('}')[2]} holds no "
            "BPMN process; export the diagram as BPMN 2.0 XML",
            where=where,
            line=root.sourceline,
        )
    return str(runs[0].get("id")), str(runs[0].get("name", ""))


def _check(new: NewPackage) -> None:
    if not _ID.fullmatch(new.id):
        raise Rejected(
            "package.id", "Give the package a short id of letters and digits, such as P41"
        )
    if new.kind not in KINDS:
        raise Rejected("package.kind", "Say what kind of package it is")
    if not new.title_zh.strip() or not new.title_en.strip():
        raise Rejected("package.title", "Give the package a title in Chinese and in English")


def _manifest(new: NewPackage, process: str, start_form: str) -> bytes:
    zh, en = scalar(new.title_zh.strip()), scalar(new.title_en.strip())
    lines = [
        f"id: {new.id}",
        f"process: {scalar(process)}",
        f"kind: {new.kind}",
        f"title: {{zh-TW: {_flow(zh)}, en: {_flow(en)}}}",
    ]
    if start_form:
        lines += ["starts: [counter]", "groups: [counter]", f"start_form: {start_form}"]
    return ("\n".join(lines) + "\n").encode()


def _flow(told: str) -> str:
    return told if told.startswith('"') or not re.search(r"[,\[\]{}]", told) else f'"{told}"'


def _scenario(*, filed: bool) -> bytes:
    data = "\n  data: {applicant: {name: 陳示範}}" if filed else ""
    return f"""title: {{zh-TW: 順利辦結, en: Handled without trouble}}
at: 2026-03-02T09:00+08:00
file:
  values: {{}}{data}
steps:
  - complete: handle
    values: {{note: 已辦理}}
  - expect: {{status: closed, ended_at: [end_handled], incidents: []}}
""".encode()


def _diagram(new: NewPackage, process: str) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" \
xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:hz="urn:huzheng:bpmn:1" \
id="definitions_{new.id}" targetNamespace="urn:huzheng:process">
  <bpmn:process id={quoted(process)} name={quoted(new.title_zh)} \
hz:nameEn={quoted(new.title_en)} isExecutable="true" hz:versionTag="1">
    <bpmn:documentation>{escape(new.title_zh)}</bpmn:documentation>
    <bpmn:startEvent id="start" name="收件" hz:nameEn="Intake">
      <bpmn:outgoing>start_to_handle</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="handle" name="承辦" hz:nameEn="Handle" \
hz:candidateGroups="counter" hz:form="handle">
      <bpmn:incoming>start_to_handle</bpmn:incoming>
      <bpmn:outgoing>handle_to_end</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="end_handled" name="辦結" hz:nameEn="Handled">
      <bpmn:incoming>handle_to_end</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="start_to_handle" sourceRef="start" targetRef="handle" />
    <bpmn:sequenceFlow id="handle_to_end" sourceRef="handle" targetRef="end_handled" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement={quoted(process)}>
      <bpmndi:BPMNShape id="start_shape" bpmnElement="start">
        <dc:Bounds x="160" y="102" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="167" y="145" width="22" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="handle_shape" bpmnElement="handle">
        <dc:Bounds x="250" y="80" width="100" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="end_handled_shape" bpmnElement="end_handled">
        <dc:Bounds x="410" y="102" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="417" y="145" width="22" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="start_to_handle_edge" bpmnElement="start_to_handle">
        <di:waypoint x="196" y="120" />
        <di:waypoint x="250" y="120" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="handle_to_end_edge" bpmnElement="handle_to_end">
        <di:waypoint x="350" y="120" />
        <di:waypoint x="410" y="120" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
""".encode()
