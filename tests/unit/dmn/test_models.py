"""Requirement graphs, boxed expressions, types, imports and services."""

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


def entry(name: str, logic: str) -> str:
    variable = f'<variable name="{name}"/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def test_a_decision_uses_another() -> None:
    body = (
        input_data("days", "number")
        + decision("late", literal("days > 30"), "input:days", type_ref="boolean")
        + decision("d", literal('if late then "fine" else "none"'), "decision:late")
    )

    result = decide(body, {"days": 31})

    assert result.value == "fine"
    assert result.decisions == {"late": True, "d": "fine"}
    assert dmn.parse(definitions(body)).input_names("d") == {"days"}


def test_a_decision_shared_by_two_is_run_once() -> None:
    base = decision("base", table(["n"], ["x"], [["-", "n + 1"]]))
    body = (
        base
        + decision("a", literal("base * 2"), "decision:base")
        + decision("b", literal("base * 3"), "decision:base")
        + decision("d", literal("a + b"), "decision:a", "decision:b")
    )

    result = decide(body, {"n": 1})

    assert result.value == 10
    assert len(result.tables) == 1


def test_a_long_chain_of_decisions_is_no_recursion() -> None:
    body = decision("d0", literal("1")) + "".join(
        decision(f"d{at}", literal(f"d{at - 1} + 1"), f"decision:d{at - 1}")
        for at in range(1, 2000)
    )

    assert decide(body, {}, "d1999").value == 2000


def test_a_circle_is_refused() -> None:
    body = decision("a", literal("b"), "decision:b") + decision("b", literal("a"), "decision:a")

    with pytest.raises(DmnError, match="not to require itself"):
        decide(body, {}, "a")


def test_knowledge_is_a_function_of_its_parameters() -> None:
    body = (
        knowledge("half", ["n"], literal("n / 2"))
        + knowledge("quarter of", ["n"], literal("half(half(n))"), "knowledge:half")
        + decision(
            "d", literal("quarter of(n: 8) + half(2)"), "knowledge:half", "knowledge:quarter of"
        )
    )

    assert decide(body, {}).value == 3


def test_knowledge_sees_no_inputs() -> None:
    body = knowledge("f", ["n"], literal("n + secret")) + decision(
        "d", literal("f(1)"), "knowledge:f"
    )

    assert codes(decide(body, {"secret": 1})) == ["unknown-name", "null-operand"]


def test_knowledge_may_be_a_table_and_is_recorded() -> None:
    rate = table(["kind"], ["fee"], [['"a"', "100"], ['"b"', "200"]])
    body = knowledge("rate", ["kind"], rate) + decision(
        "d", literal('[rate("a"), rate("b")]'), "knowledge:rate"
    )

    result = decide(body, {})

    assert result.value == [100, 200]
    assert [use.rules[0].row for use in result.tables] == [1, 2]
    assert result.tables[0].decision == "rate"


def test_recursion_without_end_is_a_diagnostic() -> None:
    body = knowledge("f", ["n"], literal("f(n + 1)")) + decision(
        "d", literal("f(1)"), "knowledge:f"
    )

    result = decide(body, {})

    assert result.value is None
    assert codes(result)[0] == "budget"


def test_an_invocation_binds_arguments_by_name() -> None:
    call = (
        f"<invocation>{literal('minus')}"
        f'<binding><parameter name="b"/>{literal("1")}</binding>'
        f'<binding><parameter name="a"/>{literal("x * 10")}</binding></invocation>'
    )
    body = knowledge("minus", ["a", "b"], literal("a - b")) + decision("d", call, "knowledge:minus")

    assert decide(body, {"x": 2}).value == 19
    wrong = body.replace('parameter name="b"', 'parameter name="c"')
    assert codes(decide(wrong, {"x": 2})) == ["bad-argument"]


def test_a_context_builds_up_and_may_end_in_a_result() -> None:
    entries = entry("base fee", literal("100")) + entry("total", literal("base fee * n"))

    assert decide(decision("d", f"<context>{entries}</context>"), {"n": 2}).value == {
        "base fee": 100,
        "total": 200,
    }
    result = entries + entry("", literal("total + 1"))
    assert decide(decision("d", f"<context>{result}</context>"), {"n": 2}).value == 201


def test_a_context_may_define_functions() -> None:
    definition = (
        '<functionDefinition><formalParameter name="n" typeRef="number"/>'
        f"{literal('if n < 2 then 1 else n * f(n - 1)')}</functionDefinition>"
    )
    body = f"<context>{entry('f', definition)}{entry('', literal('f(5)'))}</context>"

    assert decide(decision("d", body), {}).value == 120
    wrong = body.replace("f(5)", 'f("x")')
    assert "wrong-type" in codes(decide(decision("d", wrong), {}))


def test_lists_and_relations_hold_values() -> None:
    relation = (
        '<relation><column name="code"/><column name="fee"/>'
        f"<row>{literal('1')}{literal('100')}</row><row>{literal('2')}{literal('n')}</row></relation>"
    )

    assert decide(decision("d", relation), {"n": 5}).value == [
        {"code": 1, "fee": 100},
        {"code": 2, "fee": 5},
    ]
    assert decide(decision("d", f"<list>{literal('1')}{literal('n')}</list>"), {"n": 2}).value == [
        1,
        2,
    ]


