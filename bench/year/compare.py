"""Live and replayed, side by side: every difference is a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from bench.year.records import Given, Kept
from bench.year.replay import Figures, Replayed, relive, share
from bench.year.told import Told
from sla.clock_rows import both_languages, due_on
from sla.errors import PeriodError
from sla.overdue import COUNTED
from sla.parties import Party

MOST_TOLD = 40


@dataclass(slots=True)
class Verdict:
    """What was compared, how often, and what differs (`found` counts, `sentences` shows some)."""

    compared: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    sentences: list[str] = field(default_factory=list)

    def same(self, what: str, live: Any, again: Any, where: object) -> None:
        """Count a comparison, and tell a difference."""
        self.compared[what] += 1
        if live == again:
            return
        self.found[what] += 1
        if self.found[what] <= MOST_TOLD // 4 and len(self.sentences) < MOST_TOLD:
            self.sentences.append(f"{what} of {where}: live {live}, replayed {again}")


def compare(given: Given, kept: Kept, told: Told) -> Verdict:
    """Replay all up to the last reading, and compare it with what the product kept and told."""
    end = max(told.counts)
    verdict, figures = Verdict(), Figures()
    soonest: dict[UUID, list[tuple[UUID | None, datetime]]] = {}
    for promise in given.clocks:
        try:
            made = relive(given, promise, end)
        except PeriodError as unlawful:
            verdict.same("clock: lawful", "done", str(unlawful), promise.id)
            continue
        figures.add(made, given, list(told.counts))
        _clock(verdict, made, kept)
        if made.party == Party.OFFICE and made.last.status == "running" and made.last.due_at:
            mine = (made.promise.task_id, made.last.due_at)
            soonest.setdefault(made.promise.case_id, []).append(mine)
    _urgencies(verdict, kept, soonest)
    _reports(verdict, figures, kept, told)
    return verdict


# --- clocks ---------------------------------------------------------------------------------------


def _clock(verdict: Verdict, made: Replayed, kept: Kept) -> None:
    clock = kept.clocks[made.promise.id]
    where = f"{clock.name} ({clock.rule_id}) {clock.id}"
    last, counted = made.last, made.counted
    assert counted.result is not None
    verdict.same("clock: due", clock.due_at, counted.result.due_at, where)
    verdict.same("clock: last day", clock.due_on, due_on(counted.result), where)
    verdict.same("clock: status", clock.status, last.status, where)
    verdict.same("clock: party", clock.party, made.party, where)
    verdict.same("clock: first day", clock.started_on, made.started_on, where)
    met = last.since if last.status == "met" else None
    verdict.same("clock: met", clock.met_at, met, where)
    remaining = None if clock.remaining is None else clock.remaining["amount"]
    verdict.same("clock: rest", remaining, counted.result.remaining, where)
    verdict.same("clock: explanation", clock.explanation, both_languages(counted.result), where)
    _entries(verdict, made, kept.entries[clock.id], where)
    _rungs(verdict, made, kept.rungs.get(clock.id, ()), where)


def _entries(verdict: Verdict, made: Replayed, rows: Sequence[Any], where: str) -> None:
    moved = [(r.at, r.due_before, r.due_after) for r in rows if r.kind == "recalculate"]
    verdict.same("ledger: moved by an edit", moved, made.recalculated, where)
    acts = [row for row in rows if row.kind != "recalculate"]
    for row, dues in zip(acts, made.dues, strict=False):
        verdict.same(
            f"ledger: {row.kind}", (row.due_before, row.due_after), dues, f"{where} #{row.number}"
        )
    verdict.same("ledger: acts", len(acts), len(made.dues), where)


def _rungs(verdict: Verdict, made: Replayed, rows: Sequence[Any], where: str) -> None:
    verdict.same("ladder: length", len(rows), len(made.rungs), where)
    for row, rung in zip(rows, made.rungs, strict=False):
        at = f"{row.at_point} of {where}"
        verdict.same("rung: status", row.status, rung.status, at)
        verdict.same("rung: due", row.due_at, rung.due_at, at)
        verdict.same("rung: fired", row.fired_at, rung.fired_at, at)


def _urgencies(
    verdict: Verdict, kept: Kept, soonest: Mapping[UUID, Sequence[tuple[UUID | None, datetime]]]
) -> None:
    for task_id, (case_id, urgent_at) in kept.urgent.items():
        dues = [due for task, due in soonest.get(case_id, ()) if task in (None, task_id)]
        verdict.same("task: urgency", urgent_at, min(dues, default=None), task_id)


# --- reports --------------------------------------------------------------------------------------


def _reports(verdict: Verdict, figures: Figures, kept: Kept, told: Told) -> None:
    for report, shares, of_cases, of_tasks in (
        ("desk's figures", told.shares, figures.cases, figures.tasks),
        ("report of months", told.reported, figures.open_cases, figures.open_tasks),
    ):
        for first, (cases, tasks) in shares.items():
            month = first.year * 12 + first.month - 1
            verdict.same(f"{report}: cases", cases, share(of_cases, month), first)
            verdict.same(f"{report}: tasks", tasks, share(of_tasks, month), first)
    verdict.same("rungs by month: rows", dict(kept.fired), dict(figures.fired), "the year")
    by_month: Counter[int] = Counter()
    for (month, _), number in figures.fired.items():
        by_month[month] += number
    verdict.same("rungs by month: history", dict(kept.told), dict(by_month), "the year")
    ends = sorted(told.counts)
    for month, (first, total) in enumerate(sorted(told.listed.items())):
        late = figures.whole_late.get(ends[month], set())
        verdict.same("monthly list", total, len(late), first)
    for moment, counts in told.counts.items():
        for what, live, again in _desk(figures, counts, moment):
            verdict.same(f"desk: {what}", live, again, moment)


def _desk(figures: Figures, counts: Any, moment: datetime) -> Iterator[tuple[str, int, int]]:
    late = figures.late.get(moment, set())
    yield "overdue", counts.overdue, min(COUNTED, len(late))
    yield "office late", counts.office, min(COUNTED, len(figures.office_late.get(moment, ())))
    yield "paused", counts.paused, min(COUNTED, len(figures.paused.get(moment, ())))
