"""The values of FEEL as Python values, and when two of them are the same.

number → Decimal · string → str · boolean → bool · null → None · date → datetime.date ·
time → datetime.time · date and time → datetime.datetime · days and time duration →
datetime.timedelta · years and months duration → YearsMonths · list → list · context → dict ·
range → Range · function → Function.

Times and dates with times may be without a zone (naive), with an offset (datetime.timezone) or
with a named zone (zoneinfo.ZoneInfo). Seconds have at most six decimals; years run 1 to 9999.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN as HALF_EVEN
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from types import NoneType
from typing import TYPE_CHECKING, Any

from feel.errors import BudgetExceeded, Code, Fault
from feel.limits import MAX_INTEGER_BITS, MAX_VALUE_DEPTH, Meter

if TYPE_CHECKING:
    from feel.runtime import Run
    from feel.syntax import TypeName

NUMBERS = Context(
    prec=34,
    rounding=HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""IEEE 754-2008 decimal128, the arithmetic of FEEL. Its methods raise where FEEL says null."""


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A years and months duration; `total` counts months and may be negative."""

    total: int

    @property
    def years(self) -> int:
        return _towards_zero(self.total, 12)

    @property
    def months(self) -> int:
        return self.total - 12 * self.years


@dataclass(frozen=True, slots=True)
class Range:
    """An interval. A missing endpoint (None) stands for `< x`, `>= x` and the like."""

    start: Any
    end: Any
    start_included: bool = True
    end_included: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function as a value. `call` takes the run and one value per parameter.

    `types` and `result` are what is known of its parameters and of what it gives, for
    `instance of`; None is anything.
    """

    name: str
    parameters: tuple[str, ...]
    call: Callable[[Run, list[Any]], Any]
    types: tuple[TypeName | None, ...] = ()
    result: TypeName | None = None


KINDS: dict[type, str] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    NoneType: "null",
    dt.date: "date",
    dt.time: "time",
    dt.datetime: "date and time",
    dt.timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}

PLAIN = frozenset(KINDS) - {Decimal, list, dict, Range}
"""Types whose values are FEEL values already, whatever they hold."""


def kind(value: Any) -> str:
    """Name the FEEL type of a FEEL value, as the standard spells it."""
    return KINDS.get(type(value), type(value).__name__)


def to_feel(value: Any, meter: Meter | None = None) -> Any:
    """Turn a Python value from outside into a FEEL value; containers are copied.

    int and float become Decimal (float by its shortest repr), tuples and other sequences lists,
    mappings with string keys contexts. Anything else, NaN and infinities raise Fault.
    """
    return _convert(value, meter or Meter(), 0)


def _convert(value: Any, meter: Meter, depth: int) -> Any:
    kind_of = type(value)
    if kind_of in PLAIN:
        return value
    meter.spend(1)
    if depth > MAX_VALUE_DEPTH:
        raise BudgetExceeded(f"Expected values at most {MAX_VALUE_DEPTH} levels deep")
    if kind_of is Decimal or kind_of is int:
        return _convert_scalar(value)
    if kind_of is dict or isinstance(value, Mapping):
        return _convert_context(value, meter, depth)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return [_convert(element, meter, depth + 1) for element in value]
    if kind_of is Range:
        start = _convert(value.start, meter, depth + 1)
        return Range(
            start,
            _convert(value.end, meter, depth + 1),
            value.start_included,
            value.end_included,
        )
    return _convert_scalar(value)


def _convert_context(value: Mapping[Any, Any], meter: Meter, depth: int) -> dict[str, Any]:
    converted = {}
    for key, entry in value.items():
        if not isinstance(key, str):
            raise Fault(
                f"Expected text as the key of a context, but got a {type(key).__name__}",
                Code.WRONG_TYPE,
            )
        converted[str(key)] = entry if type(entry) in PLAIN else _convert(entry, meter, depth + 1)
    return converted


def _convert_scalar(value: Any) -> Any:
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, int):
        if value.bit_length() > MAX_INTEGER_BITS:
            raise Fault(f"Expected a number of at most {MAX_INTEGER_BITS} bits", Code.OUT_OF_RANGE)
        number = Decimal(int(value))
    elif isinstance(value, float):
        number = Decimal(repr(value))
    else:
        return _convert_subclass(value)
    if not number.is_finite():
        raise Fault(f"Expected a finite number, but got {value}", Code.OUT_OF_RANGE)
    return number


def _convert_subclass(value: Any) -> Any:
    # Subclasses (an enum of strings, a frozen test clock's date) are read as what they extend,
    # so that every later check may compare exact types.
    match value:
        case str():
            return str(value.value) if hasattr(value, "value") else str.__str__(value)
        case dt.datetime():
            return dt.datetime.combine(value.date(), value.timetz())
        case dt.date():
            return dt.date(value.year, value.month, value.day)
        case dt.time():
            return dt.time.fromisoformat(value.replace(tzinfo=None).isoformat()).replace(
                tzinfo=value.tzinfo
            )
        case dt.timedelta():
            return dt.timedelta(value.days, value.seconds, value.microseconds)
    raise Fault(
        f"Expected a FEEL value, but got an object of Python type {type(value).__name__}",
        Code.WRONG_TYPE,
    )


