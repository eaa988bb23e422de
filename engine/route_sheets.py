"""The route sheet of an office's day: whom its field officers visit, when, with what (路線單).

A stop is an open task for the group `field` that is asked with an input `visit_on` of that day. It
shows what the form of the task shows: to whoever has the task in clear, to everybody else masked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import appointments, task_readings
from engine.actors import Actor
from engine.bpmn.codec import decode
from engine.confidence import seen_by
from engine.forms import Label
from engine.task_view import TaskView, task_view
from store.tables import cases, user_task_groups, user_tasks

GROUP = "field"
MATTER = "home_visit"
"""What reminders (C14) of visits are about."""
MOST_OPEN = 2_000
"""More open tasks than the field officers of an office have; the oldest are looked at."""
MOST_STOPS = 100


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit. `at` is `HH:MM` of Taipei, `officers` who go, `kit` what they take along; each
    may be unknown."""

    view: TaskView
    at: str | None
    officers: str | None
    kit: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit agreed on that is not being prepared yet: nothing personal."""

    number: str
    at: str | None
    place: str | None


@dataclass(frozen=True, slots=True)
class RouteSheet:
    """Everything by time. `is_cut`: there are more stops than a day has room for."""

    day: date
    stops: tuple[Stop, ...]
    planned: tuple[Planned, ...]
    is_cut: bool


def of_day(tx: Connection, day: date, actor: Actor) -> RouteSheet:
    """The visits of the actor's office on `day`, a date of Taipei."""
    found = [row for row in _open(tx, actor) if _is_of(row.inputs, day)]
    stops = [_stop(tx, row.id, decode(row.inputs), actor) for row in found[:MOST_STOPS]]
    planned = [
        Planned(one["number"], one["at"], one["place"])
        for one in appointments.of_day(tx, actor.office_id, day)
        if one["matter"] == MATTER
    ]
    in_order = sorted(stops, key=lambda stop: (stop.at or "", stop.view.case_number))
    return RouteSheet(day, tuple(in_order), tuple(planned), len(found) > MOST_STOPS)


def note(tx: Connection, sheet: RouteSheet, actor: Actor, now: datetime) -> None:
    """Write down whose data the sheet showed in clear, to whom, and for what."""
    for stop in sheet.stops:
        task_readings.note(tx, stop.view, actor, now)


def _open(tx: Connection, actor: Actor) -> Sequence[Any]:
    return tx.execute(
        select(user_tasks.c.id, user_tasks.c.inputs)
        .join(user_task_groups, user_task_groups.c.task_id == user_tasks.c.id)
        .join(cases, cases.c.id == user_tasks.c.case_id)
        .where(
            user_task_groups.c.office_id == actor.office_id,
            user_task_groups.c.group_name == GROUP,
            user_tasks.c.office_id == actor.office_id,
            user_tasks.c.status.in_(("unclaimed", "claimed")),
            seen_by(actor),
        )
        .order_by(user_tasks.c.created_at, user_tasks.c.id)
        .limit(MOST_OPEN)
    ).all()


def _is_of(inputs: Mapping[str, Any], day: date) -> bool:
    # A form gives a date; a message from outside may have given its text.
    known = inputs.get("visit_on")
    return known is not None and str(decode(known)) == day.isoformat()


def _stop(tx: Connection, task_id: UUID, inputs: Mapping[str, Any], actor: Actor) -> Stop:
    kit = inputs.get("kit") or ()
    return Stop(
        view=task_view(tx, task_id, actor),
        at=inputs.get("visit_at"),
        officers=inputs.get("visit_with"),
        kit=tuple(Label(each["label"], each["label_en"]) for each in kit),
    )
