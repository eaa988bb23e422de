"""An installation with its own keys, an empty place to restore into, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from engine import keys
from engine.keyring import Keyring
from store.database import Database
from store.tables import installation
from tests.support.agencies import RecordingTransport
from tests.support.clock import GivenClock
from tests.support.office import Office
from tests.support.packages import diagram, flows, service_task, user_task, write_package
from tests.support.wiring import wired

REMIND = diagram(
    "REMIND",
    '<startEvent id="start"/>'
    + user_task("check")
    + '<intermediateCatchEvent id="wait" name="Wait"><timerEventDefinition id="t"><timeDuration '
    'xsi:type="tFormalExpression">PT2H</timeDuration></timerEventDefinition>'
    "</intermediateCatchEvent>"
    + service_task(
        "tell", "agency.notify", agency="&quot;tax&quot;", kind="&quot;moved&quot;", fields="{}"
    )
    + '<endEvent id="end"/>'
    + flows("start>check", "check>wait", "wait>tell", "tell>end"),
)
"""Two hours after the check the tax office is told."""


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keys")


@pytest.fixture
def office(db: Database, clock: GivenClock, tmp_path: Path, keyring: Keyring) -> Iterator[Office]:
    """A production installation, whose cases tell an agency by a timer."""
    with wired():
        keys.use(keyring)
        write_package(tmp_path / "packages", "REMIND", REMIND)
        made = Office(db, clock, tmp_path / "packages")
        made.transport = RecordingTransport()
        with db.transaction() as tx:
            tx.execute(insert(installation).values(id=1, mode="production", created_at=clock.now()))
        made.deploy("REMIND")
        yield made


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, db: Database, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty place of the same kind as `db`."""
    if not db.is_postgresql:
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'huzheng.db'}"
        return
    server = request.getfixturevalue("postgresql_server")
    url = server.create(empty=True)
    yield url
    server.drop(url)
