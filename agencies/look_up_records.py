"""`look_up.file`: what was asked of an agency, as a paper of the case's file.

The paper says who asked what, for which purpose, when it was answered, and what the decision needs
of the answer. Everything else that an agency told stays sealed with the promise: a paper is read by
whoever handles the case, and nobody needs a whole record to see that it was looked up. Of a
criminal record not even whether there is one stands on it: that is for who has the task. Each
opening of the paper is written down (`engine.notice_reads.note`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, select

from agencies.answers import for_routing
from agencies.directory import agency
from engine import keys, notices
from engine.clock import TAIPEI
from engine.errors import Rejected
from engine.minguo import format_instant
from engine.service_tasks import Request
from engine.story_words import FIELDS
from store.tables import history, outbox, persons

KIND = "look_up_record"
GATEWAY, WITHHELD = "gateway", "withheld"
_MUST = ("agency", "purpose", "status")


def file(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """Inputs: `agency`, `purpose`, `status` (`found`, `none`), `paper` (what it stands in for), and
    `withheld` (true: the paper is silent on the result), and `look_up_id` of a look-up that was
    answered; or, where somebody asked by hand, `method` (`phone`, `fax`, `letter`), `reference` and
    `note`. Result: `notice_id`.

    Raises Rejected for an input that is missing, and for a look-up that is none of this case.
    """
    told = request.inputs
    missing = [name for name in _MUST if not isinstance(told.get(name), str)]
    if missing:
        raise Rejected(
            "look_up.inputs",
            f"Expected the inputs {', '.join(missing)} of {request.element_id} to be text",
        )
    to = agency(str(told["agency"]))
    content: dict[str, Any] = {
        "agency": {"label": to.title_zh, "label_en": to.title_en},
        "purpose": told["purpose"],
        "paper": told.get("paper"),
        "found": told["status"],
    }
    by = request.by
    if told.get("look_up_id") is None:
        content |= _by_hand(told, now)
    else:
        row = _answered(tx, request)
        by = _asked_by(tx, row) or by
        content |= _by_gateway(tx, row)
    if told.get("withheld") is True:
        content |= {"found": WITHHELD, "answer": [], "sealed": None, "note": None}
    notice = notices.Notice(KIND, notices.FILED, content, by, request.data)
    return {"notice_id": str(notices.issue(tx, request.case, request.key, notice, now))}


def _by_hand(told: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "method": told.get("method"),
        "answered_at": _instant(now),
        "reference": told.get("reference"),
        "note": told.get("note"),
    }


def _by_gateway(tx: Connection, row: Any) -> dict[str, Any]:
    found: Any = None
    if row.answer_ciphertext is not None:
        found = orjson.loads(keys.open_sealed(tx, row.case_id, "outbox", row.answer_ciphertext))
    shown = for_routing(found)
    sealed = len(found) - len(shown) if isinstance(found, dict) else int(found is not None)
    return {
        "method": GATEWAY,
        "asked_at": _instant(row.created_at),
        "answered_at": _instant(row.answered_at),
        "asked_with": [_field(name) for name in row.field_names],
        "reference": row.answer["reference"],
        "answer": [f"{name}: {orjson.dumps(value).decode()}" for name, value in shown.items()],
        "sealed": sealed or None,
    }


def _answered(tx: Connection, request: Request) -> Any:
    """The promise that the input `look_up_id` names, answered and of this case and agency."""
    try:
        wanted = UUID(str(request.inputs["look_up_id"]))
    except ValueError:
        wanted = None
    row = tx.execute(
        select(outbox).where(
            outbox.c.id == wanted,
            outbox.c.case_id == request.case.id,
            outbox.c.operation == "agency.look_up",
            outbox.c.peer == request.inputs["agency"],
            outbox.c.answered_at.is_not(None),
        )
    ).first()
    if row is None:
        raise Rejected(
            "look_up.unknown",
            f"Expected the input look_up_id of {request.element_id} to name an answered look-up "
            f"of this case at {request.inputs['agency']}",
        )
    return row


def _asked_by(tx: Connection, row: Any) -> UUID | None:
    """By whose deed it was asked: the history of the promise has it."""
    told = tx.scalars(
        select(history.c.detail).where(
            history.c.case_id == row.case_id,
            history.c.action == "notification.queued",
            history.c.object_id == str(row.id),
        )
    ).first()
    person = UUID(told["asked_by"]) if told and told.get("asked_by") else None
    if person is None:
        return None
    known: UUID | None = tx.scalar(select(persons.c.id).where(persons.c.id == person))
    return known


def _field(name: str) -> dict[str, str]:
    zh, en = FIELDS.get(name, (name, name))
    return {"label": zh, "label_en": en}


def _instant(at: datetime) -> dict[str, str]:
    local = at.astimezone(TAIPEI)
    return {"label": format_instant(local, "zh-TW"), "label_en": format_instant(local, "en")}
