"""The year as it happens: every deed through the engine's verbs, at a time of its own.

People file, work, wait, forget, withdraw and extend by chance (a seed); the calendar is edited and
settings change on given days; beats do at its own moment what time makes due.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from agencies.transports import Endpoint
from bench.year.beats import Beats
from bench.year.upheavals import UPHEAVALS, Upheaval
from engine import cases
from engine.actors import Actor
from engine.bpmn.scenario_document import ClockReaches, Pass, Scenario
from engine.clock import TAIPEI, legal_day
from engine.errors import EngineError
from engine.packages import load_library
from sla import (
    clock_rows,
    extensions,
    month_figures,
    monthly_lists,
    on_time,
    overdue,
    reports,
)
from sla.explanation import national_calendar
from sla.scenarios import scenarios_of
from sla.spans import Unit
from sla.working_time import instant
from store import tables
from store.database import Database
from web.demo_office.citizens import Cast
from web.demo_office.office import found_office
from web.demo_office.player import Player, Stage, Stuck, span_end
from web.demo_office.seed import deploy_all

YEAR = 2026
FIRST, LAST = date(YEAR, 1, 2), date(YEAR, 12, 31)
OFFICE = "demo-south"
ENDPOINT = Endpoint("http://127.0.0.1:1", b"the year's secret", "http://127.0.0.1:1/answers")
OPENS, CLOSES = time(8, 30), time(16, 50)
WITHDRAWN, FORGOTTEN, LEFT, EXTENDED = 0.09, 0.05, 0.012, 0.06
"""By chance at each step: withdrawn; forgotten for days; left for good; its limit extended."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the product itself said: of each month, when it was over, the desk's figures, its counts
    and how long the list of late cases was; and, when the year was over, the report of its months
    (limits of whole cases and of tasks)."""

    shares: Mapping[date, tuple[on_time.Share, on_time.Share]]
    counts: Mapping[datetime, overdue.Counts]
    listed: Mapping[date, int]
    reported: Mapping[date, tuple[on_time.Share, on_time.Share]]
    deeds: Mapping[str, int]


@dataclass(slots=True)
class Year:
    """One run. `wanted` cases are filed from January to December."""

    db: Database
    library: Path
    wanted: int
    seed: int
    say: Callable[[float], None]
    deeds: Counter[str] = field(default_factory=Counter)
    _random: Random = field(init=False)
    _stage: Stage = field(init=False)
    _beats: Beats = field(init=False)
    _queue: list[tuple[datetime, int, Any]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _shares: dict[date, tuple[on_time.Share, on_time.Share]] = field(default_factory=dict)
    _counts: dict[datetime, overdue.Counts] = field(default_factory=dict)

    def live(self) -> Told:
        """Play the whole year, and say what the product said of it."""
        self._random = Random(self.seed)
        opened = instant(date(YEAR - 1, 12, 1), time(9))
        library = load_library(self.library)
        with self.db.transaction() as tx:
            people = found_office(tx, opened)
            deployed = deploy_all(tx, library, OFFICE, opened)
            # Nobody reads mail: whom a rung told stands in its row.
            tx.execute(update(tables.persons).values(email=None))
        self._stage = Stage(self.db, people, ENDPOINT, mails=1)
        self._beats = Beats(self._stage, opened)
        choices = [(each, told) for each in deployed for _, told in scenarios_of(library, each)]
        # Most matters are short: refused at the counter, referred, withdrawn.
        weights = [1 / (3 + len(scenario.steps)) for _, scenario in choices]
        for package_id, scenario in self._random.choices(choices, weights, k=self.wanted):
            self._add(package_id, scenario)
        for upheaval in UPHEAVALS:
            self._push(upheaval.at, upheaval)
        for month in range(1, 13):
            self._push(_month_end(month), month)
        self._work()
        return Told(self._shares, self._counts, *self._reports(), self.deeds)

    # --- the order of time ----------------------------------------------------------------------

    def _push(self, at: datetime, what: Any) -> None:
        heapq.heappush(self._queue, (at, next(self._order), what))

    def _work(self) -> None:
        end, day = _month_end(12), FIRST
        while self._queue and self._queue[0][0] <= end:
            at, _, what = heapq.heappop(self._queue)
            self._beats.drain(at)
            self._do(what, at)
            self._beats.drain(at)
            if legal_day(at) > day:
                day = legal_day(at)
                self.say(min(1.0, (day - FIRST).days / (LAST - FIRST).days))
        self._beats.drain(end)
        self.deeds["due things done"] = self._beats.done

    def _do(self, what: Any, at: datetime) -> None:
        match what:
            case Player():
                self._turn(what, at)
            case int():
                self._read_figures(at)
            case Upheaval():
                self.deeds[what.name] += 1
                what.happen(self.db, self._stage.people, at)

    # --- cases ----------------------------------------------------------------------------------

    def _add(self, package_id: str, scenario: Scenario) -> None:
        day = FIRST + timedelta(days=self._random.randrange((LAST - FIRST).days - 6))
        begin = self._in_hours(
            instant(day, OPENS) + timedelta(minutes=self._random.randint(0, 490))
        )
        # Whole weeks, so that a scenario's Monday stays a Monday.
        days = round((legal_day(begin) - legal_day(scenario.at)).days / 7) * 7
        self._push(begin, Player(self._stage, package_id, scenario, Cast(self._random, days)))

    def _turn(self, player: Player, at: datetime) -> None:
        """One deed in a case, and when the next will be."""
        chance = self._random.random()
        if player.case_id is not None and chance < WITHDRAWN:
            return self._withdraw(player.case_id, at)
        if player.case_id is not None and chance < WITHDRAWN + EXTENDED:
            self._extend(player.case_id, at)
        if not self._play(player, at) or self._random.random() < LEFT:
            return None
        return self._next(player, at)

    def _play(self, player: Player, at: datetime) -> bool:
        try:
            player.play(at)
        except (EngineError, Stuck) as refused:
            # Real cases come to a stop too: it lies there, and its limits run out.
            self.deeds[f"stopped: {getattr(refused, 'code', 'stuck')}"] += 1
            return False
        self.deeds["filed" if player.played == 0 else "steps"] += 1
        return True

    def _next(self, player: Player, at: datetime) -> None:
        step = player.next_step
        if step is None:
            return
        after = at + timedelta(minutes=self._random.randint(3, 600))
        if isinstance(step, Pass):
            after = span_end(step, at)
        elif isinstance(step, ClockReaches):
            after = max(player.clock_due(step) or at, at) + timedelta(minutes=1)
        elif self._random.random() < FORGOTTEN:
            after += timedelta(days=self._random.randint(3, 16))
        self._push(self._in_hours(after), player)

    def _withdraw(self, case_id: UUID, at: datetime) -> None:
        clerk = self._stage.actor("counter.lin")
        with suppress(EngineError), self.db.transaction() as tx:
            cases.withdraw(tx, case_id, "申請人撤回", clerk, at)
            self.deeds["withdrawn"] += 1

    def _extend(self, case_id: UUID, at: datetime) -> None:
        chief: Actor = self._stage.actor("chief.wang")
        longer = extensions.Longer(
            self._random.randint(1, 4), Unit.WORKING_DAY, "案情繁雜，需再查證", legal_day(at)
        )
        with self.db.transaction(read_only=True) as tx:
            running = [c.id for c in clock_rows.of_case(tx, case_id) if c.status == "running"]
        for clock_id in running:
            try:
                with self.db.transaction() as tx:
                    extensions.extend(tx, clock_id, longer, chief, at)
                    self.deeds["extended"] += 1
            except EngineError as refused:
                self.deeds[f"no extension: {refused.code}"] += 1

    def _in_hours(self, moment: datetime) -> datetime:
        """`moment`, or one of the next working day if the office is closed then; to the
        microsecond by chance, so that no deed falls on the moment of a rung."""
        day = legal_day(moment)
        calendar = national_calendar(day.year)
        jitter = timedelta(microseconds=self._random.randrange(60_000_000))
        if not calendar.is_working_day(day) or moment > instant(day, CLOSES):
            day = calendar.next_working_day(day)
            return instant(day, OPENS) + timedelta(minutes=self._random.randint(0, 90)) + jitter
        return max(moment, instant(day, OPENS)) + jitter

    # --- what the product says ------------------------------------------------------------------

    def _read_figures(self, at: datetime) -> None:
        while monthly_lists.make_next(self.db, at) or month_figures.sum_up_next(self.db, at):
            pass
        chief = self._stage.actor("chief.wang")
        with self.db.transaction(read_only=True) as tx:
            found = on_time.figures(tx, chief, at)
            self._counts[at] = overdue.counts(tx, chief, at)
        self._shares[found.last_month] = (found.cases[1], found.tasks[1])

    def _reports(
        self,
    ) -> tuple[dict[date, int], dict[date, tuple[on_time.Share, on_time.Share]]]:
        chief, end = self._stage.actor("chief.wang"), _month_end(12)
        wanted = reports.Wanted(date(YEAR, 1, 1), date(YEAR, 12, 1))
        lists = tables.overdue_lists
        with self.db.transaction(read_only=True) as tx:
            found = reports.report(tx, wanted, chief, end)
            rows = tx.execute(
                select(lists.c.month, lists.c.total).where(lists.c.office_id == OFFICE)
            )
            listed = {row.month: row.total for row in rows if row.month.year == YEAR}
        months = {
            date.fromisoformat(f"{line.key[:7]}-01"): (
                on_time.Share(line.cases.kept, line.cases.ended),
                on_time.Share(line.tasks.kept, line.tasks.ended),
            )
            for line in found.months
        }
        return listed, months


def _month_end(month: int) -> datetime:
    """A second past midnight on the first of the next month: the month is over."""
    first = date(YEAR + month // 12, month % 12 + 1, 1)
    return datetime.combine(first, time(0, 0, 1), TAIPEI).astimezone(UTC)
