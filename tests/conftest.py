"""What every test may ask for: real databases, the given clock.

`db` runs a test twice, on SQLite and on PostgreSQL. A test that says `db_url` opens it by itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from store.database import Database, open_database
from tests.support import databases
from tests.support.clock import GivenClock

# Speed is measured in bench/: on a shared machine a deadline judges the neighbours.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_configure() -> None:
    """Keep the files of tests in memory where there is room: thousands of them flush databases."""
    if folder := databases.memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow files first, so that no worker is left with one at the end; of those the journeys,
    whose served offices then go as soon as the last of them is done."""

    def turn(item: pytest.Item) -> int:
        return 2 - (any(item.iter_markers("slow")) + item.nodeid.startswith("tests/journeys/"))

    items.sort(key=turn)


@pytest.fixture
def clock() -> GivenClock:
    return GivenClock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return databases.sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[databases.PostgreSQL]:
    with databases.postgresql(databases.memory()) as server:
        yield server


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    return databases.sqlite_copy(sqlite_template, tmp_path)


@pytest.fixture
def postgresql_url(postgresql_server: databases.PostgreSQL) -> Iterator[str]:
    with postgresql_server.lent() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh database with the newest schema."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    """A fresh database with the newest schema; the test runs on SQLite and on PostgreSQL."""
    database = open_database(db_url)
    yield database
    database.close()
