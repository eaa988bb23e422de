"""A clock's rows: the clock, its ledger, and what the history is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from engine.actors import Actor
from engine.clock import legal_day
from engine.confidence import open_to
from engine.errors import NotFound
from engine.history import Entry as HistoryEntry
from engine.history import append
from sla.ledger import Entry
from sla.limits import ClockPlan
from sla.rules import Places, Rule, of_row, plain, rule
from sla.spans import Unit
from sla.steps import Explained
from store.prepared import Listed, Prepared
from store.tables import clock_entries, clocks


def clock_row(tx: Connection, clock_id: UUID) -> Row[Any]:
    """The clock by id. Raises `NotFound`."""
    clock: Row[Any] | None = _CLOCK.first(tx, {"clock": clock_id})
    if clock is None:
        raise NotFound("clock.unknown", "There is no such clock")
    return clock


def of_case(tx: Connection, case_id: UUID) -> Sequence[Row[Any]]:
    """The clocks of a case and of its tasks, the case's first."""
    return _OF_CASE.all(tx, {"case": case_id})


_CLOCK = Prepared(select(clocks).where(clocks.c.id == bindparam("clock")))
_OF_CASE = Prepared(
    select(clocks)
    .where(clocks.c.case_id == bindparam("case"))
    .order_by(clocks.c.task_id.is_not(None), clocks.c.started_at, clocks.c.name)
)


# --- reads --------------------------------------------------------------------------------------


def named(tx: Connection, case_id: UUID, name: str) -> Row[Any]:
    """The case's own clock by name. Raises `NotFound`."""
    clock: Row[Any] | None = _NAMED.first(tx, {"case": case_id, "name": name})
    if clock is None:
        raise NotFound(
            "clock.unknown",
            f"Expected a clock {name!r} on the case, but it has none; start it first",
            clock=name,
        )
    return clock


def explained(tx: Connection, clock_id: UUID, actor: Actor) -> tuple[Row[Any], dict[str, Any]]:
    """A clock of a case of the actor's office, as far as the actor sees it, with its stored
    explanation in both languages. Raises `NotFound`."""
    clock = tx.execute(
        select(clocks).where(
            clocks.c.id == clock_id,
            clocks.c.office_id == actor.office_id,
            open_to(actor, clocks.c.case_id),
        )
    ).first()
    if clock is None:
        raise NotFound("clock.unknown", "There is no such clock in this office")
    return clock, clock.explanation


def known_due(tx: Connection, clock_id: UUID) -> Any:
    """A row with the `due_at` of a clock that is there already, else None."""
    return _DUE.first(tx, {"clock": clock_id})


def add(tx: Connection, row: dict[str, Any]) -> Any:
    """Write the row of a new clock, with all its columns; answers it as it would be read."""
    _ADD.run(tx, row)
    return SimpleNamespace(**row)


def meet(tx: Connection, clock_id: UUID, now: datetime) -> bool:
    """Stop a clock; False if it was stopped already."""
    return _MEET.run(tx, {"clock": clock_id, "now": now}) == 1


_LEDGERS = Listed(
    clock_entries.c.clock_id,
    select(
        clock_entries.c.clock_id,
        clock_entries.c.kind,
        clock_entries.c.at,
        clock_entries.c.on_day,
        clock_entries.c.ground,
        clock_entries.c.detail,
    ).order_by(clock_entries.c.clock_id, clock_entries.c.number),
)
_NAMED = Prepared(
    select(clocks).where(
        clocks.c.case_id == bindparam("case"),
        clocks.c.name == bindparam("name"),
        clocks.c.task_id.is_(None),
    )
)
_DUE = Prepared(select(clocks.c.due_at).where(clocks.c.id == bindparam("clock")))
_ADD = Prepared(insert(clocks))
_MEET = Prepared(
    update(clocks)
    .where(clocks.c.id == bindparam("clock"), clocks.c.status != "met")
    .values(status="met", met_at=bindparam("now"), version=clocks.c.version + 1)
)


def ledger_of(tx: Connection, clock_id: UUID) -> list[Entry]:
    """The ledger of one clock, oldest first."""
    return ledgers_of(tx, [clock_id]).get(clock_id, [])


def ledgers_of(tx: Connection, clock_ids: Iterable[UUID]) -> dict[UUID, list[Entry]]:
    """The ledgers of many clocks in one statement, each oldest first."""
    found: dict[UUID, list[Entry]] = {}
    for row in _LEDGERS.all(tx, list(clock_ids), {}):
        entry = Entry(row.kind, row.at, row.on_day, row.ground, row.detail)
        found.setdefault(row.clock_id, []).append(entry)
    return found


@dataclass(frozen=True, slots=True)
class Due:
    """When a clock was due before an act, and after it."""

    before: datetime | None
    after: datetime | None


def enter(
    tx: Connection, clock_id: UUID, office_id: str, entry: Entry, actor: Actor, due: Due
) -> None:
    """Append to the ledger."""
    enter_all(tx, [ledger_row(clock_id, office_id, entry, actor, due)])


