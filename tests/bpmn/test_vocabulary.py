"""Every element and attribute of the BPMN schema is executed, ignored on purpose, or refused.

The cases are generated from the standard's own XSD: each puts one element or one attribute at a
legal place in a minimal file and looks at what the completeness guard and the normal form make of
it. That what is *executed* arrives in the definition is shown name by name in `test_elements`.
"""

from __future__ import annotations

import pytest
from lxml import etree

from engine.bpmn import vocabulary
from engine.bpmn.compile_fingerprint import fingerprint
from engine.bpmn.findings import Finding, Report, Severity
from engine.bpmn.lint_vocabulary import check_vocabulary
from engine.bpmn.normalise import normalise
from engine.bpmn.parse_xml import check_schema, read
from engine.bpmn.vocabulary import Treatment
from tests.bpmn.schema import PLACES, SCHEMA, Attribute, Sample

EVERY_ELEMENT = sorted(PLACES)
EVERY_ATTRIBUTE = [
    (one, attribute) for one in EVERY_ELEMENT for attribute in SCHEMA.attributes(one[1])
]
DERIVED = {
    *("incoming", "outgoing"),  # said again by the flows: held against them, then not needed
    "eventDefinitionRef",  # replaced by what it refers to, or an error
}


def named(case: object) -> str:
    match case:
        case (str(name), str(type_name)):
            return f"{name}:{type_name}"
        case Attribute():
            return case.name
    return str(case)


def judged(sample: Sample) -> list[Finding]:
    """The findings of the guard alone, after the schema itself agreed that the place is legal."""
    report = Report()
    root = read(sample.xml, report)
    check_schema(root, report)
    assert report.findings == [], "the sample is meant to be legal BPMN"
    check_vocabulary(root, report)
    return [one for one in report.findings if one.severity is Severity.ERROR]


def normal_form(xml: bytes) -> str:
    report = Report()
    root = read(xml, report)
    diagram = normalise(root, check_vocabulary(root, report), report)
    assert diagram is not None
    return fingerprint(diagram)


def owner_id(element: etree._Element | None) -> str:
    while element is not None and element.get("id") is None:
        element = element.getparent()
    return "" if element is None else element.get("id")


def fate(sample: Sample) -> Treatment:
    """What becomes of the sample's element: its own treatment, or that of what encloses it."""
    for name, _ in sample.way:
        entry = vocabulary.of_element(name)
        assert entry is not None
        if entry.treatment is Treatment.REFUSED:
            return Treatment.REFUSED
        if entry.treatment is Treatment.IGNORED and not entry.look_inside:
            return Treatment.IGNORED
    entry = vocabulary.of_element(sample.way[-1][0])
    assert entry is not None
    return entry.treatment


@pytest.mark.parametrize("declaration", sorted(SCHEMA.declarations()), ids=named)
def test_no_element_of_the_schema_is_left_out_of_the_vocabulary(
    declaration: tuple[str, str],
) -> None:
    entry = vocabulary.of_element(declaration[0])

    assert entry is not None
    assert entry.treatment is Treatment.EXECUTED or (entry.zh and entry.en)
    if declaration[0] not in {name for name, _ in PLACES}:
        assert entry.treatment is not Treatment.EXECUTED  # abstract: it can never be written


def test_the_vocabulary_names_nothing_that_the_schema_does_not_know() -> None:
    names = {name for name, _ in SCHEMA.declarations()}
    attributes = {attribute.name for _, attribute in EVERY_ATTRIBUTE}

    assert set(vocabulary.ELEMENTS) <= names
    assert {element for element, _ in vocabulary.ATTRIBUTES} - {"*"} <= names
    assert {attribute for _, attribute in vocabulary.ATTRIBUTES} <= attributes


@pytest.mark.parametrize("declaration", EVERY_ELEMENT, ids=named)
def test_an_element_is_executed_or_ignored_or_refused_with_its_id_and_name(
    declaration: tuple[str, str],
) -> None:
    sample = Sample(declaration)
    findings = judged(sample)
    name = declaration[0]

    match fate(sample):
        case Treatment.REFUSED:
            refusal = findings[0]
            stopped_at = next(n for n, _ in sample.way if f": {n} cannot" in refusal.message_en)
            assert vocabulary.ELEMENTS[stopped_at].treatment is Treatment.REFUSED
            assert f" {stopped_at}，" in refusal.message_zh
            assert refusal.mend_en
            assert refusal.mend_zh
            if stopped_at == name:
                assert refusal.element_id == owner_id(sample.element)
        case Treatment.IGNORED | Treatment.EXECUTED:
            assert findings == []


@pytest.mark.parametrize("declaration", EVERY_ELEMENT, ids=named)
def test_an_ignored_element_changes_nothing_and_an_executed_one_does(
    declaration: tuple[str, str],
) -> None:
    sample = Sample(declaration)
    what, name = fate(sample), declaration[0]
    if what is Treatment.REFUSED or name in {"definitions", "process"} | DERIVED:
        return

    whole = normal_form(sample.xml)
    sample.element.getparent().remove(sample.element)
    without = normal_form(sample.xml)

    assert (whole == without) == (what is Treatment.IGNORED)


@pytest.mark.parametrize(("declaration", "attribute"), EVERY_ATTRIBUTE, ids=named)
def test_an_attribute_is_executed_or_ignored_or_refused_with_its_element_and_name(
    declaration: tuple[str, str], attribute: Attribute
) -> None:
    sample = Sample(declaration, attribute)
    findings = judged(sample)
    entry = vocabulary.of_attribute(declaration[0], attribute.name)

    assert entry is not None
    if fate(sample) is Treatment.REFUSED:
        assert findings[0].rule == "vocabulary.refused-element"
    elif entry.treatment is Treatment.REFUSED:
        (refusal,) = findings
        assert refusal.rule == "vocabulary.refused-attribute"
        assert refusal.element_id == owner_id(sample.element)
        assert f'{attribute.name}="{sample.element.get(attribute.name)}"' in refusal.message_en
        assert entry.zh in refusal.message_zh
    else:
        assert findings == []


@pytest.mark.parametrize(("declaration", "attribute"), EVERY_ATTRIBUTE, ids=named)
def test_an_ignored_attribute_changes_nothing_and_an_executed_one_does(
    declaration: tuple[str, str], attribute: Attribute
) -> None:
    sample = Sample(declaration, attribute)
    entry = vocabulary.of_attribute(declaration[0], attribute.name)
    assert entry is not None
    if fate(sample) is Treatment.REFUSED or entry.treatment is Treatment.REFUSED:
        return
    if (declaration[0], attribute.name) == ("process", "isExecutable"):
        return  # without it there is nothing to compile: see test_lint

    whole = normal_form(sample.xml)
    sample.element.set(attribute.name, "other")
    other = normal_form(sample.xml)

    executed = Treatment.EXECUTED in {fate(sample)} & {entry.treatment}
    assert (whole != other) == executed


def test_harmless_values_of_refused_attributes_are_accepted() -> None:
    refused = {
        place: entry
        for place, entry in vocabulary.ATTRIBUTES.items()
        if entry.treatment is Treatment.REFUSED
    }
    for (element, name), entry in refused.items():
        for declaration, attribute in EVERY_ATTRIBUTE:
            if attribute.name != name or element not in {"*", declaration[0]}:
                continue
            sample = Sample(declaration, attribute)
            for value in entry.harmless:
                sample.element.set(name, value)
                rules = {finding.rule for finding in judged(sample)}
                assert "vocabulary.refused-attribute" not in rules
