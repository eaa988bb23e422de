"""The applicant's page: a code and one proof, nothing personal, one answer for every fault."""

from __future__ import annotations

import pytest

from engine.cases import Filed
from tests.web.house import BIRTH, House
from tests.web.visitor import Visitor
from web import citizen_status

LAST_FOUR = BIRTH["data.applicant.id_number"][-4:]


@pytest.fixture(autouse=True)
def nobody_has_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(citizen_status, "_tries", citizen_status.Tries(citizen_status.TRIES))


@pytest.fixture
def filed(house: House) -> Filed:
    return house.file()


def asking(house: House, code: str, proof: str) -> Visitor:
    page = house.visitor().open(f"/status/{code}")
    return page.press("查詢", proof=proof)


def test_the_receipts_code_and_the_proof_tell_how_the_case_stands(
    house: House, filed: Filed
) -> None:
    answer = asking(house, filed.status_code, LAST_FOUR)

    assert answer.status == 200
    assert filed.number in answer.main
    assert "辦理中" in answer.main
    assert "115 年 3 月 5 日" in answer.main


def test_nothing_personal_is_told(house: House, filed: Filed) -> None:
    told = asking(house, filed.status_code, LAST_FOUR).main

    for value in (BIRTH["data.applicant.name"], BIRTH["data.applicant.id_number"]):
        assert value not in told


def test_every_fault_is_answered_alike(house: House, filed: Filed) -> None:
    answers = [
        asking(house, filed.status_code, "0000"),
        asking(house, filed.status_code, " "),
        asking(house, "0000-0000-0000-0000", LAST_FOUR),
        asking(house, "x", "é"),
    ]

    assert {answer.status for answer in answers} == {422}
    assert all("查無資料" in answer.main and filed.number not in answer.main for answer in answers)


def test_nobody_may_try_for_ever(house: House, filed: Filed) -> None:
    for _ in range(citizen_status.TRIES):
        asking(house, filed.status_code, "0000")

    late = asking(house, filed.status_code, LAST_FOUR)

    assert late.status == 429
    assert filed.number not in late.main
