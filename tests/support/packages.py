"""Small process packages written for a test: real BPMN, real forms, a real library."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:hz="urn:huzheng:bpmn:1" id="definitions" targetNamespace="urn:test">'
)


PROCESSING = "clocks: {processing: {rule: PROC_WORKDAY, length: 3, unit: working_day}}\n"
"""A limits.yaml with one clock."""


def flows(*pairs: str) -> str:
    """`a>b` for a flow, `a>b:condition` for a conditional one."""
    text = ""
    for pair in pairs:
        ends, _, condition = pair.partition(":")
        source, target = ends.split(">")
        inner = (
            f'<conditionExpression xsi:type="tFormalExpression">{condition}</conditionExpression>'
            if condition
            else ""
        )
        text += (
            f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
            f"{inner}</sequenceFlow>"
        )
    return text


def user_task(element_id: str, groups: str = "counter", **attributes: str) -> str:
    given = {"form": "anything", "candidateGroups": groups, **attributes}
    listed = "".join(f' hz:{name}="{value}"' for name, value in given.items())
    return f'<userTask id="{element_id}" name="Task {element_id}"{listed}/>'


def service_task(element_id: str, operation: str, **inputs: str) -> str:
    mapped = "".join(f'<hz:input source="{s}" target="{t}"/>' for t, s in inputs.items())
    extensions = f"<extensionElements>{mapped}</extensionElements>" if mapped else ""
    return (
        f'<serviceTask id="{element_id}" name="Service {element_id}" '
        f'hz:operation="{operation}">{extensions}</serviceTask>'
    )


def diagram(process_id: str, body: str, outside: str = "") -> bytes:
    """BPMN of one executable process; `outside` are messages, signals and errors."""
    return (
        f'{HEAD}{outside}<process id="{process_id}" name="Process {process_id}" '
        f'isExecutable="true">{body}</process></definitions>'
    ).encode()


FORM: Mapping[str, Any] = {
    "id": "anything",
    "type": "default",
    "schemaVersion": 16,
    "components": [
        {
            "type": "textfield",
            "key": "note",
            "label": "說明",
            "properties": {"label_en": "Note"},
        },
        {
            "type": "number",
            "key": "amount",
            "label": "金額",
            "properties": {"label_en": "Amount"},
        },
        {
            "type": "checkbox",
            "key": "agreed",
            "label": "同意",
            "properties": {"label_en": "Agreed"},
        },
        {
            "type": "textfield",
            "key": "data.applicant.name",
            "label": "姓名",
            "properties": {"label_en": "Name", "kind": "person_name"},
        },
        {
            "type": "textfield",
            "key": "data.applicant.id_number",
            "label": "統一編號",
            "properties": {"label_en": "ID number", "kind": "taiwan_id"},
        },
        {
            "type": "datetime",
            "subtype": "date",
            "key": "data.applicant.birth_date",
            "label": "出生日期",
            "properties": {"label_en": "Date of birth"},
        },
    ],
}


def write_package(
    root: Path,
    package_id: str,
    xml: bytes,
    *,
    starts: Sequence[str] = ("counter", "online"),
    limits: str | None = None,
    tables: Mapping[str, bytes] | None = None,
) -> Path:
    """Write one package folder under `root`; every form is `FORM`."""
    folder = root / package_id.lower()
    (folder / "forms").mkdir(parents=True, exist_ok=True)
    (folder / f"{package_id.lower()}.bpmn").write_bytes(xml)
    (folder / "forms" / "anything.form").write_text(json.dumps(FORM, ensure_ascii=False))
    (folder / "package.yaml").write_text(
        f"id: {package_id}\nprocess: {package_id}\nkind: registration\n"
        f"title: {{zh-TW: 測試{package_id}, en: Test {package_id}}}\n"
        f"starts: [{', '.join(starts)}]\ngroups: [counter]\nstart_form: anything\n"
    )
    if limits is not None:
        (folder / "limits.yaml").write_text(limits)
    for name, content in (tables or {}).items():
        (folder / name).write_bytes(content)
    return folder


def ask_more(folder: Path, *keys: str) -> None:
    """Give the form of a package further text fields."""
    file = folder / "forms" / "anything.form"
    form = json.loads(file.read_text())
    form["components"] += [
        {"type": "textfield", "id": key, "key": key, "label": key, "properties": {"label_en": key}}
        for key in keys
    ]
    file.write_text(json.dumps(form))


REVIEW = diagram(
    "REVIEW",
    '<startEvent id="start"/>'
    + user_task("record", "counter", duty="record")
    + user_task("review", "reviewer", duty="review", outcomes="approve,return")
    + '<exclusiveGateway id="decide" default="decide_end"/><endEvent id="end"/>'
    + flows("start>record", "record>review", "review>decide", 'decide>record:outcome = "return"')
    + flows("decide>end"),
)
"""Recorded, reviewed by somebody else, sent back or closed."""
