"""Searching cases by a person in them: judged, and written into the history with its purpose.

What was typed is nowhere kept: the history says by which kinds of data somebody searched, in which
office, how many cases were shown and why.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from engine import case_list, search_terms
from engine.actors import Actor
from engine.case_list import CaseFilter, CaseRow
from engine.cursors import Page
from engine.errors import Rejected
from engine.history import Entry, append
from engine.permissions import demand, may_search
from engine.purposes import checked


def search(
    tx: Connection,
    actor: Actor,
    wanted: CaseFilter,
    cursor: str | None,
    page_rows: int,
    asked: tuple[str, datetime],
) -> Page[CaseRow]:
    """One page of the cases of a person. `asked` is the purpose (`engine.purposes`) and the moment.

    Writes who searched by what, and why, in the same transaction: no record, no result. Raises
    Forbidden, Rejected (`search.purpose`, `search.short`, `office.not_found`).
    """
    purpose, now = asked
    demand(may_search(actor))
    if not purpose.strip():
        raise Rejected("search.purpose", "Say for what purpose you search by personal data")
    if wanted.name and not search_terms.name_parts(wanted.name):
        raise Rejected("search.short", "Give at least two characters of the name")
    office_id = case_list.searched_office(tx, actor, wanted)
    found = case_list.cases_page(tx, actor, wanted, cursor, page_rows, now)
    detail = {
        "by": list(wanted.by_person),
        "found": f"{len(found.rows)}{'+' if found.next_cursor else ''}",
        "purpose": checked(purpose),
        "page": 1 if cursor is None else 2,
    }
    entry = Entry("case.searched", actor, now, purpose=purpose, detail=detail, office_id=office_id)
    append(tx, entry)
    return found