BOXED: list[tuple[str, Any]] = [
    (
        f"<conditional><if>{literal('n > 1')}</if><then>{literal('1')}</then>"
        f"<else>{literal('2')}</else></conditional>",
        1,
    ),
    (
        f'<for iteratorVariable="x"><in>{literal("[1, 2]")}</in>'
        f"<return>{literal('x * n + count(partial)')}</return></for>",
        [3, 7],
    ),
    (
        f'<some iteratorVariable="x"><in>{literal("[1..3]")}</in>'
        f"<satisfies>{literal('x = n')}</satisfies></some>",
        True,
    ),
    (
        f'<every iteratorVariable="x"><in>{literal("[1, 2]")}</in>'
        f"<satisfies>{literal('x > 1')}</satisfies></every>",
        False,
    ),
    (
        f"<filter><in>{literal('[{a: 1}, {a: 5}]')}</in>"
        f"<match>{literal('a > n and item.a > n')}</match></filter>",
        [{"a": 5}],
    ),
]


@pytest.mark.parametrize(("logic", "expected"), BOXED)
def test_boxed_control_has_its_value(logic: str, expected: Any) -> None:
    assert decide(decision("d", logic), {"n": 3}).value == expected


ITEMS = (
    '<itemDefinition name="kind"><typeRef>string</typeRef>'
    '<allowedValues><text>"a", "b"</text></allowedValues></itemDefinition>'
    '<itemDefinition name="kinds" isCollection="true"><typeRef>kind</typeRef></itemDefinition>'
    '<itemDefinition name="person"><itemComponent name="full name"><typeRef>string</typeRef>'
    '</itemComponent><itemComponent name="kind"><typeRef>kind</typeRef></itemComponent>'
    "</itemDefinition>"
)


@pytest.mark.parametrize(
    ("type_ref", "given", "value", "found"),
    [
        ("kind", "a", "a", []),
        ("kind", "z", None, ["wrong-type"]),
        ("kind", 1, None, ["wrong-type"]),
        ("kind", None, None, []),
        ("kind", ["a"], "a", []),
        ("kinds", ["a", "b"], ["a", "b"], []),
        ("kinds", "a", ["a"], []),
        ("kinds", ["a", "z"], None, ["wrong-type"]),
        ("person", {"full name": "x", "kind": "a"}, {"full name": "x", "kind": "a"}, []),
        ("person", {"full name": "x", "kind": "z"}, None, ["wrong-type"]),
        ("person", {"full name": "x"}, None, ["wrong-type"]),
        ("integer", 1, 1, []),
        ("feel:string", "x", "x", []),
        ("Any", [1], [1], []),
        (
            "date and time",
            dt.date(2026, 3, 2),
            dt.datetime(2026, 3, 2, tzinfo=dt.UTC),
            [],
        ),
    ],
)
def test_inputs_are_checked_against_their_type(
    type_ref: str, given: Any, value: Any, found: list[str]
) -> None:
    body = ITEMS + input_data("x", type_ref) + decision("d", literal("x"), "input:x")

    result = decide(body, {"x": given})

    assert result.value == value
    assert codes(result) == found


TYPED: list[tuple[str, str, Any]] = [
    # typeRef of the expression, its text, its value: every expression may have a type of its own
    ("number", "5 + 5", 10),
    ("number", '"x"', None),
    ("numbers", "10", [10]),
    ("numbers", '"x"', None),
    ("number", "[10]", 10),
    ("number", '["x"]', None),
]
NUMBERS = (
    '<itemDefinition name="numbers" isCollection="true"><typeRef>number</typeRef>'
    '</itemDefinition><itemDefinition name="gives number">'
    '<functionItem outputTypeRef="number"/></itemDefinition>'
    '<itemDefinition name="few" isCollection="true"><typeRef>number</typeRef>'
    "<typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>"
)


@pytest.mark.parametrize(("type_ref", "words", "value"), TYPED)
def test_an_expression_gives_what_its_type_says(type_ref: str, words: str, value: Any) -> None:
    typed = literal(words).replace("Expression>", f'Expression typeRef="{type_ref}">', 1)
    places = [
        decision("d", typed),
        decision("d", f"<context>{entry('', typed)}</context>"),
        decision("d", f"<list>{typed}</list>") + decision("e", literal("d[1]"), "decision:d"),
        knowledge("f", [], typed) + decision("d", literal("f()"), "knowledge:f"),
        decision("d", table(["1"], [{"name": "x", "type": type_ref}], [["-", words]])),
    ]
    for place in places:
        result = decide(NUMBERS + place, {})
        assert result.value in (value, [value])
        assert codes(result) == ([] if value is not None else ["wrong-type"])


