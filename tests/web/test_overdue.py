"""The overdue desk: what is late and why, and the lawful ways out."""

from __future__ import annotations

from datetime import timedelta

from tests.web.house import CHIEF, COUNTER, House
from tests.web.visitor import Visitor

LATE = timedelta(days=7)


def at_the_desk(house: House, view: str = "overdue") -> Visitor:
    return house.sign_in(CHIEF).open(f"/overdue?view={view}")


def test_a_late_case_is_there_without_any_worker_and_says_why(house: House) -> None:
    case = house.file()
    house.clock.move(LATE)

    chief = at_the_desk(house)

    assert "2已逾期" in chief.main  # the limit of the case, and that of the intake check
    assert case.number in chief.main
    assert "逾期 4 日" in chief.main
    assert "無人承辦（櫃檯）" in chief.main
    assert "等待領取 7.0 日" in chief.main

    chief.open(limit_of_the_case(chief))
    assert "第 3 個工作日為 115 年 3 月 5 日（四）" in chief.main


def test_what_is_late_cannot_be_extended_and_the_desk_says_so(house: House) -> None:
    house.file()
    house.clock.move(LATE)

    chief = at_the_desk(house)

    assert chief.page.xpath("//button[@disabled and normalize-space()='延長']")
    assert "期限已屆滿" in chief.main


def test_a_running_limit_is_extended_once_with_its_reason(house: House) -> None:
    house.file()
    chief = at_the_desk(house, "upcoming")
    chief.open(limit_of_the_case(chief))

    chief.press("延長", length="2", unit="working_day", told_on="115/3/3", reason=" ")
    assert chief.status == 422
    assert "請填寫通知申請人的理由" in chief.main

    chief.press("延長", length="2", unit="working_day", told_on="115/3/2", reason="函詢戶籍")
    assert chief.status == 200, chief.main
    assert "已延長" in chief.text
    assert "115 年 3 月 9 日（一）" in chief.main
    assert "王示範延長期限「處理期限」" in chief.main


def limit_of_the_case(chief: Visitor) -> str:
    """Where the processing limit is explained, beside that of the task."""
    row = chief.page.xpath("//tr[td//small[contains(., '處理期限')]]")[0]
    return str(row.xpath(".//a[contains(., '期限怎麼算')]/@href")[0]).removesuffix("#why")


def test_an_unreadable_day_is_told_beside_the_extension(house: House) -> None:
    house.file()
    chief = at_the_desk(house, "upcoming")

    chief.press("延長", length="2", unit="working_day", told_on="昨天", reason="函詢戶籍")

    assert chief.status == 422
    assert "看不懂日期" in chief.main


def test_tasks_are_assigned_together_with_a_result_for_each(house: House) -> None:
    first, second = house.file(), house.file()
    house.clock.move(LATE)
    chief = at_the_desk(house)
    ticked = list(dict.fromkeys(chief.page.xpath("//input[@name='task']/@value")))
    lin = str(house.actor(COUNTER).person_id)

    chief.press("改派勾選的作業", task=ticked, person=lin, reason="平衡工作量")

    assert "共 2 件，完成 2 件" in chief.main
    for case in (first, second):
        assert str(house.task(case).assignee_id) == lin


def test_who_is_in_no_group_of_a_task_does_not_get_it(house: House) -> None:
    case = house.file()
    house.clock.move(LATE)
    chief = at_the_desk(house)
    ticked = chief.page.xpath("//input[@name='task']/@value")
    reviewer = str(house.actor("reviewer.chen").person_id)

    chief.press("改派勾選的作業", task=list(ticked), person=reviewer, reason="試試看")

    assert "不屬於這個人的群組" in chief.main
    assert house.task(case).assignee_id is None


def test_what_is_missing_for_assigning_is_listed(house: House) -> None:
    house.file()
    house.clock.move(LATE)

    chief = at_the_desk(house).press("改派勾選的作業")

    assert chief.status == 422
    for told in ("請先勾選要改派的作業", "請選擇要改派給誰", "請填寫改派的原因"):
        assert told in chief.main


def test_the_desk_is_for_supervisors(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/overdue")

    assert clerk.status == 403
    assert "逾期督導" not in clerk.text
