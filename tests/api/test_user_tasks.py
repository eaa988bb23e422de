"""User tasks over the API: worklists, one task, and every deed with its refusals."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.api.caller import Caller, refusal
from tests.api.house import House

BACK = {"reason": "the name is misspelt", "error_class": "name"}


@pytest.fixture
def lin(house: House) -> Caller:
    return house.sign_in("counter.lin")


@pytest.fixture
def chen(house: House) -> Caller:
    return house.sign_in("reviewer.chen")


def _views(caller: Caller, case_id: str) -> set[str]:
    return {
        view
        for view in ("mine", "group", "waiting", "returned")
        for row in caller.get(f"/user-tasks?view={view}").get_json()["items"]
        if row["case_id"] == case_id
    }


def test_from_claim_to_review_to_return_and_back(either_house: House) -> None:
    lin, chen = either_house.sign_in("counter.lin"), either_house.sign_in("reviewer.chen")
    case = lin.file()["id"]
    assert _views(lin, case) == {"group"}

    recorded = lin.complete(lin.claim(case), values={"note": "as filed"}).get_json()
    review = chen.claim(case)
    returned = chen.post(
        f"/user-tasks/{review['id']}/return", BACK, version=review["version"]
    ).get_json()
    again = _views(lin, case)
    lin.complete(lin.claim(case))
    approved = chen.complete(chen.claim(case), outcome="approve").get_json()

    assert (recorded["status"], recorded["case"]["version"]) == ("completed", 2)
    assert (returned["status"], returned["case"]["status"]) == ("completed", "active")
    assert again == {"group", "returned"}
    assert approved["case"]["status"] == "closed"
    assert lin.case(case)["outcome"] is not None


def test_that_the_assignee_read_clear_data_is_in_the_history(house: House, lin: Caller) -> None:
    case = lin.file()["id"]
    task = lin.claim(case)
    chief = house.sign_in("chief.huang")
    assert chief.get(f"/user-tasks/{task['id']}").status_code == 200
    before = chief.get(f"/cases/{case}/looks").get_json()["items"]

    assert lin.get(f"/user-tasks/{task['id']}").status_code == 200

    (look,) = chief.get(f"/cases/{case}/looks").get_json()["items"]
    assert before == []
    assert look["action"] == "case.data_read"


def test_a_claimed_task_shows_its_form_and_clear_data_to_its_assignee_only(
    house: House, lin: Caller
) -> None:
    task = lin.claim(lin.file()["id"])
    path = f"/user-tasks/{task['id']}"

    mine, others = lin.get(path).get_json(), house.sign_in("counter.wu").get(path).get_json()

    assert mine["form"]["id"] == "anything"
    assert "data.applicant.name" in mine["shown"]
    assert (mine["is_clear"], mine["data"]["applicant"]["name"]) == (True, "王小明")
    assert (others["is_clear"], others["data"]["applicant"]["name"]) == (False, "王○明")
    assert mine["may_complete"] is None
    assert others["may_complete"]["code"] == "user_task.not_assignee"


def test_a_task_of_a_review_says_its_outcomes(lin: Caller, chen: Caller) -> None:
    case = lin.file()["id"]
    lin.complete(lin.claim(case))

    task = chen.get(f"/user-tasks/{chen.task(case)['id']}").get_json()

    assert [outcome["value"] for outcome in task["outcomes"]] == ["approve", "return"]
    assert task["duty"] == "review"


def test_who_recorded_does_not_review(house: House) -> None:
    everything = house.sign_in("all.here")
    case = everything.file()["id"]
    everything.complete(everything.claim(case))

    answer = everything.post(f"/user-tasks/{everything.task(case)['id']}/claim")

    assert refusal(answer) == (403, "duty.conflict")


def test_a_claimed_task_cannot_be_claimed_again(house: House, lin: Caller) -> None:
    case = lin.file()["id"]
    claim = f"/user-tasks/{lin.claim(case)['id']}/claim"

    assert refusal(lin.post(claim)) == (409, "user_task.already_yours")
    assert refusal(house.sign_in("counter.wu").post(claim)) == (409, "user_task.already_claimed")
    assert refusal(house.sign_in("reviewer.chen").post(claim)) == (409, "user_task.already_claimed")


def test_who_is_not_a_candidate_cannot_claim(lin: Caller, chen: Caller) -> None:
    task = lin.task(lin.file()["id"])

    answer = chen.post(f"/user-tasks/{task['id']}/claim")

    assert refusal(answer) == (403, "user_task.not_candidate")


def test_a_task_is_given_back_by_its_assignee(house: House, lin: Caller) -> None:
    task = lin.claim(lin.file()["id"])
    release = f"/user-tasks/{task['id']}/release"

    by_another = house.sign_in("counter.wu").post(release)
    by_assignee = lin.post(release)

    assert refusal(by_another) == (403, "user_task.not_assignee")
    assert by_assignee.get_json()["status"] == "unclaimed"
    assert refusal(lin.post(release)) == (409, "user_task.not_claimed")


def test_a_supervisor_assigns_a_task_to_somebody_who_may_have_it(house: House, lin: Caller) -> None:
    task, huang = lin.task(lin.file()["id"]), house.sign_in("chief.huang")
    path = f"/user-tasks/{task['id']}/assign"

    def give(login: str, reason: str = "Lin is ill") -> object:
        return huang.post(path, {"person": str(house.person_id(login)), "reason": reason})

    given = give("counter.wu")

    assert given.get_json()["assignee_id"] == str(house.person_id("counter.wu"))  # type: ignore[attr-defined]
    assert refusal(give("reviewer.chen")) == (403, "user_task.not_candidate")  # type: ignore[arg-type]
    assert refusal(give("counter.elsewhere")) == (404, "person.not_found")  # type: ignore[arg-type]
    assert refusal(give("counter.lin", " ")) == (422, "request.invalid")  # type: ignore[arg-type]
    by_lin = lin.post(path, {"person": str(uuid4()), "reason": "why not"})
    assert refusal(by_lin) == (403, "policy.group")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"values": {"amount": "much"}}, (422, "form.errors")),
        ({"values": {"result": "registered"}}, (422, "form.errors")),
        ({"data": {"applicant": {"name": "1234"}}}, (422, "form.errors")),
        ({"data": {"secret": {"name": "x"}}}, (422, "form.errors")),
        ({"outcome": "approve"}, (422, "user_task.outcome")),
        ({"person": "somebody"}, (422, "request.invalid")),
    ],
)
def test_what_a_task_does_not_take_is_refused(
    lin: Caller, body: dict[str, object], expected: tuple[int, str]
) -> None:
    task = lin.claim(lin.file()["id"])

    answer = lin.complete(task, **body)

    assert refusal(answer) == expected
    assert lin.get(f"/user-tasks/{task['id']}").get_json()["status"] == "claimed"


def test_only_the_assignee_completes(house: House, lin: Caller) -> None:
    task = lin.claim(lin.file()["id"])

    assert refusal(house.sign_in("counter.wu").complete(task)) == (403, "user_task.not_assignee")


def test_a_task_is_completed_once(lin: Caller) -> None:
    task = lin.claim(lin.file()["id"])
    done = lin.complete(task).get_json()

    assert refusal(lin.complete(done)) == (409, "user_task.ended")


def test_a_task_without_a_way_back_is_not_returned(lin: Caller) -> None:
    task = lin.claim(lin.file()["id"])

    answer = lin.post(f"/user-tasks/{task['id']}/return", BACK, version=task["version"])

    assert refusal(answer) == (422, "user_task.outcome")


@pytest.mark.parametrize("body", [{}, {"reason": "x"}, {"reason": " ", "error_class": "name"}])
def test_a_return_says_why(lin: Caller, chen: Caller, body: dict[str, str]) -> None:
    case = lin.file()["id"]
    lin.complete(lin.claim(case))
    task = chen.claim(case)

    answer = chen.post(f"/user-tasks/{task['id']}/return", body, version=task["version"])

    assert refusal(answer) == (422, "request.invalid")


def test_taking_the_next_gives_the_most_urgent_until_nothing_is_left(
    house: House, lin: Caller
) -> None:
    lin.file()
    urgent = lin.post("/cases", {"package": "REVIEW", "channel": "counter", "priority": 90})

    taken = [lin.post("/user-tasks/take-next") for _ in range(3)]

    assert [answer.status_code for answer in taken] == [200, 200, 204]
    assert taken[2].get_data() == b""
    assert urgent.status_code == 201


def test_several_tasks_are_claimed_at_once_each_by_itself(house: House, lin: Caller) -> None:
    free, taken = (lin.task(lin.file()["id"])["id"] for _ in range(2))
    house.sign_in("counter.wu").post(f"/user-tasks/{taken}/claim")
    unknown = str(uuid4())
    body = {"act": "claim", "tasks": [free, taken, unknown, free]}

    results = lin.post("/user-tasks/bulk", body).get_json()["results"]

    assert [(each["task"], each["status"], each.get("code")) for each in results] == [
        (free, "done", None),
        (taken, "refused", "user_task.already_claimed"),
        (unknown, "refused", "user_task.not_found"),
    ]
    assert lin.get(f"/user-tasks/{free}").get_json()["status"] == "claimed"


def test_a_supervisor_assigns_several_and_others_do_not(house: House, lin: Caller) -> None:
    tasks = [lin.task(lin.file()["id"])["id"] for _ in range(2)]
    wu = str(house.person_id("counter.wu"))
    body = {"act": "assign", "tasks": tasks, "person": wu, "reason": "Lin is ill"}

    by_lin = lin.post("/user-tasks/bulk", body).get_json()["results"]
    by_huang = house.sign_in("chief.huang").post("/user-tasks/bulk", body).get_json()["results"]

    assert {each["code"] for each in by_lin} == {"user_task.assign_forbidden"}
    assert {each["status"] for each in by_huang} == {"done"}


@pytest.mark.parametrize(
    "body",
    [
        {"act": "complete", "tasks": [str(uuid4())]},
        {"act": "claim", "tasks": []},
        {"act": "claim", "tasks": [str(uuid4())] * 101},
        {"act": "claim", "tasks": ["no id"]},
        {"act": "assign", "tasks": [str(uuid4())]},
    ],
)
def test_a_bulk_of_nothing_or_too_much_is_refused(lin: Caller, body: dict[str, object]) -> None:
    assert refusal(lin.post("/user-tasks/bulk", body)) == (422, "request.invalid")


@pytest.mark.parametrize("deed", ["", "/claim", "/release", "/assign", "/complete", "/return"])
def test_a_task_that_is_not_there_is_not_found(house: House, deed: str) -> None:
    everything, path = house.sign_in("all.here"), f"/user-tasks/{uuid4()}{deed}"
    bodies: dict[str, object] = {
        "/assign": {"person": str(house.person_id("counter.lin")), "reason": "why"},
        "/complete": {},
        "/return": BACK,
    }

    answer = everything.post(path, bodies.get(deed), version=1) if deed else everything.get(path)

    assert refusal(answer) == (404, "user_task.not_found")


def test_a_view_that_is_none_is_refused(lin: Caller) -> None:
    assert refusal(lin.get("/user-tasks?view=everything")) == (422, "request.invalid")
