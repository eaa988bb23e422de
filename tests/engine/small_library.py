"""Two small packages: a registration that is entered, then reviewed in a called part."""

from __future__ import annotations

from pathlib import Path

import orjson

from engine.packages import Library, load_library

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:hz="urn:huzheng:bpmn:1" id="d" targetNamespace="urn:t">'
)
MOVE = f"""{_HEAD}
<process id="T01" name="測試登記" isExecutable="true">
  <startEvent id="filed" name="收件"/>
  <sequenceFlow id="f1" sourceRef="filed" targetRef="enter"/>
  <userTask id="enter" name="登錄" hz:candidateGroups="counter" hz:form="t-entry" hz:duty="record"/>
  <sequenceFlow id="f2" sourceRef="enter" targetRef="check"/>
  <callActivity id="check" name="複核" calledElement="T02">
    <extensionElements>
      <hz:input source="kind" target="kind"/>
      <hz:output source="outcome" target="verdict"/>
    </extensionElements>
  </callActivity>
  <sequenceFlow id="f3" sourceRef="check" targetRef="good"/>
  <exclusiveGateway id="good" name="相符？" default="f5"/>
  <sequenceFlow id="f4" sourceRef="good" targetRef="enter">
    <conditionExpression>verdict = "return"</conditionExpression>
  </sequenceFlow>
  <sequenceFlow id="f5" sourceRef="good" targetRef="registered"/>
  <endEvent id="registered" name="登記完成"/>
</process></definitions>"""
REVIEW = f"""{_HEAD}
<process id="T02" name="複核" isExecutable="true">
  <extensionElements><hz:variable name="kind"/></extensionElements>
  <startEvent id="begin" name="送複核"/>
  <sequenceFlow id="g1" sourceRef="begin" targetRef="review"/>
  <userTask id="review" name="後線複核" hz:candidateGroups="reviewer" hz:form="t-review"
    hz:duty="review" hz:outcomes="approve,return"/>
  <sequenceFlow id="g2" sourceRef="review" targetRef="done"/>
  <endEvent id="done" name="複核完成"/>
</process></definitions>"""
_T01 = """
id: T01
process: T01
kind: registration
title: {zh-TW: 測試登記, en: Test registration}
starts: [counter]
groups: [counter]
start_form: t-start
subject: {name: data.person.name, id_number: data.person.id_number}
"""
_T02 = """
id: T02
process: T02
kind: shared
title: {zh-TW: 複核, en: Review}
starts: []
groups: []
"""


def _field(key: str, label: str, label_en: str, **more: object) -> dict[str, object]:
    properties = {"label_en": label_en, **more.pop("properties", {})}  # type: ignore[dict-item]
    return {"type": "textfield", "key": key, "label": label, "properties": properties, **more}


NAME = _field("data.person.name", "姓名", "Name", properties={"kind": "person_name"})
NUMBER = _field("data.person.id_number", "統一編號", "ID", properties={"kind": "taiwan_id"})
ADDRESS = _field("data.person.new_address", "新址", "New address")
FORMS = {
    "t01/forms/t-start": [NAME, NUMBER, _field("kind", "種類", "Kind")],
    "t01/forms/t-entry": [
        ADDRESS,
        _field("owner", "屋主", "Owner", conditional={"hide": '=data.person.name = "王小明"'}),
    ],
    "t02/forms/t-review": [NAME, _field("return_reason", "退回原因", "Reason")],
}


def small_library(folder: Path) -> Library:
    """Write the two packages into `folder` and load them."""
    files = {
        "t01/package.yaml": _T01.encode(),
        "t01/t01.bpmn": MOVE.encode(),
        "t02/package.yaml": _T02.encode(),
        "t02/t02.bpmn": REVIEW.encode(),
    }
    for name, fields in FORMS.items():
        form = {"id": name.rpartition("/")[2], "schemaVersion": 16, "components": fields}
        if name.endswith("review"):
            approve = {"value": "approve", "label": "相符，核可", "label_en": "Matches: approve"}
            form["outcomes"] = [approve]
        files[f"{name}.form"] = orjson.dumps(form)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return load_library(folder)
