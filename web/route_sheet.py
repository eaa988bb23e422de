"""The route sheet of a day: whom the field officers visit; as a page, a PDF and a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import route_sheets
from engine.clock import legal_day
from engine.forms import Label
from engine.route_sheets import RouteSheet, Stop
from web import ods, pdf
from web.dates import day_text
from web.forms import written
from web.pages import page
from web.policies import HANDLING, policy
from web.step_names import steps
from web.titles import titles
from web.visits import actor, context, lang, now, reading, say

blueprint = Blueprint("route_sheet", __name__)
COLUMNS = ("at", "case", "step", "whom", "officers", "kit", "holder", "result")


@blueprint.get("/route-sheet")
@policy(HANDLING)
def show() -> ResponseReturnValue:
    """The visits of `day` (ISO; today without it), the earliest first."""
    with reading() as tx:
        told = _read(tx)
        shown = page(tx, "route_sheet.html", **_values(tx, told))
    _note(told)
    return shown


@blueprint.get("/route-sheet.pdf")
@policy(HANDLING)
def print_it() -> ResponseReturnValue:
    """The same as a PDF, with room for the result of each visit."""
    with reading() as tx:
        told = _read(tx)
        html = pdf.on_paper(tx, "route_sheet.html", **_values(tx, told))
    _note(told)
    instead = pdf.with_query(url_for("web.route_sheet.show"))
    return pdf.answer(html, f"route-{told.day:%Y%m%d}", instead, every_letter=True)


@blueprint.get("/route-sheet.ods")
@policy(HANDLING)
def download() -> ResponseReturnValue:
    """The same as a spreadsheet."""
    with reading() as tx:
        told = _read(tx)
        header = [say(f"route_sheet.column.{name}") for name in COLUMNS]
        content = ods.sheet(say("route_sheet.title"), header, _rows(tx, told))
    _note(told)
    answer = Response(content, mimetype=ods.MEDIA_TYPE)
    name = f"route-{told.day:%Y%m%d}.ods"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _read(tx: Connection) -> RouteSheet:
    return route_sheets.of_day(tx, _day(), actor())


def _note(told: RouteSheet) -> None:
    """What stands on the sheet in clear is a look at it."""
    if any(stop.view.is_clear for stop in told.stops):
        with context().db.transaction() as tx:
            route_sheets.note(tx, told, actor(), now())


def _day() -> date:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return legal_day(now())


def _values(tx: Connection, told: RouteSheet) -> dict[str, Any]:
    return {
        "told": told,
        "day_told": day_text(told.day, lang()),
        "titles": titles(tx, actor().office_id),
        "readable": _written,
    }


def _rows(tx: Connection, told: RouteSheet) -> Iterator[Sequence[ods.Cell]]:
    step = steps(tx)
    for stop in told.stops:
        view = stop.view
        yield (
            stop.at,
            view.case_number,
            step(view.name, view.element_id, view.definition_id),
            "\n".join(_lines(stop)),
            stop.officers,
            say("list.comma").join(each.text(lang()) for each in stop.kit),
            view.assignee_name,
            None,
        )
    for one in told.planned:
        planned = say("route_sheet.planned")
        yield (one.at, one.number, planned, one.place, None, None, None, None)


def _lines(stop: Stop) -> Iterator[str]:
    for item in stop.view.entry.shown:
        yield item.label.text(lang()) + say("list.colon") + _written(item.value)


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return say("list.comma").join(map(_written, value))
    return value.text(lang()) if isinstance(value, Label) else written(value, lang())
