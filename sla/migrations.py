# sizes: exempt — a moved clock takes limits, law, ladder and ledger together
"""A case goes on with another version of its process: the clocks that were named follow its limits.

They take the ladder that is in force now: what has fired stays fired, and of the new ladder come
the rungs that lie after it. All other clocks keep their due times and the ladder they began with.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, update

from engine import events
from engine.clock import legal_day
from engine.errors import Rejected
from sla import ladders
from sla.benches import bench_of, lawful
from sla.clock_rows import clock_row, ladder_row, ledger_of, of_case, rule_for, version_of
from sla.ladder_bindings import bound
from sla.ledger import Entry
from sla.limits import ClockPlan, parse
from sla.listeners import limits_of
from sla.moves import move
from sla.parties import party_of
from sla.rules import Rule
from store.tables import clocks

GROUND = "migration"


def clock_names(limits: bytes | None) -> frozenset[str]:
    """The clocks of a case that a version's limits have."""
    return frozenset() if limits is None else frozenset(parse(limits, "limits").clocks)


def case_migrated(tx: Connection, event: events.CaseMigrated, now: datetime) -> None:
    """Count the named clocks anew, from where they began, by the limits of the new version."""
    if not event.clocks:
        return
    plans = limits_of(tx, event.case).clocks
    for clock in of_case(tx, event.case.id):
        if clock.name not in event.clocks or clock.task_id is not None or clock.status == "met":
            continue
        plan = plans.get(clock.name)
        if plan is None:
            raise Rejected(
                "migration.no_clock",
                f"Expected the new version's limits to have the clock {clock.name!r}",
                clock=clock.name,
            )
        law = law_of(tx, clock, plan, now)
        counted = lawful(lambda law=law, plan=plan: law.with_length(plan.length, plan.unit))  # type: ignore[misc]
        plan = bound(tx, event.case, plan, counted, now)
        plan = replace(plan, ladder=tuple(ladders.succeed(tx, clock.id, plan.ladder)))
        tx.execute(
            update(clocks)
            .where(clocks.c.id == clock.id)
            .values(
                rule_id=plan.rule,
                ladder=ladder_row(plan, law),
                party=party_of(law.kind).value,
            )
        )
        entry = Entry("recalculate", now, legal_day(now), ground=GROUND)
        move(tx, clock_row(tx, clock.id), entry, event.actor, now)


def law_of(tx: Connection, clock: Row[Any], plan: ClockPlan, now: datetime) -> Rule:
    """The row of the table that the clock goes on with: by the rule it has, whose it began with; by
    another one, that of its office, as a new clock's."""
    if plan.rule == clock.rule_id:
        return lawful(lambda: version_of(clock, ledger_of(tx, clock.id)))
    bench = bench_of(tx, clock.office_id, now)
    places, entered = bench.calendar.places, bench.rules
    return lawful(lambda: rule_for(plan, clock.started_on, places, entered))
