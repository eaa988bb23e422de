"""The XML: what is read, what is passed over on purpose, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feel import dmn
from feel.dmn import DmnError
from feel.dmn.document import EXPRESSIONS, IGNORED, MAX_BYTES, NAMESPACES, SCHEMA
from tests.unit.dmn.models import decide, decision, definitions, input_data, literal, table


@pytest.mark.parametrize("namespace", sorted(NAMESPACES))
def test_every_version_of_dmn_is_read(namespace: str) -> None:
    model = dmn.parse(definitions(decision("d", literal("1 + 1")), namespace=namespace))

    assert model.evaluate("d", {}).value == 2


def test_extensions_drawings_and_words_are_passed_over() -> None:
    body = (
        '<description>words</description><extensionElements><x xmlns="urn:x"/></extensionElements>'
        '<knowledgeSource id="k" name="law"/><textAnnotation id="t"><text>note</text>'
        '</textAnnotation><y xmlns="urn:y"><z/></y>'
        '<decision id="d" name="d" xmlns:e="urn:e" e:colour="red">'
        '<authorityRequirement><requiredAuthority href="#k"/></authorityRequirement>'
        f"<question>why</question>{literal('1')}</decision>"
    )

    assert decide(body, {}).value == 1


HOSTILE = [
    b"",
    b"not xml",
    b"<definitions/>",
    b'<x xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
    b'<!DOCTYPE d [<!ENTITY a "b">]><definitions/>',
    b'<?xml version="1.0"?><!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>',
    b"<!DOCTYPE d [<!ENTITY % p SYSTEM 'http://127.0.0.1/x'> %p;]><d/>",
    '<!DOCTYPE d [<!ENTITY a "b">]><definitions/>'.encode("utf-16"),
    b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-<x/>',
    definitions("<decision>" * 5000),
    definitions("&undefined;"),
    b" " * (MAX_BYTES + 1),
]


@pytest.mark.parametrize("document", HOSTILE)
def test_a_hostile_document_is_refused(document: bytes) -> None:
    with pytest.raises(DmnError):
        dmn.parse(document)


def test_a_deep_document_is_refused() -> None:
    deep = "<list>" * 100 + literal("1") + "</list>" * 100

    with pytest.raises(DmnError, match="at most 60 deep"):
        decide(decision("d", deep), {})


NOT_UNDERSTOOD = [
    ("<decision id='d' name='d'><dance/></decision>", "Expected no <dance> in <decision>", "d"),
    ("<decision id='d' name='d' mood='x'/>", "Expected no attribute 'mood' on <decision>", "d"),
    (
        "<decision id='d' name='d'><literalExpression id='l'><importedValues/>"
        "</literalExpression></decision>",
        "Expected no <importedValues> in <literalExpression>",
        "l",
    ),
    ("<decision id='d' name='d'/>", "Expected one expression in <decision>, found 0", "d"),
    ("<decision id='d'>" + literal("1") + "</decision>", "to have a name", "d"),
    (
        "<decision id='d' name='d'><literalExpression id='l'/></decision>",
        "Expected a text in <literalExpression>",
        "l",
    ),
    (
        "<decision id='d' name='d'><literalExpression id='l' expressionLanguage='groovy'>"
        "<text>1</text></literalExpression></decision>",
        "Expected FEEL as the language, but got 'groovy'",
        "l",
    ),
    (
        "<decision id='d' name='d'><variable id='v' name='e'/>" + literal("1") + "</decision>",
        "Expected the variable to be called 'd'",
        "v",
    ),
    (
        "<decision id='d' name='d'><informationRequirement><requiredInput id='r' href='#x'/>"
        "</informationRequirement>" + literal("1") + "</decision>",
        "Expected '#x' to be an element of the model",
        "r",
    ),
    (
        "<decision id='d' name='d'><informationRequirement><requiredInput id='r' href='#d'/>"
        "</informationRequirement>" + literal("1") + "</decision>",
        "to lead to the right kind of element",
        "r",
    ),
    (
        "<decision id='d' name='d'><functionDefinition id='f' kind='Java'>"
        + literal("1")
        + "</functionDefinition></decision>",
        "Java and PMML are not run",
        "f",
    ),
    (
        "<decision id='d' name='d'><context><contextEntry id='c'>"
        + literal("1")
        + "</contextEntry><contextEntry id='e'>"
        + literal("1")
        + "</contextEntry></context></decision>",
        "without a name to be the last",
        "e",
    ),
    (
        "<decision id='d' name='d'><relation id='r'><column name='a'/><row/></relation></decision>",
        "Expected 1 cells in every row",
        "r",
    ),
    (input_data("x", "nobody"), "nothing defines 'nobody'", None),
    (decision("d", literal("1")) * 2, "Expected one element with the id 'd'", "d"),
    (
        "<import id='i' name='p' namespace='u' importType='http://www.dmg.org/PMML-4_2'/>",
        "Expected to import DMN",
        "i",
    ),
    ("<decisionService id='s' name='s'/>", "to have an output", "s"),
]


@pytest.mark.parametrize(("body", "sentence", "element"), NOT_UNDERSTOOD)
def test_what_is_not_understood_is_refused(body: str, sentence: str, element: str | None) -> None:
    with pytest.raises(DmnError) as refusal:
        dmn.parse(definitions(body), strict=True)

    assert sentence in refusal.value.message
    if element:
        assert refusal.value.element == element


def test_the_list_of_what_is_understood_is_closed() -> None:
    mentioned = {child for _, children in SCHEMA.values() for child in children}

    assert mentioned | {"definitions"} == set(SCHEMA)
    assert not IGNORED & set(SCHEMA)
    assert set(SCHEMA) >= EXPRESSIONS


whole = definitions(
    input_data("x", "number")
    + decision("d", table(["x"], ["y"], [["> 1", "x"], ["<= 1", "0"]]), "input:x")
)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(whole)), st.integers(0, 40), st.binary(max_size=6))
def test_a_damaged_document_is_read_or_refused(at: int, length: int, put: bytes) -> None:
    damaged = whole[:at] + put + whole[at + length :]
    try:
        model = dmn.parse(damaged)
    except DmnError:
        return
    for name in model.decisions:
        model.evaluate(name, {"x": 1})
