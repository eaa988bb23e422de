"""What is said about a year that was lived: of how many things it holds, and where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import Connection

from engine.packages import Library

MOST_NAMED = 20
Broken: TypeAlias = Iterator[str | None]
"""What an invariant finds, once for each thing it is true of: None, or a sentence naming it."""


@dataclass(slots=True)
class Invariant:
    """One sentence about the year: of how many things it was found true, and where it is not."""

    zh: str
    en: str
    held: int = 0
    broken: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """As it is printed."""
        mark = "✗" if self.broken else "✓"
        yield f"{mark} {self.held:>9,}  {self.zh}\n             {self.en}"
        yield from (f"             {sentence}" for sentence in self.broken[:MOST_NAMED])
        if len(self.broken) > MOST_NAMED:
            yield f"             … {len(self.broken) - MOST_NAMED:,}"


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which year: the database, its library, how many cases were filed, its first and last day,
    and the moment after it."""

    tx: Connection
    library: Library
    cases: int
    first: date
    last: date
    now: datetime
