"""From the counter to the receipt, without JavaScript."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from store.tables import cases
from tests.web.house import BIRTH, COUNTER, House
from tests.web.visitor import Visitor


def at_the_birth_form(house: House) -> Visitor:
    return house.sign_in(COUNTER).open("/counter").follow("出生登記")


def test_a_birth_is_filed_and_the_receipt_handed_over(house: House) -> None:
    clerk = at_the_birth_form(house)

    clerk.press("收件", **BIRTH)

    assert clerk.status == 200, clerk.main
    assert clerk.path.endswith("/receipt")
    assert "已收件" in clerk.text
    assert "DS-115-00001" in clerk.main
    assert "陳○青" not in clerk.main or "陳文青" not in clerk.main
    assert len(clerk.page.xpath("//svg")) == 1
    code = clerk.page.xpath("//span[@class='code']")[0].text_content().replace(" ", "")
    assert len(code) == 16
    assert "115 年 3 月 5 日（四）" in clerk.main  # three working days from Monday 2 March


def test_the_status_code_is_shown_to_this_browser_only(house: House) -> None:
    clerk = at_the_birth_form(house).press("收件", **BIRTH)
    receipt = clerk.path

    assert clerk.open(receipt).page.xpath("//svg")
    colleague = house.sign_in("counter.gao").open(receipt)

    assert not colleague.page.xpath("//svg")
    assert "只在收件時顯示一次" in colleague.main


def test_what_is_wrong_is_listed_linked_and_what_was_entered_is_kept(house: House) -> None:
    clerk = at_the_birth_form(house)

    wrong = {**BIRTH, "data.applicant.id_number": "A123456788", "data.child.birth_date": "115/2/30"}
    clerk.press("收件", **wrong)

    assert clerk.status == 422
    summary = clerk.page.xpath("//div[@role='alert']")[0]
    assert "有 2 個地方需要更正" in summary.text_content()
    for link in summary.xpath(".//a"):
        assert clerk.page.get_element_by_id(link.get("href").removeprefix("#")) is not None
    assert clerk.value_of("data.applicant.id_number") == "A123456788"
    assert clerk.value_of("data.child.birth_date") == "115/2/30"
    assert clerk.value_of("data.applicant.name") == "陳文青"
    field = clerk.page.get_element_by_id("f-data-child-birth_date")
    assert field.get("aria-invalid") == "true"
    assert "f-data-child-birth_date-error" in field.get("aria-describedby")


def test_a_choice_that_needs_more_fields_shows_them_before_anything_is_filed(house: House) -> None:
    clerk = at_the_birth_form(house)
    assert not clerk.page.xpath("//*[@name='data.foreign_parent.name']")

    clerk.press("收件", **{**BIRTH, "foreign_parent": "true"})

    assert clerk.status == 422
    assert "出現了新的欄位" in clerk.main
    assert clerk.page.xpath("//*[@name='data.foreign_parent.name']")
    assert clerk.value_of("data.applicant.name") == "陳文青"
    assert number_of_cases(house) == 0

    clerk.press("收件", **{"data.foreign_parent.name": "Nguyen Thi Lan"})
    assert clerk.path.endswith("/receipt")


def test_without_javascript_a_button_shows_the_fields_a_choice_needs(house: House) -> None:
    clerk = at_the_birth_form(house)

    clerk.press("更新欄位", **{"foreign_parent": "true", "data.applicant.name": "陳文青"})

    assert clerk.status == 200
    assert clerk.page.xpath("//*[@name='data.foreign_parent.name']")
    assert clerk.value_of("data.applicant.name") == "陳文青"
    assert not clerk.page.xpath("//div[@role='alert']")


def test_a_second_click_files_no_second_case(house: House) -> None:
    clerk = at_the_birth_form(house).press("收件", **BIRTH)
    first = clerk.path

    clerk.send_again()

    assert clerk.path == first
    assert number_of_cases(house) == 1


def test_a_form_that_is_not_ours_is_refused(house: House) -> None:
    clerk = at_the_birth_form(house)

    clerk.press("收件", **{**BIRTH, "csrf_token": "forged"})

    assert clerk.status == 400
    assert "過期" in clerk.main
    assert number_of_cases(house) == 0


def test_who_may_not_file_is_told_so(house: House) -> None:
    reviewer = house.sign_in("reviewer.chen").open("/counter")
    assert "由其他群組收件" in reviewer.main

    reviewer.open("/counter/P01")
    assert reviewer.page.xpath("//button[@disabled]")
    assert "不由您的群組收件" in reviewer.main


@pytest.mark.parametrize("address", ["/counter/NOPE", "/counter/C01"])
def test_what_cannot_be_filed_is_no_page_with_a_form(house: House, address: str) -> None:
    clerk = house.sign_in(COUNTER).open(address)

    assert clerk.status == 404
    assert not clerk.has_button("收件")


def number_of_cases(house: House) -> int:
    with house.reading() as tx:
        return int(tx.scalar(select(func.count()).select_from(cases)) or 0)
