"""A text message leaves over HTTP: for whom there is a number, once, and naming nobody."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from agencies import dispatch
from agencies.dispatch import Sender
from agencies.sandbox import create_sandbox
from agencies.text_messages import mobile_of, text_of
from agencies.transports import Deadline, Endpoint, HttpTransport
from engine.cases import Filed
from store import tables
from tests.support.agencies import SECRET
from tests.support.notifying import END, START
from tests.support.office import Office
from tests.support.packages import ask_more, diagram, flows, service_task, write_package
from tests.support.peers import served

READY = diagram(
    "READY",
    START
    + service_task(
        "tell",
        "notice.issue",
        kind="&quot;pick_up&quot;",
        channel="&quot;sms&quot;",
        content="{document: &quot;english_transcript&quot;, desk: &quot;3&quot;, days: 30}",
    )
    + END
    + flows("start>tell", "tell>end"),
)
REACHED = {"applicant": {"name": "陳示範"}, "contact": {"phone": "0912-345-678"}}


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    with served(create_sandbox(SECRET)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def ready(office: Office, gateway: str) -> Office:
    ask_more(write_package(office.packages, "READY", READY), "data.contact.phone")
    office.deploy("READY")
    ask(gateway, "/control/reset", {})
    return office


def ask(gateway: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    call = urllib.request.Request(gateway + path, content, headers)
    with urllib.request.urlopen(call, timeout=5) as answer:
        return json.load(answer)


def sent(office: Office, gateway: str) -> bool:
    way = HttpTransport({"sms": Endpoint(f"{gateway}/sms", SECRET)}, Deadline(0.5, 2.0))
    sender = Sender("worker 1", {"sms.send": way})
    return dispatch.send_one(office.db, sender, office.clock.now())


def messages_of(office: Office, case: Filed) -> list[Any]:
    return [row for row in office.rows(tables.outbox, case) if row.operation == "sms.send"]


def test_a_message_is_taken_by_the_gateway_and_told_in_the_history(
    ready: Office, gateway: str
) -> None:
    case = ready.file("READY", data=REACHED)

    assert sent(ready, gateway)

    (row,) = messages_of(ready, case)
    assert (row.status, row.peer) == ("confirmed", "sms")
    assert b"0912345678" not in row.ciphertext
    (effect,) = ask(gateway, "/control/received")["effects"]
    assert (effect["key"], effect["fields"]) == (str(row.id), ["text", "to"])
    assert "sms.sent" in ready.actions(case)
    (notice,) = ready.rows(tables.notices, case)
    assert notice.channel == "sms"
    assert not sent(ready, gateway)


def test_a_gateway_that_is_down_is_tried_again(ready: Office, gateway: str) -> None:
    ask(gateway, "/control/faults", {"agency": "sms", "fail": 1})
    case = ready.file("READY", data=REACHED)

    assert sent(ready, gateway)
    assert messages_of(ready, case)[0].status == "queued"
    ready.clock.move_to(messages_of(ready, case)[0].next_attempt_at)
    assert sent(ready, gateway)

    assert messages_of(ready, case)[0].status == "confirmed"
    assert "sms.attempt_failed" in ready.actions(case)


def test_a_number_the_gateway_refuses_is_an_incident(ready: Office, gateway: str) -> None:
    ask(gateway, "/control/faults", {"agency": "sms", "refuse": True})
    case = ready.file("READY", data=REACHED)

    assert sent(ready, gateway)

    (incident,) = ready.rows(tables.incidents, case)
    assert incident.code == "outbox.dead_letter"
    assert "sms.failed" in ready.actions(case)


def test_whoever_left_no_mobile_number_gets_a_letter(ready: Office) -> None:
    landline = {"applicant": {"name": "陳示範"}, "contact": {"phone": "07-123-4567"}}
    case = ready.file("READY", data=landline)

    assert messages_of(ready, case) == []
    assert [row.channel for row in ready.rows(tables.notices, case)] == ["letter"]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0912-345-678", "0912345678"),
        ("０９１２　３４５　６７８", "0912345678"),
        ("+886 912 345 678", "0912345678"),
        ("02-2345-6789", None),
        ("0912-345-67", None),
        (None, None),
    ],
)
def test_what_is_a_mobile_number(typed: str | None, number: str | None) -> None:
    assert mobile_of({"contact": {"phone": typed}}) == number
    assert mobile_of({}) is None


def test_the_words_fit_one_message_and_name_nobody() -> None:
    number = "DS-115-00001"

    told = text_of("result", number, {"result": "registered", "name": "陳示範"})
    ready = text_of("pick_up", number, {"document": "id_card", "desk": "3", "days": 30})

    assert len(told) <= 70
    assert len(ready) <= 70
    assert number in told
    assert "取件櫃檯：3" in ready
    assert "保管30日" in ready
    for word in ("陳示範", "registered", "id_card", "身分證"):
        assert word not in told + ready.replace("證件", "")
