"""Extensions at the case's page: asked for, granted, told by letter, served."""

from __future__ import annotations

from sqlalchemy import select

from engine.cases import Filed
from store.tables import clocks
from tests.web.house import CHIEF, COUNTER, House
from tests.web.visitor import Visitor


def asked(house: House, length: str = "2", reason: str = "須函詢他所") -> tuple[Filed, Visitor]:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")
    clerk.press("提出申請", length=length, reason=reason)
    return case, clerk


def test_a_clerk_asks_the_chief_grants_and_the_letter_is_served(house: House) -> None:
    case, clerk = asked(house)
    assert "已申請延長" in clerk.text
    assert "申請延長中" in clerk.main
    assert not clerk.has_button("提出申請"), "one at a time"
    assert clerk.has_button("撤回申請")

    chief = house.sign_in(CHIEF).open(f"/cases/{case.id}")
    assert not chief.has_button("撤回申請")
    chief.press("核定延長")
    assert "期限已延長" in chief.text
    assert "尚未登錄送達" in chief.main

    clerk.open(f"/cases/{case.id}")
    (link, *_) = clerk.page.xpath(
        "//*[@id='clocks' or self::main]//a[contains(@href, '/notices/')]/@href"
    )
    clerk.open(link)
    assert "須函詢他所" in clerk.main
    assert "行政程序法第 51 條" in clerk.main

    clerk.press("登錄", served_on="115/3/2", proof="回執 12345")
    clerk.open(f"/cases/{case.id}")
    assert "115/3/2 送達：回執 12345" in " ".join(clerk.main.split())


def test_what_could_not_be_granted_is_said_beside_the_form_and_stays_typed(house: House) -> None:
    _, clerk = asked(house, length="900")

    assert clerk.status == 422
    assert "行政程序法第51條第3項" in clerk.main
    assert clerk.value_of("length") == "900"


def test_a_request_is_refused_with_a_reason_that_the_clerk_reads(house: House) -> None:
    case, clerk = asked(house)
    chief = house.sign_in(CHIEF).open(f"/cases/{case.id}")

    chief.press("確定不予核定", why=" ")
    assert chief.status == 422
    chief.press("確定不予核定", why="資料已齊")

    clerk.open(f"/cases/{case.id}")
    assert "不予延長" in clerk.main
    assert "資料已齊" in clerk.main


def test_a_clerk_takes_a_request_back(house: House) -> None:
    case, clerk = asked(house)

    clerk.press("撤回申請")

    assert "已撤回延長申請" in clerk.text
    assert not house.sign_in(CHIEF).open(f"/cases/{case.id}").has_button("核定延長")


def test_the_page_shows_both_counts_and_the_aim(house: House) -> None:
    case = house.file()
    house.pass_days(1)

    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}")

    said = clerk.page.get_element_by_id("clocks").text_content()
    assert "法定屆滿" in said
    assert "內部目標" in said
    assert "使用日數" in said
    with house.reading() as tx:
        assert all(
            row.target_at is not None and row.target_at < row.due_at
            for row in tx.execute(
                select(clocks).where(clocks.c.status == "running", clocks.c.party == "office")
            )
        )
