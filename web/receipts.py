"""The receipt that is handed over: case number, status code, due date; made to be printed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from flask import Blueprint, session
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import Connection, select
from werkzeug.exceptions import NotFound

from sla import clock_rows
from store.tables import cases, definitions, offices
from web.pages import page
from web.policies import HANDLING, policy
from web.visits import actor, reading

blueprint = Blueprint("receipts", __name__)
KEPT = 5


@blueprint.get("/cases/<uuid:case_id>/receipt")
@policy(HANDLING)
def show(case_id: UUID) -> ResponseReturnValue:
    """The receipt to hand over. Its code is known here only right after filing."""
    code = session.get("receipts", {}).get(str(case_id))
    with reading() as tx:
        case = _case(tx, case_id)
        return page(
            tx,
            "receipt.html",
            case=case,
            code=code,
            qr=_qr(case.number, code) if code else None,
            clocks=[clock for clock in clock_rows.of_case(tx, case_id) if clock.task_id is None],
        )


def _case(tx: Connection, case_id: UUID) -> Any:
    """What the receipt says of a case that this office received. Raises NotFound."""
    case = tx.execute(
        select(
            cases,
            definitions.c.title_zh,
            definitions.c.title_en,
            offices.c.name_zh,
            offices.c.name_en,
        )
        .join(definitions, definitions.c.id == cases.c.definition_id)
        .join(offices, offices.c.id == cases.c.receiving_office_id)
        .where(cases.c.id == case_id, cases.c.receiving_office_id == actor().office_id)
    ).first()
    if case is None:
        raise NotFound
    return case


def keep_codes(codes: dict[str, str]) -> None:
    """The codes of the last receipts, for this browser only, so that one can be printed again."""
    kept = {**session.get("receipts", {}), **codes}
    session["receipts"] = dict(list(kept.items())[-KEPT:])


def _qr(number: str, code: str) -> Markup:
    drawn = segno.make(f"{number} {code}", error="m", micro=False)
    return Markup(drawn.svg_inline(border=2, omitsize=True, svgclass="qr"))  # noqa: S704 — our own
