"""An office whose agencies are the sandbox, over real HTTP and by the real clock for signatures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import urllib3
from flask import Flask, Response, request

from agencies.directory import DIRECTORY
from agencies.sandbox import create_sandbox
from agencies.signatures import HEADER
from agencies.transports import Endpoint, HttpTransport, Parcel, Receipt
from engine.clock import SystemClock
from store.database import open_database
from tests.support import databases
from tests.support.agencies import SECRET
from tests.support.clock import GivenClock
from tests.support.office import Office
from tests.support.peers import served
from tests.support.wiring import wired

REAL = SystemClock()


@dataclass
class Sandboxed:
    """Sends what an office has promised to the sandbox and hands the office what comes back."""

    url: str
    transport: HttpTransport
    callbacks: list[tuple[str, str | None, bytes]] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, parcel: Parcel, at: datetime) -> Receipt:
        # The test's time is given; a signature is judged by the real clock.
        return self.transport(parcel, REAL.now())

    def faults(self, agency: str, **faults: Any) -> None:
        self._control("faults", {"agency": agency, "answer_after": 0.0, **faults})

    def forget(self) -> None:
        """Agencies in good order that never heard of us."""
        self._control("reset", {})
        self.callbacks.clear()

    def _control(self, what: str, body: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/json"}
        url = f"{self.url}/control/{what}"
        sent = orjson.dumps(body)
        told = urllib3.request("POST", url, body=sent, headers=headers, retries=False)
        assert told.status == 200, told.data

    def received(self, agency: str) -> list[dict[str, Any]]:
        told = urllib3.request("GET", f"{self.url}/control/received", retries=False)
        return [call for call in orjson.loads(told.data)["calls"] if call["agency"] == agency]

    def answer(self, office: Office) -> dict[str, Any]:
        """Send what is due and take the one answer that comes back. Returns its body."""
        office.do_due()
        peer, signature, body = self._next()
        assert office.accept(peer, body, signature) == "accepted"
        office.do_due()
        answer: dict[str, Any] = orjson.loads(body)
        return answer

    def next_answer(self) -> dict[str, Any]:
        """What comes back next, looked at and not handed to the office."""
        answer: dict[str, Any] = orjson.loads(self._next()[2])
        return answer

    def _next(self) -> tuple[str, str | None, bytes]:
        with self.came:
            assert self.came.wait_for(lambda: self.callbacks, 10), "no agency called back"
            return self.callbacks.pop(0)


@contextmanager
def office_with(template: Path, folder: Path, *packages: str) -> Iterator[Office]:
    """An office on a copy of the template, with these packages deployed and everything wired."""
    db = open_database(databases.sqlite_copy(template, folder))
    with wired():
        made = Office(db, GivenClock(), folder)
        for package_id in packages:
            made.deploy_real(package_id)
        yield made
    db.close()


@contextmanager
def sandboxed(office: Office) -> Iterator[Sandboxed]:
    """`office` with the sandbox as its agencies, answering at once."""
    takes = Flask("callbacks")
    with served(create_sandbox(SECRET)) as port, served(takes) as back:
        url = f"http://127.0.0.1:{port}"
        answers = f"http://127.0.0.1:{back}/answers"
        ways = {
            agency: Endpoint(f"{url}/{agency}", SECRET, f"{answers}/{agency}")
            for agency in DIRECTORY
        }
        made = Sandboxed(url, HttpTransport(ways))

        @takes.post("/answers/<agency>")
        def take(agency: str) -> Response:
            with made.came:
                made.callbacks.append((agency, request.headers.get(HEADER), request.get_data()))
                made.came.notify_all()
            return Response(status=204)

        office.transport = made
        yield made
