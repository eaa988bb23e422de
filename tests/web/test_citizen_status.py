"""The applicant's page: a code and one proof, nothing personal, one answer for every fault."""

from __future__ import annotations

import pytest

from engine import deployments
from engine.cases import Filed
from engine.packages import load_library
from tests.web.house import ANALYST, BIRTH, LIBRARY, House
from tests.web.visitor import Visitor
from web import citizen_status

LAST_FOUR = BIRTH["data.applicant.id_number"][-4:]
OFFICE_ADDRESS = {
    "request_source": "applicant",
    "data.mover.name": "周示範",
    "data.mover.id_number": "A123456789",
    "data.move.old_address": "示範市東區示範路 9 號",
    "people": "3",
    "applicant_relation": "owner",
    "data.applicant.name": "鄭示範",
    "data.applicant.id_number": "A223456781",
    "title_proof": "look_up",
    "contact": "letter",
}
"""What a clerk enters for an owner who asks to have a household moved to the office."""


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


def test_an_owner_follows_the_move_to_the_offices_address(house: House) -> None:
    with house.db.transaction() as tx:
        analyst = house.actor(ANALYST)
        deployments.deploy(tx, load_library(LIBRARY), "P10", analyst, house.clock.now())
    filed = house.file("P10", values=OFFICE_ADDRESS)
    proof = OFFICE_ADDRESS["data.applicant.id_number"][-4:]

    answer = asking(house, filed.status_code, proof)

    assert answer.status == 200
    assert filed.number in answer.main
    assert "逕遷戶所" in answer.main
    assert "辦理中" in answer.main
    for value in (OFFICE_ADDRESS["data.mover.name"], OFFICE_ADDRESS["data.move.old_address"]):
        assert value not in answer.main
