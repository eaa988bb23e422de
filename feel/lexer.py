"""Cuts the text of an expression into tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from feel.errors import FeelSyntaxError, Lines
from feel.limits import MAX_TEXT


class TokenKind(StrEnum):
    NUMBER = "number"
    STRING = "string"
    NAME = "name"
    SYMBOL = "symbol"
    END = "end of the text"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is what stands in the source; `value` what a string says; `spaced`: after a blank."""

    kind: TokenKind
    text: str
    start: int
    end: int
    spaced: bool
    value: Any = None

    def describe(self) -> str:
        return str(self.kind) if self.kind is TokenKind.END else f"{self.text!r}"


# Rules 28 and 29 of the FEEL grammar: what a name may begin with, and go on with. `?` is a name
# of its own here (the input of a unary test), never the beginning of another one.
_NAME_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME_PART = _NAME_START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"

# The standard's range of name characters takes in full-width punctuation. Nobody who types a
# full-width comma means a name with a comma in it, so these are refused with a sentence instead.
_FULL_WIDTH = "\u3001\u3002\u3008-\u3011\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_BLANK = r"[\s\x85\xa0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]"

_TOKEN = re.compile(
    rf"""
    (?P<blank>(?:{_BLANK}|//[^\n]*|/\*.*?\*/)+)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
  | (?P<name>\?|(?![{_FULL_WIDTH}])[{_NAME_START}](?:(?![{_FULL_WIDTH}])[{_NAME_PART}])*)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<symbol>\.\.\.|\.\.|\*\*|<=|>=|!=|->|.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
_PLAIN_ESCAPES = {'"': '"', "\\": "\\", "'": "'", "n": "\n", "r": "\r", "t": "\t"}


def tokens_of(text: str) -> list[Token]:
    """Cut `text`; the last token is END. Raises FeelSyntaxError for strings without an end."""
    if len(text) > MAX_TEXT:
        raise FeelSyntaxError(
            f"Expected an expression of at most {MAX_TEXT} characters, but got {len(text)}",
            Lines("").position(0, 0),
        )
    found: list[Token] = []
    spaced = False
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "blank":
            spaced = True
            continue
        found.append(_token(text, match, spaced))
        spaced = False
    found.append(Token(TokenKind.END, "", len(text), len(text), spaced))
    return found


def _token(text: str, match: re.Match[str], spaced: bool) -> Token:  # noqa: FBT001 -- private
    start, end = match.span()
    kind = TokenKind(match.lastgroup or "symbol")
    value = None
    if kind is TokenKind.STRING:
        value = _unescape(text, match)
    elif match.group() == '"':
        raise FeelSyntaxError(
            "Expected a closing double quote, but the string never ends",
            Lines(text).position(start, len(text)),
        )
    elif match.group() == "/" and text.startswith("/*", start):
        raise FeelSyntaxError(
            "Expected */ to close the comment, but the comment never ends",
            Lines(text).position(start, len(text)),
        )
    return Token(kind, match.group(), start, end, spaced, value)


def _unescape(text: str, match: re.Match[str]) -> str:
    def replace(escape: re.Match[str]) -> str:
        body = escape.group(1)
        if body in _PLAIN_ESCAPES:
            return _PLAIN_ESCAPES[body]
        if len(body) > 1 and int(body[1:], 16) <= 0x10FFFF:
            return chr(int(body[1:], 16))
        # Grammar rule 64: a backslash that begins no escape is a character like any other.
        return escape.group()

    plain = _ESCAPE.sub(replace, match.group()[1:-1])
    try:
        # Two \u escapes may spell one character outside the basic plane (rule 65).
        return plain.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise FeelSyntaxError(
            "Expected \\u escapes of a surrogate pair to come in twos",
            Lines(text).position(*match.span()),
        ) from None
