"""A clerk's day in the browser, as the guide of the counter tells it; with and without JavaScript.

The papers of a birth are not complete: the applicant is told once, the clock stands still. They
come, the notice is scanned, and the case is entered up to the review, which is somebody else's.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys import matters
from tests.journeys.desks import Desk, seated
from tests.support.http_driver import DemoOffice, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("patience")]
PAPERS = ("birth_certificate", "household_booklet")
NUMBER = re.compile(r"DS-\d{3}-\d{5}")
CODE = re.compile(r"/status/([0-9A-Z-]{16,})")


@pytest.fixture
def clerk(office: DemoOffice) -> Person:
    return office.hire("clerk.window", "demo-south", "counter")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_a_clerk_files_tells_once_takes_the_papers_and_enters(
    office: DemoOffice, browser: Browser, clerk: Person, lang: str, scripts: bool
) -> None:
    office.begin_week()
    with seated(browser, office, lang, scripts=scripts) as desk:
        desk.sign_in(clerk.login)
        desk.look()
        number, code = a_paper_is_missing_and_is_told_once(desk)
        the_case_stands_still(desk, number)
        the_notice_is_scanned_when_the_paper_comes(desk, code)
        everything_is_entered(desk)
        the_review_is_somebody_elses(desk, number)


def a_paper_is_missing_and_is_told_once(desk: Desk) -> tuple[str, str]:
    begin_a_birth(desk)
    desk.enter({"paper": PAPERS})
    enter_application(desk)
    desk.press("counter.file")

    desk.sees("filing.missing", n=1)
    desk.look()
    desk.press("filing.notify")

    desk.sees("notice.kinds.one_time_notice")
    desk.look()
    found = NUMBER.search(desk.page.locator("article").inner_text())
    desk.follow("receipt.title")
    desk.sees("receipt.note")
    desk.look()
    code = CODE.search(desk.page.locator("main").inner_text())
    assert found
    assert code
    return found[0], code[1]


def begin_a_birth(desk: Desk) -> None:
    """By the number that stands beside the matter."""
    desk.go_to("counter")
    desk.look()
    desk.enter({"text": "1"})
    desk.press("counter.go")
    expect(desk.page).to_have_url(re.compile("/counter/P01"))
    desk.look()


def enter_application(desk: Desk) -> None:
    born_on = matters.minguo(desk.office.today, ago=10)
    desk.enter(
        {
            "in_taiwan": True,
            "data.applicant.name": "林美華",
            "data.applicant.id_number": "A223456781",
            "applicant_relation": "mother",
            "contact": "letter",
            "data.child.birth_date": born_on,
            "data.child.sex": "male",
            "data.mother.name": "林美華",
            "data.father.name": "陳文青",
            "booklet_copies": "1",
        }
    )


def the_case_stands_still(desk: Desk, number: str) -> None:
    desk.page.goto(f"{desk.address}/cases")
    desk.enter({"text": number}, desk.page.get_by_role("search").first)
    desk.press("find.go")
    desk.sees("due.paused")
    desk.look()


def the_notice_is_scanned_when_the_paper_comes(desk: Desk, code: str) -> None:
    desk.page.goto(f"{desk.address}/counter")
    desk.enter({"text": code})
    desk.page.keyboard.press("Enter")  # the scanner does

    expect(desk.page.locator('[name="papers_received_on"]')).to_be_visible()
    desk.look()
    desk.press("user_task.complete")


def everything_is_entered(desk: Desk) -> None:
    """The task that comes next is there after each; what is next is claimed first."""
    claim(desk)
    desk.look()
    desk.enter({"id_paper": "id_card"})
    desk.decide("confirmed")
    claim(desk)
    desk.enter({"surname_from": "father", "data.child.surname": "陳", "agreement_signed": True})
    desk.decide("agreed")
    claim(desk)
    desk.look()
    desk.enter(
        {
            "data.child.name": "陳小文",
            "data.child.id_number": "A123456798",
            "data.child.birth_place": "示範市",
            "birth_order": "first_son",
            "household_number": "D0001234",
            "record_note": "在示範市出生，父母申登。",
        }
    )
    desk.press("user_task.complete")
    claim(desk)
    paid = matters.minguo(desk.office.today)
    desk.enter({"payment_means": "cash", "paid_on": paid, "receipt_channel": "counter"})
    desk.look()
    desk.decide("paid")
    claim(desk)
    desk.enter(dict.fromkeys(matters.SELF_CHECK, True))
    desk.press("user_task.complete")


def claim(desk: Desk) -> None:
    """What is next belongs to nobody yet."""
    desk.sees("user_task.claim_first")
    desk.press("worklist.claim")
    desk.sees("user_task.clear")


def the_review_is_somebody_elses(desk: Desk, number: str) -> None:
    """The counter still leads to it, and it says why this clerk may not have it."""
    expect(desk.page).to_have_url(re.compile("/worklist"))
    desk.look()
    desk.page.goto(f"{desk.address}/counter")
    desk.enter({"text": number})
    desk.press("counter.go")
    desk.reads(number)
    expect(desk.page.get_by_role("button", name=desk.words("worklist.claim"))).to_be_disabled()
    desk.look()
