"""Files as they were given, byte for byte, each stored once under the hash of its content."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from store.tables import artifacts


def hash_of(content: bytes) -> str:
    """SHA-256 in hexadecimal digits: what a file is known by."""
    return hashlib.sha256(content).hexdigest()


def keep(tx: Connection, files: Iterable[tuple[str, bytes]], now: datetime) -> None:
    """Store files (kind, content) that are not stored yet. Two who store one file both succeed."""
    by_hash = {hash_of(content): (kind, content) for kind, content in files}
    known = set(tx.scalars(select(artifacts.c.hash).where(artifacts.c.hash.in_(sorted(by_hash)))))
    rows = [
        {"hash": digest, "kind": kind, "content": content, "created_at": now}
        for digest, (kind, content) in sorted(by_hash.items())
        if digest not in known
    ]
    if not rows:
        return
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    tx.execute(dialect.insert(artifacts).on_conflict_do_nothing(), rows)


def load(tx: Connection, hashes: Collection[str]) -> Mapping[str, bytes]:
    """The contents by hash."""
    wanted = sorted(set(hashes))
    if not wanted:
        return {}
    rows = tx.execute(
        select(artifacts.c.hash, artifacts.c.content).where(artifacts.c.hash.in_(wanted))
    )
    return {row.hash: row.content for row in rows}
