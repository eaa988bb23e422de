"""Why a limit of a case ends when it does, for the file or for a court, on one page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import queries
from sla import clock_facts, law_pages
from web import pdf
from web.legal_dates import said, short
from web.pages import page
from web.policies import CASES, policy
from web.visits import actor, lang, now, reading

blueprint = Blueprint("clock_paper", __name__)


@blueprint.get("/cases/<uuid:case_id>/clocks/<uuid:clock_id>")
@policy(CASES)
def show(case_id: UUID, clock_id: UUID) -> ResponseReturnValue:
    """The rule, the facts with who entered them, and the steps."""
    with reading() as tx:
        return page(tx, "clock_print.html", **_values(tx, case_id, clock_id))


@blueprint.get("/cases/<uuid:case_id>/clocks/<uuid:clock_id>.pdf")
@policy(CASES)
def download(case_id: UUID, clock_id: UUID) -> ResponseReturnValue:
    """The same as a PDF, for the file of the case."""
    with reading() as tx:
        values = _values(tx, case_id, clock_id)
        html = pdf.on_paper(tx, "clock_print.html", **values)
    instead = url_for("web.clock_paper.show", case_id=case_id, clock_id=clock_id)
    return pdf.answer(html, f"{values['row'].number}-{values['clock'].name}", instead)


def _values(tx: Connection, case_id: UUID, clock_id: UUID) -> dict[str, Any]:
    view = queries.case_view(tx, case_id, actor(), now())
    clock = clock_facts.on_paper(tx, case_id, clock_id)
    return {
        "row": view.row,
        "clock": clock,
        "clock_id": clock_id,
        "why": clock.explanation["zh-TW" if lang().startswith("zh") else "en"],
        "said": said,
        "short": short,
        "certainty": lambda word: law_pages.certainty_text(word, lang()),
        "place": lambda whose: law_pages.place_text(whose, lang()),
    }
