"""Calendar duties begin by themselves: a case for each duty and period, exactly once.

The table of duties (`sla.duty_table`) says what is owed on which days (`sla.duty_days`). A row of
`duty_periods` stands for each turn that has begun; it is unique for office, duty and period and is
written in the transaction that files the case, so two workers begin nothing twice, and a worker
that stood still begins what it missed. What became of a duty the diagram tells it: `duty.record`.
Most duties are cases of process D1; one with steps of its own names its package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import Connection, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import cases as engine_cases
from engine import deployments
from engine.actors import system
from engine.clock import legal_day
from engine.errors import EngineError, NotFound, Rejected
from engine.operations import Request
from sla.benches import bench_of, lawful
from sla.closures import below
from sla.duty_days import Period, periods
from sla.duty_table import PACKAGE, Duty, table
from sla.working_time import Calendar
from store.database import Database
from store.tables import definitions, duty_periods, offices

CHANNEL = "message"
EVERY = timedelta(minutes=1)
RESULTS = ("done", "nothing")
_A_DAY = timedelta(days=1)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Owed:
    """A turn of a duty that has to begin."""

    office_id: str
    duty: Duty
    period: Period


class Watch:
    """Begins what the calendar asks for, looking once a minute; a beat."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None

    def run(self, db: Database, now: datetime) -> bool:
        """Look, if the last look is a minute old. Says that nothing more is due."""
        if self._looked_at is not None and timedelta() <= now - self._looked_at < EVERY:
            return False
        self._looked_at = now
        begin_owed(db, now)
        return False


def begin_owed(db: Database, now: datetime) -> int:
    """Begin every turn that is owed and has not begun, each in a transaction; how many did."""
    with db.transaction(read_only=True) as tx:
        found = [each for place in _places(tx) for each in owed(tx, *place, now)]
    begun, stuck = 0, set()
    for each in found:
        # What cannot begin holds up later turns of the same duty, so that none is passed over.
        if (each.office_id, each.duty.id) not in stuck:
            is_stuck, is_mine = _begin(db, each, now)
            begun += is_mine
            if is_stuck:
                stuck.add((each.office_id, each.duty.id))
    return begun


def owed(tx: Connection, office_id: str, first: date, now: datetime) -> list[Owed]:
    """What an office that has worked by the table since `first` must begin now, earliest first."""
    today, latest = legal_day(now), _latest(tx, office_id)
    try:
        calendar = bench_of(tx, office_id, now).calendar
    except Rejected:
        return []  # an office without a calendar knows no working days; its operator is told
    found = []
    for duty in table(tx, office_id):
        if duty.active:
            floor = max(first, duty.since or first, latest.get(duty.id, first))
            found += [Owed(office_id, duty, each) for each in _turns(duty, floor, today, calendar)]
    known = _known(tx, office_id, found)
    new = (each for each in found if (each.duty.id, each.period.key) not in known)
    return sorted(new, key=lambda each: (each.period, each.duty.id))


def since(tx: Connection, office_id: str) -> date | None:
    """Since when an office works by the table; None where it does not."""
    return dict(_places(tx)).get(office_id)


