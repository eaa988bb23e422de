"""Seals the history into a chain of blocks per office, so that later changes can be found.

A row's hash covers all its columns; a block's hash covers its rows' hashes in the order of their
ids and the hash of the block before. Nobody waits for a seal: rows are sealed after they commit.

Rows may commit late with a lower id than one already sealed (another connection drew its number
first). They are sealed as soon as they are seen, if they are no older than `LATEST`. An older row
among sealed ones is not late but put there: it stays unsealed and `verify` reports it.

A chain proves nothing about its end: whoever can write to the database can cut the last blocks
off, or compute everything anew. Keep `anchors` outside the system and give them to `verify`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import Connection, bindparam, exists, func, insert, or_, select, text

from store.column_types import plainly
from store.prepared import Prepared
from store.tables import history, history_blocks, history_seals

if TYPE_CHECKING:
    from store.database import Database

FIRST_PREVIOUS = "0" * 64
LATEST = timedelta(minutes=10)  # no transaction stays open longer
LATE_WINDOW = 20_000  # ids below the highest sealed one in which late rows are looked for
ROWS_AT_ONCE = 2_000
_SEALER_LOCK = 0x68755A_5EA1  # PostgreSQL advisory lock: one sealer at a time

_COLUMNS = tuple(str(column.name) for column in history.columns)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of an office's chain at some moment, to be kept outside the system."""

    office_id: str
    number: int
    hash: str


def row_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over canonical JSON of all columns of a history row, read `plainly`."""
    return _sha256({name: row[name] for name in _COLUMNS})


def block_hash(office_id: str, number: int, previous: str, row_hashes: Sequence[str]) -> str:
    """SHA-256 over the block's place in the chain and the hashes of its rows, in order of ids."""
    return _sha256(
        {"office_id": office_id, "number": number, "previous": previous, "rows": row_hashes}
    )


def _sha256(document: Any) -> str:
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()


def seal_next(db: Database, now: datetime) -> bool:
    """Seal what is committed and not yet sealed, one block per office; False if there was none."""
    # Read and hashed before anything is locked: what is in the history does not change.
    with db.transaction(read_only=True) as tx:
        found = _unsealed(tx, now)
    if not found:
        return False
    with db.transaction() as tx:
        return _seal(tx, found, now)


def seal(tx: Connection, now: datetime) -> bool:
    """As `seal_next`, in a transaction of the caller's."""
    found = _unsealed(tx, now)
    return bool(found) and _seal(tx, found, now)


class _Row(NamedTuple):
    """A row of the history that waits for its seal."""

    office_id: str
    id: int
    hash: str


def _unsealed(tx: Connection, now: datetime) -> list[_Row]:
    highest = highest_sealed(tx)
    places = {"highest": highest, "window": highest - LATE_WINDOW, "latest": now - LATEST}
    rows = _UNSEALED.all(tx, places)
    return sorted(_Row(row.office_id, row.id, row_hash(row._asdict())) for row in rows)


def _seal(tx: Connection, found: Sequence[_Row], now: datetime) -> bool:
    if not _is_only_sealer(tx):
        return False
    ids = [row.id for row in found]
    sealed = {row.history_id for row in _SEALED.all(tx, {"first": min(ids), "last": max(ids)})}
    waiting = (row for row in found if row.id not in sealed)
    for office_id, of_office in groupby(waiting, key=attrgetter("office_id")):
        _add_block(tx, office_id, list(of_office), now)
    return True


def _is_only_sealer(tx: Connection) -> bool:
    if tx.dialect.name != "postgresql":
        return True  # SQLite has one writer
    lock = text("SELECT pg_try_advisory_xact_lock(:key)")
    return bool(tx.execute(lock, {"key": _SEALER_LOCK}).scalar_one())


_UNSEALED = Prepared(
    select(*plainly(history))
    .where(
        history.c.id > bindparam("window"),
        or_(history.c.id > bindparam("highest"), history.c.at > bindparam("latest")),
        ~exists().where(history_seals.c.history_id == history.c.id),
    )
    .order_by(history.c.id)
    .limit(ROWS_AT_ONCE)
)
_SEALED = Prepared(
    select(history_seals.c.history_id).where(
        history_seals.c.history_id.between(bindparam("first"), bindparam("last"))
    )
)


def highest_sealed(tx: Connection) -> int:
    return tx.execute(select(func.max(history_seals.c.history_id))).scalar_one() or 0


def _add_block(tx: Connection, office_id: str, rows: Sequence[_Row], now: datetime) -> None:
    head = _head(tx, office_id)
    number, previous = (head.number + 1, head.hash) if head else (1, FIRST_PREVIOUS)
    hashes = [row.hash for row in rows]
    tx.execute(
        insert(history_blocks).values(
            office_id=office_id,
            number=number,
            rows=len(rows),
            previous_hash=previous,
            hash=block_hash(office_id, number, previous, hashes),
            sealed_at=now,
        )
    )
    seals = [
        {"history_id": row.id, "office_id": office_id, "block": number, "row_hash": row.hash}
        for row in rows
    ]
    _SEAL.run_many(tx, seals)


_SEAL = Prepared(insert(history_seals))


def _head(tx: Connection, office_id: str) -> Anchor | None:
    head = tx.execute(
        select(history_blocks.c.number, history_blocks.c.hash)
        .where(history_blocks.c.office_id == office_id)
        .order_by(history_blocks.c.number.desc())
        .limit(1)
    ).first()
    return None if head is None else Anchor(office_id, head.number, head.hash)


def anchors(tx: Connection) -> list[Anchor]:
    """The heads of all chains now: what to keep outside."""
    offices = tx.execute(select(history_blocks.c.office_id).distinct()).scalars().all()
    return [head for office in sorted(offices) if (head := _head(tx, office)) is not None]
