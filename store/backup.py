"""A whole database in a file, and back: SQLite's online backup, PostgreSQL's dump. No meaning.

Nobody waits for a copy to be made: SQLite copies under one read transaction (the write-ahead log
takes the writers meanwhile), PostgreSQL dumps one exported snapshot. What a caller wants to know
of the copy (`read`) is read from that very state.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from store import dumping
from store.dumping import KEPT_ASIDE, BackupFailed

__all__ = [
    "KEPT_ASIDE",
    "BackupFailed",
    "is_empty",
    "kind_of",
    "load",
    "move_away",
    "put_back",
    "save",
    "scratch",
    "size",
]

Result = TypeVar("Result")
KINDS = {"sqlite": "sqlite", "postgresql": "postgresql", "postgres": "postgresql"}


def kind_of(url: str) -> str:
    """`sqlite` or `postgresql`. Raises BackupFailed for anything else."""
    name = make_url(url).get_backend_name()
    if name not in KINDS:
        raise BackupFailed(f"DATABASE_URL names {name}; backups are made of sqlite or postgresql")
    return KINDS[name]


def save(url: str, file: Path, read: Callable[[Connection], Result]) -> Result:
    """Copy the database at `url` to `file`, while others go on writing, and `read` the copy."""
    if kind_of(url) == "sqlite":
        _copy_sqlite(_path(url), file)
        with _apart(f"sqlite:///file:{file}?mode=ro&immutable=1&uri=true") as tx:
            return read(tx)
    with _apart(url) as tx:
        tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        snapshot = tx.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        dumping.dump(make_url(url), file, snapshot, _server_version(tx))
        return read(tx)


def load(url: str, file: Path) -> None:
    """Put the copy into the empty database at `url`."""
    if kind_of(url) == "sqlite":
        target = _path(url)
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy_sqlite(file, target)
        return
    with _apart(url) as tx:
        version = _server_version(tx)
    dumping.restore(make_url(url), file, version)


def is_empty(url: str) -> bool:
    """Whether nothing of ours, nor of anybody, lies at `url`."""
    if kind_of(url) == "sqlite" and not (_path(url).exists() and _path(url).stat().st_size):
        return True
    with _apart(url) as tx:
        return not sqlalchemy.inspect(tx).get_table_names()


def move_away(url: str, label: str) -> str:
    """Set aside what lies at `url`, so that the copy may take its place. Says where it is now."""
    if kind_of(url) == "sqlite":
        path = _path(url)
        with closing(sqlite3.connect(path)) as connection:
            # Nothing may stay behind in the write-ahead log of a file that gets another name.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        kept = path.with_name(f"{path.name}.{label}")
        path.rename(kept)
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        return str(kept)
    with _apart(url) as tx:
        tx.execute(text(f'ALTER SCHEMA public RENAME TO "{label}"'))
        tx.execute(text("CREATE SCHEMA public"))
        tx.commit()
    return f"the schema {label}"


def put_back(url: str, label: str) -> None:
    """Undo `move_away`: the copy could not take its place."""
    if kind_of(url) == "sqlite":
        path = _path(url)
        path.with_name(f"{path.name}.{label}").replace(path)
        return
    with _apart(url) as tx:
        tx.execute(text("DROP SCHEMA public CASCADE"))
        tx.execute(text(f'ALTER SCHEMA "{label}" RENAME TO public'))
        tx.commit()


@contextmanager
def scratch(url: str, folder: Path, kind: str) -> Iterator[str]:
    """The URL of an empty database for a trial, gone afterwards.

    A file in `folder`, or a database of its own on the server of `url`. Raises BackupFailed where
    there is no server, or our account may not create a database.
    """
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'trial.db'}"
        return
    if kind_of(url) != kind:
        raise BackupFailed(
            "The backup is one of PostgreSQL, and DATABASE_URL names none; set it to a server "
            "where a trial database may be made"
        )
    name = f"huzheng_trial_{secrets.token_hex(6)}"
    _on_server(url, f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        _on_server(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def size(tx: Connection) -> int:
    """Bytes the database takes on the disk."""
    if tx.dialect.name == "postgresql":
        return int(tx.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
    return int(pages) * int(tx.exec_driver_sql("PRAGMA page_size").scalar_one())


@contextmanager
def _apart(url: str) -> Iterator[Connection]:
    """A connection without our deadlines: a copy takes as long as it takes."""
    engine = _engine(make_url(url))
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise BackupFailed(f"The database refused: {getattr(error, 'orig', error)}") from error
    finally:
        engine.dispose()


def _engine(url: URL) -> Engine:
    driver = "sqlite+pysqlite" if url.get_backend_name() == "sqlite" else "postgresql+psycopg"
    return sqlalchemy.create_engine(url.set(drivername=driver), poolclass=NullPool)


def _on_server(url: str, command: str) -> None:
    engine = _engine(make_url(url)).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(command))
    except SQLAlchemyError as error:
        raise BackupFailed(
            f"No trial database could be made on the server: {getattr(error, 'orig', error)}. Give "
            "the account of DATABASE_URL the right CREATEDB, or name another server"
        ) from error
    finally:
        engine.dispose()


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise BackupFailed(f"There is no database at {source}")
    target.touch(mode=0o600)
    address = f"file:{source}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=30)) as old,
        closing(sqlite3.connect(target, timeout=30)) as new,
    ):
        old.backup(new, pages=-1)  # in one step: one state, whatever is written meanwhile


def _path(url: str) -> Path:
    return Path(make_url(url).database or "")


def _server_version(tx: Connection) -> int:
    told: Any = tx.execute(text("SHOW server_version_num")).scalar_one()
    return int(told) // 10_000
