"""The filters of the list of cases, as they stand in its address and in the search form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import url_for

from engine.case_list import CaseFilter, DueBy
from engine.clock import TAIPEI
from engine.minguo import DateError, parse_date

STATUSES = ("active", "suspended", "closed", "withdrawn")
DUES = tuple(DueBy)
FILTERS = ("status", "package", "office", "due", "filed_from", "filed_to")


def filters_of(given: Mapping[str, str]) -> CaseFilter:
    """What the fields ask for; what is no choice of theirs is left out."""
    status, due = given.get("status"), given.get("due")
    until = _day(given.get("filed_to"))
    return CaseFilter(
        status=status if status in STATUSES else None,
        package_id=given.get("package") or None,
        office_id=given.get("office") or None,
        due_by=DueBy(due) if due in list(DueBy) else None,
        filed_from=_midnight(_day(given.get("filed_from"))),
        filed_before=_midnight(until + timedelta(days=1) if until else None),
    )


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text or "")
    except DateError:
        return None


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), TAIPEI)


def address(given: Mapping[str, str], **more: str | None) -> str:
    kept: dict[str, Any] = {name: given.get(name) or None for name in FILTERS}
    return url_for("web.case_search.show", **{**kept, **more})
