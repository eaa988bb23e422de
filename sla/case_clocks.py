"""What a case's page says of each clock beside its due date: days used, target, pauses, extension,
fine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from engine.clock import legal_day
from sla.acts_shown import (
    ExtensionShown,
    HandedOver,
    PauseShown,
    extension_of,
    handed_over,
    letters_of,
    pauses,
)
from sla.benches import Bench, along, bench_of
from sla.clock_rows import ledgers_of, of_case, rule_of
from sla.errors import Refusal
from sla.extensions import may_extend
from sla.fines import late_fine
from sla.ledger import Entry
from sla.parties import DUNNING, Party
from sla.rules import Kind, Rule
from sla.spans import Unit
from sla.used_days import UsedDays, used_days


@dataclass(frozen=True, slots=True)
class FineShown:
    """What the table says of filing so late; people decide. `amount` is in NT$."""

    days_late: int
    amount: str
    tier: str


@dataclass(frozen=True, slots=True)
class ClockDetail:
    """`used` is the second count, of the office's own clocks; None for an applicant's term, and
    where it cannot be counted. `granted` are the working days of a limit in working days, the
    extension included. `target_at` is the office's own aim (aware UTC). `late_days` are working
    days after the last day, 0 where it is not overdue."""

    used: UsedDays | None
    target_at: datetime | None
    granted: int | None
    late_days: int
    pauses: tuple[PauseShown, ...]
    extension: ExtensionShown | None
    fine: FineShown | None
    may_extend: str | None  # None: the one extension is lawful; else the code of why not
    longest: tuple[int, str] | None = None  # an extension, at most: so many of this unit
    handed_over: tuple[HandedOver, ...] = ()


def details_of_case(tx: Connection, case_id: UUID, now: datetime) -> Mapping[UUID, ClockDetail]:
    """By clock id. The caller has checked who reads. Two statements and the calendar's."""
    clocks = of_case(tx, case_id)
    return {} if not clocks else _details(tx, clocks, now)


def detail_of(tx: Connection, clock: Row[Any], now: datetime) -> ClockDetail:
    """Of one clock, by its ledger alone: not the fine, which depends on the other clocks."""
    return _details(tx, [clock], now)[clock.id]


def _details(
    tx: Connection, clocks: Sequence[Row[Any]], now: datetime
) -> Mapping[UUID, ClockDetail]:
    ledgers = ledgers_of(tx, [clock.id for clock in clocks])
    letters = letters_of(tx, ledgers)
    demanded = min((c.due_on for c in clocks if c.name == DUNNING and c.due_on), default=None)
    found: dict[UUID, ClockDetail] = {}
    for clock in clocks:
        entries = ledgers.get(clock.id, [])
        bench = along(tx, bench_of(tx, clock.office_id, now), entries)
        found[clock.id] = _detail(clock, entries, _Facts(bench, now, demanded, letters))
    return found


@dataclass(frozen=True, slots=True)
class _Facts:
    """`bench` is the clock's own; `demanded` is the last day of the first demand's term, where
    there was a demand. `letters` are those of extensions, by id."""

    bench: Bench
    now: datetime
    demanded: date | None
    letters: Mapping[str, Any]


def _detail(clock: Row[Any], entries: Sequence[Entry], facts: _Facts) -> ClockDetail:
    now = facts.now
    try:
        rule = rule_of(clock, entries)
    except (Refusal, IndexError):  # a rule that is not on file any more: the dates still stand
        return ClockDetail(
            used=None,
            target_at=clock.target_at,
            granted=None,
            late_days=0,
            pauses=pauses(entries),
            extension=extension_of(entries, facts.letters, legal_day(facts.now)),
            fine=None,
            may_extend="",
        )
    on = _counted_until(entries, now)
    why_not = may_extend(clock, entries, now)
    return ClockDetail(
        used=_used(clock, rule, entries, facts),
        target_at=clock.target_at,
        granted=_granted(rule, entries),
        late_days=_late_days(clock, facts.bench, now),
        pauses=pauses(entries),
        extension=extension_of(entries, facts.letters, legal_day(facts.now)),
        fine=_fine(clock, rule, on, facts.demanded),
        may_extend=None if why_not is None else why_not.code,
        longest=_longest(rule) if why_not is None else None,
        handed_over=handed_over(entries),
    )


def _counted_until(entries: Sequence[Entry], now: datetime) -> date:
    """The day a clock that was stopped was stopped for; else today."""
    stopped = [entry.on_day for entry in entries if entry.kind == "stop"]
    return stopped[-1] if stopped else legal_day(now)


def _used(clock: Row[Any], rule: Rule, entries: Sequence[Entry], facts: _Facts) -> UsedDays | None:
    """None for an applicant's term, or where the calendar does not reach."""
    if clock.party != Party.OFFICE:
        return None
    try:
        return used_days(
            rule, entries, facts.bench.calendar, facts.bench.settings, legal_day(facts.now)
        )
    except Refusal:
        return None


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


def _longest(rule: Rule) -> tuple[int, str] | None:
    """The most an extension may be, in the rule's own unit (APA 51(3)); None where it has several
    parts, which only the calendar adds up, or is done at once."""
    spans = rule.spans()
    is_plain = len(spans) == 1 and spans[0].amount > 0
    return (spans[0].amount, spans[0].unit.value) if is_plain else None


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
