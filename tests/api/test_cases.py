"""Cases over the API: filing, looking, and every deed with its refusals."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store import tables
from tests.api.caller import Caller, refusal
from tests.api.house import ELSEWHERE, HERE, House, birth


@pytest.fixture
def lin(house: House) -> Caller:
    return house.sign_in("counter.lin")


@pytest.fixture
def huang(house: House) -> Caller:
    return house.sign_in("chief.huang")


# --- filing -------------------------------------------------------------------------------------


def test_a_birth_is_filed_with_a_receipt_and_its_clock_runs(either_house: House) -> None:
    lin = either_house.sign_in("counter.lin")

    answer = lin.post("/cases", birth())

    receipt = answer.get_json()
    assert answer.status_code == 201
    assert receipt["number"].endswith("-115-00001")
    assert answer.headers["Location"] == f"/api/v1/cases/{receipt['id']}"
    case = lin.get(answer.headers["Location"]).get_json()
    assert (case["status"], case["version"]) == ("active", receipt["version"])
    assert case["open_tasks"] == ["檢核應附文件"]
    assert {clock["name"] for clock in case["clocks"]} >= {"processing"}
    assert case["due_at"].endswith("Z")


def test_the_page_of_a_case_masks_personal_data(lin: Caller) -> None:
    case = lin.case(lin.file()["id"])

    masked = {item["path"]: item["masked"] for item in case["data"]}
    assert masked["data.applicant.name"] == "王○明"
    assert masked["data.applicant.id_number"] == "A12****789"
    assert "王小明" not in str(case)


def test_a_case_can_be_filed_for_the_household_of_another_office(lin: Caller) -> None:
    body = {"package": "REVIEW", "channel": "counter", "household_office": "kh-lingya"}

    filed = lin.post("/cases", {**body, "priority": 80})

    case = lin.case(filed.get_json()["id"])
    assert (case["household_office_id"], case["priority"]) == ("kh-lingya", 80)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"package": "P99"}, (404, "definition.none_active")),
        ({"package": ""}, (422, "request.invalid")),
        ({"channel": "message"}, (422, "case.channel")),
        ({"channel": "a" * 13}, (422, "request.invalid")),
        ({"household_office": "nowhere"}, (422, "case.household_office")),
        ({"priority": 101}, (422, "request.invalid")),
        ({"priority": True}, (422, "request.invalid")),
        ({"values": []}, (422, "request.invalid")),
        ({"values": {"amount": "much"}}, (422, "form.errors")),
        ({"data": {"applicant": {"id_number": "A123456780"}}}, (422, "form.errors")),
    ],
)
def test_what_cannot_be_filed_is_refused(
    lin: Caller, change: dict[str, object], expected: tuple[int, str]
) -> None:
    answer = lin.post("/cases", {"package": "REVIEW", "channel": "counter", **change})

    assert refusal(answer) == expected


def test_who_is_not_of_the_packages_groups_cannot_file_it(house: House) -> None:
    chen = house.sign_in("reviewer.chen")

    answer = chen.post("/cases", {"package": "REVIEW", "channel": "counter"})

    assert refusal(answer) == (403, "case.file_forbidden")


# --- looking ------------------------------------------------------------------------------------


def test_cases_are_listed_newest_first_and_filtered(house: House, lin: Caller) -> None:
    first = lin.file()
    house.clock.move(timedelta(minutes=1))
    second = lin.file("WAIT", note="L-1")

    def numbers(query: str = "") -> list[str]:
        return [row["number"] for row in lin.get(f"/cases{query}").get_json()["items"]]

    assert numbers() == [second["number"], first["number"]]
    assert numbers("?package=WAIT") == [second["number"]]
    assert numbers(f"?number={first['number']}") == [first["number"]]
    assert numbers("?status=closed") == []
    assert refusal(lin.get("/cases?status=open")) == (422, "request.invalid")


def test_only_overdue_cases_are_listed_on_demand(house: House, lin: Caller) -> None:
    late = lin.file()
    house.clock.move(timedelta(days=10))
    timely = lin.file()

    listed = {
        wish: [row["number"] for row in lin.get(f"/cases?overdue={wish}").get_json()["items"]]
        for wish in ("true", "false")
    }

    assert listed == {"true": [late["number"]], "false": [timely["number"]]}
    assert lin.case(late["id"])["overdue"] is True


def test_the_story_the_diagram_the_clocks_and_the_notices_of_a_case(lin: Caller) -> None:
    case = lin.post("/cases", birth()).get_json()

    story = lin.get(f"/cases/{case['id']}/history").get_json()["items"]
    diagram = lin.get(f"/cases/{case['id']}/diagram").get_json()
    clocks = lin.get(f"/cases/{case['id']}/clocks").get_json()["items"]
    notices = lin.get(f"/cases/{case['id']}/notices").get_json()["items"]

    assert "case.filed" in [event["action"] for event in story]
    assert diagram["process_id"] == "P01"
    assert diagram["processes"]["C01"]["active"] == ["check_papers"]
    processing = next(clock for clock in clocks if clock["name"] == "processing")
    assert processing["explanation"]["en"]["steps"]
    assert processing["explanation"]["zh-TW"]["steps"]
    assert notices == []


@pytest.mark.parametrize("part", ["", "/history", "/diagram", "/clocks", "/notices"])
def test_a_case_that_is_not_there_is_not_found(lin: Caller, part: str) -> None:
    answer = lin.get(f"/cases/00000000-0000-4000-8000-000000000000{part}")

    assert refusal(answer) == (404, "case.not_found")


# --- deeds --------------------------------------------------------------------------------------


def test_a_case_is_withdrawn_with_its_reason(house: House, lin: Caller) -> None:
    case = lin.file()

    answer = lin.post(f"/cases/{case['id']}/withdraw", {"reason": "moved abroad"}, version=1)

    assert answer.status_code == 200
    assert answer.get_json()["status"] == "withdrawn"
    assert answer.get_json()["version"] == 2
    again = lin.post(f"/cases/{case['id']}/withdraw", {"reason": "again"}, version=2)
    assert refusal(again) == (409, "case.ended")


def test_a_supervisor_suspends_and_resumes_a_case(lin: Caller, huang: Caller) -> None:
    case = lin.file()
    path = f"/cases/{case['id']}"

    stopped = huang.post(f"{path}/suspend", {"reason": "the court asks"}, version=1)
    while_stopped = lin.post(f"/user-tasks/{lin.task(case['id'])['id']}/claim")
    going = huang.post(f"{path}/resume", {"reason": "the court has answered"}, version=2)

    assert (stopped.status_code, stopped.get_json()["status"]) == (200, "suspended")
    assert refusal(while_stopped) == (409, "case.suspended")
    assert (going.status_code, going.get_json()["status"]) == (200, "active")
    assert refusal(huang.post(f"{path}/resume", {"reason": "once more"}, version=3)) == (
        409,
        "case.not_suspended",
    )
    said = [note["text"] for note in huang.get(path).get_json()["notes"]]
    assert sorted(said) == ["the court asks", "the court has answered"]


@pytest.mark.parametrize("deed", ["withdraw", "suspend"])
@pytest.mark.parametrize("reason", ["", "   ", "x" * 4_001, "a\u0007b"])
def test_a_reason_is_some_text(lin: Caller, huang: Caller, deed: str, reason: str) -> None:
    case = lin.file()
    who = lin if deed == "withdraw" else huang

    answer = who.post(f"/cases/{case['id']}/{deed}", {"reason": reason}, version=1)

    assert refusal(answer) == (422, "request.invalid")


@pytest.mark.parametrize("deed", ["suspend", "resume"])
def test_only_supervisors_suspend_and_resume(lin: Caller, deed: str) -> None:
    case = lin.file()
    body = {"reason": "the court asks"}

    answer = lin.post(f"/cases/{case['id']}/{deed}", body, version=1)

    assert refusal(answer) == (403, "policy.group")


def test_a_note_is_read_by_colleagues_and_stored_encrypted(house: House, lin: Caller) -> None:
    case = lin.file()
    text = "王小明 asked us to call back"

    answer = lin.post(f"/cases/{case['id']}/notes", {"text": text})

    assert (answer.status_code, answer.get_data()) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert [note["text"] for note in lin.case(case["id"])["notes"]] == [text]
    (row,) = house.rows(tables.case_notes)
    assert "王小明".encode() not in row.ciphertext


def test_who_looks_at_personal_data_says_why_and_is_recorded(house: House, lin: Caller) -> None:
    case = lin.file()
    look = {"paths": ["data.applicant.id_number", "data.nobody"], "purpose": "compare the card"}

    answer = lin.post(f"/cases/{case['id']}/reveal", look)

    assert answer.get_json()["values"] == {
        "data.applicant.id_number": "A123456789",
        "data.nobody": None,
    }
    (recorded,) = house.rows(tables.history, action="case.revealed")
    assert (recorded.purpose, recorded.person_id) == (
        "compare the card",
        house.person_id("counter.lin"),
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"paths": ["data.applicant.name"]}, (422, "request.invalid")),
        ({"paths": ["data.applicant.name"], "purpose": "  "}, (422, "request.invalid")),
        ({"paths": [], "purpose": "why"}, (422, "request.invalid")),
        ({"paths": ["state"], "purpose": "why"}, (422, "reveal.paths")),
        ({"paths": ["data.a"] * 51, "purpose": "why"}, (422, "request.invalid")),
    ],
)
def test_looking_without_purpose_or_place_is_refused(
    lin: Caller, body: dict[str, object], expected: tuple[int, str]
) -> None:
    answer = lin.post(f"/cases/{lin.file()['id']}/reveal", body)

    assert refusal(answer) == expected


def test_a_case_is_told_what_it_waits_for(lin: Caller) -> None:
    case = lin.file("WAIT", note="L-1")

    told = lin.post(f"/cases/{case['id']}/messages", {"name": "paper", "payload": {"amount": 3}})
    again = lin.post(f"/cases/{case['id']}/messages", {"name": "paper"})

    assert (told.status_code, told.get_json()["version"]) == (200, 2)
    assert lin.task(case["id"])["element_id"] == "done"
    assert refusal(again) == (409, "message.not_awaited")


@pytest.mark.parametrize("deed", ["withdraw", "notes", "reveal", "messages"])
def test_those_who_do_not_work_on_cases_do_nothing_to_them(
    house: House, lin: Caller, deed: str
) -> None:
    case = lin.file()

    answer = house.sign_in("analyst.ho").post(f"/cases/{case['id']}/{deed}", {}, version=1)

    assert refusal(answer) == (403, "policy.group")


def test_a_supervisor_hands_a_case_over(house: House, lin: Caller, huang: Caller) -> None:
    case = lin.file()
    path, body = f"/cases/{case['id']}", {"to_office": ELSEWHERE, "reason": "moved there"}

    assert refusal(lin.post(f"{path}/transfer", body, version=1)) == (403, "policy.group")
    assert refusal(huang.post(f"{path}/transfer", {**body, "to_office": HERE}, version=1)) == (
        422,
        "case.transfer_same",
    )
    assert huang.post(f"{path}/transfer", body, version=1).status_code == 204
    assert refusal(huang.post(f"{path}/transfer", body, version=2)) == (403, "case.other_office")

    there = house.sign_in("all.elsewhere")
    assert there.get(path).get_json()["office_id"] == ELSEWHERE
