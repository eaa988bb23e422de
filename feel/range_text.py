"""Reads a range written in a string, for the function `range` (DMN 1.5, table 74).

Only literals may stand at its ends: numbers, strings, `@"…"`, and `date("…")` and its like. An
end may be missing where the bracket beside it is open: `[2..)` is `>= 2`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from feel import temporal
from feel.comparison import compare
from feel.errors import Fault, FeelSyntaxError
from feel.lexer import Token, TokenKind, tokens_of
from feel.values import NUMBERS, Range

_READERS: dict[str, Callable[[str], Any]] = {
    "date": temporal.parse_date,
    "time": temporal.parse_time,
    "date and time": temporal.parse_moment,
    "duration": temporal.parse_duration,
    "@": temporal.parse_any,
}


def read_range(text: str) -> Range:
    """Return the range that `text` spells. Raises Fault."""
    try:
        tokens = tokens_of(text)[:-1]
    except FeelSyntaxError as refusal:
        raise Fault(refusal.message) from None
    words = [token.text for token in tokens]
    if len(words) < 4 or words[0] not in "[(]" or words[-1] not in "])[" or ".." not in words:
        raise _refusal(text)
    middle = words.index("..")
    start = _endpoint(tokens[1:middle], text)
    end = _endpoint(tokens[middle + 1 : -1], text)
    found = Range(start, end, words[0] == "[", words[-1] == "]")
    if not _is_whole(found):
        raise _refusal(text)
    return found


def _is_whole(found: Range) -> bool:
    if found.start is None or found.end is None:
        open_start = found.start is None and not found.start_included
        open_end = found.end is None and not found.end_included
        return open_start != open_end and (open_start or found.start is not None)
    return compare("<=", found.start, found.end) is not None


def _endpoint(tokens: list[Token], text: str) -> Any:
    kinds = [token.kind for token in tokens]
    words = [token.text for token in tokens]
    match kinds:
        case []:
            return None
        case [TokenKind.NUMBER]:
            return _number(words[0], text)
        case [TokenKind.SYMBOL, TokenKind.NUMBER] if words[0] == "-":
            return NUMBERS.minus(_number(words[1], text))
        case [TokenKind.STRING]:
            return tokens[0].value
        case [TokenKind.SYMBOL, TokenKind.STRING] if words[0] == "@":
            return temporal.parse_any(tokens[1].value)
        case [*_, TokenKind.SYMBOL, TokenKind.STRING, TokenKind.SYMBOL]:
            reader = _READERS.get(" ".join(words[:-3]))
            if reader is not None and words[-3] == "(" and words[-1] == ")":
                return reader(tokens[-2].value)
    raise _refusal(text)


def _number(word: str, text: str) -> Decimal:
    number = Decimal(word)
    if len(number.as_tuple().digits) > NUMBERS.prec or abs(number.adjusted()) > NUMBERS.Emax:
        raise _refusal(text)
    return number


def _refusal(text: str) -> Fault:
    return Fault(
        'Expected a range of two literals such as [1..10) or [@"2026-03-02"..), '
        f"but got {len(text)} other characters"
    )