def offset_of(value: dt.datetime | dt.time) -> dt.timedelta | None:
    """Return the distance from UTC, or None without a zone.

    A time has no date to know summer time by, so a named zone means its standard time there.
    """
    if type(value) is dt.time and value.tzinfo is not None and value.utcoffset() is None:
        winter = dt.datetime.combine(_SOME_WINTER, value)
        return (winter.utcoffset() or dt.timedelta()) - (winter.dst() or dt.timedelta())
    return value.utcoffset()


def instant(value: dt.datetime) -> dt.datetime:
    """Return `value` in UTC if it has a zone, unchanged if it has none."""
    return value if value.tzinfo is None else value.astimezone(dt.UTC)


def midnight_of(date: dt.date) -> dt.datetime:
    """Return what a date stands for where a date and time is wanted: its midnight in UTC."""
    return dt.datetime.combine(date, dt.time(tzinfo=dt.UTC))


_SOME_WINTER = dt.date(2020, 1, 1)


def same(a: Any, b: Any) -> bool | None:
    """Compare as FEEL's `=` does: None (null) where the two cannot be compared.

    Both arguments may be Python values as `to_feel` takes them.
    """
    meter = Meter()
    return equal(to_feel(a, meter), to_feel(b, meter), meter)


def equal(a: Any, b: Any, meter: Meter) -> bool | None:
    """FEEL's `=` on two FEEL values; null is equal to null only, unlike kinds give None."""
    kind_of = type(a)
    if a is None or b is None:
        return a is b
    if kind_of is not type(b):
        return _equal_dates(a, b)
    compare = _EQUALITIES.get(kind_of)
    if compare is not None:
        return compare(a, b, meter)
    return bool(a == b)


def _equal_lists(a: list[Any], b: list[Any], meter: Meter) -> bool | None:
    if len(a) != len(b):
        return False
    meter.spend(1 + len(a))
    return _all_equal(((x, y) for x, y in zip(a, b, strict=True)), meter)


def _equal_contexts(a: dict[str, Any], b: dict[str, Any], meter: Meter) -> bool | None:
    if a.keys() != b.keys():
        return False
    meter.spend(1 + len(a))
    return _all_equal(((entry, b[key]) for key, entry in a.items()), meter)


def _all_equal(pairs: Any, meter: Meter) -> bool | None:
    # Inside a list or context, elements of unlike kinds make the whole simply unequal.
    return all(equal(x, y, meter) is True for x, y in pairs)


def _equal_ranges(a: Range, b: Range, meter: Meter) -> bool | None:
    if (a.start_included, a.end_included) != (b.start_included, b.end_included):
        return False
    return _all_equal(((a.start, b.start), (a.end, b.end)), meter)


def _equal_dates(a: Any, b: Any) -> bool | None:
    """Compare a date with a date and time; every other pair of unlike kinds gives None."""
    if type(a) is dt.date and type(b) is dt.datetime:
        return _equal_moments(midnight_of(a), b, None)
    if type(a) is dt.datetime and type(b) is dt.date:
        return _equal_moments(a, midnight_of(b), None)
    return None


def _equal_moments(a: dt.datetime, b: dt.datetime, _meter: object) -> bool:
    # The value of a date and time is a number of whole seconds (DMN 1.3, 10.3.2.3.6). One
    # without a zone is not the same as any with one.
    if (a.tzinfo is None) != (b.tzinfo is None):
        return False
    return instant(a).replace(microsecond=0) == instant(b).replace(microsecond=0)


def _equal_times(a: dt.time, b: dt.time, _meter: Meter) -> bool:
    pair = comparable_times(a.replace(microsecond=0), b.replace(microsecond=0))
    return pair is not None and pair[0] == pair[1]


def comparable_times(a: dt.time, b: dt.time) -> tuple[dt.timedelta, dt.timedelta] | None:
    """Return both as time since midnight UTC (or local), or None if only one has a zone."""
    left, right = offset_of(a), offset_of(b)
    if left is None or right is None:
        return (since_midnight(a), since_midnight(b)) if left is right else None
    return since_midnight(a) - left, since_midnight(b) - right


def since_midnight(value: dt.time) -> dt.timedelta:
    """Return the local time of day as a duration."""
    return dt.timedelta(
        hours=value.hour,
        minutes=value.minute,
        seconds=value.second,
        microseconds=value.microsecond,
    )


_EQUALITIES: dict[type, Callable[[Any, Any, Meter], bool | None]] = {
    list: _equal_lists,
    dict: _equal_contexts,
    Range: _equal_ranges,
    dt.datetime: _equal_moments,
    dt.time: _equal_times,
}


def weight(value: Any) -> int:
    """Return what copying `value` costs in steps, so that memory is bounded as time is."""
    if type(value) is str:
        return len(value) // 16
    return len(value) if type(value) is list or type(value) is dict else 0


def check_size(value: Any, meter: Meter) -> Any:
    """Return `value` if others can walk through it safely, else raise BudgetExceeded."""
    level, depth = [value], 0
    while level:
        meter.spend(len(level))
        if depth > MAX_VALUE_DEPTH:
            raise BudgetExceeded(f"Expected values at most {MAX_VALUE_DEPTH} levels deep")
        below: list[Any] = []
        for element in level:
            if type(element) is list:
                below += element
            elif type(element) is dict:
                below += element.values()
        meter.spend(len(below))
        level, depth = below, depth + 1
    return value


def _towards_zero(dividend: int, divisor: int) -> int:
    return -(-dividend // divisor) if dividend < 0 else dividend // divisor
