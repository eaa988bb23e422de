"""A report as a spreadsheet: a sheet for each of its tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sla.ended import Sums
from sla.reports import Line, Report
from web import ods
from web.legal_dates import short
from web.report_words import A_DAY, AN_HOUR, TASK_TIMES, TIMES, Names, average
from web.visits import say


def sheets(found: Report, names: Names) -> Iterator[ods.Sheet]:
    if found.until:
        told = say("report.until", day=short(found.until.isoformat()))
        yield ods.Sheet(say("report.title_short"), [told], [])
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
