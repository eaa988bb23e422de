"""The house: furnished once for each database, copied for each test."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from engine import functions, keys
from engine.keyring import Keyring
from sla import functions as sla_functions
from store.database import open_database
from tests.api.house import House, furnish
from tests.support import databases
from tests.support.wiring import wired

_numbers = itertools.count(1)


@pytest.fixture(scope="module", autouse=True)
def wired_house() -> Iterator[None]:
    """Everything wired as the application wires it, for each module, whatever ran before it."""
    with wired():
        yield


@pytest.fixture(scope="session")
def furnished_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    url = databases.sqlite_copy(sqlite_template, folder)
    _furnish(url, folder)
    return Path(make_url(url).database or "")


@pytest.fixture(scope="session")
def furnished_postgresql(
    postgresql_server: databases.PostgreSQL,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    url = postgresql_server.create()
    _furnish(url, tmp_path_factory.mktemp("house"))
    return url


def _furnish(url: str, folder: Path) -> None:
    # Nothing is filed here, so only what diagrams call is wired, which lint asks for; unwiring
    # would undo the running test's.
    keys.use(Keyring.for_demo())
    for name, function in sla_functions.FUNCTIONS.items():
        functions.register(name, function)
    db = open_database(url)
    furnish(db, folder)
    db.close()


@pytest.fixture
def sqlite_house_url(furnished_sqlite: Path, tmp_path: Path) -> str:
    file = tmp_path / "house.db"
    shutil.copyfile(furnished_sqlite, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgresql_house_url(
    furnished_postgresql: str, postgresql_server: databases.PostgreSQL
) -> Iterator[str]:
    with copied(furnished_postgresql, postgresql_server) as url:
        yield url


@pytest.fixture(scope="module")
def module_house(
    furnished_postgresql: str, postgresql_server: databases.PostgreSQL
) -> Iterator[House]:
    """One house for a whole module, on PostgreSQL, which takes less than SQLite does."""
    with copied(furnished_postgresql, postgresql_server) as url:
        db = open_database(url)
        yield House(db)
        db.close()


@contextmanager
def copied(furnished: str, server: databases.PostgreSQL) -> Iterator[str]:
    name, template = f"house_{os.getpid()}_{next(_numbers)}", make_url(furnished).database
    server.command(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    yield server.url(name)
    server.drop(server.url(name))


@pytest.fixture
def house(sqlite_house_url: str) -> Iterator[House]:
    """The API over SQLite."""
    db = open_database(sqlite_house_url)
    yield House(db)
    db.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def either_house(request: pytest.FixtureRequest) -> Iterator[House]:
    """The API over SQLite, then over PostgreSQL: where the database has a say."""
    db = open_database(request.getfixturevalue(f"{request.param}_house_url"))
    yield House(db)
    db.close()
