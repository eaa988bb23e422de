"""Messages from outside that found no case: still waiting for one, set aside, or out of time."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine import inbox_list
from engine.inbox_list import AT_MOST, VIEWS
from web.outbox import peer_name
from web.pages import page
from web.policies import OPERATION, policy
from web.visits import actor, reading

blueprint = Blueprint("inbox", __name__)
PAGE_ROWS = 50


@blueprint.get("/operations/inbox")
@policy(OPERATION)
def show() -> ResponseReturnValue:
    view = request.args.get("view", "quarantined")
    view = view if view in VIEWS else "quarantined"
    with reading() as tx:
        found = inbox_list.messages_page(tx, actor(), view, request.args.get("cursor"), PAGE_ROWS)
        return page(
            tx,
            "inbox.html",
            view=view,
            views=VIEWS,
            counts=inbox_list.counts(tx, actor()),
            most=AT_MOST,
            rows=found.rows,
            next_cursor=found.next_cursor,
            peer_name=peer_name,
        )
