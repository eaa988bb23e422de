"""Limits and fines of a year that was lived, worked out anew from ledgers and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select

from engine import deployments
from engine.clock import legal_day
from sla.benches import Bench, along, bench_of
from sla.clock_rows import due_on, ledgers_of, rule_of
from sla.decisions import evaluate, rows
from sla.errors import Refusal
from sla.ledger import Entry, replay
from sla.limits import NO_LIMITS, Limits, parse
from sla.steps import Explained
from store.tables import cases, clocks, history, user_tasks
from web.demo_office.invariants import Asked, Broken

AT_ONCE = 500


# --- clocks ---------------------------------------------------------------------------------------


def case_clocks(asked: Asked) -> Broken:
    """What filing starts has started, in every case."""
    has = _clock_names(asked.tx)
    promised: dict[UUID, list[str]] = {}
    for row in asked.tx.execute(
        select(cases.c.id, cases.c.number, cases.c.definition_id).order_by(cases.c.number)
    ):
        if row.definition_id not in promised:
            limits = _limits(asked.tx, row.definition_id)
            promised[row.definition_id] = [
                each.name for each in limits.clocks.values() if each.start == "filed"
            ]
        for name in promised[row.definition_id]:
            is_there = name in has.get(row.id, ())
            yield None if is_there else f"{row.number}: the limit {name} has no clock"


def _clock_names(tx: Connection) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    for row in tx.execute(
        select(clocks.c.case_id, clocks.c.name).where(clocks.c.task_id.is_(None))
    ):
        found.setdefault(row.case_id, set()).add(row.name)
    return found


def _limits(tx: Connection, definition_id: UUID) -> Limits:
    content = deployments.definition(tx, definition_id).limits
    return NO_LIMITS if content is None else parse(content, str(definition_id))


def task_clocks(asked: Asked) -> Broken:
    """A task that has a limit has its clock."""
    clocked = set(asked.tx.scalars(select(clocks.c.task_id).where(clocks.c.task_id.is_not(None))))
    limited = (
        select(user_tasks.c.id, user_tasks.c.element_id, cases.c.number)
        .join(cases, cases.c.id == user_tasks.c.case_id)
        .where(user_tasks.c.limit_id.is_not(None))
        .order_by(cases.c.number)
    )
    for row in asked.tx.execute(limited):
        yield None if row.id in clocked else f"{row.number}: the task {row.element_id} has no clock"


def due_dates(asked: Asked) -> Broken:
    """Every clock is due when its ledger says."""
    for clock, result in _recounted(asked):
        if isinstance(result, Refusal):
            yield f"{clock.number}: {clock.name} cannot be counted: {result.en}"
            continue
        due = (result.due_at, due_on(result))
        if (clock.due_at, clock.due_on) == due:
            yield None
        else:
            yield (
                f"{clock.number}: {clock.name} ({clock.rule_id}) is due {clock.due_at}, on "
                f"{clock.due_on}; counted anew {due[0]}, on {due[1]}"
            )


def _recounted(asked: Asked) -> Iterator[tuple[Any, Explained | Refusal]]:
    benches: dict[str, Bench] = {}
    found = asked.tx.execute(_clocks().order_by(cases.c.number, clocks.c.id)).all()
    for at in range(0, len(found), AT_ONCE):
        batch = found[at : at + AT_ONCE]
        ledgers = ledgers_of(asked.tx, [clock.id for clock in batch])
        for clock in batch:
            if clock.office_id not in benches:
                benches[clock.office_id] = bench_of(asked.tx, clock.office_id, asked.now)
            yield clock, _counted(asked.tx, clock, ledgers[clock.id], benches[clock.office_id])


def _clocks() -> Select[Any]:
    read = [column for column in clocks.c if column.name != "explanation"]  # long, and not asked
    return select(*read, cases.c.number).join(cases, cases.c.id == clocks.c.case_id)


def _counted(
    tx: Connection, clock: Any, entries: Sequence[Entry], bench: Bench
) -> Explained | Refusal:
    # Where a clock is stopped nothing is counted: it stays due when it was.
    going = [entry for entry in entries if entry.kind != "stop"]
    own = along(tx, bench, going)
    try:
        return replay(rule_of(clock, going), going, own.calendar, own.settings)
    except Refusal as refused:
        return refused


# --- fines ----------------------------------------------------------------------------------------


def fines(asked: Asked) -> Broken:
    """Every fine that was proposed is the one of its table: for a late application by the days that
    the ledger of its window says."""
    proposed = (
        select(
            user_tasks.c.case_id,
            user_tasks.c.inputs,
            user_tasks.c.created_at,
            cases.c.number,
            cases.c.filed_at,
        )
        .join(cases, cases.c.id == user_tasks.c.case_id)
        .where(user_tasks.c.process_id == "C09", user_tasks.c.element_id == "examine_facts")
        .order_by(cases.c.number, user_tasks.c.created_at)
    )
    for row in asked.tx.execute(proposed):
        inputs = row.inputs or {}
        said = (inputs.get("proposed_amount"), inputs.get("fine_tier"))
        lawful = _lawful_fines(asked, row)
        yield None if said in lawful else f"{row.number}: proposed {said}, by the table {lawful}"


def _lawful_fines(asked: Asked, fine: Any) -> list[tuple[Any, Any]]:
    """Amount and tier that the facts of a case lead to; all of a table whose facts the case keeps
    only encrypted."""
    table = _table_asked(asked.tx, fine)
    if table != LATE:
        listed = rows("fines", FINES[table]) if table is not None else []
        return [(row["amount"], row.get("tier")) for row in listed]
    late, dunned = _lateness(asked, fine)
    given = {"daysLate": late, "dunned": dunned, "on": legal_day(fine.filed_at)}
    found = evaluate("fines", "lateFine", given)
    return [] if found is None else [(found["amount"], found["tier"])]


LATE = "late_fine"
FINES = {
    "false_fine": "falseStatementFine",
    "booklet_fine": "bookletFine",
    "hospital_fine": "hospitalFine",
}
"""The tables of fines by the elements of C09 that ask them."""


def _table_asked(tx: Connection, fine: Any) -> str | None:
    """The element of C09 that asked for this fine: a case may be fined twice, for two things."""
    asked: str | None = tx.scalar(
        select(history.c.element_id)
        .where(
            history.c.case_id == fine.case_id,
            history.c.process_id == "C09",
            history.c.action == "decision.evaluated",
            history.c.element_id.in_((LATE, *FINES)),
            history.c.at <= fine.created_at,
        )
        .order_by(history.c.at.desc(), history.c.id.desc())
        .limit(1)
    )
    return asked


def _lateness(asked: Asked, fine: Any) -> tuple[int, bool]:
    """How many days after the last day of its window the matter was applied for, and whether the
    term of a demand was over by then, or by the day of the fine where nobody applied."""
    of_case = asked.tx.execute(_clocks().where(clocks.c.case_id == fine.case_id))
    found = {row.name: row for row in of_case if row.task_id is None}
    window, demand, applied, late = found.get("statutory"), found.get("dunning"), None, 0
    if window is not None:
        entries = ledgers_of(asked.tx, [window.id])[window.id]
        bench = bench_of(asked.tx, window.office_id, asked.now)
        result = _counted(asked.tx, window, entries, bench)
        last = None if isinstance(result, Refusal) else due_on(result)
        applied = next((each.on_day for each in entries if each.kind == "stop"), None)
        late = max(0, (applied - last).days) if applied and last else 0
    by = applied or legal_day(fine.created_at)
    return late, demand is not None and demand.due_on is not None and demand.due_on < by
