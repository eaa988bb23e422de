"""Functions of lists (DMN 1.3, table 75) and `sort`."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from feel import comparison
from feel.arithmetic import operate
from feel.builtins_numeric import zero_of
from feel.errors import Code, Fault
from feel.limits import check_length, check_string, check_text_length
from feel.registry import Topic
from feel.runtime import Run
from feel.values import NUMBERS, Function, equal, kind

TOPIC = Topic()
define = TOPIC.define


def _spread(items: tuple[Any, ...]) -> list[Any]:
    """`f([1, 2])` and `f(1, 2)` are the same call."""
    if len(items) == 1 and type(items[0]) is list:
        return items[0]
    return list(items)


def _numbers(items: tuple[Any, ...]) -> list[Decimal]:
    numbers = _spread(items)
    for number in numbers:
        if type(number) is not Decimal:
            code = Code.NULL_OPERAND if number is None else Code.WRONG_TYPE
            raise Fault(f"Expected a list of numbers, but it holds {kind(number)}", code)
    return numbers


def at_position(items: list[Any], position: Decimal) -> int:
    """Return the Python index of a position that counts from 1, or from -1 at the end."""
    index = int(position) if abs(position) <= len(items) else 0
    if index == 0 or index != position:
        raise Fault(
            f"Expected a position in a list of {len(items)}, but got {position}",
            Code.OUT_OF_RANGE,
        )
    return index - 1 if index > 0 else index + len(items)


@define("list contains", "list: list, element: any", metered=True)
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    return any(equal(item, element, run.meter) is True for item in items)


@define("count", "list: list")
def count(items: list[Any]) -> Decimal:
    return Decimal(len(items))


def _extreme(items: list[Any], symbol: str) -> Any:
    best = items[0] if items else None
    for item in items:
        better = comparison.compare(symbol, item, best)
        if better is None:
            code = Code.NULL_OPERAND if item is None or best is None else Code.WRONG_TYPE
            raise Fault(
                f"Expected values of one order, but got {kind(item)} and {kind(best)}", code
            )
        best = item if better else best
    return best


@define("min", "...list: any")
def least(*items: Any) -> Any:
    return _extreme(_spread(items), "<")


@define("max", "...list: any")
def greatest(*items: Any) -> Any:
    return _extreme(_spread(items), ">")


@define("sum", "...list: any")
def total(*items: Any) -> Any:
    """The sum of numbers or of durations; null for an empty list."""
    numbers = _spread(items)
    if not numbers:
        return None
    return functools.reduce(lambda a, b: operate("+", a, b), numbers, zero_of(numbers[0]))


@define("product", "...list: any")
def product(*items: Any) -> Decimal | None:
    numbers = _numbers(items)
    return functools.reduce(NUMBERS.multiply, numbers) if numbers else None


@define("mean", "...list: any")
def mean(*items: Any) -> Any:
    numbers = _spread(items)
    return operate("/", total(numbers), Decimal(len(numbers))) if numbers else None


@define("median", "...list: any")
def median(*items: Any) -> Decimal | None:
    numbers = sorted(_numbers(items))
    middle = len(numbers) // 2
    if not numbers:
        return None
    if len(numbers) % 2:
        return numbers[middle]
    return NUMBERS.divide(NUMBERS.add(numbers[middle - 1], numbers[middle]), Decimal(2))


@define("stddev", "...list: any")
def standard_deviation(*items: Any) -> Decimal:
    """Of a sample (divided by n - 1), as the standard's example has it."""
    numbers = _numbers(items)
    if len(numbers) < 2:
        raise Fault("Expected at least two numbers")
    average = NUMBERS.divide(_sum(numbers), Decimal(len(numbers)))
    squares = [NUMBERS.power(NUMBERS.subtract(n, average), Decimal(2)) for n in numbers]
    return NUMBERS.sqrt(NUMBERS.divide(_sum(squares), Decimal(len(numbers) - 1)))


def _sum(numbers: list[Decimal]) -> Decimal:
    return functools.reduce(NUMBERS.add, numbers, Decimal(0))


@define("mode", "...list: any")
def mode(*items: Any) -> list[Decimal]:
    tally: dict[Decimal, int] = {}
    for number in _numbers(items):
        tally[number] = tally.get(number, 0) + 1
    most = max(tally.values(), default=0)
    return sorted(number for number, times in tally.items() if times == most)


def _judge(items: tuple[Any, ...], *, decisive: bool) -> bool | None:
    judgements = _spread(items)
    if any(judged is decisive for judged in judgements):
        return decisive
    return None if any(type(judged) is not bool for judged in judgements) else not decisive


