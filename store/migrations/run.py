"""Run the migrations from wherever this package is installed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

_FOLDER = Path(__file__).parent
_LOCK = 0x68757A68656E67  # any number of ours: two nodes that start together take turns


def upgrade(engine: Engine, revision: str) -> None:
    """Bring the schema to `revision`, in one transaction; where it is there, nothing is locked.

    A node that starts beside others at work would have to wait for its turn to write, and SQLite
    gives turns to whoever asks at the right moment: it could wait longer than it is allowed to.
    """
    if current(engine) == (newest() if revision == "head" else revision):
        return
    with engine.connect() as connection:
        connection.begin()
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        command.upgrade(configuration(connection), revision)
        connection.commit()


def current(engine: Engine) -> str | None:
    with engine.connect().execution_options(read_only=True) as connection:
        revision: str | None = MigrationContext.configure(connection).get_current_revision()
        return revision


@lru_cache(maxsize=1)
def newest() -> str | None:
    """The revision that this code was written for."""
    return ScriptDirectory.from_config(_settings()).get_current_head()


def is_known(revision: str) -> bool:
    """Whether this code can bring a database of that revision to its own."""
    script = ScriptDirectory.from_config(_settings())
    return any(each.revision == revision for each in script.walk_revisions())


def configuration(connection: Connection) -> Config:
    """Alembic's settings, with the connection its environment shall use."""
    config = _settings()
    config.attributes["connection"] = connection
    return config


def _settings() -> Config:
    config = Config()
    # A per cent sign in the folder's name would be read as an interpolation.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
