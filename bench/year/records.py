"""What is on record: all that a replay may know, and all that it must come to again.

`Given` are the ledgers' acts, what each clock was promised, the edits of the calendar and the
changes of settings with their moments. `Kept` are the results the product keeps in its rows.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, insert, select, update

from engine.clock import legal_day
from sla.benches import Bench, bench_of
from sla.escalation import KNOWN, decide
from sla.ledger import Entry
from sla.limits import ACTS
from store import tables
from store.database import Database

COPIED = (tables.offices, tables.calendar_days, tables.office_settings)


@dataclass(frozen=True, slots=True)
class Given:
    """The replay's only sources. `clocks` are promises: rule, plan, whose; no result of any."""

    clocks: Sequence[Any]
    acts: Mapping[UUID, Sequence[Entry]]
    changes: Sequence[datetime]
    benches: Sequence[Bench]
    completed_tasks: frozenset[UUID]

    def bench_at(self, at: datetime) -> Bench:
        """What was known, and chosen, at a moment."""
        known = [bench for bench in self.benches if bench.known <= at]
        return known[-1]


@dataclass(frozen=True, slots=True)
class Kept:
    """The product's own results, by clock."""

    clocks: Mapping[UUID, Any]
    entries: Mapping[UUID, Sequence[Any]]
    rungs: Mapping[UUID, Sequence[Any]]
    fired: Mapping[tuple[int, str], int]
    told: Mapping[int, int]
    urgent: Mapping[UUID, tuple[UUID, datetime | None]]


def given(db: Database, scratch: Database, office_id: str) -> Given:
    """Read the sources. The calendar goes into a database of its own, with nothing else in it."""
    with _unhurried(db) as tx:
        entered = _entered(tx)
        promised = [
            SimpleNamespace(**row, entered_at=entered[str(row["id"])])
            for row in tx.execute(
                _PROMISES.where(tables.clocks.c.office_id == office_id)
            ).mappings()
        ]
        acts = {
            clock: [entry for entry in entries if entry.kind != "recalculate"]
            for clock, entries in _ledgers(tx, office_id)
        }
        settings = list(_settings(tx))
        days = tx.execute(
            select(tables.calendar_days.c.known_from).distinct().order_by("known_from")
        )
        moments = sorted({row.known_from for row in days} | {at for at, *_ in settings})
        completed = tx.scalars(
            select(tables.user_tasks.c.id).where(tables.user_tasks.c.completed_by.is_not(None))
        )
        done = frozenset(completed)
        _copy(tx, scratch)
    return Given(promised, acts, moments[1:], _benches(scratch, office_id, moments, settings), done)


@contextmanager
def _unhurried(db: Database) -> Iterator[Connection]:
    """A connection that may read a whole year, longer than a transaction of the product may take.
    Nobody writes any more."""
    with db.engine.connect() as connection:
        yield connection


_PROMISES = select(
    *(
        tables.clocks.c[name]
        for name in ("id", "office_id", "case_id", "task_id", "name", "rule_id", "ladder")
    ),
    tables.cases.c.confidential,
).join(tables.cases, tables.cases.c.id == tables.clocks.c.case_id)


def _entered(tx: Connection) -> dict[str, datetime]:
    """When each clock was entered: the first act of its ledger has the day of the event."""
    history = tables.history
    rows = tx.execute(
        select(history.c.object_id, history.c.at).where(history.c.action == "clock.started")
    )
    return {row.object_id: row.at for row in rows}


def _ledgers(tx: Connection, office_id: str) -> Iterator[tuple[UUID, list[Entry]]]:
    found: dict[UUID, list[Entry]] = {}
    entries = tables.clock_entries
    for row in tx.execute(
        select(entries)
        .where(entries.c.office_id == office_id)
        .order_by(entries.c.clock_id, entries.c.number)
    ):
        entry = Entry(row.kind, row.at, row.on_day, row.ground, row.detail)
        found.setdefault(row.clock_id, []).append(entry)
    yield from found.items()


