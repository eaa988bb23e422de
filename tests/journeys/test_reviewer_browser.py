"""A reviewer's day in the browser, as the guide tells it: claim, compare, return, ask, approve."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys import matters
from tests.journeys.desks import Desk, seated
from tests.journeys.matters import CLERK
from tests.support.http_driver import CaseOverHttp, DemoOffice, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("patience")]
REASON = {"zh-TW": "出生別誤繕", "en": "The order of birth is wrong"}
HANDOVER = {"zh-TW": "已電洽申請人", "en": "The applicant was called"}


@pytest.fixture
def reviewer(office: DemoOffice) -> Person:
    return office.hire("reviewer.window", "demo-south", "reviewer")


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_a_reviewer_returns_an_entry_with_its_reason_and_approves_it_when_mended(
    office: DemoOffice, browser: Browser, reviewer: Person, lang: str
) -> None:
    office.begin_week()
    case = matters.file_birth(office)
    case.complete("check_papers", CLERK, "complete", missing=[])
    matters.enter_birth(case, office.today)
    with seated(browser, office, lang) as desk:
        desk.typed |= matters.ENTERED
        desk.sign_in(reviewer.login)
        it_is_found_and_claimed(desk, case)
        the_case_is_looked_at_for_a_purpose(desk, case)
        a_return_without_its_reason_leads_to_the_field(desk)
        it_goes_back_with_its_reason(desk, case)
        entered_again(office, case)
        it_is_found_and_claimed(desk, case)
        desk.sees("review.since_review.changed")
        what_cannot_be_finished_is_released_with_a_note(desk, case)
        it_is_approved(desk, case)


def it_is_found_and_claimed(desk: Desk, case: CaseOverHttp) -> None:
    desk.open("/worklist?tab=group")
    desk.enter({"number": case.number}, desk.page.locator("form.filters"))
    desk.press("worklist.filter")
    row = desk.page.get_by_role("row").filter(has_text=case.number)
    expect(row).to_have_count(1)
    desk.look()
    desk.press("worklist.claim", row)

    desk.sees("user_task.entry")
    desk.sees("user_task.clear")
    desk.look()


def the_case_is_looked_at_for_a_purpose(desk: Desk, case: CaseOverHttp) -> None:
    task = desk.page.url
    desk.page.get_by_role("link", name=case.number).first.click()
    expect(desk.page.locator("h1")).to_contain_text(case.number)
    desk.look()
    looking = desk.page.locator("form[action*='/reveal']")
    looking.locator('input[value$="applicant.id_number"]').check()
    looking.locator("select").select_option(index=1)
    looking.get_by_role("button").click()
    desk.reads("A223456781")
    desk.page.goto(task)


def a_return_without_its_reason_leads_to_the_field(desk: Desk) -> None:
    desk.decide("return")
    expect(desk.page.locator('[name="error_class"]')).to_be_focused()
    desk.look()


def it_goes_back_with_its_reason(desk: Desk, case: CaseOverHttp) -> None:
    desk.enter({"error_class": "typing", "return_reason": REASON[desk.lang]})
    desk.decide("return")
    expect(desk.page).not_to_have_url(re.compile("/user-tasks/[^/]*$"))
    assert case.open_tasks() == ["enter_birth"]


def entered_again(office: DemoOffice, case: CaseOverHttp) -> None:
    """The recorder mends the one field that was wrong; the fee that was paid is not asked again."""
    matters.write_entry(case, office.today, "second_son")
    case.complete("self_check", CLERK, **matters.SELF_CHECK)


def what_cannot_be_finished_is_released_with_a_note(desk: Desk, case: CaseOverHttp) -> None:
    release = desk.page.locator("form[action$='/release']")
    desk.page.locator("details.act", has=release).locator("summary").click()
    desk.enter({"note": HANDOVER[desk.lang]}, release)
    release.get_by_role("button").click()
    desk.sees("user_task.released")
    it_is_found_and_claimed(desk, case)
    desk.reads(HANDOVER[desk.lang])


def it_is_approved(desk: Desk, case: CaseOverHttp) -> None:
    desk.decide("approve")
    expect(desk.page).to_have_url(re.compile("/worklist"))
    desk.look()
    assert "review_entry" not in case.open_tasks()
