"""The types that may be written in FEEL, and whether a value is of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from feel.cursor import Cursor
from feel.limits import Meter
from feel.syntax import TypeName
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
"""Named types from a decision model: each says whether a value is of it."""


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
    """Say whether `value` is an instance of `wanted`; null is an instance of Null only."""
    meter.spend(1)
    if value is None:
        return wanted.name in {"Null", "null"}
    return conforms(value, wanted, types, meter)


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
        return not wanted.result or len(wanted.arguments) == len(value.parameters)
    if type(value) is list and wanted.arguments:
        return all(conforms(element, wanted.arguments[0], types, meter) for element in value)
    if type(value) is Range and wanted.arguments:
        ends = (value.start, value.end)
        return all(conforms(end, wanted.arguments[0], types, meter) for end in ends)
    return all(
        key in value and conforms(value[key], inner, types, meter) for key, inner in wanted.entries
    )
