"""One served demo office for the journeys on SQLite, and one on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.databases import PostgreSQL
from tests.support.http_driver import DemoOffice
from tests.support.served import Served


@pytest.fixture(scope="session")
def sqlite_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOffice]:
    folder = tmp_path_factory.mktemp("served")
    with open_office(folder, f"sqlite:///{folder / 'huzheng.db'}") as office:
        yield office


@pytest.fixture(scope="session")
def postgresql_office(
    postgresql_server: PostgreSQL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoOffice]:
    url = postgresql_server.create(empty=True)
    with open_office(tmp_path_factory.mktemp("served"), url) as office:
        yield office


@pytest.fixture
def office(sqlite_office: DemoOffice) -> DemoOffice:
    return sqlite_office


@contextmanager
def open_office(folder: Path, database_url: str) -> Iterator[DemoOffice]:
    served = Served(folder, database_url)
    try:
        served.found()
        served.start("sandbox", "web", "worker")
        yield DemoOffice(served)
    finally:
        served.stop()
    assert served.faults() == []
