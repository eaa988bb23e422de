"""Name by name: every element and attribute of DMN that is read changes what a model answers.

Each model of `element_cases` is asked as it is, and again without one element or attribute. What
no model misses is either on the list of what people read, or the test fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from lxml import etree

from feel import dmn
from feel.dmn import DmnError
from feel.dmn.document import IGNORED, SCHEMA
from tests.unit.dmn.element_cases import CASES, LIBRARY, Case
from tests.unit.dmn.models import definitions

FOR_PEOPLE = {"label", "exporter", "exporterVersion", "preferredOrientation", "outputLabel"}
"""Attributes that say nothing about an answer."""
HELD_TO_FEEL = {"expressionLanguage", "typeLanguage", "importType", "kind"}
"""Attributes that may only say what is so anyway; another value is refused."""
SAID_AGAIN = {"encapsulatedDecision"}
"""Elements that only say once more what the arrows say; a wrong one is refused all the same."""

EVERY_ATTRIBUTE = sorted(
    (element, attribute)
    for element, (attributes, _) in SCHEMA.items()
    for attribute in attributes.split()
)


def document(case: Case) -> Any:
    return etree.fromstring(definitions(case.body))


def answer(root: Any, case: Case) -> object:
    """What the model answers, or the sentence with which it is refused; with its annotations."""
    try:
        model = dmn.parse(etree.tostring(root), {"l.dmn": LIBRARY}, strict=True)
        result = model.evaluate("d", dict(case.given))
    except DmnError as refusal:
        return f"refused: {refusal.message}"
    notes = [dict(rule.annotations) for used in result.tables for rule in used.rules]
    return result.value, notes


def occurrences(root: Any, name: str) -> Iterator[Any]:
    return (node for node in root.iter() if etree.QName(node).localname == name)


@pytest.mark.parametrize("name", CASES)
def test_a_model_has_its_answer(name: str) -> None:
    case = CASES[name]
    found = answer(document(case), case)

    assert isinstance(found, tuple), found
    assert found[0] == case.expected


def _without_element(case: Case, name: str) -> Iterator[object]:
    for place in range(len(list(occurrences(document(case), name)))):
        root = document(case)
        node = list(occurrences(root, name))[place]
        node.getparent().remove(node)
        yield answer(root, case)


@cache
def models_that_miss_element(name: str) -> tuple[str, ...]:
    return tuple(
        found
        for found, case in CASES.items()
        if any(without != answer(document(case), case) for without in _without_element(case, name))
    )


def _without_attribute(case: Case, element: str, attribute: str) -> Iterator[object]:
    for place in range(len(list(occurrences(document(case), element)))):
        root = document(case)
        node = list(occurrences(root, element))[place]
        if attribute in node.attrib:
            del node.attrib[attribute]
            yield answer(root, case)


@cache
def models_that_miss_attribute(element: str, attribute: str) -> tuple[str, ...]:
    return tuple(
        found
        for found, case in CASES.items()
        if any(
            without != answer(document(case), case)
            for without in _without_attribute(case, element, attribute)
        )
    )


@pytest.mark.parametrize(
    "name", [name for name in SCHEMA if name not in {"definitions", *SAID_AGAIN}]
)
def test_an_element_changes_what_a_model_answers(name: str) -> None:
    assert models_that_miss_element(name)


@pytest.mark.parametrize(
    ("element", "attribute"),
    [one for one in EVERY_ATTRIBUTE if one[1] not in FOR_PEOPLE | HELD_TO_FEEL],
)
def test_an_attribute_changes_what_a_model_answers(element: str, attribute: str) -> None:
    assert models_that_miss_attribute(element, attribute)


@pytest.mark.parametrize(
    ("element", "attribute"), [one for one in EVERY_ATTRIBUTE if one[1] in HELD_TO_FEEL]
)
def test_an_attribute_that_asks_for_another_language_is_refused(
    element: str, attribute: str
) -> None:
    seen = 0
    for case in CASES.values():
        for place in range(len(list(occurrences(document(case), element)))):
            root = document(case)
            list(occurrences(root, element))[place].set(attribute, "groovy")
            seen += 1
            assert str(answer(root, case)).startswith("refused: Expected ")
    assert seen


@pytest.mark.parametrize(
    ("element", "attribute"), [one for one in EVERY_ATTRIBUTE if one[1] in FOR_PEOPLE]
)
def test_an_attribute_for_people_changes_nothing(element: str, attribute: str) -> None:
    case = next(case for case in CASES.values() if list(occurrences(document(case), element)))
    root = document(case)
    for node in occurrences(root, element):
        node.set(attribute, "words")

    assert answer(root, case) == answer(document(case), case)


@pytest.mark.parametrize("name", sorted(SAID_AGAIN))
def test_an_element_that_says_something_again_is_held_against_the_rest(name: str) -> None:
    case = next(case for case in CASES.values() if list(occurrences(document(case), name)))
    root = document(case)
    next(occurrences(root, name)).set("href", "#nobody")

    assert str(answer(root, case)).startswith("refused: Expected '#nobody' to be an element")


@pytest.mark.parametrize("name", sorted(IGNORED))
def test_an_element_for_people_changes_nothing(name: str) -> None:
    case = CASES["literal"]
    root = document(case)
    for parent in list(root.iter()):
        if etree.QName(parent).localname in {"definitions", "decision", "inputData"}:
            etree.SubElement(parent, f"{{{etree.QName(root).namespace}}}{name}").text = "words"

    assert answer(root, case) == answer(document(case), case)
