"""From the counter to the receipt, without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from engine.cases import Filed
from store.tables import cases, history, notices
from tests.web.house import BIRTH, COUNTER, MOVE, House
from tests.web.visitor import Visitor

ALL_HERE = {**BIRTH, "papers_all": "true"}


def at_the_birth_form(house: House) -> Visitor:
    return house.sign_in(COUNTER).open("/counter").follow("出生登記")


def at_the_box(house: House, typed: str, by: str = COUNTER) -> Visitor:
    return house.sign_in(by).open("/counter").press("前往", text=typed)


def rows_of(house: House, table: Any, case_id: Any = None) -> list[Any]:
    with house.reading() as tx:
        query = (
            select(table) if case_id is None else select(table).where(table.c.case_id == case_id)
        )
        return list(tx.execute(query))


def number_of_cases(house: House) -> int:
    with house.reading() as tx:
        return int(tx.scalar(select(func.count()).select_from(cases)) or 0)


# --- filing -------------------------------------------------------------------------------------


def test_a_birth_with_all_papers_is_filed_checked_and_the_receipt_handed_over(
    house: House,
) -> None:
    clerk = at_the_birth_form(house)

    clerk.press("收件", **ALL_HERE)

    assert clerk.status == 200, clerk.main
    assert clerk.path.endswith("/receipt")
    assert "已收件" in clerk.text
    assert "DS-115-00001" in clerk.main
    assert "林美華" not in clerk.main
    assert "115 年 3 月 5 日（四）" in clerk.main  # three working days from Monday 2 March
    assert "始日 115 年 3 月 2 日（一） 不計" in clerk.main
    assert "第 3 個工作日為" in clerk.main
    assert house.task_of_number("DS-115-00001").element_id == "check_identity"
    assert clerk.page.xpath("//a[@autofocus]/text()") == ["接著辦這一件"]


def test_the_receipt_bears_the_address_of_the_status_page_and_can_be_printed_again(
    house: House,
) -> None:
    clerk = at_the_birth_form(house).press("收件", **ALL_HERE)
    code = clerk.page.xpath("//span[@class='code']")[0].text_content()
    assert len(code) == 19
    assert f"http://localhost/status/{code}" in clerk.main
    assert len(clerk.page.xpath("//svg[contains(@class, 'qr')]")) == 1

    colleague = house.sign_in("counter.gao").open(clerk.path)

    assert code in colleague.main


def test_a_lost_receipt_gets_a_new_code_and_the_old_one_opens_nothing(house: House) -> None:
    clerk = at_the_birth_form(house).press("收件", **ALL_HERE)
    old = clerk.page.xpath("//span[@class='code']")[0].text_content()

    clerk.press("換發查詢碼")

    new = clerk.page.xpath("//span[@class='code']")[0].text_content()
    assert new != old
    assert "DS-115-00001" in at_the_box(house, new).main
    assert "DS-115-00001" not in at_the_box(house, old).main


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
    (first,) = clerk.page.xpath("//main//input[@autofocus]")
    assert first.get("name") == "data.applicant.id_number"


def test_the_ground_stands_first_then_papers_then_what_matters_for_it(house: House) -> None:
    clerk = at_the_birth_form(house)

    legends = [each.text_content().strip() for each in clerk.page.xpath("//main//form//legend")]

    assert [each for each in legends if each in ("案由", "已附文件", "申請人", "子女", "父母")] == [
        *("案由", "已附文件", "申請人", "子女", "父母")
    ]
    ground = clerk.page.xpath("//fieldset[legend='案由']")[0]
    names = dict.fromkeys(each.get("name") for each in ground.xpath(".//input|.//select"))
    assert list(names) == [
        *("report_source", "by_proxy", "in_taiwan", "single_parent", "foreign_parent")
    ]
    assert clerk.value_of("report_source") == "none"
    assert clerk.value_of("contact") == "counter"
    assert clerk.page.xpath("//main//input[@autofocus]")[0].get("name") == "papers_all"


def test_the_ground_decides_which_papers_can_be_ticked(house: House) -> None:
    clerk = at_the_birth_form(house)
    assert "委託書" not in clerk.main

    clerk.press("更新欄位", in_taiwan=None, by_proxy="true", single_parent="true")

    papers = clerk.page.xpath("//input[@name='paper']/@value")
    assert papers == ["foreign_birth_certificate", "power_of_attorney", "household_booklet"]
    assert not clerk.page.xpath("//*[@name='data.father.name']")


def test_a_choice_that_needs_more_fields_shows_them_before_anything_is_filed(house: House) -> None:
    clerk = at_the_birth_form(house)
    assert not clerk.page.xpath("//*[@name='data.foreign_parent.name']")

    clerk.press("收件", **{**ALL_HERE, "foreign_parent": "true"})

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


def test_who_moves_and_applies_is_asked_once(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/counter/P08")

    clerk.press("更新欄位", **{"data.mover.name": "陳文青", "data.mover.id_number": "A123456789"})

    assert clerk.value_of("data.applicant.name") == "陳文青"
    assert clerk.value_of("data.applicant.id_number") == "A123456789"
    clerk.press("更新欄位", **{"applicant_relation": "other", "data.applicant.name": ""})
    assert clerk.value_of("data.applicant.name") == ""


def test_a_second_click_files_no_second_case(house: House) -> None:
    clerk = at_the_birth_form(house).press("收件", **ALL_HERE)
    first = clerk.path

    clerk.send_again()

    assert clerk.path == first
    assert number_of_cases(house) == 1


def test_a_form_that_is_not_ours_is_refused(house: House) -> None:
    clerk = at_the_birth_form(house)

    clerk.press("收件", **{**ALL_HERE, "csrf_token": "forged"})

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


# --- papers -------------------------------------------------------------------------------------


def test_what_is_missing_is_computed_shown_and_told_once(house: House) -> None:
    clerk = at_the_birth_form(house)
    clerk.press("收件", **BIRTH, paper=["birth_certificate"])
    assert clerk.status == 422
    told = clerk.page.get_element_by_id("errors")
    assert [each.text_content() for each in told.xpath(".//li")] == ["子女從姓約定書", "戶口名簿"]
    assert number_of_cases(house) == 0

    clerk.press("收件並一次告知")

    assert clerk.path.startswith("/notices/")
    items = [each.text_content() for each in clerk.page.xpath("//article//ol/li")]
    assert items == ["子女從姓約定書", "戶口名簿"]
    for told_of in ("DS字第1150000001號", "115 年 3 月 9 日（一）", "以郵戳日為準", "第 20 條"):
        assert told_of in clerk.main
    assert clerk.page.xpath("//main//a[normalize-space()='收件回執']")
    assert clerk.page.xpath("//svg[contains(@class, 'qr')]")
    (notice,) = rows_of(house, notices)
    assert notice.kind == "one_time_notice"
    assert house.task_of_number("DS-115-00001").element_id == "wait_papers"
    clerk.open(f"/cases/{notice.case_id}/receipt")
    assert "停止計時" in clerk.main
    assert clerk.link("一次告知單").endswith(f"/notices/{notice.id}")
    clerk.open(f"/cases/{notice.case_id}").follow("DS字第1150000001號")
    assert clerk.path == f"/notices/{notice.id}"


def test_papers_that_come_are_accepted_and_no_second_notice_is_ever_issued(house: House) -> None:
    at_the_birth_form(house).press("收件", **BIRTH, paper=["birth_certificate"]).press(
        "收件並一次告知"
    )
    house.pass_days(2)

    clerk = at_the_box(house, "DS-115-00001")

    assert "等候補正" in clerk.main
    assert clerk.has_button("完成")  # claimed by scanning it
    clerk.press("完成", papers_received_on="115/3/4")
    assert house.task_of_number("DS-115-00001").element_id == "check_identity"
    kinds = sorted(row.kind for row in rows_of(house, notices))
    assert kinds == ["one_time_notice", "receipt"]


def test_papers_can_be_left_to_a_later_check(house: House) -> None:
    clerk = at_the_birth_form(house).press("收件", **BIRTH)

    clerk.press("先收件，稍後檢核")

    assert clerk.path.endswith("/receipt")
    assert house.task_of_number("DS-115-00001").element_id == "check_papers"
    assert rows_of(house, notices) == []


def test_a_person_who_may_not_apply_is_never_passed_by_ticks(house: House) -> None:
    clerk = at_the_birth_form(house)

    clerk.press("收件", **{**ALL_HERE, "applicant_relation": "other"})

    assert house.task_of_number("DS-115-00001").element_id == "check_papers"


def test_the_move_offers_the_papers_its_process_asks_for(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/counter/P08").press("更新欄位", **MOVE)

    clerk.press("收件", papers_all="true")

    assert clerk.path.endswith("/receipt"), clerk.main
    assert house.task_of_number("DS-115-00001").element_id != "check_papers"


# --- the box ------------------------------------------------------------------------------------


@pytest.fixture
def filed(house: House) -> Filed:
    return house.file()


def test_numbers_codes_and_scans_lead_to_what_is_to_be_done(house: House, filed: Filed) -> None:
    code = filed.status_code
    scans = [filed.number, filed.number.lower(), "115-00001", "00001", code]
    scans += [f"http://office.example/status/{code}", f"{filed.number} {code}"]

    for scanned in scans:
        clerk = at_the_box(house, scanned)
        assert clerk.path.startswith("/user-tasks/"), scanned
        assert "檢核應附文件" in clerk.main


@pytest.mark.parametrize("typed", ["1", "P01", "p01", "出生", "出生登記", "birth registration"])
def test_a_matter_is_begun_by_its_number_or_name(house: House, typed: str) -> None:
    assert at_the_box(house, typed).path == "/counter/P01"


def test_what_is_nothing_is_said_so_and_kept(house: House) -> None:
    clerk = at_the_box(house, "ZZ-999")

    assert clerk.status == 422
    assert clerk.page.get_element_by_id("at-hand").value == "ZZ-999"
    assert clerk.page.xpath("//p[@role='alert']")


@pytest.mark.parametrize("typed", ["A123456789", "陳文青"])
def test_a_person_is_found_and_carried_into_a_new_case(
    house: House, filed: Filed, typed: str
) -> None:
    clerk = at_the_box(house, typed)
    assert clerk.path == "/counter/find"
    assert filed.number in clerk.main

    clerk.press("遷徙、住址變更登記")

    assert clerk.path.startswith("/counter/P08?draft=")
    assert clerk.value_of("data.mover.name") == "陳文青"
    assert clerk.value_of("data.mover.id_number") == "A123456789"
    assert clerk.value_of("data.applicant.name") == "陳文青"
    assert clerk.value_of("registration_type") == "move_in"
    actions = [row.action for row in rows_of(house, history)]
    assert actions.count("case.searched") == 1
    assert actions.count("case.revealed") == 1
    assert not any(
        "陳文青" in str(row.detail) + str(row.purpose) for row in rows_of(house, history)
    )


def test_a_person_without_cases_is_begun_with_what_was_typed(house: House) -> None:
    clerk = at_the_box(house, "A223456781")
    assert "在本所沒有案件" in clerk.main

    clerk.press("出生登記")

    assert clerk.value_of("data.applicant.id_number") == "A223456781"
    assert clerk.value_of("data.mother.name") == ""


def test_a_case_of_somebody_else_gives_nothing_away(house: House, filed: Filed) -> None:
    clerk = at_the_box(house, "A223456781")

    clerk.press("出生登記", case=str(filed.id))

    assert clerk.value_of("data.applicant.name") == ""
    assert clerk.value_of("data.applicant.id_number") == "A223456781"
