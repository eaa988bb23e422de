"""Who acts. Separation of duties is about persons; accounts are only ways to sign in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person in one office, or the system (`person_id` None).

    `groups` are the groups of the person in `office_id`: counter, reviewer, chief, secretary,
    director, data, field, petition, control, analyst, operator, auditor.
    """

    person_id: UUID | None
    account_id: UUID | None
    office_id: str
    groups: frozenset[str] = frozenset()
    name: str = ""

    @property
    def is_system(self) -> bool:
        return self.person_id is None


SUPERVISORS = frozenset({"chief", "secretary", "director"})
OFFICE_KEEPERS = frozenset({"operator", "director"})
"""They change what is said of their office, and what it chose."""


def system(office_id: str) -> Actor:
    """The engine itself, acting for an office: beats, confirmations, escalations."""
    return Actor(person_id=None, account_id=None, office_id=office_id, name="SYSTEM")
