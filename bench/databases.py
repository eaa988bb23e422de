"""Scratch databases: fresh copies of a prepared one, and a bare driver without any layer."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from store import postgresql as postgresql_settings
from tests.support.databases import PostgreSQL, postgresql

_numbers = itertools.count(1)
SQLITE, POSTGRESQL = "sqlite", "postgresql"


class Bare:
    """One connection of the raw driver, with the settings the system itself uses.

    SQLite: WAL, synchronous=FULL, BEGIN IMMEDIATE. PostgreSQL: read committed, synchronous commit.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == SQLITE
        self.kind = SQLITE if self.is_sqlite else POSTGRESQL
        self._file = Path(str(parsed.database)) if self.is_sqlite else None
        self.connection: Any = self._sqlite() if self.is_sqlite else self._postgresql(url)
        self.cursor = self.connection.cursor()
        self._start = 0.0
        self._start = self.size()

    def _sqlite(self) -> sqlite3.Connection:
        connection = sqlite3.connect(str(self._file), isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        for setting in ("synchronous = FULL", "foreign_keys = ON", "cache_size = -16000"):
            connection.execute(f"PRAGMA {setting}")
        return connection

    def _postgresql(self, url: str) -> psycopg.Connection[Any]:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, options=postgresql_settings.OPTIONS)

    def begin(self) -> None:
        if self.is_sqlite:
            self.cursor.execute("BEGIN IMMEDIATE")

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        text = statement if self.is_sqlite else statement.replace("?", "%s")
        self.cursor.execute(text, parameters)
        return self.cursor.fetchall() if self.cursor.description else []

    def look(self, statement: str, parameters: Sequence[Any]) -> Any:
        """One value, read in a transaction of its own."""
        value = self.execute(statement, parameters)[0][0]
        if not self.is_sqlite:
            self.connection.rollback()
        return value

    def commit(self) -> None:
        self.connection.commit()

    def size(self) -> float:
        """Bytes in use beyond those at the beginning."""
        if self.is_sqlite:
            pages = int(self.look("SELECT page_count FROM pragma_page_count", ()))
            free = int(self.look("SELECT freelist_count FROM pragma_freelist_count", ()))
            return (pages - free) * 4096.0 - self._start
        return float(self.look("SELECT pg_database_size(current_database())", ())) - self._start

    def close(self) -> None:
        self.connection.close()


class Scratch:
    """Where databases are made and thrown away: a folder, and a PostgreSQL server."""

    def __init__(self, folder: Path, server: PostgreSQL | None) -> None:
        self._folder, self._server = folder, server
        self.stores = (SQLITE,) if server is None else (SQLITE, POSTGRESQL)

    def empty(self, store: str) -> str:
        """The URL of a new empty database."""
        if store == SQLITE:
            return f"sqlite:///{self._folder / f'{next(_numbers)}.db'}"
        return self._demand_server().create(empty=True)

    def copy(self, url: str) -> str:
        """The URL of a copy of a database that nobody has open."""
        parsed = make_url(url)
        if parsed.get_backend_name() == SQLITE:
            to = self._folder / f"{next(_numbers)}.db"
            shutil.copyfile(str(parsed.database), to)
            return f"sqlite:///{to}"
        server, name = self._demand_server(), f"copy_{next(_numbers)}"
        server.command(f'CREATE DATABASE "{name}" TEMPLATE "{parsed.database}" STRATEGY FILE_COPY')
        return server.url(name)

    def drop(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() == SQLITE:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{parsed.database}{suffix}").unlink(missing_ok=True)
        else:
            self._demand_server().drop(url)

    def _demand_server(self) -> PostgreSQL:
        if self._server is None:
            raise SystemExit("PostgreSQL was left out with --store sqlite")
        return self._server


@contextmanager
def scratch(*, with_postgresql: bool) -> Iterator[Scratch]:
    """Make a place for databases; everything in it is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="huzheng-bench-") as folder:
        if not with_postgresql:
            yield Scratch(Path(folder), None)
            return
        with postgresql() as server:
            yield Scratch(Path(folder), server)
