"""Joins the parts of the compiler: one handler per kind of syntax node."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from feel import (
    compile_access,
    compile_control,
    compile_operators,
    compile_tests,
    invocation,
    syntax,
)
from feel.builtin_table import BUILTINS
from feel.names import KnownNames, in_parts
from feel.runtime import Compiled
from feel.scope import Scope, Unit
from feel.syntax import Node
from feel.type_names import Types

HANDLERS: dict[type[Node], Callable[[Any, Scope], Compiled]] = {
    syntax.Literal: compile_access.literal,
    syntax.Name: compile_access.name,
    syntax.Path: compile_access.path,
    syntax.Descendants: compile_access.descendants,
    syntax.Filter: compile_access.filtered,
    syntax.ListLiteral: compile_access.list_literal,
    syntax.ContextLiteral: compile_access.context_literal,
    syntax.Call: invocation.call,
    syntax.Arithmetic: compile_operators.arithmetic,
    syntax.Negation: compile_operators.negation,
    syntax.Comparison: compile_operators.comparison,
    syntax.Logic: compile_operators.logic,
    syntax.Between: compile_operators.between,
    syntax.InstanceOf: compile_operators.instance_of,
    syntax.RangeLiteral: compile_operators.range_literal,
    syntax.UnaryComparison: compile_operators.comparison_value,
    syntax.In: compile_tests.in_operator,
    syntax.If: compile_control.conditional,
    syntax.For: compile_control.loop,
    syntax.Quantified: compile_control.quantified,
    syntax.FunctionDefinition: compile_control.function_definition,
}

_PARTS_WITH_BLANKS = ("time offset", "start included", "end included")
BUILTIN_NAMES = KnownNames((*BUILTINS, *_PARTS_WITH_BLANKS))
"""The names with blanks that every text knows."""


def known_names(names: Collection[str], functions: Collection[str]) -> KnownNames:
    """What texts may call by name; the same object for names that are read alike. Not to be
    changed."""
    return _known(in_parts(frozenset(names)) | in_parts(frozenset(functions)))


@lru_cache(maxsize=1_024)
def _known(names: frozenset[str]) -> KnownNames:
    return KnownNames(sorted(names), BUILTIN_NAMES)


def unit_of(
    names: Collection[str], functions: Mapping[str, Callable[..., Any]], types: Types
) -> Unit:
    return Unit(HANDLERS, functions, frozenset(names), types)
