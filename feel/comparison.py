"""Order among FEEL values, and membership in ranges and lists."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from feel.limits import Meter
from feel.values import Range, YearsMonths, comparable_times, equal, instant, midnight_of

ORDERED = frozenset({Decimal, str, dt.date, dt.time, dt.datetime, dt.timedelta, YearsMonths})
_DATES = {dt.date, dt.datetime}

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def keys(a: Any, b: Any) -> tuple[Any, Any] | None:
    """Return two Python values that are ordered as `a` and `b` are, or None if nothing orders
    them: unlike kinds, booleans, lists, or one with a zone and the other without."""
    kind = type(a)
    if kind is not type(b) and {kind, type(b)} == _DATES:
        a, b = (midnight_of(each) if type(each) is dt.date else each for each in (a, b))
        kind = dt.datetime
    if kind is not type(b) or kind not in ORDERED:
        return None
    if kind is dt.datetime:
        return (instant(a), instant(b)) if (a.tzinfo is None) == (b.tzinfo is None) else None
    if kind is dt.time:
        return comparable_times(a, b)
    return a, b


def compare(symbol: str, a: Any, b: Any) -> bool | None:
    """Apply `<`, `<=`, `>` or `>=`; None where `keys` knows no order."""
    pair = keys(a, b)
    return None if pair is None else OPERATORS[symbol](*pair)


def contains(interval: Range, value: Any) -> bool | None:
    """Say whether `value` lies in `interval`; None where the two cannot be compared."""
    above: bool | None = True
    if interval.start is not None:
        above = compare(">=" if interval.start_included else ">", value, interval.start)
    if above is False:
        return False
    below: bool | None = True
    if interval.end is not None:
        below = compare("<=" if interval.end_included else "<", value, interval.end)
    if below is False:
        return False
    return True if above and below else None


def is_in(value: Any, target: Any, meter: Meter) -> bool | None:
    """FEEL's `in` with a value on the right: equal to it, inside the range, or in the list."""
    if type(target) is Range and type(value) is not Range:
        return contains(target, value)
    if type(target) is list:
        meter.spend(1 + len(target))
        return equal(value, target, meter) is True or any(
            _is_element(value, element, meter) for element in target
        )
    return equal(value, target, meter)


def _is_element(value: Any, element: Any, meter: Meter) -> bool:
    if type(element) is Range and type(value) is not Range:
        return contains(element, value) is True
    return equal(value, element, meter) is True
