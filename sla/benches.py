"""The bench: what every computation of a due date needs, the calendar and the office's choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Connection

from engine.errors import Rejected
from sla.calendars import all_choices, rules_of, snapshot
from sla.errors import Refusal
from sla.ledger import Entry
from sla.rules import Rule, rule
from sla.settings import Settings, Transfer
from sla.working_time import Calendar, spliced

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Bench:
    """The calendar as it was known at `known` (aware UTC), the office's settings and rules."""

    calendar: Calendar
    settings: Settings
    known: datetime
    rules: tuple[Rule, ...] = ()
    """Versions of rules that the office, or one above it, entered; the last one counts."""


def bench_of(tx: Connection, office_id: str, now: datetime) -> Bench:
    """The bench of an office. Raises Rejected where its calendar or settings cannot be used."""
    calendar, settings, rules = lawful(lambda: all_choices(tx, office_id, now))
    return Bench(calendar, settings, now, rules)


def rule_in_force(tx: Connection, office_id: str, rule_id: str, on: date) -> Rule:
    """The version of a rule that counts at an office for a matter of the day `on`. Raises
    Rejected."""
    places, entered = rules_of(tx, office_id)
    return lawful(lambda: rule(rule_id, on, places, entered))


def along(tx: Connection, bench: Bench, entries: Sequence[Entry]) -> Bench:
    """The bench of one clock by its ledger, `bench` being that of the office that has it now.

    Where the case changed offices, each office's calendar counts for its own days. A period that
    goes on keeps the settings it was read with at the transfer, which the ledger holds; one that
    began anew takes those of its office.
    """
    handed_over = [entry for entry in entries if entry.kind == "transfer"]
    if not handed_over:
        return bench
    return lawful(lambda: _along(tx, bench, handed_over))


def _along(tx: Connection, bench: Bench, handed_over: Sequence[Entry]) -> Bench:
    first, *later = handed_over
    calendar = _calendar_of(tx, first.detail["from"], bench)
    until = first.on_day
    for entry in later:
        calendar = spliced(calendar, until, _calendar_of(tx, entry.detail["from"], bench))
        until = entry.on_day
    settings, last = bench.settings, handed_over[-1].detail
    if last["policy"] == Transfer.GOES_ON:
        settings = Settings.from_mapping({**last["settings"], "target": settings.target.value})
    return replace(bench, calendar=spliced(calendar, until, bench.calendar), settings=settings)


def _calendar_of(tx: Connection, office_id: str, bench: Bench) -> Calendar:
    return snapshot(tx, office_id, bench.known)


def lawful(compute: Callable[[], Result]) -> Result:
    """Compute a date; what the law or the calendar refuses is a refusal of the command."""
    try:
        return compute()
    except Refusal as refused:
        raise Rejected(refused.code, refused.en, zh=refused.zh, en=refused.en) from refused