def _settings(tx: Connection) -> Iterator[tuple[datetime, str, str, str, Any]]:
    """Every change of a setting of time: when, whose, which, what it was, what it is."""
    history = tables.history
    rows = tx.execute(
        select(history).where(history.c.action == "office.setting_changed").order_by(history.c.id)
    )
    for row in rows:
        detail = row.detail
        yield row.at, row.office_id, detail["setting"], detail["before"], detail["after"]


def _copy(tx: Connection, scratch: Database) -> None:
    with scratch.transaction() as there:
        for table in COPIED:
            rows = [dict(row) for row in tx.execute(select(table)).mappings()]
            there.execute(insert(table), [_without_people(table, row) for row in rows])


def _without_people(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if name in ("entered_by", "changed_by") else v for name, v in row.items()}


def _benches(
    scratch: Database,
    office_id: str,
    moments: Sequence[datetime],
    changes: Sequence[tuple[datetime, str, str, str, Any]],
) -> list[Bench]:
    """The calendar and the settings as they were from each moment on."""
    _undo(scratch, changes)
    benches = []
    for moment in moments:
        with scratch.transaction() as tx:
            for at, owner, name, _, after in changes:
                if at == moment:
                    _set(tx, owner, name, after)
        with scratch.transaction(read_only=True) as tx:
            benches.append(bench_of(tx, office_id, moment))
    return benches


def _undo(scratch: Database, changes: Sequence[tuple[datetime, str, str, str, Any]]) -> None:
    with scratch.transaction() as tx:
        for _, owner, name, before, _ in reversed(changes):
            _set(tx, owner, name, before)


def _set(tx: Connection, office_id: str, name: str, told: str) -> None:
    row = tables.office_settings
    value: Any = _value(told)
    changed = tx.execute(
        update(row).where(row.c.office_id == office_id, row.c.name == name).values(value=value)
    )
    if changed.rowcount != 1:
        raise SystemExit(f"The history tells of {name} of {office_id}, which it has never chosen")


def _value(told: str) -> Any:
    """A value as the history tells it: in words."""
    if told in ("True", "False") or told.startswith("{"):
        return ast.literal_eval(told)
    return told


def kept(db: Database, office_id: str) -> Kept:
    """Read what the product made of it all."""
    with _unhurried(db) as tx:
        clocks = tx.execute(select(tables.clocks).where(tables.clocks.c.office_id == office_id))
        entries, rungs = tables.clock_entries, tables.rungs
        return Kept(
            {row.id: row for row in clocks},
            _by_clock(tx.execute(select(entries).order_by(entries.c.clock_id, entries.c.number))),
            _by_clock(tx.execute(select(rungs).order_by(rungs.c.clock_id, rungs.c.level))),
            _fired(tx),
            _told(tx),
            _urgent(tx),
        )


def _by_clock(rows: Any) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.clock_id, []).append(row)
    return found


FIRED = frozenset({KNOWN, *(decide(act, "owner").action for act in ACTS)})


def _fired(tx: Connection) -> dict[tuple[int, str], int]:
    """How many rungs of each kind fired in a month, by their rows."""
    rows = tx.execute(
        select(tables.rungs.c.fired_at, tables.rungs.c.act).where(tables.rungs.c.status == "fired")
    )
    return dict(Counter((month_of(row.fired_at), row.act) for row in rows))


def _told(tx: Connection) -> dict[int, int]:
    """How often the history tells of a rung, by month."""
    history = tables.history
    rows = tx.scalars(select(history.c.at).where(history.c.action.in_(FIRED)))
    return dict(Counter(month_of(at) for at in rows))


def month_of(at: datetime) -> int:
    """The month in Taipei, counted from the year nought."""
    day: date = legal_day(at)
    return day.year * 12 + day.month - 1


def _urgent(tx: Connection) -> dict[UUID, tuple[UUID, datetime | None]]:
    """Case and urgency of every open task."""
    tasks = tables.user_tasks
    rows = tx.execute(
        select(tasks.c.id, tasks.c.case_id, tasks.c.urgent_at).where(
            tasks.c.status.in_(("unclaimed", "claimed"))
        )
    )
    return {row.id: (row.case_id, row.urgent_at) for row in rows}
