"""Decision tables of a DMN file as rows and cells, read and changed in place.

Only the cells, rows and headings that an analyst changes are written; the rest of the file, what
other tools put there included, stays byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine import xml_edits as xml
from engine.errors import NotFound, Rejected
from engine.xml_edits import Node

HIT_POLICIES = (
    "UNIQUE",
    "FIRST",
    "ANY",
    "PRIORITY",
    "COLLECT",
    "RULE ORDER",
    "OUTPUT ORDER",
)
_ENTRIES = {"input": "inputEntry", "output": "outputEntry", "annotation": "annotationEntry"}
MAX_RULES = 500
_NAMES = ("rule", "input", "output", "expr", "entry")

Where = Literal["up", "down", "copy", "delete"]


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is input, output or annotation. `text` is an input's expression, else the name."""

    kind: str
    text: str
    label: str
    type: str


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    description: str
    cells: tuple[str, ...]  # one for each column
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    decision: str  # its id
    name: str
    hit_policy: str
    aggregation: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]


def tables(content: bytes, where: str = "table") -> list[Table]:
    """The decisions of the file that are tables. Raises PackageError for what is not XML."""
    root = xml.read(content, where)
    return [
        _table(decision, table)
        for decision in root.named("decision")
        for table in decision.named("decisionTable")
    ]


def set_cells(content: bytes, decision: str, cells: Mapping[tuple[int, int], str]) -> bytes:
    """The file with cells (row, column; from 0) changed. Raises NotFound."""
    for (row, column), text in _differing(content, decision, cells).items():
        table = _found(content, decision)
        rule, kinds = _rule(table, row), _kinds(table)
        if column >= len(kinds):
            raise NotFound("table.no_column", f"There is no column {column + 1} in the table")
        kind = kinds[column]
        place = kinds[:column].count(kind)
        entries = rule.named(_ENTRIES[kind])
        if place >= len(entries):  # annotations may be left out
            content = _add_entries(content, rule, kind, place - len(entries) + 1)
            rule = _rule(_found(content, decision), row)
            entries = rule.named(_ENTRIES[kind])
        content = _write(content, entries[place], text.strip())
    return content


def _differing(
    content: bytes, decision: str, cells: Mapping[tuple[int, int], str]
) -> dict[tuple[int, int], str]:
    """Those of the cells that would change: every change reads the file anew."""
    table = _found(content, decision)
    known = [_read_rule(rule, _kinds(table)).cells for rule in table.named("rule")]
    return {
        (row, column): text
        for (row, column), text in cells.items()
        if row >= len(known) or column >= len(known[row]) or known[row][column] != text.strip()
    }


def set_heading(content: bytes, decision: str, column: int, text: str, label: str) -> bytes:
    """The file with a column's expression (or name) and label changed."""
    table = _found(content, decision)
    kinds = _kinds(table)
    node = _heads(table)[column]
    if kinds[column] == "input":
        expression = node.first("inputExpression")
        if expression is not None and _entry_text(expression) != text.strip():
            content = _write(content, expression, text.strip())
    elif text.strip() and node.attributes.get("name", "") != text.strip():
        content = xml.set_attribute(content, node, "name", text.strip())
    node = _heads(_found(content, decision))[column]
    if kinds[column] != "annotation" and node.attributes.get("label", "") != label.strip():
        content = xml.set_attribute(content, node, "label", label.strip() or None)
    return content


def set_hit_policy(content: bytes, decision: str, policy: str) -> bytes:
    """The file with another hit policy. Raises Rejected for one there is not."""
    if policy not in HIT_POLICIES:
        raise Rejected("table.hit_policy", f"There is no hit policy {policy[:20]!r}")
    table = _found(content, decision)
    if table.attributes.get("hitPolicy", "UNIQUE") == policy:
        return content
    return xml.set_attribute(content, table, "hitPolicy", policy)


