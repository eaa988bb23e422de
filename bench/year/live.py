"""The year as it happens: every deed through the engine's verbs, at a time of its own.

People file, work, wait, forget, withdraw and extend by chance (a seed); the calendar is edited and
settings change on given days; beats do at its own moment what time makes due.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from app import WAYS
from bench.year.office import YEAR, in_hours, open_office, opening
from bench.year.told import Shares, Told, figures_at, month_end, reports_of
from bench.year.upheavals import UPHEAVALS, Upheaval
from engine import cases
from engine.bpmn.scenario_document import ClockReaches, Pass, Scenario
from engine.clock import legal_day
from engine.errors import EngineError
from sla import clock_rows, extensions
from sla.overdue import Counts
from sla.spans import Unit
from store.database import Database
from web.demo_office.beats import Beats
from web.demo_office.citizens import Cast
from web.demo_office.player import Player, Stage, Stuck, span_end

FIRST, LAST = date(YEAR, 1, 2), date(YEAR, 12, 31)
WITHDRAWN, FORGOTTEN, LEFT, EXTENDED = 0.09, 0.05, 0.012, 0.06
"""By chance at each step: withdrawn; forgotten for days; left for good; its limit extended."""


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
    _shares: dict[date, Shares] = field(default_factory=dict)
    _counts: dict[datetime, Counts] = field(default_factory=dict)

    def live(self) -> Told:
        """Play the whole year, and say what the product said of it."""
        self._random = Random(self.seed)
        self._stage, choices = open_office(self.db, self.library)
        self._beats = Beats(self._stage, WAYS)
        # Most matters are short: refused at the counter, referred, withdrawn.
        weights = [1 / (3 + len(scenario.steps)) for _, scenario in choices]
        for package_id, scenario in self._random.choices(choices, weights, k=self.wanted):
            self._add(package_id, scenario)
        for upheaval in UPHEAVALS:
            self._push(upheaval.at, upheaval)
        for month in range(1, 13):
            self._push(month_end(month), month)
        self._work()
        listed, reported = reports_of(self.db, self._stage.actor("chief.wang"))
        return Told(self._shares, self._counts, listed, reported, self.deeds)

    # --- the order of time ----------------------------------------------------------------------

    def _push(self, at: datetime, what: Any) -> None:
        heapq.heappush(self._queue, (at, next(self._order), what))

    def _work(self) -> None:
        end, day = month_end(12), FIRST
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
                month, shares, counts = figures_at(self.db, self._stage.actor("chief.wang"), at)
                self._shares[month], self._counts[at] = shares, counts
            case Upheaval():
                self.deeds[what.name] += 1
                what.happen(self.db, self._stage.people, at)

    # --- cases ----------------------------------------------------------------------------------

    def _add(self, package_id: str, scenario: Scenario) -> None:
        day = FIRST + timedelta(days=self._random.randrange((LAST - FIRST).days - 6))
        begin = opening(day) + timedelta(minutes=self._random.randint(0, 490))
        begin = in_hours(begin, self._random)
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
            after = span_end(step, at, player.cast.days)
        elif isinstance(step, ClockReaches):
            after = max(player.clock_due(step) or at, at) + timedelta(minutes=1)
        elif self._random.random() < FORGOTTEN:
            after += timedelta(days=self._random.randint(3, 16))
        self._push(in_hours(after, self._random), player)

    def _withdraw(self, case_id: UUID, at: datetime) -> None:
        clerk = self._stage.actor("counter.lin")
        with suppress(EngineError), self.db.transaction() as tx:
            cases.withdraw(tx, case_id, "申請人撤回", clerk, at)
            self.deeds["withdrawn"] += 1

    def _extend(self, case_id: UUID, at: datetime) -> None:
        chief = self._stage.actor("chief.wang")
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
