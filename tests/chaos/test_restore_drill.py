"""The drill: a backup in the middle of a stream of work, the house burns down, a new one is made.

What had been acknowledged before the backup began is there; the history is whole; what the restored
system sends again goes to the agencies under the keys it had, so that nothing takes effect twice.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.clock import SystemClock
from engine.ids import derived
from engine.sealing import seal
from engine.verification import verify
from store import tables
from store.database import Database, open_database
from tests.chaos.clients import Desk
from tests.chaos.ledger import Ledger, Line
from tests.chaos.system import ROOT, System

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
DEEDS_BEFORE, DEEDS_AFTER = 25, 40
LONGEST = 120.0  # seconds until the restored system must have caught up


@pytest.fixture
def new_house(request: pytest.FixtureRequest, db_url: str, tmp_path: Path) -> Iterator[str]:
    """An empty place of the same kind, as after a fire."""
    if db_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'new' / 'huzheng.db'}"
        return
    server = request.getfixturevalue("postgresql_server")
    url = server.create(empty=True)
    yield url
    server.drop(url)


def test_what_was_acknowledged_before_the_backup_survives_the_fire(
    db_url: str, tmp_path: Path, new_house: str
) -> None:
    system, file = System(tmp_path, db_url), tmp_path / "drill.backup"
    ledger = Ledger(tmp_path / "ledger.jsonl")
    try:
        desks, threads = _begin(system, ledger)
        _wait_for_deeds(ledger, DEEDS_BEFORE)
        acknowledged = ledger.lines()
        made = _huzheng(system, "backup", str(file), "--json")
        _wait_for_deeds(ledger, DEEDS_AFTER)
        _burn_down(system, desks, threads)
        received = {effect["key"] for effect in system.received()}

        system.database_url = new_house
        proof = json.loads(_huzheng(system, "restore", str(file), "--json").stdout)
        lost = _missing(new_house, acknowledged)
        known = _promises(new_house)
        _come_back(system, ledger)
        again = {effect["key"] for effect in system.received()}
    finally:
        system.stop()
        ledger.close()

    print(
        f"\n{len(acknowledged)} lines before the backup of "
        f"{json.loads(made.stdout)['size']} bytes, "
        f"{ledger.deeds} deeds in all; {len(received)} effects before the fire, {len(again)} after"
    )
    assert proof["sound"], proof
    assert proof["keys_tried"] > 0
    assert lost == []
    assert _is_whole(new_house)
    assert known, "the backup caught no promise to an agency; the drill shows nothing"
    # Whatever the restored system sent, for the same place of the same case it was the same key.
    assert _strange_keys(new_house) == []
    assert again >= received


def _begin(system: System, ledger: Ledger) -> tuple[list[Desk], list[threading.Thread]]:
    staff = system.prepare("--clerks", "3", "--reviewers", "2")
    for name in ("sandbox", "web", "worker"):
        system.start(name)
    system.wait_until_up(system.sandbox_url, "sandbox")
    system.wait_until_up(system.url, "web")
    desks = [
        Desk(
            system.url,
            account,
            ledger,
            files=account["group"] == "counter",
            stopping=threading.Event(),
            full=threading.Event(),
            seed=at,
        )
        for at, account in enumerate(staff)
        if account["group"] in ("counter", "reviewer")
    ]
    for desk in desks:
        desk.sign_in()
    threads = [threading.Thread(target=desk.work, daemon=True) for desk in desks]
    for thread in threads:
        thread.start()
    return desks, threads


def _wait_for_deeds(ledger: Ledger, more: int) -> None:
    wanted, pause = ledger.deeds + more, threading.Event()
    for _ in range(1_200):
        if ledger.deeds >= wanted:
            return
        pause.wait(0.05)
    raise AssertionError(f"only {ledger.deeds} deeds were acknowledged, expected {wanted}")


def _burn_down(system: System, desks: list[Desk], threads: list[threading.Thread]) -> None:
    for name in ("web", "worker"):
        system.kill(name)
    for desk in desks:
        desk.stopping.set()
    for thread in threads:
        thread.join(0.5)  # who waits for an answer waits for ever: the house is gone


def _huzheng(system: System, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "app.py", *words],
        cwd=ROOT,
        env=system._environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def _come_back(system: System, ledger: Ledger) -> None:
    """A worker alone sends what the restored system has still to send."""
    system.start("worker")
    pause = threading.Event()
    for _ in range(int(LONGEST / 0.5)):
        if _waiting(system.database_url) == 0:
            break
        pause.wait(0.5)
    system.kill("worker")


def _missing(url: str, acknowledged: list[Line]) -> list[str]:
    with _reading(url) as db, db.transaction(read_only=True) as tx:
        filed = {str(each) for each in tx.scalars(select(tables.cases.c.id))}
        completed = {
            str(each)
            for each in tx.scalars(
                select(tables.user_tasks.c.id).where(tables.user_tasks.c.status == "completed")
            )
        }
    there = {"file": filed, "complete": completed}
    return [
        f"{line.deed} of {line.thing}"
        for line in acknowledged
        if line.outcome == "ok" and line.deed in there and line.thing not in there[line.deed]
    ]


def _promises(url: str) -> set[UUID]:
    with _reading(url) as db, db.transaction(read_only=True) as tx:
        return set(tx.scalars(select(tables.outbox.c.id)))


def _strange_keys(url: str) -> list[UUID]:
    """Promises whose key does not follow from their case and their place in it."""
    with _reading(url) as db, db.transaction(read_only=True) as tx:
        rows = tx.execute(select(tables.outbox).where(tables.outbox.c.key.is_not(None))).all()
    return [row.id for row in rows if row.id != derived(row.case_id, row.key)]


def _waiting(url: str) -> int:
    with _reading(url) as db, db.transaction(read_only=True) as tx:
        waiting = tables.outbox.c.status.in_(("queued", "sending"))
        timers = tables.timers.c.status == "waiting"
        return len(tx.execute(select(tables.outbox.c.id).where(waiting)).all()) + len(
            tx.execute(select(tables.timers.c.id).where(timers)).all()
        )


def _is_whole(url: str) -> bool:
    with _reading(url) as db, db.transaction() as tx:
        seal(tx, SystemClock().now())
        return verify(tx).is_sound


class _reading:  # noqa: N801 — used as a verb
    """The database, closed afterwards."""

    def __init__(self, url: str) -> None:
        self._db = open_database(url)

    def __enter__(self) -> Database:
        return self._db

    def __exit__(self, *_: Any) -> None:
        self._db.close()
