"""An office whose cases are under clocks, on both databases, wired as the application is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database
from tests.support.clock import GivenClock
from tests.support.clocked import CLOCKED, LIMITS
from tests.support.office import Office
from tests.support.packages import write_package
from tests.support.wiring import wired


@pytest.fixture(autouse=True)
def wiring() -> Iterator[None]:
    with wired():
        yield


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """The folder of the test's own packages; CLOCKED is there."""
    root = tmp_path / "packages"
    write_package(root, "CLOCKED", CLOCKED, limits=LIMITS)
    return root


@pytest.fixture
def office(db: Database, clock: GivenClock, packages: Path) -> Office:
    """CLOCKED is deployed: three working days, a ladder, may be paused."""
    made = Office(db, clock, packages)
    made.deploy("CLOCKED")
    return made
