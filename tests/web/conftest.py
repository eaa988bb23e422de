"""The demo office with the real process packages, furnished once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, make_url

import app as application
from engine import deployments, events, functions, keys, operations
from engine.keyring import Keyring
from engine.packages import load_library
from store.database import open_database
from store.tables import installation
from tests.support import databases
from tests.support.clock import GivenClock
from tests.web.house import ANALYST, LIBRARY, PACKAGES, House
from tests.web.visitor import Visitor
from web.demo_office.office import found_office


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    """Everything wired as the application wires it, for each test, whatever ran before it."""
    _wire()
    yield
    _forget()


def _wire() -> None:
    _forget()
    keys.use(Keyring.for_demo())
    application.wire()


def _forget() -> None:
    events.forget_listeners()
    operations.forget_handlers()
    functions.forget_registered()


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the office, its people and the processes; no case yet."""
    _wire()
    url = databases.sqlite_copy(sqlite_template, tmp_path_factory.mktemp("office"))
    db = open_database(url)
    now = GivenClock().now()
    library = load_library(LIBRARY)
    with db.transaction() as tx:
        tx.execute(insert(installation).values(id=1, mode="demo", created_at=now))
        people = found_office(tx, now)
        for package_id in PACKAGES:
            deployments.deploy(tx, library, package_id, people["analyst.luo"], now)
    db.close()
    return Path(make_url(url).database or "")


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    file = tmp_path / "office.db"
    shutil.copyfile(furnished, file)
    db = open_database(f"sqlite:///{file}")
    yield House(db)
    db.close()


@pytest.fixture
def analyst(house: House) -> Visitor:
    """An analyst with a draft of the move process open."""
    return house.sign_in(ANALYST).open("/definitions/P08").press("開始編修")
