"""What has changed in a list since it was shown, told in words; nothing is exchanged unasked.

A row of a list carries a mark (`data-row`): a name that stays with what it shows, and a
fingerprint of its present state. The page sends back the marks it shows; the difference to the
list of now is the news.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

MOST_MARKS = 60
"""A page has at most fifty rows; whoever sends more is told nothing."""


@dataclass(frozen=True, slots=True)
class News:
    """How many rows came, changed, and went."""

    new: int
    changed: int
    gone: int

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def row_mark(key: object, *facts: object) -> str:
    """The mark of a row: who it is, and how it stands. Neither can be read back."""
    return f"{_digest(str(key), 8)}.{_digest('|'.join(map(str, facts)), 4)}"


def compare(seen: str, present: Iterable[str]) -> News:
    """What is new against the marks a page shows, given as it sends them: joined by commas."""
    marks = [mark for mark in seen.split(",") if mark]
    if len(marks) > MOST_MARKS:
        return News(0, 0, 0)
    before = dict(_parted(mark) for mark in marks)
    after = dict(_parted(mark) for mark in present)
    return News(
        new=len(after.keys() - before.keys()),
        changed=sum(after[key] != before[key] for key in after.keys() & before.keys()),
        gone=len(before.keys() - after.keys()),
    )


def _parted(mark: str) -> tuple[str, str]:
    key, _, state = mark.partition(".")
    return key, state


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
