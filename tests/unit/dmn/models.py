"""Builds small DMN documents for tests, so that a test shows only what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from feel import dmn

DMN_13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"

Column = str | Mapping[str, str]


def definitions(body: str, *, namespace: str = DMN_13, own: str = "urn:test") -> bytes:
    """Return a document around `body`."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<definitions xmlns="{namespace}" id="model" name="model" namespace="{own}">'
        f"{body}</definitions>"
    ).encode()


def text(words: str) -> str:
    return f"<text>{escape(words, quote=False)}</text>"


def literal(words: str) -> str:
    return f"<literalExpression>{text(words)}</literalExpression>"


def decision(name: str, logic: str, *requires: str, type_ref: str = "") -> str:
    """Return a decision; `requires` are ids, with the kind before them: `decision:a`, `input:b`,
    `knowledge:c`."""
    variable = f'<variable name="{name}" typeRef="{type_ref}"/>' if type_ref else ""
    arrows = "".join(_arrow(*required.split(":", 1)) for required in requires)
    return f'<decision id="{name}" name="{name}">{variable}{arrows}{logic}</decision>'


def _arrow(kind: str, target: str) -> str:
    if "#" not in target:
        target = f"#{target}"
    if kind == "knowledge":
        inner = f'<requiredKnowledge href="{target}"/>'
        return f"<knowledgeRequirement>{inner}</knowledgeRequirement>"
    inner = f'<required{kind.capitalize()} href="{target}"/>'
    return f"<informationRequirement>{inner}</informationRequirement>"


def input_data(name: str, type_ref: str = "") -> str:
    reference = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<inputData id="{name}" name="{name}"><variable name="{name}"{reference}/></inputData>'


def knowledge(name: str, parameters: Sequence[str], logic: str, *requires: str) -> str:
    formal = "".join(f'<formalParameter name="{parameter}"/>' for parameter in parameters)
    arrows = "".join(_arrow(*required.split(":", 1)) for required in requires)
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}">'
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>{arrows}</businessKnowledgeModel>"
    )


def table(
    inputs: Sequence[Column],
    outputs: Sequence[Column],
    rows: Sequence[Sequence[str]],
    policy: str = "UNIQUE",
    aggregation: str = "",
) -> str:
    """Return a decision table; a row holds its conditions, then its results.

    An input is an expression or {"expression", "values", "type"}, an output a name or {"name",
    "values", "default", "type"}.
    """
    aggregate = f' aggregation="{aggregation}"' if aggregation else ""
    rules = "".join(_row(at, row, len(inputs)) for at, row in enumerate(rows, start=1))
    return (
        f'<decisionTable id="table" hitPolicy="{policy}"{aggregate}>'
        + "".join(_input(column) for column in inputs)
        + "".join(_output(column) for column in outputs)
        + f"{rules}</decisionTable>"
    )


def _input(column: Column) -> str:
    column = {"expression": column} if isinstance(column, str) else column
    reference = f' typeRef="{column["type"]}"' if "type" in column else ""
    values = f"<inputValues>{text(column['values'])}</inputValues>" if "values" in column else ""
    expression = f"<inputExpression{reference}>{text(column['expression'])}</inputExpression>"
    return f"<input>{expression}{values}</input>"


def _output(column: Column) -> str:
    column = {"name": column} if isinstance(column, str) else column
    reference = f' typeRef="{column["type"]}"' if "type" in column else ""
    values = f"<outputValues>{text(column['values'])}</outputValues>" if "values" in column else ""
    default = ""
    if "default" in column:
        default = f"<defaultOutputEntry>{text(column['default'])}</defaultOutputEntry>"
    return f'<output name="{column["name"]}"{reference}>{values}{default}</output>'


def _row(at: int, row: Sequence[str], inputs: int) -> str:
    conditions = "".join(f"<inputEntry>{text(cell)}</inputEntry>" for cell in row[:inputs])
    results = "".join(f"<outputEntry>{text(cell)}</outputEntry>" for cell in row[inputs:])
    return f'<rule id="rule{at}">{conditions}{results}</rule>'


def decide(body: str, inputs: Mapping[str, Any], decided: str = "d") -> dmn.DecisionResult:
    """Evaluate the decision `d` of a document around `body`, read strictly."""
    return dmn.parse(definitions(body), strict=True).evaluate(decided, inputs)


def codes(result: dmn.DecisionResult) -> list[str]:
    return [str(found.code) for found in result.diagnostics]


def rows(result: dmn.DecisionResult) -> list[int]:
    """Return the rows used by the last table."""
    return [rule.row for rule in result.tables[-1].rules]
