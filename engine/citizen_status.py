"""What an applicant may read of their case with the receipt's code and one proof.

Nothing personal: number, office, matter, how it stands, until when the office has, and whether
something is missing. Whoever gives a wrong code, a wrong proof, or the code of a case that cannot
be proved is answered alike.
"""

from __future__ import annotations

import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from engine import status_codes
from engine.actors import system
from engine.case_rows import load
from store.tables import cases, clocks, definitions, offices, user_tasks

PROOF_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """`due_at`: aware UTC, of the processing limit, None where none runs; `waits_for_papers`: the
    office has told what is missing and waits for the applicant."""

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


def standing(tx: Connection, code: str, proof: str) -> Standing | None:
    """The case of the receipt's `code`, if `proof` is the last four characters of the applicant's
    identity number. None for everything else, whatever was wrong."""
    case_id = status_codes.find(tx, code)
    expected = "" if case_id is None else _last_of_number(tx, case_id)
    given = unicodedata.normalize("NFKC", proof[:20]).strip().upper()
    fits = hmac.compare_digest(given.encode(), expected.encode()) and len(expected) == PROOF_LENGTH
    return _standing(tx, case_id) if fits else None


def _last_of_number(tx: Connection, case_id: Any) -> str:
    office = tx.scalar(select(cases.c.office_id).where(cases.c.id == case_id))
    applicant = load(tx, case_id, system(str(office)), lock=False).data.get("applicant")
    number = applicant.get("id_number") if isinstance(applicant, dict) else None
    return number[-PROOF_LENGTH:].upper() if isinstance(number, str) else ""


def _standing(tx: Connection, case_id: Any) -> Standing:
    row = tx.execute(
        select(cases, definitions.c.title_zh, definitions.c.title_en, offices.c.name_zh)
        .add_columns(offices.c.name_en)
        .join(definitions, definitions.c.id == cases.c.definition_id)
        .join(offices, offices.c.id == cases.c.receiving_office_id)
        .where(cases.c.id == case_id)
    ).one()
    due = tx.scalar(
        select(func.max(clocks.c.due_at)).where(
            clocks.c.case_id == case_id, clocks.c.task_id.is_(None), clocks.c.status == "running"
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
    )
