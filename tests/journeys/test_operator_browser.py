"""An operator's day in the browser, as the guide tells it: what could not be sent, who may sign in,
which day the office is shut, who stands in for whom."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.journeys import matters
from tests.journeys.desks import Desk, seated
from tests.journeys.matters import CLERK
from tests.support.http_driver import NEWCOMER, CaseOverHttp, DemoOffice, Person
from tests.support.served import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("patience")]
PAGES = ("incidents", "timers", "inbox", "system", "offices")
AGENCY = "health_insurance"
SOURCE = "示範設定"
"""Why the demo office's settings are as they are."""
WHY = {"zh-TW": "對方系統維護", "en": "Their system is being serviced"}
OWN_PASSWORD = "Copper-Window-311"
LOGIN = {"zh-TW": "clerk.newzh", "en": "clerk.newen"}


@pytest.fixture
def operator(office: DemoOffice) -> Person:
    return office.hire("operator.window", "demo-south", "operator")


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_an_operator_looks_after_lines_people_and_days(
    office: DemoOffice, browser: Browser, operator: Person, lang: str
) -> None:
    monday = office.begin_week()
    case = a_notification_that_is_refused(office)
    with seated(browser, office, lang) as desk:
        desk.typed |= matters.ENTERED | {SOURCE, *WHY.values()}
        desk.sign_in(operator.login)
        every_page_is_looked_at(desk)
        its_line_is_paused_and_resumed(desk)
        it_is_sent_again_once_the_agency_is_well(desk, case)
        password = somebody_new_is_entered(desk)
        they_sign_in_and_choose_their_own(browser, office, lang, password)
        an_account_is_locked_unlocked_and_reset(desk)
        leave_is_entered_with_a_deputy(desk)
        a_day_is_shut_and_taken_back(desk, matters.minguo(monday + timedelta(days=1)))


def a_notification_that_is_refused(office: DemoOffice) -> CaseOverHttp:
    """A birth whose health insurer refuses for good what it is told."""
    case = matters.file_birth(office, booklets=0)
    case.complete("check_papers", CLERK, "complete", missing=[])
    matters.enter_birth(case, office.today)
    case.complete("review_entry", matters.REVIEWER, "approve")
    office.trouble(AGENCY, refuse=True)
    if "print_booklet" in case.open_tasks():
        case.complete("print_booklet", CLERK, booklets_printed=0, grant_told=True)
    matters.consent_to_notify_of_birth(case)
    eventually(lambda: case.outbox(AGENCY)["status"] == "failed", "it is given up")
    return case


def every_page_is_looked_at(desk: Desk) -> None:
    expect(desk.page).to_have_url(re.compile("/operations"))
    for name in PAGES:
        desk.follow(f"operations.page.{name}", desk.page.locator("main"))
        desk.look()


def its_line_is_paused_and_resumed(desk: Desk) -> None:
    """What is promised meanwhile would wait; nothing is lost."""
    desk.follow("operations.page.outbox", desk.page.locator("main"))
    line = desk.page.locator("main table").first.locator("tbody tr").first
    line.locator("summary").click()
    desk.enter({"reason": WHY[desk.lang]}, line)
    desk.press("operations.pause_do", line)
    desk.sees("operations.line_paused")
    expect(line).to_contain_text(WHY[desk.lang])
    desk.look()
    desk.press("operations.resume_line", line)
    desk.sees("operations.line_resumed")


def it_is_sent_again_once_the_agency_is_well(desk: Desk, case: CaseOverHttp) -> None:
    row = desk.page.get_by_role("row").filter(has_text=case.number)
    row = row.filter(has=desk.page.get_by_role("button", name=desk.words("operations.replay")))
    expect(row).to_contain_text(desk.words("operations.send_error.call_refused"))
    desk.look()
    desk.office.trouble(AGENCY)
    desk.press("operations.replay", row)

    desk.sees("operations.replayed")
    case.wait_until_sent(AGENCY, "confirmed")
    assert desk.office.received(case)[AGENCY]["effects"] == 1


