"""Searching by a person, links between cases and looks at personal data over the API."""

from __future__ import annotations

import pytest

from store import tables
from tests.api.caller import Caller, refusal
from tests.api.house import House


@pytest.fixture
def lin(house: House) -> Caller:
    return house.sign_in("counter.lin")


def test_a_person_is_found_with_a_purpose_and_it_is_recorded(either_house: House) -> None:
    lin = either_house.sign_in("counter.lin")
    filed = lin.file()

    found = lin.post("/cases/search", {"name": "小明", "purpose": "call"}).get_json()

    assert [case["number"] for case in found["items"]] == [filed["number"]]
    assert found["items"][0]["subject_label"] == "王○明"
    [row] = either_house.rows(tables.history, action="case.searched")
    assert (row.purpose, row.detail["by"]) == ("call", ["name"])
    assert "小明" not in str(row.detail)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "明", "purpose": "call"}, "search.short"),
        ({"name": "小明", "purpose": "for A123456789"}, "purpose.personal"),
        ({"name": "小明"}, "request.invalid"),
        ({"name": "小明", "purpose": "call", "office": "kh-lingya"}, "office.not_found"),
    ],
)
def test_a_search_that_cannot_be_is_refused(lin: Caller, body: dict[str, str], code: str) -> None:
    answer = lin.post("/cases/search", body)

    assert refusal(answer)[1] == code


def test_two_cases_are_linked_and_unlinked(lin: Caller) -> None:
    one, other = lin.file(), lin.file()
    body = {"number": other["number"], "kind": "household", "reason": "one household"}

    link = lin.post(f"/cases/{one['id']}/links", body).get_json()["id"]

    seen = lin.case(other["id"])["links"]
    assert [(each["row"]["number"], each["is_ours"]) for each in seen] == [(one["number"], False)]
    assert refusal(lin.post(f"/cases/{one['id']}/links", body)) == (409, "link.exists")
    assert lin.post(f"/cases/{other['id']}/links/{link}/remove", {}).status_code == 204
    assert lin.case(one["id"])["links"] == []


def test_looks_are_for_supervisors(house: House, lin: Caller) -> None:
    case = lin.file()
    lin.post(f"/cases/{case['id']}/reveal", {"paths": ["data.applicant.name"], "purpose": "call"})
    assert lin.get(f"/cases/{case['id']}/looks").status_code == 403

    chief = house.sign_in("chief.huang")

    [look] = chief.get(f"/cases/{case['id']}/looks").get_json()["items"]
    assert (look["action"], look["purpose"]) == ("case.revealed", "call")
    assert chief.get("/looks?action=case.searched").get_json()["items"] == []


def test_the_way_of_a_case_is_told(lin: Caller) -> None:
    case = lin.case(lin.file()["id"])

    assert [step["name"] for step in case["path"]["now"]] == case["open_tasks"]
    assert case["path"]["done"] == []
    assert case["path"]["ahead"]


def test_cases_are_listed_by_due_time_and_day_of_filing(lin: Caller) -> None:
    filed = lin.file()

    week = lin.get("/cases?due_by=week").get_json()["items"]
    early = lin.get("/cases?filed_before=2026-01-01T00:00:00Z").get_json()["items"]

    assert [case["number"] for case in week] == [filed["number"]]
    assert early == []
