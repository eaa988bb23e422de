"""The control table of the year: what begun, what is on schedule, what is off plan and why."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from lxml import etree
from sqlalchemy import select

from engine import deployments
from engine.packages import load_library
from sla.duties import begin_owed
from store import tables
from tests.web.house import ANALYST, CHIEF, COUNTER, LIBRARY, OPERATOR, House
from tests.web.visitor import Visitor

ODF = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


@pytest.fixture
def house(house: House) -> House:
    """The office works by the table since 2 March, and its worker looked on the 2nd and the 9th."""
    with house.db.transaction() as tx:
        library = load_library(LIBRARY)
        deployments.deploy(tx, library, "D1", house.actor(ANALYST), house.clock.now())
    begin_owed(house.db, house.clock.now())
    house.clock.move_to(house.clock.now() + timedelta(days=7))
    begin_owed(house.db, house.clock.now())
    return house


@pytest.fixture
def chief(house: House) -> Visitor:
    return house.sign_in(CHIEF).open("/duties")


def line(visitor: Visitor, title: str) -> list[str]:
    """The cells of a duty: the section under its name, January to December, standing."""
    path = f"//table[1]//tr[starts-with(normalize-space(th), '{title}')][th/small]"
    rows = visitor.page.xpath(f"{path}/th/small | {path}/td")
    return [" ".join(cell.text_content().split()) for cell in rows]


def test_each_month_says_what_is_done_and_how_it_stands(chief: Visitor) -> None:
    stock = line(chief, "國民身分證製發及空白證月報")
    assert stock[0] == "資料課"
    assert "0/1" in stock[3]
    assert "未依期程執行" in stock[3]
    assert "未開始" in stock[4]
    result = line(chief, "死亡勾稽結果登錄")
    assert "已開始執行" in result[3]
    assert result[-1].endswith("已開始執行")


def test_what_is_off_plan_leads_to_its_case(chief: Visitor, house: House) -> None:
    with house.db.transaction(read_only=True) as tx:
        number = tx.scalar(
            select(tables.cases.c.number)
            .join(tables.duty_periods, tables.duty_periods.c.case_id == tables.cases.c.id)
            .where(tables.duty_periods.c.duty == "id_card_stock")
        )

    chief.follow(str(number))

    assert chief.status == 200
    assert "定期業務" in chief.main


def test_the_spreadsheet_has_the_table_and_what_is_off_plan(chief: Visitor) -> None:
    chief.follow("下載 ODS")

    with zipfile.ZipFile(io.BytesIO(chief.response.data)) as packed:
        tree = etree.fromstring(packed.read("content.xml"))
    sheets = {
        sheet.get(f"{ODF}name"): [
            ["".join(cell.itertext()) for cell in row.iter(f"{ODF}table-cell")]
            for row in sheet.iter(f"{ODF}table-row")
        ]
        for sheet in tree.iter(f"{ODF}table")
    }
    assert list(sheets) == ["作業時程管制表", "未依期程執行及說明"]
    header, *lines = sheets["作業時程管制表"]
    assert header[2:14] == [f"{month} 月" for month in range(1, 13)]
    assert len(lines) == 27  # of 29 in use, two are due in January alone
    assert "國民身分證製發及空白證月報" in [row[0] for row in sheets["未依期程執行及說明"]]


def test_the_table_is_a_pdf_as_well(chief: Visitor) -> None:
    chief.open("/duties.pdf")

    assert chief.response.mimetype == "application/pdf"
    assert chief.response.data.startswith(b"%PDF")


def test_a_year_outside_the_calendar_is_refused_in_a_sentence(chief: Visitor) -> None:
    assert chief.open("/duties?year=1950").status == 404
    assert "行事曆沒有這個年度" in chief.main


def test_an_operator_changes_a_row_and_everybody_reads_who_did(house: House) -> None:
    operator = house.sign_in(OPERATOR).open("/duties/table").follow("消防安全設備檢查及申報")

    operator.press("儲存", months="5", on="20", source="115 年度計畫")

    assert "已儲存定期業務項目" in operator.text
    reader = house.sign_in(COUNTER).open("/duties/table")
    assert "115 年度計畫" in reader.main
    assert "改定" in reader.main
    assert reader.open("/duties/table/fire_check").status == 403


def test_a_row_that_is_none_is_told_beside_what_was_typed(house: House) -> None:
    operator = house.sign_in(OPERATOR).open("/duties/table/fire_check")

    operator.press("儲存", on="40")

    assert operator.status == 422
    assert "0 至 31" in operator.main
    assert 'value="40"' in operator.response.text


def test_an_office_adds_a_row(house: House) -> None:
    operator = house.sign_in(OPERATOR).open("/duties/table").follow("新增本所項目")

    operator.press(
        "儲存",
        id="flag_raising",
        title_zh="升旗",
        title_en="Flag",
        every="week",
        on="1",
        section="administration",
        approval="none",
        source="所務會議決議",
    )

    assert "升旗" in operator.main


def test_the_page_is_in_english_as_well(chief: Visitor) -> None:
    chief.client.set_cookie("huzheng-lang", "en")

    chief.open("/duties")

    assert "Control table of 2026" in chief.main
    assert "Off plan" in chief.main
