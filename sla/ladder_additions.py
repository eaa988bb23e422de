"""Whom an office tells at a point of every ladder, beside those the process names.

Rows with who put them there; only supervisors change them. What the process demands stands in its
`limits.yaml` and cannot be taken away here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, delete, insert, select

from engine.actors import SUPERVISORS, Actor
from engine.errors import Forbidden, Rejected
from engine.history import Entry, append
from engine.people import GROUPS
from store.tables import ladder_additions, persons

POINTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "0.5": ("owner",),
        "0.8": ("owner", "chief"),
        "due": ("chief",),
        "due+1wd": ("chief",),
        "due+3wd": ("secretary", "director"),
    }
)
"""The points of the ladders of our library, with whom most of them tell by themselves."""
ADDABLE = tuple(sorted(GROUPS - {"auditor"}))


@dataclass(frozen=True, slots=True)
class Addition:
    """A group that the office added to a point; by whom (a name), and when."""

    at_point: str
    group: str
    changed_by: str | None
    changed_at: datetime


def additions(tx: Connection, office_id: str) -> Sequence[Addition]:
    """What the office has added, by point and group."""
    rows = tx.execute(
        select(ladder_additions, persons.c.display_name)
        .outerjoin(persons, persons.c.id == ladder_additions.c.changed_by)
        .where(ladder_additions.c.office_id == office_id)
        .order_by(ladder_additions.c.at_point, ladder_additions.c.group_name)
    )
    return [
        Addition(row.at_point, row.group_name, row.display_name, row.changed_at) for row in rows
    ]


def add_to(
    tx: Connection, at_point: str, groups: Sequence[str], actor: Actor, now: datetime
) -> bool:
    """Make `groups` the ones that the actor's office adds to a point. Says whether that is new.

    Raises Forbidden unless a supervisor asks, Rejected for an unknown point or group.
    """
    if not actor.groups & SUPERVISORS:
        raise Forbidden("ladder.forbidden", "Only supervisors decide whom a rung tells")
    if at_point not in POINTS:
        raise Rejected("ladder.point", f"Expected one of {', '.join(POINTS)}, got {at_point!r}")
    unknown = sorted(set(groups) - set(ADDABLE))
    if unknown:
        raise Rejected("ladder.group", f"Expected groups of {', '.join(ADDABLE)}, got {unknown}")
    here = (
        ladder_additions.c.office_id == actor.office_id,
        ladder_additions.c.at_point == at_point,
    )
    before = set(tx.scalars(select(ladder_additions.c.group_name).where(*here)))
    wanted = set(groups)
    if wanted == before:
        return False
    tx.execute(delete(ladder_additions).where(*here, ladder_additions.c.group_name.not_in(wanted)))
    fresh = [
        {
            "office_id": actor.office_id,
            "at_point": at_point,
            "group_name": group,
            "changed_by": actor.person_id,
            "changed_at": now,
        }
        for group in sorted(wanted - before)
    ]
    if fresh:
        tx.execute(insert(ladder_additions), fresh)
    facts = {"point": at_point, "to": "+".join(sorted(wanted)), "before": "+".join(sorted(before))}
    append(tx, Entry("ladder.changed", actor, now, object_id=at_point, detail=facts))
    return True
