"""A clock as it would be with the rungs of another version: nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Row

from engine.bpmn.migration import Remark
from engine.events import CaseRef
from engine.migrations_clocks import Versions
from sla import ladder_words, ladders
from sla.benches import Bench, along, bench_of, lawful
from sla.clock_rows import due_on, ledger_of, of_case, rule_of
from sla.ladder_bindings import played, rungs_by
from sla.ladder_diagrams import CLASSES, Asked
from sla.ledger import replay
from sla.limits import ClockPlan, RungPlan, parse, point
from sla.migrations import law_of
from sla.steps import Explained


@dataclass(frozen=True, slots=True)
class Anew:
    """A clock with the rungs it would have, and where its limit leads on which bench."""

    clock: Any
    rungs: Sequence[RungPlan]
    result: Explained
    bench: Bench

    def told(self, tx: Connection) -> Remark:
        """Its end and the rungs to come, before and after."""
        rows = ladders.rows_of(tx, self.clock.id)
        before = [(r.at_point, r.act, r.to, r.due_at) for r in rows if r.status == "waiting"]
        _, to_come = ladders.succession(rows, self.rungs)
        after = [(each.at, each.act, each.to, self._due(each)) for each in to_come]
        return ladder_words.remark(
            self.clock.name, (self.clock.due_at, before), (self.result.due_at, after)
        )

    def _due(self, rung: RungPlan) -> datetime | None:
        at = point(rung.at, self.clock.name)
        moved = SimpleNamespace(started_at=self.clock.started_at, due_on=due_on(self.result))
        return lawful(lambda: ladders.instant_of(moved, self.result, at, self.bench.calendar))


def by_ladder(
    tx: Connection, clock: Row[Any], case: CaseRef, versions: Versions, now: datetime
) -> Anew:
    """With what the target of a plan of ladders draws for it. Raises Rejected."""
    entries = ledger_of(tx, clock.id)
    bench = along(tx, bench_of(tx, clock.office_id, now), entries)
    law = lawful(lambda: rule_of(clock, entries))
    result = lawful(lambda: replay(law, entries, bench.calendar, bench.settings))
    asked = Asked(
        name=clock.name,
        process=case.package_id,
        rule=clock.rule_id,
        party=clock.party,
        document_class=CLASSES.get(clock.rule_id),
        length=law.length,
        unit=law.unit.value,
        of_task=clock.task_id is not None,
    )
    return Anew(clock, lawful(lambda: rungs_by(versions.target, asked)), result, bench)


def by_process(tx: Connection, case: CaseRef, versions: Versions, now: datetime) -> list[Anew]:
    """The clocks that a plan names, as `sla.migrations.case_migrated` would leave them. Raises
    Rejected."""
    limits = versions.target.limits
    plans = {} if limits is None else parse(limits, "limits").clocks
    ref = replace(case, definition_id=versions.target.id)
    found = []
    for clock in of_case(tx, case.id):
        plan = plans.get(clock.name)
        if clock.name not in versions.clocks or clock.task_id is not None or plan is None:
            continue
        if clock.status == "met":
            continue
        found.append(_by_plan(tx, clock, ref, plan, now))
    return found


def _by_plan(
    tx: Connection, clock: Row[Any], case: CaseRef, plan: ClockPlan, now: datetime
) -> Anew:
    law = law_of(tx, clock, plan, now)
    law = lawful(lambda: law.with_length(plan.length, plan.unit))
    rungs = lawful(lambda: played(tx, case, plan, law)).ladder
    entries = ledger_of(tx, clock.id)
    bench = along(tx, bench_of(tx, clock.office_id, now), entries)
    result = lawful(lambda: replay(law, entries, bench.calendar, bench.settings))
    return Anew(clock, rungs, result, bench)
