"""What the matching rows of a decision table say together (DMN 1.3, section 8.2.8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from feel.builtins_list import count, greatest, least, total
from feel.errors import Code, Fault
from feel.limits import Meter
from feel.values import equal


class HitPolicy(StrEnum):
    UNIQUE = "UNIQUE"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    FIRST = "FIRST"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"

    @property
    def single(self) -> bool:
        """Whether one row is the answer, not a list."""
        return self in {self.UNIQUE, self.ANY, self.PRIORITY, self.FIRST}

    @property
    def ordered(self) -> bool:
        """Whether the order of the output values decides."""
        return self in {self.PRIORITY, self.OUTPUT_ORDER}


@dataclass(frozen=True, slots=True)
class Match:
    """A row that matches: its index from 0, its output, and its rank among the output values."""

    index: int
    value: Any
    rank: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The value of a table and the rows it comes from."""

    value: Any
    used: tuple[Match, ...]


AGGREGATORS: dict[str, Callable[[list[Any]], Any]] = {
    "SUM": total,
    "COUNT": count,
    "MIN": least,
    "MAX": greatest,
}


def decide(policy: HitPolicy, matches: list[Match], meter: Meter) -> Outcome:
    """Join the matching rows (at least one). Raises Fault if the policy forbids what they say."""
    match policy:
        case HitPolicy.UNIQUE:
            return _unique(matches)
        case HitPolicy.ANY:
            return _any(matches, meter)
        case HitPolicy.FIRST:
            return _one(matches[0])
        case HitPolicy.PRIORITY:
            return _one(min(matches, key=lambda match: (match.rank, match.index)))
        case HitPolicy.OUTPUT_ORDER:
            return _all(sorted(matches, key=lambda match: (match.rank, match.index)))
    return _all(matches)


def _one(match: Match) -> Outcome:
    return Outcome(match.value, (match,))


def _all(matches: list[Match]) -> Outcome:
    return Outcome([match.value for match in matches], tuple(matches))


def _rows(matches: list[Match]) -> str:
    return ", ".join(str(match.index + 1) for match in matches)


def _unique(matches: list[Match]) -> Outcome:
    if len(matches) > 1:
        raise Fault(
            f"Expected one row to match (hit policy UNIQUE), but rows {_rows(matches)} do",
            Code.SEVERAL_RULES,
        )
    return _one(matches[0])


def _any(matches: list[Match], meter: Meter) -> Outcome:
    first = matches[0]
    if any(equal(first.value, match.value, meter) is not True for match in matches[1:]):
        raise Fault(
            f"Expected rows {_rows(matches)} to say the same (hit policy ANY), but they differ",
            Code.SEVERAL_RULES,
        )
    return Outcome(first.value, tuple(matches))
