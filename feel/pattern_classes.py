"""Sets of characters in patterns: [a-z], \\d, \\p{Lu} …"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from feel.errors import Fault
from feel.pattern_blocks import BLOCKS

Accepts = Callable[[str], bool]


@dataclass(frozen=True)
class CharacterSet:
    """Says of one character whether it belongs."""

    accepts: Accepts

    def __call__(self, character: str) -> bool:
        return self.accepts(character)

    @staticmethod
    def anything() -> CharacterSet:
        return CharacterSet(lambda _: True)

    @staticmethod
    def of(characters: str, *, fold: bool = False) -> CharacterSet:
        members = frozenset(characters)
        plain = CharacterSet(members.__contains__)
        return plain.folded() if fold else plain

    @staticmethod
    def between(first: str, last: str) -> CharacterSet:
        return CharacterSet(lambda character: first <= character <= last)

    def negated(self) -> CharacterSet:
        return CharacterSet(lambda character: not self.accepts(character))

    def joined(self, other: CharacterSet) -> CharacterSet:
        return CharacterSet(lambda character: self.accepts(character) or other.accepts(character))

    def without(self, other: CharacterSet) -> CharacterSet:
        return CharacterSet(
            lambda character: self.accepts(character) and not other.accepts(character)
        )

    def folded(self) -> CharacterSet:
        """Take both cases of a letter if one belongs."""
        return CharacterSet(
            lambda character: (
                self.accepts(character)
                or self.accepts(character.lower())
                or self.accepts(character.upper())
            )
        )


def _category(names: tuple[str, ...]) -> CharacterSet:
    return CharacterSet(lambda character: unicodedata.category(character).startswith(names))


_DIGIT = _category(("Nd",))
_WORD = _category(("P", "Z", "C")).negated()  # as XML Schema has it: no punctuation, no blanks
_SPACE = CharacterSet.of(" \t\n\r")
_NAME_START = CharacterSet(lambda character: character.isalpha() or character in "_:")
_NAME = CharacterSet(lambda character: character.isalnum() or character in "_:.-\u00b7")

_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE, "i": _NAME_START, "c": _NAME}
_CHARACTERS = {"n": "\n", "r": "\r", "t": "\t"}
_CATEGORIES = frozenset(
    [
        "L",
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "M",
        "Mn",
        "Mc",
        "Me",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "Z",
        "Zs",
        "Zl",
        "Zp",
        "S",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cn",
    ]
)


def parse_escape(text: str, at: int) -> tuple[CharacterSet, int]:
    """Read what follows a backslash at `at - 1`; return it and the place behind it."""
    letter = text[at : at + 1]
    if letter in {"p", "P"}:
        return _parse_category(text, at)
    if letter and letter.lower() in _CLASSES:
        known = _CLASSES[letter.lower()]
        return (known.negated() if letter.isupper() else known), at + 1
    if letter.isdecimal():
        raise Fault("Expected no back-reference (such as \\1) inside of a class of characters")
    return CharacterSet.of(_escaped(text, at)), at + 1


def _escaped(text: str, at: int) -> str:
    letter = text[at : at + 1]
    if letter in _CHARACTERS:
        return _CHARACTERS[letter]
    if letter and letter in "\\|.?*+(){}[]-^$/ \"'#&~@!%,:;<=>_`":
        return letter
    raise Fault(f"Expected a known escape in the pattern, but found \\{letter}")


def _parse_category(text: str, at: int) -> tuple[CharacterSet, int]:
    end = text.find("}", at)
    name = text[at + 2 : end]
    block = BLOCKS.get(name.removeprefix("Is")) if name.startswith("Is") else None
    if text[at + 1 : at + 2] != "{" or end < 0 or (block is None and name not in _CATEGORIES):
        raise Fault("Expected a category or block such as \\p{L} or \\p{IsHiragana} in the pattern")
    found = CharacterSet.between(*map(chr, block)) if block else _category((name,))
    return (found.negated() if text[at] == "P" else found), end + 1


def parse_class(
    text: str, at: int, depth: int = 0, *, fold: bool = False
) -> tuple[CharacterSet, int]:
    """Read a class whose `[` is at `at - 1`; return it and the place behind its `]`.

    With `fold`, each letter in it stands for both its cases, also where the class is negated.
    """
    if depth > 5:
        raise Fault("Expected at most 5 classes inside each other in the pattern")
    negated = text[at : at + 1] == "^"
    at += negated
    start = at
    found: CharacterSet | None = None
    while text[at : at + 1] != "]":
        if at >= len(text):
            raise Fault(f"Expected ']' to close the class in the pattern {text!r}")
        if text.startswith("-[", at) and found is not None:
            inner, at = parse_class(text, at + 2, depth + 1, fold=fold)
            if text[at : at + 1] != "]":
                raise Fault("Expected ']' after the part that a class leaves out")
            kept = found.negated() if negated else found
            return kept.without(inner), at + 1
        part, at = _parse_part(text, at)
        part = part.folded() if fold else part
        found = part if found is None else found.joined(part)
    if found is None or at == start:
        raise Fault("Expected at least one character in a class of the pattern")
    return (found.negated() if negated else found), at + 1


def _parse_part(text: str, at: int) -> tuple[CharacterSet, int]:
    first, after = _single(text, at)
    if first is None:
        return parse_escape(text, at + 1)
    if text[after : after + 1] != "-" or text[after + 1 : after + 2] in {"]", "[", ""}:
        return CharacterSet.of(first), after
    last, end = _single(text, after + 1)
    if last is None or last < first:
        raise Fault("Expected a range such as a-z, from a lower to a higher character")
    return CharacterSet.between(first, last), end


def _single(text: str, at: int) -> tuple[str | None, int]:
    """Read one character of a class; None stands for a class such as \\d."""
    character = text[at]
    if character == "[":
        raise Fault("Expected \\[ for the bracket itself inside a class of the pattern")
    if character != "\\":
        return character, at + 1
    letter = text[at + 1 : at + 2]
    if letter in {"p", "P"} or (letter and letter.lower() in _CLASSES):
        return None, at
    return _escaped(text, at + 1), at + 2
