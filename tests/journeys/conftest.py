"""One served demo office for the journeys on SQLite, and one on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.desks import PATIENT
from tests.support.browser import running_browser
from tests.support.databases import PostgreSQL
from tests.support.http_driver import DemoOffice
from tests.support.served import Served
from web import assets


@pytest.fixture(scope="package")
def sqlite_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOffice]:
    folder = tmp_path_factory.mktemp("served")
    with open_office(folder, f"sqlite:///{folder / 'huzheng.db'}") as office:
        yield office


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if assets.bundle("page.js") is None:
        pytest.skip("the browser parts are not built")
    with running_browser() as browser:
        yield browser


@pytest.fixture
def patience() -> Iterator[None]:
    """What a browser is waited for comes when a busy machine has time for it."""
    expect.set_options(timeout=PATIENT)
    yield
    expect.set_options(timeout=5_000)
