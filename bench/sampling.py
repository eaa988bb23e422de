"""Samples: what one run of one contestant took, and how rounds of them are told."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Sample:
    """One run. Seconds of wall and CPU time by kind of deed: `file`, `claim`, `complete`.

    CPU time is this process's; a PostgreSQL server's own is not in it.
    """

    who: str
    store: str
    cases: int
    wall: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    bytes_per_case: float = 0.0

    @property
    def completions(self) -> int:
        return len(self.wall["complete"])

    def per_second(self, *kinds: str) -> float:
        """Completions per second of the time that these kinds of deeds took."""
        return self.completions / sum(sum(self.wall[kind]) for kind in kinds)

    def cpu_ms(self, *kinds: str) -> float:
        """Milliseconds of CPU time per completion."""
        return 1000 * sum(self.cpu[kind] for kind in kinds) / self.completions

    def quantile_ms(self, kind: str, share: float) -> float:
        ordered = sorted(self.wall[kind])
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Stopwatch:
    """Times one deed of a kind into a sample."""

    __slots__ = ("_cpu", "_kind", "_sample", "_wall")

    def __init__(self, sample: Sample, kind: str) -> None:
        self._sample, self._kind = sample, kind

    def __enter__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def __exit__(self, failed: Any, *_: object) -> None:
        if failed is None:
            self._sample.wall[self._kind].append(time.perf_counter() - self._wall)
            self._sample.cpu[self._kind] += time.process_time() - self._cpu


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, lowest and highest of the rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        ordered = sorted(values)
        return cls(statistics.median(ordered), ordered[0], ordered[-1])

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.low)}–{_short(self.high)})"

    def as_dict(self) -> dict[str, float]:
        return {"median": self.median, "low": self.low, "high": self.high}


def _short(value: float) -> str:
    """Three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
