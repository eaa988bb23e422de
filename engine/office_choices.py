"""What an office has chosen for its people: its own choice, else its city's, else the default.

Choices of legal time (`sla.…`, `office.hours`) are read where time is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from store.tables import office_settings, offices

NUMBERS: Mapping[str, tuple[int, int, int]] = {
    # name: default, least, most
    "people.password_days": (90, 0, 365),
    "people.unused_days": (180, 0, 730),
    "extension.chief_days": (10, 0, 365),
    "extension.secretary_days": (20, 0, 365),
    "queue.counter_most": (50, 0, 10_000),
    "desk.hold_minutes": (15, 0, 480),
}
"""Days until a password must be changed, and until an account nobody uses is disabled; 0: never.
Up to how many days of an extension a section chief and the secretary approve; 0: never.
How many tasks may wait at the counter before a supervisor is asked for support; 0: any number.
How many minutes of its hours a task is held for the people of a desk before all others; 0: none."""


def number(tx: Connection, office_id: str, name: str) -> int:
    """The choice that holds for the office: the nearest one up the tree."""
    default = NUMBERS[name][0]
    found = tx.execute(
        select(office_settings.c.office_id, office_settings.c.value).where(
            office_settings.c.name == name
        )
    ).all()
    chosen: dict[str, Any] = {row.office_id: row.value for row in found}
    here: str | None = office_id
    for _ in range(8):
        if not chosen or here is None:
            return default
        if here in chosen:
            return int(chosen.pop(here))
        here = tx.scalar(select(offices.c.parent_id).where(offices.c.id == here))
    return default
