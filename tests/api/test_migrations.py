"""Moving running cases over the API: plan, dry run, second person, results, comparison."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from engine import migrations_work
from tests.api.caller import Caller, refusal
from tests.api.house import House, another_version


@pytest.fixture
def ho(house: House) -> Caller:
    return house.sign_in("analyst.ho")


@pytest.fixture
def lin(house: House) -> Caller:
    return house.sign_in("counter.lin")


@pytest.fixture
def huang(house: House) -> Caller:
    return house.sign_in("chief.huang")


def work(house: House) -> None:
    while migrations_work.advance_next(house.db, house.clock.now()):
        pass


def test_cases_are_planned_approved_and_moved(
    house: House, ho: Caller, lin: Caller, huang: Caller, tmp_path: Path
) -> None:
    case = lin.file("REVIEW")["id"]
    before = lin.claim(case)
    old, new = another_version(house, tmp_path)
    asked = {"from_id": old, "to_id": new, "reason": "one more check"}

    planned = ho.post("/migrations", asked)

    plan = planned.get_json()
    assert (planned.status_code, plan["status"]) == (201, "waiting")
    assert plan["counts"] == {"total": 1, "verdicts": {"can": 1}, "outcomes": {}}
    path = f"/migrations/{plan['id']}"
    assert refusal(ho.post(f"{path}/approve", {})) == (403, "migration.four_eyes")
    assert huang.post(f"{path}/approve", {"why": "as agreed"}).get_json()["status"] == "moving"
    work(house)
    assert ho.get(path).get_json()["counts"]["outcomes"] == {"moved": 1}
    (moved,) = ho.get(f"{path}/cases?outcome=moved").get_json()["items"]
    assert (moved["case_id"], moved["verdict"], moved["outcome"]) == (case, "can", "moved")
    assert lin.case(case)["definition_id"] == new
    task = lin.task(case)
    assert (task["id"], task["version"]) == (before["id"], before["version"])
    assert [row["id"] for row in ho.get("/migrations?package=REVIEW").get_json()["items"]] == [
        plan["id"]
    ]


def test_why_a_case_cannot_be_moved_is_told_in_both_languages(
    house: House, ho: Caller, lin: Caller, tmp_path: Path
) -> None:
    old, new = another_version(house, tmp_path)
    lin.file("REVIEW")  # runs on the longer version already
    back = {"from_id": new, "to_id": old, "reason": "the check is not needed"}
    case = lin.file("REVIEW")["id"]
    lin.complete(lin.claim(case), values={}, data={})

    plan = ho.post("/migrations", back).get_json()

    assert plan["counts"]["verdicts"] == {"can": 1, "cannot": 1}
    (row,) = ho.get(f"/migrations/{plan['id']}/cases?verdict=cannot").get_json()["items"]
    (remark,) = row["remarks"]
    assert (remark["code"], remark["element"], remark["weight"]) == (
        "element.gone",
        "check",
        "refused",
    )
    assert "check" in remark["zh"]
    assert "check" in remark["en"]


def test_two_versions_are_compared_element_by_element(
    house: House, ho: Caller, tmp_path: Path
) -> None:
    old, new = another_version(house, tmp_path)
    plan = ho.post("/migrations", {"from_id": old, "to_id": new, "reason": "x"}).get_json()

    items = ho.get(f"/migrations/{plan['id']}/comparison").get_json()["items"]

    found = {item["element_id"]: item for item in items}
    assert found["check"]["what"] == "new"
    assert found["review"]["what"] == "same"
    assert found["record"]["facets"] == [
        {"name": "outgoing", "before": "→ review", "after": "→ check"}
    ]


def test_a_plan_is_taken_back_or_refused(
    house: House, ho: Caller, huang: Caller, tmp_path: Path
) -> None:
    old, new = another_version(house, tmp_path)
    asked = {"from_id": old, "to_id": new, "reason": "x"}
    first = ho.post("/migrations", asked).get_json()["id"]
    assert refusal(ho.post("/migrations", asked)) == (409, "migration.other")
    assert ho.post(f"/migrations/{first}/take-back").get_json()["status"] == "refused"

    second = ho.post("/migrations", asked).get_json()["id"]
    assert huang.post(f"/migrations/{second}/refuse", {}).status_code == 422
    refused = huang.post(f"/migrations/{second}/refuse", {"why": "not yet"}).get_json()
    assert (refused["status"], refused["decided_why"]) == ("refused", "not yet")
    assert refusal(huang.post(f"/migrations/{second}/approve", {})) == (409, "migration.decided")


def test_what_is_named_wrongly_is_refused(house: House, ho: Caller, tmp_path: Path) -> None:
    old, new = another_version(house, tmp_path)
    named = {"processes": {"REVIEW": {"elements": {"record": "nowhere"}}}}
    asked = {"from_id": old, "to_id": new, "reason": "x", "named": named}

    assert refusal(ho.post("/migrations", asked)) == (422, "migration.named_wrong")
    unknown = {**asked, "from_id": str(uuid4())}
    assert refusal(ho.post("/migrations", unknown)) == (404, "definition.not_found")
