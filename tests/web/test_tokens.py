"""Steps of a case moved, skipped and repeated by hand, without JavaScript."""

from __future__ import annotations

from store import tables
from tests.web.house import CHIEF, COUNTER, OPERATOR, House
from tests.web.visitor import Visitor

WHY = "申請人改由他所辦理，先退回收件"


def steps(house: House, login: str, case_id: object) -> Visitor:
    seen = house.sign_in(login).open(f"/cases/{case_id}")
    link = seen.page.xpath("//a[normalize-space()='調整步驟']")[0]
    return seen.open(link.get("href"))


def follow(visitor: Visitor, label: str) -> Visitor:
    found = visitor.page.xpath(f"//td//a[starts-with(normalize-space(), '{label}')]")
    return visitor.open(found[-1].get("href"))


def test_a_step_is_repeated_with_a_reason(house: House) -> None:
    case = house.file()
    former = house.claim(case, COUNTER)
    chief = steps(house, CHIEF, case.id)

    follow(chief, "重做").press("重做", reason="")
    assert (chief.status, "請說明為什麼要調整步驟" in chief.main) == (422, True)
    chief.press("重做", reason=WHY)

    assert "步驟已重新開始" in chief.text
    task = house.task(case)
    assert (task.element_id, task.status) == (former.element_id, "unclaimed")
    assert task.id != former.id
    assert "要求重做" in chief.main
    assert WHY in chief.main


def test_a_step_is_skipped_with_what_later_steps_need(house: House) -> None:
    case = house.file()
    operator = steps(house, OPERATOR, case.id)
    before = house.task(case).element_id

    follow(operator, "略過").press("略過", reason=WHY, values="outcome")
    assert "請以「名稱 = 值」填寫" in operator.main
    operator.press("略過", reason=WHY, values='outcome = "complete"')

    assert "已略過" in operator.text
    assert house.task(case).element_id != before


def test_a_move_that_the_diagram_does_not_bear_is_told(house: House) -> None:
    case = house.file()
    chief = steps(house, CHIEF, case.id)

    follow(chief, "取消這份進度").press("取消這份進度", reason=WHY)

    assert chief.status == 422
    assert "這是此範圍最後一份進度" in chief.main
    assert WHY in chief.main


def test_a_case_that_went_on_meanwhile_is_looked_at_again(house: House) -> None:
    case = house.file()
    chief = steps(house, CHIEF, case.id)
    follow(chief, "重做")
    with house.db.transaction() as tx:
        tx.execute(
            tables.cases.update()
            .where(tables.cases.c.id == case.id)
            .values(version=tables.cases.c.version + 1)
        )

    chief.press("重做", reason=WHY)

    assert chief.status == 409


def test_the_counter_neither_sees_nor_reaches_it(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")

    assert not clerk.page.xpath("//a[normalize-space()='調整步驟']")
    assert clerk.open(f"/cases/{case.id}/steps").status == 403
