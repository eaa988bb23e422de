"""The bench: what every computation of a due date needs, the calendar and the office's choices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from engine.errors import Rejected
from sla.calendars import calendar_and_settings
from sla.errors import Refusal
from sla.settings import Settings
from sla.working_time import Calendar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Bench:
    """The calendar as it was known at `known` (aware UTC), and the office's settings."""

    calendar: Calendar
    settings: Settings
    known: datetime


def bench_of(tx: Connection, office_id: str, now: datetime) -> Bench:
    """The bench of an office. Raises Rejected where its calendar or settings cannot be used."""
    calendar, settings = lawful(lambda: calendar_and_settings(tx, office_id, now))
    return Bench(calendar, settings, now)


def lawful(compute: Callable[[], Result]) -> Result:
    """Compute a date; what the law or the calendar refuses is a refusal of the command."""
    try:
        return compute()
    except Refusal as refused:
        raise Rejected(refused.code, refused.en, zh=refused.zh, en=refused.en) from refused
