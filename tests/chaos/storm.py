"""A stream of work over HTTP, and processes killed in the middle of it."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import urllib3

from engine.clock import SystemClock
from store.database import open_database
from tests.chaos import invariants
from tests.chaos.clients import Desk
from tests.chaos.invariants import Evidence
from tests.chaos.ledger import Ledger
from tests.chaos.system import System

CLERKS, REVIEWERS = 6, 3
DEEDS_FIRST = 3  # in every life before it may be killed, so that the stream runs
KILL_AFTER = (0.3, 0.6)  # seconds after that
CALM_DOWN = 90.0  # seconds until all cases must be closed


@dataclass(slots=True)
class Report:
    """What happened, and what does not hold."""

    findings: list[str]
    kills: Counter[str]
    outcomes: Counter[str]
    replayed: int
    unknown: int
    filed: int
    completed: int

    def __str__(self) -> str:
        told = "\n  ".join(self.findings) or "everything holds"
        return (
            f"kills {dict(self.kills)}; {self.filed} cases filed, {self.completed} tasks completed;"
            f" answers {dict(self.outcomes)}; {self.unknown} requests were left unanswered, of"
            f" which {self.replayed} had been done\n  {told}"
        )


@dataclass(slots=True)
class Storm:
    """One run. `failpoints` are places where a life may end by itself, after passing them `passes`
    times (from, to); `armed` says of how many lives that holds (0 to 1). `patience` is how many
    seconds more an armed server is given to come to its place before it is killed anyway."""

    system: System
    seed: int
    failpoints: Sequence[str] = ("before_commit", "after_commit")
    armed: float = 0.5
    passes: tuple[int, int] = (3, 40)
    patience: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    _chance: random.Random = field(init=False)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _full: threading.Event = field(default_factory=threading.Event)
    _pause: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def rage(self, lives: int, *, calm_down: float = CALM_DOWN) -> Report:
        """Kill web and worker so many times each, let everything end, and judge."""
        system = self.system
        staff = system.prepare("--clerks", str(CLERKS), "--reviewers", str(REVIEWERS))
        ledger = Ledger(system.folder / "ledger.jsonl")
        for name in ("sandbox", "web", "worker"):
            system.start(name)
        system.wait_until_up(system.sandbox_url, "sandbox")
        system.wait_until_up(system.url, "web")
        self._quick_answers()
        desks = [self._desk(account, ledger, at) for at, account in enumerate(staff)]
        threads = [threading.Thread(target=desk.work, daemon=True) for desk in desks if desk.token]
        for thread in threads:
            thread.start()
        try:
            for _ in range(lives):
                self._one_life(ledger)
            self._full.set()
            self._wait_until_closed(desks[0], calm_down)
        finally:
            self._stopping.set()
            for thread in threads:
                thread.join(65)
        received = [effect["key"] for effect in system.received()]
        system.stop()
        ledger.close()
        return self._judge(ledger, received, [desk.failed for desk in desks if desk.failed])

    # --- killing --------------------------------------------------------------------------------

    def _one_life(self, ledger: Ledger) -> None:
        """Both live until each is killed, at a moment of its own or at its failpoint."""
        before = ledger.deeds
        for _ in range(600):
            if ledger.deeds >= before + DEEDS_FIRST or not self.system.is_alive("web"):
                break
            self._pause.wait(0.05)
        moments = sorted((self._chance.uniform(*KILL_AFTER), name) for name in ("web", "worker"))
        passed = 0.0
        for moment, name in moments:
            self._pause.wait(moment - passed)
            passed = moment
            self._wait_for_death(name)
            by_us = self.system.kill(name)
            self.kills[f"{name} {'by chance' if by_us else 'at a failpoint'}"] += 1
            self.system.start(name, self._failpoint())
        self.system.wait_until_up(self.system.url, "web")

    def _wait_for_death(self, name: str) -> None:
        for _ in range(int(self.patience / 0.1)):
            if name != "web" or not self.system.is_alive(name):
                return
            self._pause.wait(0.1)

    def _failpoint(self) -> str:
        """A place and how often it is passed before; none for a life that is not armed."""
        if self._chance.random() >= self.armed:
            return ""
        return f"{self._chance.choice(self.failpoints)}:{self._chance.randint(*self.passes)}"

    # --- working --------------------------------------------------------------------------------

    def _desk(self, account: dict[str, str], ledger: Ledger, at: int) -> Desk:
        desk = Desk(
            self.system.url,
            account,
            ledger,
            files=account["group"] == "counter",
            stopping=self._stopping,
            full=self._full,
            seed=self.seed + at,
        )
        if account["group"] in ("counter", "reviewer"):
            desk.sign_in()
        return desk

    def _quick_answers(self) -> None:
        body = {"agency": "tax", "answer_after": 0.05}
        self.system.http.request("POST", f"{self.system.sandbox_url}/control/faults", json=body)

    def _wait_until_closed(self, desk: Desk, at_most: float) -> None:
        """Let people finish. The last lives may end at their failpoint: then nothing is killed."""
        for name in ("web", "worker"):
            self.system.kill(name)
            self.system.start(name)
        self.system.wait_until_up(self.system.url, "web")
        for _ in range(int(at_most / 0.5)):
            if self._open_cases(desk) == 0:
                return
            self._pause.wait(0.5)

    def _open_cases(self, desk: Desk) -> int:
        with suppress(urllib3.exceptions.HTTPError):
            answer = self.system.http.request(
                "GET",
                f"{self.system.url}/api/v1/cases?status=active&limit=1",
                headers={"Authorization": f"Bearer {desk.token}"},
            )
            if answer.status == 200:
                return len(answer.json()["items"])
        return 1

    # --- judging --------------------------------------------------------------------------------

    def _judge(self, ledger: Ledger, received: list[str], failed: list[BaseException]) -> Report:
        findings = judge(self.system.database_url, ledger, received)
        findings += [f"a client gave up: {error}" for error in failed]
        unknown = ledger.first_unknown()
        return Report(
            findings,
            self.kills,
            ledger.counts,
            sum(1 for line in ledger.last_of_each_key() if line.replayed and line.key in unknown),
            len(unknown),
            len(ledger.done("file")),
            len(ledger.done("complete")),
        )


def judge(url: str, ledger: Ledger | None, received: Sequence[Any] = ()) -> list[str]:
    """Open the database now that nobody else has it open, and check all invariants."""
    db = open_database(url)
    try:
        with db.transaction() as tx:
            moment = SystemClock().now()
            found = invariants.check(Evidence(tx, moment, ledger, received))
            if not db.is_postgresql:
                sound = tx.exec_driver_sql("PRAGMA integrity_check").scalar_one()
                found += [] if sound == "ok" else [f"SQLite: {sound}"]
        return found
    finally:
        db.close()
