"""What an applicant may read of their case with the receipt's code and one proof.

Nothing personal: number, office, matter, how it stands, which of the public steps it has come to,
until when the office has, and whether something is missing. Whoever gives a wrong code, a wrong
proof, or the code of a case that cannot be proved is answered alike.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from engine import deployments, status_codes
from engine.actors import system
from engine.case_rows import load
from engine.public_words import Text
from store.tables import cases, clocks, definitions, history, offices, user_tasks

PROOF_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Reached:
    """A public step of the matter; `state`: done, now, or ahead while the case goes on."""

    words: Text
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    """`due_at`: aware UTC, of the office's limit that ends first, None where none runs;
    `waits_for_papers`: the office has told what is missing and waits for the applicant; `steps`:
    only of matters whose package tells its progress."""

    number: str
    office_zh: str
    office_en: str
    title_zh: str
    title_en: str
    status: str
    filed_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    waits_for_papers: bool
    steps: tuple[Reached, ...] = ()


def standing(tx: Connection, code: str, proof: str) -> Standing | None:
    """The case of the receipt's `code`, if `proof` is the last four characters of the applicant's
    identity number, or of their telephone where the case has no such number (a petition needs
    none). None for everything else, whatever was wrong."""
    case_id = status_codes.find(tx, code)
    expected = "" if case_id is None else _last_of_number(tx, case_id)
    given = unicodedata.normalize("NFKC", proof[:20]).strip().upper()
    fits = hmac.compare_digest(given.encode(), expected.encode()) and len(expected) == PROOF_LENGTH
    return _standing(tx, case_id) if fits else None


def _last_of_number(tx: Connection, case_id: Any) -> str:
    office = tx.scalar(select(cases.c.office_id).where(cases.c.id == case_id))
    data = load(tx, case_id, system(str(office)), lock=False).data
    number = _text(data, "applicant", "id_number")
    if number is None:
        number = "".join(filter(str.isdigit, _text(data, "contact", "phone") or ""))
    return number[-PROOF_LENGTH:].upper()


def _text(data: Mapping[str, Any], group: str, name: str) -> str | None:
    found = data.get(group)
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) and value else None


def _standing(tx: Connection, case_id: Any) -> Standing:
    row = tx.execute(
        select(cases, definitions.c.title_zh, definitions.c.title_en, offices.c.name_zh)
        .add_columns(offices.c.name_en)
        .join(definitions, definitions.c.id == cases.c.definition_id)
        .join(offices, offices.c.id == cases.c.receiving_office_id)
        .where(cases.c.id == case_id)
    ).one()
    due = tx.scalar(
        select(func.min(clocks.c.due_at)).where(
            clocks.c.case_id == case_id,
            clocks.c.task_id.is_(None),
            clocks.c.status == "running",
            clocks.c.party == "office",
        )
    )
    waiting = tx.scalar(
        select(user_tasks.c.id)
        .where(
            user_tasks.c.case_id == case_id,
            user_tasks.c.wait.is_(True),
            user_tasks.c.status.in_(("unclaimed", "claimed")),
        )
        .limit(1)
    )
    return Standing(
        number=row.number,
        office_zh=row.name_zh,
        office_en=row.name_en,
        title_zh=row.title_zh,
        title_en=row.title_en,
        status=row.status,
        filed_at=row.filed_at,
        closed_at=row.closed_at,
        due_at=due,
        waits_for_papers=waiting is not None,
        steps=tuple(_reached(tx, case_id, row.definition_id, is_open=row.closed_at is None)),
    )


def _reached(
    tx: Connection, case_id: Any, definition_id: Any, *, is_open: bool
) -> Iterator[Reached]:
    """The public steps in their order; what a closed case never came to is left out."""
    public = deployments.definition(tx, definition_id).package.public
    if public is None or not public.progress:
        return
    places = [step.at for step in public.steps]
    counted = {(row.element_id, row.action): row.n for row in tx.execute(_turns(case_id, places))}
    for step in public.steps:
        begun, done = (counted.get((step.at, action), 0) for action in (_BEGUN, _DONE))
        if done >= max(begun, 1):
            yield Reached(step.words, "done")
        elif is_open:
            yield Reached(step.words, "now" if begun else "ahead")


def _turns(case_id: Any, places: Sequence[str]) -> Select[Any]:
    return (
        select(history.c.element_id, history.c.action, func.count().label("n"))
        .where(
            history.c.case_id == case_id,
            history.c.action.in_((_BEGUN, _DONE)),
            history.c.element_id.in_(places),
        )
        .group_by(history.c.element_id, history.c.action)
    )


_BEGUN, _DONE = "element.activated", "element.completed"
