"""The page of a case: what is told, what is hidden, and acts on the case as a whole."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from store.tables import cases as case_rows
from tests.web.house import CHIEF, COUNTER, MOVE, House
from tests.web.visitor import Visitor


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
    ticked = clerk.page.xpath("//input[@name='path'][@checked]/@value")
    assert ticked == ["data.applicant.name"], "what was ticked stays"

    clerk.press("顯示勾選的欄位", purpose="call", more="補件期限")
    assert "陳文青" in clerk.main
    assert "A123456789" not in clerk.text

    clerk.open(f"/cases/{case.id}")
    assert "陳文青" not in clerk.text
    assert "事由：聯絡當事人（補件期限）" in clerk.main


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"purpose": "other"}, "請補充說明事由"),
        ({"purpose": "call", "more": "A123456789"}, "請勿填寫統一編號"),
        ({"purpose": "curiosity"}, "請從清單選擇事由"),
    ],
)
def test_a_purpose_is_one_of_the_list_and_names_nobody(
    house: House, given: dict[str, str], told: str
) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")

    clerk.press("顯示勾選的欄位", path=["data.applicant.name"], **given)

    assert clerk.status == 422
    assert told in clerk.main
    assert "陳文青" not in clerk.text


def test_supervisors_see_who_looked_at_what_and_why(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")
    clerk.press("顯示勾選的欄位", path=["data.applicant.name"], purpose="call")
    house.claim(case, COUNTER)
    assert clerk.open(f"/cases/{case.id}/looks").status == 403

    chief = house.sign_in(CHIEF).open(f"/cases/{case.id}").follow("誰查看過")

    assert "林示範" in chief.main
    assert "申請人・姓名" in chief.main or "姓名" in chief.main
    assert "聯絡當事人" in chief.main
    chief.open(f"/cases/{case.id}/looks?purpose=audit")
    assert "沒有符合的紀錄" in chief.main
    chief.open(f"/cases/{case.id}/looks?purpose=call&action=case.revealed&since=115/3/2")
    assert "林示範" in chief.main


def test_who_does_not_work_on_cases_sees_no_personal_data_in_clear(house: House) -> None:
    case = house.file()

    operator = house.sign_in("operator.he").open(f"/cases/{case.id}")

    assert operator.status == 200
    assert not operator.has_button("顯示勾選的欄位")
    assert "只有承辦案件的人員可以這樣做" in operator.main


def test_a_case_of_another_office_is_as_if_it_were_not_there(house: House) -> None:
    case = house.file()
    house.move_away(case)
    clerk = house.sign_in(COUNTER)

    for address in ("", "/receipt", "/diagrams/P01.bpmn", "/diagrams/P01.json"):
        assert clerk.open(f"/cases/{case.id}{address}").status == 404


def test_a_note_is_added_and_its_text_stays_out_of_the_history(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")

    clerk.press("留言", text="請於上午聯絡")

    assert "已留言" in clerk.text
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
    assert clerk.response.history[-1].headers["Location"].endswith("#main"), "where it is told"
    assert "申請人改期" in clerk.main


def test_a_supervisor_suspends_and_resumes_and_others_are_told_why_not(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")
    assert clerk.page.xpath("//button[@disabled and normalize-space()='暫停案件']")

    chief = house.sign_in(CHIEF).open(f"/cases/{case.id}").press("暫停", reason="等候函釋")
    assert "等候函釋" in chief.main
    assert status(house, case.id) == "suspended"

    chief.press("恢復", reason="函釋已到")
    assert status(house, case.id) == "active"
    assert "函釋已到" in chief.main


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


def test_the_way_of_a_case_is_told_without_a_diagram(house: House) -> None:
    case = house.file()
    house.complete(case, COUNTER, "complete", missing=[])

    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")
    way = " ".join(clerk.page.get_element_by_id("now").text_content().split())

    assert "已完成 1 項作業" in way
    assert "檢核應附文件（齊備，受理）" in way
    assert house.task(case).name in way
    assert "接下來可能是" in way


def test_a_limit_tells_the_days_used_and_why_it_stood_still(house: House) -> None:
    case = house.file()
    house.pass_days(2)
    house.complete(case, COUNTER, "missing", missing=["household_booklet"])
    house.pass_days(5)

    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")
    limits = " ".join(clerk.page.get_element_by_id("clocks").text_content().split())

    assert "使用日數2／3 個工作日" in limits
    assert "停止計算115/3/4 – 至今通知申請人補正" in limits


def test_an_application_that_came_late_tells_the_fine_of_the_table(house: House) -> None:
    case = house.file("P08", values={**MOVE, "data.move.moved_on": "114/8/1"})

    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")
    limits = " ".join(clerk.page.get_element_by_id("clocks").text_content().split())

    assert re.search(r"逾期 \d+ 日，依基準表罰鍰新臺幣 700 元（逾期 31 至 180 日）", limits), limits
    assert "由承辦人員與主管決定" in limits


def test_papers_are_told_with_who_checked_them(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")
    assert "待檢核" in clerk.main

    house.complete(case, COUNTER, "missing", missing=["household_booklet"])
    clerk.open(f"/cases/{case.id}")

    rows = {
        row.xpath("string(td[1])"): " ".join(row.text_content().split())
        for row in clerk.page.xpath("//*[@id='papers']//tbody/tr")
    }
    assert "缺件" in rows["戶口名簿"]
    assert "已備" in rows["出生證明書"]
    assert "林示範" in rows["出生證明書"]


def test_the_filing_is_told_before_the_clocks_it_started(house: House) -> None:
    case = house.file()

    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}?order=old")

    lines = [line.text_content() for line in clerk.page.xpath("//*[@id='history']//ol/li/span")]
    assert "收件" in lines[0]
    assert any("起算" in line for line in lines[1:])


def test_a_deed_is_told_before_what_it_set_off_at_the_same_instant(house: House) -> None:
    case = house.file()
    house.complete(case, COUNTER, "missing", missing=["household_booklet"])

    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}?order=old")

    told = story(clerk)
    places = [
        told.index(each) for each in ("領取", "完成「檢核應附文件」", "一次告知單", "停止計算")
    ]
    assert places[:2] == sorted(places[:2])
    assert max(places[:2]) < min(places[2:])


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_no_code_is_shown_in_the_history(house: House, lang: str) -> None:
    case = house.file()
    house.complete(case, COUNTER, "missing", missing=["household_booklet"])
    clerk = house.sign_in(COUNTER)
    clerk.client.set_cookie("huzheng-lang", lang)

    clerk.open(f"/cases/{case.id}?lines=all&details=1")

    story = clerk.page.get_element_by_id("history").text_content()
    assert re.findall(r"[a-z]+_[a-z_]+|[a-z]+\.[a-z]+", story) == []


def test_the_history_is_told_by_kind(house: House) -> None:
    case = house.file()
    house.claim(case, COUNTER)
    clerk = house.sign_in(COUNTER)

    assert "領取" in story(clerk.open(f"/cases/{case.id}?history=people"))
    assert "起算" not in story(clerk)
    assert "起算" in story(clerk.open(f"/cases/{case.id}?history=time"))
    assert "領取" not in story(clerk)


def test_service_of_a_notice_is_entered_once_with_its_proof(house: House) -> None:
    case = house.file()
    house.complete(case, COUNTER, "missing", missing=["household_booklet"])
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}").follow("DS字第1150000001號")

    clerk.press("登錄", served_on="115/2/30", proof="回執 12345")
    assert clerk.status == 422
    assert clerk.value_of("proof") == "回執 12345", "what was typed stays"

    clerk.press("登錄", served_on="115/3/2", proof="回執 12345", method="post")
    assert "已登錄送達" in clerk.text
    assert not clerk.has_button("登錄")
    clerk.open(f"/cases/{case.id}")
    told = " ".join(clerk.page.get_element_by_id("notices").text_content().split())
    assert "115/3/2 郵務送達" in told


def test_cases_are_linked_with_a_reason_and_seen_from_both_sides(house: House) -> None:
    one, other = house.file(), house.file("P08", values=MOVE)
    clerk = house.sign_in(COUNTER).open(f"/cases/{one.id}")

    clerk.press("建立關聯", number=other.number, kind="household", reason="")
    assert clerk.status == 422
    assert clerk.value_of("number") == other.number

    clerk.press("建立關聯", kind="household", reason="遷入後申請出生登記")
    assert "已建立關聯" in clerk.text
    clerk.open(f"/cases/{other.id}")
    assert "遷入後申請出生登記" in clerk.main
    assert f"將本案與 {one.number} 建立關聯（同一戶）" in clerk.main
    assert "遷入後申請出生登記" not in story(clerk), "the reason stays out of the history"

    clerk.press("建立關聯", number=one.number, kind="other", reason="再一次")
    assert clerk.status == 409
    clerk.press("確定取消關聯")
    assert "已取消關聯" in clerk.text


def test_a_case_of_another_office_cannot_be_linked(house: House) -> None:
    case, other = house.file(), house.file()
    house.move_away(other)
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")

    clerk.press("建立關聯", number=other.number, kind="person", reason="同一人")

    assert clerk.status == 404
    assert "本所沒有這個案號" in clerk.main


def test_a_case_is_printed_open_and_masked(house: House) -> None:
    case = house.file()

    paper = house.sign_in(COUNTER).open(f"/cases/{case.id}/print")

    assert "第 3 個工作日為" in paper.main
    assert "陳○青" in paper.main
    assert "陳文青" not in paper.text
    assert not paper.page.xpath("//main//form"), "paper has no forms"
    assert all(details.get("open") is not None for details in paper.page.xpath("//main//details"))


def story(visitor: Visitor) -> str:
    return str(visitor.page.get_element_by_id("history").text_content())


def status(house: House, case_id: object) -> str:
    with house.reading() as tx:
        return str(tx.scalar(select(case_rows.c.status).where(case_rows.c.id == case_id)))


def test_a_supervisor_hands_a_case_over_and_the_other_office_has_it(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")
    assert clerk.page.xpath("//button[@disabled and normalize-space()='移轉至他所']")

    chief = house.sign_in(CHIEF).open(f"/cases/{case.id}")
    chief.press("移轉", to_office="demo-north", reason=" ")
    assert chief.status == 422
    assert "請填寫移轉原因" in chief.main
    chief.press("移轉", to_office="demo-north", reason="申請人戶籍在北區")
    assert "案件已移轉" in chief.text
    assert "申請人戶籍在北區" in story(chief)
    assert chief.page.xpath("//button[@disabled and normalize-space()='移轉至他所']")

    north = house.sign_in("counter.north").open("/worklist?tab=group")
    assert case.number in north.main
    north.open(f"/cases/{case.id}")
    assert "隨案移轉" in north.main
