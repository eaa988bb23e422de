"""Random and damaged FEEL, tried at every place where a text may stand.

Whatever the text and the data: an answer (null with a diagnostic is one) or a refusal by name.
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

from engine.bpmn import DefinitionRefused, compile_definition, start
from engine.bpmn.environment import Environment
from feel import FeelSyntaxError, compile_expression, compile_unary_tests, dmn
from feel.builtin_table import BUILTINS
from feel.dmn import DmnError
from feel.values import YearsMonths

ROOT = Path(__file__).resolve().parent.parent
NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
NAMES = ("a", "b", "days late", "戶籍 地址", "fee-code", "xs", "c", "f", "item", "case", "data")
_WORDS = (
    *("for", "in", "return", "if", "then", "else", "some", "every", "satisfies", "and", "or"),
    *("between", "instance", "of", "function", "external", "true", "false", "null", "not", "?"),
    *("+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "..", "...", ".", ",", ":", "->"),
    *("(", ")", "[", "]", "{", "}", "@", '"', "\\", "//", "/*", "*/", "\n", "\u3000", "，", "０"),
    *("1", "-1", "0", "1e400", ".5", "9" * 40, '"x"', '"\\uD83D"', '@"2026-03-02"', '@"P1Y"'),
    *('@"PT1S"', '@"08:00:00@Asia/Taipei"', '@"2026-03-02T08:00:00Z"', "list<number>", "date\x00"),
    *("__class__", "__import__", "\u202e", "\U0001f40e", "days and time duration", "partial"),
)
_TEXT = re.compile(r'(?:<text>|<conditionExpression[^>]*>|source="|<script>)([^<"]{1,300})')


class Writer:
    """Writes one random expression after another, half of them from a grammar that is right."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.found = sorted(_from_library())

    def text(self) -> str:
        kind = self.chance.random()
        if kind < 0.45:
            return self.expression(self.chance.randint(1, 5))
        if kind < 0.85:
            return self.damaged(
                self.expression(4) if kind < 0.6 else self.chance.choice(self.found)
            )
        if kind < 0.95:
            words = self.chance.choices(_WORDS, k=self.chance.randint(1, 12))
            return self.chance.choice(["", " "]).join(words)
        return self.huge()

    def huge(self) -> str:
        part = self.chance.choice(["(", "[", "{a:", "-", "1+", "not(", "a.", "[1][", "f("])
        return part * self.chance.choice([70, 250, 3000]) + "1"

    def damaged(self, text: str) -> str:
        for _ in range(self.chance.randint(1, 3)):
            at, to = sorted(self.chance.randint(0, len(text)) for _ in range(2))
            part = text[at:to]
            text = self.chance.choice(
                [
                    text[:at] + text[to:],
                    text[:at] + part * 2 + text[to:],
                    text[:at] + self.chance.choice(_WORDS) + text[at:],
                    text[:at] + self.chance.choice(self.found) + text[to:],
                    text[:at]
                    + chr(self.chance.choice([0, 9, 0x3000, 0xD7FF, 0x1F600]))
                    + text[at:],
                ]
            )
        return text[:19_000]

    def expression(self, depth: int) -> str:
        if depth <= 0:
            return self.chance.choice(
                ["1", "-2.5", '"x"', "null", "true", "[]", "{}", *NAMES, '@"2026-03-02"', '@"P1M"']
            )
        return self.chance.choice(_SHAPES)(self, depth - 1)

    def call(self, depth: int) -> str:
        builtin = self.chance.choice(sorted(BUILTINS))
        signature = self.chance.choice(BUILTINS[builtin].signatures)
        names = [parameter.name for parameter in signature.parameters]
        arguments = [self.expression(depth) for _ in names]
        if self.chance.random() < 0.2:
            arguments = [f"{n}: {a}" for n, a in zip(names, arguments, strict=True)]
        arguments = arguments[: self.chance.randint(0, len(arguments) + 1)] or arguments
        return f"{builtin}({', '.join(arguments)})"

    def values(self) -> dict[str, Any]:
        return {name: self.value(3) for name in NAMES if self.chance.random() < 0.8}

    def value(self, depth: int) -> Any:
        kind = self.chance.randint(0, 15 if depth else 11)
        if kind < len(_VALUES):
            return self.chance.choice(_VALUES)
        if kind < 14:
            return [self.value(depth - 1) for _ in range(self.chance.randint(0, 4))]
        return {name: self.value(depth - 1) for name in self.chance.sample(NAMES, 2)}


