"""Drafts over the API: saved with a version, rehearsed, proposed by one and approved by another."""

from __future__ import annotations

import pytest

from store import tables
from tests.api.caller import Caller, refusal
from tests.api.house import House


@pytest.fixture
def ho(house: House) -> Caller:
    return house.sign_in("analyst.ho")


def begin(ho: Caller, package: str = "C01") -> dict[str, object]:
    answer = ho.post("/package-drafts", {"package": package})
    assert answer.status_code == 201
    return dict(answer.get_json())


def test_a_draft_is_saved_rehearsed_proposed_and_approved_by_another(
    house: House, ho: Caller
) -> None:
    draft = begin(ho)
    address = f"/package-drafts/{draft['id']}"
    name = next(str(path) for path in draft["files"] if str(path).endswith(".bpmn"))  # type: ignore[attr-defined]
    xml = ho.get(f"{address}/files/{name}").get_data(as_text=True)
    changed = xml.replace("<bpmn:documentation>", "<bpmn:documentation>新 ", 1)

    saved = ho.post(f"{address}/save", {"changes": [{"path": name, "text": changed}]}, version=1)
    assert (saved.status_code, saved.get_json()["number"]) == (200, 2)
    assert ho.get(f"{address}/findings").get_json()["items"] == []
    rehearsed = ho.get(f"{address}/scenarios").get_json()["items"]
    assert rehearsed
    assert [each for each in rehearsed if each["failures"]] == []
    proposed = ho.post(f"{address}/propose", {"reason": "plainer"}, version=2)
    assert proposed.status_code == 201

    version = f"/definitions/{proposed.get_json()['id']}"
    assert refusal(ho.post(f"{version}/approve", {})) == (403, "definition.four_eyes")
    chief = house.sign_in("chief.huang")
    assert chief.post(f"{version}/approve", {"why": "good"}).status_code == 204
    (row,) = house.rows(tables.definitions, package_id="C01")
    assert row.state == "active"
    assert ho.get(f"{address}/files/{name}").get_data(as_text=True) == changed


def test_who_saves_on_an_old_version_learns_who_was_faster(ho: Caller) -> None:
    address = f"/package-drafts/{begin(ho)['id']}/save"
    body = {"changes": [{"path": "limits.yaml", "text": "clocks: {}\n"}]}
    assert ho.post(address, body, version=1).status_code == 200

    late = ho.post(
        address, {"changes": [{"path": "limits.yaml", "text": "tasks: {}\n"}]}, version=1
    )

    assert refusal(late) == (409, "package_draft.stale")
    assert late.get_json()["facts"]["number"] == 2


def test_what_is_no_file_of_a_package_is_refused(ho: Caller) -> None:
    address = f"/package-drafts/{begin(ho)['id']}/save"

    answer = ho.post(address, {"changes": [{"path": "../x.py", "text": ""}]}, version=1)

    assert refusal(answer) == (422, "package.invalid")


def test_a_draft_is_set_aside_and_taken_up(ho: Caller) -> None:
    address = f"/package-drafts/{begin(ho)['id']}"

    assert ho.post(f"{address}/set-aside").get_json()["state"] == "set_aside"
    assert refusal(ho.post(f"{address}/set-aside")) == (409, "package_draft.state")
    assert ho.post(f"{address}/take-up").get_json()["state"] == "open"
    assert [row["state"] for row in ho.get("/package-drafts").get_json()["items"]] == ["open"]


def test_a_branch_goes_its_own_way(ho: Caller) -> None:
    draft = begin(ho)

    made = ho.post(f"/package-drafts/{draft['id']}/branch", {"name": "other"}, version=1).get_json()

    assert (made["name"], made["number"]) == ("other", 1)
    assert made["id"] != draft["id"]
