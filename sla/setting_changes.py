"""Changing how an office counts time: what it would move is seen first, then entered with its work.

A setting of legal time (`sla.…`, `office.hours`) counts for every limit from then on. The open ones
are counted anew in batches, as for an edit of the calendar, so that a page and its explanation
never speak of two settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, select

from engine.actors import Actor
from engine.clock import legal_day
from sla import offices
from sla.benches import Bench, bench_of, lawful
from sla.closure_previews import Preview, weighed
from sla.closures import Entered, below, recount
from sla.working_time import Hours
from store.partial import among
from store.tables import history, office_settings, persons
from store.tables import offices as office_rows

CHANGED = "office.setting_changed"
PART = "setting"
"""What such a change is called among the edits of a calendar."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a setting, as the history has it."""

    setting: str
    before: str
    after: str
    source: str
    changed_by: str
    changed_at: datetime


def moves_limits(name: str) -> bool:
    """Whether a setting takes part in counting time."""
    return name == offices.HOURS or name.startswith("sla.")


def weigh(
    tx: Connection, name: str, given: Mapping[str, str], actor: Actor, now: datetime
) -> Preview:
    """What a choice would move, of the actor's office and those below it that inherit it.

    Computed for the first hundred open limits; nothing is written. Raises as `offices.choose`.
    """
    value = offices.judged(name, given, actor)
    places = _heirs(tx, actor.office_id, name)
    return weighed(tx, places, lambda place: _changed(bench_of(tx, place, now), name, value))


def enter(
    tx: Connection, name: str, given: Mapping[str, str], actor: Actor, now: datetime
) -> Entered | None:
    """Make the choice, and begin to count the open limits anew where it takes part in that.

    Raises as `offices.choose`.
    """
    offices.choose(tx, name, given, actor, now)
    if not moves_limits(name):
        return None
    about = {"day": legal_day(now).isoformat(), "part": PART, "reason": name}
    return recount(tx, actor.office_id, about, actor, now)


def changes(tx: Connection, actor: Actor, limit: int = 20) -> list[Change]:
    """The last changes of the settings of the actor's office, the newest first."""
    rows = tx.execute(
        select(history.c.at, history.c.detail, persons.c.display_name)
        .outerjoin(persons, persons.c.id == history.c.person_id)
        .where(history.c.office_id == actor.office_id, among(history.c.action, CHANGED))
        .order_by(history.c.id.desc())
        .limit(limit)
    )
    return [
        Change(
            setting=row.detail["setting"],
            before=row.detail["before"],
            after=row.detail["after"],
            source=row.detail["source"],
            changed_by=row.display_name or "",
            changed_at=row.at,
        )
        for row in rows
    ]


def _heirs(tx: Connection, office_id: str, name: str) -> list[str]:
    """The office, and those below it that take the choice from it: neither they nor an office
    between them and it have made one of their own."""
    places = below(tx, office_id)
    rows = tx.execute(
        select(office_rows.c.id, office_rows.c.parent_id, office_settings.c.name)
        .outerjoin(
            office_settings,
            (office_settings.c.office_id == office_rows.c.id) & (office_settings.c.name == name),
        )
        .where(office_rows.c.id.in_(places))
    )
    known = {row.id: row for row in rows}
    heirs = [office_id]
    for place in places[1:]:  # who is above comes first
        if known[place].name is None and known[place].parent_id in heirs:
            heirs.append(place)
    return heirs


def _changed(bench: Bench, name: str, value: Any) -> Bench:
    if name == offices.HOURS:
        hours = Hours(*(time.fromisoformat(value[part]) for part in offices.PARTS))
        return replace(bench, calendar=replace(bench.calendar, hours=hours))
    chosen = {name.removeprefix("sla."): value}
    return replace(bench, settings=lawful(lambda: bench.settings.with_choices(chosen)))
