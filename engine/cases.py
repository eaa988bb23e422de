"""Verbs on cases. All take a transaction opened at the edge; `now` is aware UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert, select

from engine import events, form_options, keys, notes, purposes, runtime
from engine.actors import Actor, system
from engine.bpmn.triggers import ReceiveMessage, Terminate
from engine.case_rows import Case, load
from engine.errors import Conflict, Rejected
from engine.filing import FileCase, Filed, file
from engine.history import Entry, append
from engine.operations import Request
from engine.permissions import demand, may_handle, may_reveal, may_suspend
from store.database import wake
from store.tables import case_notes, message_waits

__all__ = [
    "FileCase",
    "Filed",
    "annotate",
    "annotate_from_diagram",
    "file",
    "resume",
    "reveal",
    "suspend",
    "withdraw",
]

WITHDRAWAL = "withdrawal"
"""The message a process may wait for to end a withdrawn case by itself."""
MAX_NOTE = 4_000


def withdraw(tx: Connection, case_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """The applicant takes the matter back.

    A process that waits for the message `withdrawal` gets it (with `withdrawal_reason`) and ends by
    itself, or refuses; the case is withdrawn once it ends with the variable `result` =
    "withdrawn". Any other process ends at once.
    """
    case = load(tx, case_id, actor)
    demand(may_handle(case.facts, actor))
    case.demand_active()
    _demand_text(reason, "case.reason", "Say why the case is withdrawn")
    key = tx.scalar(
        select(message_waits.c.key)
        .where(
            message_waits.c.case_id == case_id,
            message_waits.c.kind == "message",
            message_waits.c.name == WITHDRAWAL,
            message_waits.c.status == "open",
        )
        .order_by(message_waits.c.created_at, message_waits.c.key)
        .limit(1)
    )
    notes.say(tx, case.id, case.key, notes.Said(notes.WITHDRAWAL, reason), actor, now)
    if key is None:
        runtime.step(tx, case, [Terminate(reason)], runtime.Deed(actor, reason=reason), now)
        return
    sent = _entry(case, "message.sent", actor, now, message=WITHDRAWAL)
    received = ReceiveMessage(key, {"withdrawal_reason": reason})
    runtime.step(tx, case, [received], runtime.Deed(actor, [sent], reason=reason), now)


def suspend(tx: Connection, case_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Let the case rest: tasks cannot be completed, timers and messages are put off."""
    case = load(tx, case_id, actor)
    demand(may_suspend(case.facts, actor))
    case.demand_active()
    _demand_text(reason, "case.reason", "Say why the case is suspended")
    notes.say(tx, case.id, case.key, notes.Said(notes.SUSPENSION, reason), actor, now)
    runtime.turn(tx, case, "suspended", _entry(case, "case.suspended", actor, now), now)
    events.announce(tx, events.CaseSuspended(case.ref, actor, reason), now)


def resume(tx: Connection, case_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Let a suspended case go on, and say why. What became due meanwhile happens now, in order."""
    case = load(tx, case_id, actor)
    demand(may_suspend(case.facts, actor))
    if case.status != "suspended":
        raise Conflict(
            "case.not_suspended",
            f"Expected case {case.number} to be suspended, but it is {case.status}",
        )
    _demand_text(reason, "case.reason", "Say why the case goes on")
    notes.say(tx, case.id, case.key, notes.Said(notes.RESUMPTION, reason), actor, now)
    runtime.turn(tx, case, "active", _entry(case, "case.resumed", actor, now), now)
    events.announce(tx, events.CaseResumed(case.ref, actor), now)
    wake(tx, "timers")
    wake(tx, "jobs")


def annotate(tx: Connection, case_id: UUID, text: str, actor: Actor, now: datetime) -> None:
    """Add an office note. The text is encrypted; the history only says that there is one."""
    notes.comment(tx, case_id, text, actor, now)


def annotate_from_diagram(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """The operation `case.annotate`: input `text`."""
    text = request.inputs.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Rejected("case.note", f"Expected the input text of {request.element_id} to be text")
    actor = system(request.case.office_id)
    key = request.case_key or keys.of_case(tx, request.case.id)
    _add_note(tx, key, request.case.id, text, actor, now)
    append(
        tx,
        Entry(
            "case.annotated",
            actor,
            now,
            case_id=request.case.id,
            step=request.case.version,
            element_id=request.element_id,
        ),
    )
    return {}


def reveal(
    tx: Connection,
    case_id: UUID,
    paths: Sequence[str],
    purpose: str,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Personal data in clear, by path (`data.child.name`). Who looked, at what and why is recorded
    in the same transaction: no record, no data. What is not there comes as None. `purpose` is made
    by `engine.purposes.purpose`, or is text of one's own without an ID number in it."""
    case = load(tx, case_id, actor, lock=False)
    demand(may_reveal(case.facts, actor, purpose))
    purposes.checked(purpose)
    wrong = [path for path in paths if path.split(".")[0] != "data"]
    if wrong or not paths:
        raise Rejected("reveal.paths", "Name the fields to see, each by its path below `data.`")
    append(
        tx,
        Entry(
            "case.revealed",
            actor,
            now,
            case_id=case.id,
            purpose=purpose,
            detail={"paths": list(paths), "purpose": purpose},
            office_id=case.office_id,
        ),
    )
    return {path: form_options.value_at({"data": case.data}, path) for path in paths}


def _add_note(
    tx: Connection, key: keys.CaseKey, case_id: UUID, text: str, actor: Actor, now: datetime
) -> None:
    tx.execute(
        insert(case_notes),
        {
            "id": uuid4(),
            "office_id": actor.office_id,
            "case_id": case_id,
            "person_id": actor.person_id,
            "at": now,
            "ciphertext": key.seal("case_notes", text[:MAX_NOTE].encode()),
        },
    )


def _entry(case: Case, action: str, actor: Actor, now: datetime, **detail: Any) -> Entry:
    return Entry(
        action,
        actor,
        now,
        case_id=case.id,
        step=case.ref.version,
        detail=detail,
        office_id=case.office_id,
    )


def _demand_text(text: str, code: str, sentence: str) -> None:
    if not text.strip():
        raise Rejected(code, sentence)
    if len(text) > MAX_NOTE:
        raise Rejected(code, f"The text is longer than {MAX_NOTE} characters; shorten it")
