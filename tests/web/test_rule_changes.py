"""A new version of a rule: previewed by an analyst, approved by a second person, on pages."""

from __future__ import annotations

from io import BytesIO

from engine import deployments
from engine.packages import load_library
from sla.decisions import FOLDER
from tests.web.house import ANALYST, CHIEF, COUNTER, LIBRARY, House
from tests.web.test_petitions import SUGGESTION
from tests.web.visitor import Visitor

DIRECTOR = "director.wu"
RULE = "PROC_WORKDAY"
NEW = {
    "valid_from": "115/3/2",
    "roll": "forward",
    "starts": "same_day",
    "unit": "working_day",
    "jurisdiction": "national",
    "source": "市政府 115 年 2 月函",
    "certainty": "page",
    "reason": "辦理時限修正",
}
TABLE = (FOLDER / "legal-limits.dmn").read_bytes()


def weighed(house: House, **more: str) -> Visitor:
    """The analyst's preview of processing limits that begin on the day of receipt."""
    analyst = house.sign_in(ANALYST).open(f"/rules/{RULE}")
    return analyst.press(
        "預覽會移動的期限", **{**NEW, "starts": "same_day", "unit": "working_day", **more}
    )


def test_a_version_is_weighed_proposed_approved_and_shown_with_what_it_moved(house: House) -> None:
    case = house.file()
    analyst = weighed(house)
    assert "會移動 2 個期限" in analyst.main, analyst.main
    assert case.number in analyst.main
    assert not analyst.page.xpath(f"//a[text()='{case.number}']")  # analysts open no cases

    analyst.press("提出")
    assert "待另一位同仁核准" in analyst.main
    assert not analyst.has_button("核准登錄並重算期限")
    director = house.sign_in(DIRECTOR).open("/notifications").follow("看變更")
    assert "會移動 2 個期限" in director.main
    director.press("核准登錄並重算期限")

    assert director.status == 200, director.main
    assert "已看 1／1 案，移動 2 個期限" in director.main
    row = director.page.xpath(f"//tr[td[contains(., '{case.number}')]]")[-1].text_content()
    assert "115 年 3 月 5 日（四）" in row
    assert "115 年 3 月 4 日（三）" in row
    page = house.sign_in(COUNTER).open(f"/rules/{RULE}")
    assert "本機關登錄" in page.main
    assert not page.has_button("預覽會移動的期限")
    page.press("試算", start="115/3/10", length="3")
    assert "115 年 3 月 12 日（四）" in page.main


def test_limits_that_cannot_be_counted_are_named_with_the_reason(house: House) -> None:
    actor, now = house.actor(ANALYST), house.clock.now()
    with house.db.transaction() as tx:
        deployments.deploy(tx, load_library(LIBRARY), "P50", actor, now)
    case = house.file("P50", "petition.zhou", SUGGESTION)

    analyst = house.sign_in(ANALYST).open("/rules/PETITION_MAX_30D")
    version = {**NEW, "unit": "calendar_day", "starts": "next_day", "length": "3000"}
    analyst.press("預覽會移動的期限", **version)
    assert "無法重算的期限" in analyst.main, analyst.main
    analyst.press("提出")
    director = house.sign_in(DIRECTOR).open("/notifications").follow("看變更")
    director.press("核准登錄並重算期限")

    assert director.status == 200, director.main
    assert "已看 1／1 案，移動 0 個期限" in director.main
    assert "這些期限維持原來的末日" in director.main
    (row,) = director.page.xpath(f"//tr[contains(., '{case.number}')]")
    assert "請先載入該年度" in row.text_content()


def test_what_is_wrong_is_told_at_the_field_with_all_that_was_typed(house: House) -> None:
    analyst = weighed(house, valid_from="115/2/30", source="")

    assert analyst.status == 422
    assert "不是存在的日期" in analyst.main
    assert analyst.value_of("reason") == NEW["reason"]

    analyst = weighed(house, length="八")
    assert analyst.status == 422
    assert "看不懂期間長度" in analyst.main


def test_it_is_refused_with_a_reason_and_taken_back_by_its_author(house: House) -> None:
    weighed(house).press("提出")
    director = house.sign_in(DIRECTOR).open("/rules").follow("處理期限（工作日）")
    listed = director.open("/rules").page.xpath("//a[contains(@href, '/rules/changes/')]/@href")
    director.open(listed[0]).press("不予核准", why="函未到所")
    assert "未核准" in director.main
    assert "函未到所" in director.main

    analyst = weighed(house).press("提出").press("撤回")
    assert "已撤回" in analyst.main


def test_a_table_is_uploaded_and_only_its_changed_rows_are_shown(house: House) -> None:
    row = b'id="legalLimit_RESIDENCE_CHECK_3D_length"><text>"3"'
    assert row in TABLE
    analyst = house.sign_in(ANALYST).open("/rules")
    told = {"source": "市政府函", "reason": "查實期限修正"}

    analyst.press(
        "預覽會移動的期限",
        table=(BytesIO(TABLE.replace(row, row.replace(b'"3"', b'"4"'))), "table.dmn"),
        **told,
    )
    assert analyst.status == 200, analyst.main
    assert "1 列變更" in analyst.main
    assert "RESIDENCE_CHECK_3D" in analyst.main.replace(" ", "")

    analyst.open("/rules").press(
        "預覽會移動的期限", table=(BytesIO(b"<html/>"), "table.dmn"), **told
    )
    assert analyst.status == 422
    assert "不是決策表" in analyst.main


def test_others_read_the_rules_and_change_none(house: House) -> None:
    for login in (COUNTER, CHIEF):
        visitor = house.sign_in(login).open(f"/rules/{RULE}")
        assert not visitor.has_button("預覽會移動的期限")
        assert visitor.open("/rules/table").status == 403
