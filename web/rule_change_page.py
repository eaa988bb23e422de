"""One change of rules on a page: its rows before and after, and the limits that it moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import Connection

from engine.clock import legal_day
from sla import calendar_edits, closure_list, closure_previews, law_pages, rule_edits
from sla.benches import bench_of
from sla.calendar_edits import Change
from sla.closure_previews import Preview
from web.legal_dates import short
from web.pages import page
from web.policies import CASES
from web.visits import actor, lang, now, reading


def weighed(change: Change) -> Response:
    """What a change would move, with the button that proposes it."""
    with reading() as tx:
        rule_edits.demand_new(tx, actor().office_id, change.rules, now())
        preview = closure_previews.preview(tx, actor().office_id, change, now())
        return page(
            tx,
            "rule_change.html",
            **_facts(tx, change, preview),
            proposal=None,
            rows=rule_edits.written(change.rules),
        )


def edit_page(
    edit_id: UUID, errors: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """A proposed change with what it would move, or an entered one with what it moved."""
    with reading() as tx:
        proposal = calendar_edits.find(tx, edit_id, actor())
        change, preview, edit = proposal.change, None, None
        if proposal.status == "proposed":
            cursor = request.args.get("cursor") or None
            preview = closure_previews.preview(tx, actor().office_id, change, now(), cursor)
        if proposal.job_id:
            edit = closure_list.edit(tx, proposal.job_id, actor())
        return page(
            tx,
            "rule_change.html",
            status=status,
            **_facts(tx, change, preview),
            proposal=proposal,
            is_mine=proposal.proposed_by == actor().person_id,
            edit=edit,
            moved=closure_list.moved_by(tx, edit.id, actor()) if edit else (),
            stayed=closure_list.stayed_by(tx, edit.id, actor()) if edit else (),
            most_listed=closure_list.MOST_LISTED,
            errors=errors or {},
        )


def _facts(tx: Connection, change: Change, preview: Preview | None) -> dict[str, Any]:
    bench, today = bench_of(tx, actor().office_id, now()), legal_day(now())
    pairs = [(rule_edits.before(each, bench, today), each) for each in change.rules]
    return {
        "change": change,
        "preview": preview,
        "pairs": [
            (law_pages.told(former, lang()) if former else None, law_pages.told(new, lang()))
            for former, new in pairs
        ],
        "may_read_cases": CASES.admits(actor()),
        "short": short,
    }
