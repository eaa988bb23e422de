"""A section chief's morning in the browser, as the guide tells it: why late, whose, what next."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.journeys import matters
from tests.journeys.desks import Desk, seated
from tests.journeys.matters import CLERK
from tests.support.http_driver import CaseOverHttp, DemoOffice, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("patience")]
OTHER_CLERK = "counter.gao"
WHY = {"zh-TW": "近日案量過多", "en": "Too many cases"}
QUESTION = {"zh-TW": "何時可以辦妥", "en": "When will it be done"}


@pytest.fixture
def chief(office: DemoOffice) -> Person:
    return office.hire("chief.window", "demo-south", "chief")


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_a_chief_chases_tells_and_reassigns_what_is_late_and_extends_what_is_not(
    office: DemoOffice, browser: Browser, chief: Person, lang: str
) -> None:
    monday = office.begin_week()
    late = [matters.file_birth(office) for _ in range(2)]
    for case in late:
        case.claim("check_papers", CLERK)
    office.come_in(monday + timedelta(days=4))
    in_time = matters.file_birth(office)
    with seated(browser, office, lang) as desk:
        desk.typed |= {*matters.ENTERED, *WHY.values(), *QUESTION.values()}
        desk.sign_in(chief.login)
        the_desk_says_why_it_is_late(desk, late[0])
        the_owner_is_chased_and_answers(desk, late[0])
        the_applicant_is_told(desk, late[0])
        what_is_late_cannot_be_extended(desk, late[0])
        two_are_given_to_a_colleague(desk, late)
        paper_and_figures(desk)
        what_is_not_late_is_extended_once(desk, in_time)
        who_looked_is_told(desk)


def look_ahead_at(desk: Desk, case: CaseOverHttp) -> Locator:
    """The same of a case that the desk need not list yet."""
    desk.open(f"/overdue?view=upcoming&case={case.id}")
    aside = desk.page.locator("main aside")
    expect(aside).to_contain_text(case.number)
    return aside


def look_at(desk: Desk, case: CaseOverHttp) -> Locator:
    """The explanation and the acts beside the list."""
    desk.open("/overdue")
    desk.page.locator("main a.main-link", has_text=case.number).click()
    aside = desk.page.locator("main aside")
    expect(aside).to_contain_text(case.number)
    return aside


def the_desk_says_why_it_is_late(desk: Desk, case: CaseOverHttp) -> None:
    desk.go_to("overdue")
    desk.look()
    aside = look_at(desk, case)
    for key in ("overdue.lawful", "overdue.act.chase", "overdue.act.assign", "overdue.why"):
        expect(aside).to_contain_text(desk.words(key))
    desk.look()


def the_owner_is_chased_and_answers(desk: Desk, case: CaseOverHttp) -> None:
    aside = look_at(desk, case)
    desk.enter({"question": QUESTION[desk.lang]}, aside)
    desk.press("chase.ask", aside)
    desk.sees("chase.asked")
    (chase,) = case.chases()
    until = matters.iso(desk.office.today + timedelta(days=3))
    chase.complete(
        "explain_delay",
        CLERK,
        reason_class="workload",
        reason_text=WHY[desk.lang],
        new_date=until,
    )

    aside = look_at(desk, case)
    expect(aside).to_contain_text(WHY[desk.lang])
    desk.follow("chase.slip", aside)
    desk.reads(QUESTION[desk.lang])
    desk.reads(desk.words("chase.reason.workload"))
    desk.look()


def the_applicant_is_told(desk: Desk, case: CaseOverHttp) -> None:
    aside = look_at(desk, case)
    aside.get_by_text(desk.words("delay.open")).click()
    on = matters.minguo(desk.office.today + timedelta(days=3))
    form = aside.locator("form[action*='/tell']")
    desk.enter({"reason": WHY[desk.lang], "new_date": on, "channel": "letter"}, form)
    desk.press("delay.do", form)
    desk.sees("delay.told")
    desk.reads(WHY[desk.lang])
    desk.look()


def what_is_late_cannot_be_extended(desk: Desk, case: CaseOverHttp) -> None:
    aside = look_at(desk, case)
    extending = aside.locator(".act", has_text=desk.words("overdue.act.extend"))
    expect(extending.locator("p.small")).not_to_be_empty()
    expect(extending.locator("form")).to_have_count(0)


def two_are_given_to_a_colleague(desk: Desk, cases: list[CaseOverHttp]) -> None:
    desk.open("/overdue")
    for case in cases:
        desk.page.get_by_label(desk.words("overdue.tick_case", number=case.number)).check()
    several = desk.page.locator("#several")
    other = desk.office.person(OTHER_CLERK)
    desk.enter({"person": other.id, "reason": WHY[desk.lang]}, several)
    desk.press("overdue.assign_do", several)

    results = desk.page.locator("main tbody tr").filter(has_text=re.compile("✓"))
    expect(results).to_have_count(len(cases))
    desk.look()
    for case in cases:
        assert case.find_task("check_papers")["assignee_id"] == other.id


def paper_and_figures(desk: Desk) -> None:
    desk.follow("result.back")
    with desk.page.expect_download() as download:
        desk.follow("overdue.ods")
    assert download.value.suggested_filename.endswith(".ods")
    desk.follow("overdue.print")
    desk.sees("overdue.print_hint")
    desk.look()
    desk.open("/overdue")
    desk.follow("overdue.figures")
    desk.sees("figures.by_owner")
    desk.look()


def what_is_not_late_is_extended_once(desk: Desk, case: CaseOverHttp) -> None:
    before = case.due()
    aside = look_ahead_at(desk, case)
    # A step's own limit is due sooner, and cannot be extended: the other one is open.
    expect(aside.locator("strong").first).to_have_text(desk.words("clock.name.processing"))
    aside.get_by_text(desk.words("overdue.extend_open")).click()
    form = aside.locator("#extend")
    desk.enter({"length": "2", "unit": "working_day", "reason": WHY[desk.lang]}, form)
    desk.press("overdue.extend_do", form)

    desk.sees("overdue.extended")
    assert case.due() > before
    aside = look_ahead_at(desk, case)
    expect(aside.locator("#extend")).to_have_count(0)
    desk.look()


def who_looked_is_told(desk: Desk) -> None:
    desk.open("/cases")
    desk.follow("looks.title")
    desk.sees("looks.note")
    desk.look()
