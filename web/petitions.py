"""The list for the petition control meeting (人民陳情案件管考小組會議): page, ODS and PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.actors import SUPERVISORS
from engine.clock import legal_day
from sla import petitions
from sla.ended import month_of
from web import ods, pdf
from web.legal_dates import short
from web.pages import page, worded
from web.policies import Policy, policy
from web.report_words import month_text
from web.visits import actor, now, reading, say

blueprint = Blueprint("petitions", __name__)
READERS = Policy(SUPERVISORS | {"control", "petition"})
MONTHS = 12
"""So many months back a meeting may look; it usually looks at three."""
USUAL = 3
CODES = ("petition_source", "petition_kind", "section", "well_founded")
SENTENCES = ("cause", "correction", "prevention", "measure_owner", "follow_up_on", "effect_found")
COLUMNS = (
    *("number", "filed_on", "class", *CODES[:3], "due_on", "answered_on", "state", "extended"),
    *(CODES[3], *SENTENCES),
)


@blueprint.get("/petitions")
@policy(READERS)
def show() -> ResponseReturnValue:
    """What is open, what was answered since the month the address names, and what it led to."""
    with reading() as tx:
        return page(tx, "petitions.html", **_values(tx))


@blueprint.get("/petitions.pdf")
@policy(READERS)
def paper() -> ResponseReturnValue:
    """The same for the papers of the meeting."""
    with reading() as tx:
        html = pdf.on_paper(tx, "petitions.html", **_values(tx))
    return pdf.answer(html, _file_name(), pdf.with_query(url_for("web.petitions.show")))


@blueprint.get("/petitions.ods")
@policy(READERS)
def download() -> ResponseReturnValue:
    """The same as a spreadsheet, a line for each petition."""
    with reading() as tx:
        found = petitions.meeting(tx, _since(), actor(), now())
    header = [say(f"petitions.column.{name}") for name in COLUMNS]
    content = ods.sheet(say("petitions.title_short"), header, _rows(found))
    answer = Response(content, mimetype=ods.MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{_file_name()}.ods"'
    return answer


def state_of(each: petitions.Petition) -> str:
    """Open or answered, in time or late; or what else became of it: a key of `petitions.state`."""
    if each.status == "withdrawn":
        return "withdrawn"
    how = "late" if each.late else "in_time"
    return f"{'open' if each.answered_on is None else 'answered'}_{how}"


def _rows(found: petitions.Meeting) -> Iterator[Sequence[ods.Cell]]:
    for each in found.petitions:
        codes = [_code(name, each.told.get(name)) for name in CODES]
        yield (
            each.number,
            each.filed_on,
            _code("class", each.category),
            *codes[:3],
            each.due_on,
            each.answered_on,
            say(f"petitions.state.{state_of(each)}"),
            say("petitions.yes") if each.extended else "",
            codes[3],
            *(_cell(each.told.get(name)) for name in SENTENCES),
        )


def _code(name: str, value: Any) -> str:
    return "" if value is None else worded(f"petitions.{name}.{value}", str(value))


def _cell(value: Any) -> ods.Cell:
    return value if isinstance(value, date) else "" if value is None else str(value)


def _values(tx: Connection) -> dict[str, Any]:
    return {
        "found": petitions.meeting(tx, _since(), actor(), now()),
        "state_of": state_of,
        "short": lambda day: short(day.isoformat()),
        "months": [(f"{month:%Y-%m}", month_text(month)) for month in _months(MONTHS)],
        "codes": CODES,
        "chosen": f"{_since():%Y-%m}",
    }


def _since() -> date:
    """The first day of the month the address names, else of the month two before this."""
    known = {f"{month:%Y-%m}": month for month in _months(MONTHS)}
    return known.get(request.args.get("since", ""), _months(USUAL)[-1])


def _months(number: int) -> list[date]:
    found = [month_of(legal_day(now()))]
    while len(found) < number:
        found.append(month_of(found[-1] - timedelta(days=1)))
    return found


def _file_name() -> str:
    return f"petitions-{_since():%Y%m}"
