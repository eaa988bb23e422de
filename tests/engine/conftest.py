"""The driver, on both databases, with nothing wired but what a test wires."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import events, functions, keys, operations
from engine.keyring import Keyring
from store.database import Database
from tests.support.clock import GivenClock
from tests.support.driver import CaseDriver
from tests.support.packages import REVIEW, write_package


@pytest.fixture(autouse=True)
def unwired() -> Iterator[None]:
    """Demo keys; no listeners, handlers or functions from above, before and after."""
    keys.use(Keyring.for_demo())
    for forget in (
        events.forget_listeners,
        operations.forget_handlers,
        functions.forget_registered,
    ):
        forget()
    yield
    events.forget_listeners()
    operations.forget_handlers()
    functions.forget_registered()


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """The folder of the test's own packages; REVIEW is there."""
    root = tmp_path / "packages"
    write_package(root, "REVIEW", REVIEW)
    return root


@pytest.fixture
def driver(db: Database, clock: GivenClock, packages: Path) -> CaseDriver:
    return CaseDriver(db, clock, packages)
