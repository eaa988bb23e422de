"""Walks along the tokens of one text, and reads what is a name there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from feel.errors import FeelSyntaxError, Lines, Position
from feel.lexer import Token, TokenKind, tokens_of
from feel.limits import MAX_NESTING
from feel.names import KnownNames, spelled

KEYWORDS = frozenset(
    [
        "for",
        "in",
        "return",
        "if",
        "then",
        "else",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "between",
        "instance",
        "of",
        "function",
        "external",
        "true",
        "false",
        "null",
    ]
)
_NAME_SYMBOLS = frozenset({".", "/", "-", "'", "’", "+", "*", "**", ".."})

_FULL_WIDTH_HINTS = {
    "，": ",",
    "、": ",",
    "（": "(",
    "）": ")",
    "「": '"',
    "」": '"',
    "“": '"',
    "”": '"',
    "＝": "=",
    "＞": ">",
    "＜": "<",
    "：": ":",
    "；": ",",
    "'": '"',
    "==": "=",
}


class Cursor:
    """The place in the tokens, the names known there, and how deep the reading is."""

    def __init__(self, text: str, names: KnownNames) -> None:
        self.lines = Lines(text)
        self._tokens = tokens_of(text)
        self._at = 0
        self._known = names
        self._depth = 0

    @property
    def current(self) -> Token:
        return self._tokens[self._at]

    def take(self) -> Token:
        """Return the current token and go on to the next; END is never passed."""
        token = self._tokens[self._at]
        if token.kind is not TokenKind.END:
            self._at += 1
        return token

    def skip(self, text: str) -> bool:
        """Pass the current token if it reads `text`, and say whether it did."""
        token = self.current
        if token.text != text or token.kind is TokenKind.STRING:
            return False
        self._at += 1
        return True

    def ahead_is(self, *texts: str) -> bool:
        found = [token.text for token in self._tokens[self._at : self._at + len(texts)]]
        return found == list(texts)

    def expect(self, text: str, *alternatives: str, after: str = "") -> None:
        """Pass `text`, or raise a FeelSyntaxError that names it and its alternatives."""
        if not self.skip(text):
            wanted = " or ".join(f"'{word}'" for word in (text, *alternatives))
            raise self.unexpected(wanted + (f" after {after}" if after else ""))

    def since(self, start: int) -> Position:
        """Return the stretch from `start` to the end of the token just passed."""
        return self.lines.position(start, max(start, self._tokens[self._at - 1].end))

    def unexpected(self, wanted: str, token: Token | None = None) -> FeelSyntaxError:
        token = token or self.current
        hint = _FULL_WIDTH_HINTS.get(token.text)
        if hint is None and token.text == "=" and self._tokens[self._at - 1].text == "=":
            hint = "="
        advice = f"; write {hint} instead" if hint else ""
        position = self.lines.position(token.start, token.end)
        return FeelSyntaxError(f"Expected {wanted}, but found {token.describe()}{advice}", position)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise self.unexpected(f"at most {MAX_NESTING} levels of nesting")
        try:
            yield
        finally:
            self._depth -= 1

    @contextmanager
    def local_names(self) -> Iterator[KnownNames]:
        """Let names be added that are known until the block ends."""
        outer = self._known
        self._known = KnownNames((), outer)
        try:
            yield self._known
        finally:
            self._known = outer

    def known_name_ahead(self) -> bool:
        """Say whether a known name of several tokens begins here, such as `for whom`."""
        return self.current.kind is TokenKind.NAME and bool(
            self._known.match(self._tokens, self._at)
        )

    def name(self, wanted: str, *, entry: bool = False) -> str:
        """Read a name: the longest known one, and words that follow it without an operator."""
        start = self._at
        self._at += self._known.match(self._tokens, start)
        if self._at == start:
            token = self.take()
            if token.kind is not TokenKind.NAME or (token.text in KEYWORDS and not entry):
                raise self.unexpected(wanted, token)
        while self.current.kind is TokenKind.NAME and self.current.text not in KEYWORDS:
            # Two words side by side can be nothing but one name that we were not told of.
            self.take()
        return spelled(self._tokens[start : self._at])

    def new_name(self, stops: Collection[str]) -> str:
        """Read a name that is introduced here; it ends before one of `stops`."""
        start = self._at
        while self.current.kind is not TokenKind.END and self.current.text not in stops:
            if not _may_be_in_name(self.current, first=self._at == start):
                raise self.unexpected("a name")
            self.take()
        if self._at == start:
            raise self.unexpected("a name")
        return spelled(self._tokens[start : self._at])

    def argument_name(self) -> str | None:
        """Read `name :` in front of an argument, if that is what stands here."""
        end = self._at
        while _may_be_in_name(self._tokens[end], first=end == self._at):
            end += 1
        if end == self._at or self._tokens[end].text != ":":
            return None
        name = spelled(self._tokens[self._at : end])
        self._at = end + 1
        return name

    def key(self) -> str:
        """Read the key of a context entry and the colon after it."""
        if self.current.kind is TokenKind.STRING:
            key = str(self.take().value)
        else:
            key = self.new_name({":"})
        self.expect(":", after="the key of a context entry")
        return key


def _may_be_in_name(token: Token, *, first: bool) -> bool:
    if token.kind is TokenKind.NAME:
        return token.text != "?"
    return not first and (token.kind is TokenKind.NUMBER or token.text in _NAME_SYMBOLS)
