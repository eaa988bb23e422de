"""Models that together hold every element and attribute of DMN that is run, with their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.unit.dmn.models import (
    DMN_13,
    decision,
    definitions,
    input_data,
    knowledge,
    literal,
    table,
)


@dataclass(frozen=True)
class Case:
    """`body` answers `expected` when its decision `d` is asked with `given`."""

    body: str
    expected: Any
    given: tuple[tuple[str, Any], ...] = ()


def typed(name: str, inside: str, attributes: str = "") -> str:
    return f'<itemDefinition name="{name}" {attributes}>{inside}</itemDefinition>'


def entry(name: str, logic: str, type_ref: str = "") -> str:
    reference = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<contextEntry><variable name="{name}"{reference}/>{logic}</contextEntry>'


def wrapped(tag: str, words: str, attributes: str = "") -> str:
    return f"<{tag} {attributes}>{literal(words)}</{tag}>"


def as_number(logic: str, type_ref: str = "number") -> str:
    """Give the logic a type that its value is not of, so that the type shows."""
    return logic.replace(">", f' typeRef="{type_ref}">', 1)


RANKED = table(
    [{"expression": "k", "values": "1, 2", "type": "number"}],
    [{"name": "x", "values": '"b", "a"', "default": '"none"'}],
    [["1", '"a"'], ["[1..2]", '"b"']],
    "OUTPUT ORDER",
)
SUMMED = table(["k"], ["x"], [["1", "2"], ["1", "3"]], "COLLECT", "SUM")
TWO_OUTPUTS = table(["k"], ["a", "b"], [["1", '"x"', '"y"']]).replace(
    '<output name="b">', '<output name="b" typeRef="number">'
)
NOTED = (
    '<decisionTable id="t"><input><inputExpression><text>k</text></inputExpression></input><output>'
    '</output><annotation name="source"/><rule><inputEntry><text>1</text></inputEntry><outputEntry>'
    "<text>9</text></outputEntry><annotationEntry><text>§48</text></annotationEntry></rule>"
    "</decisionTable>"
)
WORD = literal('"x"')
CONTEXT = f"<context>{entry('a', literal('1'))}{entry('b', literal('a + 1'))}</context>"
CALLEE = literal("twice")
ASKED = literal("k")
RELATION = (
    '<relation><column name="a"/><column name="b" typeRef="number"/><row>'
    f"{literal('1')}{literal('2')}</row><row>{literal('3')}{WORD}</row></relation>"
)
INVOKED = (
    f'<invocation>{CALLEE}<binding><parameter name="n" typeRef="number"/>{ASKED}'
    "</binding></invocation>"
)
LISTED = literal("[n]")
FUNCTION = f'<functionDefinition><formalParameter name="n" typeRef="number"/>{LISTED}'
SERVED = (
    input_data("i", "number")
    + decision("e", literal('"never asked"'))
    + decision("within", literal("i * 2"), "input:i")
    + decision("out", literal("[within, e]"), "decision:within", "decision:e")
    + '<decisionService id="s" name="s"><variable name="s" typeRef="answers"/><outputDecision '
    'href="#out"/><encapsulatedDecision href="#within"/><inputDecision href="#e"/><inputData '
    'href="#i"/></decisionService>'
    + typed(
        "answers",
        '<functionItem outputTypeRef="list"><parameters name="i" typeRef="small"/></functionItem>',
    )
    + typed("small", "<typeRef>number</typeRef><allowedValues><text>[0..9]</text></allowedValues>")
)
PERSON = typed(
    "person",
    '<itemComponent name="names" isCollection="true"><typeRef>string</typeRef><allowedValues><text>'
    '"a", "b"</text></allowedValues></itemComponent>',
)
PAIR = typed(
    "pair",
    "<typeRef>number</typeRef><typeConstraint><text>count(?) = 2</text></typeConstraint>",
    'isCollection="true"',
)
LIBRARY = definitions(
    decision("rate", literal("21")) + typed("amount", "<typeRef>number</typeRef>"),
    own="urn:library",
)
IMPORTED = f'<import name="lib" namespace="urn:library" locationURI="l.dmn" importType="{DMN_13}"/>'
K = (("k", 1),)

CASES: dict[str, Case] = {
    "literal": Case(decision("d", literal("k + 1"), "input:k") + input_data("k"), 2, K),
    "typed text": Case(decision("d", as_number(literal('"x"'))), None),
    "typed variable": Case(decision("d", literal('"x"'), type_ref="number"), None),
    "typed input": Case(
        decision("d", literal("k = null"), "input:k") + input_data("k", "number"),
        True,
        (("k", "x"),),
    ),
    "required": Case(decision("d", literal("e"), "decision:e") + decision("e", literal("1")), 1),
    "ranked": Case(decision("d", RANKED), ["b", "a"], K),
    "no allowed input": Case(decision("d", RANKED), ["none"], (("k", 3),)),
    "input that is not allowed": Case(
        decision("d", table([{"expression": "k", "values": "1, 2"}], ["x"], [["> 2", "1"]])),
        None,
        (("k", 3),),
    ),
    "own namespace": Case(
        decision("d", literal("e"), "decision:urn:test#e") + decision("e", literal("1")), 1
    ),
    "typed column": Case(
        decision("d", table([{"expression": "k", "type": "number"}], ["x"], [['"1"', "1"]])),
        None,
        (("k", "1"),),
    ),
    "summed": Case(decision("d", SUMMED), 5, K),
    "two outputs": Case(decision("d", TWO_OUTPUTS), {"a": "x", "b": None}, K),
    "noted": Case(decision("d", NOTED), 9, K),
    "typed table": Case(decision("d", NOTED.replace('id="t"', 'typeRef="string"')), None, K),
    "typed result": Case(
        decision("d", NOTED.replace("<outputEntry>", '<outputEntry typeRef="string">')), None, K
    ),
    "typed default": Case(
        decision(
            "d",
            table(["k"], [{"name": "x", "default": '"none"'}], [["2", "1"]]).replace(
                "<defaultOutputEntry>", '<defaultOutputEntry typeRef="number">'
            ),
        ),
        None,
        K,
    ),
    "context": Case(decision("d", CONTEXT), {"a": 1, "b": 2}),
    "typed context": Case(decision("d", as_number(CONTEXT)), None),
    "typed entry": Case(
        decision("d", f"<context>{entry('a', literal('1'), 'string')}</context>"), {"a": None}
    ),
    "list": Case(decision("d", f"<list>{literal('1')}{literal('2')}</list>"), [1, 2]),
    "typed list": Case(
        decision("d", as_number(f"<list>{literal('1')}{literal('2')}</list>")), None
    ),
    "relation": Case(decision("d", RELATION), [{"a": 1, "b": 2}, {"a": 3, "b": None}]),
    "typed relation": Case(decision("d", as_number(RELATION)), None),
    "invocation": Case(
        knowledge("twice", ["n"], literal("n * 2")) + decision("d", INVOKED, "knowledge:twice"),
        2,
        K,
    ),
    "typed argument": Case(
        knowledge("twice", ["n"], literal("n")) + decision("d", INVOKED, "knowledge:twice"),
        None,
        (("k", "x"),),
    ),
    "typed invocation": Case(
        knowledge("twice", ["n"], literal("n"))
        + decision("d", as_number(INVOKED, "string"), "knowledge:twice"),
        None,
        K,
    ),
    "function": Case(
        decision("d", literal('[f(2), f("x")]'), "decision:f")
        + decision("f", f"{FUNCTION}</functionDefinition>"),
        [[2], [None]],
    ),
    "typed function": Case(
        decision("d", literal("f(2)"), "decision:f")
        + decision("f", as_number(f"{FUNCTION}</functionDefinition>", "string")),
        None,
    ),
    "typed knowledge": Case(
        knowledge("twice", ["n"], literal("n * 2")).replace(
            "<encapsulatedLogic>", '<encapsulatedLogic typeRef="string">'
        )
        + decision("d", literal("twice(1)"), "knowledge:twice"),
        None,
    ),
    "service": Case(SERVED + decision("d", literal('s(2, "x")'), "knowledge:s"), [4, "x"]),
    "typed service": Case(SERVED + decision("d", literal("s(20, 1)"), "knowledge:s"), [None, 1]),
    "service of a type": Case(
        SERVED.replace('outputTypeRef="list"', 'outputTypeRef="string"')
        + decision("d", literal('s(2, "x")'), "knowledge:s"),
        None,
    ),
    "person": Case(PERSON + decision("d", literal('{names: ["a", "c"]}'), type_ref="person"), None),
    "names": Case(
        PERSON + decision("d", literal('{names: ["a", "b"]}'), type_ref="person"),
        {"names": ["a", "b"]},
    ),
    "numbers for names": Case(
        typed("p", '<itemComponent name="n"><typeRef>string</typeRef></itemComponent>')
        + decision("d", literal("{n: 1}"), type_ref="p"),
        None,
    ),
    "pair": Case(PAIR + decision("d", literal("[1, 2, 3]"), type_ref="pair"), None),
    "pair of two": Case(PAIR + decision("d", literal("[1, 2]"), type_ref="pair"), [1, 2]),
    "import": Case(
        IMPORTED + decision("d", literal("lib.rate * 2"), "decision:urn:library#rate"), 42
    ),
    "conditional": Case(
        decision(
            "d",
            "<conditional>"
            + wrapped("if", "k > 0")
            + wrapped("then", '"more"')
            + wrapped("else", '"less"')
            + "</conditional>",
        ),
        "more",
        K,
    ),
    "typed conditional": Case(
        decision(
            "d",
            '<conditional typeRef="number">'
            + wrapped("if", "k > 0")
            + wrapped("then", '"more"')
            + wrapped("else", "0")
            + "</conditional>",
        ),
        None,
        K,
    ),
    "typed if": Case(
        decision(
            "d",
            "<conditional>"
            + wrapped("if", "k > 0", 'typeRef="number"')
            + wrapped("then", "1", 'typeRef="number"')
            + wrapped("else", "0", 'typeRef="string"')
            + "</conditional>",
        ),
        None,
        K,
    ),
    "typed then": Case(
        decision(
            "d",
            "<conditional>"
            + wrapped("if", "k > 0")
            + wrapped("then", "1", 'typeRef="string"')
            + wrapped("else", "0")
            + "</conditional>",
        ),
        None,
        K,
    ),
    "for": Case(
        decision(
            "d",
            '<for iteratorVariable="x">'
            + wrapped("in", "[1, 2]")
            + wrapped("return", "x * 2")
            + "</for>",
        ),
        [2, 4],
    ),
    "typed for": Case(
        decision(
            "d",
            '<for iteratorVariable="x" typeRef="number">'
            + wrapped("in", "[1, 2]")
            + wrapped("return", "x")
            + "</for>",
        ),
        None,
    ),
    "typed in": Case(
        decision(
            "d",
            '<for iteratorVariable="x">'
            + wrapped("in", "[1, 2]", 'typeRef="number"')
            + wrapped("return", "x")
            + "</for>",
        ),
        [],
    ),
    "typed return": Case(
        decision(
            "d",
            '<for iteratorVariable="x">'
            + wrapped("in", "[1]")
            + wrapped("return", "x", 'typeRef="string"')
            + "</for>",
        ),
        [None],
    ),
}
for _tag, _answer in (("some", True), ("every", False)):
    CASES[_tag] = Case(
        decision(
            "d",
            f'<{_tag} iteratorVariable="x">'
            + wrapped("in", "[1, 2]")
            + wrapped("satisfies", "x > 1")
            + f"</{_tag}>",
        ),
        _answer,
    )
    CASES[f"typed {_tag}"] = Case(
        decision(
            "d",
            f'<{_tag} iteratorVariable="x" typeRef="number">'
            + wrapped("in", "[1, 2]")
            + wrapped("satisfies", "x > 1", 'typeRef="boolean"')
            + f"</{_tag}>",
        ),
        None,
    )
CASES["typed satisfies"] = Case(
    decision(
        "d",
        '<some iteratorVariable="x">'
        + wrapped("in", "[1, 2]")
        + wrapped("satisfies", "x > 1", 'typeRef="number"')
        + "</some>",
    ),
    None,
)
CASES["filter"] = Case(
    decision(
        "d", "<filter>" + wrapped("in", "[1, 2]") + wrapped("match", "item > 1") + "</filter>"
    ),
    [2],
)
CASES["typed filter"] = Case(
    decision(
        "d",
        '<filter typeRef="string">'
        + wrapped("in", "[1, 2]")
        + wrapped("match", "item > 1")
        + "</filter>",
    ),
    None,
)
CASES["typed match"] = Case(
    decision(
        "d",
        "<filter>"
        + wrapped("in", "[1, 2]")
        + wrapped("match", "item > 1", 'typeRef="number"')
        + "</filter>",
    ),
    [],
)
