"""Compiles what reads and builds: names, paths, filters, literals, lists and contexts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from feel import syntax
from feel.builtin_table import BUILTINS
from feel.errors import Code, Position
from feel.invocation import function_value
from feel.limits import check_length
from feel.names import normal
from feel.runtime import Compiled, Frame, Run
from feel.scope import Scope
from feel.syntax import Node
from feel.temporal import MICROSECOND
from feel.values import PLAIN, Range, YearsMonths, kind, weight

_MISSING = object()


def literal(node: syntax.Literal, _scope: Scope) -> Compiled:
    value = node.value
    return lambda _: value


# --- names -------------------------------------------------------------------------------


def name(node: syntax.Name, scope: Scope) -> Compiled:
    binding = scope.find(node.name)
    word, at = node.name, node.at
    if binding.depth == 0 and scope.filter_item and word == "item":
        return _item
    if binding.depth is None:
        if word not in BUILTINS or word in scope.unit.known:
            scope.read(word)
        outer = _global(word, at)
    else:
        outer = _local(word, binding.depth)
    return _through_items(word, binding.hops, outer) if binding.hops else outer


def _item(frame: Frame) -> Any:
    """The element being filtered, unless it is a context that has an entry `item` itself."""
    element = frame.values["item"]
    return element["item"] if type(element) is dict and "item" in element else element


def _local(word: str, depth: int) -> Compiled:
    def at_hand(frame: Frame) -> Any:
        return frame.values[word]

    def above(frame: Frame) -> Any:
        for _ in range(depth):
            frame = frame.parent  # type: ignore[assignment]
        return frame.values[word]

    return above if depth else at_hand


def _global(word: str, at: Position) -> Compiled:
    def load(frame: Frame) -> Any:
        try:
            value = frame.names[word]
        except KeyError:
            return _absent(frame.run, word, at)
        kind_of = type(value)
        if kind_of in PLAIN:
            return value
        if kind_of is int and -_SMALL < value < _SMALL:
            return Decimal(value)
        return frame.run.convert(word, value, at)

    return load


_SMALL = 2**63


def _absent(run: Run, word: str, at: Position) -> Any:
    function = function_value(run, word)
    if function is not None:
        return function
    return run.note(Code.UNKNOWN_NAME, f"Expected a known name, but nothing is called {word!r}", at)


def _through_items(word: str, hops: tuple[int, ...], outer: Compiled) -> Compiled:
    """Inside filters, the entries of the items come before what is outside."""

    def load(frame: Frame) -> Any:
        depth, current = 0, frame
        for hop in hops:
            while depth < hop:
                current = current.parent  # type: ignore[assignment]
                depth += 1
            item = current.values["item"]
            if type(item) is dict and word in item:
                return item[word]
        return outer(frame)

    return load


# --- paths -------------------------------------------------------------------------------


def path(node: syntax.Path, scope: Scope) -> Compiled:
    chain: list[str] = []
    root: Node = node
    while isinstance(root, syntax.Path):
        chain.append(normal(root.name))
        root = root.source
    chain.reverse()
    if isinstance(root, syntax.Name):
        binding = scope.find(root.name)
        if binding.depth is None:
            scope.read(root.name, ".".join((root.name, *chain)))
            if not binding.hops:
                return _global_path(root, tuple(chain), node.at)
    source, at = scope.compile(node.source), node.at
    entry = normal(node.name)
    return lambda frame: step(frame.run, source(frame), entry, at)


def _global_path(root: syntax.Name, chain: tuple[str, ...], at: Position) -> Compiled:
    """Walk down plain dictionaries as they were given, and convert only what is reached."""
    word, key = root.name, (root.name, *chain)
    whole = _global(word, root.at)

    def slow(frame: Frame) -> Any:
        value = whole(frame)
        for entry in chain:
            value = step(frame.run, value, entry, at)
        return value

    def load(frame: Frame) -> Any:
        value = frame.names.get(word)
        for entry in chain:
            if type(value) is not dict:
                return slow(frame)
            value = value.get(entry, _MISSING)
        if type(value) in PLAIN:
            return value
        if value is _MISSING:
            return slow(frame)
        return frame.run.convert(key, value, at)

    return load


def step(run: Run, value: Any, entry: str, at: Position) -> Any:
    """Follow `.entry` from a FEEL value: contexts, lists of contexts, and the named parts of
    temporal values and ranges. No attribute of a Python object is ever looked up by name."""
    if type(value) is dict:
        found = value.get(entry, _MISSING)
        if found is not _MISSING:
            return found
        return run.note(
            Code.UNKNOWN_ENTRY, f"Expected an entry {entry!r}, but the context has none", at
        )
    if type(value) is list:
        run.meter.spend(len(value))
        return [step(run, element, entry, at) for element in value]
    if value is None:
        return run.note(Code.NULL_OPERAND, f"Expected a context before .{entry}, but got null", at)
    part = PARTS.get((type(value), entry))
    if part is not None:
        return part(value)
    return run.note(
        Code.UNKNOWN_ENTRY, f"Expected a value with {entry!r}, but a {kind(value)} has none", at
    )


def descendants(node: syntax.Descendants, scope: Scope) -> Compiled:
    source, entry = scope.compile(node.source), normal(node.name)
    return lambda frame: _all_entries(frame.run, source(frame), entry)


def _all_entries(run: Run, value: Any, entry: str) -> list[Any]:
    """Every value that an entry of this name has in `value`, from the outside in; no nulls."""
    found: list[Any] = []
    pending = [value]
    while pending:
        current = pending.pop()
        run.meter.spend(1 + weight(current))
        if type(current) is _Found:
            found.append(current.value)
        elif type(current) is list:
            pending += reversed(current)
        elif type(current) is dict:
            for key, inner in reversed(current.items()):
                pending.append(inner)
                if key == entry and inner is not None:
                    pending.append(_Found(inner))
    check_length(len(found))
    return found


@dataclass(frozen=True, slots=True)
class _Found:
    value: Any


def _number(read: Callable[[Any], int]) -> Callable[[Any], Decimal]:
    return lambda value: Decimal(read(value))


def _zone(value: dt.datetime | dt.time) -> str | None:
    return str(getattr(value.tzinfo, "key", None) or "") or None


def _span(value: dt.timedelta) -> tuple[int, dt.timedelta]:
    """Return (sign, length): the parts of -P1DT2H are -1 and -2."""
    return (-1, -value) if value < dt.timedelta() else (1, value)


def _seconds(value: dt.timedelta) -> Decimal:
    sign, length = _span(value)
    micros = (length % dt.timedelta(minutes=1)) // MICROSECOND
    return sign * Decimal(micros) / 1_000_000


_OF_DATES: dict[str, Callable[[Any], Any]] = {
    "year": _number(lambda value: value.year),
    "month": _number(lambda value: value.month),
    "day": _number(lambda value: value.day),
    "weekday": _number(lambda value: value.isoweekday()),
}
_OF_TIMES: dict[str, Callable[[Any], Any]] = {
    "hour": _number(lambda value: value.hour),
    "minute": _number(lambda value: value.minute),
    "second": lambda value: Decimal(value.second) + Decimal(value.microsecond) / 1_000_000,
    "time offset": lambda value: value.utcoffset(),
    "timezone": _zone,
}
_OF_SPANS: dict[str, Callable[[Any], Any]] = {
    "days": _number(lambda value: _span(value)[0] * _span(value)[1].days),
    "hours": _number(lambda value: _span(value)[0] * (_span(value)[1].seconds // 3600)),
    "minutes": _number(lambda value: _span(value)[0] * (_span(value)[1].seconds // 60 % 60)),
    "seconds": _seconds,
}
_OF_MONTHS: dict[str, Callable[[Any], Any]] = {
    "years": _number(lambda value: value.years),
    "months": _number(lambda value: value.months),
}
_OF_RANGES: dict[str, Callable[[Any], Any]] = {
    "start": lambda value: value.start,
    "end": lambda value: value.end,
    "start included": lambda value: value.start_included,
    "end included": lambda value: value.end_included,
}
PARTS: dict[tuple[type, str], Callable[[Any], Any]] = {
    (kind_of, entry): read
    for kind_of, parts in (
        (dt.date, _OF_DATES),
        (dt.time, _OF_TIMES),
        (dt.datetime, _OF_DATES | _OF_TIMES),
        (dt.timedelta, _OF_SPANS),
        (YearsMonths, _OF_MONTHS),
        (Range, _OF_RANGES),
    )
    for entry, read in parts.items()
}


# --- filters -----------------------------------------------------------------------------


def filtered(node: syntax.Filter, scope: Scope) -> Compiled:
    source, at = scope.compile(node.source), node.at
    fixed = _fixed_index(node.predicate)
    if fixed is not None:
        return lambda frame: element(frame.run, _as_list(source(frame)), fixed, at)
    predicate = scope.inner({"item"}, filter_item=True).compile(node.predicate)
    weight = syntax.measure(node.predicate)[0]

    def keep(frame: Frame) -> Any:
        items = _as_list(source(frame))
        frame.run.meter.spend(weight * len(items))
        kept: list[Any] = []
        for item in items:
            judged = predicate(frame.inner({"item": item}))
            if judged is True:
                kept.append(item)
            elif type(judged) is Decimal and not kept:
                return element(frame.run, items, judged, at)
            elif judged is not None and judged is not False:
                frame.run.note(
                    Code.WRONG_TYPE,
                    f"Expected a filter to give true, false or a position, not {kind(judged)}",
                    at,
                )
        return kept

    return keep


def _fixed_index(predicate: Node) -> Decimal | None:
    sign = 1
    if isinstance(predicate, syntax.Negation):
        predicate, sign = predicate.operand, -1
    if isinstance(predicate, syntax.Literal) and type(predicate.value) is Decimal:
        return sign * predicate.value
    return None


def _as_list(value: Any) -> list[Any]:
    if type(value) is list:
        return value
    return [] if value is None else [value]


def element(run: Run, items: list[Any], position: Decimal, at: Position) -> Any:
    """Return the element at a position that counts from 1, or from -1 at the end."""
    index = int(position) if abs(position) <= len(items) else 0
    if index == 0 or index != position:
        return run.note(
            Code.OUT_OF_RANGE,
            f"Expected a position in a list of {len(items)}, but got {position}",
            at,
        )
    return items[index - 1] if index > 0 else items[index]


# --- lists and contexts ------------------------------------------------------------------


def list_literal(node: syntax.ListLiteral, scope: Scope) -> Compiled:
    items = tuple(scope.compile(item) for item in node.items)
    check_length(len(items))
    return lambda frame: [item(frame) for item in items]


def context_literal(node: syntax.ContextLiteral, scope: Scope) -> Compiled:
    inside = scope.inner(())
    entries: list[tuple[str, Compiled]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(value, syntax.FunctionDefinition):
            inside.names.add(key)  # a function may call itself by its name
        entries.append((normal(key), inside.compile(value)))
        inside.names.add(key)

    def build(frame: Frame) -> dict[str, Any]:
        values: dict[str, Any] = {}
        inner = frame.inner(values)
        for key, value in entries:
            values[key] = value(inner)
        return values

    return build
