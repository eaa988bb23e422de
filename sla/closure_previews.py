"""What edits of a calendar, of rules or of settings would move, before anybody enters them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal, or_, select, tuple_

from engine.cursors import Order
from engine.errors import Rejected
from sla import closures, rule_edits
from sla.benches import Bench, along, bench_of, lawful
from sla.calendar_edits import CLOSURES, Change
from sla.clock_rows import ledgers_of, rule_now, rule_of
from sla.ledger import Entry, replay
from sla.recalculation import Moved, Stayed, stays
from sla.rules import Rule
from sla.steps import Explained
from sla.working_time import Calendar, instant
from store.tables import cases, clocks

MOST_COMPUTED = 100


Law = Callable[[Any, Sequence[Entry], Bench], Rule]


def rule_held(clock: Any, entries: Sequence[Entry], _bench: Bench) -> Rule:
    """The rule that the clock is counted by."""
    return rule_of(clock, entries)


def rule_under(clock: Any, entries: Sequence[Entry], bench: Bench) -> Rule:
    """The rule that it would be counted by, where the versions of its rule have changed."""
    return rule_now(clock, entries, bench.calendar.places, bench.rules)


_BY_END = Order("calendar_preview", ("instant", "uuid"))


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit would move, a page of it. `candidates` are all open limits that end on the day
    or after it, or are counted backwards over it; `moved` are those among a hundred of them that
    would move (of all, if `is_whole`), `stayed` those that could not be counted. `next_cursor`
    leads to the next hundred."""

    candidates: int
    moved: list[Moved]
    stayed: list[Stayed]
    is_whole: bool
    next_cursor: str | None = None


def preview(
    tx: Connection, office_id: str, change: Change, now: datetime, cursor: str | None = None
) -> Preview:
    """Say what an edit of the office's calendar or rules would move, without entering it.

    Raises Rejected for a day the calendar does not hold, or a cursor of another list.
    """
    places = closures.below(tx, office_id)
    if change.rules:
        rules = rule_edits.ids_of(change.rules)
        nearer = frozenset(places[1:])
        return weighed(
            tx,
            places,
            lambda place: rule_edits.changed(
                bench_of(tx, place, now), office_id, change.rules, nearer
            ),
            (clocks.c.rule_id.in_(rules),),
            cursor,
            law=rule_under,
        )
    # Some are counted backwards from an event to come: the day lies between their end and it.
    begins = instant(change.day, time())
    touched = (or_(clocks.c.due_at >= begins, clocks.c.started_at >= begins),)
    return weighed(tx, places, lambda place: _edited(tx, place, change, now), touched, cursor)


def weighed(
    tx: Connection,
    places: Sequence[str],
    changed: Callable[[str], Bench],
    only: Sequence[ColumnElement[bool]] = (),
    cursor: str | None = None,
    *,
    law: Law = rule_held,
) -> Preview:
    """What would move if the open limits of these offices were counted on `changed` benches, each
    by the rule it has, or by the one that `law` says.

    A hundred limits are counted, from the `cursor` on. Raises Rejected for one of another list.
    """
    running = (clocks.c.office_id.in_(places), clocks.c.status == "running", *only)
    running = (*running, cases.c.confidential.is_(False))  # they move, and are shown to nobody
    of_cases = clocks.join(cases, cases.c.id == clocks.c.case_id)
    candidates = tx.execute(select(func.count()).select_from(of_cases).where(*running)).scalar_one()
    wanted = (
        select(clocks, cases.c.number.label("case_number"))
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(*running)
        .order_by(clocks.c.due_at, clocks.c.id)
        .limit(MOST_COMPUTED + 1)
    )
    if cursor is not None:
        due_at, clock_id = _BY_END.decode(cursor)
        seen = tuple_(literal(due_at, clocks.c.due_at.type), literal(clock_id, clocks.c.id.type))
        wanted = wanted.where(tuple_(clocks.c.due_at, clocks.c.id) > seen)
    found = tx.execute(wanted).all()
    looked_at = found[:MOST_COMPUTED]
    benches = {place: changed(place) for place in {row.office_id for row in looked_at}}
    last = looked_at[-1] if len(found) > MOST_COMPUTED else None
    moved, stayed = _moved(tx, looked_at, benches, law)
    return Preview(
        candidates,
        moved,
        stayed,
        is_whole=candidates <= MOST_COMPUTED,
        next_cursor=None if last is None else _BY_END.encode((last.due_at, last.id)),
    )


def _edited(tx: Connection, office_id: str, change: Change, now: datetime) -> Bench:
    bench = bench_of(tx, office_id, now)

    def calendar() -> Calendar:
        known, why = bench.calendar, (change.reason, change.source)
        if change.part in CLOSURES:
            return known.with_closure(change.day, change.part, *why)
        is_working = change.part == "works"
        return known.with_day(
            change.day, is_working=is_working, reason=change.reason, source=change.source
        )

    return replace(bench, calendar=lawful(calendar))


def _moved(
    tx: Connection, rows: Sequence[Any], benches: Mapping[str, Bench], law: Law
) -> tuple[list[Moved], list[Stayed]]:
    """Those of the clocks that would end otherwise on these benches, by office, before and after;
    and those that could not be counted there.

    `rows` are clocks with their `case_number`. Nothing is written.
    """
    ledgers = ledgers_of(tx, [row.id for row in rows])
    moved, stayed = [], []
    for row in rows:
        try:
            result = _counted(tx, row, ledgers[row.id], benches[row.office_id], law)
        except Rejected as refused:
            stayed.append(stays(row, refused))
            continue
        if result.due_at != row.due_at:
            moved.append(
                Moved(row.id, row.case_id, row.case_number, row.name, row.due_at, result.due_at)
            )
    return moved, stayed


def _counted(
    tx: Connection, clock: Any, entries: Sequence[Entry], bench: Bench, law: Law
) -> Explained:
    own = along(tx, bench, entries)
    return lawful(lambda: replay(law(clock, entries, own), entries, own.calendar, own.settings))
