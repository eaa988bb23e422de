"""The lists of cases that were overdue at the end of each month, as they were kept."""

from __future__ import annotations

from datetime import date

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from sla import monthly_lists
from web.pages import page
from web.policies import SUPERVISION, policy
from web.report_words import month_text
from web.titles import titles
from web.visits import actor, reading

blueprint = Blueprint("monthly_lists", __name__)


@blueprint.get("/overdue/monthly")
@policy(SUPERVISION)
def index() -> ResponseReturnValue:
    """Every list there is, the latest month first."""
    with reading() as tx:
        return page(
            tx, "monthly_lists.html", lists=monthly_lists.lists(tx, actor()), month_of=month_text
        )


@blueprint.get("/overdue/monthly/<month>")
@policy(SUPERVISION)
def show(month: str) -> ResponseReturnValue:
    """One list; `month` is such as 2026-02."""
    with reading() as tx:
        return page(
            tx,
            "monthly_list.html",
            told=monthly_lists.of_month(tx, _first_day(month), actor()),
            titles=titles(tx, actor().office_id),
            month_of=month_text,
        )


def _first_day(month: str) -> date:
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError as wrong:
        raise NotFound("overdue_list.unknown", f"There is no month {month[:20]!r}") from wrong
