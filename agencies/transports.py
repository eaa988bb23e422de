"""How a promise leaves the house: one function per way, all with one shape.

A transport gets a `Parcel` and returns a `Receipt`; it never raises for what the peer does, never
follows redirects, reads at most one megabyte and gives up after ten seconds.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import orjson
import urllib3

from agencies.retry import Outcome, judge
from agencies.signatures import HEADER, sign

TIMEOUT = urllib3.Timeout(connect=2.0, read=8.0, total=10.0)
LONGEST_ANSWER = 1 << 20


@dataclass(frozen=True, slots=True)
class Parcel:
    """What leaves: `id` is the idempotency key, `body` is already reduced to the peer's fields."""

    id: str
    peer: str
    operation: str
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    outcome: Outcome
    status_code: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a peer listens and the secret we share with it; `callback` is where it answers."""

    url: str
    secret: bytes = field(repr=False)
    callback: str = ""


Transport: TypeAlias = Callable[[Parcel, datetime], Receipt]


class HttpTransport:
    """Agencies over HTTP: signed JSON, 2xx means taken, the answer comes by callback."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self._endpoints = endpoints
        self._pool = urllib3.PoolManager(num_pools=32, maxsize=4, retries=False, timeout=TIMEOUT)

    def __call__(self, parcel: Parcel, at: datetime) -> Receipt:
        endpoint = self._endpoints.get(parcel.peer)
        if endpoint is None:
            return Receipt(Outcome.PERMANENT, None, f"no endpoint is configured for {parcel.peer}")
        try:
            return self._post(endpoint, parcel, at)
        except urllib3.exceptions.TimeoutError as late:
            return Receipt(Outcome.UNKNOWN, None, f"no answer in time ({type(late).__name__})")
        except urllib3.exceptions.HTTPError as broken:
            return Receipt(Outcome.PASSING, None, f"no connection ({type(broken).__name__})")

    def _post(self, endpoint: Endpoint, parcel: Parcel, at: datetime) -> Receipt:
        body = orjson.dumps(
            {
                "id": parcel.id,
                "kind": parcel.kind,
                "fields": dict(parcel.body),
                "callback": endpoint.callback,
            }
        )
        path = "look-ups" if parcel.operation == "agency.look_up" else "notifications"
        answer = self._pool.request(
            "POST",
            f"{endpoint.url}/{path}",
            body=body,
            headers={
                "Content-Type": "application/json",
                "Idempotency-Key": parcel.id,
                HEADER: sign(endpoint.secret, body, at),
            },
            redirect=False,
            preload_content=False,
        )
        try:
            answer.read(LONGEST_ANSWER)
        finally:
            answer.release_conn()
        return Receipt(judge(answer.status), answer.status, f"HTTP {answer.status}")


class MailTransport:
    """Mail through one SMTP server, `smtp://[user:password@]host:port` or `smtps://…`."""

    def __init__(self, url: str, sender: str) -> None:
        self._server = urlsplit(url)
        self._sender = sender

    def __call__(self, parcel: Parcel, at: datetime) -> Receipt:
        try:
            self._send(self._letter(parcel, at))
        except smtplib.SMTPRecipientsRefused:
            return Receipt(Outcome.PERMANENT, None, "the mail server refused the address")
        except (OSError, smtplib.SMTPException) as broken:
            return Receipt(Outcome.PASSING, None, f"mail not taken ({type(broken).__name__})")
        return Receipt(Outcome.DELIVERED, None, "taken by the mail server")

    def _letter(self, parcel: Parcel, at: datetime) -> EmailMessage:
        letter = EmailMessage()
        letter["From"] = self._sender
        letter["To"] = str(parcel.body["to"])
        letter["Subject"] = str(parcel.body["subject"])
        letter["Message-ID"] = f"<{parcel.id}@huzheng.invalid>"
        letter["Date"] = at.astimezone(UTC)
        letter.set_content(str(parcel.body["text"]))
        return letter

    def _send(self, letter: EmailMessage) -> None:
        kind = smtplib.SMTP_SSL if self._server.scheme == "smtps" else smtplib.SMTP
        host, port = self._server.hostname or "localhost", self._server.port or 25
        with kind(host, port, timeout=10) as server:
            if self._server.username:
                server.login(self._server.username, self._server.password or "")
            server.send_message(letter)
