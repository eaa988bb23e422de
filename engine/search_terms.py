"""By which words a case is found: keyed hashes of parts of names, of ID numbers, of birth dates.

A name is kept as its neighbouring characters (王小明: 王小, 小明; words in Latin letters by three),
so that a part of it finds the case. Every hash is made with the search key and the office, and of
each only 64 bits are stored: without the key a term says nothing, and terms of two offices cannot
be compared. What they still give away is how often each occurs (ADR 9). Only the person whose
matter it is and the applicant are kept; birth dates also of a child that is registered.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert

from engine import keys
from engine.form_options import value_at
from engine.identity_numbers import canonical
from engine.manifests import Manifest
from store.prepared import Prepared
from store.tables import case_terms

NAME, ID_NUMBER, BIRTH_DATE = "name", "id_number", "birth_date"
SHORTEST = 2  # characters of a name one can look for; a surname alone would list half the office
_LATIN = 3
_APPLICANT = "data.applicant"
_BORN = ("birth_date",)
_NEWBORN = "data.child.birth_date"
_DROPPED = re.compile(r"[\s·‧・.\-'’,，]+")


def name_parts(name: str) -> frozenset[str]:
    """The parts a name is kept by, and looked for by; none for a name that is too short."""
    found: set[str] = set()
    for word in _DROPPED.split(unicodedata.normalize("NFKC", name).casefold()):
        size = _LATIN if word.isascii() else SHORTEST
        found |= {word[at : at + size] for at in range(len(word) - size + 1)}
        if word.isascii() and 0 < len(word) < size:
            found.add(word)
    return frozenset(found)


def term(office_id: str, kind: str, text: str) -> int:
    """One search term as it is stored: 64 bits, signed."""
    digest = keys.keyed_hash(f"term/{office_id}/{kind}", text)
    return int.from_bytes(bytes.fromhex(digest[:16]), signed=True)


def terms_for_name(office_id: str, name: str) -> list[int]:
    """All of these a case must have."""
    return sorted(term(office_id, NAME, part) for part in name_parts(name))


def term_for_number(office_id: str, number: str) -> int:
    return term(office_id, ID_NUMBER, canonical(number))


def term_for_birth(office_id: str, day: dt.date) -> int:
    return term(office_id, BIRTH_DATE, day.isoformat())


def terms_of(office_id: str, package: Manifest, data: Mapping[str, Any]) -> frozenset[int]:
    """Every term of a case with this personal data."""
    context = {"data": data}
    found: set[int] = set()
    for path in {package.subject_name, f"{_APPLICANT}.name"}:
        name = value_at(context, path)
        if isinstance(name, str):
            found |= set(terms_for_name(office_id, name))
    for path in {package.subject_number, f"{_APPLICANT}.id_number"}:
        number = value_at(context, path)
        if isinstance(number, str) and number.strip():
            found.add(term_for_number(office_id, number))
    found |= {term_for_birth(office_id, day) for day in _birth_dates(package, context)}
    return frozenset(found)


def keep(tx: Connection, office_id: str, case_id: UUID, terms: Iterable[int]) -> None:
    """Keep the terms of a case that has none yet."""
    rows = [{"office_id": office_id, "term": each, "case_id": case_id} for each in sorted(terms)]
    if rows:
        _ADD.run_many(tx, rows)


def replace(tx: Connection, office_id: str, case_id: UUID, terms: Iterable[int]) -> None:
    """Keep these terms instead of those kept before: data were corrected, or the office changed."""
    forget(tx, case_id)
    keep(tx, office_id, case_id, terms)


def forget(tx: Connection, case_id: UUID) -> None:
    """Drop the terms of a case; part of shredding its data."""
    tx.execute(_FORGET, {"case": case_id})


def _birth_dates(package: Manifest, context: Mapping[str, Any]) -> Iterable[dt.date]:
    places = {package.subject_name.rpartition(".")[0], _APPLICANT}
    for path in {_NEWBORN, *(f"{place}.{name}" for place in places for name in _BORN)}:
        day = value_at(context, path)
        if isinstance(day, str) and len(day) == 10:
            try:
                day = dt.date.fromisoformat(day)
            except ValueError:
                continue
        if isinstance(day, dt.date):
            yield day


_ADD = Prepared(insert(case_terms))
_FORGET = delete(case_terms).where(case_terms.c.case_id == bindparam("case"))
