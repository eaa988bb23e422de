"""Numeric functions (DMN 1.3, table 76; the rounding family as 1.4 spells it)."""

from __future__ import annotations

import datetime as dt
import decimal
from decimal import Decimal
from typing import Any

from feel.errors import Code, Fault
from feel.registry import Topic
from feel.values import NUMBERS, YearsMonths

TOPIC = Topic()
define = TOPIC.define

_LEAST_SCALE, _GREATEST_SCALE = -6111, 6176


def rounded(number: Decimal, scale: Decimal, how: str) -> Decimal:
    """Round to `scale` decimals. Raises Fault for scales that decimal128 does not have."""
    if scale != scale.to_integral_value() or not _LEAST_SCALE <= scale <= _GREATEST_SCALE:
        raise Fault(f"Expected a whole number of decimals, but got {scale}", Code.OUT_OF_RANGE)
    if -number.as_tuple().exponent <= scale:  # type: ignore[operator]
        return _padded(number, int(scale))
    unit = Decimal(1).scaleb(-int(scale))
    # A wide context: rounding only ever shortens the 34 digits there are.
    wide = decimal.Context(prec=7000, rounding=how)
    return NUMBERS.plus(wide.quantize(number, unit))


def _padded(number: Decimal, scale: int) -> Decimal:
    """Show the decimals asked for (2.5 with scale 2 is 2.50) if 34 digits can."""
    if number.adjusted() + scale >= NUMBERS.prec:
        return number
    return NUMBERS.quantize(number, Decimal(1).scaleb(-scale))


@define("decimal", "n: number, scale: number")
def to_scale(number: Decimal, scale: Decimal) -> Decimal:
    return rounded(number, scale, decimal.ROUND_HALF_EVEN)


@define("floor", "n: number, scale?: number")
def floor(number: Decimal, scale: Decimal | None = None) -> Decimal:
    return rounded(number, scale or Decimal(0), decimal.ROUND_FLOOR)


@define("ceiling", "n: number, scale?: number")
def ceiling(number: Decimal, scale: Decimal | None = None) -> Decimal:
    return rounded(number, scale or Decimal(0), decimal.ROUND_CEILING)


@define("round up", "n: number, scale: number")
def round_up(number: Decimal, scale: Decimal) -> Decimal:
    return rounded(number, scale, decimal.ROUND_UP)


@define("round down", "n: number, scale: number")
def round_down(number: Decimal, scale: Decimal) -> Decimal:
    return rounded(number, scale, decimal.ROUND_DOWN)


@define("round half up", "n: number, scale: number")
def round_half_up(number: Decimal, scale: Decimal) -> Decimal:
    return rounded(number, scale, decimal.ROUND_HALF_UP)


@define("round half down", "n: number, scale: number")
def round_half_down(number: Decimal, scale: Decimal) -> Decimal:
    return rounded(number, scale, decimal.ROUND_HALF_DOWN)


@define("abs", "n: number | span | months")
def absolute(value: Any) -> Any:
    match value:
        case Decimal():
            return NUMBERS.abs(value)
        case YearsMonths():
            return YearsMonths(abs(value.total))
    return abs(value)


@define("abs", "number: number | span | months")
def absolute_named(value: Any) -> Any:
    return absolute(value)


@define("modulo", "dividend: number, divisor: number")
def modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    if not divisor:
        raise Fault("Expected a divisor other than zero, but got 0", Code.DIVISION_BY_ZERO)
    # dividend - divisor * floor(dividend / divisor): the sign is that of the divisor.
    remainder = NUMBERS.remainder(dividend, divisor)
    if remainder and (remainder < 0) != (divisor < 0):
        remainder = NUMBERS.add(remainder, divisor)
    return remainder


@define("sqrt", "number: number")
def square_root(number: Decimal) -> Decimal:
    if number < 0:
        raise Fault("Expected a number that is not negative", Code.OUT_OF_RANGE)
    return NUMBERS.sqrt(number)


@define("log", "number: number")
def natural_logarithm(number: Decimal) -> Decimal:
    if number <= 0:
        raise Fault("Expected a number greater than zero", Code.OUT_OF_RANGE)
    return NUMBERS.ln(number)


@define("exp", "number: number")
def exponential(number: Decimal) -> Decimal:
    return NUMBERS.exp(number)


@define("odd", "number: number")
def is_odd(number: Decimal) -> bool:
    return NUMBERS.remainder(number, Decimal(2)).copy_abs() == 1


@define("even", "number: number")
def is_even(number: Decimal) -> bool:
    return not NUMBERS.remainder(number, Decimal(2))


def zero_of(value: Any) -> Any:
    """Return nothing of the kind of `value`: what a sum starts from."""
    match value:
        case dt.timedelta():
            return dt.timedelta()
        case YearsMonths():
            return YearsMonths(0)
    return Decimal(0)
