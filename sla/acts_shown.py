"""The acts in a clock's ledger as a page shows them: pauses, transfers, extension and letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from sla.acts import GROUND_WORDS, PauseGround
from sla.ledger import Entry
from sla.settings import Transfer
from sla.wording import UNIT_WORDS
from store.tables import notices


@dataclass(frozen=True, slots=True)
class PauseShown:
    """A pause: the day of the act that stopped the clock, the day of the one that ended it (None:
    it goes on), and its legal ground in both languages."""

    since: date
    until: date | None
    ground: tuple[str, str]


@dataclass(frozen=True, slots=True)
class LetterShown:
    """The letter of an extension and its service. `is_late`: it was served after the first period
    had ended, or was not yet although that is over (APA 51(4))."""

    id: UUID
    number: str
    issued_at: datetime
    served_on: date | None
    proof: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class ExtensionShown:
    """The one extension: how much, in words, and the day the applicant was told. `letter` is None
    for one made before letters were written."""

    length: tuple[str, str]
    told_on: date
    reason: str
    letter: LetterShown | None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The case went to another office on a day, and the period went on or began anew."""

    on: date
    to: tuple[str, str]
    restarts: bool


def pauses(entries: Sequence[Entry]) -> tuple[PauseShown, ...]:
    """Each pause of a ledger, in order; one that goes on ends with the clock."""
    found: list[PauseShown] = []
    opened: Entry | None = None
    for entry in entries:
        if entry.kind == "pause" and opened is None:
            opened = entry
        elif entry.kind in ("resume", "stop") and opened is not None:
            found.append(_pause(opened, entry.on_day))
            opened = None
    if opened is not None:
        found.append(_pause(opened, None))
    return tuple(found)


def _pause(opened: Entry, until: date | None) -> PauseShown:
    ground = PauseGround(opened.ground or PauseGround.NO_FAULT)
    return PauseShown(opened.on_day, until, GROUND_WORDS[ground])


def handed_over(entries: Sequence[Entry]) -> tuple[HandedOver, ...]:
    """The transfers of a ledger, in order."""
    return tuple(
        HandedOver(
            entry.on_day,
            (entry.detail["to_zh"], entry.detail["to_en"]),
            entry.detail["policy"] == Transfer.RESTARTS,
        )
        for entry in entries
        if entry.kind == "transfer"
    )


def letters_of(tx: Connection, ledgers: Mapping[UUID, Sequence[Entry]]) -> Mapping[str, Any]:
    """The letters that the entries name, by id."""
    entries = (entry for each in ledgers.values() for entry in each)
    named = [UUID(entry.detail["letter"]) for entry in entries if "letter" in entry.detail]
    if not named:
        return {}
    found = tx.execute(
        select(
            notices.c.id,
            notices.c.number,
            notices.c.issued_at,
            notices.c.served_on,
            notices.c.proof,
        ).where(notices.c.id.in_(named))
    )
    return {str(row.id): row for row in found}


def extension_of(
    entries: Sequence[Entry], letters: Mapping[str, Any], today: date
) -> ExtensionShown | None:
    """The one extension, with its letter of `letters_of`, as it stands `today` (a Taipei date)."""
    for entry in entries:
        if entry.kind == "extend":
            length = int(entry.detail["length"])
            zh, en = UNIT_WORDS[entry.detail["unit"]]
            words = f"{length} {zh}", f"{length} {en}{'' if length == 1 else 's'}"
            reason = str(entry.detail.get("reason", ""))
            return ExtensionShown(words, entry.on_day, reason, _letter(entry, letters, today))
    return None


def _letter(entry: Entry, letters: Mapping[str, Any], today: date) -> LetterShown | None:
    row = letters.get(str(entry.detail.get("letter", "")))
    if row is None:
        return None
    end = entry.detail.get("first_end")
    served = row.served_on or today
    is_late = end is not None and served > date.fromisoformat(end)
    return LetterShown(row.id, row.number, row.issued_at, row.served_on, row.proof or "", is_late)
