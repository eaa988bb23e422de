"""Extensions asked for and decided through the API; both counts of a clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.api.caller import Caller, refusal
from tests.api.house import House

WANTED = {"length": 1, "unit": "working_day", "reason": "須函詢他所"}


@pytest.fixture
def lin(house: House) -> Caller:
    return house.sign_in("counter.lin")


@pytest.fixture
def huang(house: House) -> Caller:
    return house.sign_in("chief.huang")


def clock_of(lin: Caller) -> dict[str, Any]:
    case = lin.file()
    (clock,) = lin.get(f"/cases/{case['id']}").get_json()["clocks"]
    found: dict[str, Any] = clock
    return found


def asked(lin: Caller, clock: dict[str, Any]) -> dict[str, Any]:
    answer = lin.post(f"/clocks/{clock['id']}/extension-requests", WANTED)
    assert answer.status_code == 201, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_clerk_asks_and_the_chief_grants(house: House, lin: Caller, huang: Caller) -> None:
    clock = clock_of(lin)
    request = asked(lin, clock)
    path = f"/extension-requests/{request['id']}"

    assert refusal(lin.post(f"{path}/grant")) == (403, "policy.group")
    waiting = huang.get("/extension-requests").get_json()["items"]
    assert [each["id"] for each in waiting] == [request["id"]]
    granted = huang.post(f"{path}/grant")

    assert (granted.status_code, granted.get_json()["status"]) == (200, "granted")
    assert huang.get("/extension-requests").get_json()["items"] == []
    shown = lin.get(f"/clocks/{clock['id']}").get_json()
    assert shown["due_on"] == "2026-03-06"
    letter = shown["extension"]["letter"]
    assert (letter["served_on"], letter["is_late"]) == (None, False)
    opened = lin.get(f"/extension-letters/{letter['id']}").get_json()
    assert (opened["reason"], opened["first_end"], opened["new_end"]) == (
        "須函詢他所",
        "2026-03-05",
        "2026-03-06",
    )
    of_case = lin.get(f"/cases/{request['case_id']}/extension-requests").get_json()["items"]
    assert [each["decider"] for each in of_case] == [granted.get_json()["decider"]]


def test_a_request_is_refused_or_taken_back(lin: Caller, huang: Caller) -> None:
    first = asked(lin, clock_of(lin))
    refused = huang.post(f"/extension-requests/{first['id']}/refuse", {"why": "資料已齊"})
    second = asked(lin, clock_of(lin))
    taken_back = lin.post(f"/extension-requests/{second['id']}/withdraw")

    assert (refused.get_json()["status"], refused.get_json()["decided_why"]) == (
        "refused",
        "資料已齊",
    )
    assert taken_back.get_json()["status"] == "withdrawn"
    again = huang.post(f"/extension-requests/{first['id']}/grant")
    assert refusal(again) == (409, "extension.decided")


@pytest.mark.parametrize(
    "change", [{"length": 0}, {"unit": "fortnight"}, {"reason": " "}, {"told_on": "2026-03-02"}]
)
def test_a_request_that_is_none_is_refused(lin: Caller, change: dict[str, Any]) -> None:
    path = f"/clocks/{clock_of(lin)['id']}/extension-requests"

    assert refusal(lin.post(path, {**WANTED, **change})) == (422, "request.invalid")


def test_a_request_of_another_office_is_none(house: House, lin: Caller) -> None:
    request = asked(lin, clock_of(lin))
    there = house.sign_in("all.elsewhere")

    assert refusal(there.post(f"/extension-requests/{request['id']}/grant")) == (
        404,
        "extension.unknown",
    )
    assert refusal(lin.post(f"/extension-requests/{uuid4()}/withdraw")) == (
        404,
        "extension.unknown",
    )
    assert refusal(there.get(f"/cases/{request['case_id']}/extension-requests")) == (
        404,
        "case.not_found",
    )


def test_a_clock_tells_both_counts_and_its_aim(house: House, lin: Caller) -> None:
    clock = clock_of(lin)
    house.clock.move(timedelta(days=1))

    shown = lin.get(f"/clocks/{clock['id']}").get_json()

    assert shown["used"] == {
        "days": "1",
        "since": "2026-03-02",
        "until": "2026-03-03",
        "rest_days": 0,
        "half_days": [],
        "left_out": [],
        "same_day": False,
    }
    assert shown["target_at"] < shown["due_at"]
    assert shown["extension"] is None
