"""What agencies answer counts once, from the right peer, whenever it comes; nothing else does."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import orjson
import pytest

from agencies import answers
from agencies.confirmations import LONGEST
from agencies.retry import MOST_ATTEMPTS, Outcome
from agencies.signatures import sign
from engine import cases, incidents, keys
from engine.cases import Filed
from engine.errors import EngineError, Forbidden, NotFound, Rejected
from store import tables
from tests.support.agencies import FailingTransport, RecordingTransport
from tests.support.office import Office
from tests.support.races import at_once


def suspend(office: Office, case: Filed) -> None:
    chief = office.person("chief Wu")
    with office.db.transaction() as tx:
        cases.suspend(tx, case.id, "court", chief, office.clock.now())


def resume(office: Office, case: Filed) -> None:
    chief = office.person("chief Wu")
    with office.db.transaction() as tx:
        cases.resume(tx, case.id, "it may go on", chief, office.clock.now())


def sent(office: Office, package_id: str = "TELLS", **filed: Any) -> tuple[Filed, Any]:
    case = office.file(package_id, **filed)
    office.do_due()
    return case, office.promises(case)[0]


def test_a_confirmation_lets_the_case_go_on(office: Office) -> None:
    case, promise = sent(office)

    assert office.answer(promise) == "accepted"

    (promise,) = office.promises(case)
    assert (promise.status, promise.answer["reference"]) == ("confirmed", "R-1")
    assert office.status(case) == "closed"
    assert "notification.confirmed" in office.actions(case)


def test_a_rejection_reaches_the_process_with_its_reason(office: Office) -> None:
    case, promise = sent(office)

    office.answer(promise, "rejected", reason="no such person")

    known = office.variables(case)
    assert (known["status"], known["reason"]) == ("rejected", "no such person")
    assert "notification.rejected" in office.actions(case)


def test_the_same_answer_again_changes_nothing(office: Office) -> None:
    case, promise = sent(office)
    office.answer(promise)
    told = office.actions(case)

    assert office.answer(promise) == "duplicate"
    assert office.answer(promise, "rejected", reason="after all not") == "duplicate"

    assert office.promises(case)[0].answer["status"] == "confirmed"
    assert office.actions(case) == told


def test_two_answers_at_once_count_once(office: Office) -> None:
    _, promise = sent(office)

    told, refused = at_once(*(partial(office.answer, promise) for _ in range(4)))

    assert refused == []
    assert sorted(told) == ["accepted", "duplicate", "duplicate", "duplicate"]


def test_an_answer_may_come_before_we_recorded_that_we_sent(office: Office) -> None:
    case = office.file("TELLS")
    (promise,) = office.promises(case)
    office.transport = RecordingTransport(on_the_way=lambda parcel: _answer(office, promise))

    office.do_due()

    (promise,) = office.promises(case)
    assert (promise.status, promise.answer["status"]) == ("confirmed", "confirmed")
    assert promise.sent_at == office.clock.now()
    assert office.status(case) == "closed"
    assert office.actions(case).count("notification.sent") == 1


def _answer(office: Office, promise: Any) -> None:
    office.answer(promise)


def test_a_look_up_gives_the_process_only_what_routing_needs(office: Office) -> None:
    data = {"applicant": {"name": "王小明", "id_number": "A123456789"}}
    case, promise = sent(office, "ASKS", data=data)
    found = {"owner": True, "records": 2, "name": "陳大文", "price": 1.5, "a b": True, "gone": None}

    office.answer(promise, "found", answer=found)

    known = office.variables(case)
    assert known["answer"] == {"owner": True, "records": 2, "gone": None}
    (promise,) = office.promises(case)
    assert "陳大文" not in str(promise.answer)
    with office.db.transaction(read_only=True) as tx:
        opened = keys.open_sealed(tx, case.id, "outbox", promise.answer_ciphertext)
    assert orjson.loads(opened) == found
    assert "陳大文" not in str([entry.detail for entry in office.told(case)])


def call(office: Office, promise: Any, **changed: Any) -> bytes:
    fields = {"id": str(promise.id), "status": "confirmed", "reference": "R-1", **changed}
    return orjson.dumps(fields)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "answer.unreadable"),
        (b"\xff\xfe", "answer.unreadable"),
        (b"[]", "answer.unreadable"),
        (b'{"status": "confirmed"}', "answer.unreadable"),
        (b'{"id": 7, "status": "confirmed"}', "answer.unreadable"),
        (b'{"id": "not an id", "status": "confirmed"}', "answer.unreadable"),
        (b'{"id": "x", "reason": "\\u0000"}', "answer.unreadable"),
        (b'"' + b"x" * LONGEST + b'"', "answer.too_long"),
    ],
    ids=["empty", "bytes", "a list", "no id", "a number", "no uuid", "a NUL", "too long"],
)
def test_a_body_that_says_nothing_is_refused(office: Office, body: bytes, code: str) -> None:
    case, _ = sent(office)

    with pytest.raises(Rejected) as refused:
        office.accept("tax", body)

    assert refused.value.code == code
    assert office.promises(case)[0].status == "sent"


@pytest.mark.parametrize(
    ("peer", "changed", "refusal"),
    [
        ("water", {}, NotFound),  # a promise of another peer
        ("tax", {"id": str(uuid4())}, NotFound),
        ("tax", {"status": "found"}, Rejected),  # an answer to a question nobody asked
        ("tax", {"status": "perhaps"}, Rejected),
        ("tax", {"status": ["confirmed"]}, Rejected),
    ],
)
def test_an_answer_that_is_not_ours_is_refused_and_changes_nothing(
    office: Office, peer: str, changed: dict[str, Any], refusal: type[EngineError]
) -> None:
    case, promise = sent(office)

    with pytest.raises(refusal):
        office.accept(peer, call(office, promise, **changed))

    (after,) = office.promises(case)
    assert (after.status, after.answered_at, office.status(case)) == ("sent", None, "active")


@pytest.mark.parametrize("how", ["none", "garbage", "other secret", "other body", "old", "early"])
def test_a_call_that_is_not_signed_as_agreed_is_refused(office: Office, how: str) -> None:
    case, promise = sent(office)
    body = call(office, promise)
    with office.db.transaction(read_only=True) as tx:
        real = office.db.now(tx)
    secret = b"a secret between the office and its agencies"
    signature = {
        "none": "t=,v1=",
        "garbage": "huzheng",
        "other secret": sign(b"guessed", body, real),
        "other body": sign(secret, body + b" ", real),
        "old": sign(secret, body, real - timedelta(minutes=6)),
        "early": sign(secret, body, real + timedelta(minutes=6)),
    }[how]

    with pytest.raises(Forbidden):
        office.accept("tax", body, signature)

    assert office.promises(case)[0].status == "sent"


def test_an_answer_for_a_case_that_rests_is_kept_and_given_when_it_goes_on(
    office: Office,
) -> None:
    case, promise = sent(office)
    suspend(office, case)

    assert office.answer(promise) == "accepted"
    office.pass_time(timedelta(days=40))
    assert (office.status(case), office.promises(case)[0].status) == ("suspended", "confirmed")

    resume(office, case)
    office.do_due()
    assert office.status(case) == "closed"
    assert office.rows(tables.incidents, case) == []


def test_the_look_up_of_a_case_that_rests_gives_the_same_values(office: Office) -> None:
    data = {"applicant": {"name": "王小明", "id_number": "A123456789"}}
    case, promise = sent(office, "ASKS", data=data)
    suspend(office, case)
    office.answer(promise, "found", answer={"owner": True, "name": "陳大文"})

    resume(office, case)
    office.do_due()

    assert office.variables(case)["answer"] == {"owner": True}


def test_an_answer_after_the_case_went_another_way_is_kept_and_changes_nothing(
    office: Office,
) -> None:
    case, promise = sent(office, "WAITS")
    office.pass_time(timedelta(days=1))
    assert office.open_tasks(case) == ["by_hand"]

    assert office.answer(promise) == "accepted"

    assert office.promises(case)[0].answer["status"] == "confirmed"
    assert office.open_tasks(case) == ["by_hand"]
    assert office.do_due() == 0


def test_an_answer_after_the_dead_letter_is_taken_by_the_retry_without_sending_again(
    office: Office,
) -> None:
    office.transport = FailingTransport(times=MOST_ATTEMPTS, outcome=Outcome.UNKNOWN)
    case = office.file("TELLS")
    for _ in range(MOST_ATTEMPTS):
        office.pass_time(timedelta(hours=5))
    (promise,) = office.promises(case)
    assert promise.status == "failed"

    assert office.answer(promise) == "accepted"  # it had arrived after all
    operator, (incident,) = office.person("operator Su"), office.rows(tables.incidents, case)
    with office.db.transaction() as tx:
        incidents.retry(tx, incident.id, {}, operator, office.clock.now())

    assert office.status(case) == "closed"
    assert len(office.transport.parcels) == MOST_ATTEMPTS


def test_the_beat_of_kept_answers_sleeps_while_their_case_rests(office: Office) -> None:
    case, promise = sent(office)
    suspend(office, case)
    office.answer(promise)

    def next_due() -> Any:
        with office.db.transaction(read_only=True) as tx:
            return answers.next_due(tx)

    assert next_due() is None
    resume(office, case)
    assert next_due() == office.clock.now()
