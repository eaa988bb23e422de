"""The audit trail: what was done, by whom, when and why, and the story of a case in words.

Rows are only ever added, in the transaction of the deed they tell of. They carry no personal
data: names of fields, ids, codes, reasons and figures, never the values that were read or written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine import actions
from engine.actors import Actor
from engine.sealing import Anchor, anchors, seal_next
from engine.story_words import FIELDS
from engine.verification import Finding, Tampering, Verification, verify, verify_database
from store.prepared import Prepared
from store.tables import history, persons

__all__ = [
    "Anchor",
    "Entry",
    "Finding",
    "HistoryEvent",
    "Names",
    "Tampering",
    "Verification",
    "anchors",
    "append",
    "seal_next",
    "timeline",
    "verify",
    "verify_database",
]

MAX_TIMELINE = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line to be written. `action` is one of `engine.actions`; `at` is aware UTC.

    `office_id` is the office whose chain the row joins; by default the actor's.
    """

    action: str
    actor: Actor
    at: datetime
    case_id: UUID | None = None
    step: int | None = None  # the case version the row belongs to
    process_id: str | None = None
    element_id: str | None = None
    object_id: str | None = None  # key or id of what it was done to
    purpose: str | None = None  # why personal data was read
    detail: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None
    office_id: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One line of a case's story. `routine` lines are of interest only when searching a fault."""

    id: int
    at: datetime
    action: str
    zh: str
    en: str
    actor_name: str  # "" for the system
    person_id: UUID | None
    routine: bool
    process_id: str | None
    element_id: str | None
    object_id: str | None
    purpose: str | None
    detail: Mapping[str, Any]

    def text(self, lang: str) -> str:
        """The sentence in `lang` ("zh-TW" or "en")."""
        return self.zh if lang.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Names:
    """What the story of one case calls things; `engine.story_names` makes it from its version.

    `elements` are the names in the diagrams by element id, `english` the English ones by element
    id, `worded` those by the Chinese name; `outcomes` the words for
    (element id, outcome), `fields` those for paths of personal data.
    """

    elements: Mapping[str, str] = field(default_factory=dict)
    english: Mapping[str, str] = field(default_factory=dict)
    worded: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def in_english(self, name: str, element_id: str = "") -> str:
        """A Chinese name in English; as it is where nobody has worded it."""
        if self.elements.get(element_id) == name and element_id in self.english:
            return self.english[element_id]
        return self.worded.get(name, name)


class Naming(Protocol):
    """Names that differ from line to line: a case that was moved has run on several versions."""

    def of_lines(self, lines: Sequence[Any]) -> Iterable[tuple[Names, str | None]]:
        """For each line, oldest first: the names of its time, and what its element is called by
        there."""


def append(tx: Connection, *entries: Entry) -> None:
    """Write the lines, in order, in the transaction of the deed."""
    if entries:
        _ADD.run_many(tx, [row(entry) for entry in entries])


def row(entry: Entry) -> dict[str, Any]:
    """The columns of one line, for writers that send many rows in one statement."""
    return {
        "office_id": entry.office_id or entry.actor.office_id,
        "case_id": entry.case_id,
        "step": entry.step,
        "at": entry.at,
        "person_id": entry.actor.person_id,
        "account_id": entry.actor.account_id,
        "action": entry.action,
        "process_id": entry.process_id,
        "element_id": entry.element_id,
        "object_id": entry.object_id,
        "purpose": entry.purpose,
        "detail": dict(entry.detail),
        "request_id": entry.request_id,
    }


_ADD = Prepared(insert(history))
_TIMELINE = (
    select(history, persons.c.display_name)
    .outerjoin(persons, persons.c.id == history.c.person_id)
    .where(history.c.case_id == bindparam("case_id"))
    .order_by(history.c.id.desc())
    .limit(MAX_TIMELINE)
)


def timeline(
    tx: Connection, case_id: UUID, names: Names | Naming | None = None
) -> list[HistoryEvent]:
    """The story of a case in words, oldest line first; at most the last 2,000 lines.

    `names` has the names in the diagrams, by element id; without it ids are shown. The caller has
    checked that the reader may see the case.
    """
    rows = list(reversed(tx.execute(_TIMELINE, {"case_id": case_id}).mappings().all()))
    if names is None or isinstance(names, Names):
        known = names or Names()
        return [_event(row, known, row["element_id"]) for row in _causes_first(rows)]
    called = dict(zip((row["id"] for row in rows), names.of_lines(rows), strict=True))
    return [_event(row, *called[row["id"]]) for row in _causes_first(rows)]


_DEEDS = frozenset(
    {"case.filed", "case.withdrawn", "user_task.completed", "user_task.returned", "message.sent"}
)
_EFFECTS = ("clock.", "notice.", "notification.queued", "case.annotated", "decision.")


def _causes_first(rows: list[Any]) -> list[Any]:
    """What a deed sets off at once, clocks and notices, is written before it in its step; people
    read of the deed first."""
    told: list[Any] = []
    for row in rows:
        place = len(told)
        if row["action"] in _DEEDS:
            while place and _is_effect(told[place - 1], row):
                place -= 1
        told.insert(place, row)
    return told


def _is_effect(row: Any, deed: Any) -> bool:
    return bool(row["at"] == deed["at"] and row["action"].startswith(_EFFECTS))


def _event(found: Any, names: Names, element_id: str | None) -> HistoryEvent:
    actor_name = found["display_name"] or ""
    in_zh, in_en = (_facts(found, names, element_id, lang) for lang in ("zh-TW", "en"))
    zh, _ = actions.sentences(found["action"], in_zh, actor_name)
    _, en = actions.sentences(found["action"], in_en, actor_name)
    return HistoryEvent(
        id=found["id"],
        at=found["at"],
        action=found["action"],
        zh=zh,
        en=en,
        actor_name=actor_name,
        person_id=found["person_id"],
        routine=actions.is_routine(found["action"]),
        process_id=found["process_id"],
        element_id=found["element_id"],
        object_id=found["object_id"],
        purpose=found["purpose"],
        detail=found["detail"],
    )


def _facts(found: Any, names: Names, element_id: str | None, lang: str) -> dict[str, Any]:
    detail = found["detail"]
    element = detail.get("name") or names.elements.get(element_id or "", element_id)
    if lang == "en" and element is not None:
        element = names.in_english(element, element_id or "")
    facts = {
        "agency": detail.get("peer"),
        "why": detail.get("reason"),
        "message": element,
        "signal": element,
        **detail,
        "purpose": found["purpose"],
        "element": element,
        "outcome_words": names.outcomes.get((element_id or "", detail.get("outcome", ""))),
    }
    ends = str(detail.get("outcome", "")).split(",")
    if found["action"] == "case.closed" and all(each in names.elements for each in ends):
        facts["outcome"] = [_called(names, each, lang) for each in ends]
    if "before" in detail:
        facts["before"] = _called(names, detail["before"], lang)
    if "paths" in detail:
        facts["paths"] = [_label(names, path, lang) for path in detail["paths"]]
    return facts


def _called(names: Names, element_id: str, lang: str) -> str:
    name = names.elements.get(element_id, element_id)
    return names.in_english(name, element_id) if lang == "en" else name


def _label(names: Names, path: str, lang: str) -> str:
    words = names.fields.get(path) or FIELDS.get(path.rpartition(".")[2])
    if words is None:
        return path
    return words[0] if lang.startswith("zh") else words[1]
