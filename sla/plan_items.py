"""Items of an office's yearly plan (年度計畫項目), month by month on the control table.

A plan is written a line per item: section, title, months. Its items are rows of `duty_periods`
beside the turns of calendar duties, so that one control table shows both; their case is that of
the plan. A plan that is amended keeps what has been reported, and changes what is to come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update

from engine.clock import legal_day
from engine.errors import Rejected
from engine.operations import Request
from sla import plan_members
from sla.duty_table import LONGEST_TEXT, SECTIONS
from store.tables import duty_periods

SECTION_NAMES = {
    "登記課": "registration",
    "資料課": "data",
    "行政課": "administration",
    **{name: name for name in SECTIONS},
}
MOST_ITEMS = 200
STATES = ("begun", "on_schedule", "off_plan")
"""已開始執行, 依期程執行, and neither."""
_PARTS = re.compile(r"[｜|\t]")
_SPAN = re.compile(r"(\d{1,2})(?:[-–~～](\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Item:
    """One item: `no` stays the same for a title while its plan is amended."""

    no: int
    section: str
    title: str
    months: tuple[int, ...]


class _Fault(ValueError):
    """Why a line is no item, in a sentence for who wrote it."""


def read(
    text: str, before: Sequence[Mapping[str, Any]] = ()
) -> tuple[list[Item], list[dict[str, Any]]]:
    """The items of a plan's lines, and what is wrong with the lines that are none.

    A line is `section | title | months`, months such as `1-12` or `3、6、9、12`. An item of
    `before` with the same title keeps its number. Faults are `{line, fault}`, in Chinese.
    """
    known = {str(each["title"]): int(each["no"]) for each in before}
    fresh = max(known.values(), default=0) + 1
    items: list[Item] = []
    faults: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            section, title, months = _line(line)
            if any(each.title == title for each in items):
                raise _Fault("項目名稱重複")
        except _Fault as fault:
            faults.append({"line": number, "fault": str(fault)})
            continue
        items.append(Item(known.get(title, fresh), section, title, months))
        fresh += title not in known
    if not items and not faults:
        faults.append({"line": 1, "fault": "計畫沒有任何項目"})
    if len(items) > MOST_ITEMS:
        faults.append({"line": len(items), "fault": f"項目超過 {MOST_ITEMS} 項"})
    return items, faults


def read_plan(inputs: Mapping[str, Any], _now: datetime) -> dict[str, Any]:
    """`plan.read` for a rehearsal and for a case alike: it looks at nothing but its inputs."""
    items, faults = read(str(inputs.get("text") or ""), inputs.get("before") or ())
    members, team_faults = plan_members.read(str(inputs.get("team_text") or ""))
    told = [{**asdict(each), "months": list(each.months)} for each in items]
    team = [asdict(each) for each in members]
    return {"items": told, "team": team, **_told(faults, team_faults)}


def read_from_diagram(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """`plan.read`: inputs `text`, `before`, the items there were (or null), and `team_text`, the
    steering group (or null).

    Gives `items`, `team`, `faults` of the items and `fault_text`, a line for each fault of either,
    null without any.
    """
    return read_plan(request.inputs, now)


def enter_from_diagram(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """`plan.enter`: put the `items` of the plan of `year` on the control table, from `month` on.

    Months before it stay as they are; so does every month that has been reported. `team`, if given,
    is its steering group. Gives `{entered}`, the months of all items that are new. Raises Rejected
    for inputs that are no plan.
    """
    inputs = request.inputs
    try:
        items = [_item(each) for each in inputs["items"]]
        year, first = int(inputs["year"]), int(inputs["month"])
        date(year, first, 1)
    except (KeyError, TypeError, ValueError) as wrong:
        raise _refused(request, "items, a year and a month from 1 to 12") from wrong
    wanted = {
        (_key(request, each.no), f"{year}-{month:02}"): (each, date(year, month, 1))
        for each in items
        for month in each.months
        if month >= first
    }
    found = _rows(tx, request, date(year, first, 1))
    for row in found:
        if (row.duty, row.period) not in wanted and row.done_on is None and row.reason is None:
            tx.execute(delete(duty_periods).where(duty_periods.c.id == row.id))
    held = {(row.duty, row.period): row for row in found}
    for key, (item, begins) in wanted.items():
        told = {"title": item.title, "section": item.section}
        if key in held:
            tx.execute(update(duty_periods).where(duty_periods.c.id == held[key].id).values(told))
        else:
            tx.execute(insert(duty_periods).values(**_row(request, key, begins, now), **told))
    if inputs.get("team") is not None:
        plan_members.enter(tx, request.case.id, request.case.office_id, inputs["team"])
    return {"entered": len(wanted.keys() - held.keys())}


def report_from_diagram(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """`plan.report`: what a section says of item `no` in the month `period` (such as 2026-03).

    Inputs `state` (begun, on_schedule or off_plan), and of one that is off plan `reason`, `action`
    and `new_date`. Gives `{recorded}`, False for an item that is not on the table.
    """
    inputs = request.inputs
    state, no, period = inputs.get("state"), inputs.get("no"), inputs.get("period")
    if state not in STATES or no is None or not isinstance(period, str):
        raise _refused(request, f"no, period and state as one of {', '.join(STATES)}")
    here = (
        duty_periods.c.case_id == request.case.id,
        duty_periods.c.duty == _key(request, int(no)),
        duty_periods.c.period == period,
    )
    if state == "off_plan":
        values = {name: inputs.get(name) for name in ("reason", "action", "new_date")}
        if not isinstance(values["new_date"], date):
            raise _refused(request, "a date as new_date of an item that is off plan")
        changed = tx.execute(update(duty_periods).where(*here).values(**values))
    else:
        # What was on schedule in its month stays so, though the meeting is held in the next.
        row = tx.execute(select(duty_periods.c.due_on).where(*here)).first()
        if row is None:
            return {"recorded": False}
        result = "done" if state == "on_schedule" else "begun"
        done = {"result": result, "done_on": min(legal_day(now), row.due_on)}
        changed = tx.execute(update(duty_periods).where(*here).values(**done))
    return {"recorded": changed.rowcount == 1}


# --- reading a line -----------------------------------------------------------------------------


def _line(line: str) -> tuple[str, str, tuple[int, ...]]:
    parts = [part.strip() for part in _PARTS.split(line)]
    if len(parts) != 3:
        raise _Fault("應有 3 欄，以「｜」分隔：課室、項目、月份")
    section, title, months = parts
    if section not in SECTION_NAMES:
        raise _Fault("課室應為登記課、資料課或行政課")
    if not 1 <= len(title) <= LONGEST_TEXT:
        raise _Fault(f"項目名稱應為 1 至 {LONGEST_TEXT} 字")
    return SECTION_NAMES[section], title, tuple(sorted(set(_months(months))))


def _months(text: str) -> Iterator[int]:
    parts = [part for part in re.split(r"[,、，\s]+", text) if part]
    if not parts:
        raise _Fault("缺月份")
    for part in parts:
        span = _SPAN.fullmatch(part)
        first, last = (int(span[1]), int(span[2] or span[1])) if span else (0, 0)
        if not 1 <= first <= last <= 12:
            raise _Fault("月份應為 1 至 12，例如 1-12 或 3、6、9、12")
        yield from range(first, last + 1)


def _told(faults: Sequence[Mapping[str, Any]], of_team: Sequence[str]) -> dict[str, Any]:
    lines = [*(f"第 {each['line']} 行：{each['fault']}" for each in faults), *of_team]
    return {"faults": list(faults), "fault_text": "\n".join(lines) or None}


# --- rows ---------------------------------------------------------------------------------------


def _item(given: Mapping[str, Any]) -> Item:
    months = tuple(int(month) for month in given["months"])
    return Item(int(given["no"]), str(given["section"]), str(given["title"]), months)


def _key(request: Request, no: int) -> str:
    """The item's row name: unique in its office though it has several plans in a year."""
    return f"{request.case.id.hex}-{no}"


def _rows(tx: Connection, request: Request, first: date) -> Sequence[Any]:
    return tx.execute(
        select(duty_periods).where(
            duty_periods.c.case_id == request.case.id,
            duty_periods.c.title.is_not(None),
            duty_periods.c.starts_on >= first,
        )
    ).all()


def _row(request: Request, key: tuple[str, str], begins: date, now: datetime) -> dict[str, Any]:
    after = (begins + timedelta(days=31)).replace(day=1)
    return {
        "id": uuid4(),
        "office_id": request.case.office_id,
        "duty": key[0],
        "period": key[1],
        "starts_on": begins,
        "due_on": after - timedelta(days=1),
        "case_id": request.case.id,
        "started_at": now,
    }


def _refused(request: Request, wanted: str) -> Rejected:
    return Rejected("plan.inputs", f"Expected {wanted}; mend the task {request.element_id}")