def somebody_new_is_entered(desk: Desk) -> str:
    """Gives the initial password, which is on the screen once."""
    desk.follow("operations.page.people", desk.page.locator("main"))
    desk.look()
    desk.follow("people.new")
    desk.look()
    desk.enter({"name": NEWCOMER, "login": LOGIN[desk.lang], "group": "counter"})
    desk.press("people.create")
    shown = desk.page.locator(".big-code")
    password = shown.inner_text()
    desk.look()
    desk.page.reload()
    expect(shown).to_have_count(0)
    desk.sees("people.password_gone")
    return password


def they_sign_in_and_choose_their_own(
    browser: Browser, office: DemoOffice, lang: str, password: str
) -> None:
    with seated(browser, office, lang, size="telephone") as desk:
        office.people[LOGIN[lang]] = Person(office.served, LOGIN[lang], password=password)
        desk.sign_in(LOGIN[lang])
        desk.sees("password.forced")
        desk.look()
        desk.enter({"old_password": password, "password": OWN_PASSWORD, "again": OWN_PASSWORD})
        desk.press("password.change")
        desk.sees("password.changed")
        office.people[LOGIN[lang]].password = OWN_PASSWORD
        desk.sign_in(LOGIN[lang])
        expect(desk.page).to_have_url(re.compile("/worklist"))
        desk.look()


def the_person(desk: Desk) -> Locator:
    desk.open(f"/operations/people?q={LOGIN[desk.lang]}")
    desk.page.locator("main a.main-link").first.click()
    accounts = desk.page.locator("#accounts")
    expect(accounts).to_contain_text(LOGIN[desk.lang])
    return accounts


def an_account_is_locked_unlocked_and_reset(desk: Desk) -> None:
    accounts = the_person(desk)
    desk.look()
    accounts.get_by_text(desk.words("people.lock"), exact=True).click()
    desk.enter({"reason": WHY[desk.lang]}, accounts)
    desk.press("people.lock_do", accounts)
    desk.sees("people.done.lock")
    desk.reads(desk.words("people.status.locked"))
    desk.press("people.unlock", accounts)
    desk.sees("people.done.unlock")
    accounts.get_by_text(desk.words("people.reset"), exact=True).click()
    desk.press("people.reset_do", accounts)
    expect(desk.page.locator(".big-code")).not_to_have_text(OWN_PASSWORD)


def leave_is_entered_with_a_deputy(desk: Desk) -> None:
    the_person(desk)
    absences = desk.page.locator("#absences")
    absences.locator("summary").click()
    first = matters.minguo(desk.office.today)
    deputy = desk.office.person("counter.gao")
    desk.enter({"first_day": first, "last_day": first, "deputy": deputy.id}, absences)
    desk.press("people.set_absence_do", absences)
    desk.sees("people.done.absence")
    expect(desk.page.locator("#absences table")).to_contain_text("高示範")
    desk.look()


def a_day_is_shut_and_taken_back(desk: Desk, day: str) -> None:
    for part, weighed in (("all", True), ("works", False)):
        desk.open("/operations/calendar")
        form = desk.page.locator("main aside form")
        announced = {"reason": WHY[desk.lang], "source": WHY[desk.lang]}
        desk.enter({"day": day, "part": part, **announced}, form)
        desk.press("calendar.weigh", form)
        desk.look()
        desk.press("calendar.propose")
        desk.sees("calendar.proposed")
        if weighed:
            desk.look()
        edit = parse_qs(urlsplit(desk.page.url).query)["proposal"][0]
        answer = desk.office.person("chief.wang").post(f"/calendar/edits/{edit}/approve")
        assert answer.status == 200, answer
        desk.open(f"/operations/calendar?proposal={edit}")
        desk.sees("calendar.state.entered")
