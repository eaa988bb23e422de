"""Why a limit of a case ends when it does, for the file or for a court, on one page."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine import queries
from sla import clock_facts, law_pages
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
        view = queries.case_view(tx, case_id, actor(), now())
        clock = clock_facts.on_paper(tx, case_id, clock_id)
        return page(
            tx,
            "clock_print.html",
            row=view.row,
            clock=clock,
            why=clock.explanation["zh-TW" if lang().startswith("zh") else "en"],
            said=said,
            short=short,
            certainty=lambda word: law_pages.certainty_text(word, lang()),
            place=lambda whose: law_pages.place_text(whose, lang()),
        )
