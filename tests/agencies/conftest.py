"""An office whose cases tell and ask agencies, on both databases, wired as the application is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database
from tests.support.agencies import RecordingTransport
from tests.support.clock import GivenClock
from tests.support.notifying import ALL
from tests.support.office import Office
from tests.support.packages import write_package
from tests.support.wiring import wired


@pytest.fixture
def wiring() -> Iterator[None]:
    with wired():
        yield


@pytest.fixture
def transport() -> RecordingTransport:
    return RecordingTransport()


@pytest.fixture
def office(
    db: Database,
    clock: GivenClock,
    tmp_path: Path,
    wiring: None,
    transport: RecordingTransport,
) -> Office:
    for package_id, xml in ALL.items():
        write_package(tmp_path / "packages", package_id, xml)
    made = Office(db, clock, tmp_path / "packages")
    for package_id in ALL:
        made.deploy(package_id)
    made.transport = transport
    return made
