"""Reports of some months: on time or not, where the time went, what was extended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import case_list
from engine.clock import legal_day
from sla import reports
from sla.ended import month_of
from sla.reports import EVERYWHERE, Wanted
from web import ods, pdf
from web.pages import page
from web.policies import SUPERVISION, policy
from web.report_sheets import sheets
from web.report_words import Names, average, month_text, parts
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("reports", __name__)
MOST_STEPS = 40
"""So many steps stand on the page, those least on time; the spreadsheet has them all."""


@blueprint.get("/reports")
@policy(SUPERVISION)
def show() -> ResponseReturnValue:
    """The report of the months, the office and the section that the address names."""
    with reading() as tx:
        return page(tx, "reports.html", **_values(tx))


@blueprint.get("/reports.pdf")
@policy(SUPERVISION)
def paper() -> ResponseReturnValue:
    """The same, to be kept or sent."""
    with reading() as tx:
        html = pdf.on_paper(tx, "reports.html", **_values(tx))
    return pdf.answer(html, _file_name(), pdf.with_query(url_for("web.reports.show")))


@blueprint.get("/reports.ods")
@policy(SUPERVISION)
def download() -> ResponseReturnValue:
    """The same as a spreadsheet of a sheet for each table, every step in it."""
    with reading() as tx:
        found = reports.report(tx, asked(), actor(), now())
        content = ods.book(list(sheets(found, Names(tx))))
    answer = Response(content, mimetype=ods.MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{_file_name()}.ods"'
    return answer


def asked() -> Wanted:
    """What the address asks for; the last twelve months of the own office where it does not say."""
    first, last = reports.last_months(now())
    return Wanted(
        _month(request.args.get("first"), first),
        _month(request.args.get("last"), last),
        request.args.get("office") or None,
        request.args.get("section") or None,
    )


def _month(text: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(f"{text}-01") if text else otherwise
    except ValueError:
        return otherwise


def _file_name() -> str:
    wanted = asked()
    return f"report-{wanted.first:%Y%m}-{wanted.last:%Y%m}"


def _values(tx: Connection) -> dict[str, Any]:
    wanted = asked()
    found = reports.report(tx, wanted, actor(), now())
    names = Names(tx)
    return {
        "report": found,
        "names": names,
        "month_choices": list(month_choices()),
        "office_choices": list(office_choices(tx)),
        "section_choices": reports.sections(tx, found.office_ids[0]),
        "most_steps": MOST_STEPS,
        "average": average,
        "parts": parts,
        "chosen": _address(wanted),
    }


def _address(wanted: Wanted) -> dict[str, str]:
    """The arguments of an address of the same report."""
    all_ = {
        "first": f"{wanted.first:%Y-%m}",
        "last": f"{wanted.last:%Y-%m}",
        "office": wanted.office_id or "",
        "section": wanted.section or "",
    }
    return {name: value for name, value in all_.items() if value}


def month_choices() -> Iterator[tuple[str, str]]:
    """The months one may choose from, the present one first: as in an address, and as told."""
    month = month_of(legal_day(now()))
    for _ in range(reports.MOST_MONTHS):
        yield f"{month:%Y-%m}", month_text(month)
        month = month_of(month - timedelta(days=1))


def office_choices(tx: Connection) -> Iterator[tuple[str, str]]:
    """The offices below the visitor's, and all of them together; none where there are none."""
    below = case_list.searchable_offices(tx, actor())
    if below:
        yield EVERYWHERE, say("report.everywhere")
        yield from ((office_id, name.text(lang())) for office_id, name in below.items())
