"""The types that may be written in FEEL, and whether a value is of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from feel.cursor import Cursor
from feel.limits import Meter
from feel.syntax import (
    Between,
    Comparison,
    ContextLiteral,
    FunctionDefinition,
    In,
    InstanceOf,
    ListLiteral,
    Literal,
    Logic,
    Name,
    Node,
    Quantified,
    TypeName,
)
from feel.values import Function, Range, kind

BASIC = frozenset(
    {
        "any",
        "Any",
        "null",
        "Null",
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    }
)
_WITH_BLANKS = ("date and time", "days and time duration", "years and months duration")
_ALIASES = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
}

Types = Mapping[str, Callable[[Any, Meter], bool]]
"""Named types from a decision model: each says whether a value is of it. One with allowed values
has a method `shape` that says it without them."""


class _Shapes(Mapping[str, Callable[[Any, Meter], bool]]):
    """Named types without their allowed values."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def __getitem__(self, name: str) -> Callable[[Any, Meter], bool]:
        found = self._types[name]
        return getattr(found, "shape", found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)


def parse_type(cursor: Cursor) -> TypeName:
    """Read a type name at the cursor. Raises FeelSyntaxError."""
    with cursor.deeper():
        name = _type_word(cursor)
        if not cursor.skip("<"):
            return TypeName(name)
        if name == "context":
            return TypeName(name, entries=_entries(cursor))
        if name in {"list", "range"}:
            inner = parse_type(cursor)
            cursor.expect(">", after=f"the type of the elements of {name}")
            return TypeName(name, (inner,))
        if name == "function":
            return _function_type(cursor)
        raise cursor.unexpected("'<' only after list, range, context or function")


def _type_word(cursor: Cursor) -> str:
    for name in _WITH_BLANKS:
        words = name.split()
        if cursor.ahead_is(*words):
            for _ in words:
                cursor.take()
            return name
    if cursor.current.text in {"function", "null"}:
        return cursor.take().text
    name = cursor.name("the name of a type")
    while cursor.skip("."):
        name += "." + cursor.name("the name of a type after '.'")
    return _ALIASES.get(name, name)


def _entries(cursor: Cursor) -> tuple[tuple[str, TypeName], ...]:
    entries: list[tuple[str, TypeName]] = []
    while not cursor.skip(">"):
        if entries:
            cursor.expect(",", ">")
        key = cursor.key()
        entries.append((key, parse_type(cursor)))
    return tuple(entries)


def _function_type(cursor: Cursor) -> TypeName:
    arguments: list[TypeName] = []
    while not cursor.skip(">"):
        if arguments:
            cursor.expect(",", ">")
        arguments.append(parse_type(cursor))
    cursor.expect("->", after="the types of the parameters")
    return TypeName("function", tuple(arguments), result=parse_type(cursor))


def is_instance(value: Any, wanted: TypeName, types: Types, meter: Meter) -> bool:
    """Say whether `value` is an instance of `wanted`; null is an instance of Null only.

    The allowed values of a type do not count here: they are a constraint, not the type.
    """
    meter.spend(1)
    if value is None:
        return wanted.name in {"Null", "null"}
    return conforms(value, wanted, _Shapes(types), meter)


def conforms(value: Any, wanted: TypeName, types: Types, meter: Meter) -> bool:
    """Say whether `value` may stand where `wanted` is asked for; null may stand anywhere."""
    meter.spend(1)
    if value is None or wanted.name in {"Any", "any"}:
        return True
    if wanted.name in types:
        return types[wanted.name](value, meter)
    if kind(value) != wanted.name:
        return False
    return _inner_conforms(value, wanted, types, meter)


def _inner_conforms(value: Any, wanted: TypeName, types: Types, meter: Meter) -> bool:
    if type(value) is Function:
        return not wanted.result or _is_function_of(value, wanted)
    if type(value) is list and wanted.arguments:
        return all(conforms(element, wanted.arguments[0], types, meter) for element in value)
    if type(value) is Range and wanted.arguments:
        ends = (value.start, value.end)
        return all(conforms(end, wanted.arguments[0], types, meter) for end in ends)
    return all(
        key in value and conforms(value[key], inner, types, meter) for key, inner in wanted.entries
    )


def _is_function_of(value: Function, wanted: TypeName) -> bool:
    if len(wanted.arguments) != len(value.parameters):
        return False
    given = value.types or (None,) * len(value.parameters)
    takes = zip(wanted.arguments, given, strict=True)
    # What it is called with must suit its parameters; what it gives must suit the caller.
    return all(fits(asked, own) for asked, own in takes) and fits(value.result, wanted.result)


def fits(given: TypeName | None, wanted: TypeName | None) -> bool:
    """Say whether every value of type `given` is one of `wanted` (DMN 1.3, 10.3.2.9.3).

    None is a type of which nothing is known; it is given the benefit of the doubt.
    """
    if given is None or wanted is None or wanted.name in {"Any", "any"}:
        return True
    if given.name in {"null", "Null"}:
        return True
    if given.name != wanted.name:
        return given.name not in _WRITTEN or wanted.name not in _WRITTEN
    if wanted.name == "function":
        same_count = len(wanted.arguments) == len(given.arguments)
        takes = all(map(fits, wanted.arguments, given.arguments))
        return same_count and takes and fits(given.result, wanted.result)
    own = dict(given.entries)
    has_entries = all(key in own and fits(own[key], inner) for key, inner in wanted.entries)
    return has_entries and all(map(fits, given.arguments, wanted.arguments))


_WRITTEN = BASIC | {"list", "range", "context", "function"}


def type_of_node(node: Node, names: Mapping[str, TypeName | None]) -> TypeName | None:
    """Return what is known of an expression before it runs; None is anything.

    `names` are the types of the names bound around it.
    """
    match node:
        case Literal():
            return TypeName(kind(node.value))
        case Name():
            return names.get(node.name)
        case Comparison() | Logic() | Between() | In() | InstanceOf() | Quantified():
            return TypeName("boolean")
        case ContextLiteral():
            entries = zip(node.keys, node.values, strict=True)
            known = ((key, type_of_node(value, names)) for key, value in entries)
            return TypeName("context", entries=tuple((k, t or TypeName("null")) for k, t in known))
        case ListLiteral():
            kinds = {type_of_node(item, names) for item in node.items}
            inner = kinds.pop() if len(kinds) == 1 else None
            return TypeName("list", (inner,) if inner else ())
        case FunctionDefinition():
            return function_type(node, names)
    return None


def function_type(node: FunctionDefinition, names: Mapping[str, TypeName | None]) -> TypeName:
    """Return the type of a function as far as its text tells."""
    inside = {**names, **dict(zip(node.parameters, node.types, strict=True))}
    arguments = tuple(wanted or TypeName("Any") for wanted in node.types)
    return TypeName("function", arguments, result=type_of_node(node.body, inside))
