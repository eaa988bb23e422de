"""Rules of DMN 1.4 and 1.5 about models that are easily got wrong, case by case."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from feel import dmn
from feel.dmn import DmnError
from tests.unit.dmn.models import (
    codes,
    decide,
    decision,
    definitions,
    input_data,
    knowledge,
    literal,
    table,
)

COLOURS = (
    '<itemDefinition name="colour"><typeRef>string</typeRef><allowedValues><text>"red", "blue"'
    '</text></allowedValues></itemDefinition><itemDefinition name="side"><typeRef>colour</typeRef>'
    '<allowedValues><text>"left", "right"</text></allowedValues></itemDefinition>'
    '<itemDefinition name="tint"><typeRef>colour</typeRef></itemDefinition>'
    '<itemDefinition name="paint"><functionItem outputTypeRef="colour"><parameters name="a"/>'
    '</functionItem></itemDefinition><itemDefinition name="mix"><functionItem>'
    '<parameters name="a" typeRef="colour"/></functionItem></itemDefinition>'
)


@pytest.mark.parametrize(
    ("type_ref", "value", "kept"),
    [
        ("colour", "red", True),
        ("colour", "left", False),
        ("tint", "red", True),  # a copy allows what its base allows
        ("tint", "left", False),
        ("side", "left", True),  # values of its own stand in the place of the base's
        ("side", "red", False),
    ],
)
def test_allowed_values_are_those_of_the_nearest_type(
    type_ref: str, value: str, kept: bool
) -> None:
    body = COLOURS + decision("d", literal(f'"{value}"'), type_ref=type_ref)

    assert decide(body, {}).value == (value if kept else None)


@pytest.mark.parametrize(("given", "expected"), [("red", "red"), ("left", None)])
def test_a_function_of_a_type_is_held_to_it(given: str, expected: str | None) -> None:
    echo = '<literalExpression typeRef="{}"><text>function(a) a</text></literalExpression>'
    by_result = decision("f", echo.format("paint")) + decision("d", literal("f(x)"), "decision:f")
    by_parameter = by_result.replace('"paint"', '"mix"')

    assert decide(COLOURS + by_result, {"x": given}).value == expected
    assert decide(COLOURS + by_parameter, {"x": given}).value == expected


@pytest.mark.parametrize(
    ("type_ref", "text", "expected"),
    [
        ("names", '"a"', ["a"]),
        ("string", '["a"]', "a"),
        ("date and time", "date(2026, 3, 2)", dt.datetime(2026, 3, 2, tzinfo=dt.UTC)),
        ("string", "[1]", None),
        ("names", "1", None),
        ("names", "null", None),
    ],
)
def test_a_value_is_converted_to_the_type_that_is_wanted(
    type_ref: str, text: str, expected: Any
) -> None:
    names = '<itemDefinition name="names" isCollection="true"><typeRef>string</typeRef>'
    body = f"{names}</itemDefinition>" + decision("d", literal(text), type_ref=type_ref)

    assert decide(body, {}).value == expected


SERVICE = (
    input_data("i1", "number")
    + input_data("i2", "number")
    + decision("d1", literal('"never asked"'), type_ref="string")
    + decision("out", literal("[i1, i2, d1]"), "input:i1", "input:i2", "decision:d1")
    + '<decisionService id="s" name="s"><outputDecision href="#out"/><inputDecision href="#d1"/>'
    '<inputData href="#i1"/><inputData href="#i2"/></decisionService>'
)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('s(1, 2, "x")', [1, 2, "x"]),  # input data first, then input decisions
        ('s(d1: "x", i2: 2, i1: 1)', [1, 2, "x"]),
        ('s("no number", 2, "x")', [None, 2, "x"]),
        ("s(1, 2)", None),
        ('s(1, 2, "x", 4)', None),
    ],
)
def test_a_decision_service_is_a_function_of_its_inputs(call: str, expected: Any) -> None:
    body = SERVICE + decision("d", literal(call), "knowledge:s")

    assert decide(body, {}).value == expected


def test_a_decision_service_and_a_knowledge_model_can_be_asked_by_name() -> None:
    model = dmn.parse(definitions(SERVICE + knowledge("twice", ["n"], literal("n * 2"))))

    assert model.evaluate("s", {"i1": 1, "i2": 2, "d1": "x"}).value == [1, 2, "x"]
    assert model.evaluate("twice", {"n": 21}).value == 42
    assert model.evaluate("twice", {}).value is None


def test_the_type_of_a_service_names_the_types_of_its_parameters() -> None:
    body = COLOURS + (
        decision("a", literal('"never asked"'))
        + decision("out", literal("a"), "decision:a")
        + '<decisionService id="s" name="s"><variable name="s" typeRef="mix"/>'
        '<outputDecision href="#out"/><inputDecision href="#a"/></decisionService>'
    )
    model = dmn.parse(definitions(body))

    assert model.evaluate("s", {"a": "red"}).value == "red"
    assert model.evaluate("s", {"a": "left"}).value is None


LIBRARY = definitions(
    decision("rate", literal("base * 2"), "input:base")
    + input_data("base", "amount")
    + knowledge("plus", ["n"], literal("n + 1"))
    + '<itemDefinition name="amount"><typeRef>number</typeRef></itemDefinition>',
    own="urn:library",
)
IMPORT = '<import name="{}" namespace="urn:library" importType="{}"/>'.format(
    "{}", "https://www.omg.org/spec/DMN/20191111/MODEL/"
)


def test_an_import_without_a_name_is_as_if_it_stood_here() -> None:
    body = IMPORT.format("") + (
        decision("d", literal("plus(rate)"), "decision:rate", "knowledge:plus", type_ref="amount")
    )
    model = dmn.parse(definitions(body), {"urn:library": LIBRARY}, strict=True)

    assert model.evaluate("d", {"base": 20}).value == 41
    assert model.evaluate("rate", {"base": 20}).value == 40  # it can be asked itself
    assert model.evaluate("d", {"base": "no number"}).value is None


def test_what_is_here_hides_what_an_import_without_a_name_brings() -> None:
    body = IMPORT.format("") + (
        decision("d", literal("rate"), "decision:rate") + decision("rate", literal('"ours"'))
    )
    model = dmn.parse(definitions(body), {"urn:library": LIBRARY})

    assert model.evaluate("d", {}).value == "ours"
    assert model.evaluate("rate", {}).value == "ours"


def test_imports_without_a_name_are_handed_on() -> None:
    middle = definitions(IMPORT.format(""), own="urn:middle")
    outer = definitions(IMPORT.format("").replace("urn:library", "urn:middle"))

    model = dmn.parse(outer, {"urn:library": LIBRARY, "urn:middle": middle})

    assert model.evaluate("rate", {"base": 1}).value == 2


def test_a_model_that_imports_itself_is_only_itself() -> None:
    itself = IMPORT.format("").replace("urn:library", "urn:test")

    assert decide(itself + decision("d", literal("1")), {}).value == 1


BROKEN = [
    decision("d", literal("1 +")),
    decision("d", literal("{a: 1, a: 2}")),
    '<decision id="d" name="d"/>',
    decision(
        "d",
        '<functionDefinition kind="Java"><formalParameter name="a"/><context/>'
        "</functionDefinition>",
    ),
    decision("d", '<literalExpression typeRef="nobody"><text>1</text></literalExpression>'),
]


@pytest.mark.parametrize("body", BROKEN)
def test_what_cannot_be_read_is_null_and_told_and_the_rest_is_evaluated(body: str) -> None:
    document = definitions(body + decision("other", literal("2")))
    model = dmn.parse(document)
    result = model.evaluate("d", {})

    assert result.value is None
    assert codes(result) == ["unreadable"]
    assert len(model.faults) == 1
    assert model.evaluate("other", {}).value == 2
    with pytest.raises(DmnError):
        dmn.parse(document, strict=True)


@pytest.mark.parametrize("values", ["1==1", '("123", true)', "< <"])
def test_a_cell_that_cannot_be_read_fits_nothing(values: str) -> None:
    columns = [{"expression": "k", "values": values}]
    rows = [["null", '"none"'], ["1", '"one"']]
    model = dmn.parse(definitions(decision("d", table(columns, ["x"], rows))))

    assert model.evaluate("d", {"k": 1}).value == "none"
    assert len(model.faults) == 1


@pytest.mark.parametrize("values", ["-", ""])
def test_no_values_named_are_all_values_allowed(values: str) -> None:
    inputs = [{"expression": "k", "values": values}]
    outputs = [{"name": "x", "values": values}]

    assert decide(decision("d", table(inputs, outputs, [["1", '"one"']])), {"k": 1}).value == "one"


def test_a_variable_of_another_name_is_told_and_the_decision_keeps_its_own() -> None:
    body = '<decision id="d" name="d"><variable name="e"/>' + literal("1") + "</decision>"

    model = dmn.parse(definitions(body))

    assert model.evaluate("d", {}).value == 1
    assert "like its element" in model.faults[0].message
