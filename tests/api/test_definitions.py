"""Packages and versions over the API: what may be filed, what a version is, deploying one."""

from __future__ import annotations

from uuid import uuid4

import pytest

from store import tables
from tests.api.caller import Caller, refusal
from tests.api.house import House


@pytest.fixture
def ho(house: House) -> Caller:
    return house.sign_in("analyst.ho")


@pytest.fixture
def lin(house: House) -> Caller:
    return house.sign_in("counter.lin")


def test_what_one_may_file_is_listed(house: House, lin: Caller) -> None:
    listed = {row["id"]: row for row in lin.get("/packages").get_json()["items"]}

    assert set(listed) == {"NOTIFY", "P01", "REVIEW", "WAIT"}
    assert listed["P01"]["title"] == {"zh": "出生登記", "en": "Birth registration"}
    assert "birth_certificate" in [paper["id"] for paper in listed["P01"]["papers"]]
    elsewhere = house.sign_in("counter.elsewhere").get("/packages").get_json()["items"]
    assert {row["id"] for row in elsewhere} == {"NOTIFY", "REVIEW", "WAIT"}
    assert house.sign_in("reviewer.chen").get("/packages").get_json()["items"] == []


def test_a_start_form_is_form_js(house: House, lin: Caller) -> None:
    form = lin.get("/packages/P01/start-form").get_json()

    assert form["id"] == "birth-start"
    assert form["components"]


def test_a_start_form_one_may_not_file_is_not_found(house: House) -> None:
    for login in ("counter.elsewhere", "reviewer.chen"):
        answer = house.sign_in(login).get("/packages/P01/start-form")

        assert refusal(answer) == (404, "package.not_found")


def test_a_version_shows_what_it_is_made_of(lin: Caller) -> None:
    listed = lin.get("/definitions").get_json()["items"]
    (birth,) = [row for row in listed if row["package_id"] == "P01"]

    version = lin.get(f"/definitions/{birth['id']}").get_json()
    diagram = lin.get(f"/definitions/{birth['id']}/bpmn/C01")
    findings = lin.get(f"/definitions/{birth['id']}/findings").get_json()["items"]

    assert {"P01", "C01"} <= set(version["processes"])
    assert "birth-start" in version["forms"]
    assert diagram.mimetype == "application/xml"
    assert b'id="C01"' in diagram.get_data()
    assert [each for each in findings if each["severity"] == "error"] == []


def test_a_version_of_another_office_is_not_found(house: House, lin: Caller) -> None:
    (birth,) = [
        row for row in lin.get("/definitions").get_json()["items"] if row["office_id"] != "tw"
    ]
    stranger = house.sign_in("all.elsewhere")

    for part in ("", "/findings", "/bpmn/P01"):
        there = stranger.get(f"/definitions/{birth['id']}{part}")
        nowhere = stranger.get(f"/definitions/{uuid4()}{part}")

        assert refusal(there) == (404, "definition.not_found")
        assert there.get_data() == nowhere.get_data()


def test_a_process_that_a_version_does_not_have_is_not_found(lin: Caller) -> None:
    definition = lin.get("/definitions").get_json()["items"][0]

    answer = lin.get(f"/definitions/{definition['id']}/bpmn/nothing")

    assert refusal(answer) == (404, "definition.no_such_file")


def test_an_analyst_deploys_a_package_of_the_installation(house: House, ho: Caller) -> None:
    first = ho.post("/definitions/deploy", {"package": "C01", "comment": "first"})
    again = ho.post("/definitions/deploy", {"package": "C01"})

    assert (first.status_code, first.get_json()["unchanged"]) == (201, False)
    assert again.get_json() == {**first.get_json(), "unchanged": True}
    (row,) = house.rows(tables.definitions, package_id="C01")
    assert (row.state, row.office_id, row.comment) == ("active", "kh-fengshan", "first")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"package": "P99"}, (404, "package.not_found")),
        ({"package": ""}, (422, "request.invalid")),
        ({"package": "P01", "office": "tw"}, (422, "request.invalid")),
        ({"package": "P01", "comment": "x" * 501}, (422, "request.invalid")),
        ({}, (422, "request.invalid")),
    ],
)
def test_what_cannot_be_deployed_is_refused(
    ho: Caller, body: dict[str, str], expected: tuple[int, str]
) -> None:
    assert refusal(ho.post("/definitions/deploy", body)) == expected


def test_only_analysts_and_operators_deploy(lin: Caller) -> None:
    assert refusal(lin.post("/definitions/deploy", {"package": "C01"})) == (403, "policy.group")