def enter_all(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Append to the ledgers of several clocks, with rows of `ledger_row`."""
    _APPEND.run_many(tx, rows)


def ledger_row(
    clock_id: UUID, office_id: str, entry: Entry, actor: Actor, due: Due
) -> dict[str, Any]:
    return {
        "clock_id": clock_id,
        "of_clock": clock_id,
        "office_id": office_id,
        "kind": entry.kind,
        "at": entry.at,
        "on_day": entry.on_day,
        "ground": entry.ground,
        "reason": entry.detail.get("reason"),
        "person_id": actor.person_id,
        "due_before": due.before,
        "due_after": due.after,
        "detail": entry.detail,
    }


_others = clock_entries.alias("others")
_APPEND = Prepared(
    insert(clock_entries).values(
        number=select(func.coalesce(func.max(_others.c.number), 0) + 1)
        .where(_others.c.clock_id == bindparam("of_clock"))
        .scalar_subquery()
    )
)


def tell(
    tx: Connection, clock: Row[Any], action: str, facts: dict[str, Any], actor: Actor, now: datetime
) -> None:
    """Tell the history what became of a clock."""
    append(tx, story(clock, action, facts, actor, now))


def story(
    clock: Row[Any], action: str, facts: dict[str, Any], actor: Actor, now: datetime
) -> HistoryEntry:
    """What the history is told of a clock."""
    return HistoryEntry(
        action,
        actor,
        now,
        case_id=clock.case_id,
        object_id=str(clock.id),
        detail={"clock": clock.name, "due_at": iso(clock.due_at), **facts},
        office_id=clock.office_id,
    )


def tell_stopped(tx: Connection, stopped: Iterable[Row[Any]], entry: Entry, actor: Actor) -> None:
    """Tell the history that clocks were stopped by this entry, in time or not."""
    told = []
    for clock in stopped:
        in_time = clock.due_on is not None and entry.on_day <= clock.due_on
        action = "clock.met" if in_time else "clock.stopped"
        told.append(story(clock, action, {}, actor, entry.at))
    append(tx, *told)


def rule_for(plan: ClockPlan, day: date, places: Places = (), entered: Sequence[Rule] = ()) -> Rule:
    """The rule of a plan as it was in force on the day of the event, at `places`, where offices
    have `entered` versions of their own. Raises RuleError."""
    return rule(plan.rule, day, places, entered).with_length(plan.length, plan.unit)


def rule_of(clock: Row[Any], entries: Sequence[Entry]) -> Rule:
    """The rule a clock is counted by: what it was started with, or what the last edit of its rule
    put in that place. Raises RuleError."""
    return _by_plan(clock, version_of(clock, entries))


def version_of(clock: Row[Any], entries: Sequence[Entry]) -> Rule:
    """As `rule_of`, without the length that the clock's plan gives it."""
    for entry in reversed(entries):
        row = entry.detail.get("rule")
        if row is not None and row["id"] == clock.rule_id:
            return of_row(row)
    return begun_with(clock, entries[0].on_day)


def rule_now(
    clock: Row[Any], entries: Sequence[Entry], places: Places, entered: Sequence[Rule]
) -> Rule:
    """The rule that a clock beginning now for the same event would have, at the office that has
    the case. A clock that was handed over keeps the one it has. Raises RuleError."""
    if any(entry.kind == "transfer" for entry in entries):
        return rule_of(clock, entries)
    return _by_plan(clock, rule(clock.rule_id, entries[0].on_day, places, entered))


def _by_plan(clock: Row[Any], version: Rule) -> Rule:
    plan = clock.ladder
    unit = Unit(plan["unit"]) if plan.get("unit") else None
    return version.with_length(plan.get("length"), unit)


def begun_with(clock: Row[Any], day: date) -> Rule:
    """The row a clock began with on a day: of the table, of the place it began at (a clock keeps
    whose rule it is, wherever its case has gone since), or what its office had entered. Raises
    RuleError."""
    row = clock.ladder.get("rule")
    if row is not None:
        return of_row(row)
    place = clock.ladder.get("place")
    return rule(clock.rule_id, day, (place,) if place else ())


def ladder_row(plan: ClockPlan, law: Rule) -> dict[str, Any]:
    """What the clock keeps of its plan, so that later versions of the package change nothing: whose
    rule it was begun with, and the whole of it where an office had entered it."""
    return {
        "place": law.jurisdiction,
        **({"rule": plain(law)} if law.edit else {}),
        "length": plan.length,
        "unit": plan.unit.value if plan.unit else None,
        "pausable": plan.pausable,
        "stop": plan.stop,
        **({} if plan.target is None else {"target": plan.target}),
        "rungs": [{"at": r.at, "do": r.act, "to": r.to} for r in plan.ladder],
        **_drawn(plan),
    }


def _drawn(plan: ClockPlan) -> dict[str, Any]:
    """Which version of which ladder package the rungs come from, where one draws them."""
    drawn = plan.drawn_version
    return {} if drawn is None else {"drawn": {"id": drawn.id, "version": drawn.version}}


def due_on(result: Explained) -> date | None:
    """The last day, in Taipei."""
    due = result.due
    return legal_day(due) if isinstance(due, datetime) else due


@lru_cache(maxsize=512)
def both_languages(result: Explained) -> dict[str, Any]:
    """The explanation as a clock keeps it. The same for all who filed on one day, and never
    changed: an edit of a calendar writes it ten thousand times."""
    return {"zh-TW": dict(result.to_dict("zh-TW")), "en": dict(result.to_dict("en"))}


def iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
