"""The report of quality as a page and a spreadsheet: missing papers and ways of applying."""

from __future__ import annotations

import io
import zipfile

import pytest
from lxml import etree

from engine import case_rows
from engine.notices import Notice, issue
from tests.web.house import CHIEF, COUNTER, House
from tests.web.visitor import Visitor

ODF = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"


@pytest.fixture
def chief(house: House) -> Visitor:
    """Two cases filed in March; of one of them papers were missing."""
    house.file()
    case, clerk = house.file(), house.actor(COUNTER)
    with house.db.transaction() as tx:
        ref = case_rows.load(tx, case.id, clerk).ref
        issue(tx, ref, "papers", Notice("one_time_notice", "letter", {}), house.clock.now())
    return house.sign_in(CHIEF).open("/reports").follow("補正率與錯誤率報表")


def row(visitor: Visitor, name: str) -> list[str]:
    found = visitor.page.xpath(f"//tr[th[@scope='row'][normalize-space()='{name}']]")[0]
    return [" ".join(cell.text_content().split()) for cell in found.iter("td")]


def test_a_month_tells_how_often_papers_were_missing(chief: Visitor) -> None:
    assert row(chief, "115 年 3 月")[:3] == ["2", "1", "50.0%"]
    assert row(chief, "臨櫃") == ["2", "100.0%", "0", "—"]
    assert "所選月份的複核沒有發現錯誤" in chief.main


def test_the_spreadsheet_has_a_sheet_for_each_table(chief: Visitor) -> None:
    chief.follow("下載 ODS")

    with zipfile.ZipFile(io.BytesIO(chief.response.data)) as packed:
        tree = etree.fromstring(packed.read("content.xml"))
    sheets = [sheet.get(ODF % "table" + "name") for sheet in tree.iter(ODF % "table" + "table")]
    assert sheets == ["各月", "各業務", "複核發現的錯誤", "申請管道"]


def test_in_english_and_for_supervisors_only(house: House, chief: Visitor) -> None:
    chief.client.set_cookie("huzheng-lang", "en")
    assert "Correction rate" in chief.open("/reports/quality").main

    assert house.sign_in(COUNTER).open("/reports/quality").response.status_code == 403
