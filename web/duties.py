"""The yearly control table of calendar duties: a page, a spreadsheet, a PDF; and its rows, which
the office changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.actors import OFFICE_KEEPERS
from engine.clock import legal_day
from engine.errors import EngineError
from engine.minguo import FIRST_YEAR
from sla import duty_table, duty_year
from sla.duty_days import Every, Rest
from web import ods, pdf
from web.deeds import settle
from web.errors import sentence, status_of
from web.pages import page
from web.policies import CASES, Policy, policy
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("duties", __name__)
KEEPING = Policy(OFFICE_KEEPERS)
"""Who changes a row: as for the other choices of an office."""
MONTHS = range(1, 13)


@blueprint.get("/duties")
@policy(CASES)
def show() -> ResponseReturnValue:
    """The table of one year; `year` is such as 2026, the present one without it."""
    with reading() as tx:
        return page(tx, "duties.html", **_values(tx))


@blueprint.get("/duties.pdf")
@policy(CASES)
def paper() -> ResponseReturnValue:
    """The same, for the office meeting."""
    with reading() as tx:
        html = pdf.on_paper(tx, "duties.html", **_values(tx))
    return pdf.answer(html, f"duties-{_year()}", pdf.with_query(url_for("web.duties.show")))


@blueprint.get("/duties.ods")
@policy(CASES)
def download() -> ResponseReturnValue:
    """The same as a spreadsheet, with a sheet of what is off plan."""
    with reading() as tx:
        content = ods.book(list(_sheets(duty_year.control_table(tx, _year(), actor(), now()))))
    answer = Response(content, mimetype=ods.MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="duties-{_year()}.ods"'
    return answer


@blueprint.get("/duties/table")
@policy(CASES)
def table() -> ResponseReturnValue:
    """Every row as it holds for the office, also what is switched off."""
    with reading() as tx:
        found = duty_table.table(tx, actor().office_id)
        return page(tx, "duty_table.html", duties=found, may_keep=KEEPING.admits(actor()))


@blueprint.get("/duties/table/<duty_id>")
@policy(KEEPING)
def row(duty_id: str) -> ResponseReturnValue:
    """One row to be changed; `new` for one of the office's own."""
    return _row(duty_id)


@blueprint.post("/duties/table/<duty_id>")
@policy(KEEPING)
def change(duty_id: str) -> ResponseReturnValue:
    """Enter the row, from today on."""
    given = request.form.to_dict()
    if duty_id != "new":
        given["id"] = duty_id

    def deed(tx: Connection, at: datetime) -> str:
        return url_for("web.duties.table", _anchor=duty_table.enter(tx, given, actor(), at))

    try:
        return settle(deed, "duty.saved")
    except EngineError as refused:
        return _row(duty_id, given, sentence(refused), status_of(refused))


def _row(
    duty_id: str, given: Mapping[str, str] | None = None, told: str = "", status: int = 200
) -> Response:
    with reading() as tx:
        duty = None if duty_id == "new" else duty_table.find(tx, actor().office_id, duty_id)
        return page(
            tx,
            "duty_row.html",
            status=status,
            duty=duty,
            entered=given if given is not None else _entered(duty),
            told=told,
            choices={
                "every": _choices("every", Every),
                "rest": _choices("rest", Rest),
                "section": _choices("section", duty_table.SECTIONS),
                "approval": _choices("approval", duty_table.APPROVALS),
            },
        )


def _choices(name: str, values: Sequence[str] | type[Every] | type[Rest]) -> list[tuple[str, str]]:
    return [(str(value), say(f"duty.{name}.{value}")) for value in values]


def _entered(duty: duty_table.Duty | None) -> dict[str, str]:
    if duty is None:
        return {"every": "month", "rest": "back", "on": "0", "lead": "0", "active": "true"}
    rhythm = duty.rhythm
    return {
        "id": duty.id,
        "title_zh": duty.title_zh,
        "title_en": duty.title_en,
        "every": rhythm.every,
        "months": ",".join(map(str, rhythm.months)),
        "on": str(rhythm.on),
        "rest": rhythm.rest,
        "lead": str(rhythm.lead),
        "section": duty.section,
        "approval": duty.approval,
        "report_to": duty.report_to,
        "publish": "true" if duty.publish else "",
        "active": "true" if duty.active else "",
        "source": duty.source,
    }


def _values(tx: Connection) -> dict[str, Any]:
    found = duty_year.control_table(tx, _year(), actor(), now())
    return {
        "found": found,
        "months": MONTHS,
        "minguo": found.year - FIRST_YEAR,
        "late": [(line.duty, turn) for line in found.lines for turn in line.off_plan],
        "cell": _cell,
        "this_year": legal_day(now()).year,
    }


def _year() -> int:
    text = request.args.get("year", "")
    is_year = len(text) == 4 and text.isascii() and text.isdigit()
    return int(text) if is_year else legal_day(now()).year


# --- the spreadsheet ----------------------------------------------------------------------------


def _sheets(found: duty_year.Year) -> Iterator[ods.Sheet]:
    head = [say("duty.column.duty"), say("duty.column.section")]
    header = [*head, *(say(f"duty.month.{month}") for month in MONTHS), say("duty.column.standing")]
    yield ods.Sheet(say("duty.title"), header, [_line(line) for line in found.lines])
    if found.team:
        names = [say(f"duty.column.{name}") for name in ("role", "name", "work")]
        people = [(each.role, each.name, each.work) for each in found.team]
        yield ods.Sheet(say("duty.team"), names, people)
    columns = ("duty", "period", "due_on", "done_on", "case", "reason", "action", "new_date")
    yield ods.Sheet(
        say("duty.off_plan"),
        [say(f"duty.column.{name}") for name in columns],
        [
            (
                *(line.duty.title(lang()), turn.key, turn.due_on, turn.done_on),
                *(turn.number, turn.reason, turn.action, turn.new_date),
            )
            for line in found.lines
            for turn in line.off_plan
        ],
    )


def _line(line: duty_year.Line) -> Sequence[ods.Cell]:
    head = (line.duty.title(lang()), say(f"duty.section.{line.duty.section}"))
    return (*head, *map(_cell, line.months), say(f"duty.standing.{line.standing}"))


def _cell(month: duty_year.Month) -> str:
    """A month in words: how many of its turns are done, and how it stands."""
    if not month.planned:
        return ""
    done = say("duty.progress", done=month.done, planned=month.planned)
    return f"{done} {say(f'duty.standing.{month.standing}')}"
