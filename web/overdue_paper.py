"""The list of the overdue desk for the office meeting: to be printed, or as a PDF."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.clock import legal_day
from sla import overdue_desk
from web import pdf
from web.overdue_filters import address, chosen, filters, view
from web.overdue_side import offered
from web.pages import page
from web.people import colleagues
from web.policies import SUPERVISION, policy
from web.titles import titles
from web.visits import actor, now, reading

blueprint = Blueprint("overdue_paper", __name__)
PRINTED_LINES = 200


@blueprint.get("/overdue/print")
@policy(SUPERVISION)
def show() -> ResponseReturnValue:
    """The list of one tab without the desk around it."""
    with reading() as tx:
        return page(tx, "overdue_print.html", **_values(tx))


@blueprint.get("/overdue/list.pdf")
@policy(SUPERVISION)
def download() -> ResponseReturnValue:
    """The same as a PDF."""
    with reading() as tx:
        html = pdf.on_paper(tx, "overdue_print.html", **_values(tx))
    instead = pdf.with_query(url_for("web.overdue_paper.show"))
    return pdf.answer(html, f"overdue-{view()}-{legal_day(now()):%Y%m%d}", instead)


def _values(tx: Connection) -> dict[str, Any]:
    names = titles(tx, actor().office_id)
    found = overdue_desk.desk(
        tx, actor(), now(), view(), overdue_desk.Page(None, PRINTED_LINES, filters())
    )
    offers = offered(tx, colleagues(tx, actor().office_id), names)
    return {
        "view": view(),
        "asked": address(),
        "chosen": chosen(filters(), offers),
        "lines": found.lines,
        "is_cut": found.next_place is not None,
        "titles": names,
    }
