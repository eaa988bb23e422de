"""Why somebody searches by a person: asked for once, and kept for half an hour of the session."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import request, session

from engine import purposes
from web.visits import actor, context

KEPT = timedelta(minutes=30)
_KEY = "search_purpose"


def given() -> str:
    """The purpose chosen in this form, else the one that was kept; empty: the verb asks for it.

    Raises Rejected for one that is not of the list, or needs more words.
    """
    code, more = request.form.get("purpose", ""), request.form.get("more", "")
    if not code:
        return kept()
    why = purposes.purpose(code, more)
    until = (context().wall_clock.now() + KEPT).isoformat()
    session[_KEY] = [str(actor().account_id), why, until]
    return why


def kept() -> str:
    """The purpose of the last half hour, of this person only; empty where there is none."""
    who, why, until = session.get(_KEY) or ("", "", "")
    is_mine = who == str(actor().account_id)
    is_living = bool(until) and datetime.fromisoformat(until) > context().wall_clock.now()
    return why if is_mine and is_living else ""
