"""A walk-in matter found doubtful, on the pages: its receipt, its limit, and never twice."""

from __future__ import annotations

from tests.web.house import COUNTER, House


def test_the_counter_makes_it_an_application_case_and_hands_over_the_receipt(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")

    clerk.press("起算期限並開立回執", reason="母親姓名與戶籍資料不符")

    assert clerk.status == 200
    assert "疑義案件收件回執" in clerk.main
    assert "母親姓名與戶籍資料不符" in clerk.main
    assert "115 年 3 月 5 日" in " ".join(clerk.main.split())
    clerk.open(f"/cases/{case.id}")
    assert "疑義案件期限" in clerk.main
    assert not clerk.has_button("起算期限並開立回執")


def test_a_doubt_without_a_reason_is_refused_on_the_page(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")

    clerk.press("起算期限並開立回執", reason=" ")

    assert clerk.status == 422
    assert "請於 500 字內說明待查明之事項" in clerk.main
