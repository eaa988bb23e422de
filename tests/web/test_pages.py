"""What holds for every page: headers, one heading, labels, languages, calm errors."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from lxml import html

from tests.web.house import ANALYST, CHIEF, COUNTER, OPERATOR, House
from tests.web.visitor import Visitor

STATIC_PAGES = {
    COUNTER: ["/counter", "/counter/P01", "/worklist", "/worklist?tab=group", "/cases"],
    CHIEF: ["/overdue", "/overdue?view=upcoming", "/notifications", "/password"],
    ANALYST: ["/definitions", "/definitions/P01", "/definitions/C01"],
    OPERATOR: ["/operations", "/operations/calendar"],
}


def every_page(house: House) -> Iterator[Visitor]:
    case = house.file()
    house.pass_days(1)
    yield house.visitor().open("/sign-in")
    for login, paths in STATIC_PAGES.items():
        visitor = house.sign_in(login)
        of_case = [f"/cases/{case.id}", f"/cases/{case.id}/receipt"] if login == COUNTER else []
        task = [f"/user-tasks/{house.task(case).id}"] if login == COUNTER else []
        for path in (*paths, *of_case, *task):
            visitor.open(path)
            assert visitor.status == 200, f"{path}: {visitor.main}"
            yield visitor


def test_no_page_needs_inline_style_or_script_and_none_is_kept(house: House) -> None:
    for visitor in every_page(house):
        policy = visitor.response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'")
        assert visitor.response.headers["Cache-Control"] == "no-store"
        assert visitor.response.headers["X-Content-Type-Options"] == "nosniff"
        assert visitor.page.xpath("//*[@style]") == [], visitor.path
        assert visitor.page.xpath("//script[not(@src)] | //style") == [], visitor.path
        handlers = [name for e in visitor.page.iter() for name in e.attrib if name.startswith("on")]
        assert handlers == [], visitor.path


def test_every_page_has_one_heading_a_main_landmark_and_a_way_past_the_menu(house: House) -> None:
    for visitor in every_page(house):
        page = visitor.page
        assert len(page.xpath("//h1")) == 1, visitor.path
        assert len(page.xpath("//main[@id='main']")) == 1, visitor.path
        assert page.xpath("//a[@class='skip']")[0].get("href") == "#main"
        assert page.get("lang") == "zh-Hant-TW"
        for table in page.xpath("//table"):
            assert table.xpath("./caption"), visitor.path
            assert table.xpath(".//th[not(@scope)]") == [], visitor.path


def test_every_field_has_a_label_and_no_id_is_there_twice(house: House) -> None:
    for visitor in every_page(house):
        ids = visitor.page.xpath("//@id")
        assert sorted(ids) == sorted(set(ids)), visitor.path
        for field in visitor.page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
            assert is_labelled(visitor.page, field), f"{visitor.path}: {field.get('name')}"


def is_labelled(page: html.HtmlElement, field: html.HtmlElement) -> bool:
    around = any(parent.tag == "label" for parent in field.iterancestors())
    pointed = bool(field.get("id") and page.xpath(f"//label[@for='{field.get('id')}']"))
    return around or pointed or bool(field.get("aria-label"))


def test_every_unsafe_form_carries_its_token(house: House) -> None:
    for visitor in every_page(house):
        for form in visitor.page.xpath("//form[@method='post']"):
            assert form.xpath(".//input[@name='csrf_token']"), (
                f"{visitor.path} {form.get('action')}"
            )


def test_dates_are_minguo_for_people_and_iso_for_machines(house: House) -> None:
    case = house.file()

    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}/receipt")

    filed = clerk.page.xpath("//main//time")[0]
    assert filed.text_content() == "115 年 3 月 2 日（一） 09:00"
    assert filed.get("datetime") == "2026-03-02T09:00:00+08:00"
    clerk.press("English")
    clerk.open(f"/cases/{case.id}/receipt")
    assert clerk.page.xpath("//main//time")[0].text_content() == "Mon 2 March 2026 09:00"


def test_english_pages_have_no_chinese_of_ours(house: House) -> None:
    """What comes from packages and people stays Chinese; the frame around it does not."""
    house.file()
    for login, paths in STATIC_PAGES.items():
        visitor = house.sign_in(login).press("English")
        for path in paths:
            visitor.open(path)
            own = visitor.page.xpath("//nav[@class='rail']//li | //h1 | //h2 | //th | //button")
            words = " ".join(each.text_content() for each in own)
            assert not re.search(r"[\u4e00-\u9fff]", words.replace("中文", "")), f"{path}: {words}"


@pytest.mark.parametrize("path", ["/nowhere", "/cases/not-a-case", "/static/../app.py"])
def test_an_unknown_address_is_a_calm_page(house: House, path: str) -> None:
    clerk = house.sign_in(COUNTER).open(path)

    assert clerk.status == 404
    assert "找不到這一頁" in clerk.main
    assert clerk.response.headers["Content-Security-Policy"].startswith("default-src")


def test_an_address_of_the_api_keeps_the_apis_answer(house: House) -> None:
    answer = house.visitor().client.get("/api/v1/nowhere")

    assert answer.status_code == 404
    assert "找不到這一頁" not in answer.text


def test_a_form_address_that_is_opened_by_hand_says_so(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/worklist/next")

    assert clerk.status == 405
    assert "POST" in clerk.response.headers["Allow"]
    assert "只接受從表單送出" in clerk.main


def test_style_sheets_may_be_kept_by_everybody(house: House) -> None:
    visitor = house.visitor().open("/sign-in")
    sheet = visitor.page.xpath("//link[@rel='stylesheet']/@href")[-1]

    answer = visitor.client.get(sheet)

    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    answer.close()
