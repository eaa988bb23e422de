"""The plan of the demo's past: who does what when, played in the order of time."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random

import structlog

from engine import cases, sealing
from engine.bpmn.scenario_document import ClockReaches, Pass, Scenario
from engine.clock import legal_day
from engine.errors import EngineError
from sla import escalation
from sla.explanation import national_calendar
from sla.working_time import Calendar, instant
from web.demo_office import duties
from web.demo_office.appointments import appointments
from web.demo_office.beats import Beats
from web.demo_office.citizens import Cast
from web.demo_office.player import Player, Stage, Stuck, span_end

__all__ = ["Habits", "Heard", "Plan", "Say", "Stage", "duties", "in_hours", "next_morning"]

log = structlog.get_logger()
Say = Callable[[str], None]
Heard = Callable[[datetime, int], None]
"""Hears of each deed: when it was, and, if a case was filed, how many were by now."""
WEEKS = 8
MOST_DAYS = 24 * 7  # the office opened half a year ago
OPENS, CLOSES = time(8, 30), time(16, 50)
STOPPED_SHARE = 0.4  # of the cases are still on their way
OLD_SHARE = 0.12  # of those have lain about for days: the overdue desk has work


@dataclass(frozen=True, slots=True)
class Habits:
    """What happens to a case between two deeds, by chance: it is forgotten for days, its applicant
    withdraws it, or nobody ever looks at it again."""

    forgotten: float = 0
    withdrawn: float = 0
    left: float = 0


@dataclass(slots=True)
class Plan:
    """Who does what when."""

    stage: Stage
    ways: escalation.Ways
    random: Random
    habits: Habits = Habits()
    refused: Counter[str] = field(default_factory=Counter)
    _beats: Beats = field(init=False)
    _queue: list[tuple[datetime, int, Player | duties.Morning]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _until: dict[int, datetime] = field(default_factory=dict)
    _told: duties.Told = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._beats = Beats(self.stage, self.ways)

    def fill(self, choices: Sequence[tuple[str, Scenario]], wanted: int, now: datetime) -> None:
        """Plan the cases: most of them finished by `now`, some on their way, a few forgotten;
        and who is expected from today on, at the time they book."""
        for number in range(wanted):
            package_id, scenario = choices[number % len(choices)]
            begin = self._begin(scenario, now)
            self._stop_on_the_way(self.add(package_id, scenario, begin), begin, now)
        deployed = {package_id for package_id, _ in choices}
        for package_id, scenario in appointments(deployed, now, self.random):
            player = self.add(package_id, scenario, scenario.at)
            self._stop_on_the_way(player, scenario.at, now)

    def add(self, package_id: str, scenario: Scenario, begin: datetime) -> Player:
        """Plan one case, filed at `begin`."""
        # Whole weeks, so that a scenario's Monday stays a Monday.
        days = round((legal_day(begin) - legal_day(scenario.at)).days / 7) * 7
        player = Player(self.stage, package_id, scenario, Cast(self.random, days))
        heapq.heappush(self._queue, (begin, next(self._order), player))
        return player

    def keep_duties(self, told: duties.Told, since: datetime, until: datetime) -> None:
        """Plan every morning of those days, each with what the calendar asks for."""
        self._told = told
        for at in duties.mornings(since, until):
            heapq.heappush(self._queue, (at, next(self._order), duties.Morning()))

    def work(self, now: datetime, heard: Heard) -> None:
        """Play everything up to `now`."""
        filed = 0
        while self._queue and self._queue[0][0] <= now:
            at, number, player = heapq.heappop(self._queue)
            self.drain(at)
            if isinstance(player, duties.Morning):
                self._begin_duties(at)
                continue
            fresh = player.case_id is None
            if not self._play(player, at):
                continue
            filed += fresh
            heard(at, filed if fresh else 0)
            self._next(player, at, number)
        self.drain(now)

    def seal(self, now: datetime) -> None:
        """Seal the history that was written, as the worker would have within a second."""
        while sealing.seal_next(self.stage.db, now):
            pass

    def drain(self, now: datetime) -> None:
        """Do what is due by `now`, each thing at its own time, as the worker would have."""
        self._beats.drain(now)

    def _begin(self, scenario: Scenario, now: datetime) -> datetime:
        passed = scenario.at
        for step in scenario.steps:
            if isinstance(step, Pass):
                passed = span_end(step, passed)
        length = passed - scenario.at
        calendar = national_calendar(legal_day(now).year)
        if self.random.random() >= STOPPED_SHARE:
            days = self.random.randint(4, WEEKS * 7 - 6) + length.days
            days = min(days, MOST_DAYS)  # one that takes years is still on its way
        elif self.random.random() < OLD_SHARE:
            days = self.random.randint(5, 12)
        else:
            days = self.random.randint(0, 2)
        day = min(legal_day(now) - timedelta(days=days), legal_day(now))
        return in_hours(self._moment(day), calendar, self.random)

    def _moment(self, day: date) -> datetime:
        minutes = self.random.randint(0, 480)
        return instant(day, OPENS) + timedelta(minutes=minutes)

    def _stop_on_the_way(self, player: Player, begin: datetime, now: datetime) -> None:
        """Most of what began lately has not come to its end: its people stop somewhere before."""
        if (now - begin).days <= 14 and self.random.random() < 0.8:
            steps = max(1, len(player.scenario.steps))
            self._until[id(player)] = begin + timedelta(minutes=30 * self.random.randint(0, steps))

    def _begin_duties(self, at: datetime) -> None:
        calendar = national_calendar(legal_day(at).year)
        for works, player in duties.begin_day(self.stage, self._told, at, self.random):
            moment = in_hours(works, calendar, self.random)
            heapq.heappush(self._queue, (moment, next(self._order), player))

    def _play(self, player: Player, at: datetime) -> bool:
        try:
            player.play(at)
        except (EngineError, Stuck) as refused:
            # A rehearsal that cannot go on leaves its case where it is: real cases do so too.
            code = getattr(refused, "code", "stuck")
            self.refused[code] += 1
            log.info("rehearsal ends here", action="demo.stopped", code=code, why=str(refused))
            return False
        return True

    def _next(self, player: Player, at: datetime, number: int) -> None:
        step = player.next_step
        if step is None or self._ends_early(player, at):
            return
        calendar = national_calendar(legal_day(at).year)
        after = at + timedelta(minutes=self.random.randint(3, 45))
        if isinstance(step, Pass):
            after = span_end(step, at, player.cast.days)
        elif isinstance(step, ClockReaches):
            after = max(player.clock_due(step) or at, at) + timedelta(minutes=1)
        elif self._happens(self.habits.forgotten):
            after += timedelta(days=self.random.randint(3, 16))
        after = in_hours(after, calendar, self.random)
        if after <= self._until.get(id(player), after):
            heapq.heappush(self._queue, (after, number, player))

    def _ends_early(self, player: Player, at: datetime) -> bool:
        """Whether nobody goes on with the case; where its applicant withdraws it, it is done."""
        if self._happens(self.habits.withdrawn) and player.case_id is not None:
            try:
                with self.stage.db.transaction() as tx:
                    clerk = self.stage.actor(None)
                    cases.withdraw(tx, player.case_id, "申請人撤回", clerk, at)
            except EngineError as refused:
                self.refused[refused.code] += 1
            else:
                return True
        return self._happens(self.habits.left)

    def _happens(self, share: float) -> bool:
        return share > 0 and self.random.random() < share


def in_hours(moment: datetime, calendar: Calendar, random: Random) -> datetime:
    """`moment`, or a moment of the next working day if the office is closed then."""
    day = legal_day(moment)
    if not calendar.is_working_day(day) or moment > instant(day, CLOSES):
        day = calendar.next_working_day(day)
        return instant(day, OPENS) + timedelta(minutes=random.randint(0, 90))
    return max(moment, instant(day, OPENS))


def next_morning(now: datetime) -> datetime:
    """Half past nine in the morning of the next working day."""
    day = legal_day(now)
    return instant(national_calendar(day.year).next_working_day(day), time(9, 30))
