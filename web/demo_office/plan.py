"""The plan of the demo's past: who does what when, played in the order of time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random

import structlog

from agencies import answers, dispatch, mails
from engine import list_work, messages, sealing, signals, timers
from engine.bpmn.scenario_document import ClockReaches, Pass, Scenario
from engine.clock import legal_day
from engine.errors import EngineError
from sla import escalation
from sla.explanation import national_calendar
from sla.working_time import Calendar, instant
from web.demo_office import duties
from web.demo_office.appointments import appointments
from web.demo_office.citizens import Cast
from web.demo_office.player import Player, Stage, Stuck, span_end

__all__ = ["Plan", "Say", "Stage", "duties", "next_morning"]

log = structlog.get_logger()
Say = Callable[[str], None]
WEEKS = 8
MOST_DAYS = 24 * 7  # the office opened half a year ago
ADDRESS = "http://127.0.0.1"
OPERATIONS = ("agency.notify", "agency.look_up", "agency.list", "mail.send", "sms.send")
OPENS, CLOSES = time(8, 30), time(16, 50)
STOPPED_SHARE = 0.4  # of the cases are still on their way
OLD_SHARE = 0.12  # of those have lain about for days: the overdue desk has work


@dataclass(slots=True)
class Plan:
    """Who does what when."""

    stage: Stage
    ways: escalation.Ways
    random: Random
    _queue: list[tuple[datetime, int, Player | duties.Morning]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _until: dict[int, datetime] = field(default_factory=dict)
    _told: duties.Told = field(default_factory=dict)

    def fill(self, choices: Sequence[tuple[str, Scenario]], wanted: int, now: datetime) -> None:
        """Plan the cases: most of them finished by `now`, some on their way, a few forgotten;
        and who is expected from today on, at the time they book."""
        for number in range(wanted):
            package_id, scenario = choices[number % len(choices)]
            self._add(package_id, scenario, self._begin(scenario, now), now)
        deployed = {package_id for package_id, _ in choices}
        for package_id, scenario in appointments(deployed, now, self.random):
            self._add(package_id, scenario, scenario.at, now)

    def keep_duties(self, told: duties.Told, now: datetime) -> None:
        """Plan the mornings of the weeks before `now`, each with what the calendar asks for."""
        self._told = told
        for at in duties.mornings(now):
            heapq.heappush(self._queue, (at, next(self._order), duties.Morning()))

    def work(self, now: datetime, wanted: int, say: Say) -> None:
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
            if fresh and filed % 25 == 0:
                say(f"Demo office: {filed} of {wanted} cases filed")
            self._next(player, at, number)
        self.drain(now)

    def seal(self, now: datetime) -> None:
        """Seal the history that was written, as the worker would have within a second."""
        while sealing.seal_next(self.stage.db, now):
            pass

    def drain(self, now: datetime) -> None:
        """Do what is due by `now`, each thing at its own time, as the worker would have."""
        due = self._next_due()
        while due is not None and due <= now:
            self._do_due(due)
            later = self._next_due()
            # What could not be done at its time is looked at again with the time of the next deed.
            due = None if later is None or later <= due else later
        self._do_due(now)

    def _next_due(self) -> datetime | None:
        with self.stage.db.transaction(read_only=True) as tx:
            dues = (
                timers.next_due(tx),
                escalation.next_due(tx),
                mails.next_due(tx),
                dispatch.next_due(tx, OPERATIONS),
                answers.next_due(tx),
                signals.next_due(tx),
                messages.next_due(tx),
                list_work.next_due(tx),
            )
        return min((due for due in dues if due is not None), default=None)

    def _do_due(self, now: datetime) -> None:
        db, stage = self.stage.db, self.stage
        transports = dict.fromkeys(OPERATIONS, stage.transport)
        busy = True
        while busy:
            busy = timers.fire_next(db, now)
            busy |= escalation.fire_next_rung(db, self.ways, now)
            busy |= mails.write_next(db, ADDRESS, now)
            busy |= dispatch.send_next(db, transports, "demo", now)
            busy |= answers.deliver_next(db, now)
            busy |= signals.deliver_next(db, now)
            busy |= messages.deliver_next(db, now)
            busy |= list_work.advance_next(db, now)

    def _begin(self, scenario: Scenario, now: datetime) -> datetime:
        length = sum(
            (span_end(step, now) - now for step in scenario.steps if isinstance(step, Pass)),
            timedelta(),
        )
        calendar = national_calendar(legal_day(now).year)
        if self.random.random() >= STOPPED_SHARE:
            days = self.random.randint(4, WEEKS * 7 - 6) + length.days
            days = min(days, MOST_DAYS)  # one that takes years is still on its way
        elif self.random.random() < OLD_SHARE:
            days = self.random.randint(5, 12)
        else:
            days = self.random.randint(0, 2)
        day = min(legal_day(now) - timedelta(days=days), legal_day(now))
        return _in_hours(self._moment(day), calendar, self.random)

    def _moment(self, day: date) -> datetime:
        minutes = self.random.randint(0, 480)
        return instant(day, OPENS) + timedelta(minutes=minutes)

    def _add(self, package_id: str, scenario: Scenario, begin: datetime, now: datetime) -> None:
        # Whole weeks, so that a scenario's Monday stays a Monday.
        days = round((legal_day(begin) - legal_day(scenario.at)).days / 7) * 7
        player = Player(self.stage, package_id, scenario, Cast(self.random, days))
        heapq.heappush(self._queue, (begin, next(self._order), player))
        length = (now - begin).days
        if length <= 14 and self.random.random() < 0.8:
            # Still on its way: its people stop somewhere before the end.
            steps = max(1, len(scenario.steps))
            self._until[id(player)] = begin + timedelta(minutes=30 * self.random.randint(0, steps))

    def _begin_duties(self, at: datetime) -> None:
        calendar = national_calendar(legal_day(at).year)
        for works, player in duties.begin_day(self.stage, self._told, at, self.random):
            moment = _in_hours(works, calendar, self.random)
            heapq.heappush(self._queue, (moment, next(self._order), player))

    def _play(self, player: Player, at: datetime) -> bool:
        try:
            player.play(at)
        except (EngineError, Stuck) as refused:
            # A rehearsal that cannot go on leaves its case where it is: real cases do so too.
            code = getattr(refused, "code", "stuck")
            log.info("rehearsal ends here", action="demo.stopped", code=code, why=str(refused))
            return False
        return True

    def _next(self, player: Player, at: datetime, number: int) -> None:
        step = player.next_step
        if step is None:
            return
        calendar = national_calendar(legal_day(at).year)
        after = at + timedelta(minutes=self.random.randint(3, 45))
        if isinstance(step, Pass):
            after = span_end(step, at)
        elif isinstance(step, ClockReaches):
            after = max(player.clock_due(step) or at, at) + timedelta(minutes=1)
        after = _in_hours(after, calendar, self.random)
        if after <= self._until.get(id(player), after):
            heapq.heappush(self._queue, (after, number, player))


def _in_hours(moment: datetime, calendar: Calendar, random: Random) -> datetime:
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
