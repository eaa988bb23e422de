"""Who changed what, for somebody whose form was open meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine import deployments
from engine.history import timeline
from engine.story_versions import OverTime
from store.tables import cases, history
from web.visits import actor, lang

MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Deed:
    """A line of the case's history by somebody else: when, and who did what in one sentence."""

    at: datetime
    told: str


def last_event(tx: Connection, case_id: UUID) -> int:
    """The id of the newest event of a case: a form carries it as `seen_event`."""
    return tx.scalar(select(func.max(history.c.id)).where(history.c.case_id == case_id)) or 0


def since(tx: Connection, case_id: UUID, seen_event: str) -> list[Deed]:
    """What others did to the case after the form was shown, the newest first, at most five.

    The caller has shown that the actor may see the case. Routine events are left out.
    """
    if not seen_event.isdecimal():
        return []
    after = int(seen_event)
    if last_event(tx, case_id) <= after:
        return []
    definition_id = tx.scalar(select(cases.c.definition_id).where(cases.c.id == case_id))
    names = OverTime(tx, deployments.definition(tx, definition_id)) if definition_id else None
    return [
        Deed(event.at, event.text(lang()))
        for event in reversed(timeline(tx, case_id, names))
        if event.id > after and not event.routine and event.person_id != actor().person_id
    ][:MOST_TOLD]
