"""What the client knows, kept outside the system: one line for every answer, or for none.

An outcome is `ok`, `fail`, `later` (429) or `unknown` (the connection broke, or 503). Unknown is
neither lost nor done: the client repeats the request with the same key until it is answered.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One try. `deed` is file, take or complete; `thing` is the case or task it was about."""

    key: str
    deed: str
    login: str
    attempt: int
    outcome: str
    status: int = 0
    replayed: bool = False
    thing: str | None = None
    answer: dict[str, Any] = field(default_factory=dict)
    body_hash: str = ""


class Ledger:
    """Append-only; every line is in the file before the next request is sent."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._out = file.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._lines: list[Line] = []
        self.counts: Counter[str] = Counter()
        self.deeds = 0  # done and acknowledged; finding nothing to do is none

    def write(self, line: Line) -> None:
        with self._lock:
            self._out.write(json.dumps(asdict(line)) + "\n")
            self._out.flush()
            self._lines.append(line)
            self.counts[line.outcome] += 1
            self.deeds += line.outcome == "ok" and line.thing is not None

    def close(self) -> None:
        self._out.close()

    def lines(self) -> list[Line]:
        with self._lock:
            return list(self._lines)

    def last_of_each_key(self) -> Iterator[Line]:
        """How every request ended."""
        yield from {line.key: line for line in self.lines()}.values()

    def done(self, deed: str) -> list[Line]:
        return [
            line for line in self.last_of_each_key() if line.deed == deed and line.outcome == "ok"
        ]

    def first_unknown(self) -> set[str]:
        """Keys of requests that were left unanswered at least once."""
        return {line.key for line in self.lines() if line.outcome == "unknown"}


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
