"""Filters and named views on the overdue desk; work of those on leave given to their deputies."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest

from engine import absences
from engine.absences import Absence
from tests.web.house import CHIEF, COUNTER, House
from tests.web.visitor import Visitor

LATE = timedelta(days=7)
DIRECTOR = "director.wu"


@pytest.fixture
def chief(house: House) -> Visitor:
    """Three late cases: one taken by Lin, one by Gao, one by nobody."""
    for login in (COUNTER, "counter.gao"):
        house.claim(house.file(), login)
    house.file()
    house.clock.move(LATE)
    return house.sign_in(CHIEF).open("/overdue")


def rows(visitor: Visitor) -> int:
    return len(visitor.page.xpath("//table[@id='rows']/tbody/tr"))


def owned_by(house: House, chief: Visitor, login: str) -> Visitor:
    person = str(house.actor(login).person_id)
    return chief.open("/overdue").press("篩選", owner=person)


def saved(visitor: Visitor) -> list[str]:
    entries = visitor.page.xpath("//section[contains(@class, 'saved')]/ul/li")
    return [" ".join(entry.text_content().split()) for entry in entries]


def test_the_list_is_narrowed_and_so_is_all_that_is_taken_from_it(
    house: House, chief: Visitor
) -> None:
    assert rows(chief) == 3

    owned_by(house, chief, COUNTER)

    assert rows(chief) == 1
    assert "符合篩選：1 件" in chief.main
    with zipfile.ZipFile(io.BytesIO(chief.open(chief.link("下載 ODS")).response.data)) as sheet:
        assert sheet.read("content.xml").decode().count("<table:table-row>") == 2
    owned_by(house, chief, COUNTER).follow("列印")
    assert "承辦人：林示範" in chief.main
    assert "共列 1 件" in chief.main
    assert rows(owned_by(house, chief, COUNTER).follow("清除篩選")) == 3


def test_filters_stay_while_one_goes_through_tabs_cases_and_acts(
    house: House, chief: Visitor
) -> None:
    person = f"owner={house.actor(COUNTER).person_id}"

    owned_by(house, chief, COUNTER).follow("機關逾期")
    assert person in chief.path
    assert "view=office" in chief.path
    chief.follow("DS-115-00001")
    assert person in chief.path
    chief.press("改派本案", person=str(house.actor("counter.gao").person_id), reason="支援")
    assert person in chief.link("回")


def test_an_unknown_filter_is_no_fault(chief: Visitor) -> None:
    assert rows(chief.open("/overdue?owner=nobody-at-all&order=sideways&section=")) == 3


def test_the_order_is_turned_round(chief: Visitor) -> None:
    def first() -> str:
        return str(chief.page.xpath("//table[@id='rows']/tbody/tr[1]//a/text()")[0])

    before = first()

    assert first() == before
    chief.open("/overdue").press("篩選", order="latest")
    assert first() != before


# --- by name ------------------------------------------------------------------------------------


def test_a_view_is_saved_with_its_figure_and_found_again(house: House, chief: Visitor) -> None:
    assert "還沒有已存的檢視" in chief.main

    owned_by(house, chief, COUNTER).press("儲存", name="林示範的逾期案")

    assert "已儲存檢視" in chief.main
    assert saved(chief) == ["林示範的逾期案 1"]
    assert rows(chief) == 1
    assert rows(chief.open("/overdue").follow("林示範的逾期案")) == 1
    assert chief.page.xpath("//section[contains(@class, 'saved')]//a[@aria-current='page']")


def test_a_view_is_shared_renamed_and_deleted(house: House, chief: Visitor) -> None:
    owned_by(house, chief, COUNTER).press("儲存", name="甲")
    director = house.sign_in(DIRECTOR).open("/overdue")
    assert saved(director) == []

    chief.press("分享給全所 甲")
    assert saved(chief) == ["甲 1 已分享"]
    assert saved(director.open("/overdue")) == ["甲 1 王示範分享"]
    assert not director.has_button("刪除 甲")

    chief.press("更名", name="乙")
    assert saved(chief) == ["乙 1 已分享"]
    chief.press("停止分享 乙")
    assert saved(director.open("/overdue")) == []
    chief.press("刪除 乙")
    assert saved(chief) == []


def test_what_is_wrong_with_a_name_stands_beside_it(chief: Visitor) -> None:
    chief.press("儲存", name="甲").open("/overdue").press("儲存", name="甲")

    assert chief.status == 409
    assert "你已有同名的檢視" in chief.main
    assert chief.page.xpath("//*[@id='view-name'][@aria-invalid='true'][@value='甲']")
    assert rows(chief) == 3


def test_saved_views_in_english(house: House, chief: Visitor) -> None:
    chief.client.set_cookie("huzheng-lang", "en")
    chief.open("/overdue").press("Save", name="All")

    assert "The view is saved" in chief.main
    assert saved(chief) == ["All 3"]
    assert "Check the papers" in chief.main or "Intake check" in chief.main


# --- deputies -----------------------------------------------------------------------------------


def test_each_owner_on_leave_is_relieved_by_their_own_deputy(house: House, chief: Visitor) -> None:
    day = house.clock.now().date()
    lin, gao = house.actor(COUNTER).person_id, house.actor("counter.gao").person_id
    assert "代理人（承辦人請假者）" not in chief.main
    with house.db.transaction() as tx:
        absence = Absence(lin, day, day, gao)
        absences.set_absence(tx, absence, house.actor(CHIEF), house.clock.now())
    chief.open("/overdue")
    ticked = chief.page.xpath("//input[@name='case'][@type='checkbox']/@value")

    chief.press("改派勾選的案件", person="deputy", reason="請假", case=ticked)

    assert "共 3 件，完成 1 件" in chief.main
    assert chief.main.count("承辦人沒有請假，或沒有指定代理人") == 2
