"""The code of a receipt over the API."""

from __future__ import annotations

from tests.api.caller import refusal
from tests.api.house import House


def test_a_receipt_is_printed_again_and_its_code_replaced(either_house: House) -> None:
    lin = either_house.sign_in("counter.lin")
    filed = lin.file()
    path = f"/cases/{filed['id']}/status-code"

    assert lin.get(path).get_json() == {"status_code": filed["status_code"]}
    new = lin.post(path).get_json()["status_code"]

    assert new != filed["status_code"]
    assert lin.get(path).get_json() == {"status_code": new}


def test_who_does_not_work_on_cases_gets_no_code(house: House) -> None:
    filed = house.sign_in("counter.lin").file()
    path = f"/cases/{filed['id']}/status-code"

    answer = house.sign_in("analyst.ho").get(path)

    assert refusal(answer)[0] == 403
