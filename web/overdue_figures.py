"""Figures of the overdue desk by section and owner: this month beside the last."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from sla import on_time
from web.pages import page
from web.policies import SUPERVISION, policy
from web.visits import actor, now, reading

blueprint = Blueprint("overdue_figures", __name__)


@blueprint.get("/overdue/figures")
@policy(SUPERVISION)
def show() -> ResponseReturnValue:
    """On time or not, and how much lies with whom: this month beside the last."""
    with reading() as tx:
        return page(tx, "overdue_figures.html", figures=on_time.figures(tx, actor(), now()))