def record(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """`duty.record`: what became of the duty of this case, for the control table.

    Inputs `what`: `done` or `nothing` with `count`, or `off_plan` with `reason`, `action` and
    `new_date` (a date). Gives `{recorded}`, False for a case that no duty began.
    """
    what, given = request.inputs.get("what"), request.inputs
    if what in RESULTS:
        count = given.get("count")
        values = {
            "result": what,
            "done_on": legal_day(now),
            "items": None if count is None else int(count),
        }
    elif what == "off_plan" and isinstance(given.get("new_date"), date):
        values = {name: given.get(name) for name in ("reason", "action", "new_date")}
    else:
        raise Rejected(
            "duty.record",
            f"Expected done, nothing, or off_plan with a date as new_date, as the input 'what' of "
            f"{request.element_id}",
        )
    # An item of a plan is a row of the same case, and is reported on by itself.
    here = (duty_periods.c.case_id == request.case.id, duty_periods.c.title.is_(None))
    changed = tx.execute(update(duty_periods).where(*here).values(**values))
    return {"recorded": changed.rowcount == 1}


# --- beginning ----------------------------------------------------------------------------------


def _begin(db: Database, owed: Owed, now: datetime) -> tuple[bool, bool]:
    """Whether it could not begin, and whether it is this worker that began it."""
    try:
        with db.transaction() as tx:
            _file(tx, owed, now)
    except IntegrityError:
        return False, False  # another worker has just begun it
    except EngineError as refused:
        # One row that cannot begin must not keep the others; it is tried again in a minute.
        log.warning("duty not begun", action="duty.not_begun", duty=owed.duty.id, code=refused.code)
        return True, False
    return False, True


def _file(tx: Connection, owed: Owed, now: datetime) -> None:
    period, turn = owed.period, uuid4()
    tx.execute(
        insert(duty_periods).values(
            id=turn,
            office_id=owed.office_id,
            duty=owed.duty.id,
            period=period.key,
            starts_on=period.starts_on,
            due_on=period.due_on,
            started_at=now,
        )
    )
    package = _package(tx, owed)
    filing = engine_cases.FileCase(package, CHANNEL, _values(owed.duty, period))
    filed = engine_cases.file(tx, filing, system(owed.office_id), now)
    tx.execute(update(duty_periods).where(duty_periods.c.id == turn).values(case_id=filed.id))


def _package(tx: Connection, owed: Owed) -> str:
    """The duty's own package; where its office has no version of it, the one of all others."""
    try:
        deployments.active(tx, owed.office_id, owed.duty.package)
    except NotFound:
        return PACKAGE
    return owed.duty.package


def _values(duty: Duty, period: Period) -> dict[str, Any]:
    """What the case begins with. Its limit counts from the day before it begins, so that the
    first day is a whole one, and the last stays the table's."""
    before_first = period.starts_on - _A_DAY
    return {
        "duty": duty.id,
        "title_zh": duty.title_zh,
        "title_en": duty.title_en,
        "period": period.key,
        "starts_on": period.starts_on.isoformat(),
        "due_on": period.due_on.isoformat(),
        "before_first": before_first.isoformat(),
        "term_days": (period.due_on - before_first).days,
        "section": duty.section,
        "approval": duty.approval,
        "report_to": duty.report_to,
        "publish": duty.publish,
        "source": duty.source[:300],
    }


# --- looking ------------------------------------------------------------------------------------


def _places(tx: Connection) -> list[tuple[str, date]]:
    """The offices that work by the table, with the day since when: each without offices below it,
    where it or one above it has deployed the process."""
    active = definitions.alias()
    is_active = exists().where(
        active.c.office_id == definitions.c.office_id,
        active.c.package_id == PACKAGE,
        active.c.state == "active",
    )
    rows = tx.execute(
        select(definitions.c.office_id, func.min(definitions.c.deployed_at).label("since"))
        .where(
            definitions.c.package_id == PACKAGE, definitions.c.deployed_at.is_not(None), is_active
        )
        .group_by(definitions.c.office_id)
    ).all()
    parents = set(tx.scalars(select(offices.c.parent_id).where(offices.c.parent_id.is_not(None))))
    found: dict[str, date] = {}
    for row in rows:
        for place in below(tx, row.office_id):
            since = legal_day(row.since)
            if place not in parents:
                found[place] = min(found.get(place, since), since)
    return sorted(found.items())


def _turns(duty: Duty, first: date, today: date, calendar: Calendar) -> Sequence[Period]:
    return lawful(lambda: tuple(periods(duty.rhythm, first, today, calendar)))


def _latest(tx: Connection, office_id: str) -> dict[str, date]:
    """When the last turn of each duty that has begun was due: those before it have begun too."""
    rows = tx.execute(
        select(duty_periods.c.duty, func.max(duty_periods.c.due_on).label("due_on"))
        .where(duty_periods.c.office_id == office_id, duty_periods.c.title.is_(None))
        .group_by(duty_periods.c.duty)
    )
    return {row.duty: row.due_on for row in rows}


def _known(tx: Connection, office_id: str, found: Sequence[Owed]) -> set[tuple[str, str]]:
    if not found:
        return set()
    earliest = min(each.period.starts_on for each in found)
    rows = tx.execute(
        select(duty_periods.c.duty, duty_periods.c.period).where(
            duty_periods.c.office_id == office_id,
            duty_periods.c.due_on >= earliest - timedelta(days=62),
        )
    )
    return {(row.duty, row.period) for row in rows}
