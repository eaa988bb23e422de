"""What an open page asks now and then: the figures of the menu, and what is new in its list.

The answer has a validator that one statement can check, so an office where nothing happened is
answered 304 and nothing else is read. Asking alone keeps nobody signed in (`visits.is_attended`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Connection, func, select

from store.tables import history, person_notices
from web import lists, migrations, notifications, overdue, worklist
from web.counts import counts_for
from web.news import compare
from web.policies import ANALYSIS, CASES, HANDLING, SIGNED_IN, SUPERVISION, Policy, policy
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("live", __name__)
A_MINUTE = 60
"""Lateness comes with time alone, without a deed; so an answer holds for a minute at most."""


@dataclass(frozen=True, slots=True)
class List:
    """A list that tells its news. `marks` gives the marks of its first page, by the address."""

    policy: Policy
    marks: Callable[[Connection], Sequence[str]]
    changes: Callable[[Connection], object] = lambda _: None
    """What moves without a deed in the history of the office, where something does."""


LISTS = {
    "worklist": List(HANDLING, worklist.marks),
    "overdue": List(SUPERVISION, overdue.marks),
    "notifications": List(SIGNED_IN, notifications.marks),
    "list": List(CASES, lists.marks, lists.standing),
    "migration": List(ANALYSIS, migrations.marks, migrations.standing),
}


@blueprint.get("/live")
@policy(SIGNED_IN)
def news() -> Response:
    """Answer 304 if nothing can have changed since the answer whose ETag is sent back.

    `list` names one of LISTS; `seen` are the marks that the page shows; the other arguments are
    those of the page, those in its path included. `token=1` asks for a fresh token for the forms
    that stand open.
    """
    with reading() as tx:
        tag = _validator(tx)
        if request.if_none_match.contains_weak(tag) and "token" not in request.args:
            answer = Response(status=304)
        else:
            answer = jsonify(_answer(tx))
    answer.set_etag(tag, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _validator(tx: Connection) -> str:
    """Changes with each deed of the office, each notice to the person, each minute."""
    who = actor()
    last_deed = select(func.max(history.c.id)).where(history.c.office_id == who.office_id)
    notices = (
        select(func.count(), func.max(person_notices.c.created_at))
        .where(person_notices.c.person_id == who.person_id, person_notices.c.read_at.is_(None))
        .subquery()
    )
    found = tx.execute(select(last_deed.scalar_subquery(), notices)).one()
    asked = request.query_string.decode()
    minute = int(now().timestamp()) // A_MINUTE
    wanted = _wanted()
    moved = wanted.changes(tx) if wanted else None
    told = f"{who.account_id}|{lang()}|{minute}|{asked}|{tuple(found)}|{moved}"
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _answer(tx: Connection) -> dict[str, object]:
    answer: dict[str, object] = {"counts": dict(counts_for(tx, actor(), now())), "told": _told(tx)}
    if "token" in request.args:
        answer["token"] = generate_csrf()
    return answer


def _wanted() -> List | None:
    """The list that is asked for, if the reader may see it."""
    found = LISTS.get(request.args.get("list", ""))
    return found if found is not None and found.policy.admits(actor()) else None


def _told(tx: Connection) -> str:
    wanted = _wanted()
    if wanted is None:
        return ""
    found = compare(request.args.get("seen", ""), wanted.marks(tx))
    parts = [
        say(f"live.{name}", n=number)
        for name, number in (("new", found.new), ("changed", found.changed), ("gone", found.gone))
        if number
    ]
    return say("list.comma").join(parts)
