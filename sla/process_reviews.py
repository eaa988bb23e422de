"""What a yearly review of procedures looks at: every process in use, its version, limit and times.

The measured figures are those of the reports (`sla.reports`), so that a review argues with the
numbers everybody else reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from engine import deployments
from engine.actors import system
from engine.deployments import Loaded
from engine.operations import Request
from sla import reports
from sla.ended import Sums
from sla.limits import NO_LIMITS, parse

CLOCK = "processing"
A_DAY = 86_400
UNITS = {
    "working_day": ("工作日", "working days"),
    "calendar_day": ("日", "calendar days"),
    "month": ("個月", "months"),
    "hour": ("小時", "hours"),
}
WORDS = {
    "version": ("第 {} 版", "version {}"),
    "forms": ("表單 {}", "{} forms"),
    "limit": ("期限 {} {}", "limit {} {}"),
    "closed": ("一年辦結 {} 件", "{} closed in a year"),
    "kept": ("如期 {}%", "{}% in time"),
    "days": ("平均 {} 日", "{} days on average"),
}
"""How a process is told in an option of the review: Chinese and English."""


def list_from_diagram(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """`process.review`: the processes people file, with a year's figures of the office.

    Gives `{processes}`: a list of `{value, label, label_en, version, forms, limit, closed, kept,
    days}`. The first three are options of a form that say the rest; `limit` is a text such as
    `3 working_day`, `kept` per cent of limits, `days` of work a case; null where there are none.
    """
    office_id = request.case.office_id
    first, last = reports.last_months(now)
    found = reports.report(tx, reports.Wanted(first, last), system(office_id), now)
    figures = {line.key: line.cases for line in found.packages}
    listed = [
        _line(loaded, figures.get(loaded.package.id, Sums()))
        for loaded in deployments.all_active(tx, office_id)
        if set(loaded.package.starts) - {"message"}
    ]
    return {"processes": listed}


def _line(loaded: Loaded, sums: Sums) -> dict[str, Any]:
    package = loaded.package
    told = {
        "version": loaded.version,
        "forms": len(loaded.forms),
        "limit": _limit(loaded),
        "closed": sums.done,
        "kept": None if sums.percent is None else round(sums.percent),
        "days": Decimal(f"{sums.work / A_DAY / sums.done:.1f}") if sums.done else None,
    }
    return {
        "value": package.id,
        "label": f"{package.id} {package.title.zh}（{_worded(told, 0)}）",
        "label_en": f"{package.id} {package.title.en} ({_worded(told, 1)})",
        **told,
    }


def _limit(loaded: Loaded) -> str | None:
    """The office's own standard time, such as `3 working_day`; None for a process without one, or
    with one that its rule or the diagram says."""
    limits = NO_LIMITS if loaded.limits is None else parse(loaded.limits, loaded.package.id)
    plan = limits.clocks.get(CLOCK)
    if plan is None or plan.length is None or plan.unit is None:
        return None
    return f"{plan.length} {plan.unit}"


def _worded(told: Mapping[str, Any], lang: int) -> str:
    """The figures in words, Chinese (0) or English (1); what there is none of is left out."""
    parts = [
        WORDS["version"][lang].format(told["version"]),
        WORDS["forms"][lang].format(told["forms"]),
    ]
    if told["limit"] is not None:
        length, _, unit = told["limit"].partition(" ")
        parts.append(WORDS["limit"][lang].format(length, UNITS.get(unit, (unit, unit))[lang]))
    parts += [
        WORDS[name][lang].format(told[name])
        for name in ("closed", "kept", "days")
        if told[name] is not None
    ]
    return ("、", ", ")[lang].join(parts)
