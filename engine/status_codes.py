"""The random code on a receipt, by which an applicant asks how the matter stands.

80 random bits as 16 characters of Crockford's base32, which has no I, L, O and U: whoever reads a
code aloud or types it from paper may take one for the other. The database finds it by a keyed hash;
the code itself lies sealed with the key of its case, so a lost receipt can be printed again, and a
shredded case has none.
"""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update

from engine import keys
from engine.actors import Actor
from engine.case_rows import load
from engine.history import Entry, append
from engine.permissions import demand, may_handle, may_print_receipt
from store.tables import cases

LENGTH = 16
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_HASHED_AS = "status_code"
_SEALED_AS = "cases.status_code"
_IGNORED = str.maketrans("", "", " -\u2010\u2011\u2013\u3000")
_TAKEN_FOR = str.maketrans("ILO", "110")


def new_code() -> str:
    """A fresh code: 16 characters, in groups of four only where people see it (`grouped`)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(code: str) -> str:
    """The code as it is printed: `7K2M-9QXA-03FD-ZT5W`. Both ways of writing are understood."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def columns(key: keys.CaseKey, code: str) -> dict[str, Any]:
    """What the row of a case stores of its code: the hash to find it by, and the code sealed."""
    return {
        "status_code_hash": keys.keyed_hash(_HASHED_AS, code),
        "status_code_sealed": key.seal(_SEALED_AS, code.encode()),
    }


def find(tx: Connection, typed: str) -> UUID | None:
    """The case whose receipt bears the code, in whatever office; None for anything else.

    The same two look-ups are made for every text of any length, so that neither the answer nor its
    time tells a code that was mistyped from one that was never given out.
    """
    plain = unicodedata.normalize("NFKC", typed[:80]).translate(_IGNORED).upper()
    # Codes of the first release came from the other base32, whose I, L and O are letters.
    hashes = [keys.keyed_hash(_HASHED_AS, each) for each in (plain.translate(_TAKEN_FOR), plain)]
    found: UUID | None = tx.scalar(_FIND, {"as_now": hashes[0], "as_before": hashes[1]})
    return found


def of_case(tx: Connection, case_id: UUID, actor: Actor) -> str | None:
    """The code of a case, for who may handle it: to print its receipt again.

    None where the case has none, or has one of the first release: only its hash was kept. Raises
    NotFound for a case of other offices, and for one that was shredded.
    """
    case = load(tx, case_id, actor, lock=False)
    demand(may_print_receipt(case.facts, actor))
    sealed = tx.scalar(_SEALED, {"case": case_id})
    return None if sealed is None else case.key.open(_SEALED_AS, sealed).decode()


def issue(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> str:
    """Give the case a new code; the former opens nothing from now on. For a receipt that was lost
    or seen by others, and for cases that have no code to print. The history says so, not the code.
    """
    case = load(tx, case_id, actor)
    demand(may_handle(case.facts, actor))
    code = new_code()
    tx.execute(update(cases).where(cases.c.id == case_id).values(**columns(case.key, code)))
    append(tx, Entry("status_code.issued", actor, now, case_id=case_id, office_id=case.office_id))
    return code


_FIND = select(cases.c.id).where(
    cases.c.status_code_hash.in_((bindparam("as_now"), bindparam("as_before")))
)
_SEALED = select(cases.c.status_code_sealed).where(cases.c.id == bindparam("case"))
