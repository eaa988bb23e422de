"""Finds names with blanks and symbols in a row of tokens.

`戶籍 地址`, `days late` and `fee-code` are names in FEEL, and only someone who knows which names
exist can tell `fee-code` from a subtraction. The longest known name wins. A name matches when the
same tokens stand in the text with blanks in the same places (how many does not matter).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from feel.errors import FeelSyntaxError
from feel.lexer import Token, TokenKind, tokens_of

_Pattern = tuple[tuple[str, bool], ...]
_SIMPLE = re.compile(r"[^\W\d]\w*")
_BLANKS = re.compile(r"\s+")


def normal(name: str) -> str:
    """Return `name` as contexts are asked for it: single blanks, none around."""
    return _BLANKS.sub(" ", name.strip()) if " " in name or not _SIMPLE.fullmatch(name) else name


@lru_cache(maxsize=1_024)
def in_parts(names: frozenset[str]) -> frozenset[str]:
    """Those of `names` that are no plain words: only they change how a text is read."""
    return frozenset(name for name in names if not _SIMPLE.fullmatch(name))


class KnownNames:
    """The names with more than one token, by their first token, longest first."""

    def __init__(self, names: Iterable[str], base: KnownNames | None = None) -> None:
        self.patterns: dict[str, list[_Pattern]] = (
            {first: list(patterns) for first, patterns in base.patterns.items()} if base else {}
        )
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make `name` known, unless it is a plain word, which needs no help to be read."""
        if _SIMPLE.fullmatch(name):
            return
        try:
            tokens = tokens_of(name)[:-1]
        except FeelSyntaxError:
            return  # a name that cannot stand in an expression; `get value` still reaches it
        if len(tokens) < 2 or tokens[0].kind is not TokenKind.NAME:
            return
        pattern = tuple((token.text, token.spaced) for token in tokens)
        known = self.patterns.setdefault(pattern[0][0], [])
        if pattern not in known:
            known.append(pattern)
            known.sort(key=len, reverse=True)

    def match(self, tokens: list[Token], at: int) -> int:
        """Return how many tokens from `at` on make up the longest known name, or 0."""
        for pattern in self.patterns.get(tokens[at].text, ()):
            if _matches(pattern, tokens, at):
                return len(pattern)
        return 0


def _matches(pattern: _Pattern, tokens: list[Token], at: int) -> bool:
    if at + len(pattern) >= len(tokens):
        return False
    return all(
        tokens[at + step].text == text and (step == 0 or tokens[at + step].spaced == spaced)
        for step, (text, spaced) in enumerate(pattern)
    )


def spelled(tokens: list[Token]) -> str:
    """Write a row of tokens as one name."""
    return "".join(
        (" " if token.spaced and at else "") + token.text for at, token in enumerate(tokens)
    )
