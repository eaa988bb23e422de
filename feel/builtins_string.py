"""Functions of strings (DMN 1.3, table 74) and `not`. Positions count characters from 1."""

from __future__ import annotations

from decimal import Decimal

from feel import patterns
from feel.errors import Code, Fault
from feel.limits import check_string, check_text_length
from feel.registry import Topic
from feel.runtime import Run

TOPIC = Topic()
define = TOPIC.define


@define("not", "negand: boolean | null")
def negation(negand: bool | None) -> bool | None:  # noqa: FBT001 -- FEEL passes by position
    return None if negand is None else not negand


@define("substring", "string: string, start position: number, length?: number | null")
def substring(text: str, start: Decimal, length: Decimal | None = None) -> str:
    if not start or start != start.to_integral_value():
        raise Fault(f"Expected a position from 1 on, or from -1 at the end, but got {start}")
    if length is not None and length < 1:
        raise Fault(f"Expected a length of at least 1, but got {length}")
    first = max(int(start), -len(text))
    first = first - 1 if first > 0 else first + len(text)
    return text[first:] if length is None else text[first : first + min(int(length), len(text))]


@define("string length", "string: string")
def string_length(text: str) -> Decimal:
    return Decimal(len(text))


@define("upper case", "string: string")
def upper_case(text: str) -> str:
    return check_string(text.upper())


@define("lower case", "string: string")
def lower_case(text: str) -> str:
    return check_string(text.lower())


@define("substring before", "string: string, match: string")
def substring_before(text: str, match: str) -> str:
    return text.partition(match)[0] if match and match in text else ""


@define("substring after", "string: string, match: string")
def substring_after(text: str, match: str) -> str:
    return text.partition(match)[2] if match else text


@define("contains", "string: string, match: string")
def contains(text: str, match: str) -> bool:
    return match in text


@define("starts with", "string: string, match: string")
def starts_with(text: str, match: str) -> bool:
    return text.startswith(match)


@define("ends with", "string: string, match: string")
def ends_with(text: str, match: str) -> bool:
    return text.endswith(match)


@define("matches", "input: string, pattern: string, flags?: string | null", metered=True)
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool:
    """True if the pattern is found anywhere; anchor it with ^ and $ for the whole text."""
    return patterns.compiled(pattern, flags or "").search(text, 0, run.meter) is not None


@define(
    "replace",
    "input: string, pattern: string, replacement: string, flags?: string | null",
    metered=True,
)
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    """Put `replacement` for every match; $1 to $9 stand for groups, $0 for the match."""
    program = patterns.compiled(pattern, flags or "")
    parts = patterns.parse_replacement(replacement, literal="q" in (flags or ""))
    done: list[str] = []
    at = length = 0
    for found in _matches_of(program, text, run):
        done.append(text[at : found[0]])
        done += (part if type(part) is str else _group(text, found, part) for part in parts)
        at = found[1]
        length += sum(map(len, done[-len(parts) - 1 :]))
        check_text_length(length)
    return check_string("".join(done) + text[at:])


def _group(text: str, found: patterns.Spans, number: int | str) -> str:
    start, end = found[2 * int(number) : 2 * int(number) + 2] or (-1, -1)
    return text[start:end] if start >= 0 else ""


def _matches_of(program: patterns.Program, text: str, run: Run) -> list[patterns.Spans]:
    if program.search("", 0, run.meter) is not None:
        raise Fault("Expected a pattern that does not match the empty string", Code.BAD_ARGUMENT)
    found: list[patterns.Spans] = []
    at = 0
    while at <= len(text) and (spans := program.search(text, at, run.meter)) is not None:
        found.append(spans)
        at = max(spans[1], at + 1)
    return found


@define("split", "string: string, delimiter: string", metered=True)
def split(run: Run, text: str, delimiter: str) -> list[str]:
    """Cut at every match of the pattern `delimiter`."""
    program = patterns.compiled(delimiter, "")
    parts: list[str] = []
    at = 0
    for found in _matches_of(program, text, run):
        parts.append(text[at : found[0]])
        at = found[1]
    return [*parts, text[at:]]
