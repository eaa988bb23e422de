"""Changing how an office counts: what it would move is seen first, then saved with a history."""

from __future__ import annotations

from tests.web.house import OPERATOR, House
from tests.web.visitor import Visitor


def choosing(operator: Visitor, name: str, **values: str) -> Visitor:
    operator.open("/operations/offices")
    form = f"/operations/offices/settings/{name}"
    operator.send(operator.page.xpath(f"//form[@action='{form}']//button")[0], values)
    return operator


def test_a_setting_that_moves_limits_is_weighed_before_it_is_saved(house: House) -> None:
    case = house.file()
    operator = house.sign_in(OPERATOR)

    choosing(operator, "sla.working_day_ends", value="midnight", source="所務會議")

    assert operator.status == 200
    assert case.number in operator.main
    assert "會移動 2 個期限" in operator.main
    row = operator.page.get_element_by_id("s-sla.working_day_ends").text_content()
    assert "示範設定" in row  # nothing is saved yet

    operator.press("儲存並重算期限")

    row = operator.page.get_element_by_id("s-sla.working_day_ends").text_content()
    assert "所務會議" in row
    assert "設定變更紀錄" in operator.main
    assert "何示範" in operator.main
    operator.open(f"/cases/{case.id}")
    assert "24:00" in operator.main


def test_a_setting_of_accounts_is_saved_at_once(house: House) -> None:
    operator = house.sign_in(OPERATOR)

    choosing(operator, "people.unused_days", value="60", source="資安管理要點")

    assert "60 天" in operator.page.get_element_by_id("s-people.unused_days").text_content()


def test_office_hours_are_weighed_too(house: House) -> None:
    house.file()
    operator = house.sign_in(OPERATOR)

    choosing(operator, "office.hours", opens="08:30", midday="12:30", closes="17:30", source="公告")
    assert "會移動 2 個期限" in operator.main
    operator.press("儲存並重算期限")

    row = operator.page.get_element_by_id("s-office.hours").text_content()
    assert "08:30–12:30–17:30" in row


def test_a_choice_without_a_source_is_refused_before_it_is_weighed(house: House) -> None:
    operator = house.sign_in(OPERATOR)

    choosing(operator, "sla.day_unit", value="working_day", source=" ")

    assert operator.status == 422
    assert not operator.page.xpath("//*[@id='weighed']")