@define("all", "...list: any")
def all_of(*items: Any) -> bool | None:
    return _judge(items, decisive=False)


@define("any", "...list: any")
def any_of(*items: Any) -> bool | None:
    return _judge(items, decisive=True)


@define("sublist", "list: list, start position: number, length?: number | null")
def sublist(items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any]:
    first = at_position(items, start)
    if length is None:
        return items[first:]
    if length < 0 or length != length.to_integral_value():
        raise Fault(f"Expected a whole number of elements, but got {length}")
    return items[first : first + min(int(length), len(items))]


@define("append", "list: list, ...item: any")
def append(items: list[Any], *more: Any) -> list[Any]:
    return _bounded([*items, *more])


@define("concatenate", "...list: list")
def concatenate(*lists: list[Any]) -> list[Any]:
    return _bounded([item for items in lists for item in items])


@define("insert before", "list: list, position: number, newItem: any")
def insert_before(items: list[Any], position: Decimal, item: Any) -> list[Any]:
    index = at_position(items, position)
    return _bounded([*items[:index], item, *items[index:]])


@define("remove", "list: list, position: number")
def remove(items: list[Any], position: Decimal) -> list[Any]:
    index = at_position(items, position)
    return items[:index] + items[index + 1 :]


@define("list replace", "list: list, position: number, newItem: any")
def list_replace(items: list[Any], position: Decimal, item: Any) -> list[Any]:
    index = at_position(items, position)
    return [*items[:index], item, *items[index + 1 :]]


@define("list replace", "list: list, match: function, newItem: any", metered=True)
def list_replace_matching(run: Run, items: list[Any], match: Function, item: Any) -> list[Any]:
    if len(match.parameters) != 2:
        raise Fault("Expected a function of two parameters (item, newItem) as 'match'")
    return [item if match.call(run, [old, item]) is True else old for old in items]


@define("reverse", "list: list")
def reverse(items: list[Any]) -> list[Any]:
    return items[::-1]


@define("index of", "list: list, match: any", metered=True)
def index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    return [
        Decimal(position)
        for position, item in enumerate(items, start=1)
        if equal(item, match, run.meter) is True
    ]


@define("distinct values", "list: list", metered=True)
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    seen: set[Any] = set()
    kept: list[Any] = []
    others: list[Any] = []
    for item in items:
        if type(item) in {Decimal, str, bool}:
            key = (type(item), item)
            if key not in seen:
                seen.add(key)
                kept.append(item)
            continue
        run.meter.spend(len(others))
        if not any(equal(item, other, run.meter) is True for other in others):
            others.append(item)
            kept.append(item)
    return kept


@define("union", "...list: list", metered=True)
def union(run: Run, *lists: list[Any]) -> list[Any]:
    return list(distinct_values(run, concatenate(*lists)))


@define("flatten", "list: list", metered=True)
def flatten(run: Run, items: list[Any]) -> list[Any]:
    flat: list[Any] = []
    pending: list[Iterator[Any]] = [iter(items)]
    while pending:
        for item in pending[-1]:
            run.meter.spend(1)
            if type(item) is list:
                pending.append(iter(item))
                break
            flat.append(item)
        else:
            pending.pop()
    return _bounded(flat)


@define("sort", "list: list, precedes?: function | null", metered=True)
def sort(run: Run, items: list[Any], precedes: Function | None = None) -> list[Any]:
    """Sort by `precedes(a, b)`, by nature without it; equal elements keep their order."""
    if precedes is not None and len(precedes.parameters) != 2:
        raise Fault("Expected a function of two parameters as 'precedes'")

    def before(a: Any, b: Any) -> bool:
        run.meter.spend(2)
        if precedes is None:
            return comparison.compare("<", a, b) is True
        return precedes.call(run, [a, b]) is True

    def order(a: Any, b: Any) -> int:
        return -1 if before(a, b) else int(before(b, a))

    if precedes is None and items:
        _extreme(items, "<")  # refuses what has no order
    return sorted(items, key=functools.cmp_to_key(order))


@define("string join", "list: list, delimiter?: string | null", metered=True)
def string_join(run: Run, items: list[Any], delimiter: str | None = None) -> str:
    """Null elements are left out."""
    words = [item for item in items if item is not None]
    if any(type(word) is not str for word in words):
        raise Fault("Expected a list of strings", Code.WRONG_TYPE)
    length = sum(map(len, words)) + len(words) * len(delimiter or "")
    run.meter.spend(length // 64)
    check_text_length(length)
    return check_string((delimiter or "").join(words))


def _bounded(items: list[Any]) -> list[Any]:
    check_length(len(items))
    return items
