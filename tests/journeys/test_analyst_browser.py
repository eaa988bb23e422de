"""An analyst's first process in the browser: drawn, rescued from a crash, rehearsed, proposed;
somebody else approves it, and the counter files it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.desks import Desk, seated
from tests.support.http_driver import DemoOffice, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("patience")]
PACKAGE = {"zh-TW": "P91", "en": "P92"}
TITLE_ZH, TITLE_EN = "門牌查詢", "House number enquiry"
KEPT = {"zh-TW": "修改已暫存", "en": "Changes are kept aside"}
START = {"zh-TW": "收件", "en": "Intake"}
STEP_ZH, STEP_EN = "初步查核", "First look"
INSERT = {"zh-TW": "在這之後插入", "en": "Insert after this"}


@pytest.fixture
def analyst(office: DemoOffice) -> Person:
    return office.hire("analyst.window", "demo-south", "analyst")


@pytest.fixture
def second(office: DemoOffice) -> Person:
    return office.hire("analyst.second", "demo-south", "analyst")


@pytest.fixture
def clerk(office: DemoOffice) -> Person:
    return office.hire("clerk.window", "demo-south", "counter")


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_an_analyst_draws_a_process_another_approves_it_and_it_is_filed(
    office: DemoOffice, browser: Browser, analyst: Person, second: Person, clerk: Person, lang: str
) -> None:
    with seated(browser, office, lang) as desk:
        desk.sign_in(analyst.login)
        a_new_process_is_begun(desk)
        draft = desk.page.url
        a_step_is_drawn(desk)
        what_was_not_saved_is_offered_after_a_crash(desk, draft)
        it_says_who_does_it_with_which_form(desk)
        its_parts_are_looked_at(desk, draft)
        scenarios_run_and_it_is_proposed(desk, draft)
    with seated(browser, office, lang) as desk:
        desk.sign_in(second.login)
        somebody_else_approves(desk)
    with seated(browser, office, lang) as desk:
        desk.sign_in(clerk.login)
        it_is_filed_and_begins_with_the_new_step(desk)


def knows(desk: Desk) -> None:
    of_the_skeleton = {f"{TITLE_ZH}申請", "申請人姓名", "辦理情形"}
    desk.typed |= {TITLE_ZH, STEP_ZH, *of_the_skeleton}


def a_new_process_is_begun(desk: Desk) -> None:
    knows(desk)
    desk.go_to("definitions")
    desk.look()
    desk.follow("studio.new")
    named = {"id": PACKAGE[desk.lang], "title_zh": TITLE_ZH, "title_en": TITLE_EN}
    desk.enter({**named, "kind": "registration"})
    desk.look()
    desk.press("studio.begin")
    desk.sees("studio.begun")
    desk.look()


def open_editor(desk: Desk) -> None:
    expect(desk.page.locator("[data-studio][data-ready]")).to_be_attached()


def a_step_is_drawn(desk: Desk) -> None:
    """From the list of elements: a user task behind the start."""
    desk.follow("studio.draw")
    open_editor(desk)
    desk.look()
    desk.page.locator("#outline").get_by_role("link", name=START[desk.lang], exact=True).click()
    panel = desk.page.locator(".studio-panel")
    panel.get_by_role("button", name=INSERT[desk.lang]).click()
    name = panel.get_by_label(desk.words("property.name"), exact=True)
    name.fill(STEP_ZH)
    name.blur()


def what_was_not_saved_is_offered_after_a_crash(desk: Desk, draft: str) -> None:
    """The window is gone in the middle of the work, without a word."""
    expect(desk.page.locator(".studio-told")).to_contain_text(KEPT[desk.lang])
    desk.page.close(run_before_unload=False)
    desk.page = desk.another_page()
    desk.page.goto(draft)

    desk.follow("studio.look")
    desk.reads(STEP_ZH)
    desk.look()
    desk.page.locator("main").get_by_role("button").first.click()
    desk.sees("studio.saved")


def it_says_who_does_it_with_which_form(desk: Desk) -> None:
    """On the page of the element, which needs no drawing."""
    desk.open(f"{studio_of(desk)}/diagram")
    open_editor(desk)
    element = desk.page.locator("#outline").get_by_role("link", name=STEP_ZH, exact=True)
    desk.page.goto(f"{desk.address}{element.get_attribute('href')}")
    desk.look()
    desk.enter({"hz:nameEn": STEP_EN, "hz:form": "handle", "hz:candidateGroups": "counter"})
    desk.press("studio.save")
    desk.reads(STEP_EN if desk.lang == "en" else STEP_ZH)
    desk.look()


def studio_of(desk: Desk) -> str:
    found = re.search(r"/studio/[0-9a-f-]{36}", desk.page.url)
    assert found, desk.page.url
    return found[0]


def its_parts_are_looked_at(desk: Desk, draft: str) -> None:
    for part in ("/limits", "/forms/handle", "/files/package.yaml", "/scenarios"):
        desk.page.goto(draft + part)
        desk.look()


def scenarios_run_and_it_is_proposed(desk: Desk, draft: str) -> None:
    desk.page.goto(f"{draft}/scenarios")
    desk.press("studio.run_all")
    desk.sees("studio.ran", n=1, failed=1)
    desk.enter({"at": "first"})
    desk.press("studio.insert_go")
    desk.sees("studio.ran", n=1, failed=0)
    desk.look()
    desk.page.goto(f"{draft}/propose")
    desk.enter({"reason": TITLE_EN})
    desk.look()
    desk.press("definitions.propose")
    desk.sees("definitions.proposed")


def somebody_else_approves(desk: Desk) -> None:
    knows(desk)
    desk.go_to("definitions")
    waiting = desk.page.locator("main").get_by_role("link", name=re.compile(PACKAGE[desk.lang]))
    waiting.first.click()
    desk.look()
    desk.press("definitions.approve")
    desk.sees("definitions.approved")
    desk.look()


def it_is_filed_and_begins_with_the_new_step(desk: Desk) -> None:
    knows(desk)
    desk.go_to("counter")
    name = TITLE_EN if desk.lang == "en" else TITLE_ZH
    desk.page.locator("main .matters li").filter(has_text=name).get_by_role("link").last.click()
    desk.enter({"data.applicant.name": "林美華"})
    desk.press("counter.file")
    desk.follow("receipt.go_on")
    expect(desk.page.locator("h1")).to_contain_text(STEP_EN if desk.lang == "en" else STEP_ZH)
    desk.look()
