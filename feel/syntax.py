"""The syntax tree of FEEL. Every node knows its place in the text (`at`)."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from feel.errors import Position


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    at: Position


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Node):
    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Path(Node):
    source: Node
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Descendants(Node):
    """`source...name`: every entry of that name, however deep."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Filter(Node):
    source: Node
    predicate: Node


@dataclass(frozen=True, slots=True, eq=False)
class Call(Node):
    """`names` is None for positional arguments, else one name per argument."""

    callee: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False)
class Negation(Node):
    operand: Node


@dataclass(frozen=True, slots=True, eq=False)
class Comparison(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False)
class Logic(Node):
    """A chain of `and` or of `or`, flat, so that long chains stay shallow."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True, eq=False)
class In(Node):
    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class InstanceOf(Node):
    value: Node
    type: TypeName


@dataclass(frozen=True, slots=True, eq=False)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True, eq=False)
class Iteration(Node):
    """`name in source`, or `name in source..until`."""

    name: str
    source: Node
    until: Node | None = None


@dataclass(frozen=True, slots=True, eq=False)
class For(Node):
    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(frozen=True, slots=True, eq=False)
class Quantified(Node):
    quantifier: str
    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(frozen=True, slots=True, eq=False)
class FunctionDefinition(Node):
    parameters: tuple[str, ...]
    types: tuple[TypeName | None, ...]
    body: Node


@dataclass(frozen=True, slots=True, eq=False)
class ListLiteral(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ContextLiteral(Node):
    keys: tuple[str, ...]
    values: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RangeLiteral(Node):
    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True, eq=False)
class UnaryComparison(Node):
    """`< 5`: a test of the input; as a value, an interval with one end."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as written: `number`, `list<string>`, `context<a: number>`, `function<a, b> -> c`."""

    name: str
    arguments: tuple[TypeName, ...] = ()
    entries: tuple[tuple[str, TypeName], ...] = ()
    result: TypeName | None = field(default=None)

    def __str__(self) -> str:
        if self.name == "list" and self.arguments:
            return f"list<{self.arguments[0]}>"
        return self.name


def _child_fields(kind: type[Node]) -> tuple[str, ...]:
    return tuple(
        f.name for f in fields(kind) if "Node" in str(f.type) or "Iteration" in str(f.type)
    )


_CHILD_FIELDS: dict[type[Node], tuple[str, ...]] = {}


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below `node`, in the order of the text."""
    kind = type(node)
    if kind not in _CHILD_FIELDS:
        _CHILD_FIELDS[kind] = _child_fields(kind)
    for name in _CHILD_FIELDS[kind]:
        child = getattr(node, name)
        if isinstance(child, tuple):
            yield from child
        elif child is not None:
            yield child


def measure(node: Node) -> tuple[int, int]:
    """Return (number of nodes, greatest depth) of a tree, without recursion."""
    count, depth, level = 0, 0, [node]
    while level:
        count += len(level)
        depth += 1
        level = [child for parent in level for child in children(parent)]
    return count, depth


def reads(node: Node, besides: Container[str]) -> bool:
    """Say whether any variable is read in the tree, `besides` these."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, Name) and current.name not in besides:
            return True
        stack += children(current)
    return False


def mentions(node: Node, name: str) -> bool:
    """Say whether the variable `name` is read anywhere in the tree."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, Name) and current.name == name:
            return True
        stack += children(current)
    return False