def change_rule(content: bytes, decision: str, row: int, where: Where) -> bytes:
    """The file with a rule moved, copied below itself, or taken out."""
    table = _found(content, decision)
    rules = table.named("rule")
    rule = _rule(table, row)
    match where:
        case "delete":
            return xml.remove(content, rule)
        case "copy":
            if len(rules) >= MAX_RULES:
                raise Rejected("table.too_many", f"A table has at most {MAX_RULES} rules")
            start, end = xml.whole_lines(content, rule)
            return xml.replace(content, (end, end, _anew(content, content[start:end])))
        case _:
            other = row - 1 if where == "up" else row + 1
            if not 0 <= other < len(rules):
                return content
            first, second = rules[min(row, other)], rules[max(row, other)]
            a, b = content[first.start : first.end], content[second.start : second.end]
            return xml.replace(content, (first.start, first.end, b), (second.start, second.end, a))


def add_rule(content: bytes, decision: str) -> bytes:
    """The file with an empty rule below the others: any input, no output yet."""
    table = _found(content, decision)
    if len(table.named("rule")) >= MAX_RULES:
        raise Rejected("table.too_many", f"A table has at most {MAX_RULES} rules")
    prefix, last = xml.prefix_of(table), table.children[-1]
    step = xml.indent(content, last)
    number = _free_number(content)
    body = [f'<{prefix}rule id="rule_{number}">']
    for kind in _kinds(table):
        text = "-" if kind == "input" else ("null" if kind == "output" else "")
        tag = f"{prefix}{_ENTRIES[kind]}"
        told = "" if kind == "annotation" else f' id="rule_{number}_{len(body)}"'
        body.append(f"  <{tag}{told}><{prefix}text>{text}</{prefix}text></{tag}>")
    body.append(f"</{prefix}rule>")
    lines = b"".join(b"\n" + step + line.encode() for line in body)
    return xml.replace(content, (last.end, last.end, lines))


def add_column(content: bytes, decision: str, kind: str, text: str) -> bytes:
    """The file with one more column, open in every rule."""
    if kind not in _ENTRIES or not text.strip():
        raise Rejected("table.column", "Say what the column reads or gives")
    table = _found(content, decision)
    number, prefix = _free_number(content), xml.prefix_of(table)
    heads = [n for n, k in zip(_heads(table), _kinds(table), strict=True) if k == kind]
    after = heads[-1] if heads else (table.named("output") or table.named("input"))[-1]
    spans = [(after.end, after.end, _head(content, after, prefix, kind, (text.strip(), number)))]
    empty = {"input": "-", "output": "null", "annotation": ""}[kind]
    for index, rule in enumerate(table.named("rule")):
        entries = rule.named(_ENTRIES[kind]) or rule.children
        last = entries[-1]
        tag = f"{prefix}{_ENTRIES[kind]}"
        told = "" if kind == "annotation" else f' id="entry_{number}_{index}"'
        line = f"<{tag}{told}><{prefix}text>{empty}</{prefix}text></{tag}>"
        spans.append((last.end, last.end, b"\n" + xml.indent(content, last) + line.encode()))
    return xml.replace(content, *spans)


# --- below --------------------------------------------------------------------------------------


def _table(decision: Node, table: Node) -> Table:
    return Table(
        decision=decision.attributes.get("id", ""),
        name=decision.attributes.get("name", ""),
        hit_policy=table.attributes.get("hitPolicy", "UNIQUE"),
        aggregation=table.attributes.get("aggregation", ""),
        columns=tuple(
            _column(node, kind) for node, kind in zip(_heads(table), _kinds(table), strict=True)
        ),
        rules=tuple(_read_rule(rule, _kinds(table)) for rule in table.named("rule")),
    )


def _heads(table: Node) -> list[Node]:
    return [*table.named("input"), *table.named("output"), *table.named("annotation")]


def _kinds(table: Node) -> list[str]:
    return [node.name for node in _heads(table)]


