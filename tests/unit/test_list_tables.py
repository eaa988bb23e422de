"""Reading tables that people send, and judging their rows by a form; no database."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from engine import forms
from engine.errors import Rejected
from engine.files import Row, inspect, rows_of
from engine.files.tables import CSV, ODS
from engine.list_rows import MOST_ROWS, Asked, Judged, judge
from tests.support.packages import FORM
from web import ods


def read(content: str | bytes, media_type: str = CSV) -> list[Row]:
    data = content.encode() if isinstance(content, str) else content
    return list(rows_of(media_type, io.BytesIO(data)))


def judged(*rows: list[str], **differences: Any) -> Judged:
    form = forms.parse(FORM)
    asked = Asked(form, "data.applicant.id_number", {}, {}, **differences)
    return judge(list(enumerate(rows, start=1)), asked)


@pytest.mark.parametrize(
    "content",
    [
        "姓名,說明\n王小明,甲\n",
        "\ufeff姓名,說明\r\n王小明,甲\r\n",
        "姓名\t說明\n王小明\t甲\n",
        "姓名;說明\n王小明;甲",
        "姓名,說明\n王小明,甲\n".encode("cp950"),
    ],
)
def test_csv_is_read_as_offices_write_it(content: str | bytes) -> None:
    assert read(content) == [(1, ["姓名", "說明"]), (2, ["王小明", "甲"])]


def test_empty_rows_are_left_out_and_still_counted() -> None:
    assert [number for number, _ in read("a,b\n,\n\nc,d\n")] == [1, 4]


def test_a_cell_may_hold_commas_and_lines() -> None:
    assert read('a,b\n"x, y","1\n2"\nc,d\n')[1:] == [(2, ["x, y", "1\n2"]), (3, ["c", "d"])]


@pytest.mark.parametrize("content", [b"\xff\xff\xff", b"a\0b"])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        inspect("list.csv", io.BytesIO(content))

    assert refused.value.code == "attachment.encoding"


def test_a_spreadsheet_is_read_as_it_was_written() -> None:
    book = ods.sheet("list", ("姓名", "說明"), [("王小明", "甲"), (None, None), ("李大同", None)])

    assert read(book, ODS) == [(1, ["姓名", "說明"]), (2, ["王小明", "甲"]), (4, ["李大同"])]


def test_rows_and_cells_that_a_sheet_repeats_to_its_edge_cost_nothing() -> None:
    rows = (
        "<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        '<table:table-cell table:number-columns-repeated="16383"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/>'
        "</table:table-row>"
    )

    assert read(_ods(rows), ODS) == [(1, ["a"])]


def test_a_day_is_read_whatever_the_sheet_shows() -> None:
    cell = (
        '<table:table-row><table:table-cell office:value-type="date" '
        'office:date-value="2026-03-02T00:00:00"><text:p>115年3月2日</text:p>'
        "</table:table-cell></table:table-row>"
    )

    assert read(_ods(cell), ODS) == [(1, ["2026-03-02"])]


def test_a_spreadsheet_with_entities_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        read(_ods("", '<!DOCTYPE x [<!ENTITY e "e">]>'), ODS)

    assert refused.value.code == "attachment.broken"


@pytest.mark.parametrize("names", [("姓名", "金額"), ("Name", "amount"), (" 姓 名＊", "AMOUNT")])
def test_columns_are_found_by_label_in_either_language_or_by_key(names: tuple[str, str]) -> None:
    (good,) = judged(list(names), ["王小明", "12"]).good

    assert good.personal == {"applicant": {"name": "王小明"}}
    assert good.values == {"amount": "12"}


def test_columns_that_no_field_has_are_told() -> None:
    assert judged(["姓名", "里別"], ["王小明", "光復里"]).unused == ("里別",)


def test_every_fault_of_a_row_is_told_and_nothing_of_the_row() -> None:
    (bad,) = judged(["姓名", "統一編號", "出生日期"], ["王1", "A1", "2026-02-30"]).bad

    assert bad.line == 2
    assert [error.code for error in bad.errors] == ["person_name", "taiwan_id", "no_such_date"]
    assert "A1" not in repr(bad)


def test_persons_that_were_filed_before_are_counted_apart() -> None:
    found = judged(["統一編號"], ["A123456789"], ["a123456789"], known=frozenset({"A123456789"}))

    assert (found.good, found.bad, found.known) == ((), (), 2)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "list.empty"),
        ([["姓名", "name", "姓名"]], "list.column_twice"),
        ([["姓名"]] + [["王小明"]] * (MOST_ROWS + 1), "list.too_long"),
    ],
)
def test_what_is_no_list_is_refused(rows: list[list[str]], code: str) -> None:
    with pytest.raises(Rejected) as refused:
        judged(*rows)

    assert refused.value.code == code


def test_a_list_that_lacks_a_needed_column_says_which() -> None:
    needed = {**FORM, "components": [{**FORM["components"][3], "validate": {"required": True}}]}
    form = forms.parse(needed)

    with pytest.raises(Rejected, match="姓名") as refused:
        judge([(1, ["說明"])], Asked(form, "data.applicant.id_number", {}, {}))

    assert refused.value.facts == {"names": "姓名", "names_en": "Name"}
    fixed = {"applicant": {"name": "王小明"}}
    judge([(1, ["說明"])], Asked(form, "data.applicant.id_number", {}, fixed))


def _ods(rows: str, before: str = "") -> bytes:
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="s">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("content.xml", content)
    return held.getvalue()
