"""The shares of a year become one database: the rows of the office and of each share, once."""

# ruff: noqa: S608 — the statements are put together from the names of our own tables

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Table,
    UniqueConstraint,
    bindparam,
    func,
    select,
    text,
    update,
)

from store import tables
from store.database import Database

KEPT = frozenset({"installation", "workers"})
"""What says which database this is, and who is at work on it, is not carried anywhere."""
SERIALS = (tables.case_numbers, tables.notice_numbers)
AT_ONCE = 2_000


def merge(base: Path, shares: Sequence[Path], into: Path) -> None:
    """Put the rows of the office (`base`) and of its `shares` into the SQLite file `into`, which
    has the newest schema and no office.

    A row of a share that is in the office's already is the same row. The history is one sequence:
    each share's in its own order, and all by time.
    """
    with closing(sqlite3.connect(into, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        names = ["base", *(f"share{number}" for number in range(len(shares)))]
        for name, file in zip(names, [base, *shares], strict=True):
            connection.execute(f"ATTACH ? AS {name}", (f"{file}",))
        connection.execute("BEGIN IMMEDIATE")
        for table in tables.metadata.sorted_tables:
            if table is tables.history:
                _histories(connection, names)
            elif table in SERIALS:
                _serials(connection, table, names)
            elif table.name not in KEPT:
                _rows(connection, table, names)
        if broken := connection.execute("PRAGMA main.foreign_key_check").fetchmany(5):
            raise RuntimeError(f"Rows of the year belong to nothing: {broken}")
        connection.execute("COMMIT")


def _rows(connection: sqlite3.Connection, table: Table, names: Sequence[str]) -> None:
    columns = _listed(table.c.keys())
    key = _listed(_key(table))
    for name in names:
        connection.execute(
            f'INSERT INTO main."{table.name}" ({columns}) SELECT {columns}'
            f' FROM {name}."{table.name}" WHERE true ON CONFLICT ({key}) DO NOTHING'
        )


def _key(table: Table) -> list[str]:
    """What a row is known by: its primary key, or what may be there only once."""
    if table.primary_key.columns:
        return list(table.primary_key.columns.keys())
    unique = (each for each in table.constraints if isinstance(each, UniqueConstraint))
    return list(next(unique).columns.keys())


def _serials(connection: sqlite3.Connection, table: Table, names: Sequence[str]) -> None:
    every = " UNION ALL ".join(f"SELECT * FROM {name}.{table.name}" for name in names)
    connection.execute(
        f"INSERT INTO main.{table.name} (office_id, year, last)"
        f" SELECT office_id, year, max(last) FROM ({every}) GROUP BY office_id, year"
    )


def _histories(connection: sqlite3.Connection, names: Sequence[str]) -> None:
    founded = connection.execute("SELECT coalesce(max(id), 0) FROM base.history").fetchone()[0]
    columns = _listed([column.name for column in tables.history.c if column.name != "id"])
    # A line may be of an earlier moment than the one before it; its share's order goes first.
    parts = " UNION ALL ".join(
        f"SELECT {number} AS part, max(at) OVER (ORDER BY id) AS reached, id AS line, {columns}"
        f" FROM {name}.history WHERE id > {founded if number else 0}"
        for number, name in enumerate(names)
    )
    connection.execute(
        f"INSERT INTO main.history ({columns})"
        f" SELECT {columns} FROM ({parts}) ORDER BY part > 0, reached, part, line"
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def carry(merged: Database, into: Database) -> None:
    """Copy every row of `merged` into another, empty database, such as one of PostgreSQL."""
    with _unhurried(merged) as source, _unhurried(into) as target:
        for table in tables.metadata.sorted_tables:
            if table.name in KEPT:
                continue
            _carry_table(source, target, table)
            if into.is_postgresql and "id" in table.primary_key.columns:
                _number_on(target, table)
        target.commit()


def _carry_table(source: Connection, target: Connection, table: Table) -> None:
    """A row may point at another of its own table that comes later, such as an office at its city:
    those columns are filled in once all rows are there."""
    key = table.primary_key.columns
    own = [each for each in table.c if any(each.references(other) for other in table.c)]
    rows = source.execute(select(table).order_by(*key)).mappings()
    pointing: list[dict[str, Any]] = []
    while batch := [dict(row) for row in islice(rows, AT_ONCE)]:
        for row in batch:
            held = {each.name: row[each.name] for each in own}
            if any(value is not None for value in held.values()):
                known = {f"key_{each.name}": row[each.name] for each in key}
                pointing.append({**known, **{f"to_{name}": held[name] for name in held}})
                row.update(dict.fromkeys(held))
        target.execute(table.insert(), batch)
    if pointing:
        pointed = update(table).where(*(each == bindparam(f"key_{each.name}") for each in key))
        target.execute(
            pointed.values({each: bindparam(f"to_{each.name}") for each in own}), pointing
        )


def _number_on(tx: Connection, table: Table) -> None:
    """The next row of the table gets the number after the last."""
    column = table.primary_key.columns["id"]
    last = tx.scalar(select(func.max(column))) if isinstance(column.type, BigInteger) else None
    if last is not None:
        sequence = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
        tx.execute(sequence, {"name": table.name, "last": last})


@contextmanager
def _unhurried(db: Database) -> Iterator[Connection]:
    """A connection for longer than a transaction of the product may take. Nobody else writes."""
    with db.engine.connect() as connection:
        yield connection
