"""What strangers send: every refusal is a problem document, and nothing becomes a 500."""

from __future__ import annotations

import json

import pytest

from tests.api.caller import refusal
from tests.api.house import House

NOTE = "/cases/{case}/notes"
TEXTS = {
    "a NUL": '{"text": "a\\u0000b"}',
    "half a character": '{"text": "\\ud800"}',
    "a NUL in a key": '{"text": "a", "b\\u0000": 1}',
}
NUMBERS = {
    "NaN": '{"values": {"amount": NaN}}',
    "infinity": '{"values": {"amount": -Infinity}}',
    "a huge exponent": '{"values": {"amount": 1e400}}',
    "a tiny exponent": '{"values": {"amount": 1e-999999999}}',
    "many digits": '{"values": {"amount": ' + "9" * 5_000 + "}}",
}
BROKEN = {
    "nothing of JSON": "{",
    "a key twice": '{"text": "a", "text": "b"}',
    "a deep nest": '{"text": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "a nest within reason for a parser": '{"text": ' + "[" * 500 + "]" * 500 + "}",
}


@pytest.mark.parametrize("body", [*TEXTS.values(), *BROKEN.values()], ids=[*TEXTS, *BROKEN])
def test_what_cannot_be_read_or_stored_is_a_problem(either_house: House, body: str) -> None:
    lin = either_house.sign_in("counter.lin")
    note = NOTE.format(case=lin.file()["id"])

    answer = lin.call("POST", note, data=body.encode(), content_type="application/json")

    status, code = refusal(answer)
    assert status == 400
    assert code.startswith("json.")


@pytest.mark.parametrize("body", NUMBERS.values(), ids=NUMBERS)
def test_a_number_that_is_none_is_a_problem(house: House, body: str) -> None:
    lin = house.sign_in("counter.lin")
    task = lin.claim(lin.file()["id"])
    complete = f"/user-tasks/{task['id']}/complete"

    answer = lin.call("POST", complete, version=2, data=body, content_type="application/json")

    assert refusal(answer) == (400, "json.number")


def test_a_number_with_a_point_is_taken_exactly(house: House) -> None:
    lin = house.sign_in("counter.lin")
    case = lin.file()
    task = lin.claim(case["id"])
    body = '{"values": {"amount": 0.1000000000000000000000000000000001}}'

    lin.call(
        "POST",
        f"/user-tasks/{task['id']}/complete",
        version=2,
        data=body,
        content_type="application/json",
    )

    assert lin.case(case["id"])["variables"]["amount"] == "0.1000000000000000000000000000000001"


def test_bytes_that_are_not_utf_8_are_a_problem(house: House) -> None:
    lin = house.sign_in("counter.lin")

    answer = lin.call("POST", "/cases", data=b'{"a": "\xff"}', content_type="application/json")

    assert refusal(answer) == (400, "json.malformed")


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "1"])
def test_a_body_that_is_no_object_is_a_problem(house: House, body: str) -> None:
    lin = house.sign_in("counter.lin")

    answer = lin.call("POST", "/cases", data=body, content_type="application/json")

    assert refusal(answer) == (422, "request.invalid")


def test_a_body_of_another_type_is_refused(house: House) -> None:
    lin = house.sign_in("counter.lin")

    answer = lin.call("POST", "/cases", data=b"a=1", content_type="text/plain")

    assert refusal(answer) == (415, "http.415")


def test_a_body_over_a_megabyte_is_refused(house: House) -> None:
    lin = house.sign_in("counter.lin")
    body = json.dumps({"text": "x" * (1 << 20)})

    answer = lin.call("POST", "/cases", data=body, content_type="application/json")

    assert refusal(answer) == (413, "http.413")


@pytest.mark.parametrize(
    "path",
    [
        "/packages/%00/start-form",
        "/cases?number=%00",
        "/cases?package=a%00",
        "/cases?%00=a",
        "/user-tasks?element=%00",
    ],
)
def test_an_address_with_a_nul_is_a_problem(either_house: House, path: str) -> None:
    answer = either_house.sign_in("counter.lin").get(path)

    assert refusal(answer) == (400, "address.text")


@pytest.mark.parametrize("path", ["/cases/not-a-uuid", "/nothing", "/"])
def test_an_unknown_address_is_a_problem(house: House, path: str) -> None:
    assert refusal(house.sign_in("counter.lin").get(path)) == (404, "http.404")


def test_a_wrong_method_says_which_are_right(house: House) -> None:
    answer = house.sign_in("counter.lin").call("DELETE", "/cases")

    assert refusal(answer) == (405, "http.405")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_what_a_shape_does_not_know_is_refused_by_name(house: House) -> None:
    lin = house.sign_in("counter.lin")
    body = {"package": "REVIEW", "channel": "counter", "office_id": "kh-lingya", "version": 9}

    answer = lin.post("/cases", body)

    assert refusal(answer) == (422, "request.invalid")
    assert {error["path"] for error in answer.get_json()["errors"]} == {"office_id", "version"}


def test_what_a_form_does_not_know_is_refused_by_name(house: House) -> None:
    lin = house.sign_in("counter.lin")
    body = {"package": "REVIEW", "channel": "counter", "values": {"result": "registered"}}

    answer = lin.post("/cases", body)

    assert refusal(answer) == (422, "form.errors")
    assert [error["path"] for error in answer.get_json()["errors"]] == ["result"]


def test_a_filter_that_a_list_does_not_know_is_refused(house: House) -> None:
    answer = house.sign_in("counter.lin").get("/cases?colour=red")

    assert refusal(answer) == (422, "request.invalid")


def test_the_pages_keep_their_own_answers(house: House) -> None:
    answer = house.app.test_client().get("/no-such-page")

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
