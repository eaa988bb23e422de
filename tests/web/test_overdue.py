"""The overdue desk: what is late and why, whose, and the lawful ways out."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from engine import absences, accounts, deployments, people
from engine.absences import Absence
from engine.actors import system
from engine.cases import FileCase, Filed, file
from engine.packages import load_library
from store.tables import cases, metadata, notices
from tests.web.house import CHIEF, COUNTER, LIBRARY, House
from tests.web.visitor import Visitor
from web.demo_office.office import OTHER_OFFICE, PASSWORD

LATE = timedelta(days=7)


def at_the_desk(house: House, view: str = "overdue") -> Visitor:
    return house.sign_in(CHIEF).open(f"/overdue?view={view}")


def looking_at(house: House, case: Filed) -> Visitor:
    return house.sign_in(CHIEF).open(f"/overdue?view=upcoming&case={case.id}")


def all_ticked(chief: Visitor) -> list[str]:
    return [str(value) for value in chief.page.xpath("//td//input[@name='case']/@value")]


# --- what is late, why, whose -------------------------------------------------------------------


def test_a_case_with_two_late_limits_is_one_line_and_counts_once(house: House) -> None:
    case = house.file()
    house.clock.move(LATE)

    chief = at_the_desk(house)

    assert "1機關逾期 0申請人逾期" in chief.main
    assert len(chief.page.xpath("//tbody/tr[td//input[@name='case']]")) == 1
    assert chief.main.count(case.number) == 3  # the line, what its details are of, and why
    row = " ".join(chief.page.xpath("//tr[td//input[@name='case']]")[0].text_content().split())
    assert "逾期 6 日收件檢核、3/3（二）17:00逾 4 個工作日" in row
    assert "逾期 4 日處理期限、3/5（四）17:00逾 2 個工作日" in row
    assert "無人承辦（櫃檯）" in row
    assert "等待領取 7.0 日" in row


def test_each_limit_says_why_that_day(house: House) -> None:
    house.file()
    house.clock.move(LATE)
    chief = at_the_desk(house)

    assert "為什麼是 115/3/3" in chief.main
    chief.follow("處理期限")

    assert "為什麼是 115/3/5" in chief.main
    assert "第 3 個工作日為 115 年 3 月 5 日（四）" in chief.main


def test_the_tabs_part_the_cases_and_say_how_many(house: House) -> None:
    late = house.file()
    house.clock.move(LATE)
    soon = house.file()
    house.clock.move(timedelta(hours=30))

    chief = at_the_desk(house)

    told = [
        " ".join(link.text_content().split()) for link in chief.page.xpath("//nav[@class='tabs']/a")
    ]
    assert told == [
        "全部逾期 1",
        "機關逾期 1",
        "申請人逾期 0",
        "本課 1",
        "等待他機關 0",
        "承辦人請假 0",
        "將逾期 1",
        "停止計時 0",
    ]
    assert soon.number not in chief.main
    assert soon.number in chief.open("/overdue?view=upcoming").main
    assert late.number not in chief.main
    assert "本課沒有" in house.sign_in("director.wu").open("/overdue?view=section").main


def test_a_late_applicant_is_no_lateness_of_the_office(house: House) -> None:
    case = reported_move(house)
    house.clock.move(timedelta(days=90))

    chief = at_the_desk(house, "applicant")

    assert "0機關逾期 1申請人逾期" in chief.main
    row = " ".join(chief.page.xpath("//tr[td//input[@name='case']]")[0].text_content().split())
    assert case.number in row
    assert "申請人逾期" in row
    assert "機關逾期" not in row
    assert "還可以：催告" in row
    assert "逾期的是申請人，不是承辦人" in chief.main
    assert "戶籍法第48條第3項" in chief.main
    assert "逾期的是申請人，承辦人沒有可敘明的延誤" in chief.main
    assert not chief.has_button("發查催單")
    assert "沒有機關逾期的案件" in chief.open("/overdue?view=office").main
    assert not chief.page.xpath("//nav[@aria-label]//a[@href='/overdue']/*[@class='count']/text()")
    page = chief.open(f"/cases/{case.id}").main
    assert "申請人期間已滿" in page
    assert "申請人期間已滿" in chief.open("/cases").main
    listed = chief.open("/overdue/list.ods?view=applicant")
    assert "申請人".encode() in content_of(listed)


def reported_move(house: House) -> Filed:
    """Somebody told the office of a move that nobody has applied for."""
    data = {
        "mover": {"name": "周示範", "id_number": "A123456789"},
        "move": {
            "old_address": "示範市東區示範路 9 號",
            "new_address": "示範市東區示範路 1 號",
            "moved_on": date(2026, 1, 2),
        },
    }
    values = {
        "report_source": "owner",
        "household_gone": False,
        "registration_type": "address_change",
    }
    filing = FileCase("P08", "message", values, data)
    with house.db.transaction() as tx:
        return file(tx, filing, house.actor(COUNTER), house.clock.now())


def content_of(visitor: Visitor) -> bytes:
    with ZipFile(BytesIO(visitor.response.data)) as file:
        return file.read("content.xml")


def test_another_office_sees_nothing_of_it(house: House) -> None:
    case = house.file()
    house.clock.move(LATE)
    chief_of_north = stranger(house)

    desk = chief_of_north.open(f"/overdue?case={case.id}")

    assert case.number not in desk.text
    assert "沒有逾期的案件" in desk.main
    assert case.number not in chief_of_north.open("/overdue/print").text


def stranger(house: House) -> Visitor:
    """The chief of the other office of the city."""
    by, now = system(OTHER_OFFICE), house.clock.now()
    with house.db.transaction() as tx:
        new = people.NewPerson(OTHER_OFFICE, "北示範", "登記課", fictional=True)
        person_id = people.create_person(tx, new, by, now)
        people.join(tx, person_id, "chief", by, now)
        account = accounts.NewAccount(person_id, "chief.elsewhere", PASSWORD, False)
        accounts.create_account(tx, account, by, now)
    return house.sign_in("chief.elsewhere")


# --- reassigning --------------------------------------------------------------------------------


def test_cases_are_reassigned_together_with_a_result_for_each(house: House) -> None:
    first, second = house.file(), house.file()
    house.clock.move(LATE)
    chief = at_the_desk(house)
    lin = str(house.actor(COUNTER).person_id)

    chief.press("改派勾選的案件", case=all_ticked(chief), person=lin, reason="平衡工作量")

    assert "共 2 件，完成 2 件" in chief.main
    for case in (first, second):
        assert str(house.task(case).assignee_id) == lin
    assert "共 2 件，完成 2 件" in chief.send_again().main
    told = house.sign_in(COUNTER).open("/notifications")
    assert "交辦作業" in told.main
    assert first.number in told.main


def test_who_is_in_no_group_of_a_task_does_not_get_it(house: House) -> None:
    case = house.file()
    house.clock.move(LATE)
    chief = at_the_desk(house)
    reviewer = str(house.actor("reviewer.chen").person_id)

    chief.press("改派勾選的案件", case=all_ticked(chief), person=reviewer, reason="試試看")

    assert "不屬於這個人的群組" in chief.main
    assert house.task(case).assignee_id is None


def test_the_deputy_of_who_is_on_leave_is_offered_first(house: House) -> None:
    case = house.file()
    house.claim(case, COUNTER)
    house.clock.move(LATE)
    away(house, COUNTER, deputy="counter.gao")

    chief = at_the_desk(house, "leave")

    assert "林示範、請假、代理 高示範" in chief.main
    chief.press("改派給 高示範（代理人）")
    assert "共 1 件，完成 1 件" in chief.main
    assert house.task(case).assignee_id == house.actor("counter.gao").person_id
    assert "沒有承辦人請假而逾期" in chief.open("/overdue?view=leave").main


def away(house: House, login: str, deputy: str | None = None) -> None:
    day = house.clock.now().date()
    absence = Absence(
        house.actor(login).person_id,
        day,
        day,
        house.actor(deputy).person_id if deputy else None,
    )
    with house.db.transaction() as tx:
        absences.set_absence(tx, absence, house.actor(CHIEF), house.clock.now())


def test_what_is_missing_for_reassigning_is_listed_and_what_was_typed_stays(house: House) -> None:
    case = house.file()
    house.clock.move(LATE)

    chief = at_the_desk(house).press("改派勾選的案件", reason="平衡工作量")

    assert chief.status == 422
    assert chief.page.xpath("//*[@id='errors'][@autofocus]")
    for told in ("請先勾選案件", "請選擇要改派給誰"):
        assert told in chief.main
    assert chief.value_of("reason") == "平衡工作量"

    chief.press("改派勾選的案件", case=str(case.id), person="", reason="")
    assert "請填寫改派的原因" in chief.main
    assert chief.page.xpath(f"//td//input[@value='{case.id}' and @checked]")


# --- chasing ------------------------------------------------------------------------------------


@pytest.fixture
def chasing(house: House) -> House:
    with house.db.transaction() as tx:
        analyst = house.actor("analyst.luo")
        deployments.deploy(tx, load_library(LIBRARY), "C13", analyst, house.clock.now())
    return house


def chased(house: House) -> tuple[Filed, Visitor]:
    case = house.file()
    house.claim(case, COUNTER)
    house.clock.move(LATE)
    chief = at_the_desk(house)
    chief.press("發查催單", question="請說明何以尚未檢核")
    assert "共 1 件，完成 1 件" in chief.main, chief.main
    return case, chief


def test_the_owner_answers_a_chase_and_the_desk_shows_reason_and_date(chasing: House) -> None:
    case, chief = chased(chasing)
    assert "發單，尚未答覆" in chief.open("/overdue").main

    assert f"關於案件 {case.number}" in chasing.sign_in(COUNTER).open("/worklist").main
    clerk = chasing.sign_in(COUNTER).open("/notifications")
    assert "查催：請敘明原因與新期限" in clerk.main
    clerk.follow(case.number)
    assert "請說明何以尚未檢核" in clerk.main
    clerk.follow("答覆查催單")
    clerk.press(
        "完成",
        reason_class="workload",
        reason_text="月底案量集中，已排定優先辦理",
        new_date="115/3/13",
    )

    chief.open("/overdue")
    assert "已答覆：案量過多，115/3/13 前辦結" in chief.main
    assert "月底案量集中，已排定優先辦理" in chief.main
    assert "查催已答覆" in chief.open("/notifications").main
    chief.follow(case.number)
    for told in ("查催單", "王示範", "林示範", "案量過多", "115 年 3 月 13 日（五）"):
        assert told in chief.main


def test_what_a_chase_asks_and_is_answered_lies_under_the_cases_key(chasing: House) -> None:
    case, _ = chased(chasing)
    clerk = chasing.sign_in(COUNTER).open("/notifications").follow(case.number)
    clerk.follow("答覆查催單")
    clerk.press("完成", reason_class="workload", reason_text="陳金絲雀來電", new_date="115/3/13")

    with chasing.reading() as tx:
        kept = [
            (table.name, row)
            for table in metadata.tables.values()
            for row in tx.execute(select(table))
        ]

    assert len(kept) > 100
    for words in ("陳金絲雀來電", "請說明何以尚未檢核"):
        assert [name for name, row in kept if words in repr(tuple(row))] == []


def test_a_case_is_chased_once_at_a_time(chasing: House) -> None:
    case, chief = chased(chasing)

    chief.open("/overdue").press("對勾選的案件發查催單", case=str(case.id))

    assert "已有查催單尚在進行" in chief.main
    with chasing.reading() as tx:
        children = cases.select().where(cases.c.parent_case_id == case.id)
        assert len(tx.execute(children).all()) == 1


def test_without_the_process_a_chase_is_refused_in_a_sentence(house: House) -> None:
    house.file()
    house.clock.move(LATE)
    chief = at_the_desk(house)

    chief.press("對勾選的案件發查催單", case=all_ticked(chief))

    assert "本所還沒有上線的查催流程（C13）" in chief.main


# --- extending and telling ----------------------------------------------------------------------


def test_what_is_late_cannot_be_extended_and_the_desk_says_so(house: House) -> None:
    house.file()
    house.clock.move(LATE)

    chief = at_the_desk(house).follow("處理期限")

    assert not chief.has_button("延長")
    assert "期限已屆滿，依行政程序法 §51 不得再延長" in chief.main
    assert "須經催告且催告期間屆滿" in chief.main


def test_the_limit_of_a_step_is_not_extended_by_the_law_of_applications(house: House) -> None:
    chief = looking_at(house, house.file()).follow("收件檢核")

    assert "這不是行政程序法 §51 的處理期間" in chief.main
    assert not chief.has_button("延長")


def test_a_running_limit_is_extended_once_with_its_reason(house: House) -> None:
    chief = looking_at(house, house.file())

    chief.press("延長", length="2", unit="working_day", told_on="115/3/3", reason=" ")
    assert chief.status == 422
    assert "請填寫通知申請人的理由" in chief.main

    chief.press("延長", length="2", unit="working_day", told_on="115/3/2", reason="函詢戶籍")
    assert chief.status == 200, chief.main
    assert "已延長" in chief.text
    assert "115 年 3 月 9 日（一）" in chief.main


def test_an_unreadable_day_is_told_beside_the_extension(house: House) -> None:
    chief = looking_at(house, house.file())

    chief.press("延長", length="2", unit="working_day", told_on="昨天", reason="函詢戶籍")

    assert chief.status == 422
    assert "看不懂日期" in chief.main


def test_the_applicant_is_told_the_reason_by_a_numbered_letter(house: House) -> None:
    case = house.file()
    house.clock.move(LATE)
    chief = at_the_desk(house)

    chief.press("作成遲延通知", reason="等候外國文件驗證", new_date="115/3/2", channel="letter")
    assert chief.status == 422
    assert "預定辦結日期須在今天之後" in chief.main
    assert chief.page.get_element_by_id("tell-reason").text.strip() == "等候外國文件驗證"

    chief.press("作成遲延通知", reason="等候外國文件驗證", new_date="115/3/20", channel="letter")
    assert "遲延通知" in chief.main
    assert "DS字第1150000001號" in chief.main
    assert "等候外國文件驗證" in chief.main
    assert "115 年 3 月 20 日（五） 前辦結" in chief.main
    assert "最近告知" in chief.open("/overdue").main
    with house.reading() as tx:
        (row,) = tx.execute(notices.select().where(notices.c.case_id == case.id)).all()
    assert row.kind == "delay"
    assert "等候外國文件驗證".encode() not in row.ciphertext


def test_the_desk_is_for_supervisors(house: House) -> None:
    clerk = house.sign_in(COUNTER)

    for address in (
        *("/overdue", "/overdue/print", "/overdue/figures", "/overdue/list.ods"),
        *("/overdue/list.pdf", "/reports", "/reports.ods", "/reports.pdf"),
    ):
        clerk.open(address)
        assert clerk.status == 403
        assert "逾期督導" not in clerk.text