@pytest.mark.parametrize("type_ref", ["gives number", "number"])
def test_functions_give_what_their_type_says(type_ref: str) -> None:
    model = knowledge("f", ["n"], literal("n")).replace(
        "<encapsulatedLogic>", f'<variable name="f" typeRef="{type_ref}"/><encapsulatedLogic>'
    )
    body = NUMBERS + model + decision("d", literal('[f(1), f([2]), f("x")]'), "knowledge:f")

    result = decide(body, {})

    assert result.value == [1, 2, None]
    assert codes(result) == ["wrong-type"]


def test_a_constraint_is_about_the_whole_list() -> None:
    body = NUMBERS + input_data("x", "few") + decision("d", literal("x"), "input:x")

    assert decide(body, {"x": [1, 2]}).value == [1, 2]
    assert codes(decide(body, {"x": [1, 2, 3]})) == ["wrong-type"]


def test_columns_and_arguments_have_types() -> None:
    relation = f'<relation><column name="a" typeRef="string"/><row>{literal("1")}</row></relation>'
    assert codes(decide(decision("d", relation), {})) == ["wrong-type"]
    call = (
        f'<invocation>{literal("f")}<binding><parameter name="n" typeRef="string"/>'
        f"{literal('1')}</binding></invocation>"
    )
    body = knowledge("f", ["n"], literal("n")) + decision("d", call, "knowledge:f")
    assert codes(decide(body, {})) == ["wrong-type"]


def test_components_with_blanks_are_names() -> None:
    body = ITEMS + input_data("p", "person") + decision("d", literal("p.full name"), "input:p")

    assert decide(body, {"p": {"full name": "x", "kind": "a"}}).value == "x"


def test_types_of_the_model_may_be_asked_for() -> None:
    body = ITEMS + decision("d", literal('["a" instance of kind, "z" instance of kind]'))

    # The allowed values of `kind` are a constraint, not part of the type.
    assert decide(body, {}).value == [True, True]


@pytest.mark.parametrize(
    "items",
    [
        '<itemDefinition name="a"><typeRef>b</typeRef></itemDefinition>'
        '<itemDefinition name="b"><typeRef>a</typeRef></itemDefinition>',
        '<itemDefinition name="a"><typeRef>nobody</typeRef></itemDefinition>',
        '<itemDefinition name="a"/><itemDefinition name="a"/>',
    ],
)
def test_types_that_mean_nothing_are_refused(items: str) -> None:
    with pytest.raises(DmnError):
        decide(items + decision("d", literal("1")), {})


LIBRARY = definitions(
    ITEMS
    + input_data("n", "number")
    + decision("double", literal("n * 2"), "input:n")
    + knowledge("half of", ["n"], literal("n / 2")),
    own="urn:library",
)
IMPORT = (
    '<import name="lib" namespace="urn:library" locationURI="library.dmn" '
    'importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
)
IMPORTING = definitions(
    IMPORT
    + decision(
        "d",
        literal('lib.double + lib.half of(4) + (if "a" instance of lib.kind then 100 else 0)'),
        "decision:urn:library#double",
        "knowledge:urn:library#half of",
    )
)


@pytest.mark.parametrize("key", ["library.dmn", "urn:library", "lib"])
@pytest.mark.parametrize("given", [LIBRARY, dmn.parse(LIBRARY)])
def test_an_import_is_found_by_its_place_namespace_or_name(key: str, given: Any) -> None:
    model = dmn.parse(IMPORTING, {key: given})

    assert model.evaluate("d", {"n": 5}).value == 112
    assert model.input_names("d") == {"n"}


def test_an_import_that_is_missing_is_refused() -> None:
    with pytest.raises(DmnError, match="'lib' to be given"):
        dmn.parse(IMPORTING)


SERVICE = (
    input_data("n", "number")
    + decision("base", literal("n + 1"), "input:n")
    + decision("out", literal("base * 10"), "decision:base")
    + '<decisionService id="s" name="s"><outputDecision href="#out"/>{}</decisionService>'
)


def test_a_service_runs_its_decisions() -> None:
    whole = SERVICE.format('<encapsulatedDecision href="#base"/><inputData href="#n"/>')

    assert decide(whole, {"n": 1}, "s").value == 20
    called = whole + decision("d", literal("s(4)"), "knowledge:s")
    assert decide(called, {}).value == 50


def test_a_service_takes_decisions_as_inputs() -> None:
    part = SERVICE.format('<inputDecision href="#base"/>')

    assert decide(part, {"base": 7}, "s").value == 70
    assert codes(decide(part, {}, "s")) == ["missing-input", "null-operand"]


def test_functions_from_outside_are_known_to_every_text() -> None:
    model = dmn.parse(definitions(decision("d", literal("plus(1)"))))

    assert model.evaluate("d", {}, functions={"plus": lambda n: n + 1}).value == 2
    assert codes(model.evaluate("d", {})) == ["no-such-function"]


def test_an_unknown_decision_is_refused_with_those_there_are() -> None:
    with pytest.raises(DmnError, match="Expected one of the decisions d, but got 'e'"):
        decide(decision("d", literal("1")), {}, "e")
