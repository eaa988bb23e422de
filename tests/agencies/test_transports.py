"""One conformance suite for every way out, against real servers on loopback."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import orjson
import pytest

from agencies.retry import Outcome, judge
from agencies.signatures import HEADER, check
from agencies.smtp import MailTransport, read_server
from agencies.transports import (
    Deadline,
    Endpoint,
    HttpTransport,
    Parcel,
    Transport,
)
from engine.clock import SystemClock
from tests.support.agencies import SECRET
from tests.support.peers import answering, drip, peer, read_call, reset

DEADLINE = Deadline(connect=0.3, total=0.6)
NOW = SystemClock().now()
HTTP = Parcel(str(uuid4()), "tax", "agency.notify", "new_resident", {"name": "王小明"})
LETTER = {"to": "lin@office.example", "subject": "案件 1", "text": "期限已到。"}
MAIL = Parcel(str(uuid4()), "mail", "mail.send", "mail", LETTER)


def http_way(port: int) -> Transport:
    endpoint = Endpoint(f"http://127.0.0.1:{port}/tax", SECRET, "http://127.0.0.1:1/answers")
    return HttpTransport({"tax": endpoint}, DEADLINE)


def mail_way(port: int) -> Transport:
    server = read_server(f"smtp://127.0.0.1:{port}")
    return MailTransport(server, "huzheng@office.invalid", DEADLINE)


WAYS = [pytest.param(http_way, HTTP, id="http"), pytest.param(mail_way, MAIL, id="mail")]
Way = Callable[[int], Transport]


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


# --- both ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("way", "parcel"), WAYS)
def test_nobody_listens(way: Way, parcel: Parcel) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    receipt = way(port)(parcel, NOW)

    assert receipt.outcome is Outcome.PASSING
    assert receipt.status_code is None


@pytest.mark.parametrize(("way", "parcel"), WAYS)
def test_a_peer_that_says_nothing_is_given_up(way: Way, parcel: Parcel) -> None:
    with peer(lambda connection: time_passes(3)) as port, at_most(2):
        receipt = way(port)(parcel, NOW)

    assert receipt.outcome in (Outcome.UNKNOWN, Outcome.PASSING)


@pytest.mark.parametrize(("way", "parcel"), WAYS)
def test_a_peer_that_drips_is_cut_off_at_the_deadline(way: Way, parcel: Parcel) -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(b"220 here\r\n" if parcel is MAIL else b"")
        drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 500, 0.1)

    with peer(behave) as port, at_most(3):
        receipt = way(port)(parcel, NOW)

    assert receipt.outcome in (Outcome.UNKNOWN, Outcome.PASSING)


@pytest.mark.parametrize(("way", "parcel"), WAYS)
def test_a_reset_is_no_exception(way: Way, parcel: Parcel) -> None:
    with peer(reset) as port:
        receipt = way(port)(parcel, NOW)

    assert receipt.outcome in (Outcome.UNKNOWN, Outcome.PASSING)


@pytest.mark.parametrize(("way", "parcel"), WAYS)
def test_a_peer_that_speaks_another_language_is_no_exception(way: Way, parcel: Parcel) -> None:
    with peer(lambda connection: connection.sendall(b"\0\xffwhat?\r\n\r\n")) as port:
        receipt = way(port)(parcel, NOW)

    assert receipt.outcome in (Outcome.UNKNOWN, Outcome.PASSING, Outcome.PERMANENT)


@pytest.mark.parametrize(("way", "parcel"), WAYS)
def test_what_is_told_of_a_failure_names_nobody(way: Way, parcel: Parcel) -> None:
    with peer(answering("500 王小明")) as port:
        receipt = way(port)(parcel, NOW)

    assert "王小明" not in receipt.detail
    assert "lin@office.example" not in receipt.detail


def time_passes(seconds: float) -> None:
    threading.Event().wait(seconds)


# --- agencies -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED),
        (202, Outcome.DELIVERED),
        (301, Outcome.PERMANENT),
        (400, Outcome.PERMANENT),
        (401, Outcome.PERMANENT),
        (404, Outcome.PERMANENT),
        (408, Outcome.PASSING),
        (409, Outcome.PERMANENT),
        (422, Outcome.PERMANENT),
        (425, Outcome.PASSING),
        (429, Outcome.PASSING),
        (500, Outcome.PASSING),
        (503, Outcome.PASSING),
    ],
)
def test_a_status_says_whether_trying_again_can_help(status: int, outcome: Outcome) -> None:
    assert judge(status) is outcome
    with peer(answering(f"{status} Whatever")) as port:
        receipt = http_way(port)(HTTP, NOW)

    assert (receipt.outcome, receipt.status_code) == (outcome, status)


def test_the_call_is_signed_and_carries_its_key() -> None:
    calls: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        calls.append(read_call(connection))
        connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

    with peer(behave) as port:
        receipt = http_way(port)(HTTP, NOW)

    assert receipt.outcome is Outcome.DELIVERED
    head, _, body = calls[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    assert lines[0] == "POST /tax/notifications HTTP/1.1"
    assert headers["Idempotency-Key"] == HTTP.id
    check(SECRET, headers[HEADER], body, NOW)
    assert orjson.loads(body)["fields"] == {"name": "王小明"}


def test_a_redirect_is_not_followed() -> None:
    went: list[bytes] = []
    with peer(lambda connection: went.append(connection.recv(10))) as elsewhere:
        head = f"307 Temporary\r\nLocation: http://127.0.0.1:{elsewhere}/"
        with peer(answering(head)) as port:
            receipt = http_way(port)(HTTP, NOW)

    assert receipt.outcome is Outcome.PERMANENT
    assert "redirect" in receipt.detail
    assert went == []


def test_a_huge_body_is_not_read() -> None:
    def behave(connection: socket.socket) -> None:
        read_call(connection)
        connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 99999999999\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    with peer(behave) as port, at_most(2):
        receipt = http_way(port)(HTTP, NOW)

    assert receipt.outcome is Outcome.DELIVERED


def test_a_connection_that_breaks_after_the_call_leaves_it_unknown() -> None:
    def behave(connection: socket.socket) -> None:
        read_call(connection)
        reset(connection)

    with peer(behave) as port:
        receipt = http_way(port)(HTTP, NOW)

    assert receipt.outcome is Outcome.UNKNOWN


def test_an_agency_without_an_endpoint_is_a_permanent_failure() -> None:
    receipt = HttpTransport({}, DEADLINE)(HTTP, NOW)

    assert receipt.outcome is Outcome.PERMANENT
    assert "tax" in receipt.detail


def test_a_secret_is_never_shown() -> None:
    assert "secret between" not in repr(Endpoint("http://x", SECRET))