_VALUES: tuple[Any, ...] = (
    *(0, 1, -7, 2.5, float("nan"), Decimal("1e6100"), 10**500, True, None, "", "x", "戶", "9" * 50),
    *(dt.date(2026, 3, 2), dt.time(8), NOW, dt.timedelta(days=-1), YearsMonths(14), b"x", object()),
    *(
        dt.datetime.max.replace(tzinfo=dt.UTC),
        dt.date.min,
        range(3),
        (1, 2),
        {"k": 1, 2: 3},
        "a" * 5_000,
        [[]] * 9,
    ),
)


def _from_library() -> set[str]:
    """The texts of our own processes and tables."""
    files = [*ROOT.glob("bpmn/**/*.bpmn"), *ROOT.glob("bpmn/**/*.dmn")]
    texts = {found for file in files for found in _TEXT.findall(file.read_text(encoding="utf-8"))}
    return {text.strip() for text in texts} | {"1 + 1"}


def _shape(pattern: str) -> Callable[[Writer, int], str]:
    parts = pattern.split("_")
    return lambda writer, depth: "".join(
        part + (writer.expression(depth) if at < len(parts) - 1 else "")
        for at, part in enumerate(parts)
    )


_SHAPES: tuple[Callable[[Writer, int], str], ...] = (
    Writer.call,
    Writer.call,
    Writer.call,
    *map(
        _shape,
        (
            *(
                "_ + _",
                "_ - _",
                "_ * _",
                "_ / _",
                "_ ** _",
                "-_",
                "(_)",
                "_ = _",
                "_ < _",
                "_ >= _",
            ),
            *("_ and _", "_ or _", "_ between _ and _", "_ in (_, > _)", "_ in [_.._)", "(< _)"),
            *(
                "if _ then _ else _",
                "for x in _ return _",
                "for x in 1.._, y in _ return [x, y, _]",
            ),
            *("some x in _ satisfies _", "every x in _ satisfies x = _", "[_, _]", "{k: _, l: _}"),
            *("_[_]", "_[item > _]", "_.k", "_...k", "(function(x, y) _)(_, _)", "f(_)"),
            *("_ instance of number", "_ instance of list<context<a: string>>", "partial[_]"),
            *("sort(_, function(x, y) x < _)", "for i in 1..9 return partial", "replace(_, _, _)"),
            *('matches(_, "(a*)*$")', "string join(for i in 1..99 return _, _)", "[_][1][1][_]"),
        ),
    ),
)

# --- places ----------------------------------------------------------------------------------

Place = Callable[[str, Mapping[str, Any]], None]


def as_expression(text: str, given: Mapping[str, Any]) -> None:
    compile_expression(text, names=NAMES).evaluate(given)


def as_cell(text: str, given: Mapping[str, Any]) -> None:
    compile_unary_tests(text, names=NAMES).evaluate(given.get("a"), given)


_DMN = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="urn:f" name="f">'
    '{types}<inputData id="a" name="a"/><decision id="d" name="d">'
    '<informationRequirement><requiredInput href="#a"/></informationRequirement>{logic}</decision>'
    "</definitions>"
)
_TABLE = (
    "<decisionTable hitPolicy='COLLECT'><input><inputExpression><text>{0}</text></inputExpression>"
    "<inputValues><text>{1}</text></inputValues></input><output><outputValues><text>{2}</text>"
    "</outputValues><defaultOutputEntry><text>{3}</text></defaultOutputEntry></output><rule>"
    "<inputEntry><text>{4}</text></inputEntry><outputEntry><text>{5}</text></outputEntry></rule>"
    "</decisionTable>"
)
_LITERAL = "<literalExpression><text>{}</text></literalExpression>"
_LOOP = (
    f'<for iteratorVariable="x"><in>{_LITERAL}</in><return>{_LITERAL}</return></for>',
    f"<filter><in>{_LITERAL}</in><match>{_LITERAL}</match></filter>",
    f"<conditional><if>{_LITERAL}</if><then>{_LITERAL}</then><else>{_LITERAL}</else></conditional>",
    f'<context><contextEntry><variable name="k"/>{_LITERAL}</contextEntry></context>',
    f"<invocation>{_LITERAL}</invocation>",
)
_HARMLESS = ("a", "-", "-", "1", "-", "1")


def _in_model(logic: str, types: str = "") -> Place:
    def place(text: str, given: Mapping[str, Any]) -> None:
        word = _for_xml(text)
        filled = logic.replace("{}", word)
        document = _DMN.format(types=types.replace("{}", word), logic=filled)
        for strict in (False, True):
            dmn.parse(document.encode(), strict=strict).evaluate("d", given)

    return place


def _cell(column: int) -> str:
    return _TABLE.format(*("{}" if at == column else word for at, word in enumerate(_HARMLESS)))


def _for_xml(text: str) -> str:
    return escape(
        "".join(each for each in text if each >= " " and not "\ud800" <= each <= "\udfff")
    )


