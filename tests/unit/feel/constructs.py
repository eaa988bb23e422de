"""The constructs of FEEL, each as a question that a syntax tree answers with yes or no.

The conformance table looks for a tested expression in which each one occurs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from feel import syntax
from feel.builtin_table import BUILTINS
from feel.errors import FeelSyntaxError
from feel.names import KnownNames
from feel.parser import parse_expression, parse_unary_tests
from feel.syntax import Node, TypeName
from feel.values import YearsMonths

Question = Callable[[Node], bool]

_PARTS = ("time offset", "start included", "end included")
_NAMES = KnownNames((*BUILTINS, *_PARTS))


def trees(text: str) -> tuple[Node, ...]:
    """The trees of a text read as an expression, or else as a cell; none if it is neither."""
    try:
        return (parse_expression(text, _NAMES),)
    except (FeelSyntaxError, RecursionError):
        pass
    try:
        return parse_unary_tests(text, _NAMES)[1]
    except (FeelSyntaxError, RecursionError):
        return ()


def nodes(tree: Node) -> Iterator[Node]:
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending += syntax.children(node)


def _of(kind: type[Node], **wanted: Any) -> Question:
    return lambda node: (
        isinstance(node, kind)
        and all(getattr(node, name) == value for name, value in wanted.items())
    )


def _literal(*kinds: type) -> Question:
    return lambda node: isinstance(node, syntax.Literal) and type(node.value) in kinds


def _typed(ask: Callable[[TypeName], bool]) -> Question:
    return lambda node: isinstance(node, syntax.InstanceOf) and ask(node.type)


def _iterations(ask: Callable[[tuple[syntax.Iteration, ...]], bool]) -> Question:
    return lambda node: isinstance(node, syntax.For) and ask(node.iterations)


CONSTRUCTS: dict[str, Question] = {
    "number": _literal(Decimal),
    "string": _literal(str),
    "boolean": _literal(bool),
    "null": _literal(type(None)),
    '@"…" date': _literal(dt.date),
    '@"…" time': _literal(dt.time),
    '@"…" date and time': _literal(dt.datetime),
    '@"…" days and time duration': _literal(dt.timedelta),
    '@"…" years and months duration': _literal(YearsMonths),
    "list `[a, b]`": _of(syntax.ListLiteral),
    "context `{a: 1}`": _of(syntax.ContextLiteral),
    **{
        f"range `{opening}a..b{closing}`": _of(
            syntax.RangeLiteral, start_included=opening == "[", end_included=closing == "]"
        )
        for opening in "[("
        for closing in "])"
    },
    **{
        f"open range `{symbol} a`": _of(syntax.UnaryComparison, operator=symbol)
        for symbol in ("<", "<=", ">", ">=")
    },
    **{
        f"unary test `{symbol} a`": _of(syntax.UnaryComparison, operator=symbol)
        for symbol in ("=", "!=")
    },
    "name": _of(syntax.Name),
    "name in Chinese": lambda node: (
        isinstance(node, syntax.Name)
        and any("\u4e00" <= letter <= "\u9fff" for letter in node.name)
    ),
    "name with a blank": lambda node: (
        isinstance(node, syntax.Name) and " " in node.name and node.name not in BUILTINS
    ),
    "`?` in a unary test": _of(syntax.Name, name="?"),
    "path `a.b`": _of(syntax.Path),
    "descendants `a...b` (DMN 1.6)": _of(syntax.Descendants),
    "filter by position `a[1]`": lambda node: (
        isinstance(node, syntax.Filter) and isinstance(node.predicate, syntax.Literal)
    ),
    "filter by position from the end `a[-1]`": lambda node: (
        isinstance(node, syntax.Filter) and isinstance(node.predicate, syntax.Negation)
    ),
    "filter by condition `a[item > 1]`": lambda node: (
        isinstance(node, syntax.Filter) and isinstance(node.predicate, syntax.Comparison)
    ),
    **{
        f"arithmetic `{symbol}`": _of(syntax.Arithmetic, operator=symbol)
        for symbol in ("+", "-", "*", "/", "**")
    },
    "minus sign": _of(syntax.Negation),
    **{
        f"comparison `{symbol}`": _of(syntax.Comparison, operator=symbol)
        for symbol in ("=", "!=", "<", "<=", ">", ">=")
    },
    "`between … and`": _of(syntax.Between),
    "`in` with a value, list or range": _of(syntax.In),
    "`in` with several tests": lambda node: isinstance(node, syntax.In) and len(node.tests) > 1,
    "`and`": _of(syntax.Logic, operator="and"),
    "`or`": _of(syntax.Logic, operator="or"),
    "`if … then … else`": _of(syntax.If),
    "`for … in … return`": _of(syntax.For),
    "`for` over several lists": _iterations(lambda found: len(found) > 1),
    "`for` over `a..b`": _iterations(lambda found: any(each.until for each in found)),
    "`partial` in `for`": _of(syntax.Name, name="partial"),
    "`some … satisfies`": _of(syntax.Quantified, quantifier="some"),
    "`every … satisfies`": _of(syntax.Quantified, quantifier="every"),
    "function definition": _of(syntax.FunctionDefinition),
    "function definition with types": lambda node: (
        isinstance(node, syntax.FunctionDefinition) and any(node.types)
    ),
    "call by position": _of(syntax.Call, names=None),
    "call by names": lambda node: isinstance(node, syntax.Call) and node.names is not None,
    "`instance of` a basic type": _typed(lambda wanted: not wanted.arguments),
    "`instance of list<…>`": _typed(lambda wanted: wanted.name == "list"),
    "`instance of range<…>`": _typed(lambda wanted: wanted.name == "range"),
    "`instance of context<…>`": _typed(lambda wanted: wanted.name == "context"),
    "`instance of function<…> -> …`": _typed(lambda wanted: wanted.result is not None),
}
