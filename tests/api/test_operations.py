"""Incidents, the outbox, messages, agencies' answers, notices, notifications, persons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import insert, update

from agencies.signatures import HEADER, sign
from engine import notices
from engine.case_rows import load
from engine.clock import SystemClock
from engine.notices import Notice
from store import tables
from tests.api.caller import Caller, refusal
from tests.api.house import SECRET, House


@pytest.fixture
def lin(house: House) -> Caller:
    return house.sign_in("counter.lin")


@pytest.fixture
def tsai(house: House) -> Caller:
    return house.sign_in("operator.tsai")


# --- incidents ----------------------------------------------------------------------------------


def test_an_incident_is_retried_with_values_put_right(either_house: House) -> None:
    lin, tsai = either_house.sign_in("counter.lin"), either_house.sign_in("operator.tsai")
    case = lin.file("NOTIFY", note="nobody")
    (incident,) = tsai.get("/incidents").get_json()["items"]

    answer = tsai.post(f"/incidents/{incident['id']}/retry", {"values": {"note": "tax"}})

    assert (incident["case_id"], incident["element_id"]) == (case["id"], "tell")
    assert incident["may_mend"] is None
    assert answer.status_code == 204
    assert tsai.get("/incidents").get_json()["items"] == []
    assert [row["peer"] for row in lin.case(case["id"])["outbox"]] == ["tax"]
    again = tsai.post(f"/incidents/{incident['id']}/retry", {})
    assert refusal(again) == (409, "incident.resolved")


def test_an_incident_the_process_waits_at_is_not_talked_away(lin: Caller, tsai: Caller) -> None:
    case = lin.file("NOTIFY", note="nobody")
    (incident,) = tsai.get(f"/incidents?code={_code(lin, case)}").get_json()["items"]
    resolve = f"/incidents/{incident['id']}/resolve"

    assert refusal(tsai.post(resolve, {"resolution": "told them by phone"})) == (
        409,
        "incident.process_waits",
    )
    assert refusal(tsai.post(resolve, {"resolution": " "})) == (422, "request.invalid")
    assert refusal(lin.post(resolve, {"resolution": "told them"})) == (403, "policy.group")


def _code(lin: Caller, case: dict[str, Any]) -> str:
    (incident,) = lin.case(case["id"])["incidents"]
    return str(incident["code"])


def test_an_incident_of_a_beat_is_resolved_with_its_resolution(house: House, tsai: Caller) -> None:
    incident_id = uuid4()
    row = {"id": incident_id, "office_id": "kh-fengshan", "source": "job", "code": "job.failed"}
    with house.db.transaction() as tx:
        more = {"message": "It failed.", "status": "open", "raised_at": house.clock.now()}
        tx.execute(insert(tables.incidents), {**row, **more})

    answer = tsai.post(f"/incidents/{incident_id}/resolve", {"resolution": "done by hand"})

    (resolved,) = tsai.get("/incidents?status=resolved").get_json()["items"]
    assert answer.status_code == 204
    assert (resolved["resolution"], resolved["case_id"]) == ("done by hand", None)


# --- the outbox ---------------------------------------------------------------------------------


def test_a_failed_notification_is_sent_again(house: House, lin: Caller, tsai: Caller) -> None:
    lin.file("NOTIFY", note="tax")
    (row,) = tsai.get("/outbox?status=queued").get_json()["items"]
    replay = f"/outbox/{row['id']}/replay"
    while_queued = tsai.post(replay)
    with house.db.transaction() as tx:
        tx.execute(update(tables.outbox).values(status="failed", next_attempt_at=None))

    answer = tsai.post(replay)

    assert refusal(while_queued) == (409, "outbox.not_failed")
    assert answer.status_code == 204
    (again,) = tsai.get("/outbox").get_json()["items"]
    assert (again["status"], again["peer"], again["case_number"]) == (
        "queued",
        "tax",
        row["case_number"],
    )
    assert house.rows(tables.history, action="notification.retried")[0].person_id is not None


def test_only_who_mends_sends_again(lin: Caller, tsai: Caller) -> None:
    lin.file("NOTIFY", note="tax")
    (row,) = lin.get("/outbox").get_json()["items"]

    assert row["may_replay"]["code"] == "incident.forbidden"
    assert refusal(lin.post(f"/outbox/{row['id']}/replay")) == (403, "policy.group")
    assert refusal(tsai.post(f"/outbox/{uuid4()}/replay")) == (404, "outbox.not_found")
    assert refusal(tsai.get("/outbox?status=lost")) == (422, "request.invalid")


# --- messages -----------------------------------------------------------------------------------


def _message(**change: Any) -> dict[str, Any]:
    return {"message_id": "m-1", "name": "paper", "correlation_key": "L-1", **change}


def test_a_message_finds_its_case_once(either_house: House) -> None:
    lin, tsai = either_house.sign_in("counter.lin"), either_house.sign_in("operator.tsai")
    case = lin.file("WAIT", note="L-1")

    first = tsai.post("/messages", _message())
    again = tsai.post("/messages", _message())
    early = tsai.post("/messages", _message(message_id="m-2", correlation_key="L-2"))

    outcomes = [answer.get_json()["outcome"] for answer in (first, again, early)]
    assert outcomes == ["correlated", "duplicate", "early"]
    assert lin.task(case["id"])["element_id"] == "done"


def test_a_message_that_several_wait_for_is_set_aside(lin: Caller, tsai: Caller) -> None:
    for _ in range(2):
        lin.file("WAIT", note="L-1")

    answer = tsai.post("/messages", _message())

    assert answer.get_json()["outcome"] == "quarantined"
    (incident,) = tsai.get("/incidents?source=message").get_json()["items"]
    assert incident["code"] == "message.quarantined"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"expires_at": "2026-03-01T00:00:00Z"}, (422, "message.expired")),
        ({"expires_at": "2026-03-05T00:00:00"}, (422, "request.invalid")),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, (422, "request.invalid")),
        ({"message_id": ""}, (422, "request.invalid")),
        ({"message_id": "x" * 121}, (422, "request.invalid")),
        ({"name": None}, (422, "request.invalid")),
        ({"payload": []}, (422, "request.invalid")),
        ({"peer": "somebody else"}, (422, "request.invalid")),
    ],
)
def test_a_message_that_is_none_is_refused(
    tsai: Caller, change: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert refusal(tsai.post("/messages", _message(**change))) == expected


def test_messages_come_from_operators(lin: Caller) -> None:
    assert refusal(lin.post("/messages", _message())) == (403, "policy.group")


# --- agencies -----------------------------------------------------------------------------------


def _answer(
    house: House, body: bytes, agency: str = "tax", secret: bytes = SECRET, late: int = 0
) -> Any:
    at = SystemClock().now() - timedelta(minutes=late)
    return house.stranger().call(
        "POST",
        f"/agencies/{agency}/answers",
        key=None,
        data=body,
        headers={HEADER: sign(secret, body, at), "Content-Type": "application/json"},
    )


def test_what_an_agency_answers_counts_once_and_the_case_goes_on(either_house: House) -> None:
    lin = either_house.sign_in("counter.lin")
    case = lin.file("NOTIFY", note="tax")
    (row,) = lin.get("/outbox").get_json()["items"]
    body = orjson.dumps({"id": row["id"], "status": "confirmed", "reference": "T-7"})

    first, again = _answer(either_house, body), _answer(either_house, body)

    assert first.get_json() == {"result": "accepted"}
    assert again.get_json() == {"result": "duplicate"}
    assert lin.case(case["id"])["status"] == "closed"
    assert lin.get("/outbox").get_json()["items"][0]["reference"] == "T-7"


def test_who_cannot_sign_is_not_heard(house: House, lin: Caller) -> None:
    lin.file("NOTIFY", note="tax")
    (row,) = lin.get("/outbox").get_json()["items"]
    body = orjson.dumps({"id": row["id"], "status": "confirmed"})

    unsigned = house.stranger().call(
        "POST", "/agencies/tax/answers", data=body, content_type="application/json"
    )

    assert refusal(unsigned) == (403, "signature.missing")
    assert refusal(_answer(house, body, secret=b"another")) == (403, "signature.wrong")
    assert refusal(_answer(house, body, late=6)) == (403, "signature.old")
    assert refusal(_answer(house, body, agency="nobody")) == (404, "agency.unknown")
    assert lin.get("/outbox").get_json()["items"][0]["status"] == "queued"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "json.malformed")),
        (b'{"id": "a\\u0000"}', (400, "json.text")),
        (b"[]", (422, "answer.unreadable")),
        (b'{"id": "x", "status": "confirmed"}', (422, "answer.unreadable")),
        (b'{"id": "%s", "status": 7}' % str(UUID(int=1)).encode(), (404, "outbox.unknown")),
        (b'{"id": "%s", "status": "found"}' % str(UUID(int=1)).encode(), (404, "outbox.unknown")),
    ],
)
def test_an_answer_that_cannot_be_read_is_refused(
    either_house: House, body: bytes, expected: tuple[int, str]
) -> None:
    assert refusal(_answer(either_house, body)) == expected


# --- notices, notifications, persons ------------------------------------------------------------


@pytest.fixture
def notice(house: House, lin: Caller) -> str:
    """A notice that was issued for a case just now."""
    case_id = UUID(lin.file()["id"])
    with house.db.transaction() as tx:
        from engine.actors import system

        case = load(tx, case_id, system("kh-fengshan"))
        issued = Notice("one_time_notice", "letter", {"missing": ["birth certificate"]})
        return str(notices.issue(tx, case.ref, "test", issued, house.clock.now()))


def test_the_day_a_notice_was_served_is_entered_once(
    house: House, lin: Caller, notice: str
) -> None:
    house.clock.move(timedelta(days=2))
    served = {"served_on": "2026-03-03", "proof": "receipt 12"}
    path = f"/notices/{notice}/serve"

    assert lin.post(path, served).status_code == 204

    assert refusal(lin.post(path, served)) == (409, "notice.served_before")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"served_on": "2026-03-09", "proof": "x"}, (422, "notice.served_on")),
        ({"served_on": "2026-02-27", "proof": "x"}, (422, "notice.served_on")),
        ({"served_on": "0001-01-01", "proof": "x"}, (422, "request.invalid")),
        ({"served_on": "yesterday", "proof": "x"}, (422, "request.invalid")),
        ({"served_on": "2026-03-02", "proof": ""}, (422, "request.invalid")),
        ({"served_on": "2026-03-02"}, (422, "request.invalid")),
    ],
)
def test_a_service_without_day_or_proof_is_refused(
    lin: Caller, notice: str, body: dict[str, str], expected: tuple[int, str]
) -> None:
    assert refusal(lin.post(f"/notices/{notice}/serve", body)) == expected


def test_those_who_do_not_work_on_cases_serve_no_notice(house: House, notice: str) -> None:
    answer = house.sign_in("analyst.ho").post(f"/notices/{notice}/serve", {})

    assert refusal(answer) == (403, "policy.group")


def _tell(house: House, login: str) -> str:
    notice_id = uuid4()
    row = {"id": notice_id, "office_id": "kh-fengshan", "person_id": house.person_id(login)}
    with house.db.transaction() as tx:
        more = {"kind": "clock.warned", "detail": {}, "created_at": house.clock.now()}
        tx.execute(insert(tables.person_notices), {**row, **more})
    return str(notice_id)


def test_everybody_reads_their_own_notifications(house: House, lin: Caller) -> None:
    mine, others = _tell(house, "counter.lin"), _tell(house, "counter.wu")

    unread = [row["id"] for row in lin.get("/notifications?unread=true").get_json()["items"]]
    assert unread == [mine]
    assert lin.post(f"/notifications/{mine}/read").status_code == 204
    assert lin.get("/notifications?unread=true").get_json()["items"] == []
    assert [row["id"] for row in lin.get("/notifications").get_json()["items"]] == [mine]
    assert refusal(lin.post(f"/notifications/{others}/read")) == (404, "notification.not_found")


def test_the_staff_of_ones_own_office_is_listed(lin: Caller) -> None:
    names = [row["name"] for row in lin.get("/persons").get_json()["items"]]
    reviewers = lin.get("/persons?group=reviewer").get_json()["items"]

    assert "counter.wu" in names
    assert "counter.elsewhere" not in names
    assert [row["name"] for row in reviewers] == ["all.here", "reviewer.chen"]
    assert refusal(lin.get("/persons?group=king")) == (422, "request.invalid")
