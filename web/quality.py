"""The report of quality: missing papers, errors that reviews found, and the ways people applied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from sla import quality
from sla.quality import Quality, Rates
from web import ods, pdf
from web.pages import page, worded
from web.policies import SUPERVISION, policy
from web.report_words import Names
from web.reports import asked, month_choices, office_choices
from web.visits import actor, now, reading, say

blueprint = Blueprint("quality", __name__)


@blueprint.get("/reports/quality")
@policy(SUPERVISION)
def show() -> ResponseReturnValue:
    """The figures of the months and the office that the address names."""
    with reading() as tx:
        return page(tx, "quality.html", **_values(tx))


@blueprint.get("/reports/quality.pdf")
@policy(SUPERVISION)
def paper() -> ResponseReturnValue:
    """The same, to be kept or sent."""
    with reading() as tx:
        values = _values(tx)
        html = pdf.on_paper(tx, "quality.html", **values)
    back = pdf.with_query(url_for("web.quality.show"))
    return pdf.answer(html, _file_name(values["report"]), back)


@blueprint.get("/reports/quality.ods")
@policy(SUPERVISION)
def download() -> ResponseReturnValue:
    """The same as a spreadsheet, a sheet for each table."""
    with reading() as tx:
        found = quality.quality(tx, asked(), actor(), now())
        content = ods.book(list(_sheets(found, Names(tx))))
    answer = Response(content, mimetype=ods.MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{_file_name(found)}.ods"'
    return answer


def _values(tx: Connection) -> dict[str, Any]:
    found = quality.quality(tx, asked(), actor(), now())
    wanted = found.wanted
    chosen = {"first": f"{wanted.first:%Y-%m}", "last": f"{wanted.last:%Y-%m}"}
    return {
        "report": found,
        "names": Names(tx),
        "month_choices": list(month_choices()),
        "office_choices": list(office_choices(tx)),
        "chosen": chosen | ({"office": wanted.office_id} if wanted.office_id else {}),
    }


def _file_name(found: Quality) -> str:
    return f"quality-{found.wanted.first:%Y%m}-{found.wanted.last:%Y%m}"


def _sheets(found: Quality, names: Names) -> Iterator[ods.Sheet]:
    months = [[names.month_of(line.key), *_cells(line.rates)] for line in found.months]
    yield _sheet("months", ("months", *_RATES), months)
    packages = [[names.process(line.key), *_cells(line.rates)] for line in found.packages]
    yield _sheet("packages", ("packages", *_RATES), packages)
    yield _sheet(
        "errors",
        ("errors", "found", "share"),
        [[_error(each.name), each.found, each.percent] for each in found.errors],
    )
    yield _sheet(
        "channels",
        ("channels", "filed", "share", "year_before", "growth"),
        [
            [
                worded(f"channel.{each.name}", each.name),
                each.filed,
                each.percent,
                each.year_before,
                each.growth,
            ]
            for each in found.channels
        ],
    )


_RATES = ("filed", "corrected", "correction_rate", "reviewed", "returned", "error_rate")


def _cells(rates: Rates) -> list[ods.Cell]:
    return [
        rates.filed,
        rates.corrected,
        _rounded(rates.correction_percent),
        rates.reviewed,
        rates.returned,
        _rounded(rates.error_percent),
    ]


def _sheet(title: str, columns: tuple[str, ...], rows: list[list[ods.Cell]]) -> ods.Sheet:
    header = [say(f"quality.column.{name}") for name in columns]
    rounded = [
        [_rounded(cell) if isinstance(cell, float) else cell for cell in row] for row in rows
    ]
    return ods.Sheet(say(f"quality.table.{title}"), header, rounded)


def _error(name: str) -> str:
    return worded(f"error_class.{name}", name) if name else say("quality.unnamed")


def _rounded(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 2)
