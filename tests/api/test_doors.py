"""Once per key, by version, and again only what changed: what every route has of its door."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from store import tables
from tests.api.caller import refusal
from tests.api.house import House
from tests.support.races import at_once

NOTE = {"text": "call back on Tuesday"}


def test_an_unsafe_call_without_a_key_is_refused(house: House) -> None:
    lin = house.sign_in("counter.lin")

    answer = lin.post("/user-tasks/take-next", key=None)

    assert refusal(answer) == (400, "idempotency.key_missing")


@pytest.mark.parametrize("key", ["x" * 256, "caf\xe9"])
def test_a_key_that_cannot_be_stored_is_refused(house: House, key: str) -> None:
    lin = house.sign_in("counter.lin")

    answer = lin.post("/user-tasks/take-next", key=key)

    assert refusal(answer) == (422, "idempotency.key")


def test_the_same_call_is_answered_again_and_done_once(either_house: House) -> None:
    lin = either_house.sign_in("counter.lin")
    body = {"package": "REVIEW", "channel": "counter", "data": {"applicant": {"name": "王小明"}}}

    first = lin.post("/cases", body, key="one")
    again = lin.post("/cases", body, key="one")

    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.status_code == first.status_code == 201
    assert again.get_data() == first.get_data()
    assert again.headers["Location"] == first.headers["Location"]
    assert len(either_house.rows(tables.cases)) == 1


def test_two_same_calls_at_once_are_done_once(either_house: House) -> None:
    lin = either_house.sign_in("counter.lin")
    case = lin.file()
    claim = f"/user-tasks/{lin.task(case['id'])['id']}/claim"

    answers, failed = at_once(*[lambda: lin.post(claim, key="one")] * 6)

    assert failed == []
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.get_data() for answer in answers}) == 1
    claimed = either_house.rows(tables.history, action="user_task.claimed")
    assert len(claimed) == 1


def test_a_key_is_not_for_another_call(house: House) -> None:
    lin = house.sign_in("counter.lin")
    case = lin.file()
    lin.post(f"/cases/{case['id']}/notes", NOTE, key="one")

    answer = lin.post(f"/cases/{case['id']}/notes", {"text": "something else"}, key="one")

    assert refusal(answer) == (422, "idempotency.other_request")


def test_another_version_seen_is_another_call(house: House) -> None:
    huang = house.sign_in("chief.huang")
    case = house.sign_in("counter.lin").file()
    stop = f"/cases/{case['id']}/suspend"
    huang.post(stop, {"reason": "the court asks"}, key="one", version=1)

    answer = huang.post(stop, {"reason": "the court asks"}, key="one", version=2)

    assert refusal(answer) == (422, "idempotency.other_request")


def test_keys_of_two_people_are_two_keys(house: House) -> None:
    lin, wu = house.sign_in("counter.lin"), house.sign_in("counter.wu")
    case = lin.file()

    answers = [who.post(f"/cases/{case['id']}/notes", NOTE, key="one") for who in (lin, wu)]

    assert [answer.headers.get("Idempotent-Replay") for answer in answers] == [None, None]
    assert len(house.rows(tables.case_notes)) == 2


def test_a_refused_call_may_be_tried_again_with_its_key(house: House) -> None:
    huang = house.sign_in("chief.huang")
    case = house.sign_in("counter.lin").file()
    resume = f"/cases/{case['id']}/resume"

    refused = huang.post(resume, {"reason": "it may go on"}, key="one", version=1)
    huang.post(f"/cases/{case['id']}/suspend", {"reason": "the court asks"}, version=1)
    with house.db.transaction() as tx:
        tx.execute(update(tables.cases).values(version=1))  # the version the key was used with
    done = huang.post(resume, {"reason": "it may go on"}, key="one", version=1)

    assert refusal(refused) == (409, "case.not_suspended")
    assert done.status_code == 200


def test_stored_answers_hold_no_personal_data_in_clear(house: House) -> None:
    lin = house.sign_in("counter.lin")
    case = lin.file()
    look = {"paths": ["data.applicant.name"], "purpose": "the applicant is here"}

    first = lin.post(f"/cases/{case['id']}/reveal", look, key="one")
    again = lin.post(f"/cases/{case['id']}/reveal", look, key="one")

    assert first.get_json()["values"] == {"data.applicant.name": "王小明"}
    assert again.get_data() == first.get_data()
    stored = b"".join(bytes(row.body) for row in house.rows(tables.idempotency_keys))
    assert "王小明".encode() not in stored
    assert case["status_code"].encode() not in stored


def test_an_edit_says_which_version_it_saw(house: House) -> None:
    lin = house.sign_in("counter.lin")
    task = lin.claim(lin.file()["id"])
    complete = f"/user-tasks/{task['id']}/complete"

    assert refusal(lin.post(complete, {})) == (428, "precondition.required")
    assert refusal(lin.post(complete, {}, version=1)) == (412, "precondition.failed")
    assert refusal(lin.post(complete, {}, headers={"If-Match": '"new"'})) == (
        412,
        "precondition.failed",
    )
    assert lin.post(complete, {}, version=task["version"]).status_code == 200


def test_the_whole_etag_names_the_version_too(house: House) -> None:
    lin = house.sign_in("counter.lin")
    task = lin.claim(lin.file()["id"])
    seen = lin.get(f"/user-tasks/{task['id']}")

    answer = lin.post(
        f"/user-tasks/{task['id']}/complete", {}, headers={"If-Match": seen.headers["ETag"]}
    )

    assert answer.status_code == 200


def test_who_has_the_newest_is_sent_nothing(house: House) -> None:
    lin = house.sign_in("counter.lin")
    case = lin.file()
    path = f"/cases/{case['id']}"
    have = {"If-None-Match": lin.get(path).headers["ETag"]}

    unchanged = lin.get(path, headers=have)
    lin.claim(case["id"])  # moves the task, not the version of the case
    changed = lin.get(path, headers=have)

    assert (unchanged.status_code, unchanged.get_data()) == (304, b"")
    assert changed.status_code == 200
    assert changed.get_json()["tasks"][0]["status"] == "claimed"


def test_no_cache_keeps_an_answer(house: House) -> None:
    for answer in (house.stranger().get("/cases"), house.sign_in("counter.lin").get("/cases")):
        assert answer.headers["Cache-Control"] == "no-store"


def test_lists_are_pages_and_a_cursor_belongs_to_its_list(house: House) -> None:
    lin = house.sign_in("counter.lin")
    numbers = [lin.file()["number"] for _ in range(5)]

    listed, cursor = [], ""
    for _ in range(3):
        page = lin.get(f"/cases?limit=2{cursor}").get_json()
        listed += [row["number"] for row in page["items"]]
        cursor = f"&cursor={page['next']}"
    first = lin.get("/cases?limit=2").get_json()["next"]

    assert sorted(listed) == numbers
    assert page["next"] is None
    assert refusal(lin.get(f"/incidents?cursor={first}")) == (422, "cursor.invalid")
    assert refusal(lin.get("/cases?cursor=nothing")) == (422, "cursor.invalid")
    assert refusal(lin.get("/cases?limit=201")) == (422, "request.invalid")
