"""The rules of legal time as pages: found, read, tried; and a clock's explanation on paper."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from sla.law_tables import LawTable, law_tables
from store.tables import clocks
from tests.support.explanations import followed
from tests.web.house import ANALYST, CHIEF, COUNTER, OPERATOR, House


@pytest.mark.parametrize("login", [COUNTER, CHIEF, ANALYST, OPERATOR])
def test_everybody_on_staff_may_read_the_rules(house: House, login: str) -> None:
    visitor = house.sign_in(login).open("/rules")

    assert visitor.status == 200
    assert "戶籍法第48條第1項" in visitor.main


def test_a_stranger_may_not(house: House) -> None:
    assert house.visitor().open("/rules").path.startswith("/sign-in")


def test_a_rule_is_found_by_words_and_by_kind(house: House) -> None:
    visitor = house.sign_in(COUNTER)

    visitor.open("/rules?q=臺北市+陳情")
    assert "PETITION_6WD" in visitor.main
    assert "STAT_BIRTH_60D" not in visitor.main

    visitor.open("/rules?kind=age")
    assert "IDCARD_AGE_14" in visitor.main
    assert "PETITION_6WD" not in visitor.main

    assert "沒有這樣的規則" in visitor.open("/rules?q=nothing-like-it").main


def test_a_rule_shows_its_versions_and_counts_a_date_step_by_step(house: House) -> None:
    visitor = house.sign_in(COUNTER).open("/rules/PASSPORT_ONESTOP")

    assert "109/8/11" in visitor.main
    assert "112/2/20" in visitor.main

    visitor.open("/rules/STAT_BIRTH_60D").press("試算", start="114/12/16")
    assert "115 年 2 月 23 日（一）" in visitor.main
    assert "行政程序法第48條第4項" in visitor.main


def test_what_cannot_be_counted_is_said_in_a_sentence(house: House) -> None:
    visitor = house.sign_in(COUNTER).open("/rules/STAT_BIRTH_60D")

    visitor.press("試算", start="115/2/30")

    assert visitor.status == 422
    assert "115/2/30" in visitor.main
    assert house.sign_in(COUNTER).open("/rules/NO_SUCH").status == 404


def test_a_rule_without_a_length_asks_for_one(house: House) -> None:
    visitor = house.sign_in(COUNTER).open("/rules/PROC_WORKDAY")

    visitor.press("試算", start="115/3/6", length="3", unit="working_day")

    assert "115 年 3 月 11 日（三）" in visitor.main


@pytest.mark.parametrize("table", law_tables(), ids=lambda table: table.decision)
def test_every_table_of_law_can_be_read(house: House, table: LawTable) -> None:
    visitor = house.sign_in(COUNTER).open(f"/tables/{table.file}/{table.decision}")

    assert visitor.status == 200
    assert len(visitor.page.xpath("//tbody/tr")) == len(table.rows)


def test_a_clock_is_explained_on_paper_with_who_entered_its_facts(house: House) -> None:
    case = house.file()
    visitor = house.sign_in(COUNTER).open(f"/cases/{case.id}")

    visitor.open(visitor.page.xpath("//a[text()='列印計算說明']/@href")[0])

    assert visitor.status == 200
    assert case.number in visitor.main
    assert "林示範" in visitor.main
    assert "行事曆" in visitor.main
    with house.db.transaction(read_only=True) as tx:
        stored = tx.execute(select(clocks).where(clocks.c.case_id == case.id)).all()
    assert stored
    for clock in stored:
        assert followed(clock.explanation["en"]) == clock.due_on.isoformat()


def test_a_clock_of_another_case_is_not_found(house: House) -> None:
    first, second = house.file(), house.file()
    with house.db.transaction(read_only=True) as tx:
        clock = tx.scalar(select(clocks.c.id).where(clocks.c.case_id == first.id))

    assert house.sign_in(COUNTER).open(f"/cases/{second.id}/clocks/{clock}").status == 404
