"""The page of a case: what is told, what is hidden, and acts on the case as a whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from store.tables import cases as case_rows
from tests.web.house import CHIEF, COUNTER, MOVE, House


def test_a_case_tells_where_it_stands_what_is_due_and_why(house: House) -> None:
    case = house.file()

    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")

    assert case.number in clerk.main
    assert house.task(case).name in clerk.main
    assert "剩 3 日" in clerk.main
    assert "第 3 個工作日為 115 年 3 月 5 日（四）" in clerk.main
    assert "林示範收件" in clerk.main


def test_personal_data_is_masked_until_somebody_says_why(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")
    assert "陳文青" not in clerk.text
    assert "A12****789" in clerk.main

    clerk.press("顯示勾選的欄位", path=["data.applicant.name"], purpose="")
    assert clerk.status == 422
    assert "請填寫查看個人資料的事由" in clerk.main
    assert "陳文青" not in clerk.text

    clerk.press("顯示勾選的欄位", path=["data.applicant.name"], purpose="聯絡申請人")
    assert "陳文青" in clerk.main
    assert "A123456789" not in clerk.text

    clerk.open(f"/cases/{case.id}")
    assert "陳文青" not in clerk.text
    assert "事由：聯絡申請人" in clerk.main


def test_who_does_not_work_on_cases_sees_no_personal_data_in_clear(house: House) -> None:
    case = house.file()

    operator = house.sign_in("operator.he").open(f"/cases/{case.id}")

    assert operator.status == 200
    assert not operator.has_button("顯示勾選的欄位")
    assert "只有承辦案件的人員可以這樣做" in operator.main


def test_a_case_of_another_office_is_as_if_it_were_not_there(house: House) -> None:
    case = house.file()
    with house.db.transaction() as tx:
        tx.execute(
            update(case_rows)
            .where(case_rows.c.id == case.id)
            .values(
                office_id="demo-north",
                receiving_office_id="demo-north",
                household_office_id="demo-north",
            )
        )
    clerk = house.sign_in(COUNTER)

    for address in ("", "/receipt", "/diagrams/P01.bpmn", "/diagrams/P01.json"):
        assert clerk.open(f"/cases/{case.id}{address}").status == 404


def test_a_note_is_added_and_its_text_stays_out_of_the_history(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")

    clerk.press("加入註記", text="請於上午聯絡")

    assert "已加入註記" in clerk.text
    assert clerk.main.count("請於上午聯絡") == 1
    assert "林示範加了註記" in clerk.main


def test_a_withdrawal_needs_its_reason(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")

    clerk.press("登記撤回", reason=" ")
    assert clerk.status == 422
    assert "請填寫原因" in clerk.main

    clerk.press("登記撤回", reason="申請人改期")
    assert clerk.status == 200
    assert "申請人改期" in clerk.main


def test_a_supervisor_suspends_and_resumes_and_others_are_told_why_not(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")
    assert clerk.page.xpath("//button[@disabled and normalize-space()='暫停案件']")

    chief = house.sign_in(CHIEF).open(f"/cases/{case.id}").press("暫停", reason="等候函釋")
    assert "等候函釋" in chief.main
    assert status(house, case.id) == "suspended"

    chief.press("恢復案件")
    assert status(house, case.id) == "active"


def test_the_diagram_and_its_state_are_files_that_browsers_may_keep(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")
    island = clerk.page.xpath("//*[@data-bpmn-viewer]")[0]

    xml = clerk.client.get(island.get("data-xml-url"))
    state = clerk.client.get(island.get("data-state-url")).json
    again = clerk.client.get(
        island.get("data-xml-url"), headers={"If-None-Match": xml.headers["ETag"]}
    )

    assert b"bpmn" in xml.data
    assert state is not None
    assert state["active"]
    assert again.status_code == 304


@pytest.mark.parametrize(
    "asked", ["DS-115-00001", "ds-115-00001", "A123456789", "a123456789", "陳文青"]
)
def test_a_case_is_found_by_number_id_and_name(house: House, asked: str) -> None:
    case = house.file("P08", values=MOVE)

    clerk = house.sign_in(COUNTER).press("查詢", text=asked)

    assert clerk.path == f"/cases/{case.id}"


def test_what_was_looked_for_never_stands_in_an_address(house: House) -> None:
    clerk = house.sign_in(COUNTER).press("查詢", text="查無此人")

    assert clerk.status == 200
    assert clerk.path == "/cases/find"
    assert "沒有符合的案件" in clerk.main


def test_the_list_is_filtered_by_status_and_process(house: House) -> None:
    house.file()
    clerk = house.sign_in(COUNTER)

    assert "DS-115-00001" in clerk.open("/cases?status=active&package=P01").main
    assert "DS-115-00001" not in clerk.open("/cases?status=closed").main
    assert "DS-115-00001" not in clerk.open("/cases?package=P08").main


def test_an_overdue_case_says_so_by_a_word(house: House) -> None:
    case = house.file()
    house.clock.move(timedelta(days=5))

    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")

    pill = clerk.page.xpath("//h1//span[contains(@class, 'due')]")[0]
    assert "逾期 2 日" in pill.text_content()
    assert pill.xpath(".//*[@aria-hidden='true']")[0].text_content() == "▲"


def status(house: House, case_id: object) -> str:
    with house.reading() as tx:
        return str(tx.scalar(select(case_rows.c.status).where(case_rows.c.id == case_id)))
