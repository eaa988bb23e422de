"""Searching: one box that understands what was typed, a purpose for persons, filters beside it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from store.tables import history
from tests.web.house import CHIEF, COUNTER, MOVE, OPERATOR, House


@pytest.mark.parametrize("asked", ["DS-115-00001", "ds-115-1", "115-1", "1", "００００１"])
def test_a_case_is_found_by_its_number_or_the_end_of_it(house: House, asked: str) -> None:
    case = house.file()

    clerk = house.sign_in(COUNTER).press("查詢", text=asked)

    assert clerk.path == f"/cases/{case.id}"


@pytest.mark.parametrize(
    "asked", ["A123456789", "ａ１２３４５６７８９", "陳文青", "文青", "林美", "115/2/20"]
)
def test_a_case_is_found_by_a_person_once_the_purpose_is_said(house: House, asked: str) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).press("查詢", text=asked)
    assert clerk.status == 422
    assert "請先選擇查詢事由" in clerk.main
    assert clerk.value_of("text") == ""  # the header's own box
    assert clerk.page.get_element_by_id("text").value == asked, "what was typed stays"
    assert clerk.page.xpath("//main//*[@autofocus]/@name") == ["purpose"]

    clerk.press("查詢", text=asked, purpose="call")

    assert clerk.path == f"/cases/{case.id}"


def test_the_purpose_is_kept_for_half_an_hour_and_not_for_somebody_else(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).press("查詢", text="陳文青", purpose="earlier")

    assert clerk.press("查詢", text="陳文").path == f"/cases/{case.id}"
    house.wall_clock.move(house.minutes(14))
    clerk.open("/cases")
    house.wall_clock.move(house.minutes(14))
    clerk.open("/cases")
    house.wall_clock.move(house.minutes(3))
    assert clerk.press("查詢", text="陳文").status == 422


def test_a_search_by_person_is_recorded_without_what_was_typed(house: House) -> None:
    house.file()
    house.sign_in(COUNTER).press("查詢", text="陳文青", purpose="other", more="協助尋人")

    with house.reading() as tx:
        [row] = tx.execute(select(history).where(history.c.action == "case.searched")).all()
    assert row.detail["by"] == ["name"]
    assert row.purpose == "other: 協助尋人"
    assert "陳" not in str(row.detail)

    chief = house.sign_in(CHIEF).open("/looks")
    assert "以個人資料查詢" in chief.main
    assert "其他（協助尋人）" in chief.main


def test_what_was_looked_for_never_stands_in_an_address(house: House) -> None:
    house.file()
    house.file("P08", values=MOVE)

    clerk = house.sign_in(COUNTER).press("查詢", text="陳文青", purpose="call")

    assert clerk.path == "/cases/find"
    assert "找到 2 件" in clerk.main
    assert "陳文青" not in clerk.response.headers.get("Location", "")
    clerk.press("查詢", text="查無此人", purpose="call")
    assert clerk.path == "/cases/find"
    assert "沒有符合的案件" in clerk.main


def test_one_letter_of_a_name_is_no_search(house: House) -> None:
    house.file()

    clerk = house.sign_in(COUNTER).press("查詢", text="陳", purpose="call")

    assert clerk.status == 200
    assert "沒有符合的案件" in clerk.main


def test_who_does_not_work_on_cases_searches_by_number_only(house: House) -> None:
    case = house.file()
    operator = house.sign_in(OPERATOR)

    assert operator.press("查詢", text=case.number).path == f"/cases/{case.id}"
    operator.press("查詢", text="陳文青", purpose="call")
    assert operator.status == 403
    assert "可以用個人資料查詢" in operator.main


def test_a_process_is_found_by_its_title(house: House) -> None:
    house.file()

    clerk = house.sign_in(COUNTER).press("查詢", text="出生登記")

    assert clerk.path == "/cases?package=P01"
    assert "DS-115-00001" in clerk.main


def test_filters_stand_in_the_address_and_narrow_the_list(house: House) -> None:
    house.file()
    house.file("P08", values=MOVE)
    house.pass_days(5)
    clerk = house.sign_in(COUNTER)

    assert "DS-115-00001" in clerk.open("/cases?due=overdue&package=P01").main
    assert "DS-115-00002" not in clerk.main
    assert "DS-115-00001" not in clerk.open("/cases?filed_from=115/3/3").main
    assert "DS-115-00002" in clerk.open("/cases?filed_from=115/3/2&filed_to=115/3/2").main
    assert "DS-115-00001" not in clerk.open("/cases?status=closed").main
    assert clerk.open("/cases?office=demo-north").status == 422
