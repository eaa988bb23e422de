"""The tables of `+ - * / **` and of the minus sign (DMN 1.3, tables 55 to 59)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from feel import temporal
from feel.errors import Code, Fault
from feel.limits import MAX_EXPONENT, check_string
from feel.values import (
    NUMBERS,
    YearsMonths,
    comparable_times,
    instant,
    kind,
    midnight_of,
    since_midnight,
)

Operation = Callable[[Any, Any], Any]

_ANY_DAY = dt.datetime(2000, 1, 1)  # noqa: DTZ001 -- only its time of day is used


def operate(symbol: str, a: Any, b: Any) -> Any:
    """Apply a binary operator. Raises Fault where FEEL's answer is null."""
    operation = OPERATIONS.get((symbol, type(a), type(b)))
    if operation is None:
        raise _refusal(symbol, a, b)
    try:
        return operation(a, b)
    except (DivisionByZero, ZeroDivisionError):
        raise Fault(
            "Expected a divisor other than zero, but got 0", Code.DIVISION_BY_ZERO
        ) from None
    except (InvalidOperation, Overflow, OverflowError):
        raise Fault(
            f"Expected a result within the numbers, dates or durations of FEEL, but {symbol} "
            "leads out of them",
            Code.OUT_OF_RANGE,
        ) from None


def negate(value: Any) -> Any:
    """Return minus `value`. Raises Fault."""
    match value:
        case Decimal():
            return NUMBERS.minus(value)
        case YearsMonths():
            return YearsMonths(-value.total)
        case dt.timedelta():
            return -value
        case None:
            raise Fault("Expected a number after the minus sign, but got null", Code.NULL_OPERAND)
    raise Fault(
        f"Expected a number or duration after the minus sign, but got a {kind(value)}",
        Code.WRONG_TYPE,
    )


def _refusal(symbol: str, a: Any, b: Any) -> Fault:
    if a is None or b is None:
        side = "left" if a is None else "right"
        return Fault(
            f"Expected a value on the {side} of '{symbol}', but got null", Code.NULL_OPERAND
        )
    return Fault(
        f"Expected kinds that '{symbol}' can join, but got {kind(a)} and {kind(b)}",
        Code.WRONG_TYPE,
    )


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if abs(exponent) > MAX_EXPONENT:
        raise Fault(f"Expected an exponent of at most {MAX_EXPONENT}", Code.OUT_OF_RANGE)
    return NUMBERS.power(base, exponent)


def _join(a: str, b: str) -> str:
    return check_string(a + b)


def _scale(duration: dt.timedelta, number: Decimal) -> dt.timedelta:
    return temporal.from_seconds(NUMBERS.multiply(temporal.seconds_of(duration), number))


def _divide_span(duration: dt.timedelta, number: Decimal) -> dt.timedelta:
    return temporal.from_seconds(NUMBERS.divide(temporal.seconds_of(duration), number))


def _ratio(a: dt.timedelta, b: dt.timedelta) -> Decimal:
    return NUMBERS.divide(temporal.seconds_of(a), temporal.seconds_of(b))


def _scale_months(duration: YearsMonths, number: Decimal) -> YearsMonths:
    return YearsMonths(int(NUMBERS.multiply(Decimal(duration.total), number)))


def _divide_months(duration: YearsMonths, number: Decimal) -> YearsMonths:
    return YearsMonths(int(NUMBERS.divide(Decimal(duration.total), number)))


def _ratio_of_months(a: YearsMonths, b: YearsMonths) -> Decimal:
    return NUMBERS.divide(Decimal(a.total), Decimal(b.total))


def _add_to_moment(moment: dt.datetime, span: dt.timedelta) -> dt.datetime:
    # With a zone, a duration is real time: it is added in UTC, so that a change of summer time
    # on the way counts.
    if moment.tzinfo is None:
        return moment + span
    return (moment.astimezone(dt.UTC) + span).astimezone(moment.tzinfo)


def _add_to_date(date: dt.date, span: dt.timedelta) -> dt.date:
    return (dt.datetime.combine(date, temporal.MIDNIGHT) + span).date()


def _add_to_time(time: dt.time, span: dt.timedelta) -> dt.time:
    since = (since_midnight(time) + span) % temporal.DAY
    return (_ANY_DAY + since).time().replace(tzinfo=time.tzinfo)


