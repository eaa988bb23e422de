"""Relations of points and ranges in time or number (DMN 1.3, table 78).

Every argument is seen as an interval between two bounds; a point begins and ends at itself. A
bound is (which infinity, value, nudge): an open start lies a nudge after its value, an open end a
nudge before it. Then each relation of the table is one comparison of bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from feel.comparison import keys
from feel.errors import Code, Fault
from feel.registry import Topic
from feel.values import Range, kind

TOPIC = Topic()

Bound = tuple[int, Any, int]


class Interval(NamedTuple):
    start: Bound
    end: Bound


Relation = Callable[[Interval, Interval], bool]


def _intervals(a: Any, b: Any) -> tuple[Interval, Interval]:
    values = [_ends(a), _ends(b)]
    sample = next((end for ends in values for end in ends if end is not None), None)
    return _interval(a, sample), _interval(b, sample)


def _ends(value: Any) -> tuple[Any, Any]:
    if value is None:
        raise Fault("Expected a point or a range, but got null", Code.NULL_OPERAND)
    return (value.start, value.end) if type(value) is Range else (value, value)


def _interval(value: Any, sample: Any) -> Interval:
    start, end = _ends(value)
    if type(value) is not Range:
        key = _key(start, sample)
        return Interval((0, key, 0), (0, key, 0))
    return Interval(
        (-1, 0, 0) if start is None else (0, _key(start, sample), int(not value.start_included)),
        (1, 0, 0) if end is None else (0, _key(end, sample), -int(not value.end_included)),
    )


def _key(value: Any, sample: Any) -> Any:
    pair = keys(value, sample)
    if pair is None:
        raise Fault(
            f"Expected points of one order, but got {kind(value)} and {kind(sample)}",
            Code.WRONG_TYPE,
        )
    return pair[0]


_BOTH = {
    "before": lambda a, b: a.end < b.start,
    "after": lambda a, b: a.start > b.end,
    "coincides": lambda a, b: a == b,
}
_RANGES = {
    "meets": lambda a, b: a.end == b.start,
    "met by": lambda a, b: a.start == b.end,
    "overlaps": lambda a, b: a.end >= b.start and a.start <= b.end,
    "overlaps before": lambda a, b: a.start < b.start <= a.end <= b.end,
    "overlaps after": lambda a, b: b.start < a.start <= b.end <= a.end,
}
_RANGE_AND_ANY = {
    "finished by": lambda a, b: a.end == b.end and a.start <= b.start,
    "includes": lambda a, b: a.start <= b.start and a.end >= b.end,
    "started by": lambda a, b: a.start == b.start and a.end >= b.end,
}
_ANY_AND_RANGE = {
    "finishes": lambda a, b: a.end == b.end and a.start >= b.start,
    "during": lambda a, b: b.start <= a.start and b.end >= a.end,
    "starts": lambda a, b: a.start == b.start and a.end <= b.end,
}


def _define(name: str, relation: Relation, *parameters: str) -> None:
    def body(a: Any, b: Any) -> bool:
        return relation(*_intervals(a, b))

    for parameter in parameters:
        TOPIC.define(name, parameter)(body)


_ORDERED = "number | string | date | time | moment | span | months"

for _name, _relation in _BOTH.items():
    _define(
        _name,
        _relation,
        f"point1: {_ORDERED}, point2: {_ORDERED}",
        f"point: {_ORDERED}, range: range",
        f"range: range, point: {_ORDERED}",
        "range1: range, range2: range",
    )
for _name, _relation in _RANGES.items():
    _define(_name, _relation, "range1: range, range2: range")
for _name, _relation in _RANGE_AND_ANY.items():
    _define(_name, _relation, f"range: range, point: {_ORDERED}", "range1: range, range2: range")
for _name, _relation in _ANY_AND_RANGE.items():
    _define(_name, _relation, f"point: {_ORDERED}, range: range", "range1: range, range2: range")
