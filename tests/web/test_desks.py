"""Special counters and branches: kept on a page, asked at the counter, seen in the worklist."""

from __future__ import annotations

from tests.web.house import BIRTH, CHIEF, COUNTER, House
from tests.web.visitor import Visitor

BRANCH = {
    "name_zh": "埔頂便民工作站",
    "name_en": "Puding service station",
    "address_zh": "示範市南區埔頂路 1 號",
    "open_zh": "每週二、四 9 時至 16 時",
}


def kept(house: House, **given: object) -> Visitor:
    chief = house.sign_in(CHIEF).open("/operations/desks")
    form = chief.page.xpath("//section[@id='new']//form")[0]
    chief.send(form.xpath(".//button")[0], dict(given))
    return chief


def test_a_desk_is_kept_on_its_page_and_routes_what_is_filed(house: House) -> None:
    mei = str(house.actor("counter.gao").person_id)
    chief = kept(house, name_zh="英語櫃檯", name_en="English counter", languages="en", people=mei)
    assert chief.status == 200
    assert "英語櫃檯" in chief.main

    lin = house.sign_in(COUNTER).open("/counter/P01")
    lin.press("收件", **BIRTH, service_language="en", papers_all="true")
    assert lin.status == 200
    lin.open("/worklist?tab=group")
    assert "櫃檯：英語櫃檯、該櫃檯優先至" in lin.main
    lin.press("領下一件")
    assert "目前沒有您可以領取的作業" in lin.main

    gao = house.sign_in("counter.gao").open("/worklist")
    gao.press("領下一件")
    assert "查驗身分證件" in gao.main


def test_a_desk_that_serves_nobody_is_refused_and_stays_typed(house: House) -> None:
    chief = kept(house, name_zh="愛心櫃檯", name_en="Care")

    assert chief.status == 422
    assert "請說明櫃檯的用途" in chief.main
    assert chief.value_of("name_zh") == "愛心櫃檯"


def test_who_files_at_a_branch_has_it_chosen_and_the_receipt_says_where_to_collect(
    house: House,
) -> None:
    lin = str(house.actor(COUNTER).person_id)
    chief = kept(house, **BRANCH, people=lin)
    assert chief.status == 200

    clerk = house.sign_in(COUNTER).open("/counter/P01")
    clerk.press("收件", **BIRTH, papers_all="true")

    assert "受理及領件地點" in clerk.main
    assert "示範市南區埔頂路 1 號" in clerk.main
    assert "每週二、四 9 時至 16 時" in clerk.main


def test_the_counter_asks_nothing_where_there_are_no_desks(house: House) -> None:
    assert "服務方式" not in house.sign_in(COUNTER).open("/counter/P01").main


def test_a_case_is_taken_over_on_its_page_where_the_office_wants_an_owner(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")
    assert not clerk.has_button("交接")

    chief = house.sign_in(CHIEF).open("/operations/desks")
    form = chief.page.xpath("//section[@id='owned']//form")[0]
    chief.send(form.xpath(".//button")[0], {"owned": ["P01"]})
    clerk.open(f"/cases/{case.id}").press("交接")

    assert clerk.status == 200
    assert "全程承辦人林示範" in clerk.main
