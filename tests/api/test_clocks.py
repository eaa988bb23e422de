"""Legal time over the API: what is overdue, the one extension, the calendar and closures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.api.caller import Caller, refusal
from tests.api.house import House

LONGER = {
    "length": 1,
    "unit": "working_day",
    "reason": "the archive answers late",
    "told_on": "2026-03-03",
}


@pytest.fixture
def lin(house: House) -> Caller:
    return house.sign_in("counter.lin")


@pytest.fixture
def huang(house: House) -> Caller:
    return house.sign_in("chief.huang")


def _clock(caller: Caller) -> dict[str, Any]:
    """The clock of a case just filed: three working days."""
    (clock,) = caller.case(caller.file()["id"])["clocks"]
    return dict(clock)


def test_what_is_overdue_is_listed_with_who_has_it_and_why(either_house: House) -> None:
    lin = either_house.sign_in("counter.lin")
    clock = _clock(lin)
    before = lin.get("/overdue").get_json()["items"]
    either_house.clock.move(timedelta(days=7))

    (row,) = lin.get("/overdue").get_json()["items"]

    assert before == []
    assert (row["clock_id"], row["overdue"], row["status"]) == (clock["id"], True, "running")
    assert row["late_days"] == 2
    assert row["tasks"][0]["groups"] == ["counter"]
    assert row["may_extend"] == "clock.expired"
    counted = lin.get("/overdue/counts").get_json()
    assert counted == {
        "overdue": 1,
        "office": 1,
        "applicant": 0,
        "due_today": 0,
        "soon": 0,
        "paused": 0,
    }


def test_overdue_clocks_come_in_pages(either_house: House) -> None:
    lin = either_house.sign_in("counter.lin")
    clocks = {_clock(lin)["id"] for _ in range(5)}
    either_house.clock.move(timedelta(days=7))

    seen, cursor = [], ""
    for _ in range(3):
        page = lin.get(f"/overdue?limit=2{cursor}").get_json()
        seen += [row["clock_id"] for row in page["items"]]
        cursor = f"&cursor={page['next']}"

    assert len(seen) == 5
    assert set(seen) == clocks
    assert page["next"] is None


def test_what_will_be_overdue_counts_from_the_aim(either_house: House) -> None:
    lin = either_house.sign_in("counter.lin")
    clock = lin.get(f"/clocks/{_clock(lin)['id']}").get_json()
    assert lin.get("/overdue?which=upcoming").get_json()["items"] == []

    either_house.clock.move_to(datetime.fromisoformat(clock["target_at"]))

    upcoming = [row["clock_id"] for row in lin.get("/overdue?which=upcoming").get_json()["items"]]
    assert upcoming == [clock["id"]]
    assert lin.get("/overdue/counts").get_json()["soon"] == 1
    behind = lin.get("/user-tasks?view=group&due=aim").get_json()["items"]
    assert [row["case_id"] for row in behind] == [clock["case_id"]]


def test_what_stands_still(lin: Caller) -> None:
    _clock(lin)
    assert lin.get("/overdue?which=paused").get_json()["items"] == []
    assert refusal(lin.get("/overdue?which=all")) == (422, "request.invalid")


def test_a_clock_explains_its_due_date(lin: Caller) -> None:
    clock = lin.get(f"/clocks/{_clock(lin)['id']}").get_json()

    assert (clock["name"], clock["due_on"]) == ("processing", "2026-03-05")
    assert clock["explanation"]["en"]["steps"]
    (fact,) = clock["facts"]
    assert (fact["kind"], fact["due_after"]) == ("start", clock["due_at"])
    assert refusal(lin.get(f"/clocks/{uuid4()}")) == (404, "clock.unknown")


def test_a_limit_is_extended_once(house: House, lin: Caller, huang: Caller) -> None:
    clock = _clock(lin)
    house.clock.move(timedelta(days=1))
    path = f"/clocks/{clock['id']}/extend"

    extended = huang.post(path, LONGER)
    again = huang.post(path, LONGER)

    assert extended.get_json()["due_on"] == "2026-03-06"
    assert refusal(again) == (409, "clock.extended_before")


def test_after_its_end_a_limit_is_not_extended(house: House, lin: Caller, huang: Caller) -> None:
    clock = _clock(lin)
    house.clock.move(timedelta(days=9))

    assert refusal(huang.post(f"/clocks/{clock['id']}/extend", LONGER)) == (409, "clock.expired")


@pytest.mark.parametrize(
    "change",
    [
        {"length": 0},
        {"length": 1.5},
        {"unit": "fortnight"},
        {"reason": " "},
        {"told_on": "3 March"},
        {"due_on": "2027-01-01"},
    ],
)
def test_an_extension_that_is_none_is_refused(
    lin: Caller, huang: Caller, change: dict[str, Any]
) -> None:
    answer = huang.post(f"/clocks/{_clock(lin)['id']}/extend", {**LONGER, **change})

    assert refusal(answer) == (422, "request.invalid")


def test_only_supervisors_extend(lin: Caller) -> None:
    answer = lin.post(f"/clocks/{_clock(lin)['id']}/extend", LONGER)

    assert refusal(answer) == (403, "policy.group")


# --- the calendar -------------------------------------------------------------------------------

TYPHOON = {"day": "2026-03-04", "reason": "typhoon", "source": "city announcement 115-3"}


def test_a_closure_answers_with_every_due_date_it_moved(either_house: House) -> None:
    lin, huang = either_house.sign_in("counter.lin"), either_house.sign_in("chief.huang")
    clock = _clock(lin)

    edit = huang.post("/calendar/edits", TYPHOON).get_json()["id"]
    tsai = either_house.sign_in("operator.tsai")
    seen = tsai.get(f"/calendar/edits/{edit}/preview").get_json()
    assert lin.get(f"/clocks/{clock['id']}").get_json()["due_on"] == "2026-03-05"

    answer = tsai.post(f"/calendar/edits/{edit}/approve")

    (moved,) = answer.get_json()["moved"]
    assert seen == {"candidates": 1, "items": [moved], "stayed": [], "next": None}
    assert moved["clock"] == clock["id"]
    assert (moved["before"], moved["after"]) == ("2026-03-05T16:00:00Z", "2026-03-06T16:00:00Z")
    (day,) = lin.get("/calendar?from=2026-03-04&days=1").get_json()["items"]
    assert (day["is_working"], day["closure"], day["source"]) == (
        False,
        True,
        "city announcement 115-3",
    )
    assert lin.get(f"/clocks/{clock['id']}").get_json()["due_on"] == "2026-03-06"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"day": "2026-03-07"}, (422, "calendar.rest_day")),
        ({"day": "2199-03-04"}, (422, "calendar.not_loaded")),
        ({"day": "9999-12-31"}, (422, "request.invalid")),
        ({"part": "evening"}, (422, "request.invalid")),
        ({"reason": ""}, (422, "request.invalid")),
        ({"reason": "x" * 121}, (422, "request.invalid")),
        ({"office_id": "kh-lingya"}, (422, "request.invalid")),
    ],
)
def test_a_closure_that_is_none_is_refused(
    huang: Caller, change: dict[str, str], expected: tuple[int, str]
) -> None:
    assert refusal(huang.post("/calendar/edits", {**TYPHOON, **change})) == expected


def test_only_supervisors_and_operators_close_the_office(lin: Caller) -> None:
    assert refusal(lin.post("/calendar/edits", TYPHOON)) == (403, "policy.group")


def test_a_closure_is_of_ones_own_office(house: House, huang: Caller) -> None:
    edit = huang.post("/calendar/edits", TYPHOON).get_json()["id"]
    house.sign_in("operator.tsai").post(f"/calendar/edits/{edit}/approve")

    elsewhere = house.sign_in("counter.elsewhere").get("/calendar?from=2026-03-04&days=1")

    assert elsewhere.get_json()["items"][0]["is_working"] is True


def test_nobody_approves_or_refuses_what_they_proposed(huang: Caller) -> None:
    edit = huang.post("/calendar/edits", TYPHOON).get_json()["id"]

    for deed, body in (("approve", {}), ("refuse", {"reason": "no"})):
        answer = huang.post(f"/calendar/edits/{edit}/{deed}", body)
        assert refusal(answer) == (403, "calendar.four_eyes")
    again = huang.post("/calendar/edits", TYPHOON)
    assert refusal(again) == (409, "calendar.proposed_already")
    assert huang.post(f"/calendar/edits/{edit}/withdraw").get_json()["status"] == "withdrawn"
    assert refusal(huang.post(f"/calendar/edits/{edit}/withdraw")) == (409, "calendar.decided")


def test_what_was_decided_stays_decided(house: House, huang: Caller) -> None:
    edit = huang.post("/calendar/edits", TYPHOON).get_json()["id"]
    tsai = house.sign_in("operator.tsai")

    refused = tsai.post(f"/calendar/edits/{edit}/refuse", {"reason": "another district"})

    told = refused.get_json()
    assert (told["status"], told["decided_why"]) == ("refused", "another district")
    assert refusal(tsai.post(f"/calendar/edits/{edit}/approve")) == (409, "calendar.decided")
    assert tsai.get("/calendar/edits").get_json()["items"][0]["id"] == edit
    assert house.sign_in("all.elsewhere").get(f"/calendar/edits/{edit}").status_code == 404


def test_the_calendar_shows_the_days_it_knows(lin: Caller) -> None:
    days = lin.get("/calendar").get_json()["items"]

    assert (days[0]["day"], len(days)) == ("2026-03-02", 35)
    assert lin.get("/calendar?from=2199-01-01").get_json()["items"] == []
    assert refusal(lin.get("/calendar?days=401")) == (422, "request.invalid")
    assert refusal(lin.get("/calendar?from=today")) == (422, "request.invalid")