def _between_moments(a: dt.datetime, b: dt.datetime) -> dt.timedelta:
    if (a.tzinfo is None) != (b.tzinfo is None):
        raise Fault(
            "Expected both dates with a zone or both without, but only one has a zone",
            Code.WRONG_TYPE,
        )
    return instant(a) - instant(b)


def _moment_less_date(a: dt.datetime, b: dt.date) -> dt.timedelta:
    return _between_moments(a, midnight_of(b))


def _date_less_moment(a: dt.date, b: dt.datetime) -> dt.timedelta:
    return -_moment_less_date(b, a)


def _between_times(a: dt.time, b: dt.time) -> dt.timedelta:
    pair = comparable_times(a, b)
    if pair is None:
        raise Fault("Expected times whose zones can be compared", Code.WRONG_TYPE)
    return pair[0] - pair[1]


def _minus(add: Operation) -> Operation:
    return lambda a, b: add(a, -b)


def _minus_months(date: dt.date, months: YearsMonths) -> dt.date:
    return temporal.add_months(date, -months.total)


def _plus_months(date: dt.date, months: YearsMonths) -> dt.date:
    return temporal.add_months(date, months.total)


def _add_durations(a: YearsMonths, b: YearsMonths) -> YearsMonths:
    return YearsMonths(a.total + b.total)


def _subtract_durations(a: YearsMonths, b: YearsMonths) -> YearsMonths:
    return YearsMonths(a.total - b.total)


def _swapped(operation: Operation) -> Operation:
    return lambda a, b: operation(b, a)


_SPAN = dt.timedelta
_MOMENT = dt.datetime

OPERATIONS: dict[tuple[str, type, type], Operation] = {
    ("+", Decimal, Decimal): NUMBERS.add,
    ("-", Decimal, Decimal): NUMBERS.subtract,
    ("*", Decimal, Decimal): NUMBERS.multiply,
    ("/", Decimal, Decimal): NUMBERS.divide,
    ("**", Decimal, Decimal): _power,
    ("+", str, str): _join,
    ("+", _SPAN, _SPAN): lambda a, b: a + b,
    ("-", _SPAN, _SPAN): lambda a, b: a - b,
    ("*", _SPAN, Decimal): _scale,
    ("*", Decimal, _SPAN): _swapped(_scale),
    ("/", _SPAN, Decimal): _divide_span,
    ("/", _SPAN, _SPAN): _ratio,
    ("+", YearsMonths, YearsMonths): _add_durations,
    ("-", YearsMonths, YearsMonths): _subtract_durations,
    ("*", YearsMonths, Decimal): _scale_months,
    ("*", Decimal, YearsMonths): _swapped(_scale_months),
    ("/", YearsMonths, Decimal): _divide_months,
    ("/", YearsMonths, YearsMonths): _ratio_of_months,
    ("+", _MOMENT, _SPAN): _add_to_moment,
    ("+", _SPAN, _MOMENT): _swapped(_add_to_moment),
    ("-", _MOMENT, _SPAN): _minus(_add_to_moment),
    ("+", _MOMENT, YearsMonths): _plus_months,
    ("+", YearsMonths, _MOMENT): _swapped(_plus_months),
    ("-", _MOMENT, YearsMonths): _minus_months,
    ("-", _MOMENT, _MOMENT): _between_moments,
    ("-", _MOMENT, dt.date): _moment_less_date,
    ("-", dt.date, _MOMENT): _date_less_moment,
    ("+", dt.date, _SPAN): _add_to_date,
    ("+", _SPAN, dt.date): _swapped(_add_to_date),
    ("-", dt.date, _SPAN): _minus(_add_to_date),
    ("+", dt.date, YearsMonths): _plus_months,
    ("+", YearsMonths, dt.date): _swapped(_plus_months),
    ("-", dt.date, YearsMonths): _minus_months,
    ("-", dt.date, dt.date): lambda a, b: a - b,
    ("+", dt.time, _SPAN): _add_to_time,
    ("+", _SPAN, dt.time): _swapped(_add_to_time),
    ("-", dt.time, _SPAN): _minus(_add_to_time),
    ("-", dt.time, dt.time): _between_times,
}
