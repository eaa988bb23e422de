"""Officers at their desks: threads that file, take and complete over HTTP, and keep the ledger."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import urllib3

from tests.chaos.ledger import Ledger, Line, digest

EVENT_ON = "2026-03-02"
RETRY_AFTER = 0.2
IDLE = 0.6  # seconds until one who found nothing to do looks again
PATIENCE = 180.0  # seconds until an unanswered request ends the client: lives are short
UNAVAILABLE, TOO_MANY = 503, 429


class Stuck(AssertionError):
    """A request was not answered for three minutes."""


@dataclass(slots=True)
class Desk:
    """One officer. `files` says whether this one also files cases."""

    url: str
    account: Mapping[str, str]
    ledger: Ledger
    files: bool
    stopping: threading.Event
    full: threading.Event  # set: file nothing more
    seed: int
    token: str = ""
    failed: BaseException | None = None
    _pause: threading.Event = field(default_factory=threading.Event)  # never set: only waited on
    http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=1, read=5)
        )
    )

    def sign_in(self) -> None:
        credentials = {name: self.account[name] for name in ("login", "password")}
        answer = self.http.request("POST", f"{self.url}/api/v1/sessions", json=credentials)
        if answer.status != 201:
            raise AssertionError(f"sign-in was answered {answer.status}: {answer.data!r}")
        self.token = answer.json()["token"]

    def work(self) -> None:
        """Go on until told to stop; what goes wrong is kept for the test to raise."""
        try:
            chance = random.Random(self.seed)
            while not self.stopping.is_set():
                if self.files and not self.full.is_set() and chance.random() < 0.4:
                    self.file()
                elif not self.take_and_complete():
                    self.stopping.wait(IDLE)
        except BaseException as error:
            self.failed = error

    def file(self) -> None:
        body = {
            "package": "STREAM",
            "channel": "counter",
            "values": {"reference": str(uuid4())},
            "data": {"applicant": {"name": "陳測試"}, "event_on": EVENT_ON},
        }
        self._ask("file", "/cases", body)

    def take_and_complete(self) -> bool:
        """Take the next task and complete it. False if there was none."""
        taken = self._ask("take", "/user-tasks/take-next", {})
        if taken.outcome != "ok" or not taken.answer:
            return False
        self._ask(
            "complete",
            f"/user-tasks/{taken.answer['id']}/complete",
            {"values": {"note": f"by {self.account['login']}"}},
            {"If-Match": f'"{taken.answer["version"]}"'},
            thing=taken.answer["id"],
        )
        return True

    def _ask(
        self,
        deed: str,
        path: str,
        body: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
        thing: str | None = None,
    ) -> Line:
        """Send until answered, always with the same key; every try is a line of the ledger."""
        key = str(uuid4())
        for attempt in range(1, int(PATIENCE / RETRY_AFTER)):
            line = self._try(deed, path, body, {**(headers or {}), "Idempotency-Key": key}, attempt)
            self.ledger.write(_about(line, thing))
            if line.outcome in ("ok", "fail"):
                return line
            self._pause.wait(RETRY_AFTER if line.outcome == "unknown" else 1)
        raise Stuck(f"{deed} {path} of {self.account['login']} was not answered for three minutes")

    def _try(
        self,
        deed: str,
        path: str,
        body: Mapping[str, Any],
        headers: Mapping[str, str],
        attempt: int,
    ) -> Line:
        key, login = headers["Idempotency-Key"], self.account["login"]
        try:
            answer = self.http.request(
                "POST",
                f"{self.url}/api/v1{path}",
                json=body,
                headers={**headers, "Authorization": f"Bearer {self.token}"},
            )
        except urllib3.exceptions.HTTPError:
            return Line(key, deed, login, attempt, "unknown")
        if answer.status in (UNAVAILABLE, TOO_MANY):
            outcome = "unknown" if answer.status == UNAVAILABLE else "later"
            return Line(key, deed, login, attempt, outcome, answer.status)
        return Line(
            key,
            deed,
            login,
            attempt,
            "ok" if answer.status < 300 else "fail",
            answer.status,
            answer.headers.get("Idempotent-Replay") == "true",
            answer=answer.json() if answer.data else {},
            body_hash=digest(answer.data),
        )


def _about(line: Line, thing: str | None) -> Line:
    """As it stands in the ledger: what it was about; of the answer only what a refusal says."""
    kept = line.answer if line.outcome == "fail" else {}
    return replace(line, thing=thing or line.answer.get("id"), answer=kept)
