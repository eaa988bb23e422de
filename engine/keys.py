"""Sealing personal data at rest with the key of its case.

`app.py` gives the installation's keyring once with `use`. Every case has a data key of its own,
wrapped by a master key; deleting its row shreds the case's data everywhere, backups of the rows
included once they are older than the key's.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.errors import NotFound
from engine.keyring import DEMO, BadKey, CaseKey, Keyring, SealBroken, Wrapped
from store.prepared import Prepared
from store.tables import cases, data_keys

__all__ = [
    "DEMO",
    "BadKey",
    "CaseKey",
    "Keyring",
    "SealBroken",
    "Wrapped",
    "current",
    "keep_case_key",
    "keyed_hash",
    "new_case_key",
    "of_case",
    "open_for_office",
    "open_sealed",
    "seal",
    "seal_for_office",
    "use",
]

_keyring: Keyring | None = None


def use(keyring: Keyring) -> None:
    """Make this the keyring of the process."""
    global _keyring
    _keyring = keyring


def current() -> Keyring:
    if _keyring is None:
        raise BadKey("No keyring is in use; app.py gives one with keys.use(…)")
    return _keyring


def keyed_hash(purpose: str, text: str) -> str:
    """A hash to search by, see `Keyring.keyed_hash`."""
    return current().keyed_hash(purpose, text)


def new_case_key(tx: Connection, case_id: UUID, office_id: str, now: datetime) -> CaseKey:
    """Give a case its data key."""
    key, wrapped = current().new_case_key(str(case_id))
    keep_case_key(tx, case_id, office_id, wrapped, now)
    return key


def keep_case_key(
    tx: Connection, case_id: UUID, office_id: str, wrapped: Wrapped, now: datetime
) -> None:
    """Store the data key that was made for a case before the case had its row."""
    row = {
        "case_id": case_id,
        "office_id": office_id,
        "master_key_id": wrapped.master_key_id,
        "wrapped": wrapped.wrapped,
        "created_at": now,
    }
    _INSERT.run(tx, row)


def of_case(tx: Connection, case_id: UUID) -> CaseKey:
    """The data key of a case. NotFound if there is none, or it was shredded."""
    found = _SELECT.first(tx, {"case": case_id})
    if found is None:
        raise NotFound("case.no_key", f"Case {case_id} has no data key; its data was shredded")
    return current().unwrap(str(case_id), found.wrapped)


def seal(tx: Connection, case_id: UUID, table: str, plain: bytes, now: datetime) -> bytes:
    """Encrypt for a row of `table` that belongs to the case; the case gets a key if it has none."""
    found = _SELECT.first(tx, {"case": case_id})
    if found is None:
        office_id = tx.scalar(select(cases.c.office_id).where(cases.c.id == case_id))
        if office_id is None:
            raise NotFound("case.not_found", f"There is no case {case_id}")
        return new_case_key(tx, case_id, office_id, now).seal(table, plain)
    return current().unwrap(str(case_id), found.wrapped).seal(table, plain)


def open_sealed(tx: Connection, case_id: UUID, table: str, sealed: bytes) -> bytes:
    """Decrypt what `seal` sealed. Raises SealBroken; NotFound once the case was shredded."""
    return of_case(tx, case_id).open(table, sealed)


def seal_for_office(tx: Connection, office_id: str, table: str, plain: bytes) -> bytes:
    """Encrypt what belongs to an office and to no case."""
    return current().seal_for_office(office_id, table, plain)


def open_for_office(tx: Connection, office_id: str, table: str, sealed: bytes) -> bytes:
    return current().open_for_office(office_id, table, sealed)


_INSERT = Prepared(insert(data_keys))
_SELECT = Prepared(select(data_keys.c.wrapped).where(data_keys.c.case_id == bindparam("case")))
