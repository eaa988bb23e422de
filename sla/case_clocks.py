"""What a case's page says of each clock beside its due date: days used, pauses, extension, fine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from engine.clock import legal_day
from sla.acts import GROUND_WORDS, Pause, PauseGround
from sla.benches import Bench, bench_of
from sla.clock_rows import ledgers_of, of_case, rule_of
from sla.errors import Refusal
from sla.extensions import may_extend
from sla.fines import late_fine
from sla.ledger import Entry
from sla.parties import DUNNING
from sla.rules import Kind, Rule
from sla.spans import Unit
from sla.wording import UNIT_WORDS


@dataclass(frozen=True, slots=True)
class PauseShown:
    """A pause: the day of the act that stopped the clock, the day of the one that ended it (None:
    it goes on), and its legal ground in both languages."""

    since: date
    until: date | None
    ground: tuple[str, str]


@dataclass(frozen=True, slots=True)
class ExtensionShown:
    """The one extension: how much, in words, and the day the applicant was told."""

    length: tuple[str, str]
    told_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class FineShown:
    """What the table says of filing so late; people decide. `amount` is in NT$."""

    days_late: int
    amount: str
    tier: str


@dataclass(frozen=True, slots=True)
class ClockDetail:
    """`used` and `granted` are working days, of a limit in working days only; `granted` includes
    the extension. `late_days` are working days after the last day, 0 where it is not overdue."""

    used: int | None
    granted: int | None
    late_days: int
    pauses: tuple[PauseShown, ...]
    extension: ExtensionShown | None
    fine: FineShown | None
    may_extend: str | None  # None: the one extension is lawful; else the code of why not


def details_of_case(tx: Connection, case_id: UUID, now: datetime) -> Mapping[UUID, ClockDetail]:
    """By clock id. The caller has checked who reads. Two statements and the calendar's."""
    clocks = of_case(tx, case_id)
    if not clocks:
        return {}
    ledgers = ledgers_of(tx, [clock.id for clock in clocks])
    demanded = [clock.due_on for clock in clocks if clock.name == DUNNING and clock.due_on]
    facts = _Facts(bench_of(tx, clocks[0].office_id, now), now, min(demanded, default=None))
    return {clock.id: _detail(clock, ledgers.get(clock.id, []), facts) for clock in clocks}


@dataclass(frozen=True, slots=True)
class _Facts:
    """`demanded` is the last day of the first demand's term, where there was a demand."""

    bench: Bench
    now: datetime
    demanded: date | None


def _detail(clock: Row[Any], entries: Sequence[Entry], facts: _Facts) -> ClockDetail:
    now = facts.now
    try:
        rule = rule_of(clock, entries)
    except (Refusal, IndexError):  # a rule that is not on file any more: the dates still stand
        return ClockDetail(None, None, 0, _pauses(entries), _extension(entries), None, "")
    on = _counted_until(entries, now)
    why_not = may_extend(clock, entries, now)
    return ClockDetail(
        used=_used(clock, rule, entries, facts),
        granted=_granted(rule, entries),
        late_days=_late_days(clock, facts.bench, now),
        pauses=_pauses(entries),
        extension=_extension(entries),
        fine=_fine(clock, rule, on, facts.demanded),
        may_extend=None if why_not is None else why_not.code,
    )


def _counted_until(entries: Sequence[Entry], now: datetime) -> date:
    """The day a clock that was stopped was stopped for; else today."""
    stopped = [entry.on_day for entry in entries if entry.kind == "stop"]
    return stopped[-1] if stopped else legal_day(now)


def _used(clock: Row[Any], rule: Rule, entries: Sequence[Entry], facts: _Facts) -> int | None:
    if rule.unit is not Unit.WORKING_DAY:
        return None
    calendar = facts.bench.calendar
    on = _counted_until(entries, facts.now)
    first, last = max(clock.started_on, calendar.first), min(on, calendar.last)
    if last < first:
        return 0
    paused = (
        (pause.first, min(pause.last or last, last)) for pause in _stood(entries, facts.bench)
    )
    return calendar.used_working_days(
        first, last, tuple(each for each in paused if each[0] <= last)
    )


def _stood(entries: Sequence[Entry], bench: Bench) -> Iterator[Pause]:
    """The whole days that do not count, by the office's convention."""
    for shown in _pauses(entries):
        ground = PauseGround.CORRECTION  # which one it was makes no difference to the days
        pause = Pause.between(shown.since, shown.until, ground, bench.settings.pause_convention)
        if pause is not None:
            yield pause


def _granted(rule: Rule, entries: Sequence[Entry]) -> int | None:
    if rule.unit is not Unit.WORKING_DAY:
        return None
    more = [
        int(entry.detail["length"])
        for entry in entries
        if entry.kind == "extend" and entry.detail.get("unit") == Unit.WORKING_DAY
    ]
    return sum(span.amount for span in rule.spans()) + sum(more)


def _late_days(clock: Row[Any], bench: Bench, now: datetime) -> int:
    if clock.status != "running" or clock.due_at is None or clock.due_at > now:
        return 0
    calendar = bench.calendar
    first = max(clock.due_on, calendar.first)
    return calendar.working_days_between(first, min(legal_day(now), calendar.last))


def _pauses(entries: Sequence[Entry]) -> tuple[PauseShown, ...]:
    found: list[PauseShown] = []
    opened: Entry | None = None
    for entry in entries:
        if entry.kind == "pause" and opened is None:
            opened = entry
        elif entry.kind in ("resume", "stop") and opened is not None:
            found.append(_pause(opened, entry.on_day))
            opened = None
    if opened is not None:
        found.append(_pause(opened, None))
    return tuple(found)


def _pause(opened: Entry, until: date | None) -> PauseShown:
    ground = PauseGround(opened.ground or PauseGround.NO_FAULT)
    return PauseShown(opened.on_day, until, GROUND_WORDS[ground])


def _extension(entries: Sequence[Entry]) -> ExtensionShown | None:
    for entry in entries:
        if entry.kind == "extend":
            length = int(entry.detail["length"])
            zh, en = UNIT_WORDS[entry.detail["unit"]]
            words = f"{length} {zh}", f"{length} {en}{'' if length == 1 else 's'}"
            return ExtensionShown(words, entry.on_day, str(entry.detail.get("reason", "")))
    return None


def _fine(clock: Row[Any], rule: Rule, on: date, demanded: date | None) -> FineShown | None:
    """Only a statutory window that people file in, and only once it is past."""
    is_window = rule.kind is Kind.FILING and rule.id.startswith("STAT_")
    if not is_window or clock.due_on is None or on <= clock.due_on:
        return None
    late = (on - clock.due_on).days
    dunned = demanded is not None and on > demanded
    try:
        found = late_fine(rule, clock.due_on, days_late=late, dunned=dunned)
    except Refusal:
        return None
    tier = found.steps[-1].words[0]
    return FineShown(late, found.answer.removeprefix("TWD "), tier[tier.find("（") + 1 : -1])
