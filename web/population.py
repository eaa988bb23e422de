"""The panel of population movements, for the hall and for everybody: counts of months, no person.

The same figures as a spreadsheet go into the monthly population report (P60).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection

from engine.errors import NotFound
from engine.procedures import OpenOffice
from sla.population import KINDS, Movements, movements
from web import ods
from web.pages import bare_page, in_language
from web.policies import PUBLIC, policy
from web.procedures import for_all, offices_of, words_for_all
from web.report_words import month_text
from web.visits import now, reading, say

blueprint = Blueprint("population", __name__)
COLUMNS = ("births", "deaths", "natural", "moves_in", "moves_out", "social", *KINDS[4:])


@blueprint.get("/population")
@policy(PUBLIC)
@for_all
def show() -> Response:
    """The movements of the month at the office that the address names, and of the months before."""
    with reading() as tx:
        offices, office = offices_of(tx)
        found = movements(tx, office.id, now()) if office else []
    return bare_page(
        "population.html",
        offices=offices,
        office=office,
        months=found,
        columns=COLUMNS,
        kinds=KINDS,
        most=max((count for line in found[:1] for count in line.counts.values()), default=0),
        value=value_of,
        month_text=month_text,
        **words_for_all(),
    )


@blueprint.get("/population.ods")
@policy(PUBLIC)
@for_all
def download() -> Response:
    """The same as a spreadsheet."""
    with reading() as tx:
        office, found = _of_office(tx)
    header = [say("population.month"), *(say(f"population.{name}") for name in COLUMNS)]
    rows: list[list[ods.Cell]] = [
        [month_text(line.month), *(value_of(line, name) for name in COLUMNS)] for line in found
    ]
    sheet = ods.Sheet(in_language(office.name.zh, office.name.en), header, rows)
    answer = Response(ods.book([sheet]), mimetype=ods.MEDIA_TYPE)
    name = f"population-{found[0].month:%Y%m}.ods"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _of_office(tx: Connection) -> tuple[OpenOffice, list[Movements]]:
    _, office = offices_of(tx)
    if office is None:
        raise NotFound("office.not_found", "There is no office here that takes applications")
    return office, movements(tx, office.id, now())


def value_of(line: Movements, name: str) -> Any:
    """A count of a month, or the balance of two."""
    return line.counts[name] if name in line.counts else getattr(line, name)
