"""Entering a closure moves due dates, and the page shows which, before and after."""

from __future__ import annotations

from tests.web.house import CHIEF, OPERATOR, House
from tests.web.visitor import Visitor

CLOSURE = {"day": "115/3/4", "part": "all", "reason": "颱風", "source": "示範市政府 115.3.3 公告"}


def propose(house: House, **entered: str) -> Visitor:
    """The operator's page after an edit was proposed."""
    operator = house.sign_in(OPERATOR).open("/operations/calendar")
    operator.press("預覽會移動的期限", **entered)
    return operator.press("提出")


def two_enter(house: House, **entered: str) -> Visitor:
    """The chief's page after the operator proposed an edit and the chief approved it."""
    propose(house, **entered)
    chief = house.sign_in(CHIEF).open("/notifications").follow("看變更")
    return chief.press("核准登錄並重算期限")


def test_a_typhoon_day_moves_the_limit_and_is_listed_before_and_after(house: House) -> None:
    case = house.file()
    operator = house.sign_in(OPERATOR).open("/operations/calendar")

    operator.press("預覽會移動的期限", **CLOSURE)
    assert "會移動 1 個期限" in operator.main
    assert case.number in operator.main
    operator.press("提出")

    assert "待另一位同仁核准" in operator.main
    assert "已看" not in operator.main
    chief = house.sign_in(CHIEF).open("/notifications").follow("看變更")
    assert "會移動 1 個期限" in chief.main
    assert case.number in chief.main
    chief.press("核准登錄並重算期限")

    assert chief.status == 200, chief.main
    assert "已看 1／1 案，移動 1 個期限" in chief.main
    row = chief.page.xpath(f"//tr[td/a[text()='{case.number}']]")[0].text_content()
    assert "115 年 3 月 5 日（四）" in row
    assert "115 年 3 月 6 日（五）" in row
    day = chief.page.xpath("//td[time[@datetime='2026-03-04']]")[0]
    assert "停止上班" in day.text_content()


def test_a_day_off_need_not_be_closed(house: House) -> None:
    operator = house.sign_in(OPERATOR).open("/operations/calendar")

    operator.press("預覽會移動的期限", **{**CLOSURE, "day": "115/3/7"})
    operator.press("提出")

    assert operator.status == 422
    assert "本來就不上班" in operator.main
    assert operator.value_of("reason") == "颱風"


def test_what_is_missing_or_no_date_is_told_beside_the_field(house: House) -> None:
    operator = house.sign_in(OPERATOR).open("/operations/calendar")

    operator.press("預覽會移動的期限", **{**CLOSURE, "day": "115/2/30", "source": ""})

    assert operator.status == 422
    assert "不是存在的日期" in operator.main
    assert operator.page.get_element_by_id("source").getparent().get("class") == "field bad"


def test_nothing_is_entered_before_it_is_confirmed(house: House) -> None:
    house.file()
    operator = house.sign_in(OPERATOR).open("/operations/calendar")

    operator.press("預覽會移動的期限", **CLOSURE)
    operator.open("/operations/calendar")

    day = operator.page.xpath("//td[time[@datetime='2026-03-04']]")[0]
    assert "停止上班" not in day.text_content()


def test_a_closure_is_taken_back_by_a_working_day(house: House) -> None:
    house.file()
    two_enter(house, **CLOSURE)
    operator = house.sign_in(OPERATOR).open("/operations/calendar")
    taken_back = {**CLOSURE, "part": "works", "reason": "取消停止上班"}
    operator.press("預覽會移動的期限", **taken_back)
    assert "會移動 1 個期限" in operator.main

    chief = two_enter(house, **taken_back)

    assert chief.status == 200, chief.main
    assert "移動 1 個期限" in chief.main
    day = chief.page.xpath("//td[time[@datetime='2026-03-04']]")[0]
    assert "停止上班" not in day.text_content()


def test_months_are_turned_and_end_where_the_calendar_ends(house: House) -> None:
    operator = house.sign_in(OPERATOR).open("/operations/calendar?month=2026-02")

    assert "115 年 2 月" in operator.main
    assert "春節" in operator.main
    assert operator.follow("下個月").main.count("115 年 3 月") >= 1
    assert operator.open("/operations/calendar?month=nonsense").status == 200
    last = operator.open("/operations/calendar?month=2029-12")
    assert "下個月" not in last.main


def test_who_proposed_and_who_entered_a_day_is_told(house: House) -> None:
    two_enter(house, **CLOSURE)

    told = house.sign_in(OPERATOR).open("/operations/calendar").main

    assert "何示範 提出" in told
    assert (
        "您提出的行事曆或期限規則變更已決定" in house.sign_in(OPERATOR).open("/notifications").main
    )


def test_who_proposed_cannot_approve_but_can_take_it_back(house: House) -> None:
    operator = propose(house, **CLOSURE)

    assert "核准登錄並重算期限" not in operator.main
    operator.press("撤回")

    assert "已撤回" in operator.main
    day = operator.page.xpath("//td[time[@datetime='2026-03-04']]")[0]
    assert "停止上班" not in day.text_content()


def test_the_second_of_two_editors_is_told_of_the_first_and_keeps_what_was_typed(
    house: House,
) -> None:
    first, second = house.sign_in(OPERATOR), house.sign_in(CHIEF)
    for visitor, reason in ((first, "颱風"), (second, "停電")):
        visitor.open("/operations/calendar").press(
            "預覽會移動的期限", **{**CLOSURE, "reason": reason}
        )
    first.press("提出")
    second.press("提出")

    assert second.status == 409
    assert "何示範已提出" in second.main
    assert "（颱風）" in second.main
    assert second.value_of("reason") == "停電"


def test_a_refusal_says_why_and_enters_nothing(house: House) -> None:
    propose(house, **CLOSURE)
    chief = house.sign_in(CHIEF).open("/notifications").follow("看變更")

    chief.press("不予核准", why=" ")
    assert chief.status == 422
    assert "請填寫不予核准的理由" in chief.main
    chief.press("不予核准", why="公告只及於山區")

    assert "公告只及於山區" in house.sign_in(OPERATOR).open("/operations/calendar").main
    day = chief.page.xpath("//td[time[@datetime='2026-03-04']]")[0]
    assert "停止上班" not in day.text_content()
