"""Entering a closure moves due dates, and the page shows which, before and after."""

from __future__ import annotations

from tests.web.house import OPERATOR, House

CLOSURE = {"day": "115/3/4", "part": "all", "reason": "颱風", "source": "示範市政府 115.3.3 公告"}


def test_a_typhoon_day_moves_the_limit_and_is_listed_before_and_after(house: House) -> None:
    case = house.file()
    operator = house.sign_in(OPERATOR).open("/operations/calendar")

    operator.press("登錄並重算期限", **CLOSURE)

    assert operator.status == 200, operator.main
    assert "期限已重算" in operator.text
    row = operator.page.xpath(f"//tr[td/a[text()='{case.number}']]")[0].text_content()
    assert "115 年 3 月 5 日（四）" in row
    assert "115 年 3 月 6 日（五）" in row
    assert (
        "停止上班"
        in operator.page.xpath("//tr[td//time[@datetime='2026-03-04']]")[0].text_content()
    )


def test_a_day_off_need_not_be_closed(house: House) -> None:
    operator = house.sign_in(OPERATOR).open("/operations/calendar")

    operator.press("登錄並重算期限", **{**CLOSURE, "day": "115/3/7"})

    assert operator.status == 422
    assert "本來就不上班" in operator.main
    assert operator.value_of("reason") == "颱風"


def test_what_is_missing_or_no_date_is_told_beside_the_field(house: House) -> None:
    operator = house.sign_in(OPERATOR).open("/operations/calendar")

    operator.press("登錄並重算期限", **{**CLOSURE, "day": "115/2/30", "source": ""})

    assert operator.status == 422
    assert "不是存在的日期" in operator.main
    assert operator.page.get_element_by_id("source").getparent().get("class") == "field bad"
