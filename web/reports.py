"""Reports of some months: on time or not, where the time went, what was extended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from engine import case_list
from engine.clock import legal_day
from engine.minguo import FIRST_YEAR
from sla import reports
from sla.ended import Sums, month_of
from sla.reports import EVERYWHERE, Line, Report, Wanted
from sla.time_spent import ORDER
from store.tables import offices
from web import ods, pdf
from web.pages import in_language, page
from web.policies import SUPERVISION, policy
from web.step_names import steps
from web.titles import titles
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("reports", __name__)
MOST_STEPS = 40
"""So many steps stand on the page, those least on time; the spreadsheet has them all."""
A_DAY, AN_HOUR = 86_400, 3_600
TIMES = tuple(kind.value for kind in ORDER)
TASK_TIMES = ("work", "pick_up", "outside")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: whose time, from where and how wide, in percent, and days on average."""

    kind: str
    start: float
    width: float
    days: float


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
        content = ods.book(list(_sheets(found, _Names(tx))))
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
    names = _Names(tx)
    return {
        "report": found,
        "names": names,
        "month_choices": list(_month_choices()),
        "office_choices": list(_office_choices(tx)),
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


def _month_choices() -> Iterator[tuple[str, str]]:
    month = month_of(legal_day(now()))
    for _ in range(reports.MOST_MONTHS):
        yield f"{month:%Y-%m}", month_text(month)
        month = month_of(month - timedelta(days=1))


def month_text(month: date) -> str:
    """A month in the reader's language: 115 年 3 月, Mar 2026."""
    if lang().startswith("zh"):
        return f"{month.year - FIRST_YEAR} 年 {month.month} 月"
    return f"{month:%b %Y}"


def _office_choices(tx: Connection) -> Iterator[tuple[str, str]]:
    below = case_list.searchable_offices(tx, actor())
    if below:
        yield EVERYWHERE, say("report.everywhere")
        yield from ((office_id, name.text(lang())) for office_id, name in below.items())


def own_office(tx: Connection) -> str:
    """What the visitor's office is called."""
    row = tx.execute(
        select(offices.c.name_zh, offices.c.name_en).where(offices.c.id == actor().office_id)
    ).one()
    return in_language(row.name_zh, row.name_en)


# --- figures in words ---------------------------------------------------------------------------


def average(seconds: int, number: int, unit: int = A_DAY) -> float | None:
    """On average, in days or another unit of so many seconds; None of nothing."""
    return seconds / number / unit if number else None


def parts(sums: Sums, kinds: Sequence[str] = TIMES) -> list[Part]:
    """The parts of a bar that shows whose time it was."""
    whole = sum(getattr(sums, kind) for kind in kinds)
    found: list[Part] = []
    start = 0.0
    for kind in kinds:
        spent = getattr(sums, kind)
        width = 100 * spent / whole if whole else 0.0
        if width:
            days = average(spent, sums.done) or 0.0
            found.append(Part(kind, round(start, 2), round(width, 2), days))
        start += width
    return found


class _Names:
    """What the lines of a report are called, in the reader's language."""

    def __init__(self, tx: Connection) -> None:
        self._titles = titles(tx, actor().office_id)
        self._step = steps(tx)
        self._own = own_office(tx)
        self._offices: Mapping[str, Any] = case_list.searchable_offices(tx, actor())

    def scope(self, found: Report) -> str:
        """Whose figures they are."""
        if len(found.office_ids) > 1:
            return say("report.everywhere")
        return self._office(found.office_ids[0])

    def month(self, line: Line) -> str:
        return month_text(date.fromisoformat(line.key))

    def short_month(self, line: Line) -> str:
        """For the axis of a chart: `115/3`, `3/26`."""
        day = date.fromisoformat(line.key)
        if lang().startswith("zh"):
            return f"{day.year - FIRST_YEAR}/{day.month}"
        return f"{day.month}/{day:%y}"

    def office(self, line: Line) -> str:
        return self._office(line.key)

    def _office(self, office_id: str) -> str:
        known = self._offices.get(office_id)
        return known.text(lang()) if known else self._own

    def section(self, line: Line) -> str:
        return line.key or say("report.no_section")

    def process(self, package_id: str) -> str:
        known = self._titles.get(package_id)
        return known.text(lang()) if known else package_id

    def step(self, line: Line) -> str:
        return self._step(line.key, line.element_id)


# --- the spreadsheet ----------------------------------------------------------------------------


def _sheets(found: Report, names: _Names) -> Iterator[ods.Sheet]:
    yield _of_both("months", found.months, names.month)
    if found.offices:
        yield _of_both("offices", found.offices, names.office)
    yield _sheet(
        "packages",
        ("process", *_CASES),
        [[names.process(line.key), *_case_cells(line.cases)] for line in found.packages],
    )
    if not found.offices:
        yield _sheet(
            "sections",
            ("section", *_TASKS),
            [[names.section(line), *_task_cells(line.tasks)] for line in found.sections],
        )
    yield _sheet(
        "steps",
        ("process", "step", *_TASKS),
        [
            [names.process(line.package_id), names.step(line), *_task_cells(line.tasks)]
            for line in found.steps
        ],
    )
    if not found.offices:
        yield _sheet(
            "people",
            ("person", "section", *_TASKS),
            [[line.key, line.section, *_task_cells(line.tasks)] for line in found.people],
        )
    yield _sheet(
        "extensions",
        ("reason", "process", "granted", "length", "unit"),
        [
            [
                each.reason or say("report.no_reason"),
                names.process(each.package_id),
                each.granted,
                each.length,
                say(f"report.unit.{each.unit}"),
            ]
            for each in found.extensions
        ],
    )


_SHARE = ("on_time", "kept", "ended")
_CASES = (*(f"cases_{name}" for name in _SHARE), "closed", *(f"days_{name}" for name in TIMES))
_CASES = (*_CASES, "days_paused")
_TASKS = (*(f"tasks_{name}" for name in _SHARE), "done", *(f"hours_{name}" for name in TASK_TIMES))


def _of_both(title: str, lines: Sequence[Line], name: Any) -> ods.Sheet:
    rows = [[name(line), *_case_cells(line.cases), *_task_cells(line.tasks)] for line in lines]
    return _sheet(title, (title, *_CASES, *_TASKS), rows)


def _sheet(title: str, columns: Sequence[str], rows: Sequence[Sequence[ods.Cell]]) -> ods.Sheet:
    header = [say(f"report.column.{name}") for name in columns]
    return ods.Sheet(say(f"report.table.{title}"), header, rows)


def _case_cells(sums: Sums) -> list[ods.Cell]:
    times = [_rounded(sums, kind, A_DAY) for kind in (*TIMES, "paused")]
    return [_percent(sums), sums.kept, sums.ended, sums.done, *times]


def _task_cells(sums: Sums) -> list[ods.Cell]:
    times = [_rounded(sums, kind, AN_HOUR) for kind in TASK_TIMES]
    return [_percent(sums), sums.kept, sums.ended, sums.done, *times]


def _percent(sums: Sums) -> ods.Cell:
    return None if sums.percent is None else round(sums.percent, 2)


def _rounded(sums: Sums, kind: str, unit: int) -> ods.Cell:
    found = average(getattr(sums, kind), sums.done, unit)
    return None if found is None else round(found, 3)
