"""Rules over the API: what holds, and new versions proposed by one and entered by another."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.caller import Caller, refusal
from tests.api.house import House

RULE = "RESIDENCE_CHECK_6WD"
ROW = {"rule": RULE, "valid_from": "2026-03-02", "length": "8"}
CHANGE = {"rows": [ROW], "reason": "limits amended", "source": "city 115-9"}


def proposed(house: House, by: str = "analyst.ho", **more: Any) -> Any:
    answer = house.sign_in(by).post("/rules/changes", {**CHANGE, **more})
    assert answer.status_code == 201, answer.get_data()
    return answer.get_json()


def versions(caller: Caller, rule: str = RULE) -> list[tuple[str, bool]]:
    items = caller.get(f"/rules/{rule}").get_json()["items"]
    return [(each["length"], each["entered"]) for each in items]


def test_everybody_on_staff_reads_the_rules_with_their_articles(either_house: House) -> None:
    lin = either_house.sign_in("counter.lin")

    listed = lin.get("/rules").get_json()["items"]
    (birth, *_) = lin.get("/rules/STAT_BIRTH_60D").get_json()["items"]

    assert birth in listed
    assert len(listed) > 100
    assert birth["article"]["en"].startswith("Household Registration Act, Art. 48")
    assert (birth["length"], birth["unit"], birth["entered"]) == ("60", "calendar_day", False)
    assert refusal(lin.get("/rules/NO_SUCH_RULE")) == (404, "rule.unknown")


def test_a_change_is_weighed_and_entered_by_a_second_person(either_house: House) -> None:
    lin, tsai = either_house.sign_in("counter.lin"), either_house.sign_in("operator.tsai")
    case = lin.file()
    (clock,) = lin.case(case["id"])["clocks"]
    # REVIEW brings its own length; counted from the day itself it ends a working day earlier.
    row = {"rule": "PROC_WORKDAY", "valid_from": "2026-03-02", "starts": "same_day"}

    made = proposed(either_house, rows=[row])
    seen = tsai.get(f"/rules/changes/{made['id']}/preview").get_json()
    assert lin.get(f"/clocks/{clock['id']}").get_json()["due_on"] == "2026-03-05"
    entered = tsai.post(f"/rules/changes/{made['id']}/approve").get_json()
    told = tsai.get(f"/rules/changes/{made['id']}").get_json()

    (changed,) = made["rows"]
    assert (changed["before"]["starts"], changed["after"]["starts"]) == ("next_day", "same_day")
    assert changed["after"]["source"] == CHANGE["source"]
    assert seen == {"candidates": 1, "items": entered["moved"], "stayed": [], "next": None}
    assert (told["work"]["stayed_count"], told["work"]["stayed"]) == (0, [])
    assert lin.get(f"/clocks/{clock['id']}").get_json()["due_on"] == "2026-03-04"
    assert (told["status"], told["decided_by"]) == ("entered", "operator.tsai")
    assert told["work"]["moved_count"] == told["work"]["total"] == 1
    assert versions(lin, "PROC_WORKDAY")[-1] == (None, True)


def test_nobody_approves_what_he_proposed_and_counters_propose_nothing(house: House) -> None:
    ho, lin = house.sign_in("analyst.ho"), house.sign_in("counter.lin")
    change = proposed(house)["id"]

    assert refusal(ho.post(f"/rules/changes/{change}/approve")) == (403, "calendar.four_eyes")
    assert refusal(lin.post("/rules/changes", CHANGE)) == (403, "policy.group")
    assert refusal(lin.get(f"/rules/changes/{change}")) == (403, "policy.group")
    assert [each["id"] for each in ho.get("/rules/changes").get_json()["items"]] == [change]
    assert versions(lin) == versions(house.sign_in("all.elsewhere"))


def test_a_change_is_refused_with_a_reason_or_taken_back(house: House) -> None:
    ho, tsai = house.sign_in("analyst.ho"), house.sign_in("operator.tsai")
    first = proposed(house)["id"]
    again = ho.post("/rules/changes", CHANGE)
    refused = tsai.post(f"/rules/changes/{first}/refuse", {"reason": "not before July"})
    second = proposed(house)["id"]

    assert refusal(again) == (409, "calendar.proposed_already")
    told = refused.get_json()
    assert (told["status"], told["decided_why"]) == ("refused", "not before July")
    assert refusal(tsai.post(f"/rules/changes/{second}/withdraw")) == (403, "calendar.not_proposer")
    assert ho.post(f"/rules/changes/{second}/withdraw").get_json()["status"] == "withdrawn"
    assert refusal(ho.post(f"/rules/changes/{second}/approve")) == (409, "calendar.decided")


def test_a_change_of_rules_is_no_edit_of_the_calendar_nor_the_other_way_round(
    house: House,
) -> None:
    here = house.sign_in("all.here")
    rules = proposed(house)["id"]
    typhoon = {"day": "2026-03-04", "reason": "typhoon", "source": "city 115-3"}
    day = here.post("/calendar/edits", typhoon).get_json()["id"]

    for path in (f"/calendar/edits/{rules}", f"/rules/changes/{day}"):
        assert refusal(here.get(path)) == (404, "calendar.no_edit")
        assert refusal(here.get(f"{path}/preview")) == (404, "calendar.no_edit")
        for deed in ("approve", "withdraw"):
            assert refusal(here.post(f"{path}/{deed}")) == (404, "calendar.no_edit")
        reason = {"reason": "no"}
        assert refusal(here.post(f"{path}/refuse", reason)) == (404, "calendar.no_edit")
    elsewhere = house.sign_in("all.elsewhere")
    assert refusal(elsewhere.get(f"/rules/changes/{rules}")) == (404, "calendar.no_edit")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"rule": "NO_SUCH_RULE"}, (422, "rule.unknown")),
        ({"rule": "FINE_TIER", "length": "9"}, (422, "rule.version")),
        ({"length": "eight"}, (422, "length.unreadable")),
        (
            {
                "rule": "PASSPORT_ONESTOP",
                "valid_from": "2023-02-20",
                "length": "14",
                "source": "苗栗戶所網頁 112.2.20",
            },
            (422, "rule.unchanged"),
        ),
        ({"valid_to": "2026-01-01"}, (422, "rule.version")),
        ({"unit": "moon"}, (422, "validation")),
        ({"jurisdiction": "village:x"}, (422, "validation")),
        ({"kind": "filing"}, (422, "validation")),
        ({"valid_from": None}, (422, "validation")),
    ],
)
def test_a_row_that_is_no_rule_is_refused(
    house: House, row: dict[str, Any], expected: tuple[int, str]
) -> None:
    given = {name: value for name, value in {**ROW, **row}.items() if value is not None}

    answer = house.sign_in("analyst.ho").post("/rules/changes", {**CHANGE, "rows": [given]})

    assert refusal(answer)[0] == expected[0]
    if expected[1] != "validation":
        assert refusal(answer) == expected


def test_a_version_may_end_and_several_rules_change_together(house: House) -> None:
    tsai = house.sign_in("operator.tsai")
    rows = [
        {**ROW, "valid_to": "2026-06-30"},
        {"rule": "RESIDENCE_CHECK_3D", "valid_from": "2026-03-02", "length": "4"},
    ]
    change = proposed(house, rows=rows)
    tsai.post(f"/rules/changes/{change['id']}/approve")

    (first, second) = change["rows"]
    assert (first["after"]["valid_to"], second["after"]["valid_to"]) == ("2026-06-30", None)
    assert versions(tsai)[-1] == ("8", True)
    assert versions(tsai, "RESIDENCE_CHECK_3D")[-1] == ("4", True)
