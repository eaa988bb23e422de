"""Movements of the population that an office has registered, month by month: counts and no person.

A registration counts in the month (Asia/Taipei) in which its case was closed, at the office that
has it. Births, deaths, marriages and divorces count one a case, moves the people who moved. A
change of address inside the district moves nobody in or out, and moving abroad is not among these:
the statistics of the Ministry are made in the national system, this is what the office has done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from engine.bpmn.interpreter import load_state
from engine.bpmn.state import variables
from engine.clock import legal_day
from sla.ended import midnight, month_of
from store.tables import cases

MOVE = "P08"
MOVEMENTS: Mapping[str, str] = {"P01": "births", "P02": "deaths", "P03": "marriages"} | {
    "P04": "divorces"
}
REGISTERED = ("registered", "ex_officio")
KINDS = ("births", "deaths", "moves_in", "moves_out", "marriages", "divorces")


@dataclass(slots=True)
class Movements:
    """What was registered in the month that begins on `month`."""

    month: date
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))

    @property
    def natural(self) -> int:
        """Births less deaths."""
        return self.counts["births"] - self.counts["deaths"]

    @property
    def social(self) -> int:
        """Those who moved in less those who moved out."""
        return self.counts["moves_in"] - self.counts["moves_out"]


def movements(tx: Connection, office_id: str, now: datetime, months: int = 6) -> list[Movements]:
    """The present month and those before it, the present one first."""
    found = {month: Movements(month) for month in _months(now, months)}
    for row in tx.execute(_closed(office_id, min(found))):
        line = found.get(month_of(legal_day(row.closed_at)))
        if line is None:
            continue
        kind, people = _told(row)
        if kind:
            line.counts[kind] += people
    return list(found.values())


def _closed(office_id: str, first: date) -> Any:
    return select(cases.c.package_id, cases.c.closed_at, cases.c.state).where(
        cases.c.office_id == office_id,
        cases.c.closed_at >= midnight(first),
        cases.c.package_id.in_((*MOVEMENTS, MOVE)),
        cases.c.outcome.in_(REGISTERED),
        cases.c.confidential.is_(False),
    )


def _told(row: Any) -> tuple[str, int]:
    """The kind of movement and of how many people; an empty kind is none."""
    if row.package_id != MOVE:
        return MOVEMENTS[row.package_id], 1
    known = variables(load_state(row.state))
    kind = {"move_in": "moves_in", "move_out": "moves_out"}.get(str(known.get("registration_type")))
    people = known.get("people")
    return kind or "", int(people) if isinstance(people, Decimal | int) else 1


def _months(now: datetime, number: int) -> Iterator[date]:
    month = month_of(legal_day(now))
    for _ in range(number):
        yield month
        month = month_of(month - timedelta(days=1))