_TYPES = (
    '<itemDefinition name="t"><typeRef>Any</typeRef><{0}><text>{{}}</text></{0}></itemDefinition>'
)
_BPMN = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:hz="urn:huzheng:bpmn:1" targetNamespace="urn:f"><message id="m" name="M" {message}/>'
    '<process id="p" isExecutable="true"><startEvent id="s"/>{node}<endEvent id="e"/>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="x"/><sequenceFlow id="f2" sourceRef="x" '
    'targetRef="e">{condition}</sequenceFlow></process></definitions>'
)
_MANY = (
    '<task id="x"><multiInstanceLoopCharacteristics {0}>{1}</multiInstanceLoopCharacteristics>'
    "</task>"
)
_TIMER = (
    '<intermediateCatchEvent id="x"><timerEventDefinition><{0}>{{}}</{0}></timerEventDefinition>'
    "</intermediateCatchEvent>"
)
_MAPPED = (
    '<task id="x"><extensionElements><hz:{0} source="{{}}" target="t"/></extensionElements></task>'
)
_LOOPED = (
    '<task id="x"><standardLoopCharacteristics loopMaximum="3"><loopCondition>{}</loopCondition>'
    "</standardLoopCharacteristics></task>"
)
_NODES: Mapping[str, tuple[str, str, str]] = {
    # name → (node, condition on the flow behind it, attributes of the message)
    "flow condition": ('<task id="x"/>', "<conditionExpression>{}</conditionExpression>", ""),
    "script": (
        '<scriptTask id="x" scriptFormat="feel" hz:resultVariable="r"><script>{}</script>'
        "</scriptTask>",
        *("", ""),
    ),
    "input mapping": (
        _MAPPED.format("input"),
        *("", ""),
    ),
    "output mapping": (
        _MAPPED.format("output"),
        *("", ""),
    ),
    "collection": (_MANY.format('hz:collection="{}" hz:elementVariable="i"', ""), "", ""),
    "cardinality": (_MANY.format("", "<loopCardinality>{}</loopCardinality>"), "", ""),
    "completion condition": (
        _MANY.format(
            "",
            "<loopCardinality>2</loopCardinality><completionCondition>{}</completionCondition>",
        ),
        *("", ""),
    ),
    "loop condition": (
        _LOOPED,
        *("", ""),
    ),
    "timer date": (_TIMER.format("timeDate"), "", ""),
    "timer duration": (_TIMER.format("timeDuration"), "", ""),
    "timer cycle": (_TIMER.format("timeCycle"), "", ""),
    "condition event": (
        '<intermediateCatchEvent id="x"><conditionalEventDefinition><condition>{}</condition>'
        "</conditionalEventDefinition></intermediateCatchEvent>",
        *("", ""),
    ),
    "correlation key": (
        '<intermediateCatchEvent id="x"><messageEventDefinition messageRef="m"/>'
        "</intermediateCatchEvent>",
        "",
        'hz:correlationKey="{}"',
    ),
    "data association": (
        '<dataObject id="o" name="o"/><task id="x"><ioSpecification><dataInput id="i" name="t"/>'
        "<inputSet><dataInputRefs>i</dataInputRefs></inputSet><outputSet/></ioSpecification>"
        "<dataInputAssociation><sourceRef>o</sourceRef><targetRef>i</targetRef>"
        "<transformation>{}</transformation></dataInputAssociation></task>",
        *("", ""),
    ),
}


def _in_diagram(parts: tuple[str, str, str]) -> Place:
    def place(text: str, given: Mapping[str, Any]) -> None:
        node, condition, message = (part.replace("{}", _for_xml(text)) for part in parts)
        xml = _BPMN.format(node=node, condition=condition, message=message)
        definition = compile_definition(xml.encode())
        # What is no value of FEEL is refused by name at the door, before any expression.
        safe = {name: value for name, value in given.items() if name in ("a", "b", "xs")}
        start(definition, safe, NOW, Environment(step_budget=60))

    return place


PLACES: dict[str, Place] = {
    "expression": as_expression,
    "cell": as_cell,
    "DMN literal": _in_model(_LITERAL),
    **{
        f"DMN table: {name}": _in_model(_cell(column))
        for column, name in enumerate(
            ("input", "input values", "output values", "default", "condition", "result")
        )
    },
    **{f"DMN boxed {at}": _in_model(logic) for at, logic in enumerate(_LOOP, start=1)},
    "DMN allowed values": _in_model(_LITERAL, _TYPES.format("allowedValues")),
    "DMN type constraint": _in_model(_LITERAL, _TYPES.format("typeConstraint")),
    **{f"BPMN {name}": _in_diagram(parts) for name, parts in _NODES.items()},
}
REFUSALS = (FeelSyntaxError, DmnError, DefinitionRefused, ValueError)
"""ValueError: a given value that is no variable is refused at the door (BadValues)."""
