"""Samples that an audit looks at: closed cases of a span, or looks at personal data.

A sample is drawn by the hash of what may be drawn and of the case that asks, so that nobody picks
it, everybody who draws it again gets the same, and another audit draws another one.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Select, exists, select

from engine.clock import TAIPEI, legal_day
from engine.errors import Rejected
from engine.looks import IS_LOOK
from engine.operations import Request
from store.tables import cases, duty_periods, history

MOST_DRAWN = 200
MOST_READ = 100_000
"""Of a span with more, the latest are drawn from: a step must stay short."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days of an audit, the last included, as aware instants in Asia/Taipei."""

    since: datetime
    before: datetime

    @classmethod
    def of(cls, first: date, last: date) -> Span:
        after = last + timedelta(days=1)
        return cls(datetime.combine(first, time(), TAIPEI), datetime.combine(after, time(), TAIPEI))


def draw_from_diagram(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """`audit.sample`: draw `size` (1 to 200) of the `kind` cases or looks from `since` to `until`.

    Cases are those of the office that were closed, without calendar duties and confidential ones;
    looks are readings of personal data and searches. Gives `{sample, population}`, the sample as
    `{number, about, on}`: a case number (null for a search), the process or the purpose, the day.
    """
    inputs = request.inputs
    kind, size = inputs.get("kind"), inputs.get("size")
    first, last = inputs.get("since"), inputs.get("until")
    if kind not in _QUERIES or not isinstance(first, date) or not isinstance(last, date):
        raise _refused(request, f"kind as one of {', '.join(_QUERIES)}, since and until as dates")
    if size is None or not 1 <= int(size) <= MOST_DRAWN:
        raise _refused(request, f"size from 1 to {MOST_DRAWN}")
    query = _QUERIES[kind](request.case.office_id, Span.of(first, last))
    rows = tx.execute(query.limit(MOST_READ)).all()
    drawn = heapq.nsmallest(int(size), rows, key=lambda row: _order(request, row.id))
    return {"sample": list(_told(drawn)), "population": len(rows)}


def _cases(office_id: str, span: Span) -> Select[Any]:
    is_duty = exists().where(duty_periods.c.case_id == cases.c.id)
    return (
        select(
            cases.c.id,
            cases.c.number,
            cases.c.package_id.label("about"),
            cases.c.closed_at.label("at"),
        )
        .where(
            cases.c.office_id == office_id,
            cases.c.closed_at >= span.since,
            cases.c.closed_at < span.before,
            ~cases.c.confidential,
            ~is_duty,
        )
        .order_by(cases.c.closed_at.desc())
    )


def _looks(office_id: str, span: Span) -> Select[Any]:
    return (
        select(history.c.id, cases.c.number, history.c.purpose.label("about"), history.c.at)
        .outerjoin(cases, cases.c.id == history.c.case_id)
        .where(
            IS_LOOK,
            history.c.office_id == office_id,
            history.c.at >= span.since,
            history.c.at < span.before,
            cases.c.confidential.is_not(True),
        )
        .order_by(history.c.id.desc())
    )


_QUERIES = {"cases": _cases, "looks": _looks}


def _order(request: Request, candidate: Any) -> bytes:
    return hashlib.sha256(f"{request.case.id} {candidate}".encode()).digest()


def _told(rows: list[Any]) -> Iterator[dict[str, Any]]:
    for row in sorted(rows, key=lambda row: row.at):
        yield {"number": row.number, "about": row.about, "on": legal_day(row.at)}


def _refused(request: Request, wanted: str) -> Rejected:
    return Rejected("audit.sample", f"Expected {wanted}; mend the task {request.element_id}")
