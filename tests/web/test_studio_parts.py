"""The parts of a draft without JavaScript: forms, limits and tables, edited in place."""

from __future__ import annotations

import orjson

from tests.web.studio_seat import draft_of, raw
from tests.web.visitor import Visitor


def test_a_form_is_a_table_with_a_preview(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    analyst.open(f"{draft}/forms/move-entry")
    analyst.press(
        "儲存",
        **{
            "3:required": None,
            "new:key": "old_house_number",
            "new:label": "原戶號",
            "new:label_en": "Former household number",
            "new:hide": "return_reason = null",
            "shows": "data.applicant.name",
            "shows_for": "call",
        },
    )

    preview = analyst.page.xpath("//section[h2='預覽']")[0].text_content()
    assert "新住址" in preview
    saved = raw(analyst, draft, "forms/move-entry.form")
    assert b"old_house_number" in saved
    assert orjson.loads(saved)["properties"]["shows"] == "data.applicant.name"
    assert analyst.value_of("shows_for") == "call"
    at = keys(analyst).index("old_house_number")
    before = keys(analyst)[at - 1]
    acts = analyst.page.xpath("//button[@name='act']")
    analyst.send(next(each for each in acts if each.get("value") == f"{at}:up"), {})
    assert keys(analyst)[at - 1 : at + 1] == ["old_house_number", before]
    assert not analyst.page.xpath("//input[@name='3:required'][@checked]")


def keys(analyst: Visitor) -> list[str]:
    return [each.get("value") for each in analyst.page.xpath("//input[contains(@name, ':key')]")]


def test_a_new_form_and_a_new_scenario_are_begun_from_the_page(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    analyst.press("加入", kind="form", name="check-title", title="查權狀")
    assert analyst.path == f"{draft}/forms/check-title"

    analyst.open(draft).press("加入", kind="scenario", name="quick", title="很快")
    assert analyst.path == f"{draft}/files/scenarios/quick.yaml"


def test_limits_keep_their_comments(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    analyst.open(f"{draft}/limits")

    analyst.press(
        "儲存",
        clocks__processing__length="4",
        **{
            "new.ladder.name": "own",
            "new.ladder.at": "due+9wd",
            "new.ladder.do": "warn",
            "new.ladder.to": "owner",
        },
    )

    saved = raw(analyst, draft, "limits.yaml")
    assert b"length: 4                       # office setting" in saved
    assert b"{at: due+9wd, do: warn, to: owner}" in saved


def test_a_wrong_limit_is_saved_as_a_draft_and_lint_says_so(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    analyst.open(f"{draft}/limits").press("儲存", clocks__statutory__pausable="true")

    assert "依法不得停止" in analyst.open(draft).main


def test_a_table_is_edited_and_tried(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    address = f"{draft}/tables/move-documents.dmn"
    analyst.open(address).press("儲存", c1__0='"rent"')
    assert b'<text>"rent"</text>' in raw(analyst, draft, "move-documents.dmn")

    analyst.open(address).press("試算", v0="rent", v2="false")

    told = analyst.page.xpath("//*[@role='status'][contains(., '規則命中')]")[0].text_content()
    assert "規則 2" in told
    assert "租賃契約" in told


def test_a_cell_that_is_no_feel_is_named_and_kept(analyst: Visitor) -> None:
    analyst.open(f"{draft_of(analyst)}/tables/move-documents.dmn")

    analyst.press("儲存", c1__0='"rent" or')

    assert analyst.status == 422
    assert "規則 2 的「權利證明方式」" in analyst.main
    assert analyst.value_of("c1.0") == '"rent" or'
