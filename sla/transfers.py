"""The clocks of a case that went to another office: an entry each, and the other office's calendar.

Whether a period begins anew is a setting of the office it goes to (`sla.settings.Transfer`), and
only for what offices owe: a term of the applicant goes on, and so does a limit that is over. The
entry keeps the policy and the settings the period was read with, so that the date can be counted
again whatever the offices choose later.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from engine import events
from engine.clock import legal_day
from sla.benches import along, bench_of
from sla.clock_rows import clock_row, ledger_of, of_case
from sla.ledger import Entry
from sla.moves import has_ended, move
from sla.parties import Party
from sla.settings import Transfer
from store.prepared import Prepared
from store.tables import clocks, extension_requests, offices, rungs


def case_transferred(tx: Connection, event: events.CaseTransferred, now: datetime) -> None:
    """Let the open clocks of the case follow it. What is over stays with the former office."""
    names = _names(tx, event.case.office_id)
    for clock in of_case(tx, event.case.id):
        if clock.status == "met":
            continue
        entry = Entry(
            "transfer",
            now,
            legal_day(now),
            detail={**_facts(tx, clock, event, now), **names, "reason": event.reason},
        )
        _hand_over(tx, clock, event.case.office_id, entry)
        move(tx, clock_row(tx, clock.id), entry, event.actor, now)
    tx.execute(
        update(extension_requests)
        .where(
            extension_requests.c.case_id == event.case.id, extension_requests.c.status == "asked"
        )
        .values(office_id=event.case.office_id)
    )


def _facts(
    tx: Connection, clock: Row[Any], event: events.CaseTransferred, now: datetime
) -> dict[str, Any]:
    wanted = bench_of(tx, event.case.office_id, now).settings.transfer
    may_restart = clock.party == Party.OFFICE and not has_ended(clock, now)
    policy = wanted if may_restart else Transfer.GOES_ON
    read_with = along(tx, bench_of(tx, event.former, now), ledger_of(tx, clock.id)).settings
    return {
        "from": event.former,
        "to": event.case.office_id,
        "policy": policy.value,
        "settings": {name: _plain(value) for name, value in asdict(read_with).items()},
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool) else str(value)


def _names(tx: Connection, office_id: str) -> dict[str, str]:
    found = tx.execute(
        select(offices.c.name_zh, offices.c.name_en).where(offices.c.id == office_id)
    ).one()
    return {"to_zh": found.name_zh, "to_en": found.name_en}


def _hand_over(tx: Connection, clock: Row[Any], office_id: str, entry: Entry) -> None:
    _CLOCK.run(tx, {"clock": clock.id, "office": office_id})
    _RUNGS.run(tx, {"clock": clock.id, "office": office_id})
    if entry.detail["policy"] == Transfer.RESTARTS:
        begun = {"clock": clock.id, "begun_at": entry.at, "begun_on": entry.on_day}
        _RESTART.run(tx, begun)


_CLOCK = Prepared(
    update(clocks).where(clocks.c.id == bindparam("clock")).values(office_id=bindparam("office"))
)
_RUNGS = Prepared(
    update(rungs)
    .where(rungs.c.clock_id == bindparam("clock"), rungs.c.status == "waiting")
    .values(office_id=bindparam("office"))
)
_RESTART = Prepared(
    update(clocks)
    .where(clocks.c.id == bindparam("clock"))
    .values(started_at=bindparam("begun_at"), started_on=bindparam("begun_on"))
)
