"""How long a task is held for the people of a desk: so many minutes of the office's hours.

Nothing ends a hold: the moment stands in its row, and whoever takes the next task looks at it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine import case_service, events, office_choices, task_holds
from sla import calendars
from sla.errors import CalendarError

MINUTES = "desk.hold_minutes"


def user_task_created(tx: Connection, event: events.UserTaskCreated, now: datetime) -> None:
    """Hold a new task of a case with a desk for its people; a task that waits is nobody's."""
    desk_id = None if event.wait else case_service.desk_id_of(tx, event.case.id)
    if desk_id is None:
        return
    minutes = office_choices.number(tx, event.case.office_id, MINUTES)
    until = None if minutes == 0 else _until(tx, event.case.office_id, minutes, now)
    if until is not None:
        task_holds.hold(tx, event.task_id, desk_id, event.case.office_id, until)


def _until(tx: Connection, office_id: str, minutes: int, now: datetime) -> datetime | None:
    """None where no year is loaded: nobody can say when the office is open, so nothing is held."""
    try:
        calendar = calendars.snapshot(tx, office_id, now)
        return calendar.opened_for(now, timedelta(minutes=minutes))
    except CalendarError:
        return None
