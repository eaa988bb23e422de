"""Free words that a process hands on: the variable holds where they lie, not what they say.

The state of a case is not encrypted and lives as long as the case's row, so what somebody types
about a person lies under the case's key (`engine/notes.py`) and goes when that key is destroyed.
Diagrams hand the place on and ask whether there is one; pages show the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import keys, notes
from engine.actors import Actor
from engine.case_rows import Case
from engine.notes import Home, Note, Said
from store.tables import case_notes, data_keys, deed_notes

RETURN_REASON = "return_reason"
KEPT = frozenset({RETURN_REASON, "reason_text", "question"})
"""Variables of our processes that hold words: why a review sent the work back, and what a chase
asked and was answered."""
_PLACE = "note:"


def place(note_id: UUID) -> str:
    """What a variable holds in place of the words."""
    return f"{_PLACE}{note_id}"


def keep(
    tx: Connection,
    case: Case,
    task_id: UUID,
    values: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """The values of a completed task with their words put away, each under the case's key."""

    def kept(name: str, words: Any) -> Any:
        if name not in KEPT or not isinstance(words, str) or not words.strip():
            return words
        if _note_of(words) is not None:
            return words
        text = words[: notes.MAX_NOTE]
        if name != RETURN_REASON:
            home = Home(case.id, case.office_id, case.key)
            return place(notes.leave(tx, home, text, actor.person_id, now))
        said = Said(notes.RETURN, text, task_id, values.get("error_class") or None)
        return place(notes.say(tx, case.id, case.key, said, actor, now))

    return {name: kept(name, value) for name, value in values.items()}


def shown(values: Mapping[str, Any], said: Iterable[Note]) -> dict[str, Any]:
    """The values with the words of the case's notes, as `notes.of_case` gives them."""
    words = {note.id: note.text for note in said}
    return {name: _told(name, value, words) for name, value in values.items()}


def told(tx: Connection, values: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The values of several cases with their words, in two statements; None where the
    key was destroyed. The caller has checked who reads."""
    each = list(values)
    places = {
        note_id
        for known in each
        for name in KEPT & known.keys()
        if (note_id := _note_of(known[name])) is not None
    }
    words = _words(tx, places) if places else {}
    return [{name: _told(name, value, words) for name, value in known.items()} for known in each]


def _told(name: str, value: Any, words: Mapping[UUID, str]) -> Any:
    note_id = _note_of(value) if name in KEPT else None
    return value if note_id is None else words.get(note_id)


def _note_of(value: Any) -> UUID | None:
    if not isinstance(value, str) or not value.startswith(_PLACE):
        return None
    try:
        return UUID(value.removeprefix(_PLACE))
    except ValueError:
        return None


def _words(tx: Connection, places: set[UUID]) -> dict[UUID, str]:
    found = {}
    for table in (case_notes, deed_notes):
        rows = tx.execute(
            select(table.c.id, table.c.case_id, table.c.ciphertext, data_keys.c.wrapped)
            .join(data_keys, data_keys.c.case_id == table.c.case_id)
            .where(table.c.id.in_(places))
        )
        for row in rows:
            key = keys.current().unwrap(str(row.case_id), row.wrapped)
            found[row.id] = key.open(table.name, row.ciphertext).decode()
    return found
