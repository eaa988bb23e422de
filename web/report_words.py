"""What the lines of a report are called, and its times in days, hours and bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from engine import case_list
from engine.minguo import FIRST_YEAR
from sla.ended import Sums
from sla.reports import Line
from sla.time_spent import ORDER
from store.tables import offices
from web.pages import in_language
from web.step_names import steps
from web.titles import titles
from web.visits import actor, lang, say

A_DAY, AN_HOUR = 86_400, 3_600
TIMES = tuple(kind.value for kind in ORDER)
TASK_TIMES = ("work", "pick_up", "outside")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: whose time, from where and how wide, in percent, and days on average."""

    kind: str
    start: float
    width: float
    days: float


def month_text(month: date) -> str:
    """A month in the reader's language: 115 年 3 月, Mar 2026."""
    if lang().startswith("zh"):
        return f"{month.year - FIRST_YEAR} 年 {month.month} 月"
    return f"{month:%b %Y}"


def own_office(tx: Connection) -> str:
    """What the visitor's office is called."""
    row = tx.execute(
        select(offices.c.name_zh, offices.c.name_en).where(offices.c.id == actor().office_id)
    ).one()
    return in_language(row.name_zh, row.name_en)


def average(seconds: int, number: int, unit: int = A_DAY) -> float | None:
    """On average, in days or another unit of so many seconds; None of nothing."""
    return seconds / number / unit if number else None


def parts(sums: Sums, kinds: Sequence[str] = TIMES) -> list[Part]:
    """The parts of a bar that shows whose time it was."""
    whole = sum(getattr(sums, kind) for kind in kinds)
    found: list[Part] = []
    start = 0.0
    for kind in kinds:
        spent = getattr(sums, kind)
        width = 100 * spent / whole if whole else 0.0
        if width:
            days = average(spent, sums.done) or 0.0
            found.append(Part(kind, round(start, 2), round(width, 2), days))
        start += width
    return found


class Names:
    """What the lines of a report are called, in the reader's language."""

    def __init__(self, tx: Connection) -> None:
        self._titles = titles(tx, actor().office_id)
        self._step = steps(tx)
        self._own = own_office(tx)
        self._offices: Mapping[str, Any] = case_list.searchable_offices(tx, actor())

    def scope(self, office_ids: Sequence[str]) -> str:
        """Whose figures they are."""
        if len(office_ids) > 1:
            return say("report.everywhere")
        return self._office(office_ids[0])

    def month(self, line: Line) -> str:
        return self.month_of(line.key)

    def month_of(self, first_day: str) -> str:
        return month_text(date.fromisoformat(first_day))

    def short_month(self, line: Line) -> str:
        """For the axis of a chart: `115/3`, `3/26`."""
        day = date.fromisoformat(line.key)
        if lang().startswith("zh"):
            return f"{day.year - FIRST_YEAR}/{day.month}"
        return f"{day.month}/{day:%y}"

    def office(self, line: Line) -> str:
        return self._office(line.key)

    def _office(self, office_id: str) -> str:
        known = self._offices.get(office_id)
        return known.text(lang()) if known else self._own

    def section(self, line: Line) -> str:
        return line.key or say("report.no_section")

    def process(self, package_id: str) -> str:
        known = self._titles.get(package_id)
        return known.text(lang()) if known else package_id

    def step(self, line: Line) -> str:
        return self._step(line.key, line.element_id)
