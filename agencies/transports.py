"""How a promise leaves the house: one function per way, all with one shape. Mail: `smtp.py`.

A transport gets a `Parcel` and returns a `Receipt`. It never raises for what the peer does, never
follows redirects, uses nothing of a body, and is cut off at its deadline, however slowly the peer
drips.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import orjson

from agencies.retry import Outcome, judge
from agencies.signatures import HEADER, sign


@dataclass(frozen=True, slots=True)
class Deadline:
    """Seconds for the connection to stand, and for everything together."""

    connect: float = 2.0
    total: float = 10.0


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
    """How one try ended; `detail` is one short sentence without personal data."""

    outcome: Outcome
    status_code: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a peer listens and the secret we share with it; `callback` is where it answers."""

    url: str
    secret: bytes = field(repr=False)
    callback: str = ""


_PATHS = {"agency.look_up": "look-ups", "sms.send": "messages"}
"""What of a peer's address is called; everything else is a notification."""
Transport: TypeAlias = Callable[[Parcel, datetime], Receipt]


class HttpTransport:
    """Agencies and the gateway of text messages over HTTP: signed JSON, 2xx means taken, the answer
    of an agency comes by callback."""

    def __init__(self, endpoints: Mapping[str, Endpoint], deadline: Deadline | None = None) -> None:
        self._endpoints = endpoints
        self._deadline = deadline or Deadline()
        self._tls = ssl.create_default_context()

    def __call__(self, parcel: Parcel, at: datetime) -> Receipt:
        endpoint = self._endpoints.get(parcel.peer)
        if endpoint is None:
            return Receipt(Outcome.PERMANENT, None, f"no endpoint is configured for {parcel.peer}")
        connection = self._connection(endpoint)
        try:
            connection.connect()
        except OSError as broken:
            return Receipt(Outcome.PASSING, None, f"no connection ({type(broken).__name__})")
        try:
            with cut_off(lambda: connection.sock, self._deadline.total):
                status = self._post(connection, endpoint, parcel, at)
        except (OSError, http.client.HTTPException) as broken:
            # It was connected, so the call may have arrived: the receiver knows it by its key.
            return Receipt(Outcome.UNKNOWN, None, f"no answer ({type(broken).__name__})")
        finally:
            connection.close()
        moved = ", a redirect, which is not followed" if 300 <= status < 400 else ""
        return Receipt(judge(status), status, f"HTTP {status}{moved}")

    def _connection(self, endpoint: Endpoint) -> http.client.HTTPConnection:
        url = urlsplit(endpoint.url)
        host, seconds = url.hostname or "", self._deadline.connect
        if url.scheme == "https":
            return http.client.HTTPSConnection(host, url.port, timeout=seconds, context=self._tls)
        return http.client.HTTPConnection(host, url.port, timeout=seconds)

    def _post(
        self,
        connection: http.client.HTTPConnection,
        endpoint: Endpoint,
        parcel: Parcel,
        at: datetime,
    ) -> int:
        """Send the call and read the status. The body is not read: the answer comes by callback."""
        body = orjson.dumps(
            {
                "id": parcel.id,
                "kind": parcel.kind,
                "fields": dict(parcel.body),
                "callback": endpoint.callback,
            }
        )
        path = _PATHS.get(parcel.operation, "notifications")
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.id,
            "Connection": "close",
            HEADER: sign(endpoint.secret, body, at),
        }
        connection.sock.settimeout(self._deadline.total)
        connection.request("POST", f"{urlsplit(endpoint.url).path}/{path}", body, headers)
        return connection.getresponse().status


@contextmanager
def cut_off(connected: Callable[[], socket.socket | None], seconds: float) -> Iterator[None]:
    """Shut the socket after `seconds`: a time-out of its own begins anew with every byte.

    `connected` is asked when the time has come: TLS puts another socket into the place of the one
    it began on.
    """

    def cut() -> None:
        with suppress(OSError):
            if (open_now := connected()) is not None:
                open_now.shutdown(socket.SHUT_RDWR)

    alarm = threading.Timer(seconds, cut)
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()
