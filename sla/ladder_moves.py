"""Running clocks go on with another version of the ladder that drew their rungs.

A running clock keeps its rungs (ADR 14), unless a migration plan of the ladder itself moves it, or
one of its process that names the clock. Either shows beforehand what would move: the end of the
limit, and the rungs still to come with their days. What has fired stays fired.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, update

from engine.actors import Actor
from engine.bpmn.migration import Plan, Remark, Verdict
from engine.case_rows import Case
from engine.deployments import Loaded
from engine.errors import Conflict
from engine.history import append
from engine.migrations_clocks import Found, Keeper, Versions
from sla import ladder_anew, ladders
from sla.clock_rows import clock_row, of_case, story
from sla.followers import set_ladder
from store.tables import clocks

LOOKED_AT = 20  # open clocks looked at for each case that is asked for


def cases_of(
    tx: Connection, office_id: str, former: Loaded, after: UUID | None, limit: int
) -> Found:
    """Cases with an open clock whose rungs this version of a ladder drew, behind the case `after`,
    among the next open clocks of the office."""
    rows = tx.execute(
        select(clocks.c.case_id, clocks.c.ladder)
        .where(clocks.c.office_id == office_id, clocks.c.status != "met", *_behind(after))
        .order_by(clocks.c.case_id, clocks.c.id)
        .limit(limit * LOOKED_AT)
    ).all()
    is_done = len(rows) < limit * LOOKED_AT
    whole = rows if is_done else [row for row in rows if row.case_id != rows[-1].case_id]
    found = list(dict.fromkeys(row.case_id for row in whole if _is_by(row.ladder, former)))
    return Found(found, whole[-1].case_id if whole else after, is_done)


def _behind(after: UUID | None) -> tuple[Any, ...]:
    return () if after is None else (clocks.c.case_id > after,)


def _is_by(ladder: dict[str, Any], version: Loaded) -> bool:
    """Drawn by this version; or by the one that came along with the process of the case, when the
    office had none in force: that has no number of its own."""
    drawn = ladder.get("drawn") or {}
    return drawn.get("id") == version.package.id and drawn["version"] in (version.version, None)


# --- a plan of the ladder -----------------------------------------------------------------------


def judge(tx: Connection, case: Case, versions: Versions, now: datetime) -> Plan | None:
    """What the move would mean for a case. Writes nothing."""
    mine = _clocks_by(tx, case, versions.former)
    if not mine:
        return None
    anew = (ladder_anew.by_ladder(tx, clock, case.ref, versions, now) for clock in mine)
    return Plan(Verdict.CAN, tuple(each.told(tx) for each in anew), None)


def move(tx: Connection, case: Case, versions: Versions, actor: Actor, now: datetime) -> None:
    """Give the clocks of a locked case the rungs of the new version. Raises Conflict
    (`clock.stale`) where one has moved meanwhile, Rejected where it cannot be played."""
    for clock in _clocks_by(tx, case, versions.former):
        anew = ladder_anew.by_ladder(tx, clock, case.ref, versions, now)
        wanted = ladders.succeed(tx, clock.id, anew.rungs)
        drawn = {"id": versions.target.package.id, "version": versions.target.version}
        row = {**clock.ladder, "rungs": [_plain(each) for each in wanted], "drawn": drawn}
        changed = tx.execute(
            update(clocks)
            .where(clocks.c.id == clock.id, clocks.c.version == clock.version)
            .values(ladder=row, version=clock.version + 1)
        )
        if changed.rowcount != 1:
            raise Conflict("clock.stale", "Expected the clock as we read it, but it has moved")
        set_ladder(tx, clock_row(tx, clock.id), anew.result, anew.bench)
        facts = {"ladder": drawn["id"], "version": drawn["version"]}
        append(tx, story(clock, "clock.ladder_moved", facts, actor, now))


def _clocks_by(tx: Connection, case: Case, version: Loaded) -> list[Row[Any]]:
    return [
        clock
        for clock in of_case(tx, case.id)
        if clock.status != "met" and _is_by(clock.ladder, version)
    ]


# --- a plan of a process, which names clocks ----------------------------------------------------


def told(tx: Connection, case: Case, versions: Versions, now: datetime) -> tuple[Remark, ...]:
    """How the named clocks of a case would move with it."""
    return tuple(each.told(tx) for each in ladder_anew.by_process(tx, case.ref, versions, now))


def _plain(rung: Any) -> dict[str, str]:
    return {"at": rung.at, "do": rung.act, "to": rung.to}


KEEPER = Keeper(cases_of, judge, move, told)
"""The answers to what migration plans ask (`engine.migrations_clocks`)."""
