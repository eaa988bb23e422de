"""Figures by section and owner, and the list on paper and as a spreadsheet."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from lxml import etree

from engine.cases import Filed
from tests.web.house import CHIEF, COUNTER, REVIEWER, House
from web import ods

LATE = timedelta(days=7)
ODF = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"


def cells(content: bytes) -> list[list[tuple[str | None, str]]]:
    """The sheet as another program reads it: (type, shown) of each cell."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        tree = etree.fromstring(packed.read("content.xml"))
    return [
        [
            (cell.get(ODF % "office" + "value-type"), "\n".join(cell.itertext()))
            for cell in row.iter(ODF % "table" + "table-cell")
        ]
        for row in tree.iter(ODF % "table" + "table-row")
    ]


def test_a_sheet_is_an_open_document_by_its_first_bytes_and_its_manifest() -> None:
    content = ods.sheet("清單", ["甲"], [["乙"]])

    assert content[30:].startswith(b"mimetype" + ods.MEDIA_TYPE.encode())
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        first = packed.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        manifest = etree.fromstring(packed.read("META-INF/manifest.xml"))
        listed = {entry.get(ODF % "manifest" + "full-path") for entry in manifest}
        assert listed - {"/"} == set(packed.namelist()) - {"mimetype", "META-INF/manifest.xml"}
        etree.fromstring(packed.read("styles.xml"))


def test_cells_keep_their_types_and_text_is_never_a_formula() -> None:
    moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    row = ["=1+1", "<b>&\x07\n第二行", 3, 2.5, date(2026, 3, 5), moment, None]

    _, found = cells(ods.sheet("清單", list("abcdefg"), [row]))

    assert found == [
        ("string", "=1+1"),
        ("string", "<b>&\n第二行"),
        ("float", "3"),
        ("float", "2.5"),
        ("date", "2026-03-05"),
        ("date", "2026-03-02 17:00"),
        (None, ""),
    ]


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="Expected 2 cells"):
        ods.sheet("清單", ["a", "b"], [["only one"]])


def test_the_list_is_downloaded_as_it_stands_on_the_desk(house: House) -> None:
    first, second = house.file(), house.file()
    house.clock.move(LATE)
    chief = house.sign_in(CHIEF)

    chief.open("/overdue/list.ods?view=overdue")

    answer = chief.response
    assert answer.mimetype == ods.MEDIA_TYPE
    assert 'filename="overdue-overdue-20260309.ods"' in answer.headers["Content-Disposition"]
    header, *rows = cells(answer.data)
    assert ("string", "案號") in header
    assert {row[0] for row in rows} == {("string", first.number), ("string", second.number)}
    assert len(rows) == 2
    assert ("date", "2026-03-03") in rows[0]
    assert ("string", "無人承辦") in rows[0]


def test_the_list_is_printed_without_the_desk(house: House) -> None:
    case = house.file()
    house.clock.move(LATE)

    chief = house.sign_in(CHIEF).open("/overdue/print?view=overdue")

    assert case.number in chief.main
    assert "共列 1 件" in chief.main
    assert not chief.page.xpath("//main//form")


def test_figures_say_who_was_on_time_this_month_and_last(house: House) -> None:
    kept = house.file()
    finish_intake(house, kept)
    house.clock.move(timedelta(days=31))
    late, lying = house.file(), house.file()
    house.clock.move(LATE)
    finish_intake(house, late)

    chief = house.sign_in(CHIEF).open("/overdue/figures")

    row = line(chief.page, "林示範")
    assert "本月如期率" in chief.main
    assert "0.0%0/1" in row
    assert "100.0%1/1" in row
    assert "下降100.0個百分點" in row
    assert line(chief.page, "無人承辦").startswith("無人承辦—23")
    assert lying.number not in chief.main


def finish_intake(house: House, case: Filed) -> None:
    """The check of the papers has a limit of its own: one working day."""
    house.complete(case, COUNTER, "complete")


def line(page: Any, name: str) -> str:
    (row,) = page.xpath(f"//tr[td[starts-with(normalize-space(), '{name}')]]")
    return " ".join(row.text_content().split()).replace(" ", "")


def test_figures_of_an_office_without_work_promise_nothing(house: House) -> None:
    chief = house.sign_in(CHIEF).open("/overdue/figures")

    assert "目前沒有可統計的資料" in chief.main
    assert "%" not in chief.main.replace("如期率", "")
    assert house.actor(REVIEWER).name not in chief.main
