"""The sandbox over real HTTP: an agency in good order, and every fault it can be asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson
import pytest
import urllib3
from flask import Flask, Response, request

from agencies.directory import DIRECTORY, Agency
from agencies.retry import Outcome
from agencies.sandbox import create_sandbox
from agencies.signatures import HEADER, check
from agencies.transports import Deadline, Endpoint, HttpTransport, Parcel, Receipt
from engine.clock import SystemClock
from tests.support.agencies import SECRET
from tests.support.peers import served

NOW = SystemClock()


@dataclass
class Callbacks:
    """The office's end: takes what agencies answer, after checking who says it."""

    taken: list[dict[str, Any]] = field(default_factory=list)
    busy: int = 0  # answer 503 to so many calls
    came: threading.Condition = field(default_factory=threading.Condition)

    def app(self) -> Flask:
        flask = Flask("callbacks")

        @flask.post("/answers/<agency>")
        def answers(agency: str) -> Response:
            body = request.get_data()
            check(SECRET, request.headers.get(HEADER), body, NOW.now())
            with self.came:
                if self.busy > 0:
                    self.busy -= 1
                    return Response(status=503)
                self.taken.append({"agency": agency, **orjson.loads(body)})
                self.came.notify_all()
            return Response(status=204)

        return flask

    def wait(self, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        with self.came:
            self.came.wait_for(lambda: len(self.taken) >= count, seconds)
            return list(self.taken)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with served(create_sandbox(SECRET)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def callbacks() -> Callbacks:
    return Callbacks()


Send = Callable[..., Receipt]


@pytest.fixture
def send(sandbox: str, callbacks: Callbacks) -> Iterator[Send]:
    _post(f"{sandbox}/control/reset", {})
    with served(callbacks.app()) as port:

        def sending(key: str, operation: str = "agency.notify", **known: Any) -> Receipt:
            callback = f"http://127.0.0.1:{port}/answers/tax"
            endpoint = Endpoint(f"{sandbox}/tax", known.get("secret", SECRET), callback)
            parcel = Parcel(
                key, "tax", operation, "new_resident", {"case_number": "T-1", "name": "王小明"}
            )
            deadline = Deadline(1, known.get("total", 5))
            return HttpTransport({"tax": endpoint}, deadline)(parcel, NOW.now())

        yield sending
        _post(f"{sandbox}/control/reset", {})  # no answer outlives the test that asked for it


def _post(url: str, fields: dict[str, Any]) -> int:
    return int(urllib3.request("POST", url, json=fields, retries=False).status)


def _faults(sandbox: str, **faults: Any) -> int:
    return _post(f"{sandbox}/control/faults", {"agency": "tax", **faults})


def _received(sandbox: str) -> dict[str, Any]:
    told = urllib3.request("GET", f"{sandbox}/control/received", retries=False)
    found: dict[str, Any] = orjson.loads(told.data)
    return found


def test_it_takes_a_call_and_confirms_it(sandbox: str, send: Send, callbacks: Callbacks) -> None:
    key = str(uuid4())

    assert send(key).outcome is Outcome.DELIVERED

    (answer,) = callbacks.wait(1)
    assert (answer["id"], answer["status"], answer["agency"]) == (key, "confirmed", "tax")
    (call,) = _received(sandbox)["calls"]
    assert call == {"agency": "tax", "key": key, "status": 202, "fields": ["case_number", "name"]}


def test_a_look_up_is_answered_with_what_was_found(send: Send, callbacks: Callbacks) -> None:
    assert send(str(uuid4()), "agency.look_up").outcome is Outcome.DELIVERED

    (answer,) = callbacks.wait(1)
    assert answer["status"] == "found"
    assert answer["answer"]["found"] is True


def test_a_call_without_our_signature_is_refused(send: Send) -> None:
    assert send(str(uuid4()), secret=b"guessed").status_code == 401


def test_the_same_key_has_one_effect(sandbox: str, send: Send) -> None:
    key = str(uuid4())
    for _ in range(3):
        send(key)

    (effect,) = _received(sandbox)["effects"]
    assert (effect["key"], effect["calls"]) == (key, 3)


def test_it_fails_as_often_as_asked(sandbox: str, send: Send) -> None:
    _faults(sandbox, fail=2)
    key = str(uuid4())

    told = [send(key).outcome for _ in range(3)]

    assert told == [Outcome.PASSING, Outcome.PASSING, Outcome.DELIVERED]
    assert len(_received(sandbox)["effects"]) == 1


def test_it_refuses(sandbox: str, send: Send) -> None:
    _faults(sandbox, refuse=True)

    assert send(str(uuid4())).outcome is Outcome.PERMANENT
    assert _received(sandbox)["effects"] == []


def test_it_is_slow(sandbox: str, send: Send) -> None:
    _faults(sandbox, slow=2)

    assert send(str(uuid4()), total=0.5).outcome is Outcome.UNKNOWN


def test_it_rejects_later(sandbox: str, send: Send, callbacks: Callbacks) -> None:
    _faults(sandbox, reject="unknown taxpayer")
    send(str(uuid4()))

    (answer,) = callbacks.wait(1)
    assert (answer["status"], answer["reason"]) == ("rejected", "unknown taxpayer")


def test_it_answers_before_it_takes_the_call(
    sandbox: str, send: Send, callbacks: Callbacks
) -> None:
    _faults(sandbox, answer_first=True)

    send(str(uuid4()))

    assert len(callbacks.taken) == 1  # no waiting: it was there before the call was answered


def test_it_answers_twice(sandbox: str, send: Send, callbacks: Callbacks) -> None:
    _faults(sandbox, duplicate=1)
    send(str(uuid4()))

    first, second = callbacks.wait(2)
    assert first == second


def test_it_never_answers(sandbox: str, send: Send, callbacks: Callbacks) -> None:
    _faults(sandbox, silent=True, answer_after=0.0)
    send(str(uuid4()))

    assert callbacks.wait(1, seconds=0.5) == []


def test_it_calls_again_while_the_office_is_away(
    sandbox: str, send: Send, callbacks: Callbacks
) -> None:
    callbacks.busy = 1
    _faults(sandbox, answer_after=0.0)
    send(str(uuid4()))

    assert len(callbacks.wait(1)) == 1


@pytest.mark.parametrize(
    "faults", [{"slow": "very"}, {"fail": 1.5}, {"refuse": 1}, {"explode": True}]
)
def test_a_fault_it_does_not_know_is_refused(sandbox: str, faults: dict[str, Any]) -> None:
    assert _faults(sandbox, **faults) == 422


@pytest.mark.parametrize("agency", DIRECTORY.values(), ids=lambda agency: agency.id)
def test_each_agency_takes_and_answers_what_is_its_own(
    sandbox: str, callbacks: Callbacks, agency: Agency
) -> None:
    with served(callbacks.app()) as port:
        answers = f"http://127.0.0.1:{port}/answers/{{agency}}"
        send = HttpTransport({agency.id: Endpoint(f"{sandbox}/{agency.id}", SECRET, answers)})
        kind = next(iter(agency.kinds), "told")
        content = full(agency.fields_of(kind))
        told = Parcel(str(uuid4()), agency.id, "agency.notify", kind, content)
        asked = Parcel(
            str(uuid4()), agency.id, "agency.look_up", "why", full(agency.look_up_fields)
        )

        if agency.fields:
            assert send(told, NOW.now()).outcome is Outcome.DELIVERED
        if agency.look_up_fields:
            assert send(asked, NOW.now()).outcome is Outcome.DELIVERED

        expected = {(told.id, "confirmed")} if agency.fields else set()
        expected |= {(asked.id, "found")} if agency.look_up_fields else set()
        taken = callbacks.wait(len(expected))
    assert {(each["id"], each["status"]) for each in taken} == expected
    assert {each["agency"] for each in taken} == {agency.id}


@pytest.mark.parametrize(
    ("operation", "kind", "fields"),
    [
        ("agency.notify", "household_change", {"case_number": "T-1", "birth_date": "2000-01-01"}),
        ("agency.look_up", "income", {"case_number": "T-1", "mailing_address": "示範路1號"}),
        ("agency.look_up", "income", {"name": "王小明"}),
        ("agency.look_up", "", {"case_number": "T-1", "name": "王小明"}),
    ],
    ids=["foreign field told", "foreign field asked with", "no case", "no purpose"],
)
def test_it_sends_back_what_is_not_its_own(
    sandbox: str, operation: str, kind: str, fields: dict[str, str]
) -> None:
    send = HttpTransport({"tax": Endpoint(f"{sandbox}/tax", SECRET, "")})

    receipt = send(Parcel(str(uuid4()), "tax", operation, kind, fields), NOW.now())

    assert (receipt.outcome, receipt.status_code) == (Outcome.PERMANENT, 422)


def full(names: frozenset[str]) -> dict[str, str]:
    return {name: f"the {name}" for name in names}


def test_it_plays_every_agency_and_no_other(sandbox: str) -> None:
    for agency in DIRECTORY:
        assert _post(f"{sandbox}/{agency}/notifications", {}) == 401
    assert _post(f"{sandbox}/strangers/notifications", {}) == 404
    assert _post(f"{sandbox}/control/faults", {"agency": "strangers"}) == 404
