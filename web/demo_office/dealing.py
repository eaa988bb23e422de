"""Which cases come to the office in a year, when, and in which share of it each is lived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeAlias

from engine.bpmn.scenario_document import Scenario
from engine.packages import Library
from sla import booking_rules
from sla.explanation import national_calendar
from sla.working_time import instant
from web.demo_office.duties import PACKAGE as DUTY
from web.demo_office.duties import told
from web.demo_office.mix import Choice, Mix
from web.demo_office.plan import CLOSES, OPENS
from web.demo_office.seed import OUTAGE

YEAR = 2026
SHARES = 8  # more than are lived at once, so that nobody waits long for the last
APART = frozenset({booking_rules.PACKAGE, "A3", "P27", "P40"})
"""What takes something that the office has only once, such as a place of an appointment, is lived
in the first share, with the calendar's duties."""
DUTIES_LOAD = 3_000  # deeds of the duties of a year
Share: TypeAlias = Sequence[tuple[datetime, Choice]]
"""The cases of a share, each with the moment it is filed."""


@dataclass(frozen=True, slots=True)
class Year:
    """What to live: the process library, so many cases from `first` to `last`, by a seed."""

    library: Library
    cases: int
    seed: int
    first: date = date(YEAR, 1, 1)
    last: date = date(YEAR, 12, 31)

    @property
    def opened(self) -> datetime:
        """A month before the year: the people are there, and learn what to do in an outage."""
        return instant(self.first - timedelta(days=31), time(9))

    @property
    def begins(self) -> datetime:
        return instant(self.first, time(0))

    @property
    def ends(self) -> datetime:
        """Its last midnight."""
        return instant(self.last + timedelta(days=1), time(0))


def deal(year: Year) -> list[Share]:
    """The cases of the year, each with the moment it is filed, dealt out to the shares so that each
    has about as much to do. First come all ways of all packages, so that each is gone once."""
    random = Random(year.seed)  # noqa: S311 — the same year every time
    mix = Mix(year.library, filed_by_people(year.library))
    first = [choice for choice, _ in zip(mix.each_in_turn(), range(year.cases), strict=False)]
    days = _working_days(year)
    early = days[: max(1, len(days) * 3 // 5)]
    filed = [(_moment(random, early), choice) for choice in first]
    filed += [(_moment(random, days), each) for each in mix.some(year.cases - len(first), random)]
    return _dealt(sorted(filed, key=lambda each: each[0]))


def filed_by_people(library: Library) -> list[str]:
    """The packages of which people file cases; the calendar's duties begin by themselves."""
    by_themselves = {OUTAGE, DUTY, *told(library)}
    return [
        each
        for each, package in sorted(library.packages.items())
        if package.manifest.starts and each not in by_themselves
    ]


def _dealt(filed: Share) -> list[Share]:
    shares: list[list[tuple[datetime, Choice]]] = [[] for _ in range(SHARES)]
    load = [min(DUTIES_LOAD, len(filed)), *([0] * (SHARES - 1))]
    for at, choice in filed:
        package_id, scenario = choice
        number = 0 if package_id in APART else load.index(min(load))
        shares[number].append((at, choice))
        load[number] += _deeds(scenario)
    return list(shares)


def _deeds(scenario: Scenario) -> int:
    return 3 + len(scenario.steps)


def _working_days(year: Year) -> list[date]:
    calendar = national_calendar(year.first.year)
    count = (year.last - year.first).days + 1
    days = (year.first + timedelta(days=number) for number in range(count))
    return [day for day in days if calendar.is_working_day(day)]


def _moment(random: Random, days: Sequence[date]) -> datetime:
    minutes = (CLOSES.hour - OPENS.hour) * 60 + CLOSES.minute - OPENS.minute
    seconds = random.randrange(minutes * 60)
    return instant(random.choice(days), OPENS) + timedelta(seconds=seconds)
