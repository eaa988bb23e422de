"""What is done with a notice after its issue: it comes back, is sent again, is void, is made again
with a new number. And those that an officer makes, beside the diagrams.

Nothing is ever changed on a notice that was issued but what became of it; the history says who did
what, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, update

from engine import case_rows, notices, wordings
from engine.actors import Actor
from engine.clock import legal_day
from engine.errors import Conflict, Rejected
from engine.history import Entry, append
from engine.minguo import DateError, parse_date
from engine.notices import CHANNELS, Notice
from engine.permissions import demand, may_handle
from store.tables import notices as rows

MAX_REASON = 500
MAX_VALUE = 2000
MAX_LIST = 40


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice somebody writes: `values` by field, as text; a list has an entry a line."""

    kind: str
    channel: str
    values: Mapping[str, str]


def make(tx: Connection, case_id: UUID, draft: Draft, actor: Actor, now: datetime) -> UUID:
    """Make a notice of a kind that officers may make (`by_hand`). Returns its id.

    Raises NotFound, Forbidden, Conflict for a case that does not go on, Rejected for a kind that
    only diagrams issue, an unknown field and a value that is none of its kind.
    """
    case = case_rows.load(tx, case_id, actor)
    demand(may_handle(case.facts, actor))
    case.demand_active()
    wording = wordings.of_kind(draft.kind)
    if not wording.by_hand:
        raise Rejected(
            "notice.by_diagram", f"A notice {draft.kind!r} is issued by its process, not by hand"
        )
    content = entered(wording, draft.values)
    notice = Notice(draft.kind, draft.channel, content, actor.person_id, case.data)
    return notices.issue(tx, case.ref, f"hand/{uuid4()}", notice, now)


def returned(
    tx: Connection, notice_id: UUID, on: date, reason: str, actor: Actor, now: datetime
) -> None:
    """Enter that a notice came back, and why it could not be served.

    Raises NotFound, Forbidden, Rejected for a day that cannot be or no reason, Conflict for one
    that was served, is void, or came back already.
    """
    row = notices.to_handle(tx, notice_id, actor)
    notices.demand_letter(row)
    _demand_reason(reason)
    if not legal_day(row.issued_at) <= on <= legal_day(now):
        raise Rejected(
            "notice.served_on", "Expected a day between the issue of the notice and today"
        )
    _change(tx, row, {"returned_on": on, "return_reason": reason.strip()}, [_not_back()])
    detail = {"number": row.number, "returned_on": on.isoformat(), "reason": reason.strip()}
    _tell(tx, "notice.returned", row, detail, actor, now)


def send_again(
    tx: Connection, notice_id: UUID, channel: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Send the same notice again, on this way: it keeps its number. Raises as `returned` does."""
    row = notices.to_handle(tx, notice_id, actor)
    notices.demand_letter(row)
    _demand_reason(reason)
    if channel not in CHANNELS:
        raise Rejected("notice.channel", f"Expected one of {', '.join(CHANNELS)}")
    values = {
        "channel": channel,
        "times_sent": rows.c.times_sent + 1,
        "returned_on": None,
        "return_reason": None,
    }
    _change(tx, row, values, [])
    detail = {"number": row.number, "channel": channel, "reason": reason.strip()}
    _tell(tx, "notice.sent_again", row, detail, actor, now)


def void(tx: Connection, notice_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Make a notice void; it stays readable, with the reason. One that was served may be as well:
    the day of its service stays. Raises NotFound, Forbidden, Rejected without a reason, Conflict
    for one that is void."""
    row = notices.to_handle(tx, notice_id, actor)
    _demand_reason(reason)
    values = {"voided_at": now, "voided_by": actor.person_id, "void_reason": reason.strip()}
    changed = tx.execute(
        update(rows).where(rows.c.id == row.id, rows.c.voided_at.is_(None)).values(**values)
    )
    if changed.rowcount == 0:
        raise Conflict("notice.void", f"Notice {row.number} is void already")
    detail = {"number": row.number, "reason": reason.strip()}
    _tell(tx, "notice.voided", row, detail, actor, now)


def make_again(
    tx: Connection,
    notice_id: UUID,
    values: Mapping[str, str],
    reason: str,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Make a notice again after a correction: the old one is void for this reason, the new one has
    a new number and says in `values` what was wrong. Returns the new one's id; raises as `void`
    and `make` do."""
    row = notices.to_handle(tx, notice_id, actor)
    notices.demand_letter(row)
    wording = wordings.of_kind(row.kind)
    corrected = entered(wording, values)
    before = notices.content(tx, notice_id, actor)
    void(tx, notice_id, reason, actor, now)
    case = case_rows.load(tx, row.case_id, actor)
    kept = {name: value for name, value in before.items() if name not in values}
    notice = Notice(
        row.kind, row.channel, {**kept, **corrected}, actor.person_id, case.data, row.id
    )
    return notices.issue(tx, case.ref, f"again/{row.id}", notice, now)


def entered(wording: wordings.Wording, values: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, by the kind of each field; empty is not said. Raises Rejected."""
    found: dict[str, Any] = {}
    for name, typed in values.items():
        field = wording.fields.get(name)
        if field is None:
            raise Rejected(
                "notice.field",
                f"A notice {wording.kind!r} has no field {name[:40]!r}; it has "
                f"{', '.join(wording.fields)}",
                field=name[:40],
            )
        if typed.strip():
            found[name] = _entered(field, typed.strip())
    return found


def _entered(field: wordings.Field, typed: str) -> Any:
    if len(typed) > MAX_VALUE:
        raise Rejected(
            "notice.long", f"Expected at most {MAX_VALUE} characters for {field.name}", **_of(field)
        )
    if field.kind == "list":
        entries = [line.strip() for line in typed.splitlines() if line.strip()]
        if len(entries) > MAX_LIST:
            raise Rejected(
                "notice.long", f"Expected at most {MAX_LIST} lines for {field.name}", **_of(field)
            )
        return entries
    if field.kind == "day":
        try:
            return parse_date(typed).isoformat()
        except DateError as wrong:
            raise Rejected("notice.day", wrong.en, **_of(field)) from wrong
    if field.kind == "number" and not typed.replace(",", "").isdecimal():
        raise Rejected("notice.number", f"Expected a number for {field.name}", **_of(field))
    return typed.replace(",", "") if field.kind == "number" else typed


def _of(field: wordings.Field) -> dict[str, str]:
    return {"field": field.name, "label_zh": field.zh, "label_en": field.en}


def _demand_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Rejected("notice.reason", f"Say why, in at most {MAX_REASON} characters")


def _not_back() -> Any:
    return rows.c.returned_on.is_(None)


def _change(tx: Connection, row: Any, values: Mapping[str, Any], also: list[Any]) -> None:
    """Change one that is on its way; Conflict where it was served or void meanwhile."""
    on_its_way = (rows.c.served_on.is_(None), rows.c.voided_at.is_(None), *also)
    changed = tx.execute(update(rows).where(rows.c.id == row.id, *on_its_way).values(**values))
    if changed.rowcount == 0:
        raise Conflict(
            "notice.ended", f"Notice {row.number} was served, came back already or is void"
        )


def _tell(
    tx: Connection,
    action: str,
    row: Any,
    detail: Mapping[str, str],
    actor: Actor,
    now: datetime,
) -> None:
    entry = Entry(
        action, actor, now, case_id=row.case_id, object_id=str(row.id), detail=dict(detail)
    )
    append(tx, entry)
