"""Which versions of rules an office had entered by a moment: what was due, as known then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from engine.office_tree import UPWARDS
from sla import rule_edits
from sla.rules import Rule, of_row
from store.tables import calendar_edits


def known_by(tx: Connection, office_id: str, moment: datetime) -> tuple[Rule, ...]:
    """The versions that an office and those above it had entered by then, the nearest last: what a
    bench of that moment held, also of versions that others have taken the place of since."""
    held: dict[str, tuple[Rule, ...]] = {}
    for row in tx.execute(_ENTERED, {"office": office_id, "moment": moment}):
        edit = f"{row.office_id}/{row.id}"
        mine = [replace(of_row(each), edit=edit) for each in row.rules]
        held[row.office_id] = rule_edits.by_first_day(held.get(row.office_id, ()), mine)
    return tuple(version for versions in held.values() for version in versions)


_ENTERED = (
    select(calendar_edits.c.office_id, calendar_edits.c.id, calendar_edits.c.rules)
    .join(UPWARDS, UPWARDS.c.id == calendar_edits.c.office_id)
    .where(
        calendar_edits.c.part == rule_edits.RULE,
        calendar_edits.c.status == "entered",
        calendar_edits.c.decided_at <= bindparam("moment", type_=calendar_edits.c.decided_at.type),
    )
    .order_by(UPWARDS.c.height.desc(), calendar_edits.c.decided_at)
)
