"""Reports as a page, a spreadsheet and over the years: whose figures, which months."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from lxml import etree

from sla import month_figures
from tests.web.house import CHIEF, COUNTER, House
from tests.web.visitor import Visitor

ODF = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"


@pytest.fixture
def chief(house: House) -> Visitor:
    """A step done in March on time, one in April late."""
    house.complete(house.file(), COUNTER, "complete")
    house.clock.move(timedelta(days=31))
    late = house.file()
    house.clock.move(timedelta(days=7))
    house.complete(late, COUNTER, "complete")
    return house.sign_in(CHIEF).open("/reports")


def row(visitor: Visitor, name: str) -> str:
    found = visitor.page.xpath(f"//tr[th[@scope='row'][normalize-space()='{name}']]")[0]
    return " ".join(found.text_content().split())


def test_the_last_twelve_months_are_told_one_by_one(chief: Visitor) -> None:
    months = chief.page.xpath("//table[caption='各月']/tbody/tr/th/text()")

    assert (len(months), months[-1]) == (12, "115 年 4 月")
    assert "1/1100.0%" in row(chief, "115 年 3 月").replace(" ", "")
    assert "0/10.0%" in row(chief, "115 年 4 月").replace(" ", "")
    assert "50.0%" in chief.main
    assert "林示範" in row(chief, "林示範")


def test_a_day_that_is_left_out_is_told_on_page_and_spreadsheet(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.complete(house.file(), COUNTER, "complete")
    monkeypatch.setattr(month_figures, "MOST_ENDED", 0)

    chief = house.sign_in(CHIEF).open("/reports")
    assert "的前一日為止" in chief.main
    with zipfile.ZipFile(io.BytesIO(chief.open("/reports.ods").response.data)) as book:
        content = book.read("content.xml").decode()
    assert "統計到 115/3/2 的前一日為止" in content


def test_other_months_are_chosen(chief: Visitor) -> None:
    chief.press("顯示", first="2026-03", last="2026-03")

    assert "115 年 3 月至115 年 3 月" in chief.main
    assert chief.page.xpath("//table[caption='各月']/tbody/tr/th/text()") == ["115 年 3 月"]
    assert "0/1" not in chief.main


def test_a_section_is_told_of_its_own_and_of_no_whole_case(house: House, chief: Visitor) -> None:
    chief.press("顯示", section="登記課")
    assert "只列該課室人員完成的作業" in chief.main
    assert "林示範" in chief.main

    chief.press("顯示", section="資料課")
    assert "所選月份沒有結束的期限、作業或案件" in chief.main


@pytest.mark.parametrize("query", ["first=2026-04&last=2026-03", "office=elsewhere"])
def test_what_is_no_report_is_refused_in_a_sentence(chief: Visitor, query: str) -> None:
    chief.open(f"/reports?{query}")

    assert chief.status == 422


def test_a_month_that_is_none_is_left_out(chief: Visitor) -> None:
    assert chief.open("/reports?first=2026-99&last=x").status == 200


def test_the_spreadsheet_has_a_sheet_for_each_table(chief: Visitor) -> None:
    chief.follow("下載 ODS")

    with zipfile.ZipFile(io.BytesIO(chief.response.data)) as packed:
        tree = etree.fromstring(packed.read("content.xml"))
    sheets = {
        sheet.get(ODF % "table" + "name"): [
            ["".join(cell.itertext()) for cell in line.iter(ODF % "table" + "table-cell")]
            for line in sheet.iter(ODF % "table" + "table-row")
        ]
        for sheet in tree.iter(ODF % "table" + "table")
    }
    assert list(sheets) == ["各月", "各業務", "各課室", "各關卡", "各承辦人", "延長期限及其理由"]
    header, *lines = sheets["各承辦人"]
    (lin,) = [dict(zip(header, line, strict=True)) for line in lines]
    assert (lin["承辦人"], lin["完成作業數"], lin["關卡期限如期率"]) == ("林示範", "2", "50.0")
    assert lin["等待領取時數"] == "84.0"


def test_a_report_in_english_names_steps_in_english(chief: Visitor) -> None:
    chief.client.set_cookie("huzheng-lang", "en")

    chief.open("/reports")

    assert "On time and time spent" in chief.main
    assert "Apr 2026" in chief.main
    steps = chief.page.xpath("//table[starts-with(caption, 'By step')]/tbody/tr/th/text()")
    assert steps
    assert all(name.isascii() for name in steps), steps
