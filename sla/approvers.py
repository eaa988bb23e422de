"""Who may approve an extension: the longer it is, the higher. Pure but for the office's choices.

No law sets the ranks; an office does, as two numbers of days (`engine.office_choices`). What a
section chief may approve the secretary and the director may as well, and the director any length
that is lawful.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from engine import office_choices
from sla.spans import Unit

RANKS = ("chief", "secretary", "director")
"""From the lowest to the highest."""
BASIS: Mapping[str, tuple[str, str]] = {
    "extension.chief_days": (
        "法律未定核定層級；為本系統預設，請依本所規定調整",
        "No law sets the ranks; a default of this system, to be set by the office's own rules",
    ),
    "extension.secretary_days": (
        "法律未定核定層級；為本系統預設，請依本所規定調整",
        "No law sets the ranks; a default of this system, to be set by the office's own rules",
    ),
}
"""What each default follows, in Chinese and in English."""
_DAYS = {Unit.WEEK: 7, Unit.MONTH: 30, Unit.YEAR: 365}


@dataclass(frozen=True, slots=True)
class Reach:
    """Up to how many days a section chief and the secretary approve; 0: never."""

    chief: int
    secretary: int


def reach_of(tx: Connection, office_id: str) -> Reach:
    """What the office has chosen, or inherits."""
    return Reach(
        office_choices.number(tx, office_id, "extension.chief_days"),
        office_choices.number(tx, office_id, "extension.secretary_days"),
    )


def days_of(length: int, unit: Unit) -> int:
    """An extension's length as days to compare; a month is 30 days, as in the Civil Code, art. 123,
    for what is not continuous."""
    return length * _DAYS.get(unit, 1)


def approvers(days: int, reach: Reach) -> tuple[str, ...]:
    """The groups that may approve so many days, the lowest first."""
    if days <= reach.chief:
        return RANKS
    return RANKS[1:] if days <= reach.secretary else RANKS[2:]
