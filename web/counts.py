"""The figures in the menu: what lies on each desk for this person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from engine import worklist
from engine.actors import Actor
from sla import overdue
from web.policies import HANDLING, OPERATION, SUPERVISION
from web.trouble import trouble_count


def counts_for(tx: Connection, actor: Actor, now: datetime) -> Mapping[str, int]:
    """By the key of the desk; only of desks the person may open."""
    mine, unread = worklist.menu_counts(tx, actor)
    found = {"notifications": unread}
    if HANDLING.admits(actor):
        found["worklist"] = mine
    if SUPERVISION.admits(actor):
        found["overdue"] = overdue.overdue_count(tx, actor, now)
    if OPERATION.admits(actor):
        found["operations"] = trouble_count(tx, actor)
    return found
