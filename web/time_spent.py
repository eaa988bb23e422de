"""Where the time of a case went so far: worked on, waiting to be claimed, waiting for outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from store.tables import user_tasks

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """Calendar days, by who had the case. `parts` are percentages of the whole, for the bar."""

    work: float = 0.0
    idle: float = 0.0
    outside: float = 0.0

    @property
    def most(self) -> str:
        """The kind most of the time went to: the reason to look at first."""
        kinds = {"work": self.work, "idle": self.idle, "outside": self.outside}
        return max(kinds, key=lambda kind: kinds[kind])

    def parts(self) -> list[tuple[str, float, float]]:
        """(kind, start, width) of each stretch of the bar, in percent."""
        whole = self.work + self.idle + self.outside
        found, start = [], 0.0
        for kind, days in (("work", self.work), ("idle", self.idle), ("outside", self.outside)):
            width = 100 * days / whole if whole else 0.0
            if width:
                found.append((kind, round(start, 2), round(width, 2)))
            start += width
        return found


def time_spent(
    tx: Connection, case_ids: Collection[UUID], now: datetime
) -> Mapping[UUID, TimeSpent]:
    """For each case, from its user tasks, ended ones and open ones until `now`."""
    if not case_ids:
        return {}
    rows = tx.execute(
        select(
            user_tasks.c.case_id,
            user_tasks.c.wait,
            user_tasks.c.created_at,
            user_tasks.c.claimed_at,
            user_tasks.c.ended_at,
        ).where(user_tasks.c.case_id.in_(case_ids))
    ).all()
    by_case: dict[UUID, list[Any]] = {}
    for row in rows:
        by_case.setdefault(row.case_id, []).append(row)
    return {case_id: _sum(found, now) for case_id, found in by_case.items()}


def _sum(rows: Collection[Any], now: datetime) -> TimeSpent:
    work = idle = outside = timedelta()
    for row in rows:
        ended = row.ended_at or now
        claimed = max(min(row.claimed_at or ended, ended), row.created_at)
        if row.wait:
            outside += ended - row.created_at
        else:
            idle += claimed - row.created_at
            work += ended - claimed
    return TimeSpent(work / DAY, idle / DAY, outside / DAY)
