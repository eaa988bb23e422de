"""Deeds on tokens over the API: what is active, moving it, and what is refused."""

from __future__ import annotations

import pytest

from tests.api.caller import Caller, refusal
from tests.api.house import House

WHY = {"reason": "filed by mistake"}


@pytest.fixture
def huang(house: House) -> Caller:
    return house.sign_in("chief.huang")


@pytest.fixture
def case(house: House) -> str:
    return str(house.sign_in("counter.lin").file("REVIEW")["id"])


def version(caller: Caller, case: str) -> int:
    return int(caller.case(case)["version"])


def test_what_is_active_is_listed_with_what_may_be_tried(huang: Caller, case: str) -> None:
    answer = huang.get(f"/cases/{case}/tokens")

    (token,) = answer.get_json()["items"]
    assert (token["key"], token["element_id"], token["kind"]) == ("record#1", "record", "user_task")
    assert token["acts"] == ["move", "add", "cancel", "skip", "repeat"]
    assert answer.get_json()["refusal"] is None
    assert answer.headers["ETag"].startswith(f'"{version(huang, case)}-')


def test_who_may_not_sees_why(house: House, case: str) -> None:
    lin = house.sign_in("counter.lin")

    assert lin.get(f"/cases/{case}/tokens").get_json()["refusal"]["code"] == "token.forbidden"
    deed = {"token": "record#1", **WHY}
    answer = lin.post(f"/cases/{case}/tokens/repeat", deed, version=1)
    assert refusal(answer) == (403, "policy.group")


def test_a_case_is_moved_skipped_and_repeated(huang: Caller, case: str) -> None:
    path = f"/cases/{case}/tokens"

    moved = huang.post(
        f"{path}/move", {"token": "record#1", "to": "review", **WHY}, version=version(huang, case)
    )
    assert moved.status_code == 200
    assert huang.task(case)["element_id"] == "review"

    again = huang.post(f"{path}/repeat", {"token": "review#1", **WHY}, version=version(huang, case))
    assert again.status_code == 200

    skipped = {"token": "review#2", "values": {"outcome": "approve"}, **WHY}
    huang.post(f"{path}/skip", skipped, version=version(huang, case))
    assert huang.case(case)["status"] == "closed"


def test_the_last_token_is_not_cancelled_and_no_step_done_twice(huang: Caller, case: str) -> None:
    path, seen = f"/cases/{case}/tokens", version(huang, case)

    last = huang.post(f"{path}/cancel", {"token": "record#1", **WHY}, version=seen)
    twice = huang.post(f"{path}/add", {"token": "record#1", "to": "review", **WHY}, version=seen)

    assert refusal(last) == (422, "case.token.last")
    assert "zh" in last.get_json()["facts"]
    assert refusal(twice) == (422, "case.token.apart")


def test_who_saw_an_older_version_looks_again(huang: Caller, case: str) -> None:
    seen = version(huang, case)
    deed = {"token": "record#1", **WHY}
    huang.post(f"/cases/{case}/tokens/repeat", deed, version=seen)

    answer = huang.post(f"/cases/{case}/tokens/repeat", deed, version=seen)

    assert refusal(answer) == (412, "precondition.failed")
    assert refusal(huang.post(f"/cases/{case}/tokens/repeat", deed)) == (
        428,
        "precondition.required",
    )


def test_a_reason_is_said(huang: Caller, case: str) -> None:
    deed = {"token": "record#1", "reason": "  "}

    answer = huang.post(f"/cases/{case}/tokens/repeat", deed, version=version(huang, case))

    assert refusal(answer) == (422, "request.invalid")
