"""Where the time of a case went: worked on, waiting to be taken, waiting for whom. Pure.

Every moment since filing is counted once, for whoever had the case then: work before waiting for
somebody to take it, before waiting for the outside. Who outside is meant is said where the ledger
(the ground of a pause) or the outbox (a promise not answered) says it, and left open elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

DAY = timedelta(days=1)


class Spent(StrEnum):
    """Who had the case; the earlier ones win where several did."""

    WORK = "work"
    PICK_UP = "pick_up"  # nobody had taken the task
    APPLICANT = "applicant"
    AGENCY = "agency"
    OUTSIDE = "outside"  # a task waits for somebody; the records do not say for whom
    SYSTEM = "system"  # no task, no promise: a timer, or the engine


ORDER = tuple(Spent)
APPLICANTS = frozenset({"correction"})
AGENCIES = frozenset({"other_agency", "asking_superior"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when until when (None: still) somebody had the case; aware UTC."""

    kind: Spent
    begin: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """Calendar days by who had the case; their sum is its age."""

    days: dict[Spent, float]

    def of(self, kind: Spent) -> float:
        return self.days.get(kind, 0.0)

    @property
    def most(self) -> Spent | None:
        """Whom most of the time went to: the reason to look at first. None for a new case."""
        return max(self.days, key=lambda kind: self.days[kind], default=None)

    def parts(self) -> list[tuple[Spent, float, float]]:
        """(kind, start, width) of each part of a bar, in percent."""
        whole = sum(self.days.values())
        found: list[tuple[Spent, float, float]] = []
        start = 0.0
        for kind in ORDER:
            width = 100 * self.of(kind) / whole if whole else 0.0
            if width:
                found.append((kind, round(start, 2), round(width, 2)))
            start += width
        return found


def of_task(
    created_at: datetime,
    claimed_at: datetime | None,
    ended_at: datetime | None,
    *,
    waits: bool,
) -> Iterator[Stretch]:
    """What one user task says: waiting for the outside; or waiting to be taken, then work."""
    if waits:
        yield Stretch(Spent.OUTSIDE, created_at, ended_at)
        return
    yield Stretch(Spent.PICK_UP, created_at, claimed_at or ended_at)
    if claimed_at is not None:
        yield Stretch(Spent.WORK, claimed_at, ended_at)


def of_pause(ground: str | None, begin: datetime, end: datetime | None) -> Iterator[Stretch]:
    """What a pause of the clock says, where its ground names whom the case waits for."""
    if ground in APPLICANTS:
        yield Stretch(Spent.APPLICANT, begin, end)
    elif ground in AGENCIES:
        yield Stretch(Spent.AGENCY, begin, end)


def add_up(filed_at: datetime, until: datetime, stretches: Iterable[Stretch]) -> TimeSpent:
    """Give every moment from `filed_at` to `until` to whoever had the case then."""
    parts = shares(filed_at, until, stretches)
    return TimeSpent({kind: part / DAY for kind, part in parts.items()})


def shares(
    filed_at: datetime, until: datetime, stretches: Iterable[Stretch]
) -> dict[Spent, timedelta]:
    """The same, exactly; the parts make up the time between."""
    clipped = [_clip(each, filed_at, until) for each in stretches]
    known = [each for each in clipped if each is not None]
    edges = sorted({filed_at, until, *(e for each in known for e in (each[1], each[2]))})
    found: dict[Spent, timedelta] = {}
    for begin, end in pairwise(edges):
        kind = _who(known, begin)
        found[kind] = found.get(kind, timedelta()) + (end - begin)
    return found


def _who(known: Sequence[tuple[Spent, datetime, datetime]], at: datetime) -> Spent:
    present = {kind for kind, begin, end in known if begin <= at < end}
    return next((kind for kind in ORDER if kind in present), Spent.SYSTEM)


def _clip(
    stretch: Stretch, first: datetime, last: datetime
) -> tuple[Spent, datetime, datetime] | None:
    begin, end = max(stretch.begin, first), min(stretch.end or last, last)
    return (stretch.kind, begin, end) if begin < end else None