def _column(node: Node, kind: str) -> Column:
    expression = node.first("inputExpression")
    if kind == "input":
        text = _entry_text(expression) if expression else ""
        kind_of_value = expression.attributes.get("typeRef", "") if expression else ""
    else:
        text, kind_of_value = node.attributes.get("name", ""), node.attributes.get("typeRef", "")
    return Column(kind, text, node.attributes.get("label", ""), kind_of_value)


def _read_rule(rule: Node, kinds: list[str]) -> Rule:
    entries = {kind: rule.named(name) for kind, name in _ENTRIES.items()}
    cells, at = [], dict.fromkeys(_ENTRIES, 0)
    for kind in kinds:
        found = entries[kind]
        cells.append(_entry_text(found[at[kind]]) if at[kind] < len(found) else "")
        at[kind] += 1
    description = rule.first("description")
    told = description.text.strip() if description else ""
    return Rule(rule.attributes.get("id", ""), told, tuple(cells), rule.line)


def _entry_text(node: Node) -> str:
    text = node.first("text")
    return "" if text is None else text.text.strip()


def _write(content: bytes, entry: Node, text: str) -> bytes:
    node = entry.first("text")
    if node is not None:
        return xml.set_text(content, node, text)
    prefix = xml.prefix_of(entry)
    told = f"<{prefix}text>{xml.escaped(text)}</{prefix}text>".encode()
    return xml.replace(content, (entry.inner, entry.after, told))


def _add_entries(content: bytes, rule: Node, kind: str, missing: int) -> bytes:
    prefix, last = xml.prefix_of(rule), rule.children[-1]
    tag = f"{prefix}{_ENTRIES[kind]}"
    line = f"<{tag}><{prefix}text></{prefix}text></{tag}>".encode()
    step = b"\n" + xml.indent(content, last)
    return xml.replace(content, (last.end, last.end, (step + line) * missing))


def _head(content: bytes, after: Node, prefix: str, kind: str, told: tuple[str, int]) -> bytes:
    text, number = told
    step = b"\n" + xml.indent(content, after)
    if kind == "input":
        line = (
            f'<{prefix}input id="input_{number}"><{prefix}inputExpression id="expr_{number}">'
            f"<{prefix}text>{xml.escaped(text)}</{prefix}text></{prefix}inputExpression>"
            f"</{prefix}input>"
        )
    elif kind == "output":
        line = f'<{prefix}output id="output_{number}" name={xml.quoted(text)} />'
    else:
        line = f"<{prefix}annotation name={xml.quoted(text)} />"
    return step + line.encode()


def _found(content: bytes, decision: str) -> Node:
    for node in xml.read(content, "table").named("decision"):
        table = node.first("decisionTable")
        if node.attributes.get("id") == decision and table is not None:
            return table
    raise NotFound("table.not_found", f"There is no decision table {decision}")


def _rule(table: Node, row: int) -> Node:
    rules = table.named("rule")
    if not 0 <= row < len(rules):
        raise NotFound("table.no_rule", f"There is no rule {row + 1} in the table")
    return rules[row]


def _ids(content: bytes) -> set[str]:
    return {node.attributes.get("id", "") for node in xml.read(content).walk()}


def _free_number(content: bytes) -> int:
    known, number = _ids(content), 1
    while any(each.startswith(tuple(f"{n}_{number}" for n in _NAMES)) for each in known):
        number += 1
    return number


def _anew(content: bytes, copied: bytes) -> bytes:
    """The copy of a rule with ids of its own."""
    number = _free_number(content)
    rule = xml.read(copied.strip())
    fresh = copied.strip()
    nodes = [node for node in rule.walk() if node.attributes.get("id")]
    for index, node in reversed(list(enumerate(nodes))):
        new = f"rule_{number}" if node is rule else f"rule_{number}_{index}"
        fresh = xml.set_attribute(fresh, node, "id", new)
    return copied.replace(copied.strip(), fresh)
