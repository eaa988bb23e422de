"""A list of persons: how far it is, its bad rows by number and reason, and the cases it became."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from engine import list_view as lists
from engine.errors import NotFound
from engine.list_view import CaseList, Fault
from web.news import row_mark
from web.pages import page
from web.policies import CASES, policy
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("lists", __name__)


@blueprint.get("/lists/<uuid:list_id>")
@policy(CASES)
def show(list_id: UUID) -> Response:
    """One list. `after` is the row to go on behind, of its cases; `behind` that of its bad rows."""
    with reading() as tx:
        listed = lists.one(tx, list_id, actor())
        members = lists.members_of(tx, listed, actor(), now(), _row("after"))
        faults = lists.faults_of(tx, listed, actor(), _row("behind"))
        return page(
            tx,
            "list.html",
            live="list",
            list=listed,
            list_mark=list_mark(listed),
            refusal=refusal_told(listed),
            members=members,
            faults=faults,
            fault_told=fault_told,
        )


def marks(tx: Connection) -> list[str]:
    """The mark of the list that an open page shows (`web.live`)."""
    listed = _asked_for(tx)
    return [] if listed is None else [list_mark(listed)]


def standing(tx: Connection) -> object:
    """How far the list is; being read and filed leaves no line in a history of its own."""
    listed = _asked_for(tx)
    return None if listed is None else (listed.status, listed.filed, listed.bad)


def list_mark(listed: CaseList) -> str:
    return row_mark(listed.id, listed.status, listed.filed, listed.bad)


def refusal_told(listed: CaseList) -> str:
    """Why the table is no list, in the reader's language."""
    if listed.refusal is None:
        return ""
    facts: dict[str, Any] = dict(listed.refusal_facts)
    if lang() == "en" and "names_en" in facts:
        facts["names"] = facts["names_en"]
    return say(f"error.{listed.refusal}", **facts)


def fault_told(fault: Fault) -> str:
    return fault.error.text(lang())


def _asked_for(tx: Connection) -> CaseList | None:
    try:
        return lists.one(tx, UUID(request.args.get("list_id", "")), actor())
    except (ValueError, NotFound):
        return None


def _row(name: str) -> int:
    given = request.args.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else 0
