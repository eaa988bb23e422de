"""Sentences that come in English, in Chinese: a table of both with the same gaps `{…}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

_GAP = re.compile(r"\{(\w+)\}")
AGAIN = "why"
"""A gap of this name holds a further sentence, which is told in Chinese where it is known."""


class GapWords:
    """A table of English sentences and their Chinese."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def in_chinese(self, sentence: str) -> str | None:
        """The sentence in Chinese, what it names filled in; None where nobody has worded it."""
        for pattern, chinese in self._patterns:
            match = pattern.fullmatch(sentence)
            if match is not None:
                named = match.groupdict()
                if AGAIN in named:
                    named[AGAIN] = self.in_chinese(named[AGAIN]) or named[AGAIN]
                return chinese.format_map(named)
        return None

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """The most particular first: those with the most words of their own."""
        ordered = sorted(self._words.items(), key=lambda each: -len(_GAP.sub("", each[0])))
        return tuple((_pattern(english), chinese) for english, chinese in ordered)


def _pattern(english: str) -> re.Pattern[str]:
    parts = _GAP.split(english)
    text = "".join(
        f"(?P<{part}>.*?)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
    )
    return re.compile(text, re.DOTALL)
