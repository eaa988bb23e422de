"""Files, comments, hand-over and undo over the API."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from tests.api.caller import Caller, refusal
from tests.api.house import House
from tests.support.files import a_pdf, a_png

NAME = "王小明.pdf"


@pytest.fixture
def lin(house: House) -> Caller:
    return house.sign_in("counter.lin")


def _add(caller: Caller, case: str, content: bytes, name: str = NAME, **more: Any) -> TestResponse:
    key = more.pop("key", "")
    form = {"file": (io.BytesIO(content), name), **more}
    return caller.call("POST", f"/cases/{case}/attachments", key=key, data=form)


def test_a_file_is_added_looked_at_fetched_and_taken_out(either_house: House) -> None:
    lin = either_house.sign_in("counter.lin")
    case, content = lin.file()["id"], a_pdf(b"(" + b"x" * 300_000 + b")")

    added = _add(lin, case, content, paper="id_card").get_json()
    path = f"/attachments/{added['id']}"
    before = lin.get(f"{path}/content")
    looked = lin.post(f"{path}/looks", {"purpose": "compare"})
    fetched = lin.get(f"{path}/content")
    received = fetched.get_data()
    gone = lin.post(f"{path}/withdraw", {"reason": "wrong family"}).get_json()

    assert (added["name"], added["paper"], added["status"]) == (NAME, "id_card", "unscanned")
    assert refusal(before) == (409, "attachment.purpose")
    assert looked.status_code == 200
    assert received == content
    assert fetched.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in fetched.headers["Content-Security-Policy"]
    assert (gone["status"], gone["reason"]) == ("withdrawn", "wrong family")
    (listed,) = lin.get(f"/cases/{case}/attachments").get_json()["items"]
    assert listed["ended_by_name"] == "counter.lin"


def test_the_same_call_adds_once_and_another_file_needs_another_key(
    house: House, lin: Caller
) -> None:
    case, key = lin.file()["id"], str(uuid4())

    first = _add(lin, case, a_pdf(), key=key)
    again = _add(lin, case, a_pdf(), key=key)
    other = _add(lin, case, a_png(), "a.png", key=key)

    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert refusal(other) == (422, "idempotency.other_request")
    assert len(lin.get(f"/cases/{case}/attachments").get_json()["items"]) == 1


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"MZ", "a.exe", (422, "attachment.kind")),
        (a_png(), "a.pdf", (422, "attachment.mismatch")),
        (a_pdf(b"<</S/JavaScript>>"), "a.pdf", (422, "attachment.active")),
    ],
)
def test_what_is_no_file_for_us_is_refused(
    lin: Caller, content: bytes, name: str, expected: tuple[int, str]
) -> None:
    assert refusal(_add(lin, lin.file()["id"], content, name)) == expected


def test_a_body_that_is_far_too_large_is_not_read(lin: Caller, tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("w+b") as stream:
        stream.truncate(1 << 30)  # a gigabyte that takes no room
        answer = lin.call(
            "POST",
            f"/cases/{lin.file()['id']}/attachments",
            input_stream=stream,
            content_type="multipart/form-data; boundary=x",
        )

    assert refusal(answer) == (413, "http.413")


def test_a_form_without_a_file_and_a_body_that_is_no_form_are_refused(lin: Caller) -> None:
    path = f"/cases/{lin.file()['id']}/attachments"

    no_file = lin.call("POST", path, data={"paper": "x", "other": (io.BytesIO(b"x"), "a.pdf")})
    no_form = lin.post(path, {"file": "x"})

    assert refusal(no_file) == (422, "attachment.one")
    assert refusal(no_form) == (415, "http.415")


def test_a_colleague_is_mentioned_over_the_api(house: House, lin: Caller) -> None:
    case, chen = lin.file()["id"], house.person_id("reviewer.chen")

    lin.post(f"/cases/{case}/notes", {"text": "請看", "mentions": [str(chen)]})

    (notice,) = house.sign_in("reviewer.chen").get("/notifications").get_json()["items"]
    assert notice["kind"] == "case.mentioned"
    assert lin.case(case)["notes"][0]["kind"] == "comment"


def test_a_claim_is_undone_and_a_note_left_over_the_api(house: House, lin: Caller) -> None:
    case = lin.file()["id"]
    task = lin.claim(case)
    undone = lin.post(f"/user-tasks/{task['id']}/undo-claim", version=task["version"])
    again = lin.claim(case)
    lin.post(f"/user-tasks/{task['id']}/handover", {"text": "週五再來"})

    seen = lin.get(f"/user-tasks/{task['id']}").get_json()
    late = lin.post(f"/user-tasks/{task['id']}/undo-claim", version=again["version"])

    assert undone.status_code == 204
    assert seen["handover"]["text"] == "週五再來"
    assert refusal(late) == (409, "user_task.undo_late")


def test_a_reviewer_gets_the_entry_side_by_side(house: House, lin: Caller) -> None:
    case, chen = lin.file()["id"], house.sign_in("reviewer.chen")
    lin.complete(lin.claim(case), data={"applicant": {"name": "王小華"}})

    task = chen.get(f"/user-tasks/{chen.claim(case)['id']}").get_json()

    (row,) = [each for each in task["compared"]["rows"] if each["path"] == "data.applicant.name"]
    assert (row["filed"], row["now"], row["since_filed"]) == ("王小明", "王小華", "changed")


def test_a_bulk_answer_says_who_has_a_task(house: House, lin: Caller) -> None:
    task = lin.claim(lin.file()["id"])
    wu = house.sign_in("counter.wu")

    (result,) = wu.post("/user-tasks/bulk", {"act": "claim", "tasks": [task["id"]]}).get_json()[
        "results"
    ]

    assert (result["status"], result["code"]) == ("refused", "user_task.already_claimed")
    assert result["holder"] == "counter.lin"


def test_the_worklist_is_filtered_by_group_and_due_with_counts(lin: Caller) -> None:
    lin.file()

    found = lin.get("/user-tasks/facets?view=group").get_json()
    shown = lin.get("/user-tasks?view=group&group=counter&due=later").get_json()["items"]
    hidden = lin.get("/user-tasks?view=group&group=reviewer").get_json()["items"]

    assert found["package"] == [{"value": "REVIEW", "name": "REVIEW", "count": 1}]
    assert sum(each["count"] for each in found["due"]) == 1
    due = found["due"][0]["value"]
    again = lin.get(f"/user-tasks?view=group&due={due}").get_json()["items"]
    assert len(again) == 1
    assert hidden == []
    assert len(shown) == (due == "later")
