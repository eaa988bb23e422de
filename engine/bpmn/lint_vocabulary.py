"""The completeness guard: every element and attribute met is known, or the diagram is refused."""

from __future__ import annotations

from typing import Any

from lxml.etree import QName

from engine.bpmn import vocabulary
from engine.bpmn.findings import Report
from engine.bpmn.vocabulary import BPMN, HZ, Treatment

LeftOut = list[tuple[Any, str | None]]
"""Elements (with None) and attributes (with their names) that are not executed, in any order."""


def check_vocabulary(root: Any, report: Report) -> LeftOut:
    """Judge every element under `root` and return what is to be left out.

    That is what is ignored on purpose, and what belongs to other tools. The tree itself is not
    changed. An element without an id is told by the id of what encloses it.
    """
    left_out: LeftOut = []
    waiting: list[tuple[Any, str]] = [(root, "")]
    while waiting and not report.is_full:
        element, owner = waiting.pop()
        here = element.get("id") or owner
        name = QName(element)
        if name.namespace == BPMN and name.localname == "extensionElements":
            _check_extensions(element, here, left_out, report)
        elif name.namespace == BPMN:
            if _check_element(element, here, left_out, report):
                waiting.extend((child, here) for child in reversed(element))
        elif name.namespace == vocabulary.BPMNDI and element.getparent() is root:
            left_out.append((element, None))
        else:
            report.add(
                "vocabulary.unknown-element", here, name=_told(name), line=element.sourceline
            )
    return left_out


def is_true(value: str | None) -> bool:
    """Read an xsd:boolean; absent is false."""
    return (value or "").strip() in {"true", "1"}


def _check_element(element: Any, here: str, left_out: LeftOut, report: Report) -> bool:
    """Judge one BPMN element and its attributes; True if what is inside is to be judged too."""
    name = QName(element).localname
    if name == "process" and not is_true(element.get("isExecutable")):
        report.add("process.not-executable", here)
        left_out.append((element, None))
        return False
    entry = vocabulary.of_element(name)
    if entry is None:
        report.add("vocabulary.unknown-element", here, name=name, line=element.sourceline)
        return False
    if entry.treatment is Treatment.REFUSED:
        report.add("vocabulary.refused-element", here, name=name, zh=entry.zh, en=entry.en)
        return False
    if entry.treatment is Treatment.IGNORED:
        left_out.append((element, None))
        if not entry.look_inside:
            return False
    for attribute, value in element.attrib.items():
        if not _check_attribute(name, QName(attribute), value, here, report):
            left_out.append((element, attribute))
    # Documentation may hold any markup; only its text is kept.
    return bool(name != "documentation")


def _check_attribute(element: str, name: Any, value: str, here: str, report: Report) -> bool:
    """Judge one attribute; True if it is executed."""
    if name.namespace == HZ:
        _check_our_attribute(element, name.localname, here, report)
        return True
    if name.namespace is not None:
        if name.namespace not in {vocabulary.XSI, vocabulary.XML}:
            _note_foreign(name.namespace, here, report)
        return False
    entry = vocabulary.of_attribute(element, name.localname)
    if entry is None:
        report.add("vocabulary.unknown-attribute", here, name=name.localname, on=element)
    elif entry.treatment is Treatment.REFUSED and value.strip() not in entry.harmless:
        report.add(
            "vocabulary.refused-attribute",
            here,
            name=f'{name.localname}="{value}"',
            on=element,
            zh=entry.zh,
            en=entry.en,
        )
    return entry is not None and entry.treatment is Treatment.EXECUTED


def _check_our_attribute(element: str, name: str, here: str, report: Report) -> None:
    known = vocabulary.HZ_ATTRIBUTES.get(element, frozenset())
    if element in vocabulary.NAMED:
        known |= {vocabulary.IN_ENGLISH}
    if name not in known:
        legal = ", ".join(f"hz:{one}" for one in sorted(known)) or "–"
        report.add("hz.unknown-attribute", here, name=name, on=element, known=legal)


def _check_extensions(element: Any, here: str, left_out: LeftOut, report: Report) -> None:
    holder = QName(element.getparent()).localname
    for extension in element:
        name = QName(extension)
        if name.namespace == HZ:
            _check_ours(extension, name.localname, holder, here, report)
        else:
            left_out.append((extension, None))
            _note_foreign(name.namespace or "", here, report)


def _check_ours(extension: Any, name: str, holder: str, here: str, report: Report) -> None:
    if name not in vocabulary.HZ_ELEMENTS:
        report.add("hz.unknown-element", here, name=name)
        return
    holders, attributes = vocabulary.HZ_ELEMENTS[name]
    if holder not in holders:
        report.add("hz.misplaced", here, name=name, on=holder)
    for missing in sorted(attributes - set(extension.attrib)):
        report.add("hz.missing-attribute", here, name=name, missing=missing)
    for extra in sorted(set(extension.attrib) - attributes):
        report.add(
            "hz.unknown-attribute", here, name=extra, on=f"hz:{name}", known=", ".join(attributes)
        )
    if len(extension):
        report.add("hz.unknown-element", here, name=QName(extension[0]).localname)


def _note_foreign(namespace: str, here: str, report: Report) -> None:
    vendor = vocabulary.VENDORS.get(namespace)
    if vendor is not None:
        report.add("extension.other-engine", here, vendor=vendor)
    else:
        report.add("extension.ignored", "", namespace=namespace or "(none)")


def _told(name: Any) -> str:
    return f"{{{name.namespace}}}{name.localname}" if name.namespace else str(name.localname)
